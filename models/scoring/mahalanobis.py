"""Relative Mahalanobis distance: images that fit no class, whatever all images have in common."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.types import LabelVector, Scores

_SMALLEST_SPREAD = 1e-6  # of the largest; directions with less are constants


class RelativeMahalanobis:
    """Distance to the nearest class, less the distance to all images together.

    The classes share one covariance, drawn towards a sphere as far as its images are few
    (Ledoit-Wolf). A class of n images has a mean that is uncertain by 1/n of the covariance;
    distances allow for it, and an image is measured from the mean its class has without it. So
    classes of one or a few images need no exception.

    Parameters
    ----------
    reference : float32 (r, d)
        Embeddings of labelled images, at least 2.
    labels : int32 (r,)
        Their classes, any codes from 0.

    Raises
    ------
    ValueError
        If shapes disagree, a value is NaN, a label is negative, or there are fewer than 2 images.

    References
    ----------
    Ren et al. (2021), "A Simple Fix to Mahalanobis Distance for Improving Near-OOD Detection",
    arXiv:2106.09022. Ledoit and Wolf (2004), "A well-conditioned estimator for large-dimensional
    covariance matrices".
    """

    def __init__(self, reference: NDArray[np.float32], labels: LabelVector) -> None:
        if reference.ndim != 2 or labels.shape != reference.shape[:1] or len(labels) < 2:
            raise ValueError(f"embeddings {reference.shape} and labels {labels.shape} disagree")
        if np.isnan(reference).any() or labels.min() < 0:
            raise ValueError("an embedding is NaN or a label is missing")
        x = reference.astype(np.float64)
        self._codes, places, counts = np.unique(labels, return_inverse=True, return_counts=True)
        self._counts = counts.astype(np.float64)
        by_class = np.argsort(places, kind="stable")
        sums = np.add.reduceat(x[by_class], counts.cumsum() - counts, axis=0)
        means = sums / self._counts[:, None]
        self._centre = x.mean(axis=0)
        self._by_class = _whitening(x - means[places])
        self._overall = _whitening(x - self._centre)
        self._means = (means - self._centre) @ self._by_class

    def score(self, embedding: NDArray[np.float32], fitted_as: LabelVector) -> Scores:
        """Score a block of images.

        Parameters
        ----------
        embedding : float32 (m, d)
        fitted_as : int32 (m,)
            The label under which the image is in the reference; -1 where it is not there.

        Returns
        -------
        float32 (m,)
            Difference of squared distances, of any sign; higher is stranger. With one class it
            is close to 0 for all.

        Raises
        ------
        ValueError
            If shapes disagree or a value is NaN.
        """
        if embedding.ndim != 2 or fitted_as.shape != embedding.shape[:1]:
            raise ValueError(f"embeddings {embedding.shape} and labels {fitted_as.shape} disagree")
        if np.isnan(embedding).any():
            raise ValueError("an embedding is NaN")
        x = embedding.astype(np.float64) - self._centre
        z = x @ self._by_class
        squared = (
            (z**2).sum(axis=1)[:, None] - 2 * z @ self._means.T + (self._means**2).sum(axis=1)
        ).clip(0)  # (m, classes)
        is_own = fitted_as[:, None] == self._codes
        n = self._counts
        with np.errstate(divide="ignore"):
            # Its own pull on the mean, (n / (n - 1))^2, and the mean's uncertainty, (n - 1) / n.
            own = np.where(n > 1, n / (n - 1), np.inf)
        with np.errstate(invalid="ignore"):  # 0 * inf: the only image of its class
            distance = squared * np.where(is_own, own, n / (n + 1))
        to_class = np.nan_to_num(distance, nan=np.inf, posinf=np.inf).min(axis=1)
        overall = ((x @ self._overall) ** 2).sum(axis=1)
        return np.where(np.isinf(to_class), 0.0, to_class - overall).astype(np.float32)


def _whitening(centred: NDArray[np.float64]) -> NDArray[np.float64]:
    """(d, axes) after which squared lengths are squared Mahalanobis distances."""
    spread, axes = np.linalg.eigh(_ledoit_wolf(centred))
    kept = spread > _SMALLEST_SPREAD * max(spread[-1], np.finfo(np.float64).tiny)
    whitening: NDArray[np.float64] = axes[:, kept] / np.sqrt(spread[kept])
    return whitening


def _ledoit_wolf(centred: NDArray[np.float64]) -> NDArray[np.float64]:
    """Covariance (d, d) of rows around 0, drawn towards a sphere as far as it is uncertain.

    scikit-learn has the same, but takes every trainer more than a second to load.
    """
    n, d = centred.shape
    covariance = centred.T @ centred / n
    sphere = np.trace(covariance) / d * np.eye(d)
    squared = (covariance**2).sum()
    uncertain = (np.square((centred**2).sum(axis=1)).sum() / n - squared) / n
    distance = squared - (sphere**2).sum()
    drawn = min(uncertain / distance, 1.0) if distance > 0 else 1.0
    shrunk: NDArray[np.float64] = (1 - drawn) * covariance + drawn * sphere
    return shrunk
