"""What a run works on: images, labels, and which of them it may learn from."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from models.review.copies import beside, copy_groups
from models.training.images import TrainingImages
from models.training.roles import Role
from models.types import UNLABELLED, LabelVector, Mask, SampleIds

_STEM_IMAGES = 2_000
_WATCHED = 2  # images an epoch, for each that is trained on: three splits of one size


def learnable(labels: LabelVector, not_of_dataset: int) -> LabelVector:
    """Labels without those that say of an image that it is of no class."""
    without: LabelVector = np.where(labels == not_of_dataset, UNLABELLED, labels).astype(np.int32)
    return without


@dataclass(frozen=True)
class Material:
    """The whole dataset as a run sees it. Ids are sample ids; every array counts all n."""

    images: TrainingImages
    labels: LabelVector  # (n,)
    included: Mask  # (n,) False for excluded samples
    roles: NDArray[np.uint8]  # (n,) of Role
    splits: tuple[str, ...]
    split_codes: NDArray[np.uint8]  # (n,)
    class_names: tuple[str, ...]
    not_of_dataset: int = -1  # the class of images that belong to none
    decided: SampleIds = field(default_factory=lambda: np.empty(0, np.int64))  # by somebody

    @property
    def n(self) -> int:
        return len(self.labels)

    @property
    def pixels_an_image(self) -> int:
        height, width, _ = self.images.shape
        return height * width

    @cached_property
    def trained(self) -> SampleIds:
        return np.flatnonzero(self.roles == Role.TRAINED)

    @cached_property
    def held_out(self) -> SampleIds:
        return np.flatnonzero(self.roles == Role.HELD_OUT)

    @cached_property
    def readable(self) -> SampleIds:
        return np.flatnonzero(self.roles != Role.UNREADABLE)

    @cached_property
    def watched(self) -> SampleIds:
        """What is looked at after every epoch: all that is not trained on, unless it is much
        more than is trained on; then the held-out images alone."""
        others = np.flatnonzero((self.roles != Role.UNREADABLE) & (self.roles != Role.TRAINED))
        affordable = max(_WATCHED * len(self.trained), 1_000)
        return others if len(others) <= affordable else self.held_out

    @cached_property
    def learnable_labels(self) -> LabelVector:
        """(n,) labels a net can learn or be judged by: none for images of no class."""
        return learnable(self.labels, self.not_of_dataset)

    @cached_property
    def labelled(self) -> Mask:
        """(n,) part of the dataset, with pixels and a label."""
        labelled: Mask = (
            self.included & self.images.readable & (self.learnable_labels != UNLABELLED)
        )
        return labelled

    @cached_property
    def copy_group(self) -> LabelVector:
        """(n,) the first image with the same pixels; -1 where no other has them."""
        return copy_groups(self.images.hashes, self.images.readable)

    @cached_property
    def met(self) -> Mask:
        """(n,) the net was trained on these images, in this run or in that of its first weights."""
        met: Mask = (self.roles == Role.TRAINED) | (self.roles == Role.MET)
        return met

    @cached_property
    def unseen(self) -> Mask:
        """(n,) the net never met these pixels: neither the image nor a copy was trained on."""
        unseen: Mask = (self.roles != Role.UNREADABLE) & ~self.met
        unseen &= ~beside(self.copy_group, self.met)
        return unseen

    def sample_for_stem(self, seed: int) -> SampleIds:
        """Some images to whiten by: training images, or any if there are none."""
        pool = self.trained if len(self.trained) else self.readable
        return np.random.default_rng(seed).permutation(pool)[:_STEM_IMAGES]

    def without_training(self, *, met: bool) -> Material:
        """The same dataset with nothing to train on: all of it held out, or `met` by the net."""
        role = Role.MET if met else Role.HELD_OUT
        roles = np.where(self.roles == Role.TRAINED, role, self.roles).astype(np.uint8)
        return replace(self, roles=roles)

    @cached_property
    def class_sizes(self) -> NDArray[np.int64]:
        """(k,) images of each class that are trained on."""
        return np.bincount(self.labels[self.trained], minlength=len(self.class_names))

    def classes_trained(self) -> int:
        """How many classes the training images have."""
        return len(np.unique(self.labels[self.trained]))
