"""Which labels, and which suspicions, follow from something that should not matter."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.review.association import Contrast, holm, one_against_rest, within_strata
from models.review.classes import ClassList
from models.review.decisions import Status
from models.review.properties import Properties
from models.review.query_terms import And, Comparison, Flag, Not, Or, Term
from models.types import UNLABELLED, LabelVector, Mask, SampleIds, Scores, StatusVector

Within = tuple[float | None, float | None]  # low <= value < high; None is no bound
EVERY, SUSPECTS = -1, -2  # groups beside the classes, whose codes are from 0 on
SIGNIFICANT = 0.05  # the highest p, of all tests together, that is worth telling
LISTED = 200
ENDS = 24  # images at each end
MOST_BINS = 32

_SUSPECT = 0.5  # suspicion above which a label is more likely wrong than right
LEAST_SUSPECTS = 10  # fewer say nothing about what they have in common
_TAILS = 0.005  # of the images, beyond the first and the last bin's inner edge


@dataclass(frozen=True)
class Reviewed:
    """The images under review, and what is known of each. All (n,)."""

    labels: LabelVector  # as they stand
    given: LabelVector
    status: StatusVector
    suspicion: Scores | None
    classes: ClassList
    wholesale: Mask  # decided all at once: see models.review.wholesale

    @property
    def present(self) -> Mask:
        """Part of the dataset: whatever was excluded is looked at no more."""
        present: Mask = self.status != Status.EXCLUDED
        return present

    @property
    def suspects(self) -> Mask:
        """Labels found wrong by a person, or thought so by the model and not kept."""
        thought: Mask = np.zeros(len(self.labels), np.bool_)
        if self.suspicion is not None:
            with np.errstate(invalid="ignore"):
                thought = (self.suspicion > _SUSPECT) & (self.status != Status.KEPT)
        found = (self.labels != self.given) & ~self.wholesale
        suspects: Mask = (thought | found) & self.present
        return suspects


@dataclass(frozen=True)
class Association:
    """One property in one group, against the other classes or, for SUSPECTS, against the other
    images of their class. See Contrast for the figures."""

    name: str  # of the property
    group: int
    area: float
    low: float
    high: float
    p: float  # held together with all other tests
    n: int

    @property
    def strength(self) -> float:
        """How far from no difference it is at least, 0 to 0.5."""
        return max(self.low - 0.5, 0.5 - self.high, 0.0)


@dataclass(frozen=True)
class Report:
    """What is associated, the strongest first; suspects before classes."""

    suspects: tuple[Association, ...]
    classes: tuple[Association, ...]  # LISTED at most
    n_found: int  # of classes
    n_tested: int  # of classes
    n_suspects: int
    tests_suspects: bool  # there are enough of them
    n_images: int  # that were measured

    def strongest(self) -> Association | None:
        return next(iter((*self.suspects, *self.classes)), None)


@dataclass(frozen=True)
class Tested:
    """One property against every class (k,), and against suspicion (1,) where there are enough."""

    name: str
    classes: Contrast
    suspects: Contrast | None


def associations(reviewed: Reviewed, properties: Properties) -> Iterator[Tested]:
    """Test every property against every class and against suspicion, one property at a time."""
    labels, k = reviewed.labels, len(reviewed.classes.names)
    labelled = reviewed.present & (labels != UNLABELLED)
    suspects = reviewed.suspects & labelled
    enough = np.count_nonzero(suspects) >= LEAST_SUSPECTS
    strata = reviewed.classes.standing(reviewed.given)
    for name, column in properties.varying.items():
        known = np.flatnonzero(labelled & np.isfinite(column))
        classes = one_against_rest(column[known], labels[known], k)
        of_suspects = None
        if enough:
            known = known[strata[known] != UNLABELLED]
            of_suspects = within_strata(column[known], suspects[known], strata[known], k)
        yield Tested(name, classes, of_suspects)


def report(reviewed: Reviewed, properties: Properties, tested: Sequence[Tested]) -> Report:
    """What is significant among all tests together."""
    of_classes = {one.name: one.classes for one in tested}
    of_suspects = {one.name: one.suspects for one in tested if one.suspects is not None}
    found = _told(of_classes, 0)
    return Report(
        tuple(_told(of_suspects, SUSPECTS)),
        tuple(found[:LISTED]),
        n_found=len(found),
        n_tested=sum(int(np.isfinite(one.p).sum()) for one in of_classes.values()),
        n_suspects=int(reviewed.suspects.sum()),
        tests_suspects=bool(of_suspects),
        n_images=properties.n_measured,
    )


def _told(tested: Mapping[str, Contrast], first_group: int) -> list[Association]:
    """What is significant among all tests together, the strongest first."""
    if not tested:
        return []
    names, contrasts = list(tested), list(tested.values())
    p = holm(np.concatenate([one.p for one in contrasts])).reshape(len(names), -1)
    told = [
        Association(
            names[row],
            first_group + column,
            float(contrasts[row].area[column]),
            float(contrasts[row].low[column]),
            float(contrasts[row].high[column]),
            float(p[row, column]),
            int(contrasts[row].n[column]),
        )
        for row, column in np.argwhere(p < SIGNIFICANT).tolist()
    ]
    return sorted(told, key=lambda one: -one.strength)


@dataclass(frozen=True)
class Spread:
    """How one property is distributed. The outermost bins hold what lies beyond them too."""

    name: str  # of the property
    edges: tuple[float, ...]  # (b + 1,) round numbers; the two outermost bound nothing
    every: SampleIds  # (b,)
    classes: NDArray[np.int64]  # (k, b)
    suspects: SampleIds  # (b,)
    n_excluded: int
    n_unknown: int  # neither excluded nor measured

    def counts(self, group: int) -> SampleIds:
        if group == EVERY:
            return self.every
        found: SampleIds = self.suspects if group == SUSPECTS else self.classes[group]
        return found


@dataclass(frozen=True)
class Ends:
    """The images of a group with the smallest and the largest values, outermost first."""

    name: str  # of the property
    group: int
    lowest: SampleIds
    highest: SampleIds
    low_values: Scores
    high_values: Scores


def spread(reviewed: Reviewed, properties: Properties, name: str) -> Spread:
    """Count one property over round bins, of all images and of each group."""
    column = properties.varying[name]
    present = reviewed.present
    known = np.flatnonzero(present & np.isfinite(column))
    values = column[known]
    edges = round_edges(values)
    inner = np.array(edges[1:-1], np.float32)
    bins = np.searchsorted(inner, values, side="right")
    b, k = len(edges) - 1, len(reviewed.classes.names)
    labels = reviewed.labels[known]
    of_class = labels != UNLABELLED
    counts = np.bincount(labels[of_class].astype(np.int64) * b + bins[of_class], minlength=k * b)
    return Spread(
        name,
        edges,
        np.bincount(bins, minlength=b),
        counts.reshape(k, b),
        np.bincount(bins[reviewed.suspects[known]], minlength=b),
        n_excluded=int((~present).sum()),
        n_unknown=int(present.sum()) - len(known),
    )


def ends(reviewed: Reviewed, properties: Properties, name: str, group: int) -> Ends:
    """The images of a group at both ends of a property."""
    column = properties.varying[name]
    inside = reviewed.present & np.isfinite(column)
    if group == SUSPECTS:
        inside &= reviewed.suspects
    elif group != EVERY:
        inside &= reviewed.labels == group
    ids = np.flatnonzero(inside)
    values = column[ids]
    lowest, highest = ids[_least(values)], ids[_least(-values)]
    return Ends(name, group, lowest, highest, column[lowest], column[highest])


def query_for(seen: Spread, within: Within, group: int, classes: ClassList) -> str:
    """The query for the images of a group that a range of a property counts."""
    low, high = within
    terms: list[Term] = []
    if low is not None:
        terms.append(Comparison(seen.name, ">=", low))
    if high is not None:
        terms.append(Comparison(seen.name, "<", high))
    if seen.n_unknown and not terms:  # no bar counts them
        terms.append(Or((Comparison(seen.name, "<", 0.0), Comparison(seen.name, ">=", 0.0))))
    return _query(terms, group, classes, seen.n_excluded)


def query_for_end(found: Ends, classes: ClassList, n_excluded: int, *, highest: bool) -> str:
    """The query for the images at one end, and whatever else has the innermost one's value."""
    values, sign = (found.high_values, ">=") if highest else (found.low_values, "<=")
    shortest = float(str(values[-1]))  # that reads back as the same number of 32 bits
    return _query([Comparison(found.name, sign, shortest)], found.group, classes, n_excluded)


def _query(terms: list[Term], group: int, classes: ClassList, n_excluded: int) -> str:
    if group == SUSPECTS:
        terms.append(_SUSPECTED)
    elif group != EVERY:
        terms.append(Comparison("label", "==", classes.names[group]))
    if n_excluded:
        terms.append(Comparison("state", "!=", _EXCLUDED))
    return And(tuple(terms)).text


def round_edges(values: NDArray[np.float32]) -> tuple[float, ...]:
    """At most MOST_BINS bins of a round width over all but the tails of some values."""
    if not len(values):
        return 0.0, 1.0
    low, high = np.quantile(values, (_TAILS, 1 - _TAILS)).tolist()
    if low == high:
        low, high = float(values.min()), float(values.max())
    whole = bool((values == np.floor(values)).all())
    step = _round_up((high - low) / MOST_BINS, whole=whole) if high > low else 1.0
    first, last = math.floor(low / step), math.floor(high / step) + 1
    return tuple(float(f"{at * step:.12g}") for at in range(first, last + 1))


def _round_up(width: float, *, whole: bool) -> float:
    """The next 1, 2, 2.5 or 5 times a power of ten; of whole numbers, a whole one."""
    power: float = 10.0 ** math.floor(math.log10(width))
    step = next(power * times for times in (1, 2, 2.5, 5, 10) if power * times >= width * 0.999999)
    return max(1.0, math.ceil(step)) if whole else step


def _least(values: Scores) -> SampleIds:
    """Positions of the smallest, smallest first."""
    n = min(ENDS, len(values))
    places = np.argpartition(values, n - 1)[:n] if n else np.empty(0, np.int64)
    ordered: SampleIds = places[np.lexsort((places, values[places]))]
    return ordered


_EXCLUDED, _KEPT = "excluded", "kept"
_THOUGHT = And((Comparison("suspicion", ">", _SUSPECT), Comparison("state", "!=", _KEPT)))
_SUSPECTED = Or((_THOUGHT, And((Flag("changed"), Not(Flag("wholesale"))))))
