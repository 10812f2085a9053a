"""How well an order finds errors: average precision, its interval, and images to look at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score

from models.types import Mask

Order = NDArray[np.floating]  # (n,) higher is looked at sooner; NaN last

_DRAWS = 200


def average_precision(wrong: Mask, order: Order) -> float:
    """Area under precision against recall; 1 if every error comes before every right label."""
    return float(average_precision_score(wrong, _ranked(order)))


def intervals(
    wrong: Mask, orders: Mapping[str, Order], seed: int = 0, draws: int = _DRAWS
) -> dict[str, list[float]]:
    """The 95% interval of each average precision, and "lead": of the first over the best other.

    By drawing the images again with replacement, the same ones for all orders, so that the
    lead is that on the same images.
    """
    rng = np.random.default_rng(seed)
    by_rank = [_Sorted.of(wrong, order) for order in orders.values()]
    found = np.empty((draws, len(orders)))
    for draw in range(draws):
        times = np.bincount(rng.integers(0, len(wrong), len(wrong)), minlength=len(wrong))
        found[draw] = [each.precision(times) for each in by_rank]
    figures = dict(zip(orders, found.T, strict=True))
    if len(orders) > 1:
        figures["lead"] = found[:, 0] - found[:, 1:].max(axis=1)
    return {name: np.percentile(drawn, (2.5, 97.5)).tolist() for name, drawn in figures.items()}


def looked_at_until(wrong: Mask, order: Order, share: float = 0.9) -> int:
    """Images looked at until this share of the errors is found."""
    found = np.cumsum(wrong[np.argsort(-_ranked(order), kind="stable")])
    return int(np.searchsorted(found, share * found[-1])) + 1


@dataclass(frozen=True)
class _Sorted:
    """An order sorted once, for any number of times that its images are drawn."""

    by_rank: NDArray[np.int64]
    last_of_tie: NDArray[np.int64]
    wrong: Mask  # by rank

    @classmethod
    def of(cls, wrong: Mask, order: Order) -> _Sorted:
        ranked = _ranked(order)
        by_rank = np.argsort(-ranked, kind="stable")
        ends = np.append(np.flatnonzero(np.diff(ranked[by_rank])), len(ranked) - 1)
        return cls(by_rank, ends, wrong[by_rank])

    def precision(self, times: NDArray[np.int64]) -> float:
        drawn = times[self.by_rank]
        looked_at = np.cumsum(drawn)[self.last_of_tie]
        found = np.cumsum(drawn * self.wrong)[self.last_of_tie]
        new = np.diff(found, prepend=0)
        return float((new * found / np.maximum(looked_at, 1)).sum() / max(found[-1], 1))


def _ranked(order: Order) -> NDArray[np.float64]:
    known = order[~np.isnan(order)]
    last = float(known.min()) - 1 if len(known) else 0.0
    return np.nan_to_num(order.astype(np.float64), nan=last)
