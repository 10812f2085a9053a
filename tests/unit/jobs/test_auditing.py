"""When an audit begins, what it is given, how its report grows, and what is kept of it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from models.data.audits import keep_audit, keep_rechecks, kept_rechecks
from models.processes.auditing import AuditRequest
from models.remedying import Rechecked
from models.review.classes import ClassList
from models.review.decisions import Status
from models.review.remedies import Outcome, Step
from models.types import DatasetInfo, Events, Finished, Found, Heartbeat, Unable
from qtapp.commands.edits import Edits
from qtapp.jobs import auditing
from qtapp.jobs.auditing import Auditor
from qtapp.jobs.worker import Cancelled
from qtapp.state.audit_findings import CHANGED_SINCE, Recheck
from tests.helpers.findings import leak, message
from tests.helpers.spaces import N_SAMPLES, dataset_info, score_set, workspace

SPLITS = {"train": 18, "test": 6}


def result(*findings: dict[str, Any], run: int | None = 1) -> dict[str, Any]:
    return {"schema": 1, "run": run, "findings": list(findings), "not_checked": []}


class Desk(QObject):
    """A workspace with an auditor whose child is replaced by what a test says."""

    def __init__(self, project: Path) -> None:
        super().__init__()
        self.project, self.space = project, workspace(self)
        self.asked: list[AuditRequest] = []
        self.goes_on_for_ever = False
        space = self.space
        self.auditor = Auditor(
            space.session, space.labels, space.scores, space.audit_findings, self
        )
        self.info = replace(dataset_info(), splits=SPLITS, request={"paths": []})

    def open(self) -> None:
        self.space.session.open(self.info, str(self.project))

    def audit(self, request: AuditRequest, _info: DatasetInfo) -> Events:
        self.asked.append(request)
        yield Found(message("blur:test"))
        yield Unable("gaps", "Too few images.")
        while self.goes_on_for_ever:
            time.sleep(0.01)
            yield Heartbeat()
        yield Finished(result(message("blur:test"), leak([19])))


@pytest.fixture
def desk(qapp: QObject, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    made = Desk(tmp_path)
    monkeypatch.setattr(auditing, "audit", made.audit)
    yield made
    made.auditor.stop()


def test_it_looks_at_the_labels_as_they_are_and_at_the_run_that_is_shown(
    qtbot: QtBot, desk: Desk
) -> None:
    desk.open()
    labels, state = desk.space.labels, desk.space.audit_findings
    desk.space.scores.show(score_set(labels.given, run=3))
    labels.status[2] = Status.EXCLUDED
    with qtbot.waitSignal(state.ended):
        desk.auditor.audit(quick=True)
    (request,) = desk.asked
    assert (request.run, request.quick, request.project) == (3, True, desk.project)
    assert np.flatnonzero(~request.included).tolist() == [2]
    report = state.report
    assert report is not None
    assert [one.kind for one in report.findings] == ["leak_exact", "blur"]
    assert (report.is_partial, report.is_quick, report.has_model) == (False, True, True)
    assert report.is_about(labels.labels, labels.status != Status.EXCLUDED)


def test_it_is_told_which_classes_were_merged(qtbot: QtBot, desk: Desk) -> None:
    desk.open()
    labels = desk.space.labels
    labels.classes = ClassList(labels.class_names, {1: 0})
    with qtbot.waitSignal(desk.space.audit_findings.ended):
        desk.auditor.audit()
    assert desk.asked[0].classes == labels.classes


def test_what_was_found_before_it_was_stopped_stays(qtbot: QtBot, desk: Desk) -> None:
    desk.open()
    state, desk.goes_on_for_ever = desk.space.audit_findings, True
    desk.auditor.audit()
    qtbot.waitUntil(lambda: state.report is not None and bool(state.report.not_checked))
    with qtbot.waitSignal(state.ended) as ended:
        desk.auditor.cancel()
    assert isinstance(ended.args[0], Cancelled)
    assert state.report is not None
    assert state.report.is_partial
    assert state.report.not_checked == (("gaps", "Too few images."),)


def test_the_kept_audit_is_shown_with_what_changed_since(qtbot: QtBot, desk: Desk) -> None:
    labels, every = desk.space.labels.labels, np.ones(N_SAMPLES, bool)
    before = labels.copy()
    before[20] = (before[20] + 1) % 3
    keep_audit(desk.project, desk.info, result(leak([19]), run=None), before, every, quick=False)
    with qtbot.waitSignal(desk.space.audit_findings.reported):
        desk.open()
    report = desk.space.audit_findings.report
    assert report is not None
    assert report.created
    assert not report.has_model
    np.testing.assert_array_equal(report.labels[:18], labels[:18])
    assert (report.labels[18:] == CHANGED_SINCE).all()
    assert not report.is_about(labels, every)


def test_near_copies_are_those_of_the_last_whole_audit(qtbot: QtBot, desk: Desk) -> None:
    labels, every = desk.space.labels.labels, np.ones(N_SAMPLES, bool)
    state = desk.space.audit_findings
    copies = message("leak_near:train+test", action={"name": "exclude", "groups": [[2, 19]]})
    series = message("related:train+test", check="related", action={"groups": [[1, 2]]})
    kept = result(copies, series, leak([19]))
    keep_audit(desk.project, desk.info, kept, labels, every, quick=False)
    with qtbot.waitSignal(state.reported):
        desk.open()
    assert np.flatnonzero(state.near_copies >= 0).tolist() == [2, 19]
    desk.goes_on_for_ever = True
    with qtbot.waitSignal(state.ended):
        desk.auditor.audit()
        qtbot.waitUntil(lambda: bool(state.report and state.report.findings))
        desk.auditor.cancel()
    assert np.flatnonzero(state.near_copies >= 0).tolist() == [2, 19]
    desk.goes_on_for_ever = False
    with qtbot.waitSignal(state.ended):
        desk.auditor.audit()
    assert (state.near_copies == -1).all()


def test_a_kept_file_that_nobody_understands_is_passed_over(qtbot: QtBot, desk: Desk) -> None:
    labels, every = desk.space.labels.labels, np.ones(N_SAMPLES, bool)
    kept = result({"id": "of another version"})
    keep_audit(desk.project, desk.info, kept, labels, every, quick=False)
    with qtbot.assertNotEmitted(desk.auditor.failed):
        desk.open()
        qtbot.waitUntil(lambda: desk.auditor.is_idle)
    assert desk.space.audit_findings.report is None


# -- after a remedy --------------------------------------------------------------------------
@pytest.fixture
def again(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is checked again; it says that everything is gone."""
    checked: list[str] = []

    def rechecking(_request: AuditRequest, _info: DatasetInfo, finding: dict[str, Any]) -> Events:
        checked.append(finding["id"])
        yield Heartbeat()
        while desk.goes_on_for_ever:
            time.sleep(0.01)
            yield Heartbeat()
        yield Rechecked(finding["id"], Outcome.GONE)

    monkeypatch.setattr(auditing, "rechecking", rechecking)
    labels, every = desk.space.labels.labels, np.ones(N_SAMPLES, bool)
    found = result(leak([19]), message("blur:test", check="distribution"))
    keep_audit(desk.project, desk.info, found, labels, every, quick=True)
    return checked


LEAK, BLUR = "leak_exact:train+test", "blur:test"


def open_kept(qtbot: QtBot, desk: Desk) -> None:
    with qtbot.waitSignal(desk.space.audit_findings.reported):
        desk.open()


def test_a_finding_is_checked_again_once_its_remedy_is_on_disk(
    qtbot: QtBot, desk: Desk, again: list[Any]
) -> None:
    open_kept(qtbot, desk)
    space, state = desk.space, desk.space.audit_findings
    edits = Edits(space.session, space.labels, space.scores, space.selection, parent=desk)
    edits.remedy(Step(np.array([19])), LEAK)
    desk.auditor.check_again(LEAK)
    assert not state.checking
    with qtbot.waitSignal(state.rechecked):
        space.labels.acknowledge(space.labels.next_step - 1)
    qtbot.waitUntil(lambda: desk.auditor.is_idle)
    assert again == [LEAK]
    assert state.rechecks[LEAK].outcome is Outcome.GONE
    assert state.report is not None
    assert len(state.report.findings) == 2  # the rest of the list stays


def test_two_findings_are_checked_one_after_the_other(
    qtbot: QtBot, desk: Desk, again: list[Any]
) -> None:
    open_kept(qtbot, desk)
    desk.auditor.check_again(LEAK)
    desk.auditor.check_again(BLUR)
    qtbot.waitUntil(lambda: len(desk.space.audit_findings.rechecks) == 2)
    assert again == [LEAK, BLUR]


def test_what_opens_the_dataset_anew_is_checked_when_it_is_open_again(
    qtbot: QtBot, desk: Desk, again: list[Any]
) -> None:
    open_kept(qtbot, desk)
    desk.auditor.check_again(BLUR, reopening=True)
    assert not desk.space.audit_findings.checking
    desk.auditor.stop()
    desk.space.session.close()
    desk.open()
    qtbot.waitUntil(lambda: BLUR in desk.space.audit_findings.rechecks)
    assert desk.space.audit_findings.chosen_id == BLUR
    assert again == [BLUR]


def test_a_check_that_is_stopped_says_nothing_and_the_next_one_can_begin(
    qtbot: QtBot, desk: Desk, again: list[Any]
) -> None:
    open_kept(qtbot, desk)
    state, desk.goes_on_for_ever = desk.space.audit_findings, True
    desk.auditor.check_again(LEAK)
    assert state.checking == LEAK
    desk.auditor.audit()
    assert not state.is_running
    desk.auditor.cancel()
    qtbot.waitUntil(lambda: not state.checking)
    assert not state.rechecks
    desk.goes_on_for_ever = False
    desk.auditor.check_again(LEAK)
    qtbot.waitUntil(lambda: LEAK in state.rechecks)


def test_a_remedy_that_is_undone_while_it_is_checked_is_not_called_a_success(
    qtbot: QtBot, desk: Desk, again: list[Any]
) -> None:
    open_kept(qtbot, desk)
    state, desk.goes_on_for_ever = desk.space.audit_findings, True
    for finding in (LEAK, BLUR):
        desk.auditor.check_again(finding)
    desk.auditor.forget(BLUR)  # it is not checked yet
    qtbot.waitUntil(lambda: again == [LEAK])
    desk.goes_on_for_ever = False
    desk.auditor._again.wait()  # the outcome is there, and nobody has heard of it yet
    desk.auditor.forget(LEAK)
    qtbot.waitUntil(lambda: not state.checking)
    assert not state.rechecks
    desk.auditor.check_again(LEAK)  # done once more
    qtbot.waitUntil(lambda: LEAK in state.rechecks)
    assert again == [LEAK, LEAK]


def test_what_became_of_a_finding_is_known_after_a_restart_until_it_is_undone(
    qtbot: QtBot, desk: Desk, again: list[Any]
) -> None:
    open_kept(qtbot, desk)
    for finding in (LEAK, BLUR):
        desk.auditor.check_again(finding)
    state = desk.space.audit_findings
    qtbot.waitUntil(lambda: len(state.rechecks) == 2 and desk.auditor.is_idle)
    assert kept_rechecks(desk.project) == {
        finding: {"outcome": "gone", "left": [], "why": ""} for finding in (LEAK, BLUR)
    }
    state.forget_recheck(BLUR)
    qtbot.waitUntil(lambda: desk.auditor.is_idle)
    later = Desk(desk.project)
    with qtbot.waitSignal(later.space.audit_findings.reported):
        later.open()
    assert later.space.audit_findings.rechecks == {LEAK: Recheck(LEAK, Outcome.GONE)}
    later.auditor.stop()


def test_what_became_of_findings_gives_way_to_another_audit(
    qtbot: QtBot, desk: Desk, again: list[Any]
) -> None:
    open_kept(qtbot, desk)
    desk.auditor.check_again(LEAK)
    state = desk.space.audit_findings
    for _ in range(2):  # the same outcome once more is kept once more
        qtbot.waitUntil(lambda: LEAK in state.rechecks and desk.auditor.is_idle)
        assert LEAK in kept_rechecks(desk.project)
        with qtbot.waitSignal(state.ended):
            desk.auditor.audit()
        assert not state.rechecks
        labels, every = desk.space.labels.labels, np.ones(N_SAMPLES, bool)
        keep_audit(desk.project, desk.info, result(leak([19])), labels, every, quick=True)
        assert not kept_rechecks(desk.project)
        desk.auditor.check_again(LEAK)


def test_an_outcome_that_nobody_knows_is_passed_over(
    qtbot: QtBot, desk: Desk, again: list[Any]
) -> None:
    keep_rechecks(desk.project, {LEAK: {"outcome": "better"}, BLUR: {"outcome": "there"}})
    open_kept(qtbot, desk)
    assert not desk.space.audit_findings.rechecks
