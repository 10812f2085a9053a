"""Parquet files with a column of encoded images, as the Hugging Face Hub ships them."""

from __future__ import annotations

import os
from collections.abc import Generator, Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING

import numpy as np

from models.data.names import displayed
from models.data.readers import wording
from models.data.readers.images import shards
from models.data.readers.images.encoded_source import Understood, open_encoded
from models.data.readers.meaning.joining import Piece, joined
from models.data.readers.meaning.labels import Labels
from models.data.readers.meaning.split_column import ToldSplits, not_taken, told_by
from models.data.readers.source import Opening, begins_with
from models.errors import DatasetError
from models.types import UNLABELLED, OpenRequest, Progress

if TYPE_CHECKING:
    from models.data.readers.images.parquet_columns import Columns
    from models.data.readers.images.parquet_images import Shard

_SUFFIX = ".parquet"
_MAGIC = b"PAR1"
_BATCH_ROWS = 1 << 16
_PATH_CHARACTERS = 256 << 20  # of all names together


def claims(paths: Sequence[str]) -> bool:
    if all(map(os.path.isdir, paths)):
        firsts = [next(shards.glance(path, _SUFFIX), "") for path in paths]
        return all(first and begins_with(first, _MAGIC) and _has_images(first) for first in firsts)
    return all(begins_with(path, _MAGIC) for path in paths)


def opening(request: OpenRequest) -> Opening:
    # pyarrow takes a tenth of a second to import.
    from models.data.readers.images.parquet_columns import check_names, choose_columns
    from models.data.readers.images.parquet_images import ParquetImages, open_shard

    splits = shards.splits_of(request.paths, lambda folder: shards.files_below(folder, _SUFFIX))
    n_files = sum(map(len, splits.values()))
    opened: list[Shard] = []
    for path in (path for paths in splits.values() for path in paths):
        yield Progress(len(opened), n_files, "opening files")
        opened.append(open_shard(path))
        _check_alike(opened[0], opened[-1])
    check_names(opened[0])
    told = yield from _told_splits(opened, request)
    telling = next((name for name, found in told.items() if found), "")
    columns = choose_columns(opened, request, telling)
    labels = yield from _labels(opened, columns)
    names = yield from _paths(opened, columns)
    images = ParquetImages(opened, columns.images, names)
    with ExitStack() as on_failure:
        on_failure.callback(images.close)
        yield from images.preparing()
        on_failure.pop_all()
    sizes = {shard.path: shard.n for shard in opened}
    by_file = {split: sum(sizes[path] for path in paths) for split, paths in splits.items()}
    by_column = told.get(telling) if list(by_file) == ["all"] else None
    warnings = list(labels.warnings)
    if list(by_file) == ["all"] and not by_column:
        warnings += [not_taken(displayed(name)) for name in told if name != columns.labels]
    if columns.passed_over:
        passed_over = wording.some_of([f"“{displayed(name)}”" for name in columns.passed_over])
        warnings.append(
            f"No column is called a label or looks like one, so there are no labels. If they are "
            f"in {passed_over}, name the column with --labels COLUMN."
        )
    understood = Understood(
        name=shards.name_of(request.paths),
        splits=by_column.sizes if by_column else by_file,
        class_names=labels.class_names,
        codes=labels.codes,
        said=f"from column “{columns.labels}”",
        warnings=tuple(warnings),
        assignment=by_column.assignment if by_column else None,
    )
    yield from open_encoded("parquet", request, images, understood)


def _has_images(path: str) -> bool:
    """Whether it holds images and not, say, the labels of a folder of images beside it."""
    from models.data.readers.images.parquet_columns import image_columns
    from models.data.readers.images.parquet_images import open_shard

    try:
        return bool(image_columns(open_shard(path)))
    except DatasetError:
        return True  # damaged: opening it says so


def _check_alike(first: Shard, other: Shard) -> None:
    """Shards must have the same columns; what is written of them may differ."""
    if first.schema.equals(other.schema, check_metadata=False):
        return
    raise DatasetError(
        f"has other columns than {first.shown}: {', '.join(map(displayed, other.schema.names))}",
        displayed(other.path),
        "Open files of one dataset together, or each for itself.",
    )


def _told_splits(
    opened: Sequence[Shard], request: OpenRequest
) -> Generator[Progress, None, dict[str, ToldSplits | None]]:
    """What each column that is called like splits tells of them; None where that is nothing."""
    from models.data.readers.images.parquet_columns import (
        class_names,
        columns_like_splits,
        texts_of,
    )
    from models.data.readers.images.parquet_images import column

    told: dict[str, ToldSplits | None] = {}
    for name in columns_like_splits(opened[0], request):
        texts = []
        for done, shard in enumerate(opened):
            yield Progress(done, len(opened), "reading splits")
            names = class_names(shard, name)
            texts += [texts_of(batch, names) for batch in column(shard, name, _BATCH_ROWS)]
        words = np.concatenate(texts or [np.empty(0, np.str_)])
        splits = told_by(words)
        if splits or len(np.unique(words)) > 1:  # "all" is in our export of no splits
            told[name] = splits
    return told


def _labels(opened: Sequence[Shard], columns: Columns) -> Generator[Progress, None, Labels]:
    """The label column of all files as class codes."""
    from models.data.readers.images.parquet_columns import class_names, label_values
    from models.data.readers.images.parquet_images import column

    n, done = sum(shard.n for shard in opened), 0
    if not columns.labels:
        return Labels(np.full(n, UNLABELLED, np.int32), ())
    pieces = []
    known: dict[str, str] = {}  # each text once, however many rows have it
    for shard in opened:
        names = class_names(shard, columns.labels)
        for batch in column(shard, columns.labels, _BATCH_ROWS):
            yield Progress(done, n, "reading labels")
            values = label_values(batch, known, columns.labels, shard.shown)
            has_label = batch.is_valid().to_numpy(zero_copy_only=False)
            pieces.append(Piece(displayed(shard.path), names, has_label, values))
            done += len(batch)
    if done != n:
        raise DatasetError(
            f"promises {n:,} rows, {done:,} labels are there",
            opened[0].shown,
            "Copy or download it again.",
        )
    return joined(pieces, columns.labels, opened[0].shown)


def _paths(
    opened: Sequence[Shard], columns: Columns
) -> Generator[Progress, None, list[str] | None]:
    """The names of the images, where each has one of its own."""
    import pyarrow  # late, as everywhere: it is large

    from models.data.readers.images.parquet_images import column

    if not columns.paths:
        return None
    paths: list[str] = []
    n_characters = 0
    for shard in opened:
        for batch in column(shard, columns.paths, _BATCH_ROWS):
            yield Progress(len(paths), sum(shard.n for shard in opened), "reading names")
            for name in batch.cast(pyarrow.binary()).to_pylist():  # it may not be UTF-8
                n_characters += len(name or b"")
                if not name or n_characters > _PATH_CHARACTERS:
                    return None
                paths.append(displayed(os.fsdecode(name)))
    return paths if len(set(paths)) == sum(shard.n for shard in opened) else None
