"""What processing leaves in pixels, whatever they show: combs of values, JPEG blocks, grey."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.fft import dct

from models.types import Mask

Bytes = NDArray[np.uint8]  # (m, h, w, c)
Floats = NDArray[np.float64]

_LUMA = np.array([0.299, 0.587, 0.114])  # ITU-R BT.601, which JPEG compresses
_BLOCK_PX = 8  # of JPEG
_GONE = 1.5  # a frequency below that is what rounding to whole values leaves of none
_RARE_SHARE, _RARE = 2e-4, 10  # pixels of a value: too few to say that it stands out
_AT_ONCE = 1_024  # images


def as_bytes(pixels: NDArray[np.generic]) -> Bytes:
    """Pixels as an audit has them, in whole values of 0 to 255."""
    if pixels.dtype == np.uint8:
        return pixels  # type: ignore[return-value]
    made: Bytes = np.rint(np.clip(pixels.astype(np.float32), 0, 1) * 255).astype(np.uint8)
    return made


def value_counts(pixels: Bytes, groups: NDArray[np.int64], n_groups: int) -> NDArray[np.int64]:
    """How often each value is met in each group of images. (n_groups, 256)"""
    counts = np.zeros(n_groups * 256, np.int64)
    for start in range(0, len(pixels), _AT_ONCE):
        some = slice(start, start + _AT_ONCE)
        values = pixels[some].reshape(len(pixels[some]), -1)
        codes = groups[some, np.newaxis] * 256 + values
        counts += np.bincount(codes.reshape(-1), minlength=len(counts))
    return counts.reshape(n_groups, 256)


def teeth(shares: Floats, n: Floats) -> Floats:
    """How far each value stands out of its neighbours: 1 a spike among gaps, -1 a gap.

    Multiplying and rounding makes some values twice as frequent, or leaves some out.

    Parameters
    ----------
    shares : float64 (..., 256)
        Of pixels with each value.
    n : float64 (...)
        How many pixels these are shares of.

    Returns
    -------
    float64 (..., 252)
        Of the values 2 to 253.
    """
    around = [shares[..., :-4], shares[..., 1:-3], shares[..., 3:-1], shares[..., 4:]]
    usual = np.sort(np.stack(around), axis=0)[1:3].mean(axis=0)
    own = shares[..., 2:-2]
    rare = (_RARE_SHARE + _RARE / np.maximum(n, 1))[..., np.newaxis]
    stand_out: Floats = (own - usual) / (own + usual + rare)
    return stand_out


def has_blocks(height: int, width: int) -> bool:
    """Whether images of that size show if they were in blocks of JPEG."""
    return min(height, width) >= 3 * _BLOCK_PX // 2


def blockiness(pixels: Bytes) -> Floats:
    """How much more of the high frequencies is missing in blocks where JPEG has them than in
    blocks beside these. (m,) in [-1, 1]; about 0 where there was no JPEG."""
    found = np.zeros(len(pixels))
    for start in range(0, len(pixels), _AT_ONCE):
        some = pixels[start : start + _AT_ONCE].astype(np.float32)
        luma = some @ _LUMA.astype(np.float32) if some.shape[3] == 3 else some.mean(axis=3)
        half = _BLOCK_PX // 2
        found[start : start + _AT_ONCE] = _missing(luma) - _missing(luma[:, half:, half:])
    return found


def _missing(luma: NDArray[np.float32]) -> Floats:
    """The share of high frequencies that vanish, of the blocks that are not of one value. (m,)"""
    side = _BLOCK_PX
    m, down, across = len(luma), luma.shape[1] // side, luma.shape[2] // side
    whole = luma[:, : down * side, : across * side].reshape(m, down, side, across, side)
    blocks = whole.transpose(0, 1, 3, 2, 4).reshape(m, down * across, side * side)
    gone = (np.abs(blocks @ _high_frequencies()) < _GONE).mean(axis=2)
    telling = np.ptp(blocks, axis=2) > 0
    share: Floats = (gone * telling).sum(axis=1) / np.maximum(telling.sum(axis=1), 1)
    return share


def _high_frequencies() -> NDArray[np.float32]:
    """(64, f) what a block is multiplied by."""
    waves = dct(np.eye(_BLOCK_PX), axis=0, norm="ortho")
    both = np.einsum("ia,jb->abij", waves, waves).reshape(_BLOCK_PX**2, _BLOCK_PX, _BLOCK_PX)
    high = np.add.outer(np.arange(_BLOCK_PX), np.arange(_BLOCK_PX)) >= _BLOCK_PX
    waves_of_block: NDArray[np.float32] = both[:, high].astype(np.float32)
    return waves_of_block


def is_grey(pixels: Bytes) -> Mask:
    """(m,) whether all channels of all pixels are the same."""
    grey: Mask = (pixels == pixels[..., :1]).all(axis=(1, 2, 3))
    return grey
