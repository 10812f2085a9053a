"""The NumPy export: the arrays that came in, under their own names, in their type and layout."""

from __future__ import annotations

import zipfile
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.lib import format as npy_format
from numpy.typing import NDArray

from models.data.fingerprint import content_hash
from models.data.names import folder_names
from models.data.placing import check_space
from models.data.readers.meaning.detect import SPLIT_LIST, find_parts
from models.data.readers.meaning.named_arrays import NamedArrays
from models.data.readers.source import MemoryArray
from models.data.writers.material import (
    Material,
    Written,
    image_batches,
    images_at_a_time,
    not_as_written,
)
from models.data.writers.snapshot import Snapshot, storable
from models.errors import DatasetError, ProjectError
from models.types import DatasetInfo, Event, OpenRequest, Progress

_CHANNELS_FIRST, _NO_CHANNELS = "nchw", "nhw"
_CHECKED_AT_A_TIME = 64  # images at most


@dataclass(frozen=True)
class _Part:
    """The arrays of one split, and which of the samples they hold."""

    images: str
    labels: str  # "" where the source had no labels and still has none
    layout: str
    samples: Snapshot
    split: str

    @property
    def row(self) -> list[str]:
        """What a list of the splits says of it."""
        return [*storable([self.split]), self.images, self.labels]


class _NotReadable(Exception):
    """Some samples have no pixels, so fewer images than were announced can be written."""

    def __init__(self, why: dict[int, str]) -> None:
        super().__init__(why)
        self.why = why


def write(path: Path, material: Material) -> Generator[Event, None, Written]:
    """Write one array after another, and read all of them back.

    An array's length stands before its rows; if a sample turns out to be unreadable, writing
    begins again without it.
    """
    unreadable: dict[int, str] = {}
    while True:
        asked = material.asked
        asked = asked.take(~np.isin(asked.sample_ids, list(unreadable)))
        try:
            written, parts = yield from _attempt(path, asked, material)
            break
        except _NotReadable as found:
            unreadable |= found.why
            path.unlink()
    yield from _check(path, written, parts)
    arrays = _described(path)
    named = " and ".join(part.images for part in parts)
    how = (
        f"numpy.load(file): images in {named}; labels are positions in class_names, "
        "-1 = not labelled."
    )
    if any(not part.labels for part in parts):
        how += " A split without labels has no array of them."
    if any(array["name"] == SPLIT_LIST for array in arrays):
        how += f" {SPLIT_LIST} names each split and its arrays of images and labels."
    return Written(written, how, unreadable, {"arrays": arrays})


def _attempt(
    path: Path, asked: Snapshot, material: Material
) -> Generator[Event, None, tuple[Snapshot, list[_Part]]]:
    info = material.info
    if info.image_shape is None and len(asked):
        info = replace(info, image_shape=_shape_of_all(asked, material))
    parts = list(_parts(asked, info))
    check_space(path.parent, _expected_bytes(asked, info))
    hashes = np.zeros((len(asked), 16), np.uint8)
    with zipfile.ZipFile(path, "x", zipfile.ZIP_STORED) as archive:
        done = 0
        for at, part in enumerate(parts):
            learnt = np.zeros((len(part.samples), 16), np.uint8)
            with archive.open(f"{part.images}.npy", "w", force_zip64=True) as member:
                yield from _write_images(member, part, info, material, learnt, done)
            done += len(part.samples)
            parts[at] = replace(part, samples=replace(part.samples, content_hash=learnt))
            hashes[np.isin(asked.sample_ids, part.samples.sample_ids)] = learnt
        for part in parts:
            if part.labels:
                _put(archive, part.labels, part.samples.corrected.astype(np.int64))
        names = np.array(storable(asked.class_names), np.str_)
        _put(archive, _free_name("class_names", parts), names)
        if not _speak_for_themselves(parts, info):
            _put(archive, SPLIT_LIST, np.array([part.row for part in parts], np.str_))
    return replace(asked, content_hash=hashes), parts


def _parts(asked: Snapshot, info: DatasetInfo) -> Iterator[_Part]:
    """One for each split that has samples; names as the source had them, where it had any."""
    known = {array["split"]: array for array in info.arrays}
    usable = all(_is_plain(a["images"]) and _is_plain(a["labels"] or "y") for a in info.arrays)
    found = np.unique(asked.splits).tolist() or [0]
    safe_names = folder_names(asked.split_names)
    for code in found:
        samples, split = asked.take(asked.splits == code), asked.split_names[code]
        of_split = "" if asked.split_names == ("all",) else f"_{safe_names[code]}"
        array = known.get(split, {}) if usable else {}
        fresh = f"labels{of_split}" if (samples.corrected >= 0).any() else ""
        layout = array.get("layout", "")
        yield _Part(
            array.get("images") or f"images{of_split}",
            array.get("labels") or fresh,
            layout if layout in (_CHANNELS_FIRST, _NO_CHANNELS) else "nhwc",
            samples,
            split,
        )


def _speak_for_themselves(parts: Sequence[_Part], info: DatasetInfo) -> bool:
    """Whether the arrays are taken for these splits by their names, so that no list is needed."""
    arrays = []
    for part in parts:
        image = np.empty((1, *(info.image_shape or (0, 0, 1))), info.dtype)
        shape = (len(part.samples), *_laid_out(image, part.layout).shape[1:])
        arrays.append(MemoryArray(part.images, np.broadcast_to(image.dtype.type(), shape)))
        if part.labels:
            labels = np.broadcast_to(np.int64(), len(part.samples))
            arrays.append(MemoryArray(part.labels, labels))
    try:
        found = find_parts(NamedArrays(arrays, (), OpenRequest(()), ""))
    except DatasetError:
        return False
    read = [[one.split, one.images.name, one.labels.name if one.labels else ""] for one in found]
    return sorted(read) == sorted(part.row for part in parts)


def _is_plain(name: str) -> bool:
    """Whether a name may stand in a zip file: a path inside it, never one out of it."""
    steps = name.split("/")
    return name.isprintable() and "\\" not in name and not {"", ".", ".."} & set(steps)


def _free_name(name: str, parts: list[_Part]) -> str:
    taken = {part.images for part in parts} | {part.labels for part in parts}
    while name in taken:
        name = f"winnow_{name}"
    return name


def _shape_of_all(asked: Snapshot, material: Material) -> tuple[int, int, int] | None:
    """The shape of the first image; whether it is that of all shows while they are read."""
    for batch in image_batches(asked.sample_ids, material.info, material.reader):
        if batch.images:
            height, width, channels = batch.images[0].shape
            return height, width, channels
    return None


def _expected_bytes(asked: Snapshot, info: DatasetInfo) -> int:
    pixels = int(np.prod(info.image_shape or (0,))) * np.dtype(info.dtype).itemsize
    return len(asked) * (pixels + 8) + 4 * sum(map(len, asked.class_names))


def _write_images(
    member: IO[bytes],
    part: _Part,
    info: DatasetInfo,
    material: Material,
    hashes: NDArray[np.uint8],
    done: int,
) -> Generator[Event, None, None]:
    ids, total = part.samples.sample_ids, 2 * len(material.asked)
    shape = info.image_shape or (0, 0, 1)
    as_stored = np.empty((0, *shape), info.dtype)
    stored_shape = (len(ids), *_laid_out(as_stored, part.layout).shape[1:])
    _header(member, stored_shape, as_stored.dtype)
    unreadable: dict[int, str] = {}
    any_shape = replace(info, image_shape=None) if material.info.image_shape is None else info
    for batch in image_batches(ids, any_shape, material.reader):
        yield Progress(done + batch.start, total, "writing images")
        unreadable |= batch.unreadable
        for image in batch.images:
            if image.shape != shape:
                raise ProjectError(
                    f"its images have several sizes ({_size(shape)} and {_size(image.shape)}), "
                    "and an array holds images of one size",
                    material.whole.source["name"],
                    "Export it as h5, which packs any sizes, or as a folder.",
                )
        if not unreadable:  # else nothing of this attempt will be kept
            hashes[batch.places] = batch.hashes
            member.write(_laid_out(np.stack(batch.images), part.layout).tobytes())
    if unreadable:
        raise _NotReadable(unreadable)


def _laid_out(images: NDArray[Any], layout: str) -> NDArray[Any]:
    """(m, h, w, c) as the source kept it."""
    if layout == _NO_CHANNELS:
        return images[..., 0]
    return images.transpose(0, 3, 1, 2) if layout == _CHANNELS_FIRST else images


def _in_order(stored: NDArray[Any], layout: str) -> NDArray[Any]:
    """(m, h, w, c) again."""
    if layout == _NO_CHANNELS:
        return stored[..., np.newaxis]
    return stored.transpose(0, 2, 3, 1) if layout == _CHANNELS_FIRST else stored


def _size(shape: tuple[int, ...]) -> str:
    return "x".join(map(str, shape))


def _header(member: IO[bytes], shape: tuple[int, ...], dtype: np.dtype[Any]) -> None:
    descr = npy_format.dtype_to_descr(dtype)
    npy_format.write_array_header_1_0(
        member, {"descr": descr, "fortran_order": False, "shape": shape}
    )


def _put(archive: zipfile.ZipFile, name: str, values: NDArray[Any]) -> None:
    with archive.open(f"{name}.npy", "w", force_zip64=True) as member:
        _header(member, values.shape, values.dtype)
        member.write(values.tobytes())


def _read_header(member: IO[bytes]) -> tuple[tuple[int, ...], np.dtype[Any]]:
    npy_format.read_magic(member)
    shape, _, dtype = npy_format.read_array_header_1_0(member)
    return shape, dtype


def _check(path: Path, written: Snapshot, parts: list[_Part]) -> Iterator[Event]:
    """Read every array back; the zip file's own checksums are compared on the way."""
    done = 0
    with zipfile.ZipFile(path) as archive:
        for part in parts:
            with archive.open(f"{part.images}.npy") as member:
                shape, dtype = _read_header(member)
                row_bytes = int(np.prod(shape[1:])) * dtype.itemsize
                at_a_time = images_at_a_time(row_bytes, _CHECKED_AT_A_TIME)
                for start in range(0, shape[0], at_a_time):
                    yield Progress(len(written) + done, 2 * len(written), "checking the export")
                    count = min(at_a_time, shape[0] - start)
                    block = np.frombuffer(member.read(count * row_bytes), dtype)
                    images = _in_order(block.reshape(count, *shape[1:]), part.layout)
                    for image, expected in zip(
                        images, part.samples.content_hash[start : start + count], strict=True
                    ):
                        if content_hash(image) != expected.tobytes():
                            raise not_as_written(f"image {done}", path)
                        done += 1
                if member.read(1):
                    raise not_as_written(f"array {part.images}", path)
            if part.labels:
                with archive.open(f"{part.labels}.npy") as member:
                    _read_header(member)
                    labels = np.frombuffer(member.read(), np.int64)
                if not np.array_equal(labels, part.samples.corrected):
                    raise not_as_written(f"array {part.labels}", path)
    if done != len(written):
        raise not_as_written(f"image {done}", path)


def _described(path: Path) -> list[dict[str, Any]]:
    """Name, shape and type of every array in the file."""
    with zipfile.ZipFile(path) as archive:
        found = []
        for name in archive.namelist():
            with archive.open(name) as member:
                shape, dtype = _read_header(member)
            array = {"name": name.removesuffix(".npy"), "shape": list(shape), "dtype": str(dtype)}
            found.append(array)
        return found
