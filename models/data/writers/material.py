"""What every format of export writes from, and what it says of what it wrote."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from models.data.fingerprint import content_hash
from models.data.project import Project
from models.data.rematch import ContentHashes
from models.data.writers.snapshot import Snapshot
from models.errors import ProjectError
from models.processes.reading import ReaderClient, Unreadable
from models.types import DatasetInfo, Event, ExportOptions, Pixels, SampleIds

_BATCH_BYTES = 8 << 20
_BATCH_IMAGES = 512
_MIXED_BATCH = 32  # at most, of images whose size is not known before they are read


@dataclass(frozen=True)
class Material:
    """A project at one moment: `asked` are the samples to write, `whole` all of them."""

    project: Project
    whole: Snapshot
    asked: Snapshot
    info: DatasetInfo
    reader: ReaderClient
    options: ExportOptions


@dataclass(frozen=True)
class Written:
    """The part that was written, how to read it, and why other samples could not be."""

    snapshot: Snapshot
    how_to_read: str
    unreadable: dict[int, str] = field(default_factory=dict)
    details: dict[str, Any] = field(default_factory=dict)  # for the manifest
    with_images: bool = True  # else it only says where they lie


# Writes to a new path, reads it back, and raises ProjectError if that is not what it should be.
Write = Callable[[Path, Material], Generator[Event, None, Written]]


@dataclass(frozen=True)
class Batch:
    """Images that lie one after another in what is asked for; `places` are those of `images`."""

    start: int
    sample_ids: SampleIds
    images: list[Pixels]
    places: list[int]
    hashes: ContentHashes  # (m, 16) of the images
    unreadable: dict[int, str]  # sample id -> why


def image_batches(
    sample_ids: SampleIds, info: DatasetInfo, reader: ReaderClient
) -> Iterator[Batch]:
    """Read images, so many at a time that memory stays bounded."""
    shape = info.image_shape
    n_bytes = np.dtype(info.dtype).itemsize * int(np.prod(shape)) if shape else 0
    most = _BATCH_IMAGES if shape else _MIXED_BATCH
    for start, found in read_bounded(sample_ids, reader, most, n_bytes):
        ids = sample_ids[start : start + len(found)]
        images, places, unreadable = [], [], {}
        for place, (sample_id, image) in enumerate(zip(ids, found, strict=True), start):
            why = _why_not(image, info)
            if why or isinstance(image, Unreadable):
                unreadable[int(sample_id)] = why
            else:
                images.append(image)
                places.append(place)
        digests = b"".join(map(content_hash, images))
        hashes = np.frombuffer(digests, np.uint8).reshape(-1, 16)
        yield Batch(start, ids, images, places, hashes, unreadable)


def read_bounded(
    sample_ids: SampleIds, reader: ReaderClient, most: int, n_bytes: int = 0
) -> Iterator[tuple[int, list[Pixels | Unreadable]]]:
    """Images and the place of the first of them, `most` at a time or fewer large ones: photos of a
    camera take a hundred megabytes each. `n_bytes` is what one takes, 0 if that is not known."""
    start, size = 0, images_at_a_time(n_bytes, most) if n_bytes else 1
    while start < len(sample_ids):
        found = reader.read(sample_ids[start : start + size])
        yield start, found
        start += len(found)
        sizes = [image.nbytes for image in found if not isinstance(image, Unreadable)]
        n_bytes = max([n_bytes, *sizes])
        size = images_at_a_time(n_bytes, most) if n_bytes else 1


def images_at_a_time(n_bytes: int, most: int) -> int:
    """How many images of so many bytes to hold at a time."""
    return max(1, min(most, _BATCH_BYTES // max(1, n_bytes)))


def not_as_written(what: str, path: Path) -> ProjectError:
    """The error for something that does not read back."""
    return ProjectError(
        f"{what} does not read back as it was written",
        str(path.parent),
        "Nothing was published. Check the disk and try again.",
    )


def _why_not(image: Pixels | Unreadable, info: DatasetInfo) -> str:
    """Why an image cannot be written beside the others, "" if it can."""
    if isinstance(image, Unreadable):
        return str(image)
    if image.dtype != np.dtype(info.dtype):
        return f"its pixels are {image.dtype}, the others {info.dtype}"
    if info.image_shape is not None and image.shape != info.image_shape:
        return f"its shape is {image.shape}, the others' {info.image_shape}"
    return ""
