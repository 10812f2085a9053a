"""Does what a finding of an audit proposes: said before, and taken back like anything else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal

from models.review.decisions import Edit, Status
from models.review.remedies import (
    DIVIDING,
    LEAVING_OUT,
    MAPPING,
    RENAMING,
    UNDOING,
    WEIGHING,
    Exchange,
    InForce,
    Step,
    leaving_out,
    mapping,
)
from models.review.wholesale import by_hand
from models.types import SampleIds
from qtapp.commands.edits import Edits
from qtapp.jobs.remedying import RemedyWorker
from qtapp.state.audit import AuditState
from qtapp.state.audit_findings import (
    CHANGED_SINCE,
    AuditFindingsState,
    AuditReport,
    Finding,
)
from qtapp.state.labels import LabelState
from qtapp.state.ordering import OrderState
from qtapp.state.remedying import RemedyState
from qtapp.state.session import SessionState
from qtapp.state.view import GRID, ViewState

NO_IMAGES: SampleIds = np.empty(0, np.int64)
_FOLLOW_AFTER_MS = 100  # decisions come in bursts; of a million images a plan takes 20 ms


@dataclass(frozen=True, eq=False)
class Plan:
    """What the remedy of a finding would do now: a step of decisions, or another setting."""

    step: Step = field(default_factory=lambda: Step(NO_IMAGES))
    is_setting: bool = False
    is_applied: bool = False
    is_saved: bool = True  # what was applied is on disk
    is_outdated: bool = False  # what it was found in is not there any more
    n_left_alone: int = 0  # images that would be part of it, had nobody decided on them
    n_locked: int = 0  # images of a locked split, because of which it cannot be done

    @property
    def can_run(self) -> bool:
        return self.is_due and not (self.is_outdated or self.n_locked)

    @property
    def is_due(self) -> bool:
        """There is something left to do, whether or not that can be done now."""
        return not self.is_applied and (self.is_setting or bool(len(self.step)))

    @property
    def can_take_back(self) -> bool:
        """Decisions are undone like any other."""
        return self.is_setting and self.is_applied


class Remedies(QObject):
    """Acts on the finding that is looked at. Whether its remedy is applied is read off labels and
    settings, so that an undo takes that back too."""

    changed = Signal()  # plan
    told = Signal(str)  # what was done, in words; it can be undone
    idle = Signal(str)  # why nothing was done
    applied = Signal(str, bool)  # id of the finding; whether the dataset is opened anew for it
    taken_back = Signal(str)  # id of the finding whose remedy was undone
    division_wanted = Signal()  # a new split, as the person wants it

    def __init__(
        self,
        session: SessionState,
        labels: LabelState,
        audit: AuditState,
        order: OrderState,
        view: ViewState,
        state: AuditFindingsState,
        remedying: RemedyState,
        edits: Edits,
        worker: RemedyWorker,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._session, self._labels, self._audit = session, labels, audit
        self._order, self._view, self._state, self._edits = order, view, state, edits
        self._remedying, self._worker = remedying, worker
        self._plan: Plan | None = Plan()  # None: labels changed since it was made
        self._soon = QTimer(self, singleShot=True, interval=_FOLLOW_AFTER_MS)
        self._soon.timeout.connect(self._follow)
        self._exchange: tuple[Finding, Exchange] | None = None
        state.reported.connect(self._forget_what_was_taken_back)
        for changed in (
            *(state.reported, state.chosen_changed, state.rechecked, remedying.settled_changed),
            *(labels.lock.changed, labels.loaded),
        ):
            changed.connect(self._follow)
        labels.saved_changed.connect(self._follow_saved)
        labels.edited.connect(self._follow_edit)

    @property
    def plan(self) -> Plan:
        """What the remedy of the finding that is looked at would do now."""
        if self._plan is None:
            chosen = self._state.chosen
            self._plan = self.plan_of(chosen) if chosen else Plan()
        return self._plan

    def plan_of(self, finding: Finding) -> Plan:
        """What the remedy of any finding would do now; nothing for those that a person does."""
        report = self._state.report
        if report is None or not self._session.is_open:
            return Plan()
        is_saved = not self._labels.n_pending
        if finding.action in LEAVING_OUT and len(finding.spare):
            step = leaving_out(finding.spare, self._labels.status)
            if len(step) and report.moved.intersection(finding.splits):
                return Plan(is_outdated=True)
            return self._locked(Plan(step, is_applied=not len(step), is_saved=is_saved))
        if finding.action == RENAMING and finding.becomes and len(finding.splits) == 1:
            return replace(self._renaming(finding, report), is_saved=is_saved)
        if finding.action == MAPPING and finding.becomes:
            merging = mapping(finding.becomes, self._labels.labels, self._labels.classes)
            if merging is None:
                return Plan(is_outdated=True)
            return Plan(merging, is_applied=not len(merging), is_saved=is_saved)
        return self._setting(finding, report)

    @property
    def undoing(self) -> tuple[str, Mapping[str, Any]] | None:
        """The split in whose images the remedy of the finding that is looked at would undo
        something, and what."""
        chosen = self._state.chosen
        if chosen is None or chosen.action != UNDOING or not self.plan.can_run:
            return None
        return chosen.splits[0], chosen.undo

    @property
    def sample_ids(self) -> SampleIds:
        """The images that prove the finding, but those to be judged without knowing of it."""
        chosen = self._state.chosen
        if chosen is None or not self._session.is_open:
            return NO_IMAGES
        return chosen.samples[~self._audit.blind(chosen.samples)]

    def show_images(self) -> None:
        """Show the images that prove the finding in the grid, the most telling first."""
        if len(self.sample_ids):
            self._order.show_listed(self.sample_ids)
            self._view.set_mode(GRID)

    def apply(self) -> None:
        """Do what the finding proposes."""
        finding, plan = self._state.chosen, self.plan
        if finding is None:
            return
        if plan.n_locked:
            self.idle.emit(self.tr("The split is locked: unlock it first"))
        elif len(plan.step):
            self._apply_step(finding, plan.step)
        elif plan.can_run:
            self._apply_setting(finding)

    def take_back(self) -> None:
        """Bring a setting back to what it was before the remedy."""
        finding = self._state.chosen
        if finding is not None and self.plan.can_take_back:
            split = finding.splits[0] if finding.splits else ""
            self.end(InForce(finding.action, split, finding.undo))

    @property
    def in_force(self) -> list[InForce]:
        """Settings that remedies made, of audits before the last one too."""
        return list(self._remedying.settled.in_force())

    def end(self, setting: InForce) -> None:
        """Take back a setting that is in force."""
        if setting.action in DIVIDING:
            self._worker.take_split_back()
        elif setting.action == UNDOING:
            self._worker.take_undoing_back(setting.split, setting.undo)
        else:
            self._worker.weigh("none")

    def divided(self) -> None:
        """A new split was made, whoever wanted it: does it help with the finding?"""
        chosen = self._state.chosen
        if chosen is not None and chosen.action in DIVIDING:
            self.applied.emit(chosen.id, True)

    def _apply_step(self, finding: Finding, step: Step) -> None:
        if not self._edits.remedy(step, finding.id):
            return
        n, split = len(step), finding.splits[0] if finding.splits else ""
        if step.becomes:
            one = self.tr("1 image has the other name of its class now")
            many = self.tr("{n:,} images have one name for their class now")
        elif step.new_labels is not None:
            one, many = (
                self.tr("1 label of {split} changed"),
                self.tr("{n:,} labels of {split} changed"),
            )
        else:
            one, many = self.tr("1 image excluded"), self.tr("{n:,} images excluded")
        self.told.emit((one if n == 1 else many).format(n=n, split=split))

    def _apply_setting(self, finding: Finding) -> None:
        if finding.action in DIVIDING:
            self.division_wanted.emit()
        elif finding.action == UNDOING:
            self.applied.emit(finding.id, True)
            self._worker.undo(finding.splits[0], finding.undo)
        else:
            self._worker.weigh("balanced")

    def _setting(self, finding: Finding, report: AuditReport) -> Plan:
        """Settings hold for all that is opened or trained from then on."""
        now, split = self._remedying.settled, finding.splits[0] if finding.splits else ""
        if finding.action == WEIGHING:
            return Plan(is_setting=True, is_applied=now.class_weights == "balanced")
        if finding.action in DIVIDING:
            is_since = bool(now.divided) and now.divided >= report.created > ""
            return Plan(is_setting=True, is_applied=is_since)
        if finding.action == UNDOING and finding.undo:
            assert self._session.info is not None
            is_applied = finding.undo in now.undone.get(split, ())
            is_gone = split not in self._session.info.splits
            return Plan(is_setting=True, is_applied=is_applied, is_outdated=is_gone)
        return Plan()

    def _renaming(self, finding: Finding, report: AuditReport) -> Plan:
        """Exchanging classes twice would undo it: it is offered for the labels it is about."""
        known, exchange = self._exchange or (None, None)
        if known is not finding or exchange is None:
            exchange = self._worked_out(finding, report)
            self._exchange = (finding, exchange) if exchange else None
        if exchange is None:
            return Plan(is_outdated=True)
        decided = by_hand(self._labels.status, self._labels.wholesale)
        if exchange.fits(self._labels.labels):
            n_left_alone = exchange.n_left_alone(decided)
            return self._locked(Plan(exchange.step(decided), n_left_alone=n_left_alone))
        is_applied = exchange.is_applied(self._labels.labels, decided)
        return Plan(is_applied=is_applied, is_outdated=not is_applied)

    def _worked_out(self, finding: Finding, report: AuditReport) -> Exchange | None:
        """Once for a finding, as a million labels take milliseconds; None where classes, split or
        audited labels are not known any more."""
        info, names = self._session.info, self._labels.class_names
        assert info is not None
        exchanged = {*finding.becomes, *finding.becomes.values()}
        if finding.splits[0] not in info.splits or not exchanged <= set(names):
            return None
        code = list(info.splits).index(finding.splits[0])
        ids = np.flatnonzero(info.split_codes() == code)
        before = report.labels[ids]
        if (before == CHANGED_SINCE).any():
            return None
        return Exchange.of(ids, before, finding.becomes, names)

    def _locked(self, plan: Plan) -> Plan:
        lock = self._labels.lock
        if not lock.is_locked:
            return plan
        return replace(plan, n_locked=int(np.count_nonzero(lock.locked(plan.step.sample_ids))))

    def is_outdated(self) -> bool:
        """Whether labels or exclusions are others than those that were audited."""
        report = self._state.report
        return report is not None and not report.is_about(
            self._labels.labels, self._labels.status != Status.EXCLUDED
        )

    def _follow_edit(self, edit: Edit) -> None:
        """Whether a finding is gone is asked anew where its remedy is, whoever did that."""
        if not edit.remedy:
            self._follow_soon()
            return
        self._follow()
        if edit.is_undo:
            self._state.forget_recheck(edit.remedy)
            self.taken_back.emit(edit.remedy)
        else:
            self.applied.emit(edit.remedy, False)

    def _follow_soon(self) -> None:
        if self._state.report is not None:
            self._plan = None
            if not self._soon.isActive():
                self._soon.start()

    def _forget_what_was_taken_back(self) -> None:
        """What became of a finding by the project was true as long as its remedy holds."""
        report, rechecks = self._state.report, self._state.rechecks
        for finding in report.findings if report and rechecks else ():
            if finding.id in rechecks and self.plan_of(finding).is_due:
                self._state.forget_recheck(finding.id)

    def _follow_saved(self) -> None:
        plan = self._plan
        if plan is not None and plan.is_applied and plan.is_saved != (not self._labels.n_pending):
            self._follow()

    def _follow(self) -> None:
        self._plan = None
        self.changed.emit()
