"""Images of a split beside what they would be with one more thing undone, to judge it by."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from models.data.undoing import applied, scale_of
from models.review.shades import to_screen
from models.types import DatasetInfo, Pixels, SampleIds

N_SHOWN = 6
_SEED = 0


def some_of(info: DatasetInfo, split: str) -> SampleIds:
    """Images of a split drawn at random, always the same ones, in order."""
    of_split: SampleIds = np.flatnonzero(info.split_codes() == list(info.splits).index(split))
    n = min(N_SHOWN, len(of_split))
    drawn: SampleIds = np.random.default_rng(_SEED).choice(of_split, n, replace=False)
    return np.sort(drawn)


def before_and_after(
    pixels: Pixels, undo: Mapping[str, Any], info: DatasetInfo
) -> tuple[Pixels, Pixels]:
    """An image (h, w, c) as it is seen now and with one more thing undone, in 8 bits.

    The pixels are those of the source's own dtype: of values made 8 bits before, most of what is
    undone may be lost.
    """
    undone = applied(pixels, [undo], scale_of(info))
    return to_screen(pixels, info.value_range), to_screen(undone, info.value_range)
