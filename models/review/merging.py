"""What the log of another project about the same images adds to the log of this one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.review.addition import Addition, Log
from models.review.classes import ClassChange, ClassList
from models.review.decisions import EXCLUDING, NO_SAMPLE, Action, log_rows, merge_classes
from models.review.disagreements import verdicts_of
from models.review.merging_remarks import remarks_to_bring
from models.review.opinions import by_remedy, known_among, last_words, words
from models.review.replay import live_rows
from models.types import UNLABELLED, LabelVector, LogRows, Mask, SampleIds

_DECIDED = (Action.KEEP, Action.ACCEPT, Action.SET, Action.EXCLUDE)


@dataclass(frozen=True)
class Brought:
    """What another log adds: rows and notes to append, and what became of its decisions.

    Samples are numbered as in this project, but for `skipped`, which are not in it.
    """

    rows: LogRows
    notes: Mapping[int, str]
    reviewers: Sequence[str]  # of this project, those new to it at the end
    merged: SampleIds  # were undecided here
    agreed: SampleIds  # are decided in the same way
    conflicts: SampleIds
    skipped: SampleIds
    classes_added: Sequence[str]
    classes_merged: Sequence[tuple[str, str]]  # from, into


def bring(ours: Log, theirs: Log, given: LabelVector, found: SampleIds, other: str) -> Brought:
    """What to append to our log so that it holds what stands in theirs.

    An image that nobody decided on here is decided as there. Where somebody did, nothing changes
    and what was said there becomes an opinion beside it. What a remedy did there it does here, to
    images that nobody decided on, and it is nobody's opinion; a mark for a second look stays. A
    label that only a remedy gave here gives way to what somebody decided there, but what it left
    out stays out. Classes are the same by name; one that was merged there is merged here, unless it
    was already. What our log holds is not brought again.

    Parameters
    ----------
    given : int32 (n,)
        Our labels as read.
    found : int64 (m,)
        For each of their samples ours, NO_SAMPLE where there is none.
    other : str
        The name of their project, written beside what it brought.
    """
    people = _People(ours.reviewers, theirs.reviewers)

    def as_ours(rows: LogRows) -> LogRows:
        mine: LogRows = rows[found[rows["sample"]] != NO_SAMPLE].copy()
        mine["sample"] = found[mine["sample"]]
        mine["reviewer"] = people.ours(mine["reviewer"])
        return mine

    news = _News.of(ours, theirs, found, people, len(given))
    said, addition = news.said, Addition(ours, given, other)
    codes = _codes_by_name(ours.classes)
    added = _take_classes(said, theirs.classes, codes, len(ours.classes.names))
    waiting = np.ones(len(said), np.bool_)
    for name in added:
        naming = (said["new"] == codes[name]) & ~news.remedied
        first = naming & news.decides if (naming & news.decides).any() else naming
        if first.any():
            addition.add_class(name, _settable(said[first], given))
        else:
            addition.add_class(name, addition.silent(said[said["new"] == codes[name]]))
        waiting &= ~first
    targets, merged = _merge_classes(addition, theirs, codes, people, given)
    named = said["new"] >= 0
    said["new"][named] = addition.classes.standing(said["new"][named])
    addition.say(_settable(said[waiting & ~news.decides], given))
    addition.say(_settable(said[waiting & news.decides & ~news.remedied], given))
    for note, which in news.remedies(theirs):
        addition.say(_settable(said[which], given), remedy=note)
    # What they said may have brought images into a class that had none to be merged before.
    more_targets, more_merged = _merge_classes(addition, theirs, codes, people, given)
    for remark, about in remarks_to_bring(ours, theirs, as_ours, len(given)):
        addition.remark(remark, about)
    agrees = news.agrees(addition.classes)
    rows, reviewers = people.named(addition.rows)
    return Brought(
        rows,
        addition.notes,
        reviewers,
        said["sample"][news.decides],
        said["sample"][news.compared & agrees],
        said["sample"][news.compared & ~agrees],
        news.skipped,
        [*added, *targets, *more_targets],
        [*merged, *more_merged],
    )


class _People:
    """Their reviewers by name among ours; one that we do not know gets a number once it is used."""

    def __init__(self, ours: Sequence[str], theirs: Sequence[str]) -> None:
        self._n_ours, self._names = len(ours), list(dict.fromkeys([*ours, *theirs]))
        self._numbers = np.array([self._names.index(name) for name in theirs], np.uint16)

    def ours(self, theirs: NDArray[np.uint16]) -> NDArray[np.uint16]:
        return self._numbers[theirs]

    def named(self, rows: LogRows) -> tuple[LogRows, list[str]]:
        """The rows, and all our reviewers after they were appended."""
        used = np.unique(rows["reviewer"])
        kept = np.union1d(np.arange(self._n_ours), used)
        rows["reviewer"] = np.searchsorted(kept, rows["reviewer"])
        return rows, [self._names[number] for number in kept]


@dataclass
class _News:
    """What they say that we do not know, in our numbers of images and people."""

    said: LogRows
    decides: Mask  # what takes effect here
    remedied: Mask  # what of it a remedy did, not a person
    compared: Mask  # their last verdict on an image that somebody decided on here
    skipped: SampleIds
    here: LogRows  # the last decision of a person here on each image

    @classmethod
    def of(cls, ours: Log, theirs: Log, found: SampleIds, people: _People, n: int) -> _News:
        said, is_final, is_verdict = _standing_words(theirs)
        is_here = found[said["sample"]] != NO_SAMPLE
        skipped = said["sample"][is_final & ~is_here & (said["action"] != Action.CLEAR)]
        said, is_final, is_verdict = said[is_here], is_final[is_here], is_verdict[is_here]
        said["sample"] = found[said["sample"]]
        said["reviewer"] = people.ours(said["reviewer"])
        known = words(ours.rows, ours.notes)
        here = known[_last_decisions(known)]
        is_decided = _marked(here, _DECIDED, n)[said["sample"]]
        by_hand = known[~by_remedy(known, ours.rows)]
        verdicts = by_hand[_last_decisions(by_hand)]
        has_verdict = _marked(verdicts, _DECIDED, n)[said["sample"]]
        relabelled = here[by_remedy(here, ours.rows) & (here["action"] == Action.SET)]
        is_relabelled = _marked(relabelled, (Action.SET,), n)[said["sample"]]
        is_put_off = _marked(here, (Action.SECOND_LOOK,), n)[said["sample"]]
        puts_off = is_final & (said["action"] == Action.SECOND_LOOK)
        is_wanted = np.isin(said["action"], (*_DECIDED, Action.OPINION))
        is_wanted |= puts_off & ~(is_decided | is_put_off)
        is_wanted &= ~known_among(said, known)
        decides, remedied = is_final & ~is_decided, by_remedy(said, theirs.rows)
        decides |= is_verdict & is_final & is_relabelled & ~has_verdict
        is_wanted &= decides | ~remedied
        said["action"][remedied & is_put_off & (said["action"] == Action.SET)] = Action.SECOND_LOOK
        compared = (is_verdict & has_verdict)[is_wanted]
        said, decides, remedied = said[is_wanted], decides[is_wanted], remedied[is_wanted]
        said["new"][~decides & (said["action"] == Action.EXCLUDE)] = EXCLUDING
        said["action"][~decides] = Action.OPINION
        return cls(said, decides, remedied, compared, skipped, verdicts)

    def remedies(self, theirs: Log) -> Iterator[tuple[str, Mask]]:
        """The note on each of their remedies that takes effect, and which words are its."""
        heads = theirs.rows[theirs.rows["action"] == Action.REMEDY]
        for head in heads[np.isin(heads["step"], self.said["step"][self.remedied])]:
            yield theirs.notes[int(head["seq"])], self.said["step"] == head["step"]

    def agrees(self, classes: ClassList) -> Mask:
        """Whether each word says what our last decision on its image says. (m,)"""
        n = int(max(self.here["sample"].max(initial=-1), self.said["sample"].max(initial=-1))) + 1
        ours = np.full(n, UNLABELLED, np.int32)
        ours[self.here["sample"]] = verdicts_of(self.here, classes)
        found: Mask = ours[self.said["sample"]] == verdicts_of(self.said, classes)
        return found


def _standing_words(log: Log) -> tuple[LogRows, Mask, Mask]:
    """The last word of each reviewer on each image and the last decision on it, by `seq`; which
    are the latter, and which are the last decision that a person made on it."""
    said = words(log.rows, log.notes)
    by_hand = np.flatnonzero(~by_remedy(said, log.rows))
    is_final, is_verdict = np.zeros((2, len(said)), np.bool_)
    is_final[_last_decisions(said)] = True
    is_verdict[by_hand[_last_decisions(said[by_hand])]] = True
    is_kept = is_final | is_verdict
    is_kept[by_hand[last_words(said[by_hand])]] = True
    return said[is_kept], is_final[is_kept], is_verdict[is_kept]


def _last_decisions(said: LogRows) -> NDArray[np.int64]:
    """The places of the last decision on each image."""
    newest_first = np.flatnonzero(said["action"] != Action.OPINION)[::-1]
    last: NDArray[np.int64] = newest_first[
        np.unique(said["sample"][newest_first], return_index=True)[1]
    ]
    return last


def _marked(said: LogRows, actions: tuple[Action, ...], n: int) -> Mask:
    """Which of n images a word of these actions is about. (n,)"""
    found = np.zeros(n, np.bool_)
    found[said["sample"][np.isin(said["action"], actions)]] = True
    return found


def _settable(said: LogRows, given: LabelVector) -> LogRows:
    """What was kept there carries another label here, if the label as read is another or its
    class was merged: then it is set."""
    is_other = (said["action"] == Action.KEEP) & (said["new"] != given[said["sample"]])
    said["action"][is_other] = Action.SET
    return said


# -- classes ------------------------------------------------------------------------------
def _codes_by_name(classes: ClassList) -> dict[str, int]:
    """Of two classes of a name the one that was not merged counts."""
    codes = [*reversed(range(len(classes.names))), *reversed(classes.offered())]
    return {classes.names[code]: code for code in codes}


def _take_classes(
    said: LogRows, theirs: ClassList, codes: dict[str, int], n_ours: int
) -> list[str]:
    """Put our codes in the place of theirs; the names that are new here, and get codes."""
    named = said["new"] >= 0
    said["new"][named] = theirs.standing(said["new"][named])
    every = [theirs.names[code] for code in np.unique(said["new"][named]).tolist()]
    added = [name for name in every if name not in codes]
    codes.update(zip(added, range(n_ours, n_ours + len(added)), strict=True))
    as_ours = np.array([codes.get(name, UNLABELLED) for name in theirs.names], np.int32)
    said["new"][named] = as_ours[said["new"][named]]
    suggests = said["suggested"] >= 0
    said["suggested"][suggests] = as_ours[said["suggested"][suggests]]
    return added


def _merge_classes(
    addition: Addition,
    theirs: Log,
    codes: dict[str, int],
    people: _People,
    given: LabelVector,
) -> tuple[list[str], list[tuple[str, str]]]:
    """Merge the classes here that were merged there: which of the classes that they went into are
    new here, named by nobody else, and from which into which."""
    live = theirs.rows[live_rows(theirs.rows) & (theirs.rows["action"] == Action.CLASS)]
    added, done = [], []
    for row in live:
        change = ClassChange.from_note(theirs.notes[int(row["seq"])])
        for their_target in sorted(set(change.becomes.values())):
            name = theirs.classes.names[their_target]
            target = codes.get(name, len(addition.classes.names))
            into = target
            if name in codes:
                into = int(addition.classes.standing(np.array([target], np.int32))[0])
            gone = [code for code, to in change.becomes.items() if to == their_target]
            known = {codes.get(theirs.classes.names[code], into) for code in gone}
            merged = sorted(known & set(addition.classes.offered()) - {into})
            edit = merge_classes(
                merged,
                into,
                given=given,
                labels=addition.labels,
                status=addition.status,
                step=addition.next_step,
                time_ns=int(row["time_ns"]),
                reviewer=int(people.ours(row["reviewer"])),
            )
            if not len(edit):
                continue
            if name not in codes:
                addition.add_class(name, addition.silent(log_rows(edit, 1)[1:]))
                codes[name] = into
                added.append(name)
            addition.merge_classes(edit)
            names = addition.classes.names
            done += [(names[code], names[into]) for code in merged]
    return added, done
