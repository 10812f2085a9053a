"""Damage to whole classes: swapped, shifted, shuffled, absorbed, random or misaligned labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from models.review.intervals import wilson
from models.scoring.label_noise import check_aligned
from models.scoring.misalignment import Stretch, agreement_beyond_chance, misaligned_stretches
from models.types import UNLABELLED, LabelVector, Mask, Probs

CLASS_SWAP, LABEL_OFFSET, MISALIGNED = "class_swap", "label_offset", "misaligned"
CLASS_SHUFFLED, LABELS_RANDOM, CLASS_ABSORBED = "class_shuffled", "labels_random", "class_absorbed"

_FEWEST = 100  # labelled images, below which no class can be judged
_FEWEST_OF_CLASS = 15
# Agreement beyond chance below which labels say nothing of the images, of two classes and of many:
# a net learns some of any labels by heart, and wrong labels leave less of it among two classes.
_RANDOM_KAPPA, _RANDOM_KAPPA_OF_MANY = 0.03, 0.13
_NO_KAPPA = 0.12  # the same where it can't be told from none
_RANDOM_ASSOCIATION = 0.01  # the same for any relation between the two (Cramér's V squared)
_Z = 3.0  # standard errors of every share that decides
_AHEAD = 1.5  # how much more often another label must be carried than the class's own,
_LIFT = 0.25  # and how much more often than by images that look like other classes
_OFFSET_CLASSES = 0.8  # of the classes, to be moved by the same number
_UNUSED = 0.5  # labels of an absorbed class, per image that looks like it
_NOTABLE = 0.3  # images of an absorbed or shuffled class, per image of a class on average
_CONFIDENT = 0.7  # confidence of such images, of the overall mean
_SHUFFLED = 0.15  # agreement of a shuffled class: at most so far from chance to the others'
_CLEAR = 0.6  # agreement beyond chance that the other classes need meanwhile
_UNEVEN = 0.25  # share of its labels that would have to change to make them even, times 1 - 2 / k


@dataclass(frozen=True)
class ClassDamage:
    """One finding about whole classes.

    `kind` is one of the kinds of `winnow audit`; `classes` are codes, empty if all are meant;
    [first, end) are the rows it is about; `evidence` names the numbers of the sentence.
    """

    kind: str
    classes: tuple[int, ...]
    sentence: str
    first: int
    end: int
    evidence: dict[str, float] = field(default_factory=dict)


def class_damage(
    probs: Probs, labels: LabelVector, class_names: Sequence[str]
) -> list[ClassDamage]:
    """Name damage that is one mistake, not thousands of single wrong labels.

    Parameters
    ----------
    probs : float32 (n, k)
        In the order of the file; each row sums to 1, or is NaN where there is none. Held-out
        predictions, or the mean over the epochs of a run: a net that has learnt the labels by
        heart agrees with any. It must have learnt something; one that has not sees random labels.
    labels : int32 (n,)
        Given labels; -1 where there is none.
    class_names : k names

    Returns
    -------
    list of ClassDamage
        Most far-reaching first; empty if labels are wrong one by one, at whatever rate and
        however unevenly, or if there are too few to tell.

    Raises
    ------
    ValueError
        If shapes disagree, a label is out of range, or k < 2.

    Notes
    -----
    What is the same in all labels a model was trained on is right to that model: a swap or an
    offset shows in a split that it was not trained on. So do a class that was absorbed and one
    that was shuffled: a model trained on them has not got that class. Which of the two splits is
    damaged cannot be seen from here. Predictions and labels are compared by counts, the noise
    matrix of Northcutt, Jiang and Chuang (2021), "Confident Learning", JAIR 70, without limits;
    a share decides only if it does so at 3 standard errors.
    """
    if len(class_names) != probs.shape[-1]:
        raise ValueError(f"{len(class_names)} names for probabilities {probs.shape}")
    usable = (labels >= 0) & ~np.isnan(probs).any(axis=1)
    check_aligned(probs[usable], labels[usable])
    if usable.sum() < _FEWEST:
        return []
    predicted = np.full(len(labels), -1, np.int32)
    predicted[usable] = probs[usable].argmax(axis=1)
    given = labels.astype(np.int32)  # of rows without a prediction too: others may need them
    rows = np.flatnonzero(usable)
    # In a sorted file a moved class looks like moved rows: what classes explain comes first.
    expected = _Classes(probs, labels, rows, class_names).expected_labels()
    predicted[rows] = expected[predicted[rows]]
    stretches = misaligned_stretches(predicted, given)
    found = [_misaligned(stretch, len(labels)) for stretch in stretches]
    for stretch in stretches:
        usable[stretch.first : stretch.end] = False
    if usable.sum() >= _FEWEST:
        found += _Classes(probs, labels, np.flatnonzero(usable), class_names).findings()
    return found


def damage_of_split(
    probs: Probs, labels: LabelVector, trained: Mask, class_names: Sequence[str]
) -> list[ClassDamage]:
    """The same for a split of which a model may have learnt from some images.

    Stretches are found by all predictions, for they need neighbouring rows. Classes, which are a
    matter of counts, by images that were not trained on; by all where those show nothing, for what
    was learnt by heart hides damage and invents none.

    Parameters
    ----------
    trained : bool (n,)
        Which images the model learnt from.
    """
    by_all = class_damage(probs, labels, class_names)
    if not trained.any():
        return by_all
    stretches = [damage for damage in by_all if damage.kind == MISALIGNED]
    unseen: LabelVector = np.where(trained, UNLABELLED, labels).astype(np.int32)
    for stretch in stretches:
        unseen[stretch.first : stretch.end] = UNLABELLED
    by_unseen = class_damage(probs, unseen, class_names)
    if stretches:
        by_unseen = [damage for damage in by_unseen if damage.kind != MISALIGNED]
    return [*stretches, *by_unseen] if by_unseen else by_all


class _Classes:
    """Counts of predictions and labels over the rows whose labels are in step."""

    def __init__(
        self, probs: Probs, labels: LabelVector, rows: NDArray[np.int64], names: Sequence[str]
    ) -> None:
        self.k = probs.shape[1]
        self._names = names
        self._range = int(rows[0]), int(rows[-1]) + 1
        p, self._labels, self.n = probs[rows], labels[rows], len(rows)
        self._predicted = p.argmax(axis=1).astype(np.int32)
        confidence = p.max(axis=1).astype(np.float64)
        pairs = self._predicted.astype(np.int64) * self.k + self._labels
        self.counts = np.bincount(pairs, minlength=self.k**2).reshape(self.k, self.k)
        self.looks, self.carries = self.counts.sum(axis=1), self.counts.sum(axis=0)
        sureness = np.bincount(self._predicted, confidence, self.k) / np.maximum(self.looks, 1)
        # Classes that about as many images look like, and as surely, as like others.
        many = self.looks >= max(_FEWEST_OF_CLASS, _NOTABLE * self.n / self.k)
        self._stands_out = many & (sureness >= _CONFIDENT * confidence.mean())

    def findings(self) -> list[ClassDamage]:
        if self._unrelated():
            return [self._random()]
        moved = self._offset()
        if moved:
            return [moved]
        partner = self._partners()
        circles = _circles(partner)
        found = [self._circle(circle) for circle in circles]
        settled = {a for circle in circles for a in circle}
        for a in range(self.k):
            if a in settled:
                continue
            if a in partner:
                found += self._absorbed(a, partner[a]) if partner[a] not in partner else []
            elif self._is_shuffled(a):
                found.append(self._shuffled(a))
        return found

    def expected_labels(self) -> LabelVector:
        """(k,) the label that images which look like a class carry; -1 where it is any."""
        expected: LabelVector = np.arange(self.k, dtype=np.int32)
        if not self._unrelated():
            for a, b in self._partners().items():
                expected[a] = b
            shuffled = [a for a in range(self.k) if expected[a] == a and self._is_shuffled(a)]
            expected[shuffled] = -1
        return expected

    def _unrelated(self) -> bool:
        """Whether predictions and labels are independent, as far as the class sizes can show."""
        kappa, error = agreement_beyond_chance(self._predicted, self._labels)
        looks, carries = self.looks / self.n, self.carries / self.n
        chance = looks @ carries
        highest = (np.minimum(looks, carries).sum() - chance) / max(1 - chance, 1e-9)
        gained = (_RANDOM_KAPPA_OF_MANY - _RANDOM_KAPPA) * (1 - 1 / (self.k - 1))
        limit = _NO_KAPPA if abs(kappa) < 2 * error else _RANDOM_KAPPA + gained
        limit = min(limit, chance / (1 - chance + 1e-9))  # twice chance says something
        if abs(kappa) + 2 * error >= limit * highest:
            return False
        by_chance = self.n * np.outer(looks, carries)
        met = by_chance > 0
        chi_squared = ((self.counts[met] - by_chance[met]) ** 2 / by_chance[met]).sum()
        classes = min((looks > 0).sum(), (carries > 0).sum())
        freedom = ((looks > 0).sum() - 1) * ((carries > 0).sum() - 1)
        association = (chi_squared - freedom) / (self.n * max(classes - 1, 1))
        return bool(association < _RANDOM_ASSOCIATION)

    def _partners(self) -> dict[int, int]:
        found = {a: b for a in range(self.k) if (b := self._partner(a)) != a}
        # Of two swapped classes one may be hard to see, and too few to be sure of by itself.
        back = {b: a for a, b in found.items() if b not in found and self._points_to(b, a)}
        return {**found, **back}

    def _partner(self, a: int) -> int:
        """The label that images which look like class a carry, if clearly not its own."""
        b = int(self.counts[a].argmax())
        if b == a or self.looks[a] < _FEWEST_OF_CLASS:
            return a
        low, _ = wilson(int(self.counts[a, b]), int(self.looks[a]), _Z)
        _, own = wilson(int(self.counts[a, a]), int(self.looks[a]), _Z)
        return b if low > own and self._points_to(a, b) else a

    def _points_to(self, a: int, b: int) -> bool:
        """Whether images that look like class a carry the label b more than any other."""
        rest = np.delete(self.counts[a], b).max(initial=0)
        elsewhere = (self.carries[b] - self.counts[a, b]) / max(self.n - self.looks[a], 1)
        lifted = self._share(a, b) - elsewhere >= _LIFT
        return bool(self.counts[a, b] > _AHEAD * rest and lifted)

    def _offset(self) -> ClassDamage | None:
        judged = np.flatnonzero(self.looks >= _FEWEST_OF_CLASS)
        if len(judged) < 3:
            return None
        # A weak model leaves single classes in doubt; that all point the same way does not.
        steps = (self.counts[judged].argmax(axis=1) - judged) % self.k
        step = int(np.bincount(steps).argmax())
        agreeing = int((steps == step).sum())
        looks_like, moves = np.arange(self.k), np.arange(self.k)[:, None]
        by_step = self.counts[looks_like, (looks_like + moves) % self.k].sum(axis=1)
        low, _ = wilson(int(by_step[step]), self.n, _Z)
        others = np.delete(by_step, step).max() / self.n
        if not step or agreeing < max(3, _OFFSET_CLASSES * len(judged)) or low < _AHEAD * others:
            return None
        shown = step if step <= self.k // 2 else step - self.k
        share = float(by_step[step] / self.n)
        sentence = (
            f"All labels seem moved by {shown:+d} in the list of classes: {share:.0%} of the "
            f"images carry the label {abs(shown)} {'after' if shown > 0 else 'before'} the class "
            f"they look like, in {agreeing} of {len(judged)} classes."
        )
        return self._damage(LABEL_OFFSET, (), sentence, step=float(shown), share=share)

    def _circle(self, circle: tuple[int, ...]) -> ClassDamage:
        towards = [*circle[1:], circle[0]]
        shares = [self._share(a, b) for a, b in zip(circle, towards, strict=True)]
        parts = [
            f"{share:.0%} of the images that look like {self._names[a]} are labelled "
            f"{self._names[b]}"
            for a, b, share in zip(circle, towards, shares, strict=True)
        ]
        which = " and ".join(
            [", ".join(self._names[a] for a in circle[:-1]), self._names[circle[-1]]]
        )
        how = "swapped" if len(circle) == 2 else "exchanged in a circle"
        sentence = f"The labels {which} seem {how}: {'; '.join(parts)}."
        return self._damage(CLASS_SWAP, circle, sentence, share=min(shares))

    def _absorbed(self, a: int, b: int) -> list[ClassDamage]:
        low, _ = wilson(int(self.counts[a, b]), int(self.looks[a]), _Z)
        used = self.carries[a] > _UNUSED * self.looks[a]
        if used or low < 0.5 or self._share(b, b) < 0.5 or not self._stands_out[a]:
            return []
        share, name = self._share(a, b), self._names[a]
        sentence = (
            f"{name} seems absorbed by {self._names[b]}: {share:.0%} of the "
            f"{self.looks[a]:,} images that look like {name} are labelled {self._names[b]}, and "
            f"only {self.carries[a]:,} images are labelled {name}."
        )
        return [self._damage(CLASS_ABSORBED, (a, b), sentence, share=share)]

    def _is_shuffled(self, a: int) -> bool:
        """Whether its labels say no more than any others, while those of the rest do."""
        if not self._stands_out[a]:
            return False
        own, usual = self._share(a, a), self._usual_share(a)
        _, highest = wilson(int(self.counts[a, a]), int(self.looks[a]), _Z)
        at_chance = max(1 / self.k, self.carries[a] / self.n)
        labels = self.counts[a] / self.looks[a]
        evens = (np.full(self.k, 1 / self.k), self.carries / self.n)
        uneven = min(np.abs(labels - even).sum() / 2 for even in evens)
        by_sampling = 0.4 * np.sqrt(self.k / self.looks[a])
        return bool(
            self.k > 2  # of two classes, a shuffled one looks like a common confusion
            and usual - at_chance >= _CLEAR * (1 - at_chance)
            and own <= at_chance + _SHUFFLED * (usual - at_chance)
            and highest <= at_chance + (usual - at_chance) / 3
            and uneven <= _UNEVEN * (1 - 2 / self.k) + by_sampling
        )

    def _usual_share(self, a: int) -> float:
        others = self._stands_out.copy()
        others[a] = False
        agreeing = self.counts.diagonal()[others] / self.looks[others]
        return float(np.median(agreeing)) if len(agreeing) else 0.0

    def _shuffled(self, a: int) -> ClassDamage:
        own, usual = self._share(a, a), self._usual_share(a)
        sentence = (
            f"The labels of {self._names[a]} seem shuffled: of the {self.looks[a]:,} images that "
            f"look like it, {own:.0%} are labelled {self._names[a]} and the others carry all "
            f"sorts of labels; in the other classes {usual:.0%} agree."
        )
        return self._damage(CLASS_SHUFFLED, (a,), sentence, share=own, others=usual)

    def _random(self) -> ClassDamage:
        kappa, _ = agreement_beyond_chance(self._predicted, self._labels)
        agreement = float((self._predicted == self._labels).mean())
        sentence = (
            "The labels have nothing to do with the images: predictions agree with "
            f"{agreement:.0%} of them, no more than chance would give. They are random, or images "
            "and labels were put into a different order."
        )
        return self._damage(LABELS_RANDOM, (), sentence, kappa=kappa, agreement=agreement)

    def _share(self, a: int, b: int) -> float:
        return float(self.counts[a, b] / max(self.looks[a], 1))

    def _damage(
        self, kind: str, classes: tuple[int, ...], sentence: str, **evidence: float
    ) -> ClassDamage:
        return ClassDamage(kind, classes, sentence, *self._range, evidence)


def _misaligned(stretch: Stretch, n: int) -> ClassDamage:
    whole = stretch.first == 0 and stretch.end >= n - abs(stretch.offset)
    where = "All labels are" if whole else f"From image {stretch.first:,}"
    if not whole:
        where += " on" if stretch.end >= n - abs(stretch.offset) else f" to {stretch.end - 1:,}"
        where += ", labels are"
    if stretch.offset:
        rows = "one row" if abs(stretch.offset) == 1 else f"{abs(stretch.offset)} rows"
        way = "further down" if stretch.offset > 0 else "further up"
        sentence = (
            f"{where} out of step with their images: {stretch.shifted:.0%} of the predictions fit "
            f"the label {rows} {way}, {stretch.agreement:.0%} the label beside the image."
        )
    else:
        sentence = (
            f"{where} in a different order from the images: predictions agree with "
            f"{stretch.agreement:.0%} of them, no more than chance would give."
        )
    evidence = {"offset": float(stretch.offset), "agreement": stretch.agreement}
    if stretch.offset:
        evidence["shifted"] = stretch.shifted
    return ClassDamage(MISALIGNED, (), sentence, stretch.first, stretch.end, evidence)


def _circles(partner: dict[int, int]) -> list[tuple[int, ...]]:
    """Closed circles of classes each of which carries the label of the next."""
    found: set[tuple[int, ...]] = set()
    for start in partner:
        path = [start]
        while path[-1] in partner and len(path) <= len(partner):
            after = partner[path[-1]]
            if after == start:
                lowest = path.index(min(path))
                found.add((*path[lowest:], *path[:lowest]))
                break
            path.append(after)
    return sorted(found)
