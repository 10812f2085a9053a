"""Which images a run trains on, which it holds out, and which it only scores."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from models.review.copies import NO_COPY, beside, copy_groups, joined
from models.review.learnt_splits import to_train_on, training_splits
from models.types import UNLABELLED, LabelVector, Mask, SampleIds

HELD_OUT_SHARE = 0.1
_ENOUGH, _ENOUGH_A_CLASS = 2_000, 50  # held-out images: more would only be missing in training
_VALIDATION = re.compile(r"(^|[^a-z])(val|valid|validation|dev)([^a-z]|$)")


class Role(IntEnum):
    """What a run does with an image, as stored in roles.npy."""

    UNREADABLE = 0
    SCORED = 1
    HELD_OUT = 2
    TRAINED = 3
    MET = 4  # only scored now, but the weights that the run began with were trained on it


def assign_roles(
    splits: Sequence[str],
    split_codes: NDArray[np.uint8],
    labels: LabelVector,
    usable: Mask,
    readable: Mask,
    hashes: NDArray[np.uint8],
    seed: int,
    audited: SampleIds,
    before: NDArray[np.uint8] | None = None,
    related: LabelVector | None = None,
) -> NDArray[np.uint8]:
    """The Role of every image.

    Parameters
    ----------
    splits : names
        A split called train or labelled trains and the others are only scored; one called
        validation is held out. Without a train split everything counts as one.
    split_codes : uint8 (n,)
        Position of each image's split in `splits`.
    labels : int32 (n,)
        UNLABELLED where there is none.
    usable, readable : bool (n,)
        Whether an image is part of the dataset, and whether it has pixels.
    hashes : uint8 (n, 16)
        Copies are on the same side: a share of every class is held out, whole groups of copies
        together; an image of a validation split that has a copy to train on is only scored.
    audited : int64 (m,)
        Random images judged without a suggestion: held out, with their copies, beside the share
        that is chosen here.
    before : uint8 (n,), optional
        Roles in the run whose weights this one begins with. What was held out stays so, for these
        weights know all others.
    related : int32 (n,), optional
        Groups of images that count as copies of each other though their pixels differ, as
        `copy_groups` names them.

    Returns
    -------
    uint8 (n,)
    """
    train = training_splits(splits)
    validation = [i for i, name in enumerate(splits) if _VALIDATION.search(name.lower())]
    in_train = to_train_on(splits, split_codes)
    trainable = usable & readable & (labels != UNLABELLED)
    roles = np.where(readable, Role.SCORED, Role.UNREADABLE).astype(np.uint8)
    if train and validation:
        roles[trainable & np.isin(split_codes, validation)] = Role.HELD_OUT
    roles[trainable & in_train] = Role.TRAINED
    groups = copy_groups(hashes, readable)
    if related is not None:
        groups = joined(groups, np.where(readable, related, NO_COPY).astype(np.int32))
    copied = beside(groups, roles == Role.TRAINED)
    roles[copied & (roles == Role.HELD_OUT)] = Role.SCORED
    if not (roles == Role.HELD_OUT).any() and before is not None:
        kept = before == Role.HELD_OUT
        roles[(kept | beside(groups, kept)) & (roles == Role.TRAINED)] = Role.HELD_OUT
    elif not (roles == Role.HELD_OUT).any():
        candidates = np.flatnonzero(roles == Role.TRAINED)
        first = np.where(groups == NO_COPY, np.arange(len(groups)), groups)[candidates]
        held_out = _stratified(labels[candidates], hashes[first], seed)
        roles[candidates[held_out]] = Role.HELD_OUT
    is_audit = np.zeros(len(labels), bool)
    is_audit[audited] = True
    is_audit |= beside(groups, is_audit)
    roles[is_audit & (roles == Role.TRAINED)] = Role.HELD_OUT
    if before is not None:
        met = np.isin(before, (Role.TRAINED, Role.MET))
        met |= beside(groups, met)
        roles[met & np.isin(roles, (Role.SCORED, Role.HELD_OUT))] = Role.MET
    return roles


def _stratified(labels: LabelVector, hashes: NDArray[np.uint8], seed: int) -> Mask:
    """Every tenth group of copies, in an order that goes through the classes one by one; never
    the only one of its class, nor one that is more than a tenth of all by itself. Each image has
    the hash of the first of its group.

    Fewer of many images: those held out are not quite on the scale of the others. Measured on
    CIFAR-10N with a tenth: average precision .803 among the images trained on, .763 among those
    held out, .791 together.
    """
    if not len(labels):
        return np.zeros(0, bool)
    names = np.ascontiguousarray(hashes).view("V16")[:, 0]
    _, first, group, sizes = np.unique(
        names, return_index=True, return_inverse=True, return_counts=True
    )
    rng = np.random.default_rng(seed)
    order = np.lexsort((rng.random(len(first)), labels[first]))
    order = order[np.bincount(labels[first])[labels[first][order]] > 1]
    enough = max(_ENOUGH, _ENOUGH_A_CLASS * len(np.unique(labels)))
    step = max(round(1 / HELD_OUT_SHARE), len(first) // enough)
    small = sizes[order] <= max(1, HELD_OUT_SHARE * len(labels))
    order = order[small] if small.any() else order
    chosen = np.zeros(len(first), bool)
    chosen[order[step // 2 :: step]] = True
    held_out: Mask = chosen[group]
    return held_out
