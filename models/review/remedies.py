"""What the remedies of an audit would do to labels, and whether one has helped."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

import numpy as np

from models.review.classes import ClassList
from models.review.decisions import Action, Edit, Seen, Status, decide, merge_classes, relabel
from models.types import UNLABELLED, LabelVector, Mask, SampleIds, StatusVector, Unable

# What a finding's "action" is called in the JSON of `winnow audit`.
LEAVING_OUT = ("exclude", "keep_one")
RENAMING, MAPPING = "relabel", "map_classes"
DIVIDING = ("split", "group")
WEIGHING, UNDOING = "class_weights", "undo_processing"
ON_LABELS = (*LEAVING_OUT, RENAMING, MAPPING)
KNOWN = (*ON_LABELS, *DIVIDING, WEIGHING, UNDOING)

_SEVERITIES = ("note", "warning", "error")
_WITH_TOPIC = ("quality", "shortcut")  # kinds of many things, each by a word of its own in the id


@dataclass(frozen=True, eq=False)
class Step:
    """What one step would do to some images: leave them out, or give each another class."""

    sample_ids: SampleIds
    new_labels: LabelVector | None = None  # (m,); None: the images are left out
    becomes: Mapping[int, int] = field(default_factory=dict)  # classes that go away -> into which

    def __len__(self) -> int:
        return len(self.sample_ids)


@dataclass(frozen=True, eq=False)
class Exchange:
    """What exchanging classes makes of the labels that were audited. (m,) each

    `decided`, (n,), are images that somebody gave the label they have: these are left alone.
    """

    sample_ids: SampleIds
    before: LabelVector
    after: LabelVector

    @classmethod
    def of(
        cls,
        sample_ids: SampleIds,
        before: LabelVector,
        becomes: Mapping[str, str],
        names: Sequence[str],
    ) -> Exchange:
        """Of some images, whose audited labels are `before`."""
        return cls(sample_ids, before, renamed(before, becomes, names))

    def step(self, decided: Mask) -> Step:
        free = ~decided[self.sample_ids]
        return relabelling(self.sample_ids[free], self.before[free], self.after[free])

    def n_left_alone(self, decided: Mask) -> int:
        return int(np.count_nonzero(decided[self.sample_ids] & (self.before != self.after)))

    def fits(self, labels: LabelVector) -> bool:
        """Whether the labels as they are now, (n,), are those it is about."""
        return np.array_equal(labels[self.sample_ids], self.before)

    def is_applied(self, labels: LabelVector, decided: Mask) -> bool:
        free = ~decided[self.sample_ids]
        return np.array_equal(labels[self.sample_ids[free]], self.after[free])


@dataclass(frozen=True)
class InForce:
    """A setting that a remedy made and that can be taken back, whichever audit it came of."""

    action: str  # WEIGHING, UNDOING or one of DIVIDING
    split: str = ""
    undo: Mapping[str, Any] = field(default_factory=dict)  # the last step in that split


@dataclass(frozen=True)
class Settled:
    """What a project says of all its images because of remedies."""

    class_weights: str = "none"
    divided: str = ""  # when its splits were made here, ISO 8601; empty: they are the source's
    undone: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)  # by split

    def in_force(self) -> Iterator[InForce]:
        """What can be taken back now; of several steps in a split the last, before the others."""
        if self.class_weights != "none":
            yield InForce(WEIGHING)
        if self.divided:
            yield InForce(DIVIDING[0])
        for split, steps in self.undone.items():
            if steps:
                yield InForce(UNDOING, split, steps[-1])


class Outcome(StrEnum):
    """What became of a finding after its remedy."""

    GONE = "gone"
    LESSER = "lesser"  # it is found again, but costs less
    THERE = "there"
    UNKNOWN = "unknown"  # nothing could say whether it is there


def leaving_out(sample_ids: SampleIds, status: StatusVector) -> Step:
    """Leave out those of some images that are not left out yet."""
    return Step(sample_ids[status[sample_ids] != Status.EXCLUDED])


def relabelling(sample_ids: SampleIds, before: LabelVector, after: LabelVector) -> Step:
    """Give some images other labels; those that keep theirs are no part of the step. (m,) each"""
    moved = before != after
    return Step(sample_ids[moved], after[moved])


def mapping(becomes: Mapping[str, str], labels: LabelVector, classes: ClassList) -> Step | None:
    """Merge each class of `becomes` into the one it stands for, as far as that was not done; None
    if one of them is no class here, or is one that goes away itself."""
    code_of = {classes.names[code]: code for code in classes.offered()}
    known = {name: code for code, name in enumerate(classes.names)}
    if not set(becomes) <= set(known) or not set(becomes.values()) <= set(code_of):
        return None
    left = {old: new for old, new in becomes.items() if old in code_of}
    if set(left) & set(left.values()):
        return None
    pairs = {code_of[old]: code_of[new] for old, new in left.items()}
    ids = np.flatnonzero(np.isin(labels, list(pairs)))
    return Step(ids, renamed(labels[ids], left, classes.names), pairs)


def edit_of(
    step: Step,
    finding_id: str,
    *,
    given: LabelVector,
    labels: LabelVector,
    status: StatusVector,
    number: int,
    time_ns: int,
    reviewer: int = 0,
) -> Edit:
    """The step as a decision like any other, number `number` of the log, which knows what finding
    it is the remedy of. Arrays (n,) as they stand before."""
    now: dict[str, Any] = {"given": given, "labels": labels, "status": status}
    now |= {"step": number, "time_ns": time_ns, "reviewer": reviewer}
    if step.becomes:
        edit = merge_classes(list(step.becomes), list(step.becomes.values()), **now)
        assert edit.class_change is not None
        edit = replace(edit, class_change=replace(edit.class_change, remedy=finding_id))
    elif step.new_labels is not None:
        edit = relabel(step.sample_ids, step.new_labels, **now)
    else:
        nothing = Seen.nothing(len(step))
        edit = decide(Action.EXCLUDE, step.sample_ids, seen=nothing, **now)
    return replace(edit, remedy=finding_id)


def renamed(labels: LabelVector, becomes: Mapping[str, str], names: Sequence[str]) -> LabelVector:
    """Labels after their classes were exchanged.

    Parameters
    ----------
    labels : int32 (m,)
        UNLABELLED stays.
    becomes : mapping of str to str
        Class name before -> class name after; all of them at once, so that two can change places.
    names : sequence of str
        Class names by code.

    Returns
    -------
    int32 (m,)

    Raises
    ------
    ValueError
        If a class of `becomes` is not among `names`.
    """
    code_of = {name: code for code, name in enumerate(names)}
    gone = [name for name in (*becomes, *becomes.values()) if name not in code_of]
    if gone:
        raise ValueError(f"there is no class {gone[0]}")
    table = np.arange(len(names) + 1, dtype=np.int32)
    table[UNLABELLED] = UNLABELLED  # the last entry, which is where -1 looks
    for old, new in becomes.items():
        table[code_of[old]] = code_of[new]
    after: LabelVector = table[labels]
    return after


def found_again(
    finding: Mapping[str, Any], found: Sequence[Mapping[str, Any]]
) -> list[Mapping[str, Any]]:
    """What of an audit after a remedy is still the same thing; findings as `winnow audit --json`
    prints them. After a new split it is the same thing wherever it is now."""
    is_anywhere = (finding["action"] or {}).get("name") in DIVIDING
    same = _thing if is_anywhere else str
    return [one for one in found if same(one["id"]) == same(finding["id"])]


def why_untold(finding_id: str, unable: Iterable[Unable]) -> str:
    """Why a check could not have found a thing, were it there; empty if it could. What it could
    not say of other things makes no difference."""
    for one in unable:
        begins = (f"{finding_id}:".startswith(f"{begin}:") for begin in one.about)
        if not one.partly and (not one.about or any(begins)):
            return one.sentence
    return ""


def outcome(
    finding: Mapping[str, Any],
    again: Sequence[Mapping[str, Any]],
    *,
    is_told: bool = True,
) -> Outcome:
    """What became of a finding, from what is found again. `is_told` says whether its check could
    have found it, were it there."""
    if not again:
        return Outcome.GONE if is_told else Outcome.UNKNOWN
    is_lesser = max(_rank(one) for one in again) < _rank(finding)
    return Outcome.LESSER if is_lesser else Outcome.THERE


def _thing(finding_id: str) -> str:
    """What a finding is, without where it is."""
    parts = finding_id.split(":")
    return ":".join(parts[: 2 if parts[0] in _WITH_TOPIC else 1])


def _rank(finding: Mapping[str, Any]) -> int:
    return _SEVERITIES.index(finding["severity"])
