"""Says what happened where the person would not see it: in a notice, or in passing."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtCore import QObject

from models.errors import WinnowError
from models.review.classes import ClassChange
from models.review.decisions import Action, Edit
from models.types import SampleIds
from qtapp.commands.registry import Registry
from qtapp.jobs.worker import Cancelled
from qtapp.notices import MOST_AT_ONCE, NoticeBar, Toast
from qtapp.state.view import GRID
from qtapp.state.workspace import Workspace
from qtapp.views.review_session.wording import bent_sentence


class Telling(QObject):
    """Errors of the work behind the window become notices, what a key did out of sight a toast."""

    def __init__(
        self,
        space: Workspace,
        notices: NoticeBar,
        toast: Toast,
        registry: Registry,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._space, self._notices, self._toast = space, notices, toast
        self._mode = space.view.mode
        self._resume = registry.action("run.resume")
        self._sort_learned = registry.action("look.learned")
        self._again = registry.action("run.again")
        self._blind = registry.action("look.blind")
        space.labels.refused.connect(notices.show_error)
        space.folding.ended.connect(self._tell_fold)
        space.training.ended.connect(self._tell_run)
        space.learning.learned_first.connect(self._tell_lessons)
        space.corrections.worth_training.connect(self._tell_corrections)
        space.worth.bent.connect(self._tell_bent)
        for step in (space.labels.edited, space.labels.remarked, space.session.changed):
            step.connect(toast.hide)  # its button would take back another step than it names
        space.view.changed.connect(self._follow_mode)

    def tell_edit(self, edit: Edit) -> None:
        """A key touched images out of sight: say how many, and offer to undo."""
        if edit.class_change and edit.class_change.merged:
            self._toast.say(self._merge_in_words(edit.class_change, len(edit)))
            return
        if len(edit) > 1 and not self._are_in_sight(edit.sample_ids):
            self._toast.say(self._in_words(edit))

    def tell_idle(self, sentence: str) -> None:
        """A key did nothing, and why."""
        self._toast.say(sentence, undoable=False)

    def tell_remark(self, sentence: str) -> None:
        """Why a label was wrong was said; the image looks as before."""
        self._toast.say(sentence)

    def tell_written(self, path: str) -> None:
        self._toast.say(self.tr("Written: {0}").format(path), undoable=False)

    def tell_merged(self, done: Mapping[str, Any], refused: WinnowError | None) -> None:
        """What came of merging another project; nothing if none was."""
        if refused is not None:
            self._notices.show_error(refused)
        if not done:
            return
        sentences = [
            self.tr("Merged {other}: {n:,} decided as there, {agreed:,} agreed on.").format(
                n=done["merged"], other=Path(done["other"]).name, agreed=done["agreed"]
            )
        ]
        if done["conflicts"]:
            text = self.tr("{n:,} decided differently: see the queue “Disagreeing reviewers”.")
            sentences.append(text.format(n=done["conflicts"]))
        if done["skipped"]:
            text = self.tr("{n:,} of its images not found here.")
            sentences.append(text.format(n=len(done["skipped"])))
        self._notices.tell(" ".join(sentences))

    def _are_in_sight(self, sample_ids: SampleIds) -> bool:
        view, order = self._space.view, self._space.order
        if view.mode != GRID:
            return bool(np.isin(sample_ids, view.apart(self._space.selection.current)).all())
        first, past_last = view.visible_rows
        return len(sample_ids) <= past_last - first and all(
            first <= order.row_of(int(i)) < past_last for i in sample_ids
        )

    def _follow_mode(self) -> None:
        if self._space.view.mode != self._mode:
            self._mode = self._space.view.mode
            self._toast.hide()

    def _in_words(self, edit: Edit) -> str:
        n = len(edit)
        action = Action(int(edit.action[0]))
        if action is Action.SET:
            name = self._space.labels.class_name(int(edit.new_labels[0]))
            return self.tr("{n:,} images set to {name}").format(n=n, name=name)
        words = {
            Action.KEEP: self.tr("{n:,} images kept"),
            Action.ACCEPT: self.tr("{n:,} suggestions accepted"),
            Action.EXCLUDE: self.tr("{n:,} images excluded"),
            Action.SECOND_LOOK: self.tr("{n:,} images marked for a second look"),
            Action.CLEAR: self.tr("{n:,} images back to undecided"),
        }
        return words[action].format(n=n)

    def _merge_in_words(self, change: ClassChange, n: int) -> str:
        labels = self._space.labels
        return self.tr("{merged} merged into {into}: {n:,} images").format(
            merged=", ".join(map(labels.class_name, change.merged)),
            into=", ".join(map(labels.class_name, sorted(set(change.becomes.values())))),
            n=n,
        )

    def _tell_fold(self, error: BaseException | None) -> None:
        if error is not None and not isinstance(error, Cancelled):
            self._notices.show_error(error)

    def _tell_run(self, error: BaseException | None) -> None:
        """Training died, or found damage to whole classes; its panel may be hidden."""
        if error is None:
            self._tell_findings(self._space.training.findings)
        elif not isinstance(error, Cancelled):
            self._notices.show_error(error, self._resume)

    def _tell_lessons(self) -> None:
        """Once a dataset is open, to whoever could use it now."""
        if self._space.order.wanted.sort_by != "suspicion":
            return
        self._notices.tell(
            self.tr("Your decisions taught an order that predicts them better: {lessons}.").format(
                lessons=", ".join(self._space.learning.lessons)
            ),
            self._sort_learned,
        )

    def _tell_corrections(self) -> None:
        self._notices.tell(
            self.tr(
                "{n:,} labels are others now than those that the last run learned from."
            ).format(n=self._space.corrections.count),
            self._again,
        )

    def _tell_bent(self) -> None:
        """The trusted images do not bear out what the edited ones say."""
        worth = self._space.worth.worth
        if worth is not None:
            self._notices.tell(bent_sentence(worth), self._blind)

    def _tell_findings(self, sentences: list[str]) -> None:
        told = len(sentences) if len(sentences) <= MOST_AT_ONCE else MOST_AT_ONCE - 1
        for sentence in sentences[:told]:
            self._notices.tell(sentence)
        if told < len(sentences):
            self._notices.tell(
                self.tr("{n} more findings: under Classes in the training panel.").format(
                    n=len(sentences) - told
                )
            )
