"""Steps to append to a log: decisions, opinions and remarks of other people, made elsewhere."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from models.review.causes import Remark
from models.review.classes import ClassChange, ClassList
from models.review.decisions import (
    LABEL_ACTIONS,
    LOG_DTYPE,
    NO_SAMPLE,
    NO_STEP,
    Action,
    Edit,
    log_rows,
    status_after,
)
from models.review.replay import replay
from models.types import UNLABELLED, LabelVector, LogRows

_BROUGHT = '{"from": '  # how the note on a step of decisions or opinions begins


def were_brought(notes: Mapping[int, str]) -> bool:
    """Whether some decisions of a log were made in another project."""
    return any(text.startswith(_BROUGHT) for text in notes.values())


@dataclass(frozen=True)
class Log:
    """Everything that was written down in a project."""

    rows: LogRows  # by seq
    notes: Mapping[int, str]
    reviewers: Sequence[str]
    classes: ClassList  # as they stand at its end
    next_step: int


class Addition:
    """Grows by whole steps, and follows what they do to classes, labels and states.

    The rows of a step keep their own reviewers and times. A step of decisions or opinions has a
    row about all of them, whose note says which project brought them.
    """

    def __init__(self, log: Log, given: LabelVector, other: str) -> None:
        self.labels, self.status = replay(log.rows, given)
        self.classes, self.next_step = log.classes, log.next_step
        self.notes: dict[int, str] = {}
        self._given, self._source = given, f"{_BROUGHT}{json.dumps(other)}}}"
        self._steps: list[LogRows] = []
        self._next_seq = int(log.rows["seq"][-1]) + 1 if len(log.rows) else 1

    @property
    def rows(self) -> LogRows:
        """Everything there is to append. LOG_DTYPE (m,)"""
        return np.concatenate([np.empty(0, LOG_DTYPE), *self._steps])

    def add_class(self, name: str, rows: LogRows) -> None:
        """Add a class together with rows about images, at least one: the first words that name it,
        or those it is added for."""
        change = ClassChange(name=name)
        self.classes = self.classes.after(change)
        heads = [(Action.CLASS, change.note()), (Action.OPINION, self._source)]
        self._append(rows, heads)

    def merge_classes(self, edit: Edit) -> None:
        """A class merge, with a row for each image that moves."""
        assert edit.class_change is not None
        self.classes = self.classes.after(edit.class_change)
        self._append(log_rows(edit, self._next_seq)[1:], [(Action.CLASS, edit.class_change.note())])

    def say(self, rows: LogRows, remedy: str = "") -> None:
        """Decisions or opinions, not both; or what a remedy did, with the note on it."""
        if len(rows):
            heads = [(Action.REMEDY, remedy)] if remedy else []
            self._append(rows, [*heads, (Action.OPINION, self._source)])

    def silent(self, rows: LogRows) -> LogRows:
        """Rows about the same images that say and decide nothing."""
        about = rows.copy()
        about["action"], about["new"] = Action.NOTE, self.labels[about["sample"]]
        return about

    def remark(self, remark: Remark, rows: LogRows) -> None:
        """One remark on the images of some rows."""
        action = Action.TAG if remark.cause else Action.NOTE
        about = rows.copy()
        about["action"], about["suggested"], about["suspicion"] = action, UNLABELLED, np.nan
        about["new"] = self.labels[about["sample"]]
        self._append(about, [(action, remark.text())])

    def _append(self, rows: LogRows, heads: list[tuple[Action, str]]) -> None:
        about_all = np.repeat(rows[:1], len(heads))
        about_all["sample"], about_all["suspicion"] = NO_SAMPLE, np.nan
        about_all["new"] = about_all["suggested"] = UNLABELLED
        about_all["action"] = [action for action, _ in heads]
        step: LogRows = np.concatenate([about_all, rows])
        step["seq"] = np.arange(self._next_seq, self._next_seq + len(step))
        step["step"], step["undo_of"], step["run"] = self.next_step, NO_STEP, 0
        samples = step[len(heads) :]
        step["old"] = UNLABELLED
        samples["old"] = self.labels[samples["sample"]]
        self.notes.update(zip(step["seq"].tolist(), (text for _, text in heads), strict=False))
        self._follow(samples)
        self._steps.append(step)
        self._next_seq, self.next_step = self._next_seq + len(step), self.next_step + 1

    def _follow(self, samples: LogRows) -> None:
        deciding = samples[np.isin(samples["action"], LABEL_ACTIONS)]
        ids = deciding["sample"]
        self.labels[ids] = deciding["new"]
        self.status[ids] = status_after(deciding["action"], deciding["new"], self._given[ids])
