"""One encoded file for each image: the original bit for bit, else a PNG of its pixels, as where
something was undone in them."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from models.data.fingerprint import content_hash
from models.data.writers.material import Material, image_batches
from models.errors import ProjectError
from models.types import Pixels

# What a path may end in, and what a file with these first bytes is called if it does not.
_SUFFIXES = frozenset(
    (".png", ".jpg", ".jpeg", ".bmp", ".webp", ".gif", ".tif", ".tiff", ".ppm", ".pgm", ".pbm")
)
_SIGNATURES = {
    b"\x89PNG": ".png",
    b"\xff\xd8\xff": ".jpg",
    b"GIF8": ".gif",
    b"RIFF": ".webp",
    b"II*\0": ".tif",
    b"MM\0*": ".tif",
    b"BM": ".bmp",
    b"P": ".ppm",
}


@dataclass(frozen=True)
class EncodedFile:
    """The bytes of one image; `place` is its position among the samples asked for."""

    place: int
    sample_id: int
    path: str  # where it lies in the source, for display
    data: bytes
    suffix: str
    hash: NDArray[np.uint8]  # (16,) content hash of its pixels
    is_original: bool


@dataclass(frozen=True)
class NotEncoded:
    """An image that cannot be written, and why."""

    sample_id: int
    why: str


def encoded_files(material: Material) -> Iterator[EncodedFile | NotEncoded]:
    """Every sample asked for, in order. An original is only taken if its pixels can be read.

    Raises
    ------
    ProjectError
        If the source holds pixels that no PNG can hold.
    """
    ids, reader, info = material.asked.sample_ids, material.reader, material.info
    has_originals: bool | None = None  # until an image could be read: the first may be missing
    for batch in image_batches(ids, info, reader):
        for sample_id, why in batch.unreadable.items():
            yield NotEncoded(sample_id, why)
        if has_originals is None and batch.places:
            has_originals = reader.original(int(ids[batch.places[0]])) is not None
            if not has_originals or info.undone:
                _check_fits_png(material)
            has_originals |= bool(info.undone)  # of images in which nothing is undone, if of any
        batch_ids = ids[batch.places]
        found = zip(batch.images, batch.places, batch.hashes, reader.paths(batch_ids), strict=True)
        for image, place, digest, path in found:
            original = reader.original(int(ids[place])) if has_originals else None
            data = png(image) if original is None else original
            suffix = _suffix(path, data) if original is not None else ".png"
            yield EncodedFile(
                place, int(ids[place]), path, data, suffix, digest, original is not None
            )


def png(image: Pixels) -> bytes:
    """uint8 (h, w, 1 or 3) or uint16 (h, w, 1) as a PNG file."""
    file = io.BytesIO()
    Image.fromarray(image[..., 0] if image.shape[2] == 1 else image).save(file, "png")
    return file.getvalue()


def png_hash(data: bytes) -> bytes:
    """The content hash of the pixels in a PNG that `png` wrote."""
    with Image.open(io.BytesIO(data), formats=["png"]) as image:
        pixels = np.asarray(image)
    return content_hash(pixels.reshape(*pixels.shape[:2], -1))


def _check_fits_png(material: Material) -> None:
    dtype, shape = material.info.dtype, material.info.image_shape
    is_colour = shape is None or shape[2] != 1
    if dtype == "uint8" or (dtype == "uint16" and not is_colour):
        return
    kind = f"{dtype} colour" if dtype == "uint16" else dtype
    raise ProjectError(
        f"its images are {kind}, which a PNG file cannot hold without loss",
        material.whole.source["name"],
        "Export it as npz or h5, which keep every value.",
    )


def _suffix(path: str, data: bytes) -> str:
    suffix = os.path.splitext(path)[1]
    if suffix.lower() in _SUFFIXES:
        return suffix
    return next((s for start, s in _SIGNATURES.items() if data.startswith(start)), ".img")
