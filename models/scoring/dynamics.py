"""Training dynamics: what an image did from epoch to epoch says whether its label is wrong."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.types import LabelVector, Mask, Scores

_SMALLEST = 1e-6  # probabilities nearer to 0 or 1 are noise of the net


@dataclass(frozen=True)
class DynamicsScores:
    """What `TrainingDynamics.scores` returns, float32 (n,) each; NaN for images never looked at.

    Attributes
    ----------
    area_under_margin
        Mean over the epochs of log((1 - p) / p), p the probability of the label; in [-13.8,
        13.8], 0 is a tie of the label with all other classes together, higher is more suspect.
        The margin of Pleiss et al. compares the label's logit with the largest other one. Only
        p is stored of each epoch, so this compares with the log of the summed exponents of the
        others, which is the largest plus at most log(k - 1). Turned round: theirs is low for
        suspects.
    forgetting
        How often a label that was predicted in one epoch was not in the next one; whole numbers
        from 0. Labels that were never predicted have as many as there were epochs, more than any
        other label can have. Higher is more suspect.
    first_learnt
        The first epoch, counted from 1, in which the label was predicted; one more than there
        were epochs if it never was. Higher is more suspect.
    variance
        Of p over the epochs; in [0, 0.25], higher is more ambiguous.

    References
    ----------
    Pleiss, Zhang, Elenberg and Weinberger (2020), "Identifying Mislabeled Data using the Area
    Under the Margin Ranking", NeurIPS.
    Toneva et al. (2019), "An Empirical Study of Example Forgetting during Deep Neural Network
    Learning", ICLR.
    Swayamdipta et al. (2020), "Dataset Cartography", EMNLP, for the variance.
    """

    area_under_margin: Scores
    forgetting: Scores
    first_learnt: Scores
    variance: Scores


class TrainingDynamics:
    """Sums over the epochs of a run; memory is linear in the number of images.

    Parameters
    ----------
    labels : int32 (n,)
        The labels that were trained on; -1 where there is none.
    """

    def __init__(self, labels: LabelVector) -> None:
        n = len(labels)
        self._labels = labels
        self._epochs = 0
        self._seen = np.zeros(n, np.int32)
        self._margins = np.zeros(n)
        self._mean = np.zeros(n)
        self._squares = np.zeros(n)  # of the distances to the mean (Welford)
        self._forgotten = np.zeros(n, np.int32)
        self._first = np.zeros(n, np.int32)  # epoch, 0: not yet
        self._was_right = np.zeros(n, np.bool_)  # when it was last looked at
        self._began_right = np.zeros(n, np.bool_)  # when it was first looked at

    def add(self, probability: NDArray[np.float32], prediction: LabelVector) -> None:
        """Take the next epoch, as `models.data.runs` stores it.

        Parameters
        ----------
        probability : float32 (n,)
            Of the label; NaN where the image was not looked at or has no label.
        prediction : int32 (n,)
            The most likely class.

        Raises
        ------
        ValueError
            If shapes disagree or a probability is outside [0, 1].
        """
        if probability.shape != self._labels.shape or prediction.shape != self._labels.shape:
            raise ValueError(f"an epoch of {probability.shape} for {self._labels.shape} labels")
        self._epochs += 1
        seen: Mask = ~np.isnan(probability) & (self._labels >= 0)
        p = np.where(seen, probability, 0.5).astype(np.float64)
        if p.min(initial=0.0) < 0 or p.max(initial=0.0) > 1 + 1e-4:
            raise ValueError("a probability is outside [0, 1]")
        right = seen & (prediction == self._labels)
        self._began_right |= right & (self._seen == 0)
        self._forgotten += seen & self._was_right & ~right
        self._first[right & (self._first == 0)] = self._epochs
        self._was_right[seen] = right[seen]
        self._seen += seen
        clipped = np.clip(p, _SMALLEST, 1 - _SMALLEST)
        self._margins += np.where(seen, np.log1p(-clipped) - np.log(clipped), 0.0)
        step = np.where(seen, p - self._mean, 0.0)
        self._mean += step / np.maximum(self._seen, 1)
        self._squares += np.where(seen, step * (p - self._mean), 0.0)

    def extend(self, later: TrainingDynamics) -> None:
        """Append the epochs that `later` has summed of the same images.

        Raises ValueError if the labels differ.
        """
        if not np.array_equal(self._labels, later._labels):
            raise ValueError("the epochs are of other labels")
        both = (self._seen > 0) & (later._seen > 0)
        self._forgotten += later._forgotten + (both & self._was_right & ~later._began_right)
        self._began_right = np.where(self._seen > 0, self._began_right, later._began_right)
        self._was_right = np.where(later._seen > 0, later._was_right, self._was_right)
        newly = (self._first == 0) & (later._first > 0)
        self._first[newly] = self._epochs + later._first[newly]
        total = np.maximum(self._seen + later._seen, 1)
        apart = later._mean - self._mean
        self._squares += later._squares + apart**2 * self._seen * later._seen / total
        self._mean += apart * later._seen / total
        self._margins += later._margins
        self._seen += later._seen
        self._epochs += later._epochs

    def scores(self) -> DynamicsScores:
        """The scores of the epochs so far."""
        known = self._seen > 0
        count = np.maximum(self._seen, 1)
        learnt = self._first > 0

        def shown(values: NDArray[np.float64] | NDArray[np.int32]) -> Scores:
            return np.where(known, values, np.nan).astype(np.float32)

        return DynamicsScores(
            area_under_margin=shown(self._margins / count),
            forgetting=shown(np.where(learnt, self._forgotten, self._seen)),
            first_learnt=shown(np.where(learnt, self._first, self._epochs + 1)),
            variance=shown(self._squares / count),
        )
