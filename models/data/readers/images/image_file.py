"""Decodes one encoded image as a viewer would show it: turned, over white, grey or colour."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

from models.data.readers.arrays.image_array import MAX_PIXELS
from models.errors import DatasetError

SUFFIXES = frozenset(
    (
        *(".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".bmp", ".webp", ".gif"),
        *(".tif", ".tiff", ".ppm", ".pgm", ".pbm", ".pnm"),
    )
)
# Without this list Pillow also opens formats that start other programs (EPS).
_FORMATS = ("PNG", "JPEG", "BMP", "WEBP", "GIF", "TIFF", "PPM")
_PALETTE_MODES = frozenset(("P", "PA"))
_GREY_MODES = frozenset(("1", "L", "LA", "La", "I", "I;16", "I;16B", "I;16L", "F"))
_TURNED = range(5, 9)  # EXIF orientations that swap height and width
_BRIGHTEST_16 = 0xFFFF

Image.MAX_IMAGE_PIXELS = MAX_PIXELS

INCOMPARABLE = "has floating-point or 32-bit pixels, which have no brightness others could share"

OpenBytes = Callable[[], IO[bytes]]  # opens one encoded image; the caller closes it


@dataclass(frozen=True)
class Header:
    """What an image file says of itself, before its pixels are decoded."""

    height: int
    width: int
    grey: bool
    dtype: str = "uint8"  # that keeps all of its precision: also "uint16", "float32", both grey


def read_header(open_file: OpenBytes, shown: str) -> Header:
    """Size as shown, and whether grey. Raises DatasetError if it is no image we read."""
    with _opened(open_file, shown) as image:
        width, height = image.size
        if _orientation(image) in _TURNED:
            width, height = height, width
        return Header(height, width, _is_grey(image), _dtype(image))


def decode(open_file: OpenBytes, shown: str, grey: bool, at_most_px: int = 0) -> NDArray[np.uint8]:
    """Decode an image to uint8 (h, w, 1) or (h, w, 3). `shown` names it in errors.

    With `at_most_px` the image is reduced until neither side is longer, and a JPEG is not even
    decoded in full. 16 bits are scaled to 8.

    Raises
    ------
    DatasetError
        If the file is missing, damaged or too large, or holds floating-point pixels.
    """
    with _opened(open_file, shown) as image:
        if at_most_px:
            image.draft(None, (2 * at_most_px, 2 * at_most_px))
        plain = _plain(_turned(image), grey, shown)
        if at_most_px and max(plain.size) > at_most_px:
            scale = at_most_px / max(plain.size)
            size = tuple(max(1, round(side * scale)) for side in plain.size)
            plain = plain.resize((size[0], size[1]), Image.Resampling.LANCZOS, reducing_gap=3.0)
        pixels = np.asarray(plain)
    return pixels.reshape(*pixels.shape[:2], -1)


def decode_precise(open_file: OpenBytes, shown: str, dtype: str) -> NDArray[Any]:
    """Decode a grey image to (h, w, 1) of "uint16" or "float32", keeping its precision.

    Raises
    ------
    DatasetError
        If the file cannot be decoded, holds NaN or infinite pixels, or is an 8-bit or 16-bit
        image where floating point was expected, which has another idea of brightness.
    """
    with _opened(open_file, shown) as image:
        turned = _turned(image)
        if dtype == "uint16" and _dtype(image) != "uint16":
            pixels = np.asarray(_plain(turned, True, shown)).astype(np.uint16) * 257
        elif dtype == _dtype(image):
            pixels = np.asarray(turned).astype(dtype)
        else:
            raise DatasetError(
                "is not a floating-point image like the others",
                shown,
                "Convert it, or leave it out.",
            )
    if pixels.dtype.kind == "f" and not np.isfinite(pixels).all():
        raise DatasetError("holds NaN or infinite pixels", shown)
    return pixels[..., np.newaxis]


@contextmanager
def _opened(open_file: OpenBytes, shown: str) -> Iterator[Image.Image]:
    """An image whose errors, also those while it is decoded, are DatasetErrors."""
    try:
        with warnings.catch_warnings(), open_file() as file:
            # Other warnings are about notes in the file (EXIF cut short); its pixels are sound.
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", Image.DecompressionBombWarning)
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


def _orientation(image: Image.Image) -> int:
    """The EXIF orientation; 1, "as it is", also where the EXIF data is damaged."""
    if image.format == "TIFF":  # Pillow has turned it already, its size too
        return 1
    try:
        # Not image.getexif: of a PNG file that decodes all pixels, to see what follows them.
        return int(Image.Image.getexif(image).get(ExifTags.Base.Orientation, 1))
    except Exception:  # noqa: BLE001 - Pillow raises anything on damaged EXIF data
        return 1


def _turned(image: Image.Image) -> Image.Image:
    is_turned = _orientation(image) != 1  # asked first: what follows the pixels is in no header
    image.load()
    return ImageOps.exif_transpose(image) if is_turned else image


def _is_grey(image: Image.Image) -> bool:
    if image.mode in _PALETTE_MODES:
        palette = image.getpalette() or []
        return palette[0::3] == palette[1::3] == palette[2::3]
    return image.mode in _GREY_MODES


def _dtype(image: Image.Image) -> str:
    """Integers of 32 bits count as floating point: they too have no agreed brightness."""
    if image.mode.startswith("I;16") or (image.mode == "I" and image.format == "PPM"):
        return "uint16"
    return "float32" if image.mode in ("I", "F") else "uint8"


def _plain(image: Image.Image, grey: bool, shown: str) -> Image.Image:
    """An image of mode L or RGB."""
    if _dtype(image) == "float32":
        raise DatasetError(INCOMPARABLE, shown, "Convert it, or leave it out.")
    if image.mode.startswith("I"):
        image = Image.fromarray(_eight_bits(image))
    if image.has_transparency_data:
        clear = (image.convert("LA") if image.mode == "La" else image).convert("RGBA")
        image = Image.new("RGB", clear.size, "white")
        image.paste(clear, mask=clear)
    elif image.mode not in _GREY_MODES and image.mode != "RGB":
        image = image.convert("RGB")  # not every mode has a direct way to grey
    mode = "L" if grey else "RGB"
    return image if image.mode == mode else image.convert(mode)


def _eight_bits(image: Image.Image) -> NDArray[np.uint8]:
    """Scale 16 bits to 8; converting them would clip at 255 instead."""
    values = np.asarray(image)
    scaled = (values.astype(np.float32) * (255 / _BRIGHTEST_16)).round().astype(np.uint8)
    clear = image.info.get("transparency")  # the one value that stands for "nothing here"
    return scaled if clear is None else np.where(values == clear, np.uint8(255), scaled)
