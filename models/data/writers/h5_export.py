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
from models.data.writers.material import Material, Written, image_batches, not_as_written
from models.data.writers.snapshot import Snapshot
from models.types import DatasetInfo, Event, Progress

_HOW_TO_READ = (
    "h5py.File(file): /images, /labels/corrected (a position in /class_names); "
    "replaying /review/log over /labels/given gives /labels/corrected and /labels/status."
)


def write(path: Path, material: Material) -> Generator[Event, None, Written]:
    """Write images batch by batch, then the labels; read all of it back."""
    snapshot, info = material.asked, material.info
    n = len(snapshot)
    check_space(path.parent, labels_bytes(snapshot) + n * _expected_bytes(info))
    writer = Hdf5Writer(path)
    writer.start_images(info.image_shape, np.dtype(info.dtype))
    unreadable: dict[int, str] = {}
    hashes = np.zeros((n, 16), np.uint8)
    for batch in image_batches(snapshot.sample_ids, info, material.reader):
        yield Progress(batch.start, 2 * n, "writing images")
        unreadable |= batch.unreadable
        hashes[batch.places] = batch.hashes
        check_space(path.parent, sum(map(image_bytes, batch.images)))
        writer.add_images(batch.images)
    readable = ~np.isin(snapshot.sample_ids, list(unreadable))
    written = replace(snapshot, content_hash=hashes).take(readable)
    writer.finish(written)
    yield from _check(path, written, n)
    return Written(written, _HOW_TO_READ, unreadable)


def _check(path: Path, written: Snapshot, n: int) -> Iterator[Event]:
    """Read every image back: each must still be the one that was hashed before writing."""
    verify(path, written)
    done = 0
    for images in stored_images(path):
        yield Progress(n + done, 2 * n, "checking the export")
        for image in images:
            if content_hash(image) != written.content_hash[done].tobytes():
                raise not_as_written(f"image {done}", path)
            done += 1


def _expected_bytes(info: DatasetInfo) -> int:
    """Of one image; images of mixed sizes are checked batch by batch instead."""
    shape = info.image_shape or (0, 0, 0)
    return image_bytes(np.empty(shape, info.dtype))
