"""The full HDF5 export: pixels too, in the source's own type, checked after writing."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from models.data.fingerprint import content_hash
from models.data.placing import check_space
from models.data.writers.hdf5 import (
    Hdf5Writer,
    image_bytes,
    labels_bytes,
    stored_images,
    verify,
)
from models.data.writers.snapshot import Snapshot
from models.errors import ProjectError
from models.processes.reading import ReaderClient, Unreadable
from models.types import DatasetInfo, Event, Pixels, Progress, SampleIds

_BATCH_BYTES = 8 << 20
_BATCH_IMAGES = 512
_MIXED_BATCH = 32  # of images whose size is not known before they are read


def write_hdf5(
    path: Path, snapshot: Snapshot, info: DatasetInfo, reader: ReaderClient
) -> Generator[Event, None, tuple[Snapshot, dict[int, str]]]:
    """Write images batch by batch, then the labels; read all of it back."""
    n = len(snapshot)
    check_space(path.parent, labels_bytes(snapshot) + n * _expected_bytes(info))
    writer = Hdf5Writer(path)
    writer.start_images(info.image_shape, np.dtype(info.dtype))
    unreadable: dict[int, str] = {}
    hashes = np.zeros((n, 16), np.uint8)
    for start, ids in _batches(snapshot.sample_ids, info):
        yield Progress(start, 2 * n, "writing images")
        images: list[Pixels] = []
        for at, (sample_id, image) in enumerate(zip(ids, reader.read(ids), strict=True), start):
            why = _why_not(image, info)
            if why or isinstance(image, Unreadable):
                unreadable[int(sample_id)] = why
                continue
            images.append(image)
            hashes[at] = np.frombuffer(content_hash(image), np.uint8)
        check_space(path.parent, sum(map(image_bytes, images)))
        writer.add_images(images)
    readable = ~np.isin(snapshot.sample_ids, list(unreadable))
    written = replace(snapshot, content_hash=hashes).take(readable)
    writer.finish(written)
    yield from _check(path, written, n)
    return written, unreadable


def _check(path: Path, written: Snapshot, n: int) -> Iterator[Event]:
    """Read every image back: each must still be the one that was hashed before writing."""
    verify(path, written)
    done = 0
    for images in stored_images(path):
        yield Progress(n + done, 2 * n, "checking the export")
        for image in images:
            if content_hash(image) != written.content_hash[done].tobytes():
                raise ProjectError(
                    f"image {done} does not read back as it was written",
                    str(path.parent),
                    "Nothing was published. Check the disk and try again.",
                )
            done += 1


def _expected_bytes(info: DatasetInfo) -> int:
    """Of one image; images of mixed sizes are checked batch by batch instead."""
    shape = info.image_shape or (0, 0, 0)
    return image_bytes(np.empty(shape, info.dtype))


def _batches(sample_ids: SampleIds, info: DatasetInfo) -> Iterator[tuple[int, SampleIds]]:
    batch = _MIXED_BATCH
    if info.image_shape is not None:
        batch = max(1, min(_BATCH_IMAGES, _BATCH_BYTES // max(1, _expected_bytes(info))))
    for start in range(0, len(sample_ids), batch):
        yield start, sample_ids[start : start + batch]


def _why_not(image: Pixels | Unreadable, info: DatasetInfo) -> str:
    """Why an image cannot go into the file, "" if it can."""
    if isinstance(image, Unreadable):
        return str(image)
    if image.dtype != np.dtype(info.dtype):
        return f"its pixels are {image.dtype}, the others {info.dtype}"
    if info.image_shape is not None and image.shape != info.image_shape:
        return f"its shape is {image.shape}, the others' {info.image_shape}"
    return ""
