"""How a review went: pace, errors found, agreement with the model, what changed and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from models.review.causes import Marks
from models.review.classes import ClassChange, ClassList
from models.review.decisions import DECIDING, LABEL_ACTIONS, Action, Status
from models.review.intervals import wilson
from models.review.replay import live_rows
from models.types import UNLABELLED, LabelVector, LogRows, Mask, SampleIds, Scores, StatusVector

AWAY_S = 120.0  # without a key for longer, the person was not deciding
BREAK_S = 1_800.0  # after a longer break another session begins
MOST_SPANS, MOST_PAIRS = 30, 200
EXCLUDED = -2  # in place of the class an image was changed to
_VERDICTS = (Action.KEEP, Action.ACCEPT, Action.SET, Action.EXCLUDE)
_SECOND_NS = 1_000_000_000

Agreeing = NDArray[np.int8]  # 1 where a decision says what the model said, 0 where it does not
NOTHING_SAID = -1  # no decision, or nothing of the model was in sight


@dataclass(frozen=True)
class Share:
    """A count, of how many, and the 95% interval of its share."""

    n: int
    of: int
    low: float
    high: float

    @classmethod
    def counted(cls, n: int, of: int) -> Share:
        return cls(n, of, *wilson(n, of))

    @property
    def value(self) -> float:
        return self.n / self.of if self.of else 0.0


@dataclass(frozen=True)
class Course:
    """The minutes spent deciding in equal spans; NaN where nothing was decided. (k,)"""

    minutes: Scores  # the middle of each span
    per_minute: Scores  # key presses that decided
    errors_per_100: Scores  # errors among the images looked at


@dataclass(frozen=True)
class Session:
    """A review or the newest session of it, in numbers.

    A press is one key press, however many images it decided; those that were undone do not count.
    An image counts once, by its last decision. What merging classes or the remedy of an audit
    decided, and what was brought from another project, counts nowhere.
    """

    presses: int
    minutes: float  # between decisions, without the times away
    median_s: float  # from one decision to the next; NaN before the second
    looked_at: int  # images with a given label that were kept, changed or excluded
    errors: int
    agreement: Share  # with the suggestion that was on the screen
    course: Course
    changes: tuple[tuple[int, int, int], ...]  # given, now (or EXCLUDED), images; most first
    timed: int  # presses that the minutes are about: the first, and each after a pause, took none
    class_merges: int = 0
    # The images of each of `changes`, where these are not all of the review: no query tells them.
    images: tuple[SampleIds, ...] = field(default=(), compare=False)

    @property
    def per_minute(self) -> float:
        """Decisions a minute; NaN where there was no time between any two."""
        return self.timed / self.minutes if self.minutes > 0 else np.nan


@dataclass(frozen=True)
class Causes:
    """The causes among the errors of a project: an image with two counts for both."""

    of_each: tuple[tuple[str, Share], ...]  # share of all images with a label; most first
    unexplained: int  # errors without a cause
    errors: int


def session_of(
    rows: LogRows,
    notes: Mapping[int, str],
    given: LabelVector,
    classes: ClassList,
    *,
    newest_only: bool = True,
) -> Session:
    """Read off the log how the review went.

    Parameters
    ----------
    rows : LOG_DTYPE (m,)
        The whole log, by `seq`.
    notes : mapping of int to str
        Of its class decisions, by `seq`.
    given : int32 (n,)
    classes : ClassList
        As they stand: a class that was merged counts for the one it went into.
    newest_only : bool
        Count from the last break of BREAK_S on, not from the beginning.
    """
    which = _decisions(rows, notes)
    press_of, times = _presses(rows, which)
    merges, since, first = rows[_class_merges(rows, notes)], 0, 0
    if newest_only:
        first = _newest_session(times)
        since = int(times[first] - BREAK_S * _SECOND_NS) if len(times) else 0
        start = int(np.searchsorted(press_of, first))
        which, press_of, times = which[start:], press_of[start:] - first, times[first:]
    decides = np.zeros(len(times), bool)
    decides[press_of[np.isin(rows["action"][which], DECIDING)]] = True
    gaps = np.maximum(np.diff(times), 0) / _SECOND_NS
    taken = np.where(gaps <= AWAY_S, gaps, 0.0)
    minutes = np.concatenate([np.zeros(min(len(times), 1)), np.cumsum(taken) / 60])
    last = _last_of_each(rows["sample"][which], len(given))
    final, at = rows[["sample", "action", "new", "suggested"]][which[last]], press_of[last]
    is_known = final["new"] < len(classes.names)  # the log was read a moment before or after them
    final, at = final[is_known], at[is_known]
    agreeing = _agreeing(final, classes)
    is_looked_at = np.isin(final["action"], _VERDICTS) & (given[final["sample"]] != UNLABELLED)
    final, at = final[is_looked_at], at[is_looked_at]
    now = np.where(
        final["action"] == Action.EXCLUDE, EXCLUDED, classes.standing(final["new"].copy())
    )
    before = classes.standing(given[final["sample"]])
    is_error = now != before
    ids = final["sample"][is_error]
    changes, of_each = _pairs(given[ids], now[is_error])
    deciding_gaps = gaps[(gaps <= AWAY_S) & decides[1:]]
    return Session(
        presses=int(decides.sum()),
        minutes=float(minutes[-1]) if len(minutes) else 0.0,
        median_s=float(np.median(deciding_gaps)) if len(deciding_gaps) else np.nan,
        looked_at=len(final),
        errors=int(is_error.sum()),
        agreement=Share.counted(int((agreeing > 0).sum()), int((agreeing != NOTHING_SAID).sum())),
        course=_course(minutes[decides], minutes[at], is_error),
        changes=changes,
        timed=len(deciding_gaps),
        class_merges=int(np.count_nonzero(merges["time_ns"] >= since)),
        images=tuple(ids[each] for each in of_each) if first else (),
    )


def agreeing_after(rows: LogRows, notes: Mapping[int, str], n: int, classes: ClassList) -> Agreeing:
    """What the last decision on every image was to the suggestion in sight, by the log. (n,)"""
    which = _decisions(rows, notes)
    last = which[_last_of_each(rows["sample"][which], n)]
    final = rows[["sample", "action", "new", "suggested"]][last]
    found = np.full(n, NOTHING_SAID, np.int8)
    found[final["sample"]] = _agreeing(final, classes)
    return found


def agreeing_with(
    status: StatusVector, labels: LabelVector, suggested: LabelVector, classes: ClassList
) -> Agreeing:
    """What decisions are to the suggestions that were in sight: state and label after each. An
    image without a suggestion, and one that was left out or put off, says nothing. (m,)"""
    said = ((status == Status.KEPT) | (status == Status.CHANGED)) & (suggested != UNLABELLED)
    same = classes.standing(suggested) == classes.standing(labels)
    found: Agreeing = np.where(said, same.astype(np.int8), np.int8(NOTHING_SAID))
    return found


def _agreeing(final: LogRows, classes: ClassList) -> Agreeing:
    """Likewise, from the last row of each image."""
    label_set = np.isin(final["action"], (Action.KEEP, Action.ACCEPT, Action.SET))
    status = np.where(label_set, np.uint8(Status.KEPT), np.uint8(Status.PENDING))
    return agreeing_with(status, final["new"].copy(), final["suggested"].copy(), classes)


def causes_among_errors(
    marks: Marks,
    names: tuple[str, ...],
    given: LabelVector,
    status: StatusVector,
    wholesale: Mask,
) -> Causes:
    """How many wrong labels each cause explains, and the share of all labelled images they are.

    That share is the most that doing away with the cause can give back in accuracy, going by
    the errors found so far: if every such image was misjudged because of it.
    """
    labelled: Mask = given != UNLABELLED
    wrong = labelled & np.isin(status, (Status.CHANGED, Status.EXCLUDED)) & ~wholesale
    of_errors, n = marks[wrong], int(labelled.sum())
    counts = [int(np.count_nonzero(of_errors >> np.uint32(at) & 1)) for at in range(len(names))]
    each = [(name, Share.counted(k, n)) for name, k in zip(names, counts, strict=True) if k]
    each.sort(key=lambda one: -one[1].n)
    return Causes(tuple(each), int(np.count_nonzero(of_errors == 0)), int(wrong.sum()))


def _decisions(rows: LogRows, notes: Mapping[int, str]) -> NDArray[np.int64]:
    """Where the rows about labels are that stand and that somebody's keys wrote: not those of
    merging classes or of the remedy of an audit, nor those of another project."""
    by_hand = live_rows(rows) & np.isin(rows["action"], LABEL_ACTIONS)
    merging = rows["step"][_class_merges(rows, notes)]
    others = rows["step"][np.isin(rows["action"], (Action.OPINION, Action.REMEDY))]
    if len(merging) or len(others):
        by_hand &= ~np.isin(rows["step"], np.union1d(merging, others))
    return np.flatnonzero(by_hand)


def _class_merges(rows: LogRows, notes: Mapping[int, str]) -> NDArray[np.int64]:
    """Where the rows are by which classes were merged, for good."""
    places = np.flatnonzero(live_rows(rows) & (rows["action"] == Action.CLASS))
    seqs = rows["seq"][places].tolist()
    return places[[bool(ClassChange.from_note(notes[seq]).merged) for seq in seqs]]


def _presses(
    rows: LogRows, which: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Which press each of these rows belongs to, (m,), and when each was, in ns. (k,)"""
    steps = rows["step"][which]
    is_first = np.ones(len(which), bool)
    is_first[1:] = steps[1:] != steps[:-1]
    return np.cumsum(is_first) - 1, rows["time_ns"][which[is_first]]


def _newest_session(times: NDArray[np.int64]) -> int:
    breaks = np.flatnonzero(np.diff(times) > BREAK_S * _SECOND_NS)
    return int(breaks[-1]) + 1 if len(breaks) else 0


def _last_of_each(sample_ids: SampleIds, n: int) -> NDArray[np.int64]:
    """The places where every sample of some is named last."""
    last = np.full(n, -1, np.int64)
    last[sample_ids] = np.arange(len(sample_ids))
    return last[last >= 0]


def _course(presses: NDArray[np.float64], looks: NDArray[np.float64], is_error: Mask) -> Course:
    """Counts by span: of presses and of images, each given by its minute."""
    whole = float(presses[-1]) if len(presses) else 0.0
    if whole <= 0:
        return Course(*(np.empty(0, np.float32) for _ in range(3)))
    k = int(np.clip(np.ceil(whole), 2, MOST_SPANS))
    width = whole / k

    def spans(minutes: NDArray[np.float64]) -> NDArray[np.int64]:
        return np.minimum((minutes / width).astype(np.int64), k - 1)

    looked = np.bincount(spans(looks), minlength=k)
    errors = np.bincount(spans(looks[is_error]), minlength=k)
    share = np.full(k, np.nan, np.float32)
    np.divide(100 * errors, looked, out=share, where=looked > 0, casting="unsafe")
    pace = np.bincount(spans(presses), minlength=k) / width
    middles = (np.arange(k) + 0.5) * width
    return Course(middles.astype(np.float32), pace.astype(np.float32), share)


def _pairs(
    before: LabelVector, now: LabelVector
) -> tuple[tuple[tuple[int, int, int], ...], list[NDArray[np.int64]]]:
    """From, to and how often, the most often first; and the places of each."""
    if not len(now):
        return (), []
    width = int(now.max()) - EXCLUDED + 1
    both = before.astype(np.int64) * width + (now.astype(np.int64) - EXCLUDED)
    keys, which, counts = np.unique(both, return_inverse=True, return_counts=True)
    places = np.split(np.argsort(which, kind="stable"), np.cumsum(counts)[:-1])
    order = np.argsort(-counts, kind="stable")[:MOST_PAIRS]
    found = zip(keys[order].tolist(), counts[order].tolist(), strict=True)
    changes = tuple((key // width, key % width + EXCLUDED, n) for key, n in found)
    return changes, [places[at] for at in order.tolist()]
