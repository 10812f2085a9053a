"""The class list: what merging leaves alone, and its way through a note."""

from __future__ import annotations

import numpy as np
import pytest

from models.review.classes import ClassChange, ClassList
from models.review.decisions import Action, Status
from tests.helpers.journals import Reviewer


@pytest.mark.parametrize(
    "change", [ClassChange(name="owl “ä”"), ClassChange(merged=(2, 0), into=1)]
)
def test_a_change_goes_through_its_note(change):
    assert ClassChange.from_note(change.note()) == change


@pytest.mark.parametrize("note", ['{"op": "split"}', "{}", "no json"])
def test_a_note_that_is_no_change_is_refused(note):
    with pytest.raises((ValueError, KeyError)):
        ClassChange.from_note(note)


def test_going_back_undoes_each_change():
    lists = [ClassList.of(("a", "b"))]
    changes = [ClassChange(name="c"), ClassChange(merged=(2,), into=0), ClassChange(name="d")]
    for change in changes:
        lists.append(lists[-1].after(change))
    assert lists[-1] == ClassList.of(("a", "b"), changes)
    for change, before in zip(reversed(changes), reversed(lists[:-1]), strict=True):
        assert lists.pop().before(change) == before


def test_merging_keeps_excluded_and_doubted_samples_so():
    person = Reviewer(np.array([0, 0, 0, 1], np.int32))
    person.decide(Action.EXCLUDE, [0])
    person.decide(Action.SECOND_LOOK, [1])
    person.merge([0], 1)
    assert person.labels.tolist() == [1, 1, 1, 1]
    assert person.status.tolist() == [
        Status.EXCLUDED,
        Status.SECOND_LOOK,
        Status.CHANGED,
        Status.PENDING,
    ]


def test_a_class_is_not_merged_into_itself():
    with pytest.raises(ValueError, match="itself"):
        Reviewer(np.zeros(1, np.int32)).merge([0], 0)


def test_a_class_named_twice_is_refused_and_read_as_once():
    with pytest.raises(ValueError, match="twice"):
        Reviewer(np.zeros(1, np.int32)).merge([0, 0], 1)
    written_before = '{"op": "merge", "merged": [0, 0], "into": 1}'
    assert ClassChange.from_note(written_before) == ClassChange(merged=(0,), into=1)


def test_codes_follow_merges_of_merges():
    classes = ClassList(("a", "b", "c", "d"), {0: 1, 1: 3})
    assert classes.standing(np.array([-1, 0, 1, 2, 3], np.int32)).tolist() == [-1, 3, 3, 2, 3]


def test_classes_merged_in_a_circle_still_stand_somewhere() -> None:
    circle = ClassList(("ant", "bee", "cat"), {0: 1, 1: 0})
    codes = circle.standing(np.arange(3, dtype=np.int32))
    assert codes[2] == 2
    assert set(codes[:2]) <= {0, 1}


def test_an_added_class_that_took_the_code_of_another_is_not_the_one_a_run_met():
    met = ("ant", "bee", "wasp", "fly")
    classes = ClassList.of(("Ant", "bee"), [ClassChange(name="hornet"), ClassChange(name="fly")])
    assert classes.n_known_to(met) == 2
    assert classes.n_known_to(("ant", "bee", "hornet")) == 3
    assert classes.n_known_to(("ant",)) == 1
    assert classes.n_known_to(()) == 4
