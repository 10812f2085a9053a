"""Notices when a model begins to learn its images by heart."""

from __future__ import annotations

import math

_SMOOTHED_OVER = 3
_EPOCHS_PAST_BEST = 3
_CLEARLY_ABOVE = 1.03


class OverfittingWatch:
    """Follows the held-out loss and speaks once, when it has clearly turned."""

    def __init__(self) -> None:
        self._losses: list[float] = []
        self._said = False

    def turned_at(self, held_out_loss: float) -> int:
        """Take the loss of one more epoch; the epoch of the turn if it is clear now, else 0.

        The mean of three epochs must lie 3% above its lowest, three epochs later or more.
        """
        self._losses.append(held_out_loss)
        if self._said or math.isnan(held_out_loss) or len(self._losses) < _SMOOTHED_OVER:
            return 0
        smooth = [
            sum(self._losses[end - _SMOOTHED_OVER : end]) / _SMOOTHED_OVER
            for end in range(_SMOOTHED_OVER, len(self._losses) + 1)
        ]
        best = min(range(len(smooth)), key=smooth.__getitem__)
        late = len(smooth) - 1 - best >= _EPOCHS_PAST_BEST
        self._said = late and smooth[-1] > _CLEARLY_ABOVE * smooth[best]
        return best + _SMOOTHED_OVER - 1 if self._said else 0


def overfitting_sentence(epoch: int) -> str:
    """What a turn of the held-out loss means, for someone who sees it for the first time."""
    return (
        f"Since epoch {epoch} the model does better on the images it trains on but worse on those "
        "it has not seen: it begins to learn single images by heart. The ranking is safe, for it "
        "averages over the epochs; for a better model train shorter or add images."
    )
