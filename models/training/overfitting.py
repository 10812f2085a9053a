"""Notices when a model begins to learn its images by heart."""

from __future__ import annotations

import math

import numpy as np

_SMOOTHED_OVER = 3  # epochs
_EPOCHS_PAST_BEST = 3
_CLEARLY_ABOVE = 0.05  # of the lowest loss
_NOISE_FACTOR = 4.0  # times the noise of one epoch
_SECOND_DIFFERENCE = 1.65  # median absolute second difference of noise of deviation 1


class OverfittingWatch:
    """Follows the held-out loss and speaks once, when it has clearly turned."""

    def __init__(self) -> None:
        self._losses: list[float] = []
        self._said = False

    def turned_at(self, held_out_loss: float) -> int:
        """Take the loss of one more epoch; the epoch of the turn if it is clear now, else 0.

        Means of three epochs have lain above their lowest three times running, by more than 5%
        and by more than the loss jumps about from epoch to epoch.
        """
        self._losses.append(held_out_loss)
        if self._said or math.isnan(held_out_loss):
            return 0
        losses = np.array(self._losses)
        if len(losses) < _SMOOTHED_OVER + _EPOCHS_PAST_BEST:
            return 0
        smooth = np.convolve(losses, np.full(_SMOOTHED_OVER, 1 / _SMOOTHED_OVER), "valid")
        noise = float(np.median(np.abs(np.diff(losses, 2)))) / _SECOND_DIFFERENCE
        best = int(smooth[:-_EPOCHS_PAST_BEST].argmin())
        clear = max(_CLEARLY_ABOVE * smooth[best], _NOISE_FACTOR * noise)
        self._said = bool((smooth[-_EPOCHS_PAST_BEST:] > smooth[best] + clear).all())
        return best + _SMOOTHED_OVER - 1 if self._said else 0


def overfitting_sentence(epoch: int) -> str:
    """What a turn of the held-out loss means, for someone who sees it for the first time."""
    return (
        f"Since epoch {epoch} the model does better on the images it trains on but worse on those "
        "it has not seen: it begins to learn single images by heart. The ranking is safe, for it "
        "averages over the epochs; for a better model train shorter or add images."
    )
