"""Learns from a person's verdicts which images to show next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.review.clues import WORDS
from models.review.logistic import Floats, fit_logistic, log_loss
from models.types import Mask, SampleIds, Scores

MIN_VERDICTS = 100
MIN_OF_EACH = 15
REFIT_EVERY = 50

_FOLDS = 5
_NEIGHBOURING = 8  # verdicts that stand together for the images around them
_SHRINKAGE = 15.0  # in verdicts: how strongly a fit is drawn to the order without them
_FREE = 0.1  # shrinkage of the slope of that order: only how steep it is, not what it says
_REACH = 6.0  # standard deviations; an outlier in a feature counts as this far
_SURER_THAN = 0.5  # standard errors by which learning has to be better before it is used
_LIKE = 0.1  # share of the verdicts, on images about as suspect, that tells what comes next
_FEWEST_LIKE = 15
_PARTS = np.arange(0.05, 1, 0.1)  # quantiles of some images, each of which stands for a tenth
_Z95 = 1.959964


@dataclass(frozen=True)
class Judged:
    """Verdicts along an order, by scores that were fitted without them."""

    everyone: Floats  # the scores of all images, rising
    scores: Floats  # (v,)
    wrong: Mask  # (v,)
    stands_for: Floats  # (v,) images each verdict was looked at for

    def like(self, score: float) -> tuple[float, float]:
        """The share of errors about there, and of how many verdicts that is worth."""
        ranks = np.searchsorted(self.everyone, np.append(self.scores, score))
        nearest = np.argsort(np.abs(ranks[:-1] - ranks[-1]), kind="stable")
        nearest = nearest[: max(_FEWEST_LIKE, round(_LIKE * len(nearest)))]
        counts = self.stands_for[nearest]
        return float(counts @ self.wrong[nearest] / counts.sum()), _effective(counts)


@dataclass(frozen=True)
class Learned:
    """An order of all images, and what it rests on."""

    scores: Scores  # (n,) higher is more suspect; the unlearned ones if nothing was learned
    learned: bool
    reason: str  # why this order is in use, as a sentence
    weights: dict[str, float]  # of each feature, in standard deviations; the strongest first
    judged: Judged | None = None

    def lessons(self, words: Mapping[str, str] = WORDS, most: int = 3) -> list[str]:
        """What the decisions taught, as phrases: the strongest few."""
        strongest = list(self.weights.items())[:most]
        return [
            f"{words.get(name, name.replace('_', ' '))} counts {'more' if weight > 0 else 'less'}"
            for name, weight in strongest
            if weight
        ]

    def expected_errors(self, ids: SampleIds) -> tuple[float, float, float] | None:
        """How many of these images will be found wrong: expected, and a 95% interval.

        Judged by the verdicts on images about as suspect as these, for a score's precision far
        from them says little. None before there are enough. "Of the next 100 about 12".
        """
        if self.judged is None or not len(ids):
            return None
        parts = np.quantile(self.scores[ids], _PARTS)  # of another order they are a mixture
        shares, worth = np.array([self.judged.like(score) for score in parts.tolist()]).T
        return _predicted(float(shares.mean() * worth.mean()), float(worth.mean()), len(ids))


def learn(
    unlearned: Scores,
    features: Mapping[str, Scores],
    looked_at: SampleIds,
    wrong: Mask,
) -> Learned:
    """Fit an order to verdicts; keep the unlearned one unless learning is seen to be better.

    Parameters
    ----------
    unlearned : float32 (n,)
        The order without verdicts, best as log-odds (`models.review.clues`); NaN where unscored.
    features : dict of float32 (n,)
        Those of `clues` and any others: neighbour disagreement, area under the margin,
        anomaly. A NaN counts as the mean.
    looked_at : int64 (v,)
        Each image somebody decided about, once.
    wrong : bool (v,)
        Whether its given label was found wrong.

    Returns
    -------
    Learned
        Unscored images stay NaN.

    Raises
    ------
    ValueError
        If lengths disagree or an image was decided about twice.

    Notes
    -----
    A logistic regression whose prior is the unlearned order: its slope is free, everything else is
    shrunk towards no effect, so that few verdicts change little. It is used only where it predicts
    held-out verdicts better, in likelihood and in precision. Margin and loss are among its
    features: as whole orders to choose between they lost up to .06 average precision when chosen
    wrongly, which a hundred verdicts often do.

    People look at the most suspect first. Each verdict therefore stands for the images around it:
    verdicts in groups of eight along the unlearned order share out the ranks between them, which is
    the inverse of the share looked at there. It needs no record of how an image came to be
    looked at. Square roots of these weights keep the fit from hanging on a few random images; the
    effective number of verdicts (Kish) sets how far the fit may leave its prior.

    References
    ----------
    Horvitz and Thompson (1952), "A generalization of sampling without replacement from a finite
    universe", for the weights; Kish (1965), "Survey Sampling", for the effective number.
    """
    _check(unlearned, features, looked_at, wrong)
    scored = ~np.isnan(unlearned[looked_at])
    looked_at, wrong = looked_at[scored], wrong[scored]
    n_wrong = int(wrong.sum())
    fewer = min(n_wrong, len(wrong) - n_wrong)
    if len(wrong) < MIN_VERDICTS or fewer < MIN_OF_EACH:
        reason = (
            f"Nothing learned yet: it takes {MIN_VERDICTS} verdicts, {MIN_OF_EACH} of each kind; "
            f"so far {n_wrong:,} labels were wrong and {len(wrong) - n_wrong:,} right."
        )
        return Learned(unlearned, False, reason, {})
    return _chosen(unlearned, _varying({"": unlearned, **features}), looked_at, wrong)


def _chosen(unlearned: Scores, columns: _Columns, looked_at: SampleIds, wrong: Mask) -> Learned:
    """The better of the two orders by cross-validation on the verdicts."""
    rows, truth = columns.rows(looked_at), wrong.astype(np.float64)
    stands_for = _stands_for(unlearned, looked_at)
    weights = np.sqrt(stands_for)
    weights *= _effective(weights) / weights.sum()
    pull = np.full(rows.shape[1], _SHRINKAGE)
    pull[:2] = 1e-3, _FREE
    folds = _folds(rows[:, 1], wrong)
    plain = _held_out(rows[:, :2], truth, weights, pull[:2], folds)
    fitted = _held_out(rows, truth, weights, pull, folds)
    gain = weights * (log_loss(plain, truth) - log_loss(fitted, truth))
    likelier = gain.mean() > _SURER_THAN * gain.std() / np.sqrt(len(gain))
    if not likelier or _precision(fitted, truth, weights) < _precision(plain, truth, weights):
        reason = f"The order stays as it is: {len(wrong):,} verdicts show no better one."
        return Learned(
            unlearned,
            False,
            reason,
            {},
            _judged(unlearned, unlearned[looked_at], wrong, stands_for),
        )
    fit = fit_logistic(rows, truth, weights, pull)
    by_strength = sorted(zip(columns.names[1:], fit[2:], strict=True), key=lambda w: -abs(w[1]))
    scores = columns.combined(fit)
    return Learned(
        scores=scores,
        learned=True,
        reason=f"Learned from {len(wrong):,} verdicts, which this order predicts better.",
        weights={name: float(weight) for name, weight in by_strength},
        judged=_judged(scores, fitted, wrong, stands_for),
    )


@dataclass(frozen=True)
class _Columns:
    """Standardised features, worked out where they are asked for."""

    names: tuple[str, ...]  # the first is the unlearned order
    values: tuple[Scores, ...]
    means: Floats
    deviations: Floats

    def rows(self, ids: SampleIds) -> Floats:
        """(v, 1 + features), the first column the intercept's."""
        parts = [self._standard(i, values[ids]) for i, values in enumerate(self.values)]
        return np.column_stack([np.ones(len(ids)), *parts]).astype(np.float64)

    def combined(self, fit: Floats) -> Scores:
        total = np.full(len(self.values[0]), fit[0], np.float32)
        for i, weight in enumerate(fit[1:]):
            total += np.float32(weight) * self._standard(i, self.values[i])
        total[np.isnan(self.values[0])] = np.nan
        return total

    def _standard(self, i: int, values: Scores) -> Scores:
        scaled = (values - np.float32(self.means[i])) / np.float32(self.deviations[i])
        if i > 0:  # the unlearned order keeps its ends: clipping would make ties
            np.clip(scaled, -_REACH, _REACH, out=scaled)
        scaled[np.isnan(scaled)] = 0
        return scaled


def _varying(columns: Mapping[str, Scores]) -> _Columns:
    """Leave out what is the same, or missing, everywhere."""
    kept: dict[str, tuple[Scores, float, float]] = {}
    for name, values in columns.items():
        known = values[~np.isnan(values)]
        mean = float(known.mean(dtype=np.float64)) if len(known) else 0.0
        deviation = float(known.std(dtype=np.float64)) if len(known) else 0.0
        if deviation > 1e-6 * max(1.0, abs(mean)) or not kept:
            kept[name] = values, mean, max(deviation, 1e-6)
    return _Columns(
        names=tuple(kept),
        values=tuple(values for values, _, _ in kept.values()),
        means=np.array([mean for _, mean, _ in kept.values()]),
        deviations=np.array([deviation for _, _, deviation in kept.values()]),
    )


def _stands_for(unlearned: Scores, looked_at: SampleIds) -> Floats:
    """How many images each verdict speaks for: those around it in the order, shared out."""
    everyone = np.sort(unlearned[~np.isnan(unlearned)])
    own = unlearned[looked_at]
    order = np.argsort(own, kind="stable")
    ranks = np.searchsorted(everyone, own[order], "left").astype(np.float64)
    ranks = (ranks + np.searchsorted(everyone, own[order], "right")) / 2  # ties share a rank
    group = np.minimum(np.arange(len(own)) // _NEIGHBOURING, len(own) // _NEIGHBOURING - 1)
    starts = np.flatnonzero(np.diff(group, prepend=-1))
    between = (ranks[starts[1:] - 1] + ranks[starts[1:]]) / 2
    images = np.maximum(np.diff(np.concatenate([[0], between, [len(everyone)]])), 1)
    stands_for: Floats = np.empty(len(own))
    stands_for[order] = (images / np.bincount(group))[group]
    return stands_for


def _effective(weights: Floats) -> float:
    return float(weights.sum() ** 2 / (weights**2).sum())


def _folds(order: Floats, wrong: Mask) -> NDArray[np.int64]:
    """Parts with as many errors, and of as suspect images, as one another."""
    folds = np.empty(len(order), np.int64)
    folds[np.lexsort((order, wrong))] = np.arange(len(order)) % _FOLDS
    return folds


def _held_out(
    rows: Floats, truth: Floats, weights: Floats, pull: Floats, folds: NDArray[np.int64]
) -> Floats:
    """Log-odds of each verdict by a fit to the others."""
    log_odds = np.empty(len(truth))
    for fold in range(_FOLDS):
        out = folds == fold
        log_odds[out] = rows[out] @ fit_logistic(rows[~out], truth[~out], weights[~out], pull)
    return log_odds


def _precision(log_odds: Floats, truth: Floats, weights: Floats) -> float:
    """Average precision over the images the verdicts stand for."""
    order = np.argsort(-log_odds, kind="stable")
    errors = (weights * truth)[order]
    return float((errors * np.cumsum(errors) / np.cumsum(weights[order])).sum() / errors.sum())


def _judged(
    scores: Scores, held_out: NDArray[np.floating], wrong: Mask, stands_for: Floats
) -> Judged:
    everyone = np.sort(scores[~np.isnan(scores)]).astype(np.float64)
    return Judged(everyone, held_out.astype(np.float64), wrong, stands_for)


def _predicted(n_wrong: float, of: float, n: int) -> tuple[float, float, float]:
    """Errors among n more like these: beta-binomial, from Jeffreys' prior."""
    a, b = n_wrong + 0.5, of - n_wrong + 0.5
    share = a / (a + b)
    variance = n * share * (1 - share) * (a + b + n) / (a + b + 1)
    expected, reach = n * share, _Z95 * float(np.sqrt(variance))
    return expected, max(0.0, expected - reach), min(float(n), expected + reach)


def _check(
    unlearned: Scores, features: Mapping[str, Scores], looked_at: SampleIds, wrong: Mask
) -> None:
    if any(values.shape != unlearned.shape for values in features.values()):
        raise ValueError("features and order are not of the same images")
    if looked_at.shape != wrong.shape or looked_at.ndim != 1:
        raise ValueError(f"images {looked_at.shape} and verdicts {wrong.shape} disagree")
    if len(looked_at) and not 0 <= looked_at.min() <= looked_at.max() < len(unlearned):
        raise ValueError("a verdict is on an image that is not there")
    if len(np.unique(looked_at)) != len(looked_at):
        raise ValueError("an image was decided about twice")
