"""What a COCO json says: images, categories, and which objects are in which image."""

from __future__ import annotations

import math
import os
from array import array
from collections.abc import Generator
from dataclasses import dataclass, field
from typing import Any

from models.data.names import displayed
from models.data.readers.images.encoded_source import Box
from models.data.readers.images.json_stream import elements
from models.data.readers.source import cannot_open
from models.errors import DatasetError
from models.types import Progress

_MOST_BYTES = 2 << 30
_STEPS = 2_000  # elements between two reports of progress


@dataclass
class CocoIndex:
    """One json. Lists of the same group have one entry an object, in the order of the file."""

    path: str
    files: list[str] = field(default_factory=list)  # of the images
    place_of: dict[Any, int] = field(default_factory=dict)  # image id -> position in `files`
    categories: dict[Any, str] = field(default_factory=dict)  # id -> name
    object_images: array[int] = field(default_factory=lambda: array("q"))
    object_categories: array[int] = field(default_factory=lambda: array("q"))
    object_areas: array[float] = field(default_factory=lambda: array("d"))
    object_boxes: array[float] = field(default_factory=lambda: array("d"))  # x, y, w, h; NaN: none
    homeless: int = 0  # objects of no image or no category

    @property
    def class_names(self) -> list[str]:
        """Names of the categories, as `object_categories` counts them."""
        return list(self.categories.values())


def read_index(path: str) -> Generator[Progress, None, CocoIndex]:
    """Read a json without its outlines of objects, which are most of it.

    Raises
    ------
    DatasetError
        If it is too large, damaged, or no COCO json.
    """
    shown = displayed(path)
    size = os.path.getsize(path)
    if size > _MOST_BYTES:
        raise DatasetError(
            f"is a json of {size / 1e9:.1f} GB; Winnow reads up to {_MOST_BYTES / 1e9:.1f} GB",
            shown,
            "Split it into several files, or leave out the segmentations.",
        )
    index = CocoIndex(path)
    waiting: list[tuple[Any, Any, float, tuple[float, ...]]] = []
    try:
        with open(path, encoding="utf-8-sig") as file:
            for count, (key, element) in enumerate(elements(file)):
                if count % _STEPS == 0:
                    yield Progress(os.lseek(file.fileno(), 0, os.SEEK_CUR), size, "reading labels")
                if not isinstance(element, dict):
                    continue
                if key == "images":
                    _add_image(index, element)
                elif key == "categories":
                    index.categories[_id(element["id"])] = str(element["name"])
                elif key == "annotations" and "category_id" in element:
                    waiting.append(_object(element))
    except OSError as error:
        raise cannot_open(path, error) from error
    except (ValueError, KeyError, TypeError, OverflowError) as error:
        raise DatasetError(
            "is a damaged or incomplete COCO json", shown, "Get it again.", details=repr(error)
        ) from error
    _assign(index, waiting)
    return index


def box_of(index: CocoIndex, position: int) -> Box | None:
    """The box of an object in whole pixels, at least one."""
    x, y, width, height = index.object_boxes[4 * position : 4 * position + 4]
    if not all(map(math.isfinite, (x, y, width, height))) or width <= 0 or height <= 0:
        return None
    left, top = math.floor(x), math.floor(y)
    return Box(left, top, max(left + 1, math.ceil(x + width)), max(top + 1, math.ceil(y + height)))


def _add_image(index: CocoIndex, element: dict[str, Any]) -> None:
    name = element["file_name"]
    if not isinstance(name, str):
        raise TypeError("file_name")
    if index.place_of.setdefault(_id(element["id"]), len(index.files)) == len(index.files):
        index.files.append(name.replace("\\", "/"))  # as Windows writes paths


def _object(element: dict[str, Any]) -> tuple[Any, Any, float, tuple[float, ...]]:
    box = element.get("bbox")
    numbers = tuple(map(_number, box)) if isinstance(box, list) and len(box) == 4 else _NO_BOX
    area = _number(element.get("area"))
    if not area >= 0:
        area = numbers[2] * numbers[3]
    return _id(element["image_id"]), _id(element["category_id"]), area, numbers


_NO_BOX = (math.nan,) * 4


def _assign(index: CocoIndex, waiting: list[tuple[Any, Any, float, tuple[float, ...]]]) -> None:
    """Objects may come before the images and categories they belong to."""
    if all(isinstance(category, int) for category in index.categories):
        index.categories = dict(sorted(index.categories.items()))
    code_of = {category: code for code, category in enumerate(index.categories)}
    for image, category, area, box in waiting:
        if image not in index.place_of or category not in code_of:
            index.homeless += 1
            continue
        index.object_images.append(index.place_of[image])
        index.object_categories.append(code_of[category])
        index.object_areas.append(area if area >= 0 else 0.0)
        index.object_boxes.extend(box)


def _id(value: Any) -> int | str:
    if isinstance(value, (int, str)):
        return value
    raise TypeError("an id is neither a number nor a text")


def _number(value: Any) -> float:
    return float(value) if isinstance(value, (int, float)) else math.nan
