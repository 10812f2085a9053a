"""Audits the open dataset in a child process, and shows the audit that is kept of it."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtCore import QObject, Signal

from models.data.audits import KeptAudit, kept_audit
from models.errors import WinnowError
from models.processes.auditing import AuditRequest, audit
from models.review.decisions import Status
from models.types import DatasetInfo, Event, Events, Finished, Found, LabelVector, Mask, Unable
from qtapp.jobs.one_at_a_time import OneAtATime
from qtapp.jobs.worker import Cancelled, JobThread
from qtapp.state.audit_findings import (
    CHANGED_SINCE,
    AuditFindingsState,
    AuditReport,
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
        self._reading = OneAtATime("kept audit", self)
        self._reading.arrived.connect(self._recall)
        self._reading.failed.connect(self.failed)
        session.changed.connect(self._look_for_kept)
        state.ended.connect(self._after)

    @property
    def is_idle(self) -> bool:
        return not (self._state.is_running or self._reading.is_busy)

    def audit(self, *, quick: bool = False) -> None:
        """Look for what is wrong with the dataset as it stands now."""
        info = self._session.info
        if info is None or self._state.is_running:
            return
        self._thread.wait()  # its end came, it is at most a few instructions from there
        labels, included = self._now()
        request = AuditRequest(
            project=Path(self._session.project_path),
            source=info.request,
            labels=labels,
            included=included,
            class_names=self._labels.class_names,
            run=self._scores.run,
            quick=quick,
        )
        empty = AuditReport(
            labels=labels,
            included=included,
            has_model=bool(request.run),
            is_quick=quick,
            is_partial=True,
        )
        self._thread.begin(self._state.begin_audit(empty), lambda: _auditing(request, info, empty))

    def cancel(self) -> None:
        """Stop; what was found so far stays."""
        self._thread.cancel()

    def stop(self) -> None:
        """The dataset is being closed: end the child and forget."""
        self._thread.stop()
        self._reading.stop()
        self._state.reset()

    def _now(self) -> tuple[LabelVector, Mask]:
        labels = self._labels.labels.copy()
        included = self._labels.status != Status.EXCLUDED
        labels.flags.writeable = included.flags.writeable = False
        return labels, included

    def _look_for_kept(self) -> None:
        info = self._session.info
        if info is None or self._reading.is_busy:
            return
        project, (labels, included) = Path(self._session.project_path), self._now()
        self._reading.begin(lambda: _recalling(project, info, labels, included))

    def _recall(self, report: Event) -> None:
        if isinstance(report, AuditReport):
            self._state.recall(report)

    def _after(self, error: BaseException | None) -> None:
        if error is not None and not isinstance(error, Cancelled | WinnowError):
            self.failed.emit(error)


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
            yield replace(_told(event.result, empty), is_partial=False)
        else:
            yield event


def _recalling(project: Path, info: DatasetInfo, labels: LabelVector, included: Mask) -> Events:
    kept = kept_audit(project, info, labels, included)
    if kept is None:
        return
    about = AuditReport(
        labels=_as_audited(kept, info, labels),
        included=None if kept.included_changed else included,
        is_quick=kept.quick,
        created=kept.created,
    )
    with suppress(KeyError, TypeError, ValueError):  # written by another version, or by hand
        yield _told(kept.result, about)


def _as_audited(kept: KeptAudit, info: DatasetInfo, labels: LabelVector) -> LabelVector:
    """The labels of then, as far as they are those of now."""
    changed = [code for code, name in enumerate(info.splits) if name in kept.since]
    then: LabelVector = np.where(np.isin(info.split_codes(), changed), CHANGED_SINCE, labels)
    return then.astype(np.int32)


def _told(result: Mapping[str, Any], about: AuditReport) -> AuditReport:
    return replace(
        about,
        findings=ordered(result["findings"]),
        not_checked=tuple((one["check"], one["why"]) for one in result["not_checked"]),
        has_model=result["run"] is not None,
    )
