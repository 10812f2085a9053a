"""Audits the open dataset in a child process, and shows the audit that is kept of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from models.errors import WinnowError
from models.processes.auditing import AuditRequest, audit
from models.remedying import Rechecked, rechecking
from models.review.decisions import Status
from models.types import (
    DatasetInfo,
    Event,
    Events,
    Finished,
    Found,
    LabelVector,
    Mask,
    Unable,
)
from qtapp.jobs.kept_audits import Kept, keeping, recalling, told
from qtapp.jobs.one_at_a_time import OneAtATime
from qtapp.jobs.worker import Cancelled, JobThread
from qtapp.state.audit_findings import (
    AuditFindingsState,
    AuditReport,
    Finding,
    Recheck,
    ordered,
)
from qtapp.state.labels import LabelState
from qtapp.state.scores import ScoreState
from qtapp.state.session import SessionState


class Auditor(QObject):
    """Begins when asked to, with the run whose scores are shown; without one, without a model."""

    failed = Signal(object)  # an error that is a bug

    def __init__(
        self,
        session: SessionState,
        labels: LabelState,
        scores: ScoreState,
        state: AuditFindingsState,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._session, self._labels, self._scores = session, labels, scores
        self._state = state
        self._thread = JobThread(self)
        self._thread.setObjectName("auditing")
        self._thread.progressed.connect(state.accept)
        self._thread.ended.connect(state.end)
        self._again = JobThread(self)
        self._again.setObjectName("checking again")
        self._again.progressed.connect(self._take_recheck)
        self._again.ended.connect(self._end_recheck)
        self._to_check: list[str] = []  # findings of this project, the next one first
        self._project = ""
        self._is_reopening = False  # they are to be checked once the project is open again
        self._recheck: Recheck | None = None
        self._is_undone = False  # what the check that runs is about
        self._number = 0  # of the check that runs
        self._reading = OneAtATime("kept audit", self)
        self._reading.arrived.connect(self._recall)
        self._reading.failed.connect(self.failed)
        self._keeping = OneAtATime("what became of findings", self)
        self._keeping.ended.connect(self._keep_rechecks)
        self._keeping.failed.connect(self.failed)
        self._kept: dict[str, Recheck] = {}  # by id, as they are on disk
        session.changed.connect(self._look_for_kept)
        labels.saved_changed.connect(self._check_again)
        state.ended.connect(self._after)
        state.rechecked.connect(self._keep_rechecks)

    @property
    def is_idle(self) -> bool:
        is_checking = self._again.isRunning() or bool(self._state.checking)
        is_on_disk = not (self._reading.is_busy or self._keeping.is_busy)
        return is_on_disk and not (self._state.is_running or is_checking)

    def audit(self, *, quick: bool = False) -> None:
        """Look for what is wrong with the dataset as it stands now."""
        info = self._session.info
        if info is None or self._state.is_running or self._state.checking:
            return
        self._to_check.clear()
        self._kept = {}  # they are of the audit before
        self._thread.wait()  # its end came, it is at most a few instructions from there
        request = self._request(info, quick=quick)
        empty = AuditReport(
            labels=request.labels,
            included=request.included,
            has_model=bool(request.run),
            is_quick=quick,
            is_partial=True,
            near_copies=self._state.near_copies,
        )
        self._thread.begin(self._state.begin_audit(empty), lambda: _auditing(request, info, empty))

    def check_again(self, finding_id: str, reopening: bool = False) -> None:
        """Say whether a finding is gone: once what was done about it is on disk and, if the dataset
        is opened anew for it, that has happened."""
        if self._project != self._session.project_path:
            self._project, self._to_check = self._session.project_path, []
        self._to_check = [*(one for one in self._to_check if one != finding_id), finding_id]
        self._is_reopening = reopening
        self._check_again()

    def forget(self, finding_id: str) -> None:
        """What was done about a finding was undone: whether it helped is no question any more."""
        self._to_check = [one for one in self._to_check if one != finding_id]
        if finding_id == self._state.checking:
            self._is_undone = True
            self._again.cancel()

    def cancel(self) -> None:
        """Stop; what was found so far stays."""
        self._to_check.clear()
        self._thread.cancel()
        self._again.cancel()

    def stop(self) -> None:
        """The dataset is being closed: end the child and forget."""
        self._thread.stop()
        self._again.stop()
        self._number += 1  # what it still has to say is about the dataset before
        self._state.end_recheck(None)
        self._reading.stop()
        self._keeping.stop()
        self._kept = {}
        self._state.reset()

    def _request(self, info: DatasetInfo, *, quick: bool) -> AuditRequest:
        labels, included = self._now()
        return AuditRequest(
            project=Path(self._session.project_path),
            source=info.request,
            labels=labels,
            included=included,
            class_names=self._labels.class_names,
            merged=dict(self._labels.classes.merged),
            run=self._scores.run,
            quick=quick,
        )

    def _check_again(self) -> None:
        """Begin, if what is to be checked is known and on disk."""
        info, report, state = self._session.info, self._state.report, self._state
        is_open = info is not None and self._project == self._session.project_path
        is_waiting = self._is_reopening or self._labels.n_pending > 0
        if not (self._to_check and is_open and report) or is_waiting:
            return
        if state.is_running or state.checking:
            return
        self._again.wait()  # its end came, it is at most a few instructions from there
        finding_id = self._to_check.pop(0)
        finding = next((one for one in report.findings if one.id == finding_id), None)
        if finding is None:
            return
        assert info is not None
        self._recheck, self._is_undone = None, False
        request = self._request(info, quick=report.is_quick)
        known = _as_message(finding)
        state.begin_recheck(finding_id)
        self._number += 1
        self._again.begin(self._number, lambda: rechecking(request, info, known))

    def _take_recheck(self, number: int, event: Event) -> None:
        if isinstance(event, Rechecked) and number == self._number:
            self._recheck = Recheck(event.finding_id, event.outcome, event.left, event.why)

    def _end_recheck(self, number: int, error: BaseException | None) -> None:
        if number != self._number:
            return
        self._state.end_recheck(None if error or self._is_undone else self._recheck)
        if error is not None and not isinstance(error, Cancelled):
            self.failed.emit(error)
        self._check_again()

    def _keep_rechecks(self) -> None:
        """Who opens the project again is to see what was remedied."""
        project, now = self._session.project_path, dict(self._state.rechecks)
        if project and now != self._kept and not self._keeping.is_busy:
            self._kept = now
            self._keeping.begin(lambda: keeping(Path(project), now))

    def _now(self) -> tuple[LabelVector, Mask]:
        labels = self._labels.labels.copy()
        included = self._labels.status != Status.EXCLUDED
        labels.flags.writeable = included.flags.writeable = False
        return labels, included

    def _look_for_kept(self) -> None:
        info = self._session.info
        if info is None or self._reading.is_busy:
            return
        self._is_reopening = False
        project, (labels, included) = Path(self._session.project_path), self._now()
        self._reading.begin(lambda: recalling(project, info, labels, included))

    def _recall(self, event: Event) -> None:
        if isinstance(event, Kept):
            self._kept = {one.finding_id: one for one in event.rechecks}
            self._state.recall(event.report, event.rechecks)
            if self._to_check and self._project == self._session.project_path:
                self._state.choose(self._to_check[-1])  # the dataset was opened anew for it
            self._check_again()

    def _after(self, error: BaseException | None) -> None:
        if error is not None and not isinstance(error, Cancelled | WinnowError):
            self.failed.emit(error)


def _as_message(finding: Finding) -> dict[str, Any]:
    """What of a finding it is known again by, as `winnow audit --json` prints it."""
    known = {name: getattr(finding, name) for name in ("id", "check", "kind", "severity", "splits")}
    return {**known, "action": {"name": finding.action}}


def _auditing(request: AuditRequest, info: DatasetInfo, empty: AuditReport) -> Events:
    """What is found, as reports that grow, and at last the whole one."""
    so_far = empty
    found: list[dict[str, Any]] = []
    for event in audit(request, info):
        if isinstance(event, Found):
            found.append(event.finding)
            so_far = replace(so_far, findings=ordered(found))
            yield so_far
        elif isinstance(event, Unable):
            why = (event.check, event.sentence)
            so_far = replace(so_far, not_checked=(*so_far.not_checked, why))
            yield so_far
        elif isinstance(event, Finished):
            yield told(event.result, empty)
        else:
            yield event
