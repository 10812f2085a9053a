"""What a remedy of an audit would do: to which images, and that it can be turned round."""

from __future__ import annotations

import operator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.audit.finding import KINDS
from models.review.classes import ClassList
from models.review.decisions import LOG_DTYPE, Action, Edit, Status, log_rows, relabel
from models.review.remedies import (
    Exchange,
    Outcome,
    Step,
    edit_of,
    found_again,
    leaving_out,
    mapping,
    outcome,
    relabelling,
    renamed,
    why_untold,
)
from models.review.replay import classes_after, history, replay
from models.types import Unable

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


# -- classes of two names --------------------------------------------------------------------
def test_each_class_is_merged_into_the_one_it_stands_for() -> None:
    labels = np.array([0, 1, 2, -1, 3], np.int32)
    classes = ClassList.of(("cat", "dog", "Cat", "Dog"))
    step = mapping({"Cat": "cat", "Dog": "dog"}, labels, classes)
    assert step is not None
    assert step.sample_ids.tolist() == [2, 4]
    assert step.new_labels is not None
    assert step.new_labels.tolist() == [0, 1]
    assert step.becomes == {2: 0, 3: 1}


@pytest.mark.parametrize("becomes", [{"owl": "cat"}, {"Cat": "owl"}, {"Cat": "cat", "cat": "dog"}])
def test_classes_that_are_not_there_or_go_away_themselves_cannot_be_mapped(
    becomes: dict[str, str],
) -> None:
    assert mapping(becomes, np.zeros(3, np.int32), ClassList.of(("cat", "dog", "Cat"))) is None


def test_what_was_merged_already_is_no_part_of_the_step() -> None:
    classes = ClassList(("cat", "dog", "Cat", "Dog"), {2: 0})
    step = mapping({"Cat": "cat", "Dog": "dog"}, np.array([0, 3], np.int32), classes)
    assert step is not None
    assert step.becomes == {3: 1}


def test_an_exchange_knows_whether_it_is_still_to_be_done() -> None:
    labels = np.array([0, 1, 2, 1], np.int32)
    exchange = Exchange.of(
        np.array([1, 2]), labels[1:3].copy(), {"bee": "cat", "cat": "bee"}, NAMES
    )
    nobody = np.zeros(4, bool)
    assert exchange.fits(labels)
    assert exchange.step(nobody).sample_ids.tolist() == [1, 2]
    labels[1:3] = [2, 1]
    assert exchange.is_applied(labels, nobody)
    assert not exchange.fits(labels)


def test_an_exchange_leaves_alone_what_somebody_decided_on() -> None:
    labels = np.array([0, 1, 2, 1], np.int32)
    exchange = Exchange.of(np.arange(4), labels.copy(), {"bee": "cat", "cat": "bee"}, NAMES)
    decided = np.array([True, False, False, True])
    step = exchange.step(decided)
    assert step.sample_ids.tolist() == [1, 2]
    assert exchange.n_left_alone(decided) == 1
    assert step.new_labels is not None
    labels[step.sample_ids] = step.new_labels
    assert exchange.is_applied(labels, decided)


# -- in the log ------------------------------------------------------------------------------
N = 6
STEPS = (
    Step(np.array([1, 4])),
    Step(np.array([0, 2]), np.array([1, 0], np.int32)),
    Step(np.array([1, 2, 4, 5]), np.array([0, 0, 0, 0], np.int32), {1: 0, 2: 0}),
    Step(np.array([1, 2, 4, 5]), np.array([0, 3, 0, 3], np.int32), {1: 0, 2: 3}),
)


@pytest.mark.parametrize("step", STEPS)
def test_a_remedy_is_a_decision_that_the_log_knows_again_and_undoes(step: Step) -> None:
    given_labels = (np.arange(N) % 3).astype(np.int32)
    labels, status = given_labels.copy(), np.zeros(N, np.uint8)
    about = {"given": given_labels, "labels": labels, "status": status}
    edit = edit_of(step, "leak:test", **about, number=1, time_ns=5)
    rows, notes = log_rows(edit, 1), {1: edit.head[1]} if edit.head else {}
    (known,), done = history(rows, notes, given_labels)
    assert (known.remedy, done) == ("leak:test", 1)
    assert known.class_change == edit.class_change
    after = replay(rows, given_labels)
    edit.apply(labels, status)
    np.testing.assert_array_equal(after[0], labels)
    np.testing.assert_array_equal(after[1], status)
    names = ("ant", "bee", "cat", "cow")
    assert classes_after(rows, notes, names).merged == step.becomes
    undone = _and(rows, known.inverse(2, 6))
    np.testing.assert_array_equal(replay(undone, given_labels)[0], given_labels)
    assert classes_after(undone, notes, names).merged == {}
    assert history(undone, notes, given_labels)[1] == 0


def _and(rows: np.ndarray, edit: Edit) -> np.ndarray:
    return np.concatenate([rows, log_rows(edit, len(rows) + 1)]).astype(LOG_DTYPE)


# -- whether it has helped -------------------------------------------------------------------
def found(finding_id: str, severity: str = "error", action: str = "exclude") -> dict[str, object]:
    kind = finding_id.split(":")[0]
    return {"id": finding_id, "kind": kind, "severity": severity, "action": {"name": action}}


LEAK = found("leak:train+test")


def test_what_is_found_again_is_the_same_thing_in_the_same_place() -> None:
    other, same = found("leak:train+val"), found("leak:train+test", "note")
    assert found_again(LEAK, [other, same]) == [same]
    torn = found("related:train+test", action="group")
    elsewhere = found("related:fold1+fold2", action="group")
    assert found_again(torn, [elsewhere, other]) == [elsewhere]  # splits are others then
    assert found_again({**LEAK, "action": None}, [other]) == []


def test_one_shortcut_is_not_another_one() -> None:
    by_split = found("shortcut:by split:test:Coat", action="split")
    mark, moved = found("shortcut:mark:Coat"), found("shortcut:by split:train:Dress")
    assert found_again(by_split, [mark, moved]) == [moved]


@pytest.mark.parametrize(
    ("again", "is_told", "came_of"),
    [
        ([], True, Outcome.GONE),
        ([], False, Outcome.UNKNOWN),
        ([found("leak:train+test", "note")], True, Outcome.LESSER),
        ([LEAK], True, Outcome.THERE),
        ([LEAK], False, Outcome.THERE),
    ],
)
def test_the_outcome_follows_from_what_is_found_again(
    again: list[dict[str, object]], is_told: bool, came_of: Outcome
) -> None:
    assert outcome(LEAK, again, is_told=is_told) is came_of


def unable(*about: str, **fields: bool) -> Unable:
    return Unable("labels", f"Not about {about}.", about, **fields)


@pytest.mark.parametrize(
    ("said", "is_told"),
    [
        (unable(), False),  # of anything that the check finds
        (unable("class_swap"), False),
        (unable("label_noise:train", "class_swap:test"), False),
        (unable("class_swap:test:Coat+Shirt"), False),
        (unable("label_noise"), True),
        (unable("class_swap:train"), True),
        (unable("class_swap:te", "class"), True),  # another split and another kind, not its own
        (unable(partly=True), True),
        (unable("class_swap", partly=True), True),
    ],
)
def test_a_check_cannot_tell_what_it_says_it_cannot(said: Unable, *, is_told: bool) -> None:
    why = why_untold("class_swap:test:Coat+Shirt", [unable("order"), said])
    assert why == ("" if is_told else said.sentence)


EVERY_KIND = [kind for kinds in KINDS.values() for kind in kinds]
PLACES = st.sampled_from(["", ":train", ":test", ":train+test", ":test:Coat+Shirt"])
IDS = st.builds(operator.add, st.sampled_from(EVERY_KIND), PLACES)


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(st.data(), IDS, st.booleans())
def test_what_is_said_of_another_kind_never_changes_the_outcome(
    data: st.DataObject, finding_id: str, is_found: bool
) -> None:
    finding = found(finding_id)
    again = [finding] if is_found else []
    said = [unable(*names) for names in data.draw(st.lists(st.lists(IDS, min_size=1)))]
    of_others = IDS.filter(lambda other: other.split(":")[0] != finding["kind"])
    others = data.draw(st.lists(st.lists(of_others, min_size=1), min_size=1))
    mixed = data.draw(st.permutations([*said, *(unable(*names) for names in others)]))

    def came_of(unable: list[Unable]) -> Outcome:
        return outcome(finding, again, is_told=not why_untold(finding_id, unable))

    assert came_of(mixed) is came_of(said)
