"""Pages for any browser: one HTML file with its style and pictures inside, and no script."""

from __future__ import annotations

import base64
import io
import itertools
import os
import re
import tomllib
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from importlib import resources
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from PIL import Image

from models.data.placing import replace_text
from models.errors import WinnowError
from models.types import Pixels

SMALL_PX = 64  # images up to this size are enlarged without smoothing, as in the grid
MOST_BYTES = 3_600_000  # of pictures in a page: with all its text it stays below 5 MB
SUFFIXES = (".html", ".htm")
_JPEG_QUALITY = 88
_UNPRINTABLE = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffe\uffff]")


@dataclass(frozen=True)
class Picture:
    """An image inside a page; without `uri` there is only `why`."""

    uri: str = ""
    width: int = 0
    height: int = 0
    why: str = ""

    @property
    def is_small(self) -> bool:
        return max(self.width, self.height) <= SMALL_PX

    def fitted(self, box: int) -> tuple[int, int]:
        """Width and height in a square of `box` px: small images are enlarged by a whole number,
        so that every pixel of theirs is as large as any other."""
        scale = box / max(self.width, self.height)
        if self.is_small and scale >= 1:
            scale = int(scale)
        return max(1, round(self.width * scale)), max(1, round(self.height * scale))


def picture(pixels: Pixels | str, *, lossless: bool = True) -> Picture:
    """A thumbnail as ReaderClient gives it, or why there is none. Small ones are kept bit for bit,
    unless that is not wanted."""
    if isinstance(pixels, str):
        return Picture(why=str(pixels))
    height, width = pixels.shape[:2]
    is_png = lossless and max(height, width) <= SMALL_PX
    image = Image.fromarray(
        np.ascontiguousarray(pixels[..., 0] if pixels.shape[2] == 1 else pixels)
    )
    file = io.BytesIO()
    if is_png:
        image.save(file, "png")
    else:
        image.save(file, "jpeg", quality=_JPEG_QUALITY)
    data = base64.b64encode(file.getvalue()).decode()
    return Picture(f"data:image/{'png' if is_png else 'jpeg'};base64,{data}", width, height)


def within_bytes(pictures: Sequence[Picture], left: int = MOST_BYTES) -> int:
    """How many of these pictures, from the first on, a page has room for."""
    return int(np.searchsorted(np.cumsum([len(one.uri) for one in pictures]), left, side="right"))


def shortened(name: str, room: int) -> str:
    """A name in room for so many letters, cut in its middle, as many names begin alike; wide
    letters take the room of two."""
    if _room_for(name) <= room:
        return name
    tail = _beginning(name[::-1], (room - 1) // 2)[::-1]
    return f"{_beginning(name, room - 1 - _room_for(tail))}…{tail}"


def is_wide(letter: str) -> bool:
    return unicodedata.east_asian_width(letter) in "WF"


def _room_for(name: str) -> int:
    return sum(1 + is_wide(letter) for letter in name)


def _beginning(name: str, room: int) -> str:
    used = itertools.accumulate(1 + is_wide(letter) for letter in name)
    return name[: sum(1 for width in used if width <= room)]


def style() -> str:
    """The style sheet: colours of the window, light and dark, and the rules that use them."""
    styles = resources.files("resources").joinpath("styles")
    tokens = tomllib.loads(styles.joinpath("tokens.toml").read_text(encoding="utf-8"))
    light, dark = (
        "".join(f"--{name}: {value}; " for name, value in tokens[scheme].items())
        for scheme in ("light", "dark")
    )
    rules = styles.joinpath("page.css").read_text(encoding="utf-8")
    dark_screen = "@media screen and (prefers-color-scheme: dark)"  # paper is never dark
    return f":root {{ {light}}}\n{dark_screen} {{ :root {{ {dark}}} }}\n{rules}"


def render(template: str, **values: Any) -> str:
    """A page of resources/templates; every text in it is escaped."""
    made = datetime.now(UTC).strftime("%Y-%m-%d")
    about = {"style": Markup(style()), "made": made, "version": version("winnow")}  # noqa: S704 - ours
    return _UNPRINTABLE.sub("\ufffd", _templates().get_template(template).render(values | about))


def check_page(path: Path) -> None:
    """Refuse a place where no page can be written, before any work is done for it."""
    check_place(path, SUFFIXES, "is no page")


def check_place(path: Path, suffixes: Sequence[str], otherwise: str) -> None:
    """The same for any file of a result: it may replace what has one of the suffixes."""
    if not path.parent.is_dir() or not os.access(path.parent, os.W_OK):
        raise WinnowError(
            "cannot be written: its folder is not there, or may not be written",
            str(path),
            "Choose another place.",
        )
    may_be_replaced = path.suffix.lower() in suffixes and not path.is_dir()
    if os.path.lexists(path) and not may_be_replaced:
        raise WinnowError(f"is there already, and {otherwise}", str(path), "Choose another name.")


def write_page(path: Path, html: str) -> None:
    """Write a page whole, in place of the one before."""
    check_page(path)
    write_result(path, html)


def write_result(path: Path, text: str) -> None:
    """Write a file of a result whole; names of files in it need not be UTF-8."""
    try:
        replace_text(path, text.encode("utf-8", "backslashreplace").decode())
    except OSError as error:
        raise WinnowError(
            f"cannot be written ({error.strerror})", str(path), "Choose another place."
        ) from error


@cache
def _templates() -> Environment:
    environment = Environment(
        loader=PackageLoader("resources", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["count"] = "{:,}".format
    environment.filters["percent"] = "{:.1%}".format
    environment.filters["shortened"] = shortened
    return environment
