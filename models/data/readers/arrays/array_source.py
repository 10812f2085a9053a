"""A dataset made of image arrays and label arrays, whatever file they lie in."""

from __future__ import annotations

import math
import os
from collections.abc import Generator, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.data.fingerprint import fingerprint
from models.data.names import displayed
from models.data.readers import wording
from models.data.readers.arrays.image_array import ImageArray, ImageRows, survey
from models.data.readers.meaning.array_labels import names_each_image, read_labels
from models.data.readers.meaning.array_names import LABELS
from models.data.readers.meaning.array_shapes import Reshaped, View
from models.data.readers.meaning.detect import Part, find_parts
from models.data.readers.meaning.label_choice import class_names_for, other_labels
from models.data.readers.meaning.labels import Labels
from models.data.readers.meaning.named_arrays import NamedArrays, possible_role
from models.data.readers.meaning.split_column import (
    is_title_of_splits,
    not_taken,
    splits_apart,
)
from models.data.readers.meaning.viewing import possible_views, settled
from models.data.readers.source import Opening, Source, StoredArray
from models.errors import DatasetError
from models.types import (
    UNLABELLED,
    DatasetInfo,
    LabelVector,
    OpenRequest,
    Pixels,
    Progress,
    SampleIds,
)

_STACK_BYTES = 32 << 20


def open_arrays(
    kind: str, found: NamedArrays, resources: ExitStack, remarks: Sequence[str] = ()
) -> Opening:
    """Detect images and labels among named arrays and make a Source of them.

    `remarks` are what is to be told of the files besides.
    """
    found, told = yield from splits_apart(found)
    parts = find_parts(found)
    stored = [part.images for part in parts]
    ways = possible_views(stored, found)  # before any work, so that a refusal comes at once
    labels_taken = [part.labels for part in parts if part.labels]
    named = class_names_for(labels_taken, [*stored, *labels_taken], found)
    for array in _distinct([*named, *labels_taken, *stored]):  # what is needed whole comes first
        yield from array.preparing()
    views = settled(stored, ways, found)
    images = [
        ImageArray(Reshaped(array, view.shape), view.layout, found.where)
        for array, view in zip(stored, views, strict=True)
    ]
    yield Progress(0, 1, "reading labels")
    parts, named_images = _without_names_of_images(parts, found.request)
    labels_taken = [part.labels for part in parts if part.labels]
    labels = _read_labels(parts, named, labels_taken, found)
    warnings = [*remarks, *named_images]
    warnings += [f"Array “{u.name}” {u.why}; it was left out." for u in found.unusable]
    if not found.request.labels and (others := other_labels(labels_taken, found)):
        taken = wording.arrays_in_words([array.name for array in labels_taken])
        warnings.append(
            f"Labels were taken from {taken}; there are also those of "
            f"{wording.arrays_in_words(others)}, to be chosen with --labels KEY."
        )
    splits: dict[str, int] = {}
    for part in parts:
        splits[part.split] = splits.get(part.split, 0) + part.images.shape[0]
    assignment = None
    if list(splits) == ["all"]:
        by_column = next((one for one in told.values() if one.n == splits["all"]), None)
        if by_column:
            splits, assignment = by_column.sizes, by_column.assignment
        else:
            warnings += map(not_taken, _like_splits(found, labels_taken, splits["all"]))
    info = yield from described(kind, found.request, images, splits, labels, warnings)
    info = replace(
        info,
        sentence=_sentence(info, parts, views, labels),
        arrays=_named(parts, views),
        assignment=assignment,
    )
    yield ArraySource(info, labels.codes, images, [a.file for a in stored], resources.pop_all())


def _without_names_of_images(
    parts: Sequence[Part], request: OpenRequest
) -> tuple[list[Part], list[str]]:
    """The parts, less what would be a class for each image, and what to say of it."""
    found = [part.labels for part in parts if part.labels and names_each_image(part.labels)]
    if request.labels or not found:
        return list(parts), []
    said = wording.arrays_in_words([array.name for array in found])
    warning = f"No labels were taken from {said}: no two of the texts there are alike."
    return [replace(p, labels=None) if p.labels in found else p for p in parts], [warning]


def _like_splits(found: NamedArrays, taken: Sequence[StoredArray], n: int) -> Iterator[str]:
    """Arrays that are called like splits, are no labels and have a value an image."""
    for array in found.arrays:
        is_column = array.shape[0] == n == math.prod(array.shape)
        if is_column and is_title_of_splits(array.name) and array not in taken:
            yield array.name


def _read_labels(
    parts: Sequence[Part],
    named: Sequence[StoredArray],
    taken: Sequence[StoredArray],
    found: NamedArrays,
) -> Labels:
    """The labels; where the arrays taken hold none, but others may, a person is asked."""
    try:
        return read_labels(parts, named, found.where)
    except DatasetError as error:
        columns = [array for array in found.arrays if possible_role(array) == LABELS]
        if found.request.labels or len(columns) <= len(taken):
            raise
        raise found.undecided(error.what, error.remedy) from error


def described(
    kind: str,
    request: OpenRequest,
    images: Sequence[ImageRows],
    splits: dict[str, int],
    labels: Labels,
    warnings: Sequence[str],
) -> Generator[Progress, None, DatasetInfo]:
    """Measure the pixels and say what the dataset is; the sentence is only begun."""
    dtype, channels = _common(images, wording.places_in_words(request.paths))
    measured = yield from survey(images)
    shapes = {image.shape for image in images}
    shape = shapes.pop() if len(shapes) == 1 else None
    n = sum(len(image) for image in images)
    words = wording.images_in_words(n, shape, channels)
    if dtype.kind == "f":
        words += f" ({wording.floats_in_words(measured.low, measured.high)})"
    words += wording.splits_in_words(splits)
    labelled = int((labels.codes != UNLABELLED).sum())
    return DatasetInfo(
        kind=kind,
        name=_name(request.paths),
        n=n,
        splits=splits,
        class_names=labels.class_names,
        image_shape=shape,
        dtype=str(dtype),
        value_range=(measured.low, measured.high),
        labelled=labelled,
        unlabelled=n - labelled,
        unreadable=measured.unreadable,
        sentence=words,
        warnings=(*warnings, *labels.warnings, *measured.warnings),
        fingerprint=fingerprint(request.paths),
        request=request.to_message(),
        not_of_dataset=labels.not_of_dataset,
    )


class ArraySource(Source):
    """Samples are the rows of one image array after another, each array in one of the files."""

    def __init__(
        self,
        info: DatasetInfo,
        given: LabelVector,
        images: Sequence[ImageRows],
        files: Sequence[str],
        resources: ExitStack,
    ) -> None:
        self.info, self.given = info, given
        self._images, self._files, self._resources = images, files, resources
        self._ends = np.cumsum([len(image) for image in images])

    def read(self, sample_id: int) -> Pixels:
        part, row = self._locate(sample_id)
        image: Pixels = self._images[part].rows(row, row + 1)[0]
        if image.dtype.kind == "f" and not np.isfinite(image).all():
            raise DatasetError("holds NaN or infinite pixels", self.path(sample_id))
        return image

    def stack(self, sample_ids: SampleIds) -> NDArray[Any] | None:
        if self.info.image_shape is None or not len(sample_ids):
            return None
        ids = sample_ids[: max(1, _STACK_BYTES // self._images[0].image_bytes)]
        order = np.argsort(ids, kind="stable")
        ordered = ids[order]
        part_of = np.searchsorted(self._ends, ordered, side="right")
        breaks = 1 + np.flatnonzero((np.diff(ordered) != 1) | (np.diff(part_of) != 0))
        stack = np.empty((len(ids), *self.info.image_shape), self._images[0].dtype)
        for positions in np.split(order, breaks):
            part, row = self._locate(int(ids[positions[0]]))
            stack[positions] = self._images[part].rows(row, row + len(positions))
        if stack.dtype.kind == "f" and not np.isfinite(stack).all():
            return None
        return stack

    def path(self, sample_id: int) -> str:
        part, row = self._locate(sample_id)
        file = self._files[part]
        before = sum(len(images) for images, other in self._before(part) if other == file)
        return f"{file}[{before + row}]"

    def close(self) -> None:
        self._resources.close()

    def _before(self, part: int) -> Iterator[tuple[ImageRows, str]]:
        return zip(self._images[:part], self._files[:part], strict=True)

    def _locate(self, sample_id: int) -> tuple[int, int]:
        part = int(np.searchsorted(self._ends, sample_id, side="right"))
        return part, sample_id - int(self._ends[part] - len(self._images[part]))


def _name(paths: Sequence[str]) -> str:
    """A file without its suffix; several files are called by their folder."""
    first = paths[0].rstrip(os.sep)
    if len(paths) > 1:
        return displayed(os.path.basename(os.path.dirname(first)) or first)
    stem = os.path.basename(first) if os.path.isdir(first) else os.path.splitext(first)[0]
    return displayed(os.path.basename(stem))


def _common(images: Sequence[ImageRows], where: str) -> tuple[np.dtype[Any], int]:
    """The one dtype and number of channels of all splits."""
    kinds = list(dict.fromkeys((image.dtype, image.channels) for image in images))
    if len(kinds) > 1:
        listed = " and ".join(f"{channels} channels of {dtype}" for dtype, channels in kinds)
        raise DatasetError(
            f"its splits hold different kinds of images: {listed}",
            where,
            "Convert them to one kind, or open one split with --images KEY.",
        )
    return kinds[0]


def _sentence(
    info: DatasetInfo, parts: Sequence[Part], views: Sequence[View], labels: Labels
) -> str:
    words = f"{info.sentence} from {wording.arrays_in_words([part.images.name for part in parts])}"
    first, view = parts[0].images, views[0]
    if first.shape != view.shape:
        row = "x".join(f"{side:,}" for side in first.shape[1:])
        words += f" (rows of {row} numbers read as {view.in_words})"
    label_names = [part.labels.name for part in parts if part.labels]
    if not label_names:
        return f"{words}, no labels."
    classes = wording.classes_in_words(len(labels.class_names))
    return f"{words}, {classes} from {wording.arrays_in_words(label_names)}."


def _named(parts: Sequence[Part], views: Sequence[View]) -> tuple[dict[str, str], ...]:
    """Which arrays each split was read from; of a split in pieces the first."""
    named: dict[str, dict[str, str]] = {}
    for part, view in zip(parts, views, strict=True):
        labels = part.labels.name if part.labels else ""
        arrays = {"images": part.images.name, "labels": labels, "layout": view.layout}
        named.setdefault(part.split, {"split": part.split, **arrays})
    return tuple(named.values())


def _distinct(arrays: Sequence[StoredArray]) -> list[StoredArray]:
    return list({id(array): array for array in arrays}.values())
