"""Corrections are counted against the labels of the last run."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.review.classes import ClassList
from models.review.decisions import NO_STEP, Action, Edit, Seen, Status
from models.types import UNLABELLED
from qtapp.state import corrections
from qtapp.state.corrections import CorrectionState
from qtapp.state.labels import LabelState


def open_labels() -> LabelState:
    """Sample i of 24 is given class i % 3."""
    labels, given_labels = LabelState(), (np.arange(24) % 3).astype(np.int32)
    classes = ClassList.of(("ant", "bee", "cat"))
    labels.load(given_labels, given_labels.copy(), np.zeros(24, np.uint8), classes, 1, 0)
    return labels


def decide(labels: LabelState, sample_id: int, status: Status, label: int | None = None) -> None:
    ids = np.array([sample_id])
    new = labels.labels[ids] if label is None else np.array([label], np.int32)
    labels.apply(
        Edit(
            step=labels.next_step,
            action=np.array([Action.SET], np.uint8),
            sample_ids=ids,
            old_labels=labels.labels[ids],
            new_labels=new,
            old_status=labels.status[ids],
            new_status=np.array([status], np.uint8),
            seen=Seen.nothing(1),
            time_ns=0,
            undoes=NO_STEP,
        )
    )


def test_a_correction_counts_until_it_is_taken_back() -> None:
    labels = open_labels()
    heard: list[int] = []
    corrections = CorrectionState(labels)
    corrections.changed.connect(lambda: heard.append(corrections.count))
    corrections.load(labels.given.copy())
    decide(labels, 4, Status.KEPT)
    assert heard == []
    decide(labels, 4, Status.CHANGED, label=0)
    decide(labels, 7, Status.EXCLUDED)
    decide(labels, 4, Status.PENDING, label=1)
    assert heard == [1, 2, 1]


def test_when_they_are_worth_training_again_is_said_once_a_run(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(corrections, "WORTH_TRAINING", 2)
    labels = open_labels()
    state, said = CorrectionState(labels), []
    state.worth_training.connect(lambda: said.append(state.count))
    state.load(labels.given.copy())
    for sample_id in (0, 3, 6):
        decide(labels, sample_id, Status.CHANGED, 1)
    state.load(labels.given.copy())  # the runs are listed again: it is the same one
    assert said == [2]
    state.load(labels.labels.copy())
    for sample_id in (9, 12):
        decide(labels, sample_id, Status.CHANGED, 1)
    assert said == [2, 2]


def test_an_image_that_was_excluded_then_and_now_counts_for_nothing() -> None:
    labels = open_labels()
    learnt = labels.given.copy()
    learnt[7] = UNLABELLED
    corrections = CorrectionState(labels)
    decide(labels, 7, Status.EXCLUDED)
    corrections.load(learnt)
    assert corrections.count == 0
    decide(labels, 7, Status.PENDING)
    assert corrections.count == 1


def test_without_a_run_or_with_one_of_other_images_there_is_nothing_to_count() -> None:
    labels = open_labels()
    corrections = CorrectionState(labels)
    decide(labels, 4, Status.CHANGED, label=0)
    corrections.load(np.zeros(5, np.int32))
    assert corrections.count == 0
    corrections.load(labels.given.copy())
    assert corrections.count == 1
    labels.loaded.emit()
    assert corrections.count == 0


@pytest.mark.slow
@given(st.lists(st.tuples(st.integers(0, 23), st.integers(0, 2), st.booleans()), max_size=12))
def test_the_count_is_that_of_looking_at_all(steps: list[tuple[int, int, bool]]) -> None:
    labels = open_labels()
    corrections = CorrectionState(labels)
    corrections.load(labels.given.copy())
    for sample_id, label, excluded in steps:
        decide(labels, sample_id, Status.EXCLUDED if excluded else Status.CHANGED, label)
    now = np.where(labels.status == Status.EXCLUDED, UNLABELLED, labels.labels)
    assert corrections.count == (now != labels.given).sum()
