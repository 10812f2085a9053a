"""What a remedy of an audit would do: to which images, and that it can be turned round."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.review.decisions import Action, Status, relabel
from models.review.remedies import leaving_out, relabelling, renamed

NAMES = ("ant", "bee", "cat")


def test_what_is_left_out_already_is_no_part_of_the_step() -> None:
    status = np.array([0, Status.EXCLUDED, Status.KEPT, 0], np.uint8)
    step = leaving_out(np.array([1, 2, 3]), status)
    assert step.sample_ids.tolist() == [2, 3]
    assert step.new_labels is None


def test_two_classes_change_places_and_unlabelled_images_stay() -> None:
    labels = np.array([0, 1, 2, -1, 1], np.int32)
    after = renamed(labels, {"ant": "bee", "bee": "ant"}, NAMES)
    assert after[3] == -1
    step = relabelling(np.arange(10, 15), labels, after)
    assert step.sample_ids.tolist() == [10, 11, 14]
    assert step.new_labels is not None
    assert step.new_labels.tolist() == [1, 0, 0]


def test_a_class_that_is_gone_is_named() -> None:
    with pytest.raises(ValueError, match="wasp"):
        renamed(np.zeros(2, np.int32), {"ant": "wasp"}, NAMES)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(-1, 4), max_size=20), st.permutations(range(5)))
def test_an_exchange_and_its_inverse_leave_everything_as_it_was(
    codes: list[int], order: list[int]
) -> None:
    names, labels = tuple("abcde"), np.array(codes, np.int32)
    there = {names[i]: names[j] for i, j in enumerate(order)}
    back = {after: before for before, after in there.items()}
    np.testing.assert_array_equal(renamed(renamed(labels, there, names), back, names), labels)


def test_a_relabelled_image_that_was_left_out_stays_so() -> None:
    given_labels = np.array([0, 1, 2, 1], np.int32)
    status = np.array([0, Status.EXCLUDED, Status.SECOND_LOOK, Status.CHANGED], np.uint8)
    labels = np.array([0, 1, 2, 0], np.int32)
    edit = relabel(
        np.arange(4),
        np.array([1, 0, 1, 1], np.int32),
        given=given_labels,
        labels=labels,
        status=status,
        step=1,
        time_ns=0,
    )
    assert edit.new_status.tolist() == [
        *(Status.CHANGED, Status.EXCLUDED, Status.SECOND_LOOK, Status.KEPT),
    ]
    assert edit.action[1] == Action.EXCLUDE
    edit.apply(labels, status)
    edit.inverse(2, 0).apply(labels, status)
    assert labels.tolist() == [0, 1, 2, 0]
