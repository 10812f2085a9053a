"""Finds out which arrays are images and labels, how their axes lie, and what the splits are."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from models.data.readers.source import StoredArray, Unusable
from models.errors import DatasetError
from models.types import OpenRequest

SPLIT_WORDS = {
    "train": "train",
    "training": "train",
    "val": "val",
    "valid": "val",
    "validation": "val",
    "dev": "val",
    "test": "test",
    "testing": "test",
}
LAYOUTS = ("nhw", "nhwc", "nchw")
_CHANNELS = (1, 3, 4)
_IMAGES, _LABELS, _NAMES = "images", "labels", "class names"
# A name's last telling word decides: "train_images" holds images, "image_labels" labels.
_WORDS = {
    **dict.fromkeys(("images", "image", "imgs", "img", "x", "data", "pixels"), _IMAGES),
    **dict.fromkeys(("labels", "label", "y", "targets", "target", "given", "category"), _LABELS),
    **dict.fromkeys(("names", "classes", "categories", "classnames"), _NAMES),
    **dict.fromkeys(("id", "ids", "index", "indices", "path", "paths", "file", "files"), "ids"),
}
_HOW = "Say which with --images KEY --labels KEY --layout nhwc."


@dataclass(frozen=True)
class Part:
    """The arrays of one split. Without a label array its samples are unlabelled."""

    split: str
    images: StoredArray
    layout: str
    labels: StoredArray | None


def find_parts(
    arrays: Sequence[StoredArray],
    unusable: Sequence[Unusable],
    request: OpenRequest,
    where: str,
) -> list[Part]:
    """Pair image arrays with label arrays, one pair a split.

    Raises
    ------
    DatasetError
        If there is no image array, more than one choice, or counts that disagree.
    """
    images_by_split = _image_arrays(arrays, unusable, request, where)
    parts = []
    for split, images in images_by_split.items():
        labels = _labels_for(images, split, arrays, unusable, request, where)
        parts.append(Part(split or "all", images, _layout(images, request, where), labels))
    return parts


def find_class_names(arrays: Sequence[StoredArray], parts: Sequence[Part]) -> StoredArray | None:
    """A text array whose name says that it lists the classes."""
    used = {id(part.labels) for part in parts}
    listed = [
        array
        for array in arrays
        if array.dtype.kind in "US"
        and len(array.shape) == 1
        and id(array) not in used
        and _role(array.name) == _NAMES
    ]
    return listed[0] if len(listed) == 1 else None


def split_of(name: str) -> str:
    """The split a name speaks of ("x_train", "test/images"), or an empty string."""
    return next((SPLIT_WORDS[word] for word in _words(name) if word in SPLIT_WORDS), "")


def listing(arrays: Sequence[StoredArray | Unusable]) -> str:
    """Arrays with their shapes, for a message."""
    shown = [f"“{a.name}” {tuple(map(int, a.shape))}" for a in arrays[:12]]
    more = [f"and {len(arrays) - 12} more"] if len(arrays) > 12 else []
    return ", ".join(shown + more)


def _words(name: str) -> list[str]:
    words = re.split(r"[^a-z0-9]+", name.lower())
    joined = [re.fullmatch(r"([xy])(train|test|val|valid)", word) for word in words]
    return [w for word, m in zip(words, joined, strict=True) for w in (m.groups() if m else [word])]


def _role(name: str) -> str:
    return next((_WORDS[word] for word in reversed(_words(name)) if word in _WORDS), "")


def _image_arrays(
    arrays: Sequence[StoredArray],
    unusable: Sequence[Unusable],
    request: OpenRequest,
    where: str,
) -> dict[str, StoredArray]:
    if request.images:
        chosen = _by_name(arrays, unusable, request.images, where)
        if not _fitting_layouts(chosen.shape):
            raise DatasetError(f"array {listing([chosen])} does not hold images", where, _HOW)
        return {"": chosen}
    candidates = [a for a in arrays if a.dtype.kind in "buif" and _fitting_layouts(a.shape)]
    named = [a for a in candidates if _role(a.name) == _IMAGES]
    pool = named or [a for a in candidates if not _role(a.name)]
    if not pool:
        raise _no_images(arrays, unusable, where)
    by_split: dict[str, list[StoredArray]] = {}
    for array in sorted(pool, key=lambda array: _split_order(split_of(array.name))):
        by_split.setdefault(split_of(array.name), []).append(array)
    if ("" in by_split and len(by_split) > 1) or any(len(a) > 1 for a in by_split.values()):
        exact = [a for a in pool if _words(a.name) == ["images"]]
        if len(exact) != 1:
            raise DatasetError(f"could be read in several ways: {listing(pool)}", where, _HOW)
        return {"": exact[0]}
    return {split: found[0] for split, found in by_split.items()}


def _split_order(split: str) -> int:
    return ("", "train", "val", "test").index(split)


def _by_name(
    arrays: Sequence[StoredArray], unusable: Sequence[Unusable], name: str, where: str
) -> StoredArray:
    wanted = name.strip("/")
    for broken in unusable:
        if broken.name == wanted:
            raise DatasetError(f"array “{wanted}” {broken.why}", where, broken.remedy)
    found = next((array for array in arrays if array.name == wanted), None)
    if found is None:
        raise DatasetError(
            f"has no array “{wanted}”", where, f"It holds {listing(arrays) or 'no arrays'}."
        )
    return found


def _no_images(
    arrays: Sequence[StoredArray], unusable: Sequence[Unusable], where: str
) -> DatasetError:
    if unusable:
        broken = next((u for u in unusable if _role(u.name) == _IMAGES), unusable[0])
        return DatasetError(f"array “{broken.name}” {broken.why}", where, broken.remedy)
    columns = sorted(
        (a for a in arrays if len(a.shape) == 1), key=lambda a: _role(a.name) == _LABELS
    )
    counts = {a.shape[0]: a for a in columns}  # a label array speaks last, and so counts most
    for array in arrays:
        for axis, n in enumerate(array.shape[1:], 1):
            if len(array.shape) in (3, 4) and n in counts:
                return DatasetError(
                    f"array {listing([array])} does not have its images along the first axis: "
                    f"“{counts[n].name}” has {n:,} entries, which is axis {axis} of it",
                    where,
                    "Save its images, decoded if they are coded, as (n, h, w, c) and open that.",
                )
    if not arrays:
        return DatasetError("holds no arrays", where, "Open a file with images in it.")
    return DatasetError(
        f"holds no image array, only {listing(arrays)}",
        where,
        "Images are arrays of shape (n, h, w), (n, h, w, c) or (n, c, h, w) with 1, 3 or 4 "
        "channels.",
    )


def _labels_for(
    images: StoredArray,
    split: str,
    arrays: Sequence[StoredArray],
    unusable: Sequence[Unusable],
    request: OpenRequest,
    where: str,
) -> StoredArray | None:
    n = images.shape[0]
    if request.labels:
        chosen = _by_name(arrays, unusable, request.labels, where)
        if not _is_column(chosen, n):
            raise _counts_differ(chosen, images, where)
        return chosen
    others = [a for a in arrays if a is not images and split_of(a.name) == split]
    named = [a for a in others if _role(a.name) == _LABELS]
    fitting = [a for a in named if _is_column(a, n)]
    if not fitting and not named:
        unnamed = ("", _NAMES) if split == "" else ("",)
        fitting = [
            a
            for a in others
            if _role(a.name) in unnamed and _is_column(a, n) and max(a.shape[1:], default=1) == 1
        ]
    if len(fitting) > 1:
        plain = [a for a in fitting if _words(a.name)[-1] in ("labels", "label", "y")]
        exact = [a for a in plain if len(_words(a.name)) == min(len(_words(p.name)) for p in plain)]
        if len(exact) != 1:
            raise DatasetError(f"has several label arrays: {listing(fitting)}", where, _HOW)
        return exact[0]
    if fitting:
        return fitting[0]
    for broken in unusable:
        if _role(broken.name) == _LABELS and split_of(broken.name) == split:
            raise DatasetError(f"array “{broken.name}” {broken.why}", where, broken.remedy)
    if named:
        raise _counts_differ(named[0], images, where)
    return None


def _is_column(array: StoredArray, n: int) -> bool:
    """Whether an array may hold one label for each of n samples."""
    return len(array.shape) in (1, 2) and array.shape[0] == n and array.dtype.kind in "buifUS"


def _counts_differ(labels: StoredArray, images: StoredArray, where: str) -> DatasetError:
    return DatasetError(
        f"array “{labels.name}” of shape {tuple(labels.shape)} does not give one label to each of "
        f"the {images.shape[0]:,} images in “{images.name}”",
        where,
        "Save as many labels as images, or name another array with --labels KEY.",
    )


def _fitting_layouts(shape: tuple[int, ...]) -> list[str]:
    if len(shape) == 3 and min(shape[1:]) >= 2:
        return ["nhw"]
    if len(shape) != 4 or min(shape[1:]) < 1:
        return []
    last, first = shape[3] in _CHANNELS, shape[1] in _CHANNELS
    if last and first:  # (n, 3, 3, 3) is anyone's guess
        return ["nhwc", "nchw"]
    return ["nhwc"] if last else ["nchw"] if first else []


def _layout(images: StoredArray, request: OpenRequest, where: str) -> str:
    fitting = _fitting_layouts(images.shape)
    if request.layout:
        rank = len(images.shape)
        axis = request.layout.find("c")
        if (
            request.layout not in LAYOUTS
            or len(request.layout) != rank
            or (rank == 4 and images.shape[axis] not in _CHANNELS)
        ):
            raise DatasetError(
                f"array {listing([images])} cannot have the layout {request.layout}",
                where,
                f"Choose one of {', '.join(LAYOUTS)}; 1, 3 or 4 channels.",
            )
        return request.layout
    if len(fitting) > 1:
        raise DatasetError(
            f"array {listing([images])} could have its channels first or last",
            where,
            "Say which with --layout nhwc or --layout nchw.",
        )
    return fitting[0]
