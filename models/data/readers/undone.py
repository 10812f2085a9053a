"""A source as its project sees it: in the images of some splits something is undone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import starmap
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.data.readers.source import EarlierReview, Source
from models.data.readers.thumbnails import reduced
from models.data.undoing import (
    BYTES,
    Step,
    applied,
    checked,
    exchanges_sides,
    in_words,
    scale_of,
)
from models.errors import DatasetError
from models.review.shades import black_and_white
from models.types import Pixels, SampleIds


def with_undone(source: Source, undone: Mapping[str, Sequence[Step]]) -> Source:
    """A source with these steps undone, by the name of a split as the source has it.

    What is said of splits that are not there is passed over: it was about another source.
    """
    here = {name: tuple(undone[name]) for name in source.info.splits if undone.get(name)}
    try:
        steps = {name: tuple(map(checked, found)) for name, found in here.items()}
    except ValueError as error:
        raise DatasetError(
            f"its project asks for something that cannot be done to images ({error})",
            source.info.name,
            "Take back what is undone in its images.",
        ) from error
    return UndoneSource(source, steps) if steps else source


class UndoneSource(Source):
    """Another source, seen through the steps of its splits; the splits are those of the source.

    Images keep their type. `original` has nothing to give for an image that is not as it is stored.
    """

    def __init__(self, source: Source, undone: Mapping[str, tuple[Step, ...]]) -> None:
        self._source, info = source, source.info
        self._steps: list[tuple[Step, ...]] = [undone.get(name, ()) for name in info.splits]
        self._codes, self._scale = info.split_codes(), scale_of(info)
        shown = black_and_white(np.dtype(info.dtype), info.value_range)
        self._shown_as_stored = info.dtype == "uint8" and shown == BYTES
        shape = info.image_shape
        if shape and shape[0] != shape[1] and any(map(exchanges_sides, self._steps)):
            shape = None  # from now on sizes are mixed
        said: dict[str, Any] = {name: list(map(dict, steps)) for name, steps in undone.items()}
        request = {**info.request, "undone": said}
        sentence = " ".join((info.sentence, *starmap(_said, undone.items())))
        self.info = replace(
            info, image_shape=shape, sentence=sentence, request=request, undone=said
        )
        self.given, self.unreadable = source.given, source.unreadable

    def read(self, sample_id: int) -> Pixels:
        return applied(self._source.read(sample_id), self._of(sample_id), self._scale)

    def stack(self, sample_ids: SampleIds) -> NDArray[Any] | None:
        if self.info.image_shape is None:
            return None
        found = self._source.stack(sample_ids)
        if found is None:
            return None
        codes = self._codes[sample_ids[: len(found)]]
        made = np.array(found)
        for code in np.unique(codes).tolist():
            if self._steps[code]:
                of_split = codes == code
                made[of_split] = applied(found[of_split], self._steps[code], self._scale)
        return made

    def thumbnail(self, sample_id: int, size_px: int) -> Pixels:
        steps = self._of(sample_id)
        if not steps:
            return self._source.thumbnail(sample_id, size_px)
        if not self._shown_as_stored:  # made 8 bits first, most of what is undone may be lost
            return reduced(self.read(sample_id), size_px, self.info.value_range)
        return applied(self._source.thumbnail(sample_id, size_px), steps, BYTES)

    def path(self, sample_id: int) -> str:
        return self._source.path(sample_id)

    def original(self, sample_id: int) -> bytes | None:
        return None if self._of(sample_id) else self._source.original(sample_id)

    def n_encoded(self, sample_id: int) -> float:
        return self._source.n_encoded(sample_id)

    def earlier_review(self) -> EarlierReview | None:
        return self._source.earlier_review()

    def close(self) -> None:
        self._source.close()

    def _of(self, sample_id: int) -> tuple[Step, ...]:
        return self._steps[int(self._codes[sample_id])]


def _said(split: str, steps: Sequence[Step]) -> str:
    return f"As its project says, those of {split} are {', then '.join(map(in_words, steps))}."
