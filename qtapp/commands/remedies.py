"""Does what a finding of an audit proposes: one step, said before and undone like any other."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from PySide6.QtCore import QObject, Signal

from models.review.decisions import Status
from models.review.remedies import Step, leaving_out, relabelling, renamed
from models.types import LabelVector, SampleIds
from qtapp.commands.edits import Edits
from qtapp.state.audit import AuditState
from qtapp.state.audit_findings import (
    CHANGED_SINCE,
    AuditFindingsState,
    AuditReport,
    Finding,
)
from qtapp.state.labels import LabelState
from qtapp.state.ordering import OrderState
from qtapp.state.session import SessionState
from qtapp.state.view import GRID, ViewState

NO_IMAGES: SampleIds = np.empty(0, np.int64)
LEAVING_OUT, RENAMING = ("exclude", "keep_one"), "relabel"


@dataclass(frozen=True, eq=False)
class Plan:
    """What the remedy of a finding would do now."""

    step: Step = field(default_factory=lambda: Step(NO_IMAGES))
    is_applied: bool = False
    is_outdated: bool = False  # the labels are not those that it was found in
    n_locked: int = 0  # images of a locked split, because of which it cannot be done

    @property
    def can_run(self) -> bool:
        return bool(len(self.step)) and not self.n_locked


@dataclass(frozen=True, eq=False)
class _Exchange:
    """What exchanging the classes of a split makes of the labels that were audited."""

    finding: Finding
    sample_ids: SampleIds  # (m,) of the split
    before: LabelVector  # (m,)
    after: LabelVector  # (m,)
    step: Step


class Remedies(QObject):
    """Acts on the finding that is looked at. Whether its remedy is applied is read off the labels,
    so that an undo takes that back too."""

    changed = Signal()  # plan
    told = Signal(str)  # what was done, in words
    idle = Signal(str)  # why nothing was done

    def __init__(
        self,
        session: SessionState,
        labels: LabelState,
        audit: AuditState,
        order: OrderState,
        view: ViewState,
        state: AuditFindingsState,
        edits: Edits,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._session, self._labels, self._audit = session, labels, audit
        self._order, self._view, self._state, self._edits = order, view, state, edits
        self.plan = Plan()  # of the finding that is looked at
        self._exchange: _Exchange | None = None
        for changed in (state.reported, state.chosen_changed, labels.lock.changed, labels.loaded):
            changed.connect(self._follow)
        labels.changed.connect(self._follow_labels)

    def plan_of(self, finding: Finding) -> Plan:
        """What the remedy of any finding would do now; nothing for those that a person does."""
        report = self._state.report
        if report is None or not self._session.is_open:
            return Plan()
        if finding.action in LEAVING_OUT and len(finding.spare):
            step = leaving_out(finding.spare, self._labels.status)
            return self._locked(Plan(step, is_applied=not len(step)))
        if finding.action == RENAMING and finding.becomes and len(finding.splits) == 1:
            return self._renaming(finding, report)
        return Plan()

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
        if finding is None or not len(plan.step):
            return
        if plan.n_locked:
            self.idle.emit(self.tr("The split is locked: unlock it first"))
        elif plan.step.new_labels is not None:
            if self._edits.relabel(plan.step.sample_ids, plan.step.new_labels):
                said = self.tr("{n:,} labels of {split} changed")
                self.told.emit(said.format(n=len(plan.step), split=finding.splits[0]))
        elif self._edits.exclude(plan.step.sample_ids):
            self.told.emit(self.tr("{n:,} images excluded").format(n=len(plan.step)))

    def _renaming(self, finding: Finding, report: AuditReport) -> Plan:
        """Exchanging classes twice would undo it: it is offered for the labels it is about."""
        exchange = self._exchange
        if exchange is None or exchange.finding is not finding:
            exchange = self._exchange = self._worked_out(finding, report)
        if exchange is None:
            return Plan(is_outdated=True)
        now = self._labels.labels[exchange.sample_ids]
        if np.array_equal(now, exchange.before):
            return self._locked(Plan(exchange.step))
        is_applied = np.array_equal(now, exchange.after)
        return Plan(is_applied=is_applied, is_outdated=not is_applied)

    def _worked_out(self, finding: Finding, report: AuditReport) -> _Exchange | None:
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
        after = renamed(before, finding.becomes, names)
        return _Exchange(finding, ids, before, after, relabelling(ids, before, after))

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

    def _follow_labels(self, _sample_ids: object) -> None:
        if self._state.report is not None:
            self._follow()

    def _follow(self) -> None:
        chosen = self._state.chosen
        self.plan = self.plan_of(chosen) if chosen else Plan()
        self.changed.emit()
