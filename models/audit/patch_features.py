"""Images as numbers that a linear classifier tells classes by: answers to random patches."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from models.audit.looks import Stack

Features = NDArray[np.float32]  # (m, f)

_FILTERS = 128
_LARGEST_PX, _SMALLEST_PX = 6, 3  # side of a patch
_SIDES = 2.5  # of the shorter side of an image, how many patches make it at least
_LEARNT_FROM = 20_000  # patches
_CONTRAST = 10.0  # of a byte: flatter patches say little
_WHITENING = 0.1  # of the mean variance, added to each
_THRESHOLD = 0.25  # below, an answer counts as none
_CELLS = 2  # a side, over which answers are averaged
_POSITIONS = 400  # in an image, above which every other one is enough


class PatchFeatures:
    """Random whitened patches as filters: how strongly each is met, and its opposite, in each
    quarter of an image. From a few hundred images a linear classifier learns from these about as
    much as a small net does.

    References
    ----------
    Coates and Ng (2012), "Learning Feature Representations with K-means", for the whitening and
    the threshold; random patches in place of means cost little there.
    """

    def __init__(self, images: Stack, seed: int = 0) -> None:
        """Take patches from these images (m, h, w, c), values 0 to 255."""
        shorter = min(images.shape[1:3])
        self._side = min(shorter, _LARGEST_PX, max(_SMALLEST_PX, int(shorter / _SIDES)))
        rng = np.random.default_rng(seed)
        patches = self._patches(images)
        at = (rng.integers(0, size, _LEARNT_FROM) for size in patches.shape[:3])
        known = _normalised(patches[tuple(at)].reshape(_LEARNT_FROM, -1))
        self._mean = known.mean(axis=0)
        variances, axes = np.linalg.eigh(np.atleast_2d(np.cov(known.T)))
        variances = np.maximum(variances, 0)
        scale = np.sqrt(variances + _WHITENING * variances.mean() + 1e-6)
        whitened = (axes / scale) @ axes.T
        chosen = rng.choice(_LEARNT_FROM, _FILTERS, replace=False)
        filters = (known[chosen] - self._mean) @ whitened
        filters /= np.linalg.norm(filters, axis=1, keepdims=True) + 1e-6
        self._filters: Features = (whitened @ filters.T).astype(np.float32)

    def of(self, images: Stack) -> Features:
        """(m, f) of some images; a hundred or so at once, for memory is that of all patches."""
        patches = self._patches(images)
        step = 1 if patches.shape[1] * patches.shape[2] <= _POSITIONS else 2
        patches = patches[:, ::step, ::step]
        m, down, across = patches.shape[:3]
        normal = _normalised(patches.reshape(m * down * across, -1)) - self._mean
        answers = (normal @ self._filters).reshape(m, down, across, -1)
        rows, columns = (np.array_split(np.arange(n), min(_CELLS, n)) for n in (down, across))
        found = [
            np.maximum(sign * answers[:, r[0] : r[-1] + 1, c[0] : c[-1] + 1] - _THRESHOLD, 0).mean(
                axis=(1, 2)
            )
            for sign in (1, -1)
            for r in rows
            for c in columns
        ]
        return np.concatenate(found, axis=1).astype(np.float32)

    def _patches(self, images: Stack) -> Stack:
        """(m, down, across, c, side, side), a view."""
        windows: Stack = sliding_window_view(images, (self._side, self._side), axis=(1, 2))
        return windows


def _normalised(patches: NDArray[np.float32]) -> Features:
    """Patches (m, p) of mean 0 and about the same contrast."""
    centred = patches - patches.mean(axis=1, keepdims=True)
    found: Features = centred / np.sqrt(centred.var(axis=1, keepdims=True) + _CONTRAST**2)
    return found
