"""Makes edits and logs for tests, as a person at the keyboard would."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from models.review.causes import Remark
from models.review.decisions import Action, Edit, Seen, decide, log_rows, merge_classes
from models.review.remarks import remark_on
from models.review.remedies import Step, edit_of
from models.types import LabelVector, LogRows


class Reviewer:
    """A person with an undo stack: every step changes the state and adds rows to the log."""

    def __init__(self, given: LabelVector) -> None:
        self.given = given
        self.labels, self.status = given.copy(), np.zeros(len(given), np.uint8)
        self.edits: list[Edit] = []
        self.done = 0
        self.steps: list[Edit] = []
        self.rows: list[LogRows] = []
        self.notes: dict[int, str] = {}
        self.who = 0  # at the keyboard

    @property
    def log(self) -> LogRows:
        empty = log_rows(self._decision(Action.CLEAR, []), 1)
        return np.concatenate([empty, *self.rows])

    def decide(
        self,
        action: Action,
        sample_ids: Sequence[int],
        label: int = 0,
        suggested: int = -1,
        added_class: str = "",
    ) -> Edit:
        return self._do(self._decision(action, sample_ids, label, suggested, added_class))

    def merge(self, merged: Sequence[int], into: int) -> Edit:
        edit = merge_classes(
            merged,
            into,
            given=self.given,
            labels=self.labels,
            status=self.status,
            step=len(self.steps) + 1,
            time_ns=self._now(),
        )
        return self._do(edit)

    def remedy(self, step: Step, finding_id: str = "leak:test") -> Edit:
        edit = edit_of(
            step,
            finding_id,
            given=self.given,
            labels=self.labels,
            status=self.status,
            number=len(self.steps) + 1,
            time_ns=self._now(),
        )
        return self._do(edit)

    def remark(self, sample_ids: Sequence[int], remark: Remark) -> Edit:
        edit = remark_on(
            np.array(sample_ids, np.int64),
            remark,
            labels=self.labels,
            status=self.status,
            step=len(self.steps) + 1,
            time_ns=self._now(),
        )
        return self._do(edit)

    def undo(self) -> None:
        if self.done:
            self.done -= 1
            self._take(self.edits[self.done].inverse(len(self.steps) + 1, self._now()))

    def redo(self) -> None:
        if self.done < len(self.edits):
            self._take(self.edits[self.done].again(len(self.steps) + 1, self._now()))
            self.done += 1

    def _decision(
        self,
        action: Action,
        sample_ids: Sequence[int],
        label: int = 0,
        suggested: int = -1,
        added_class: str = "",
    ) -> Edit:
        n = len(sample_ids)
        seen = Seen(np.full(n, suggested, np.int32), np.full(n, np.nan, np.float32))
        return decide(
            action,
            np.array(sample_ids, np.int64),
            given=self.given,
            labels=self.labels,
            status=self.status,
            seen=seen,
            step=len(self.steps) + 1,
            time_ns=self._now(),
            reviewer=self.who,
            label=label,
            added_class=added_class,
        )

    def _do(self, edit: Edit) -> Edit:
        if len(edit):
            self.edits[self.done :] = [edit]
            self.done += 1
            self._take(edit)
        return edit

    def _take(self, edit: Edit) -> None:
        edit.apply(self.labels, self.status)
        self.steps.append(edit)
        rows = log_rows(edit, 1 + sum(map(len, self.rows)))
        if edit.head and rows["action"][0] == edit.head[0]:
            self.notes[int(rows["seq"][0])] = edit.head[1]
        self.rows.append(rows)

    def _now(self) -> int:
        return 1_000_000_000 * (len(self.steps) + 1)


def random_review(seed: int, n_samples: int, n_steps: int, n_classes: int = 4) -> Reviewer:
    """A person who presses keys at random, undo and redo among them."""
    rng = np.random.default_rng(seed)
    reviewer = Reviewer(rng.integers(-1, n_classes, n_samples).astype(np.int32))
    for _ in range(n_steps):
        key = rng.integers(0, 11)
        if key < 2:
            reviewer.undo()
        elif key < 3:
            reviewer.redo()
        elif key == 10:
            merged, into = rng.choice(n_classes, 2, replace=False).tolist()
            reviewer.merge([merged], into)
        else:
            ids = rng.choice(n_samples, rng.integers(1, 4), replace=False).tolist()
            reviewer.decide(
                Action(rng.integers(0, 6)),
                ids,
                label=int(rng.integers(0, n_classes)),
                suggested=int(rng.integers(-1, n_classes)),
                added_class="" if key < 9 else f"class {len(reviewer.steps)}",
            )
    return reviewer
