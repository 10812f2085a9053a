"""The Parquet export: a row a sample, with its image as Hugging Face keeps images.

    OUT                                      where there are no splits
    OUT/data/SPLIT-00000-of-00001.parquet    where there are

Columns: image {bytes, path}, label (position in the class names, -1 = not labelled), sample_id,
split, path, given, status. The schema's metadata names the features, so that
`datasets.load_dataset` decodes the images and knows the classes.
Where only a list was asked for there is no column of images.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Generator, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from models.data.names import folder_names, safe_name
from models.data.placing import check_space, sync_file
from models.data.rematch import ContentHashes
from models.data.writers.encoded import NotEncoded, encoded_files
from models.data.writers.material import Material, Written, not_as_written
from models.data.writers.snapshot import Snapshot, storable
from models.review.decisions import Status
from models.types import Event, Progress

_GROUP_ROWS, _GROUP_BYTES = 256, 16 << 20  # of a row group: what a reader of one image decodes
_LIST_ROWS = 10_000
_STATES = [state.name.lower() for state in Status]
_IMAGE = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
_COLUMNS = {
    "label": pa.int64(),
    "sample_id": pa.int64(),
    "split": pa.string(),
    "path": pa.string(),
    "given": pa.int64(),
    "status": pa.string(),
}
_HOW_TO_READ = (
    'datasets.load_dataset("parquet", data_files=FILE), or pyarrow and pandas: `label` is the '
    "class to use, a position in the class names, -1 = not labelled."
)
_HOW_TO_READ_FOLDER = (
    "datasets.load_dataset(FOLDER) gives every split by its name; the files are Parquet: `label` "
    "is the class to use, a position in the class names, -1 = not labelled."
)

Row = dict[str, Any]


def write(path: Path, material: Material) -> Generator[Event, None, Written]:
    """Write row groups of a bounded size, a file for each split, and read all of them back."""
    asked = material.asked
    files = _files(path, asked)
    hashes = np.zeros((len(asked), 16), np.uint8)
    unreadable: dict[int, str] = {}
    for file, code in files:
        of_split = asked.splits == code
        part = replace(material, asked=asked.take(of_split))
        hashes[of_split], missing = yield from _write_file(file, part, path.parent)
        unreadable |= missing
        sync_file(file)
    readable = ~np.isin(asked.sample_ids, list(unreadable))
    written = replace(asked, content_hash=hashes).take(readable)
    how = _HOW_TO_READ_FOLDER if path.is_dir() else _HOW_TO_READ
    with_images = material.options.files != "list"
    return Written(written, how, unreadable, with_images=with_images)


def _files(path: Path, asked: Snapshot) -> list[tuple[Path, int]]:
    """The files to write and the split of each, named as `datasets` and Winnow find splits."""
    if asked.split_names == ("all",):
        return [(path, 0)]
    names = folder_names(asked.split_names)
    folder = path / "data"
    folder.mkdir(parents=True)
    codes = np.unique(asked.splits).tolist() or [0]
    return [(folder / f"{names[code]}-00000-of-00001.parquet", code) for code in codes]


def _write_file(
    path: Path, material: Material, disk: Path
) -> Generator[Event, None, tuple[ContentHashes, dict[int, str]]]:
    """Content hashes of what was written, and why other samples were not."""
    asked, n = material.asked, len(material.asked)
    with_images = material.options.files != "list"
    unreadable: dict[int, str] = {}
    hashes = np.zeros((n, 16), np.uint8)
    digests: list[bytes] = []
    groups = _with_images(material, unreadable, hashes) if with_images else _without(material)
    schema = _schema(asked.class_names, with_images)
    with pq.ParquetWriter(
        path, schema, use_dictionary=["split", "status"], write_page_checksum=True
    ) as writer:
        for place, rows in groups:
            yield Progress(place, 2 * n, "writing rows")
            check_space(disk, sum(len(row["image"]["bytes"]) for row in rows if with_images))
            writer.write_table(pa.Table.from_pylist(rows, schema))
            digests += map(_digest, rows)
    yield from _check(path, digests)
    return hashes, unreadable


def _with_images(
    material: Material, unreadable: dict[int, str], hashes: np.ndarray[Any, Any]
) -> Iterator[tuple[int, list[Row]]]:
    """Row groups, each with the place of its last sample; what cannot be read is noted."""
    rows: list[Row] = []
    n_bytes, place = 0, 0
    width = len(str(len(material.whole)))
    for file in encoded_files(material):
        if isinstance(file, NotEncoded):
            unreadable[file.sample_id] = file.why
            continue
        place, hashes[file.place] = file.place, file.hash
        stem = os.path.splitext(os.path.basename(file.path))[0] if file.is_original else ""
        name = safe_name(stem or f"{file.sample_id:0{width}}") + file.suffix
        row = _row(material.asked, file.place, file.path)
        rows.append({"image": {"bytes": file.data, "path": name}, **row})
        n_bytes += len(file.data)
        if len(rows) == _GROUP_ROWS or n_bytes >= _GROUP_BYTES:
            yield place, rows
            rows, n_bytes = [], 0
    if rows:
        yield place, rows


def _without(material: Material) -> Iterator[tuple[int, list[Row]]]:
    ids = material.asked.sample_ids
    for start in range(0, len(ids), _LIST_ROWS):
        paths = material.reader.paths(ids[start : start + _LIST_ROWS])
        yield start, [_row(material.asked, i, path) for i, path in enumerate(paths, start)]


def _row(asked: Snapshot, place: int, path: str) -> Row:
    return {
        "label": int(asked.corrected[place]),
        "sample_id": int(asked.sample_ids[place]),
        "split": asked.split_names[asked.splits[place]],
        "path": storable([path])[0],
        "given": int(asked.given[place]),
        "status": _STATES[asked.status[place]],
    }


def _schema(class_names: Iterable[str], with_images: bool) -> pa.Schema:
    features: dict[str, Any] = {
        name: {"dtype": str(kind), "_type": "Value"} for name, kind in _COLUMNS.items()
    }
    classes = {"names": storable(list(class_names)), "_type": "ClassLabel"}
    features |= {"label": classes, "given": classes}
    fields = list(_COLUMNS.items())
    if with_images:
        features = {"image": {"_type": "Image"}, **features}
        fields.insert(0, ("image", _IMAGE))
    about = json.dumps({"info": {"features": features}}, ensure_ascii=False)
    return pa.schema(fields, {"huggingface": about})


def _check(path: Path, digests: list[bytes]) -> Iterator[Event]:
    """Read every row back, page checksums compared: each must be the one that was written."""
    done = 0
    with pq.ParquetFile(path, page_checksum_verification=True) as file:
        for group in range(file.num_row_groups):
            yield Progress(len(digests) + done, 2 * len(digests), "checking the export")
            for row in file.read_row_group(group).to_pylist():
                if done == len(digests) or _digest(row) != digests[done]:
                    raise not_as_written(f"row {done}", path)
                done += 1
    if done != len(digests):
        raise not_as_written(f"row {done}", path)


def _digest(row: Row) -> bytes:
    digest = hashlib.blake2b(digest_size=16)
    image = row.get("image")
    digest.update(image["bytes"] if image else b"")
    digest.update(repr([row[name] for name in _COLUMNS]).encode(errors="backslashreplace"))
    return digest.digest()
