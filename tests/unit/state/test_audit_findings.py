"""What of an audit is shown: in which order, as it grows, when it is stopped, and of what."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from models.review.remedies import Outcome
from models.types import Progress
from qtapp.state.audit_findings import AuditFindingsState, AuditReport, Recheck, ordered
from tests.helpers.findings import message, report

LABELS = np.array([0, 1, 2, 0], np.int32)
EMPTY = report(LABELS, [], is_partial=True)


@pytest.fixture
def state(qapp: object) -> AuditFindingsState:
    return AuditFindingsState()


def test_the_most_serious_come_first_and_symptoms_under_their_cause() -> None:
    found = ordered(
        [
            message("label_shift:test", "warning", explained_by="class_missing:test"),
            message("imbalance:train", "note"),
            message("class_missing:test", "error"),
            message("gap_unexplained:test", "warning", explained_by="label_shift:test"),
        ]
    )
    assert [(one.kind, one.depth) for one in found] == [
        ("class_missing", 0),
        ("label_shift", 1),
        ("gap_unexplained", 2),
        ("imbalance", 0),
    ]


def test_a_cause_that_is_not_known_yet_hides_nothing() -> None:
    (one,) = ordered([message("label_shift:test", explained_by="order")])
    assert one.depth == 0


def test_the_most_serious_finding_is_looked_at_until_another_is_chosen(
    state: AuditFindingsState,
) -> None:
    number = state.begin_audit(EMPTY)
    assert state.chosen is None
    state.accept(number, report(LABELS, [message("blur:test", "note")], is_partial=True))
    assert state.chosen_id == "blur:test"
    more = [message("blur:test", "note"), message("leak_near:train+test", "error")]
    state.accept(number, report(LABELS, more, is_partial=True))
    assert state.chosen_id == "leak_near:train+test"
    state.choose("blur:test")
    state.accept(number, report(LABELS, more))
    assert state.chosen_id == "blur:test"  # what is read does not go away
    state.end(number, None)
    assert state.report is not None
    assert len(state.report.findings) == 2


def test_a_stopped_audit_keeps_what_it_found(state: AuditFindingsState) -> None:
    number = state.begin_audit(EMPTY)
    state.accept(number, report(LABELS, [message("blur:test")], is_partial=True))
    state.end(number, None)
    assert state.report is not None
    assert state.report.is_partial
    assert len(state.report.findings) == 1


def test_one_that_was_stopped_before_it_found_anything_brings_back_the_one_before(
    state: AuditFindingsState,
) -> None:
    before, gone = report(LABELS, [message("blur:test")]), Recheck("blur:test", Outcome.GONE)
    state.recall(before, [gone])
    number = state.begin_audit(EMPTY)
    assert state.report is EMPTY
    assert not state.rechecks
    state.end(number, None)
    assert state.report is before
    assert state.chosen_id == "blur:test"
    assert state.rechecks == {"blur:test": gone}  # what its remedies came to, too


def test_what_is_kept_does_not_come_over_what_is_made(state: AuditFindingsState) -> None:
    number = state.begin_audit(EMPTY)
    state.recall(report(LABELS, [message("blur:test")]))
    assert state.report is EMPTY
    state.accept(number, Progress(1, 5, "checking labels"))
    assert state.progress is not None


def test_events_of_a_dataset_that_was_closed_are_not_heard(state: AuditFindingsState) -> None:
    number = state.begin_audit(EMPTY)
    state.reset()
    state.accept(number, report(LABELS, [message("blur:test")]))
    assert state.report is None


def test_a_report_is_about_the_labels_and_exclusions_it_saw() -> None:
    made: AuditReport = report(LABELS, [])
    every = np.ones(4, bool)
    assert made.is_about(LABELS, every)
    assert not made.is_about(LABELS[::-1], every)
    assert not made.is_about(LABELS, np.array([True, True, True, False]))
    assert not replace(made, included=None).is_about(LABELS, every)
