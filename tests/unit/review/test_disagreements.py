"""Where reviewers contradict each other, and what settles it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.review.classes import ClassList
from models.review.decisions import EXCLUDING, LOG_DTYPE, NO_SAMPLE, NO_STEP, Action
from models.review.disagreements import Disagreements, disagreements
from models.types import LogRows

ANNA, BEN, CARL = range(3)
CLASSES = ClassList.of(("ant", "bee", "cat"))

Word = tuple[int, Action, int]  # who, what, which class


def log_of(*words: Word, sample: int = 0) -> LogRows:
    """A word a step, each about the same image."""
    rows = np.zeros(len(words), LOG_DTYPE)
    rows["seq"] = rows["step"] = rows["time_ns"] = np.arange(1, len(words) + 1)
    rows["sample"], rows["undo_of"] = sample, NO_STEP
    for row, (who, action, label) in zip(rows, words, strict=True):
        row["reviewer"], row["action"], row["new"] = who, action, label
    return rows


def found(*words: Word, classes: ClassList = CLASSES) -> Disagreements:
    return disagreements(log_of(*words), {}, classes, 1)


def says(who: int, label: int, action: Action = Action.SET) -> Word:
    return who, action, label


@pytest.mark.parametrize(
    ("words", "is_open", "is_settled"),
    [
        ([says(ANNA, 1)], False, False),
        ([says(ANNA, 1), says(BEN, 1)], False, False),
        ([says(ANNA, 1), says(ANNA, 2)], False, False),  # changed her mind
        ([says(ANNA, 1), says(BEN, 2)], True, False),
        ([says(ANNA, 1), says(BEN, 1), says(BEN, 2)], True, False),  # Anna still says 1
        ([says(ANNA, 1), says(BEN, 2), says(ANNA, 1)], False, True),
        ([says(ANNA, 1), says(BEN, 2), says(CARL, 0)], False, True),
        ([says(ANNA, 1), says(BEN, 2, Action.OPINION)], True, False),
        ([says(ANNA, 1), says(ANNA, 2, Action.OPINION)], True, False),  # another of that name
        ([says(ANNA, 1), says(BEN, 2, Action.OPINION), says(CARL, 2, Action.OPINION)], True, False),
        ([says(ANNA, 1), says(BEN, 2, Action.OPINION), says(ANNA, 1)], False, True),
        ([says(ANNA, 1), says(BEN, EXCLUDING, Action.OPINION)], True, False),
        ([says(ANNA, 1, Action.EXCLUDE), says(BEN, EXCLUDING, Action.OPINION)], False, False),
        ([says(ANNA, 1), says(BEN, 1, Action.EXCLUDE)], True, False),
        ([says(ANNA, 1), says(ANNA, 1, Action.CLEAR), says(BEN, 2)], False, False),
        ([says(ANNA, 1), says(BEN, 2), says(BEN, 2, Action.SECOND_LOOK)], True, False),
        ([says(ANNA, 1), says(BEN, 2), says(BEN, 0, Action.CLEAR), says(BEN, 2)], False, True),
    ],
)
def test_what_opens_and_what_settles(words: list[Word], is_open: bool, is_settled: bool) -> None:
    both = found(*words)
    assert (both.open.tolist(), both.settled.tolist()) == ([is_open], [is_settled])


def test_merged_classes_do_not_differ() -> None:
    merged = ClassList(CLASSES.names, {1: 2})
    assert not found(says(ANNA, 1), says(BEN, 2), classes=merged).open.any()


def test_what_was_undone_contradicts_nobody() -> None:
    rows = log_of(says(ANNA, 1), says(BEN, 2), (BEN, Action.UNDO, 1))
    rows["undo_of"][2] = 2
    both = disagreements(rows, {}, CLASSES, 1)
    assert not (both.open | both.settled).any()


def test_the_remedy_of_an_audit_contradicts_nobody_and_settles_nothing() -> None:
    rows = log_of(says(ANNA, 1), says(BEN, 2), says(CARL, 0))
    head = rows[2:].copy()
    head["sample"], head["action"] = NO_SAMPLE, Action.REMEDY
    both = disagreements(np.concatenate([rows, head]), {}, CLASSES, 1)
    assert (both.open.tolist(), both.settled.tolist()) == ([True], [False])
    both = disagreements(np.concatenate([rows[[0, 2]], head]), {}, CLASSES, 1)
    assert not (both.open | both.settled).any()


def test_an_empty_log_has_none() -> None:
    both = disagreements(np.empty(0, LOG_DTYPE), {}, CLASSES, 3)
    assert both.open.tolist() == both.settled.tolist() == [False] * 3


actions = st.sampled_from([Action.SET, Action.EXCLUDE, Action.CLEAR, Action.OPINION])
words = st.tuples(st.integers(0, 2), actions, st.integers(0, 2))


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(words, max_size=6), min_size=1, max_size=5))
def test_images_are_judged_each_by_itself(images: list[list[Word]]) -> None:
    rows = np.concatenate([log_of(*said, sample=at) for at, said in enumerate(images)])
    rows = rows[np.lexsort((rows["sample"], rows["seq"]))]  # the images take turns
    rows["seq"] = rows["step"] = np.arange(1, len(rows) + 1)
    whole = disagreements(rows, {}, CLASSES, len(images))
    alone = [found(*said) for said in images]
    assert whole.open.tolist() == [bool(one.open[0]) for one in alone]
    assert whole.settled.tolist() == [bool(one.settled[0]) for one in alone]
    assert not (whole.open & whole.settled).any()
