"""What an audit looks at: all images small, what was measured of each, labels, a model's view."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from models.data.facts import Facts
from models.review.copies import copy_groups
from models.training.images import TrainingImages
from models.types import UNLABELLED, DatasetInfo, LabelVector, Mask, Probs, SampleIds


@dataclass(frozen=True)
class Predictions:
    """What a run says of each image; rows of NaN where it did not look."""

    run: int
    probabilities: Probs  # (n, k)
    trained: Mask  # (n,) it learnt from these images
    averaged: Mask  # (n,) the mean over epochs, else by the last net alone, which knows less
    still_improving: bool  # it was not trained to its end


@dataclass(frozen=True)
class AuditMaterial:
    """A dataset as every check sees it; every array counts all n samples.

    `quick` asks checks for an answer in seconds, from fewer images where that is what costs.
    """

    info: DatasetInfo
    images: TrainingImages  # pixels (n, h, w, c) of one size, at most 64 px; readable; hashes
    facts: Facts  # of the images as they are in the source, in the order of sample ids
    paths: tuple[str, ...]
    labels: LabelVector  # as they stand now; UNLABELLED where there is none
    included: Mask  # False for what a person excluded: no check looks at it
    class_names: tuple[str, ...]
    predictions: Predictions | None = None
    quick: bool = False
    seed: int = 0
    unasked: str = ""  # why there are no predictions, where there is a run that has some
    split_codes: NDArray[np.uint8] = field(default_factory=lambda: np.empty(0, np.uint8))

    @property
    def n(self) -> int:
        return self.info.n

    @cached_property
    def splits(self) -> tuple[str, ...]:
        """In the order of their codes."""
        return tuple(self.info.splits)

    @cached_property
    def usable(self) -> Mask:
        """(n,) part of the dataset, with pixels."""
        usable: Mask = self.included & self.images.readable
        return usable

    @cached_property
    def labelled(self) -> Mask:
        """(n,) usable, with the label of a class."""
        of_class = (self.labels != UNLABELLED) & (self.labels != self.info.not_of_dataset)
        labelled: Mask = self.usable & of_class
        return labelled

    def ids_of(self, code: int, at_most: int | None = None) -> SampleIds:
        """The usable images of a split; if there are more than that, a random sample of them."""
        ids = np.flatnonzero(self.usable & (self.split_codes == code))
        if at_most is None or len(ids) <= at_most:
            return ids
        rng = np.random.default_rng((self.seed, code))
        return np.sort(rng.choice(ids, at_most, replace=False))

    def stack(self, ids: SampleIds) -> NDArray[np.float32]:
        """Pixels (m, h, w, c) of some images with values as bytes have them, 0 to 255."""
        pixels = self.images.pixels[ids]
        stack: NDArray[np.float32] = pixels.astype(np.float32)
        return stack if pixels.dtype == np.uint8 else stack * np.float32(255)

    @cached_property
    def copy_group(self) -> LabelVector:
        """(n,) the first usable image with the same pixels; -1 where no other has them."""
        return copy_groups(self.images.hashes, self.usable)
