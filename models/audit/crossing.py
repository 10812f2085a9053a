"""What the other splits teach of the labels of one: a classifier that never saw its labels."""

from __future__ import annotations

from collections.abc import Collection, Generator
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve

from models.audit.material import AuditMaterial
from models.audit.patch_features import Features, PatchFeatures
from models.types import Event, LabelVector, Mask, Probs, Progress, SampleIds, Scores

_LOOKED_AT, _QUICKLY_LOOKED_AT = 2_500, 800  # images of a split
_MOST = 7_500  # of all splits together
_FEWEST = 100
_AT_A_TIME = 128
_PATCHES_OF = 300  # images that patches are taken from
_LEAST_SPREAD = 0.01  # of the mean one, added to each
_SHRINKING = 0.3  # of the coefficients (ridge), times their number
_SUREST = 0.75  # quantile of confidence, above which a classifier is sure
_FEWEST_OF_CLASS = 3
_COMPARED = 0.5  # of the images of a split, of classes that the others have too
_LEARNT = 0.25  # agreement beyond chance
# Images that a class lacks to be rare in a split, and labels it has per one to be expected.
_LACKING, _RARE = 15, 0.5
_FAINT = 1e-3  # the least chance of a class
# Standard errors that it agrees less with a split, and yet more than chance does, to ask whether
# that looks alike. It is asked of a split where a class is rare as well.
_FARTHER = 3.0
# How often an image of the split seems more of it than one of the others does, and how often it
# has to at least. Measured .43 to .52 on clean splits and on those with wrong labels, .60 and .65
# where half of the images were turned, .83 where colours were exchanged.
_APART, _SURELY_APART = 0.55, 0.52
_Z_APART = 3.0


@dataclass(frozen=True)
class Said:
    """What the classifier says of images, and how that compares with their labels."""

    scores: Features  # (m, k)
    labels: LabelVector  # (m,)

    @cached_property
    def right(self) -> Mask:
        right: Mask = self.scores.argmax(axis=1) == self.labels
        return right

    @cached_property
    def confidence(self) -> Scores:
        confidence: Scores = self.scores.max(axis=1)
        return confidence

    def only(self, which: Mask) -> Said:
        return Said(self.scores[which], self.labels[which])

    def sure_wrong(self, limit: float) -> tuple[float, float]:
        """Share of labels contradicted where it is at least so sure, and the error squared."""
        sure = self.confidence >= limit
        n = max(int(sure.sum()), 1)
        share = int((sure & ~self.right).sum()) / n
        return share, (share * (1 - share) + 1 / n) / n


@dataclass(frozen=True)
class Taught:
    """A split as a classifier sees it that learnt from the other splits alone.

    Its labels are compared with those of the others, each of which is judged as if it had not
    been learnt from, class by class: neither the number of images learnt from nor the shares of
    classes make a difference.
    """

    split: str
    ids: SampleIds  # (m,) ascending
    said: Said  # of these
    others: Said  # of the images learnt from, each as if it had not been
    agreement: float  # share of its labels that are predicted
    usual: float  # of those of the other splits
    error: float  # standard error of the difference of the two
    sure_wrong: float  # share of labels contradicted where the classifier is sure
    usually_sure_wrong: float
    sure_error: float
    by_chance: float  # share of wrong labels that are predicted nevertheless
    looks_alike: bool = True  # False: its images tell it from the others, so its labels say little
    learnt_from: tuple[str, ...] = ()  # the other splits, but for those with too few labels
    usual_of: tuple[str, ...] = ()  # those of them that `usual` is of

    @cached_property
    def probabilities(self) -> Probs:
        """(m, k) of each class; what least squares give are not quite."""
        likely = np.maximum(self.said.scores, _FAINT)
        likely /= likely.sum(axis=1, keepdims=True)
        return likely.astype(np.float32)

    @cached_property
    def rare(self) -> NDArray[np.int64]:
        """Classes that its labels have far less of than those of the others."""
        k = self.said.scores.shape[1]
        carried, known = (np.bincount(one.labels, minlength=k) for one in (self.said, self.others))
        expected = known / known.sum() * len(self.said.labels)
        return np.flatnonzero((expected - carried >= _LACKING) & (carried <= _RARE * expected))

    @property
    def tells(self) -> bool:
        """Whether the others agree among themselves well beyond chance."""
        chance = 1 / self.said.scores.shape[1]
        return bool(self.usual >= chance + _LEARNT * (1 - chance))


def taught_by_others(
    material: AuditMaterial, known: Mask, processed: Collection[str] = ()
) -> Generator[Event, None, tuple[Taught, ...]]:
    """Ask each split's labels of the others.

    Parameters
    ----------
    known : bool (n,)
        Labelled images to learn from and to judge; none that is in two splits, for a copy is
        known by heart.
    processed : names
        Splits whose images were made to look otherwise: their features are centred and scaled on
        their own, which takes back most of what noise or brightness does to them.
    """
    each = _QUICKLY_LOOKED_AT if material.quick else _LOOKED_AT
    at_most = min(each, max(_FEWEST, _MOST // max(len(material.splits), 1)))
    drawn = [_some(material, known, code, at_most) for code in range(len(material.splits))]
    ids = np.concatenate([part for part in drawn if len(part) >= _FEWEST] or [np.empty(0, int)])
    codes = material.split_codes[ids]
    if len(np.unique(codes)) < 2:
        return ()
    apart = [material.splits.index(split) for split in processed]
    looks_alike = np.where(np.isin(codes, apart), codes.astype(int), -1)
    features = yield from _features(material, ids, looks_alike)
    labels, k = material.labels[ids], len(material.class_names)
    found = []
    for code in np.unique(codes):
        yield Progress(int(code), len(material.splits), "asking the other splits")
        here = np.flatnonzero(codes == code)
        others = np.flatnonzero(codes != code)
        said, left_out = _asked(features, labels, here, others, k)
        beside = looks_alike[others] == looks_alike[here[0]]
        if beside.sum() < _FEWEST:
            beside = np.ones_like(beside)
        left_out = left_out.only(beside)  # what was processed is judged by what was so like it
        one = _compared(material.splits[code], ids[here], said, left_out)
        if one:
            learnt_from, usual_of = (
                _names(material, codes[some]) for some in (others, others[beside])
            )
            one = replace(one, learnt_from=learnt_from, usual_of=usual_of)
        if one and (_is_farther(one, k) or (one.tells and len(one.rare))):
            one = replace(one, looks_alike=not _apart(features, labels, here, others))
        found.append(one)
    return tuple(filter(None, found))


def _is_farther(one: Taught, k: int) -> bool:
    return one.usual - one.agreement > _FARTHER * one.error < one.agreement - 1 / k


def _names(material: AuditMaterial, codes: NDArray[np.uint8]) -> tuple[str, ...]:
    return tuple(material.splits[code] for code in np.unique(codes))


def _some(material: AuditMaterial, known: Mask, code: int, at_most: int) -> SampleIds:
    ids: SampleIds = np.flatnonzero(known & (material.split_codes == code))
    if len(ids) > at_most:
        rng = np.random.default_rng((material.seed, code, 2))
        ids = np.sort(rng.choice(ids, at_most, replace=False))
    return ids


def _features(
    material: AuditMaterial, ids: SampleIds, groups: NDArray[np.int64]
) -> Generator[Event, None, Features]:
    """(m, f) of mean 0 and spread 1 in each group."""
    rng = np.random.default_rng(material.seed)
    some = rng.choice(ids, min(_PATCHES_OF, len(ids)), replace=False)
    measure = PatchFeatures(material.stack(np.sort(some)), material.seed)
    found = []
    for start in range(0, len(ids), _AT_A_TIME):
        yield Progress(start, len(ids), "measuring images")
        found.append(measure.of(material.stack(ids[start : start + _AT_A_TIME])))
    features = np.concatenate(found)
    for group in np.unique(groups):
        here = groups == group
        spread = features[here].std(axis=0)
        features[here] -= features[here].mean(axis=0)
        features[here] /= spread + _LEAST_SPREAD * spread.mean() + 1e-6
    return features


def _asked(
    features: Features, labels: LabelVector, here: SampleIds, others: SampleIds, k: int
) -> tuple[Said, Said]:
    """Least squares with a ridge; the others as if each had been left out (by its leverage)."""
    known, asked = features[others], features[here]
    truth = np.eye(k, dtype=np.float32)[labels[others]]
    centre, usual = known.mean(axis=0), truth.mean(axis=0)
    known, asked, f = known - centre, asked - centre, known.shape[1]
    products = known.T @ known + np.float32(_SHRINKING * f) * np.eye(f, dtype=np.float32)
    factor = cho_factor(products, overwrite_a=True, check_finite=False)
    weights = cho_solve(factor, known.T @ (truth - usual), check_finite=False)
    solved = cho_solve(factor, known.T, check_finite=False)  # (f, o)
    leverage = np.einsum("of,fo->o", known, solved)[:, np.newaxis] + np.float32(1 / len(others))
    fitted = known @ weights + usual
    left_out = (fitted - leverage * truth) / (1 - leverage)
    return Said(asked @ weights + usual, labels[here]), Said(left_out, labels[others])


def _apart(features: Features, labels: LabelVector, here: SampleIds, others: SampleIds) -> bool:
    """Whether images of a split can be told from those of the others, class by class: least
    squares again, each image left out, so that wrong labels make no difference."""
    ids = np.concatenate([here, others])
    classes, n = np.unique(labels[ids], return_inverse=True, return_counts=True)[1:]
    own = np.repeat(np.array([1, 0], np.float32), [len(here), len(others)])
    one_of = np.eye(len(n), dtype=np.float32)[classes] / n.astype(np.float32)
    known = features[ids] - (one_of.T @ features[ids])[classes]
    truth = own - (one_of.T @ own)[classes]
    f = known.shape[1]
    products = known.T @ known + np.float32(_SHRINKING * f) * np.eye(f, dtype=np.float32)
    solved = cho_solve(cho_factor(products, overwrite_a=True), known.T, check_finite=False)
    leverage = np.einsum("of,fo->o", known, solved) + (1 / n)[classes]
    left_out = (known @ (solved @ truth) - leverage * truth) / np.maximum(1 - leverage, _FAINT)
    rank = np.empty(len(ids))
    rank[np.argsort(left_out, kind="stable")] = np.arange(1, len(ids) + 1)
    pairs = len(here) * len(others)
    area = (rank[: len(here)].sum() - len(here) * (len(here) + 1) / 2) / pairs
    error = np.sqrt((len(ids) + 1) / (12 * pairs))
    return bool(area >= _APART and area - _Z_APART * error >= _SURELY_APART)


def _compared(split: str, ids: SampleIds, said: Said, others: Said) -> Taught | None:
    k = said.scores.shape[1]
    counts = np.bincount(others.labels, minlength=k)
    met = counts[said.labels] >= _FEWEST_OF_CLASS
    if met.mean() < _COMPARED:
        return None
    ours = said.only(met)
    shares = np.bincount(ours.labels, minlength=k) / len(ours.labels)
    of_class = np.bincount(others.labels, others.right, k) / np.maximum(counts, 1)
    usual, agreement = float(shares @ of_class), float(ours.right.mean())
    variance = (shares**2 * of_class * (1 - of_class) / np.maximum(counts, 1)).sum()
    # Where the classifier is sure its own mistakes are rare, and wrong labels are not.
    limit = float(np.quantile(others.confidence, _SUREST))
    sure_wrong, error = ours.sure_wrong(limit)
    usually, usual_error = others.sure_wrong(limit)
    return Taught(
        split,
        ids,
        said,
        others,
        agreement,
        usual,
        float(np.sqrt(agreement * (1 - agreement) / len(ours.labels) + variance)),
        sure_wrong,
        usually,
        float(np.sqrt(error + usual_error)),
        (1 - usual) / max(k - 1, 1),
    )
