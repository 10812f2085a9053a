"""Groups of copies: images with the same pixels, and those of them that carry different labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.review.decisions import Status
from models.types import UNLABELLED, LabelVector, Mask, SampleIds, Scores, StatusVector

NO_COPY = -1
_WHOLE_FLOAT32 = 1 << 24


def copy_groups(hashes: NDArray[np.uint8], known: Mask) -> LabelVector:
    """Group images by their pixels.

    Parameters
    ----------
    hashes : uint8 (n, 16)
        Of the decoded pixels.
    known : bool (n,)
        Which images have a hash.

    Returns
    -------
    int32 (n,)
        The first image with the same pixels, which is the name of the group; NO_COPY where no
        other image has them.
    """
    ids = np.flatnonzero(known)
    low, high = np.ascontiguousarray(hashes[ids]).view("<u8").reshape(-1, 2).T
    order = np.lexsort((low, high))  # stable: of equals, the first image comes first
    low, high = low[order], high[order]
    starts = np.ones(len(ids), np.bool_)
    starts[1:] = (low[1:] != low[:-1]) | (high[1:] != high[:-1])
    at = starts.cumsum() - 1  # group of each, in this order
    sizes = np.bincount(at)
    groups: LabelVector = np.full(len(known), NO_COPY, np.int32)
    groups[ids[order]] = np.where(sizes[at] > 1, ids[order][starts][at], NO_COPY)
    return groups


def named_groups(groups: Sequence[SampleIds], n: int) -> LabelVector:
    """Name groups of images as `copy_groups` does; those that share an image are one group.

    Parameters
    ----------
    groups : sequence of int64 (m,)
        None empty.
    n : int
        How many images there are.

    Returns
    -------
    int32 (n,)
    """
    if not groups:
        return np.full(n, NO_COPY, np.int32)
    first = np.repeat([ids[0] for ids in groups], [len(ids) for ids in groups])
    return _united(n, first, np.concatenate(groups))


def joined(copy_group: LabelVector, other: LabelVector) -> LabelVector:
    """Images that belong together for one reason or another; chains of both are one group. (n,)"""
    if (other == NO_COPY).all():
        return copy_group
    members = [np.flatnonzero(groups != NO_COPY) for groups in (copy_group, other)]
    first = np.concatenate([copy_group[members[0]], other[members[1]]])
    return _united(len(other), first, np.concatenate(members))


def _united(n: int, a: SampleIds, b: SampleIds) -> LabelVector:
    """(n,) the first image of those that pairs connect; NO_COPY for images in none.

    Each name is the smallest known of its group; both ends of a pair take the smaller one until
    nothing changes. Jumping to the name of one's name makes that few rounds, even of long chains.
    """
    name = np.arange(n)
    while (name[a] != name[b]).any():
        lower = np.minimum(name[a], name[b])
        for ends in (name[a], name[b], a, b):
            np.minimum.at(name, ends, lower)
        name = name[name]
    sizes = np.bincount(name, minlength=n)
    united: LabelVector = np.where(sizes[name] > 1, name, NO_COPY).astype(np.int32)
    return united


def beside(copy_group: LabelVector, which: Mask) -> Mask:
    """Images of which a copy is among `which`; they themselves too if they have any. (n,)"""
    has_copy = copy_group != NO_COPY
    found: Mask = has_copy & np.isin(copy_group, copy_group[which & has_copy])
    return found


@dataclass(frozen=True)
class _Rivals:
    """Of each group of copies its first image, and the first that is labelled otherwise."""

    groups: NDArray[np.int32]  # (g,) ascending
    first: SampleIds  # (g,)
    other: SampleIds  # (g,) -1 where all labels agree

    @classmethod
    def among(cls, ids: SampleIds, copy_group: LabelVector, labels: LabelVector) -> _Rivals:
        order = np.argsort(copy_group[ids], kind="stable")
        ids = ids[order]
        groups, starts, at = np.unique(copy_group[ids], return_index=True, return_inverse=True)
        if not len(ids):
            return cls(groups, ids, ids)
        of_image = labels[ids]
        none = len(copy_group)
        differing = np.where(of_image != of_image[starts][at], ids, none)
        other = np.minimum.reduceat(differing, starts)
        return cls(groups, ids[starts], np.where(other == none, -1, other))


def conflicting(copy_group: LabelVector, labels: LabelVector, status: StatusVector) -> SampleIds:
    """Images of which a copy carries another label, ascending.

    Images without a label contradict nothing, and excluded ones no longer do.
    """
    ids = _counted(copy_group != NO_COPY, labels, status)
    rivals = _Rivals.among(ids, copy_group, labels)
    found: SampleIds = ids[np.isin(copy_group[ids], rivals.groups[rivals.other >= 0])]
    return found


def rival_copies(
    sample_ids: SampleIds, copy_group: LabelVector, labels: LabelVector, status: StatusVector
) -> SampleIds:
    """For each sample a copy of it that is labelled otherwise, the first there is; -1 if none.

    An image without a label has one if any of its copies is labelled; an excluded one has none.
    """
    found = np.full(len(sample_ids), -1, np.int64)
    asking = np.flatnonzero(
        (copy_group[sample_ids] != NO_COPY) & (status[sample_ids] != Status.EXCLUDED)
    )
    if not len(asking):
        return found
    groups, own = copy_group[sample_ids[asking]], labels[sample_ids[asking]]
    ids = _counted(np.isin(copy_group, groups), labels, status)
    rivals = _Rivals.among(ids, copy_group, labels)
    if len(rivals.groups):
        at = np.searchsorted(rivals.groups, groups).clip(max=len(rivals.groups) - 1)
        rival = np.where(labels[rivals.first[at]] == own, rivals.other[at], rivals.first[at])
        found[asking] = np.where(rivals.groups[at] == groups, rival, -1)
    return found


def conflicts_first(
    suspicion: Scores, copy_group: LabelVector, labels: LabelVector, status: StatusVector
) -> NDArray[np.floating]:
    """Keys to sort by, (n,): the suspicion, and above it every copy that contradicts another.

    Copies of one image stand together, those of the most suspect image first; scored or not.
    """
    ids = conflicting(copy_group, labels, status)
    if not len(ids):
        return suspicion
    own = np.nan_to_num(suspicion[ids].astype(np.float64), nan=-1.0)
    groups, at = np.unique(copy_group[ids], return_inverse=True)
    strongest = np.full(len(groups), -1.0)
    np.maximum.at(strongest, at, own)
    order = np.lexsort((-own, at, -strongest[at]))
    # A float32 tells whole numbers up to 2**24 apart, and is sorted faster.
    fits = len(ids) < _WHOLE_FLOAT32
    keys: NDArray[np.floating] = suspicion.astype(np.float32 if fits else np.float64)
    keys[ids[order]] = 1 + np.arange(len(ids), 0, -1)  # no suspicion is above 1
    return keys


def _counted(which: Mask, labels: LabelVector, status: StatusVector) -> SampleIds:
    """Those of some images that can contradict a copy, ascending."""
    ids = np.flatnonzero(which)
    counted: SampleIds = ids[(labels[ids] != UNLABELLED) & (status[ids] != Status.EXCLUDED)]
    return counted
