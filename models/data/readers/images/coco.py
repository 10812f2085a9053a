"""COCO json: images labelled by the objects annotated in them, or one sample for each object."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import IO

import numpy as np

from models.data.names import displayed
from models.data.readers.images import shards
from models.data.readers.images.coco_index import box_of, read_index
from models.data.readers.images.coco_parts import (
    ANNOTATION_FOLDERS,
    Part,
    above,
    is_inside,
    part_of,
)
from models.data.readers.images.encoded_source import Box, EncodedImages, Understood, open_encoded
from models.data.readers.images.folder import open_inside
from models.data.readers.source import Opening
from models.errors import DatasetError
from models.types import OpenRequest

_SUFFIX = ".json"
_HEAD_BYTES = 64 << 10
_LISTS = re.compile(rb'"(images|annotations|categories)"\s*:\s*\[')
_USUAL_NAMES = ("_annotations.coco.json", "annotations.json", "labels.json", "coco.json")
_GLANCED_AT = 500  # entries of the folder


def claims(paths: Sequence[str]) -> bool:
    if all(map(os.path.isdir, paths)):
        return all(map(_jsons, paths))
    return all(path.lower().endswith(_SUFFIX) and _looks_like_coco(path) for path in paths)


def opening(request: OpenRequest) -> Opening:
    root_of: dict[str, str] = {}  # of each json that was found in a folder

    def jsons_in(folder: str) -> list[str]:
        found = _jsons(os.path.realpath(folder))
        root_of.update(dict.fromkeys(found, folder))
        return found

    parts: list[Part] = []
    for split, paths in shards.splits_of(request.paths, jsons_in).items():
        for path in paths:
            index = yield from read_index(path)
            root = root_of.get(path) or above(path)
            parts.append(part_of(split, index, root, request.boxes))
    understood = _understand(parts, request)
    alone = [part for part in parts if part.index.path not in root_of]
    yield from open_encoded("coco", request, CocoImages(parts, alone), understood)


class CocoImages(EncodedImages):
    """Image files beside a json, whole or one box each; no link is followed out of the root.

    `alone` are the parts whose json was opened, not a folder that holds it with its images.
    """

    def __init__(self, parts: Sequence[Part], alone: Sequence[Part]) -> None:
        self._parts, self._alone = parts, alone
        self._starts = np.cumsum([0, *(len(part.images) for part in parts)])

    def __len__(self) -> int:
        return int(self._starts[-1])

    def open(self, position: int) -> IO[bytes]:
        part, place = self._find(position)
        name = part.index.files[int(part.images[place])]
        path = os.path.realpath(os.path.join(part.folder, name)) if is_inside(name) else ""
        if os.path.commonpath([part.root, path or os.sep]) != part.root:
            raise DatasetError(
                "has a name that leads out of the folder",
                displayed(name),
                "Copy the image into the folder, and correct its file_name.",
            )
        return open_inside(path, part.root)

    def path(self, position: int) -> str:
        part, place = self._find(position)
        shown = displayed(part.index.files[int(part.images[place])])
        if len(self._parts) > 1:
            shown = f"{part.split}/{shown}"
        return f"{shown}[{part.numbers[place]}]" if part.objects is not None else shown

    def beside(self) -> Iterator[str]:
        for part in self._alone:
            yield from (os.path.join(part.folder, f) for f in part.index.files if is_inside(f))

    def box(self, position: int) -> Box | None:
        part, place = self._find(position)
        return None if part.objects is None else box_of(part.index, int(part.objects[place]))

    def _find(self, position: int) -> tuple[Part, int]:
        part = int(np.searchsorted(self._starts, position, side="right")) - 1
        return self._parts[part], position - int(self._starts[part])


def _looks_like_coco(path: str) -> bool:
    if not os.path.isfile(path):
        return False
    try:
        with open(path, "rb") as file:
            return bool(_LISTS.search(file.read(_HEAD_BYTES)))
    except OSError:
        return False


def _jsons(folder: str) -> list[str]:
    """The COCO files of a dataset's folder; those of its objects if there are also others."""
    with os.scandir(folder) as entries:
        some = list(islice(entries, _GLANCED_AT))
    folders = [e.path for e in some if e.is_dir(follow_symlinks=False) and e.name[0] != "."]
    found = [e.path for e in some if e.name.lower().endswith(_SUFFIX)]
    for inner in (folder, *folders):
        if os.path.basename(inner).lower() in ANNOTATION_FOLDERS:
            found += shards.glance(inner, _SUFFIX, depth=0)
        else:
            found += [os.path.join(inner, name) for name in _USUAL_NAMES]
    real = [path for path in dict.fromkeys(found) if _looks_like_coco(path)]
    instances = [path for path in real if os.path.basename(path).startswith("instances")]
    return sorted(instances or real, key=shards.natural)


def _understand(parts: Sequence[Part], request: OpenRequest) -> Understood:
    names = tuple(dict.fromkeys(name for part in parts for name in part.index.class_names))
    if not names:
        raise DatasetError(
            "names no categories",
            displayed(parts[0].index.path),
            "Open a json with object annotations, such as instances_train2017.json.",
        )
    sizes: dict[str, int] = {}
    for part in parts:
        sizes[part.split] = sizes.get(part.split, 0) + len(part.images)
    return Understood(
        name=shards.name_of(request.paths),
        splits=sizes,
        class_names=tuple(map(displayed, names)),
        codes=np.concatenate([part.codes(names) for part in parts]),
        said="of annotated boxes" if request.boxes else "by the objects in them",
        warnings=tuple(_warnings(parts)),
    )


def _warnings(parts: Sequence[Part]) -> Iterator[str]:
    n, torn = sum(len(part.images) for part in parts), sum(part.torn for part in parts)
    if torn:
        yield (
            f"{torn:,} of {n:,} images show objects of several categories; the largest one "
            "gives the label. To review each object, open it by boxes."
        )
    boxless = sum(part.boxless for part in parts)
    if boxless:
        yield f"{boxless:,} objects have no box with an area; left out."
    homeless = sum(part.index.homeless for part in parts)
    if homeless:
        yield f"{homeless:,} annotations belong to no image or no category; left out."
