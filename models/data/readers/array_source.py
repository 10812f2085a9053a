"""A dataset made of image arrays and label arrays, whatever file they lie in."""

from __future__ import annotations

import os
from collections.abc import Generator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.data.fingerprint import fingerprint
from models.data.names import displayed
from models.data.readers import wording
from models.data.readers.detect import Part, find_class_names, find_parts
from models.data.readers.image_array import ImageArray, ImageRows, survey
from models.data.readers.labels import Labels, label_column, to_codes
from models.data.readers.source import Opening, Source, StoredArray, Unusable
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
    kind: str,
    request: OpenRequest,
    arrays: Sequence[StoredArray],
    unusable: Sequence[Unusable],
    resources: ExitStack,
) -> Opening:
    """Detect images and labels among named arrays and make a Source of them."""
    where = " and ".join(displayed(path) for path in request.paths)
    parts = find_parts(arrays, unusable, request, where)
    names_array = find_class_names(arrays, parts)
    for array in _distinct([a for p in parts for a in (p.images, p.labels)] + [names_array]):
        yield from array.preparing()
    images = [ImageArray(part.images, part.layout, where) for part in parts]
    yield Progress(0, 1, "reading labels")
    labels = read_labels(parts, names_array, where)
    warnings = [f"Array “{u.name}” {u.why}; it was left out." for u in unusable]
    splits = {part.split: part.images.shape[0] for part in parts}
    info = yield from described(kind, request, images, splits, labels, warnings)
    info = replace(info, sentence=_sentence(info.sentence, parts, labels))
    yield ArraySource(info, labels.codes, images, resources.pop_all())


def described(
    kind: str,
    request: OpenRequest,
    images: Sequence[ImageRows],
    splits: dict[str, int],
    labels: Labels,
    warnings: Sequence[str],
) -> Generator[Progress, None, DatasetInfo]:
    """Measure the pixels and say what the dataset is; the sentence is only begun."""
    dtype, channels = _common(images, " and ".join(map(displayed, request.paths)))
    measured = yield from survey(images)
    shapes = {image.shape for image in images}
    shape = shapes.pop() if len(shapes) == 1 else None
    n = sum(len(image) for image in images)
    words = wording.images_in_words(n, shape, channels) + wording.splits_in_words(splits)
    labelled = int((labels.codes != UNLABELLED).sum())
    return DatasetInfo(
        kind=kind,
        name=displayed(os.path.splitext(os.path.basename(request.paths[0]))[0]),
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
    )


class ArraySource(Source):
    """Samples are the rows of one image array after another."""

    def __init__(
        self,
        info: DatasetInfo,
        given: LabelVector,
        images: Sequence[ImageRows],
        resources: ExitStack,
    ) -> None:
        self.info, self.given = info, given
        self._images, self._resources = images, resources
        self._ends = np.cumsum([len(image) for image in images])
        self._file = displayed(os.path.basename(info.request["paths"][0]))

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
        return f"{self._file}[{sample_id}]"

    def close(self) -> None:
        self._resources.close()

    def _locate(self, sample_id: int) -> tuple[int, int]:
        part = int(np.searchsorted(self._ends, sample_id, side="right"))
        return part, sample_id - int(self._ends[part] - len(self._images[part]))


def read_labels(parts: Sequence[Part], names_array: StoredArray | None, where: str) -> Labels:
    """Labels of all splits, in one list of classes."""
    columns = [label_column(part.labels, where) for part in parts if part.labels]
    names: list[str] = []
    if names_array is not None:
        names = [
            name.decode("utf-8", "backslashreplace") if isinstance(name, bytes) else str(name)
            for name in names_array.rows(0, names_array.shape[0])
        ]
    n = sum(part.images.shape[0] for part in parts)
    if not columns:
        return Labels(np.full(n, UNLABELLED, np.int32), tuple(names))
    if len({column.dtype.kind in "US" for column in columns}) > 1:
        raise DatasetError("has text labels in one split and numbers in another", where)
    title = next(part.labels.name for part in parts if part.labels)
    understood = to_codes(np.concatenate(columns), names, title, where)
    if all(part.labels for part in parts):
        return understood
    codes, taken = np.full(n, UNLABELLED, np.int32), 0
    start = 0
    for part in parts:
        size = part.images.shape[0]
        if part.labels:
            codes[start : start + size] = understood.codes[taken : taken + size]
            taken += size
        start += size
    return Labels(codes, understood.class_names, understood.warnings)


def _common(images: Sequence[ImageRows], where: str) -> tuple[np.dtype[Any], int]:
    """The one dtype and number of channels of all splits."""
    kinds = {(image.dtype, image.channels) for image in images}
    if len(kinds) > 1:
        listed = " and ".join(f"{channels} channels of {dtype}" for dtype, channels in kinds)
        raise DatasetError(
            f"its splits hold different kinds of images: {listed}",
            where,
            "Convert them to one kind, or open one split with --images KEY.",
        )
    return kinds.pop()


def _sentence(words: str, parts: Sequence[Part], labels: Labels) -> str:
    image_arrays = wording.arrays_in_words([part.images.name for part in parts])
    label_names = [part.labels.name for part in parts if part.labels]
    if not label_names:
        return f"{words} from {image_arrays}, no labels."
    classes = wording.classes_in_words(len(labels.class_names))
    label_arrays = wording.arrays_in_words(label_names)
    return f"{words} from {image_arrays}, {classes} from {label_arrays}."


def _distinct(arrays: Sequence[StoredArray | None]) -> list[StoredArray]:
    return list({id(array): array for array in arrays if array is not None}.values())
