"""Decisions from a list: few edits, the meaning of the list kept."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.review.decisions import LABEL_ACTIONS, Action, Edit, Seen, Status, decide, log_rows
from models.review.replay import replay
from models.review.scripted import Instruction, Skipped, scripted_edits
from models.types import LabelVector, StatusVector

N, K = 6, 4
GIVEN = np.array([0, 1, 2, 3, 0, -1], np.int32)
SUGGESTED = np.array([1, 1, -1, 0, 2, 3], np.int32)
SEEN = Seen(SUGGESTED, np.linspace(0, 1, N).astype(np.float32), run=2)


def edits_of(
    instructions: list[Instruction], labels: LabelVector, status: StatusVector
) -> tuple[list[Edit], list[Skipped]]:
    return scripted_edits(
        instructions,
        given=GIVEN,
        labels=labels,
        status=status,
        seen=SEEN,
        reviewers={"": 0, "ada": 1},
        first_step=5,
        time_ns=1,
    )


def fresh() -> tuple[LabelVector, StatusVector]:
    return GIVEN.copy(), np.zeros(N, np.uint8)


@st.composite
def lists(draw: st.DrawFn) -> list[Instruction]:
    actions = draw(st.lists(st.sampled_from(LABEL_ACTIONS), max_size=12))
    return [
        Instruction(
            row,
            draw(st.integers(0, N - 1)),
            action,
            draw(st.integers(0, K - 1)) if action is Action.SET else -1,
            draw(st.sampled_from(["", "ada"])),
        )
        for row, action in enumerate(actions, 2)
    ]


@pytest.mark.slow
@given(lists())
def test_the_list_means_the_same_as_one_key_press_a_row(instructions: list[Instruction]) -> None:
    labels, status = fresh()
    for one in instructions:
        ids = np.array([one.sample_id])
        seen = Seen(SUGGESTED[ids], SEEN.suspicion[ids])
        edit = decide(
            one.action,
            ids,
            given=GIVEN,
            labels=labels,
            status=status,
            seen=seen,
            step=1,
            time_ns=1,
            label=one.label,
        )
        edit.apply(labels, status)
    scripted_labels, scripted_status = fresh()
    edits, _ = edits_of(instructions, scripted_labels, scripted_status)
    assert scripted_labels.tolist() == labels.tolist()
    assert scripted_status.tolist() == status.tolist()
    assert [edit.step for edit in edits] == list(range(5, 5 + len(edits)))


@pytest.mark.slow
@given(lists())
def test_the_log_of_a_list_replays_to_its_result(instructions: list[Instruction]) -> None:
    labels, status = fresh()
    edits, _ = edits_of(instructions, labels, status)
    rows = np.concatenate([log_rows(edit, 1) for edit in edits] or [log_rows(_nothing(), 1)])
    replayed_labels, replayed_status = replay(rows, GIVEN)
    assert replayed_labels.tolist() == labels.tolist()
    assert replayed_status.tolist() == status.tolist()


def test_distinct_samples_of_one_reviewer_are_one_step() -> None:
    decided = [Instruction(2, 0, Action.ACCEPT), Instruction(3, 1, Action.EXCLUDE)]
    (edit,), skipped = edits_of(decided, *fresh())
    assert edit.action.tolist() == [Action.ACCEPT, Action.EXCLUDE]
    assert (edit.seen.run, skipped) == (2, [])


def test_a_row_that_means_nothing_is_skipped_with_a_reason() -> None:
    edits, skipped = edits_of(
        [Instruction(2, 2, Action.ACCEPT), Instruction(3, 5, Action.KEEP)], *fresh()
    )
    assert edits == []
    assert [one.row for one in skipped] == [2, 3]
    assert "no suggestion" in skipped[0].why
    assert "no given label" in skipped[1].why


def test_notes_stay_with_their_sample() -> None:
    decided = [
        Instruction(2, 3, Action.KEEP, note="sharp"),
        Instruction(3, 0, Action.SECOND_LOOK),
        Instruction(4, 1, Action.KEEP, note="blurred"),
    ]
    (edit,), _ = edits_of(decided, *fresh())
    noted = {int(edit.sample_ids[place]): text for place, text in edit.notes.items()}
    assert noted == {3: "sharp", 1: "blurred"}


def test_each_reviewer_has_edits_of_their_own() -> None:
    decided = [Instruction(2, 0, Action.KEEP), Instruction(3, 1, Action.KEEP, reviewer="ada")]
    labels, status = fresh()
    edits, _ = edits_of(decided, labels, status)
    assert [edit.reviewer for edit in edits] == [0, 1]
    assert status[:2].tolist() == [Status.KEPT, Status.KEPT]


def _nothing() -> Edit:
    labels, status = fresh()
    ids = np.empty(0, np.int64)
    return decide(
        Action.CLEAR,
        ids,
        given=GIVEN,
        labels=labels,
        status=status,
        seen=Seen.nothing(0),
        step=1,
        time_ns=1,
    )
