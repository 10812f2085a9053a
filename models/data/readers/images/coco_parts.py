"""The samples of a COCO json: where its images lie, and which category each sample is given."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from models.data.names import displayed
from models.data.readers.images.coco_index import CocoIndex, box_of
from models.errors import DatasetError
from models.types import UNLABELLED, LabelVector

ANNOTATION_FOLDERS = ("annotations", "annotation")
_IMAGE_FOLDERS = ("images", "image", "data")
_TRIED = 16  # images that are looked for in each folder
_MOST_FOLDERS = 200


@dataclass(frozen=True)
class Part:
    """The samples of one json: its images, or the objects in them in the order of the images."""

    split: str
    index: CocoIndex
    root: str  # nothing outside of it is read
    folder: str  # of the images
    images: NDArray[np.int64]  # (n,) positions in index.files
    objects: NDArray[np.int64] | None  # (n,) positions among its objects
    numbers: NDArray[np.int64]  # (n,) of an object in its image
    categories: NDArray[np.int64]  # (n,) positions among its categories, -1: none
    torn: int = 0  # images that show several categories
    boxless: int = 0  # objects without a box, left out

    def codes(self, names: Sequence[str]) -> LabelVector:
        """Class codes (n,), where the classes of all parts together are `names`."""
        code_of = {name: code for code, name in enumerate(names)}
        codes = [code_of[name] for name in self.index.class_names]
        return np.array([*codes, UNLABELLED], np.int32)[self.categories]


def part_of(split: str, index: CocoIndex, root: str, boxes: bool) -> Part:
    """Make samples of a json. Raises DatasetError if its images are nowhere below the root."""
    if not index.files:
        raise DatasetError("lists no images", displayed(index.path))
    root = os.path.realpath(root)
    folder = _folder_of_images(index, root)
    images = np.array(index.object_images, np.int64)
    categories = np.array(index.object_categories, np.int64)
    if not boxes:
        given, torn = _by_largest(
            images, categories, np.array(index.object_areas), len(index.files)
        )
        every = np.arange(len(index.files))
        return Part(split, index, root, folder, every, None, np.zeros_like(every), given, torn)
    boxed = [i for i in range(len(images)) if box_of(index, i) is not None]
    objects = np.array(boxed, np.int64)
    objects = objects[np.argsort(images[objects], kind="stable")]
    of_image = images[objects]
    numbers = np.arange(len(objects)) - np.searchsorted(of_image, of_image)
    left_out = len(images) - len(objects)
    if not len(objects):
        raise DatasetError("has no boxes", displayed(index.path), "Open it by images.")
    return Part(
        *(split, index, root, folder, of_image, objects, numbers, categories[objects]),
        boxless=left_out,
    )


def above(path: str) -> str:
    """The folder a json speaks of: the one it is in, or the one above annotations/."""
    folder = os.path.dirname(os.path.realpath(path))
    if os.path.basename(folder).lower() in ANNOTATION_FOLDERS:
        return os.path.dirname(folder)
    return folder


def is_inside(name: str) -> bool:
    """Whether a relative path stays, as it is written, below where it begins."""
    parts = name.replace("\\", "/").split("/")
    return not os.path.isabs(name) and "\0" not in name and ".." not in parts


def _by_largest(
    images: NDArray[np.int64],
    categories: NDArray[np.int64],
    areas: NDArray[np.float64],
    n_images: int,
) -> tuple[NDArray[np.int64], int]:
    """The category of the largest object in each image, -1 without one; images with several."""
    given = np.full(n_images, UNLABELLED, np.int64)
    order = np.lexsort((areas, images))
    given[images[order]] = categories[order]  # the last one stays
    pairs = np.unique(np.stack([images, categories]), axis=1) if len(images) else np.empty((2, 0))
    _, n_categories = np.unique(pairs[0], return_counts=True)
    return given, int((n_categories > 1).sum())


def _folder_of_images(index: CocoIndex, root: str) -> str:
    places = np.linspace(0, len(index.files) - 1, min(_TRIED, len(index.files))).astype(int)
    names = [name for name in (index.files[i] for i in places.tolist()) if is_inside(name)]
    best, found = "", 0
    for folder in _candidates(index.path, root):
        hits = sum(os.path.isfile(os.path.join(folder, name)) for name in names)
        if hits > found:
            best, found = folder, hits
        if names and found == len(names):
            break
    if not best:
        wanted = f" “{displayed(names[0])}”" if names else ""
        raise DatasetError(
            f"comes without its images: none like{wanted} lies in {displayed(root)} or the "
            "folders in it",
            displayed(index.path),
            "Put the folder of images beside the json, or beside the folder annotations.",
        )
    return best


def _candidates(json_path: str, root: str) -> Iterator[str]:
    """Folders the images may be in, the likeliest first; none is a link."""
    here = os.path.dirname(os.path.realpath(json_path))
    stem = os.path.splitext(os.path.basename(json_path))[0].rpartition("_")[2]  # train2017
    for base in dict.fromkeys((here, root)):
        inner = _folders_in(base)
        yield base
        yield from (folder for folder in inner if os.path.basename(folder) == stem)
        yield from inner
        for folder in inner:
            if os.path.basename(folder).lower() in _IMAGE_FOLDERS:
                yield from _folders_in(folder)


def _folders_in(folder: str) -> list[str]:
    with os.scandir(folder) as entries:
        found = (e.path for e in entries if e.is_dir(follow_symlinks=False) and e.name[0] != ".")
        return sorted(islice(found, _MOST_FOLDERS))
