"""Which columns of a Parquet file are images and labels, and what its metadata calls classes."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from models.data.names import displayed
from models.data.readers.images.parquet_images import Shard, column
from models.data.readers.meaning.labels import FEW_GAPS, MAX_CLASSES
from models.data.readers.meaning.split_column import is_title_of_splits
from models.errors import DatasetError, Undecided
from models.types import OpenRequest

_IMAGE_NAMES = ("image", "images", "img", "picture", "photo", "jpg", "jpeg", "png")
_LABEL_NAMES = ("label", "labels", "target", "class", "category", "y", "class_name")
_PATH_NAMES = ("path", "file_name", "filename", "file", "image_path", "id", "__key__")
_SIGNATURES = (
    *(b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"RIFF", b"BM", b"II*\0", b"MM\0*"),
    *(b"P1", b"P2", b"P3", b"P4", b"P5", b"P6"),
)
_SHARED = 2  # so many rows have each value of a column of labels, on average
_BATCH_ROWS = 1 << 16
_HOW = "Say which with --images KEY --labels KEY."


@dataclass(frozen=True)
class Columns:
    """Names of columns; a field of a struct is "image.bytes". Empty: there is none."""

    images: str
    labels: str
    paths: str
    passed_over: tuple[str, ...] = ()  # without a label column: those that could hold labels


def choose_columns(shards: Sequence[Shard], request: OpenRequest, splits: str) -> Columns:
    """Find the columns of files that have the same by the request, the metadata, their types,
    names and values; `splits` is the one that tells these.

    Raises
    ------
    DatasetError
        If there are no images, or several columns could be meant.
    """
    shard = shards[0]
    images = _image_column(shard, request)
    others = [name for name in shard.schema.names if name not in (_top(images), splits)]
    paths = _path_column(shard.schema, images)
    labels = _label_column(shards, others, request)
    passed_over = () if labels else _without_name(shard, others)
    return Columns(images, labels, paths, tuple(passed_over))


def check_names(shard: Shard) -> None:
    """Raises DatasetError if a column cannot be told from another by its name."""
    names = shard.schema.names
    if len(set(names)) < len(names) or any("." in name for name in names):
        raise DatasetError(
            "has columns of the same name, or with a dot in their names",
            displayed(shard.path),
            "Rename the columns.",
        )


def columns_like_splits(shard: Shard, request: OpenRequest) -> list[str]:
    """Columns of text or of classes with names that are called like splits; not the one that
    was asked for as the label."""
    likely = [field for field in shard.schema if is_title_of_splits(field.name)]
    return [
        field.name
        for field in likely
        if field.name != request.labels
        and _may_be_labels(field.type)
        and not _is_binary(_plain(field.type))
    ]


def texts_of(batch: pa.Array, names: Sequence[str]) -> NDArray[Any]:
    """A column as text, "" where it is null; `names` are those of the classes it numbers."""
    if pa.types.is_dictionary(batch.type):
        batch = batch.dictionary_decode()
    if names and pa.types.is_integer(batch.type):
        known = dict(enumerate(names))
        return np.array([known.get(code, "") for code in batch.to_pylist()], np.str_)
    return np.array(["" if text is None else str(text) for text in batch.to_pylist()], np.str_)


def image_columns(shard: Shard) -> list[str]:
    """Columns of encoded images, as they are read: "image", or "image.bytes" of a struct."""
    found = []
    for field in shard.schema:
        if pa.types.is_struct(field.type):
            inner = field.type.get_field_index("bytes")
            if inner >= 0 and _is_binary(field.type.field(inner).type):
                found.append(f"{field.name}.bytes")
        elif _is_binary(field.type) and _begins_like_images(shard, field.name):
            found.append(field.name)
    return found


def class_names(shard: Shard, labels: str) -> tuple[str, ...]:
    """What the metadata of a file calls the classes; empty if it does not say."""
    names: Any = _features(shard.schema, "ClassLabel").get(labels, {}).get("names")
    if names is None:
        with suppress(ValueError, RecursionError):
            names = json.loads((shard.schema.metadata or {}).get(b"label_names", b"null"))
    if not isinstance(names, list) or not 0 < len(names) <= MAX_CLASSES:
        return ()
    return tuple(map(str, names))


def label_values(batch: pa.Array, known: dict[str, str], name: str, where: str) -> NDArray[Any]:
    """The labels that are not null, as numbers or as text objects.

    `known` keeps one object a text, so that a million rows of three classes are small.
    """
    batch = batch.drop_null()
    if pa.types.is_dictionary(batch.type):
        batch = batch.dictionary_decode()
    if pa.types.is_boolean(batch.type):
        batch = batch.cast(pa.int8())
    values: NDArray[Any]
    if pa.types.is_integer(batch.type) or pa.types.is_floating(batch.type):
        values = batch.to_numpy()
        return values
    if not (_is_text(batch.type) or _is_binary(batch.type)):
        raise _no_labels(name, batch.type, where)
    coded = batch.dictionary_encode()
    texts = [_text(value) for value in coded.dictionary.to_pylist()]
    objects = np.array([known.setdefault(text, text) for text in texts], object)
    values = objects[coded.indices.to_numpy()]
    return values


def _image_column(shard: Shard, request: OpenRequest) -> str:
    found = image_columns(shard)
    if request.images:
        chosen = [name for name in found if _top(name) == request.images]
        if not chosen:
            raise DatasetError(
                f"has no column of images called “{request.images}”",
                displayed(shard.path),
                f"It holds {_listing(shard.schema)}.",
            )
        return chosen[0]
    if not found:
        raise _no_images(shard)
    declared = _features(shard.schema, "Image")
    preferred = [name for name in found if _top(name) in declared] or [
        name for name in found if _top(name).lower() in _IMAGE_NAMES
    ]
    pool = preferred or found
    if len(pool) > 1:
        raise _undecided("holds several columns of images", shard, pool, "images")
    return pool[0]


def _label_column(shards: Sequence[Shard], names: Sequence[str], request: OpenRequest) -> str:
    shard = shards[0]
    if request.labels:
        if request.labels not in names:
            raise DatasetError(
                f"has no column “{request.labels}”",
                displayed(shard.path),
                f"It holds {_listing(shard.schema)}.",
            )
        return request.labels
    usable = [name for name in names if _may_be_labels(shard.schema.field(name).type)]
    for pool in (
        [name for name in usable if name in _features(shard.schema, "ClassLabel")],
        [name for name in usable if name.lower() in _LABEL_NAMES],
        [name for name in usable if set(name.lower().split("_")) & set(_LABEL_NAMES)],
        [name for name in _without_name(shard, names) if _look_like_labels(shards, name)],
    ):
        exact = [name for name in pool if name.lower() == _LABEL_NAMES[0]]
        if len(pool) == 1 or exact:
            return (exact or pool)[0]
        if pool:
            raise _undecided("holds several columns of labels", shard, pool, "labels")
    several = [name for name in names if name.lower() in _LABEL_NAMES]
    if several:
        raise _no_labels(several[0], shard.schema.field(several[0]).type, displayed(shard.path))
    return ""


def _without_name(shard: Shard, names: Sequence[str]) -> list[str]:
    """Columns that may hold labels by their type, and whose names say nothing of it."""
    usable = [name for name in names if _may_be_labels(shard.schema.field(name).type)]
    return [name for name in usable if name.lower() not in _PATH_NAMES]


def _look_like_labels(shards: Sequence[Shard], name: str) -> bool:
    """Whether the values come back as those of classes do; captions and widths do not."""
    if _is_binary(_plain(shards[0].schema.field(name).type)):
        return False
    found: set[Any] = set()
    n_given = 0
    for batch in (batch for shard in shards for batch in column(shard, name, _BATCH_ROWS)):
        found.update(batch.drop_null().unique().to_pylist())
        n_given += len(batch) - batch.null_count
        if len(found) > MAX_CLASSES:
            return False
    numbers = [value for value in found if not isinstance(value, str)]
    come_back = 1 < len(found) <= n_given / _SHARED
    return come_back and (not numbers or _count_up(numbers))


def _count_up(numbers: Sequence[float]) -> bool:
    """Whether they are codes without large gaps, beside what may stand for a missing label."""
    codes = [number for number in numbers if number >= 0]  # NaN is not
    whole = all(math.isfinite(code) and code == int(code) for code in codes)
    return whole and max(codes, default=math.inf) < 2 * len(codes) + FEW_GAPS


def _path_column(schema: pa.Schema, images: str) -> str:
    """Text that names each image, beside its bytes or in a column of its own."""
    if images != _top(images):
        struct = schema.field(_top(images)).type
        inner = struct.get_field_index("path")
        if inner >= 0 and _is_text(struct.field(inner).type):
            return f"{_top(images)}.path"
    found = [name for name in schema.names if name.lower() in _PATH_NAMES]
    texts = [name for name in found if _is_text(schema.field(name).type)]
    return texts[0] if texts else ""


def _features(schema: pa.Schema, kind: str) -> dict[str, Any]:
    """The columns that Hugging Face's metadata declares to be of a kind."""
    with suppress(ValueError, RecursionError, KeyError, TypeError, AttributeError):
        info = json.loads((schema.metadata or {})[b"huggingface"])
        features = info["info"]["features"]
        return {name: feature for name, feature in features.items() if feature["_type"] == kind}
    return {}


def _begins_like_images(shard: Shard, name: str) -> bool:
    """Whether the first value there is has the signature of an image file."""
    for batch in column(shard, name, 8):
        values = [value for value in batch.to_pylist() if value]
        if values:
            return bool(values[0].startswith(_SIGNATURES))
    return False


def _no_images(shard: Shard) -> DatasetError:
    where = displayed(shard.path)
    lists = [field.name for field in shard.schema if _is_list(field.type)]
    if lists:
        return DatasetError(
            f"has no column of image files; “{lists[0]}” holds lists",
            where,
            "Save the images as PNG or JPEG bytes, or save arrays as .npz or HDF5.",
        )
    binary = [field.name for field in shard.schema if _is_binary(field.type)]
    if binary:
        return DatasetError(
            f"has bytes in column “{binary[0]}” that are no image files",
            where,
            "Save the images as PNG or JPEG bytes, or save arrays as .npz or HDF5.",
        )
    return DatasetError(
        f"is a table without images: it holds {_listing(shard.schema)}",
        where,
        "If these are the labels of a folder of images, put it into that folder and open the "
        "folder.",
    )


def _no_labels(name: str, kind: pa.DataType, where: str) -> DatasetError:
    return DatasetError(
        f"has no labels in column “{name}”, which holds {kind}",
        where,
        "Winnow reviews datasets with one class an image: a number or a text.",
    )


def _undecided(what: str, shard: Shard, pool: Sequence[str], role: str) -> Undecided:
    shown = [
        {
            "name": _top(name),
            "shape": [shard.n],
            "dtype": str(shard.schema.field(_top(name)).type),
            "role": role,
        }
        for name in pool
    ]
    listed = ", ".join(f"“{displayed(_top(name))}”" for name in pool)
    return Undecided(f"{what}: {listed}", displayed(shard.path), _HOW, arrays=shown)


def _listing(schema: pa.Schema) -> str:
    shown = [f"“{displayed(field.name)}” ({field.type})" for field in list(schema)[:12]]
    return ", ".join(shown) + (f" and {len(schema) - 12} more" if len(schema) > 12 else "")


def _top(name: str) -> str:
    """The column a field of a struct is in."""
    return name.removesuffix(".bytes")


def _may_be_labels(kind: pa.DataType) -> bool:
    kind = _plain(kind)
    return bool(
        pa.types.is_integer(kind)
        or pa.types.is_boolean(kind)
        or pa.types.is_floating(kind)
        or _is_text(kind)
        or _is_binary(kind)
    )


def _plain(kind: pa.DataType) -> pa.DataType:
    return kind.value_type if pa.types.is_dictionary(kind) else kind


def _is_binary(kind: pa.DataType) -> bool:
    return bool(pa.types.is_binary(kind) or pa.types.is_large_binary(kind))


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _is_list(kind: pa.DataType) -> bool:
    return bool(
        pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind)
    )


def _text(value: str | bytes) -> str:
    return value if isinstance(value, str) else value.decode("utf-8", "backslashreplace")
