"""What is decided about many images at once, and that nobody's verdict comes of it."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.review.classes import ClassList
from models.review.decisions import Action, Status
from models.review.remedies import Step
from models.review.replay import classes_after
from models.review.session import session_of
from models.review.wholesale import remedies_after, wholesale
from models.types import Mask
from qtapp.state.labels import LabelState
from tests.helpers.journals import Reviewer

NAMES = ("ant", "bee", "cat")
N = 12
GIVEN = (np.arange(N) % 3).astype(np.int32)


def ids(*places: int) -> np.ndarray:
    return np.array(places, np.int64)


def by_the_log(review: Reviewer) -> Mask:
    classes = classes_after(review.log, review.notes, NAMES)
    made = remedies_after(review.log, review.given).values()
    return wholesale(review.given, review.labels, review.status, classes, made)


def found(review: Reviewer) -> list[int]:
    return np.flatnonzero(by_the_log(review)).tolist()


def test_a_label_that_moved_with_its_class_is_nobody_s_verdict():
    review = Reviewer(GIVEN)
    review.decide(Action.SET, [2], label=0)
    review.merge([1], 0)
    assert found(review) == [1, 4, 7, 10]


def test_nor_is_what_a_remedy_did_until_somebody_decides_or_undoes_it():
    review = Reviewer(GIVEN)
    review.decide(Action.EXCLUDE, [0])
    review.remedy(Step(ids(3, 4, 5)))
    review.remedy(Step(ids(6, 7), np.array([2, 2], np.int32)))
    assert found(review) == [3, 4, 5, 6, 7]
    review.decide(Action.KEEP, [4])
    assert found(review) == [3, 5, 6, 7]
    review.undo()
    review.undo()
    assert found(review) == [3, 4, 5]
    review.redo()
    assert found(review) == [3, 4, 5, 6, 7]


def test_a_remedy_is_no_part_of_a_session():
    review = Reviewer(GIVEN)
    review.decide(Action.SET, [0], label=1)
    review.remedy(Step(ids(3, 4, 5)))
    session = session_of(review.log, review.notes, GIVEN, ClassList.of(NAMES))
    assert (session.presses, session.looked_at, session.errors) == (1, 1, 1)


_IDS = st.lists(st.integers(0, N - 1), min_size=1, max_size=5, unique=True)
_KEYS: dict[str, Callable[[Reviewer, list[int], int], object]] = {
    "set": lambda review, on, label: review.decide(Action.SET, on, label=label),
    "exclude": lambda review, on, _: review.decide(Action.EXCLUDE, on),
    "leave out": lambda review, on, _: review.remedy(Step(ids(*on))),
    "exchange": lambda review, on, label: review.remedy(
        Step(ids(*on), np.full(len(on), label, np.int32))
    ),
    "merge": lambda review, _, label: review.merge([label], (label + 1) % 3),
    "undo": lambda review, *_: review.undo(),
    "redo": lambda review, *_: review.redo(),
}


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(sorted(_KEYS)), _IDS, st.integers(0, 2)), max_size=15))
def test_the_window_and_the_log_agree_on_it_whatever_is_pressed(keys):
    review, labels = Reviewer(GIVEN), LabelState()
    labels.load(GIVEN, GIVEN.copy(), np.zeros(N, np.uint8), ClassList.of(NAMES), 1, 0)
    for key, on, label in keys:
        before = len(review.steps)
        _KEYS[key](review, on, label)
        for edit in review.steps[before:]:
            labels.apply(edit)
        assert np.flatnonzero(labels.wholesale).tolist() == found(review)
        counted = np.bincount(labels.status[~labels.wholesale], minlength=len(Status))
        assert labels.looked_at.tolist() == counted.tolist()
        assert labels.has_wholesale or not labels.wholesale.any()


@pytest.mark.parametrize("then", ["undo", "keep"])
def test_a_window_that_opens_again_knows_the_remedies_of_before(then):
    review, labels = Reviewer(GIVEN), LabelState()
    review.remedy(Step(ids(3, 4)))
    made = remedies_after(review.log, GIVEN)
    known = (GIVEN, review.labels.copy(), review.status.copy())
    labels.load(*known, ClassList.of(NAMES), 2, 1, 0, made)
    assert (labels.n_reviewed, labels.count(Status.EXCLUDED)) == (0, 2)
    if then == "undo":
        review.undo()
    else:
        review.decide(Action.KEEP, [3, 4])
    labels.apply(review.steps[-1])
    assert not labels.wholesale.any()
    assert labels.n_reviewed == (0 if then == "undo" else 2)
