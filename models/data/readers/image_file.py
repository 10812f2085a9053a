"""Decodes one encoded image as a viewer would show it: turned, over white, grey or colour."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

from models.data.readers.image_array import MAX_PIXELS, over_white
from models.errors import DatasetError

SUFFIXES = frozenset(
    (".png", ".jpg", ".jpeg", ".bmp", ".webp", ".gif", ".tif", ".tiff", ".ppm", ".pgm", ".pbm")
)
# Without this list Pillow also opens formats that start other programs (EPS).
_FORMATS = ("PNG", "JPEG", "BMP", "WEBP", "GIF", "TIFF", "PPM")
_GREY_MODES = frozenset(("1", "L", "LA", "La", "I", "I;16", "I;16B", "I;16L", "F"))
_TURNED = range(5, 9)  # EXIF orientations that swap height and width

Image.MAX_IMAGE_PIXELS = MAX_PIXELS

OpenBytes = Callable[[], IO[bytes]]  # opens one encoded image; the caller closes it


@dataclass(frozen=True)
class Header:
    """What an image file says of itself, before its pixels are decoded."""

    height: int
    width: int
    grey: bool


def read_header(open_file: OpenBytes, shown: str) -> Header:
    """Size as shown, and whether grey. Raises DatasetError if it is no image we read."""
    with _opened(open_file, shown) as image:
        width, height = image.size
        if image.getexif().get(ExifTags.Base.Orientation) in _TURNED:
            width, height = height, width
        return Header(height, width, _is_grey(image))


def decode(open_file: OpenBytes, shown: str, grey: bool, at_most_px: int = 0) -> NDArray[np.uint8]:
    """Decode an image to uint8 (h, w, 1) or (h, w, 3). `shown` names it in errors.

    With `at_most_px` the image is reduced until neither side is longer, and a JPEG is not even
    decoded in full.

    Raises
    ------
    DatasetError
        If the file is missing, damaged or too large.
    """
    with _opened(open_file, shown) as image:
        if at_most_px:
            image.draft(None, (2 * at_most_px, 2 * at_most_px))
        turned = ImageOps.exif_transpose(image)
        plain = _plain(turned, grey)
        if at_most_px and max(plain.size) > at_most_px:
            scale = at_most_px / max(plain.size)
            size = tuple(max(1, round(side * scale)) for side in plain.size)
            plain = plain.resize((size[0], size[1]), Image.Resampling.LANCZOS, reducing_gap=3.0)
        pixels = np.asarray(plain)
    return pixels.reshape(*pixels.shape[:2], -1)


@contextmanager
def _opened(open_file: OpenBytes, shown: str) -> Iterator[Image.Image]:
    """An image whose errors, also those while it is decoded, are DatasetErrors."""
    try:
        with warnings.catch_warnings(), open_file() as file:
            warnings.simplefilter("error")
            with Image.open(file, formats=_FORMATS) as image:
                yield image
    except (DatasetError, MemoryError):
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise DatasetError(
            f"has more than {MAX_PIXELS // 10**6} million pixels",
            shown,
            "Reduce it, or leave it out.",
        ) from error
    except UnidentifiedImageError as error:
        raise DatasetError(
            "is not an image Winnow reads, or is damaged", shown, "Replace the file."
        ) from error
    except FileNotFoundError as error:
        raise DatasetError(
            "is not there any more", shown, "Put it back, or open the dataset again."
        ) from error
    except Exception as error:  # decoders raise anything on damaged files
        raise DatasetError(
            f"is damaged ({error})", shown, "Replace the file.", details=repr(error)
        ) from error


def _is_grey(image: Image.Image) -> bool:
    if image.mode == "P":
        palette = image.getpalette() or []
        return palette[0::3] == palette[1::3] == palette[2::3]
    return image.mode in _GREY_MODES


def _plain(image: Image.Image, grey: bool) -> Image.Image:
    """An image of mode L or RGB."""
    if image.mode == "F":
        raise ValueError("floating-point images have no agreed brightness")
    if image.mode.startswith("I"):
        image = Image.fromarray(_eight_bits(np.asarray(image)))
    if image.has_transparency_data:
        rgba = np.asarray(image.convert("RGBA"))
        image = Image.fromarray(over_white(rgba))
    return image.convert("L" if grey else "RGB")


def _eight_bits(values: NDArray[np.integer]) -> NDArray[np.uint8]:
    """Scale 16 bits to 8; converting them would clip at 255 instead."""
    if values.min(initial=0) < 0 or values.max(initial=0) > 0xFFFF:
        raise ValueError("more than 16 bits a pixel")
    return (values.astype(np.float32) * (255 / 0xFFFF)).round().astype(np.uint8)
