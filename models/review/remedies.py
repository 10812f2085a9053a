"""What the remedies of an audit would do: which images they touch, and what becomes of those."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from models.review.decisions import Status
from models.types import UNLABELLED, LabelVector, SampleIds, StatusVector


@dataclass(frozen=True, eq=False)
class Step:
    """What one step would do to some images: leave them out, or give each another class."""

    sample_ids: SampleIds
    new_labels: LabelVector | None = None  # (m,); None: the images are left out

    def __len__(self) -> int:
        return len(self.sample_ids)


def leaving_out(sample_ids: SampleIds, status: StatusVector) -> Step:
    """Leave out those of some images that are not left out yet."""
    return Step(sample_ids[status[sample_ids] != Status.EXCLUDED])


def relabelling(sample_ids: SampleIds, before: LabelVector, after: LabelVector) -> Step:
    """Give some images other labels; those that keep theirs are no part of the step. (m,) each"""
    moved = before != after
    return Step(sample_ids[moved], after[moved])


def renamed(labels: LabelVector, becomes: Mapping[str, str], names: Sequence[str]) -> LabelVector:
    """Labels after their classes were exchanged.

    Parameters
    ----------
    labels : int32 (m,)
        UNLABELLED stays.
    becomes : mapping of str to str
        Class name before -> class name after; all of them at once, so that two can change places.
    names : sequence of str
        Class names by code.

    Returns
    -------
    int32 (m,)

    Raises
    ------
    ValueError
        If a class of `becomes` is not among `names`.
    """
    code_of = {name: code for code, name in enumerate(names)}
    gone = [name for name in (*becomes, *becomes.values()) if name not in code_of]
    if gone:
        raise ValueError(f"there is no class {gone[0]}")
    table = np.arange(len(names) + 1, dtype=np.int32)
    table[UNLABELLED] = UNLABELLED  # the last entry, which is where -1 looks
    for old, new in becomes.items():
        table[code_of[old]] = code_of[new]
    after: LabelVector = table[labels]
    return after
