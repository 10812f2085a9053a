"""Pages for any browser: one HTML file with its style and pictures inside, and no script."""

from __future__ import annotations

import base64
import io
import os
import re
import tomllib
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
_SUFFIXES = (".html", ".htm")
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
    if not path.parent.is_dir() or not os.access(path.parent, os.W_OK):
        raise WinnowError(
            "cannot be written: its folder is not there, or may not be written",
            str(path),
            "Choose another place.",
        )
    is_page = path.suffix.lower() in _SUFFIXES and not path.is_dir()
    if os.path.lexists(path) and not is_page:
        raise WinnowError("is there already, and is no page", str(path), "Choose another name.")


def write_page(path: Path, html: str) -> None:
    """Write a page whole, in place of the one before."""
    check_page(path)
    try:  # names of files need not be UTF-8
        replace_text(path, html.encode("utf-8", "backslashreplace").decode())
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
    return environment
