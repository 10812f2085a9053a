"""Sorts samples by a score, a million of them within a frame or two."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.types import SampleIds

_SIGN = np.uint32(1 << 31)  # of a float32
_LAST = np.uint32(0xFFFF_FFFF)
_HALF = np.uint64(32)


def by_value(sample_ids: SampleIds, values: NDArray[np.floating[Any]]) -> SampleIds:
    """Sort samples by their values, lowest first.

    A value of 32 bits and the id of its sample are one number of 64 bits, and plain numbers are
    sorted by vector instructions: measured, a million in 14 ms, by a stable argsort in 90.

    Parameters
    ----------
    sample_ids : int64 (m,)
        Ascending, below 2**32.
    values : float32 (m,)
        Of each; of another type they are sorted as well, but not as fast.

    Returns
    -------
    int64 (m,)
        The ids; of equal values the lower id first, NaN last.
    """
    if values.dtype != np.float32:
        return sample_ids[np.argsort(values, kind="stable")]
    keys = _ordered_bits(values).astype(np.uint64)
    keys <<= _HALF
    keys |= sample_ids.view(np.uint64)
    keys.sort()
    keys &= np.uint64(_LAST)  # the id
    return keys.view(np.int64)


def _ordered_bits(values: NDArray[np.float32]) -> NDArray[np.uint32]:
    """Whole numbers in the order of the values, the same one for every NaN. (m,)"""
    unknown = np.isnan(values)
    values = np.where(unknown, np.float32(0), values) + np.float32(0)  # -0 is 0
    # A larger magnitude is a larger number, but of a negative value it is a lower one.
    turned = (values.view(np.int32) >> 31).view(np.uint32) | _SIGN
    bits: NDArray[np.uint32] = values.view(np.uint32) ^ turned
    bits[unknown] = _LAST
    return bits
