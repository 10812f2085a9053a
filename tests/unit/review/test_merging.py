"""What another log adds to ours, by rules and by replaying random pairs of logs."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.review.addition import Log
from models.review.causes import Remark
from models.review.classes import ClassList
from models.review.decisions import LOG_DTYPE, NO_SAMPLE, Action, Status
from models.review.disagreements import disagreements
from models.review.merging import Brought, bring
from models.review.opinions import by_remedy, opinions, words
from models.review.remarks import remarks_after, without_remarks_on_nothing
from models.review.remedies import Step
from models.review.replay import classes_after, history, replay
from models.review.wholesale import remedies_after
from models.types import LabelVector, Mask
from tests.helpers.journals import Reviewer

NAMES = ("ant", "bee", "cat")
ANNA, BEN = "Anna", "Ben"


class Person(Reviewer):
    """A reviewer with a project of their own, whose clock never shows what another's does."""

    started = 0

    def __init__(self, given: LabelVector, *names: str) -> None:
        super().__init__(given)
        self.names = list(names)
        Person.started += 1
        self._offset = Person.started

    def _now(self) -> int:
        return super()._now() + self._offset

    def as_log(self, names: tuple[str, ...] = NAMES) -> Log:
        return logged(self, self.names, names)


def logged(review: Reviewer, people: list[str], names: tuple[str, ...] = NAMES) -> Log:
    rows = review.log
    classes = classes_after(rows, review.notes, names)
    return Log(rows, review.notes, people, classes, len(review.steps) + 1)


def extended(log: Log, brought: Brought, names: tuple[str, ...] = NAMES) -> Log:
    """Our log once it was appended to."""
    rows = np.concatenate([log.rows, brought.rows])
    notes = {**log.notes, **brought.notes}
    step = int(rows["step"].max(initial=0)) + 1
    return Log(rows, notes, brought.reviewers, classes_after(rows, notes, names), step)


def merged(ours: Log, theirs: Log, given: LabelVector, names=NAMES) -> tuple[Log, Brought]:
    brought = bring(ours, theirs, given, np.arange(len(given)), "other.winnow")
    return extended(ours, brought, names), brought


def pair(n: int = 6) -> tuple[Person, Person]:
    zeros = np.zeros(n, np.int32)
    return Person(zeros, ANNA), Person(zeros, BEN)


def open_ones(log: Log, n: int = 6) -> list[int]:
    return np.flatnonzero(disagreements(log.rows, log.notes, log.classes, n).open).tolist()


def said_of(log: Log) -> set[tuple[int, str, str]]:
    found = opinions(log.rows, log.notes, log.classes)
    columns = (found.sample_ids, found.reviewers, found.verdicts)
    return {
        (sample, log.reviewers[who], log.classes.names[label])
        for sample, who, label in zip(*(column.tolist() for column in columns), strict=True)
    }


def test_undecided_images_are_decided_as_there_and_the_others_stay() -> None:
    anna, ben = pair()
    anna.decide(Action.SET, [0, 1], label=1)
    ben.decide(Action.SET, [1], label=1)
    ben.decide(Action.SET, [0, 2], label=2)
    ben.decide(Action.EXCLUDE, [3])
    log, brought = merged(anna.as_log(), ben.as_log(), anna.given)
    labels, status = replay(log.rows, anna.given)
    assert labels.tolist() == [1, 1, 2, 0, 0, 0]
    assert status[2:5].tolist() == [Status.CHANGED, Status.EXCLUDED, Status.PENDING]
    assert (brought.merged.tolist(), brought.agreed.tolist(), brought.conflicts.tolist()) == (
        [2, 3],
        [1],
        [0],
    )
    assert said_of(log) == {
        (0, ANNA, "bee"), (0, BEN, "cat"), (1, ANNA, "bee"), (1, BEN, "bee"), (2, BEN, "cat"),
    }  # fmt: skip
    assert open_ones(log) == [0]


def test_who_and_when_stay() -> None:
    anna, ben = pair()
    anna.decide(Action.KEEP, [0])
    ben.decide(Action.SET, [0, 1], label=1)
    ben.decide(Action.EXCLUDE, [2])
    log, brought = merged(anna.as_log(), ben.as_log(), anna.given)
    about = brought.rows[brought.rows["sample"] >= 0]
    theirs = ben.log
    assert log.reviewers == [ANNA, BEN]
    assert set(about["reviewer"].tolist()) == {1}
    for row in about:
        (origin,) = theirs[theirs["sample"] == row["sample"]]
        assert row["time_ns"] == origin["time_ns"]


def test_a_conflict_is_open_until_somebody_decides() -> None:
    anna, ben = pair()
    anna.decide(Action.KEEP, [0, 1])
    ben.decide(Action.EXCLUDE, [0])
    ben.decide(Action.SET, [1], label=2)
    log, _ = merged(anna.as_log(), ben.as_log(), anna.given)
    assert open_ones(log) == [0, 1]
    later = Person(anna.given, *log.reviewers)
    later.steps = [None] * (log.next_step - 1)  # type: ignore[list-item]
    row = anna.decide(Action.KEEP, [1])
    rows = np.concatenate([log.rows, anna.rows[-1]])
    assert row.step
    found = disagreements(rows, log.notes, log.classes, 6)
    assert np.flatnonzero(found.open).tolist() == [0]
    assert np.flatnonzero(found.settled).tolist() == [1]


def test_people_of_one_name_can_contradict_each_other() -> None:
    zeros = np.zeros(3, np.int32)
    two, one = Person(zeros, "root"), Person(zeros, "root")
    two.decide(Action.SET, [0], label=2)  # the earlier of the two
    one.decide(Action.SET, [0], label=1)
    log, brought = merged(one.as_log(), two.as_log(), zeros)
    assert brought.conflicts.tolist() == [0]
    assert replay(log.rows, zeros)[0].tolist() == [1, 0, 0]
    assert open_ones(log, 3) == [0]
    assert said_of(log) == {(0, "root", "bee")}  # the newest word of whoever that is


def test_a_second_look_waits_for_nobody_and_overrules_nobody() -> None:
    anna, ben = pair()
    anna.decide(Action.SECOND_LOOK, [0])
    anna.decide(Action.KEEP, [1])
    ben.decide(Action.SET, [0], label=1)
    ben.decide(Action.SECOND_LOOK, [1, 2])
    log, brought = merged(anna.as_log(), ben.as_log(), anna.given)
    status = replay(log.rows, anna.given)[1]
    expected = [Status.CHANGED, Status.KEPT, Status.SECOND_LOOK]
    assert status[:3].tolist() == expected
    assert brought.merged.tolist() == [0, 2]
    assert len(brought.conflicts) == len(brought.agreed) == 0


def test_classes_are_the_same_by_name() -> None:
    anna, ben = pair()
    anna.decide(Action.SET, [0], label=3, added_class="dog")
    anna.decide(Action.SET, [1], label=4, added_class="elk")
    ben.decide(Action.SET, [1], label=3, added_class="elk")
    ben.decide(Action.SET, [0], label=4, added_class="fox")
    ben.decide(Action.SET, [2], label=4)
    ben.decide(Action.SET, [3], label=5, added_class="gnu")
    ben.decide(Action.KEEP, [3])
    log, brought = merged(anna.as_log(), ben.as_log(), anna.given)
    assert log.classes.names == (*NAMES, "dog", "elk", "fox")
    assert brought.classes_added == ["fox"]  # nothing is called gnu any more
    assert brought.agreed.tolist() == [1]
    assert brought.conflicts.tolist() == [0]
    assert replay(log.rows, anna.given)[0].tolist() == [3, 4, 5, 0, 0, 0]


def test_a_class_merged_there_is_merged_here() -> None:
    labels = np.array([0, 0, 1, 1, 2, 2], np.int32)
    anna, ben = Person(labels, ANNA), Person(labels, BEN)
    anna.decide(Action.KEEP, [2, 3])
    ben.decide(Action.KEEP, [0, 2])
    ben.merge([1], 0)
    log, brought = merged(anna.as_log(), ben.as_log(), labels)
    assert brought.classes_merged == [("bee", "ant")]
    assert brought.agreed.tolist() == [2]
    assert brought.merged.tolist() == [0]
    assert replay(log.rows, labels)[0].tolist() == [0, 0, 0, 0, 2, 2]
    assert log.classes.offered() == [0, 2]
    assert open_ones(log) == []


def test_a_class_merged_into_one_that_no_image_was_left_in_is_merged_here() -> None:
    cats = np.full(6, 2, np.int32)
    anna, ben = Person(cats, ANNA), Person(cats, BEN)
    anna.decide(Action.KEEP, [3])
    ben.decide(Action.SET, [3], label=3, added_class="gnu")
    ben.decide(Action.SECOND_LOOK, [3])
    ben.merge([2], into=3)
    log, brought = merged(anna.as_log(), ben.as_log(), cats)
    assert (list(brought.classes_added), brought.classes_merged) == (["gnu"], [("cat", "gnu")])
    assert names_of(replay(log.rows, cats)[0], log) == ["gnu"] * 6
    assert log.classes.offered() == [0, 1, 3]
    assert said_of(log) == {(3, ANNA, "gnu")}  # merging classes is no verdict on an image
    assert not remarks_after(log.rows, log.notes, 6).notes
    edits, done = history(log.rows, log.notes, cats)
    assert [edit.class_change and edit.class_change.name for edit in edits[done - 2 :]] == [
        *("gnu", "")
    ]
    assert all(len(edit) for edit in edits)
    assert not len(merged(log, ben.as_log(), cats)[1].rows)
    back, _ = merged(ben.as_log(), log, cats)
    assert not len(merged(log, back, cats)[1].rows)


def test_a_class_whose_first_image_comes_with_a_merge_is_merged_at_once() -> None:
    labels = np.array([1, 0], np.int32)
    anna, ben = Person(labels, ANNA), Person(labels, BEN)
    anna.merge([1], into=0)
    anna.decide(Action.SET, [0, 1], label=2)
    anna.decide(Action.SECOND_LOOK, [0])
    ben.decide(Action.KEEP, [0])  # as bee, which is ant here, of which there is none
    ben.merge([0], into=2)
    log, brought = merged(anna.as_log(), ben.as_log(), labels)
    assert brought.classes_merged == [("ant", "cat")]
    assert replay(log.rows, labels)[0].tolist() == [2, 2]
    assert not len(merged(log, ben.as_log(), labels)[1].rows)


def test_classes_merged_here_stay_merged_whatever_they_became_there() -> None:
    labels = np.array([0, 0, 1, 1, 2, 2], np.int32)
    anna, ben = Person(labels, ANNA), Person(labels, BEN)
    anna.merge([1], 0)
    ben.decide(Action.KEEP, [2])
    ben.merge([1], 2)
    log, brought = merged(anna.as_log(), ben.as_log(), labels)
    assert brought.classes_merged == []
    assert log.classes.merged == {1: 0}
    assert replay(log.rows, labels)[0].tolist() == [0, 0, 2, 0, 2, 2]


def test_what_was_kept_is_set_where_the_label_as_read_is_another() -> None:
    theirs = Person(np.array([2, 1], np.int32), BEN)
    theirs.decide(Action.KEEP, [0, 1])
    labels = np.array([1, 1, 0], np.int32)
    mine = Person(labels, ANNA)
    brought = bring(mine.as_log(), theirs.as_log(), labels, np.array([2, 0]), "other")
    log = extended(mine.as_log(), brought)
    found = replay(log.rows, labels)
    assert found[0].tolist() == [1, 1, 2]
    assert found[1].tolist() == [Status.KEPT, Status.PENDING, Status.CHANGED]


def test_images_that_are_not_here_are_skipped() -> None:
    anna, ben = pair()
    ben.decide(Action.SET, [1, 4], label=1)
    ben.remark([4], Remark("blurred"))
    found = np.array([0, 1, 2, 3, -1, -1])
    brought = bring(anna.as_log(), ben.as_log(), anna.given, found, "other")
    assert (brought.merged.tolist(), brought.skipped.tolist()) == ([1], [4])
    assert 4 not in brought.rows["sample"]


def test_what_a_remedy_did_there_it_does_here_and_is_no_verdict_of_whoever_ran_it() -> None:
    anna, ben = pair()
    anna.decide(Action.KEEP, [3])
    ben.decide(Action.SET, [1, 3], label=1)
    ben.remedy(Step(np.arange(1, 5), np.full(4, 2, np.int32)))
    ben.remedy(Step(np.array([5])), "leak:test")
    log, brought = merged(anna.as_log(), ben.as_log(), anna.given)
    labels, status = replay(log.rows, anna.given)
    assert labels.tolist() == [0, 2, 2, 0, 2, 0]
    assert status[[0, 3, 5]].tolist() == [Status.PENDING, Status.KEPT, Status.EXCLUDED]
    assert said_of(log) == {(1, BEN, "bee"), (3, ANNA, "ant"), (3, BEN, "bee")}
    assert open_ones(log) == brought.conflicts.tolist() == [3]
    made = remedies_after(log.rows, anna.given).values()
    assert [one.sample_ids.tolist() for one in made] == [[1, 2, 4], [5]]
    edits, done = history(log.rows, log.notes, anna.given)
    assert [edit.remedy for edit in edits[:done]][-2:] == ["leak:test"] * 2
    check_again_and_back(anna.as_log(), ben.as_log(), anna.given)


def test_a_label_that_somebody_gave_there_stands_against_what_a_remedy_made_of_it_here() -> None:
    anna, ben = pair()
    anna.decide(Action.KEEP, [2])
    anna.remedy(Step(np.arange(5), np.full(5, 2, np.int32)))
    anna.remedy(Step(np.array([4, 5])))
    ben.decide(Action.SET, [0, 2, 4, 5], label=1)
    ben.decide(Action.EXCLUDE, [1])
    ben.decide(Action.SECOND_LOOK, [3])
    log, brought = merged(anna.as_log(), ben.as_log(), anna.given)
    labels, status = replay(log.rows, anna.given)
    assert (labels[0], status[1]) == (1, Status.EXCLUDED)
    assert (labels[2:4].tolist(), status[2:4].tolist()) == ([2, 2], [Status.CHANGED] * 2)
    assert status[4:].tolist() == [Status.EXCLUDED] * 2
    assert (brought.merged.tolist(), brought.conflicts.tolist()) == ([0, 1], [2])
    assert said_of(log) >= {(0, BEN, "bee"), (2, BEN, "bee"), (4, BEN, "bee")}
    check_again_and_back(anna.as_log(), ben.as_log(), anna.given)


def test_what_is_marked_for_a_second_look_here_stays_so_under_a_remedy_of_theirs() -> None:
    anna, ben = pair()
    anna.decide(Action.SECOND_LOOK, [0, 1])
    ben.remedy(Step(np.array([0, 2]), np.full(2, 1, np.int32)))
    ben.remedy(Step(np.array([1])))
    log, _ = merged(anna.as_log(), ben.as_log(), anna.given)
    labels, status = replay(log.rows, anna.given)
    assert labels[:3].tolist() == [1, 0, 1]
    assert status[:3].tolist() == [Status.SECOND_LOOK, Status.EXCLUDED, Status.CHANGED]
    check_again_and_back(anna.as_log(), ben.as_log(), anna.given)


def test_a_class_that_only_a_remedy_still_names_comes_along() -> None:
    anna, ben = pair()
    ben.decide(Action.SET, [0], label=3, added_class="gnu")
    ben.remedy(Step(np.array([1, 2]), np.full(2, 3, np.int32)))
    ben.decide(Action.CLEAR, [0])
    log, _ = merged(anna.as_log(), ben.as_log(), anna.given)
    assert names_of(replay(log.rows, anna.given)[0], log) == ["ant", "gnu", "gnu", *["ant"] * 3]
    assert said_of(log) == set()


def test_causes_and_notes_come_along() -> None:
    anna, ben = pair()
    anna.remark([0], Remark("blurred"))
    anna.remark([1], Remark(note="mine"))
    ben.remark([0, 1], Remark("blurred"))
    ben.remark([2], Remark("glare"))
    ben.remark([3], Remark("cropped"))
    ben.remark([3], Remark("cropped", on=False))
    ben.remark([1], Remark(note="theirs"))
    ben.remark([2], Remark(note="once"))
    ben.remark([2], Remark(note="twice"))
    log, brought = merged(anna.as_log(), ben.as_log(), anna.given)
    said = remarks_after(log.rows, log.notes, 6)
    has = {name: np.flatnonzero(said.marks >> said.names.index(name) & 1).tolist()
           for name in ("blurred", "cropped", "glare")}  # fmt: skip
    assert has == {"blurred": [0, 1], "cropped": [], "glare": [2]}
    assert (said.note(1), said.note(2)) == ("mine / theirs", "twice")
    assert merged(log, ben.as_log(), anna.given)[1].rows.size == 0
    about = brought.rows[(brought.rows["action"] == Action.TAG) & (brought.rows["sample"] == 1)]
    assert [log.reviewers[who] for who in about["reviewer"]] == [BEN]


def test_a_note_that_was_replaced_here_does_not_come_back_beside_the_new_one() -> None:
    anna, ben = pair()
    for note in ("blurred?", "a moth"):
        anna.remark([0], Remark(note=note))
    ben.remark([0], Remark(note="blurred?"))
    log, _ = merged(anna.as_log(), ben.as_log(), anna.given)
    back, _ = merged(ben.as_log(), log, anna.given)
    assert remarks_after(back.rows, back.notes, 6).note(0) == "blurred? / a moth"
    assert not len(merged(log, back, anna.given)[1].rows)


def test_a_short_note_comes_along_though_a_longer_one_holds_its_letters() -> None:
    anna, ben = pair()
    anna.remark([0], Remark(note="not sure"))
    ben.remark([0], Remark(note="no"))
    log, _ = merged(anna.as_log(), ben.as_log(), anna.given)
    assert remarks_after(log.rows, log.notes, 6).note(0) == "not sure / no"


def test_a_cause_taken_away_after_a_merge_stays_away() -> None:
    anna, ben = pair()
    ben.remark([0], Remark("blurred"))
    log, _ = merged(anna.as_log(), ben.as_log(), anna.given)
    anna.steps = [None] * (log.next_step - 1)  # type: ignore[list-item]
    anna.remark([0], Remark("blurred", on=False))
    (rows,) = anna.rows
    rows["seq"] += len(log.rows)
    note = {int(rows["seq"][0]): Remark("blurred", on=False).text()}
    later = Log(np.concatenate([log.rows, rows]), {**log.notes, **note}, log.reviewers,
                log.classes, log.next_step + 1)  # fmt: skip
    assert len(bring(later, ben.as_log(), anna.given, np.arange(6), "other").rows) == 0


def random_person(seed: int, labels: LabelVector, name: str, n_steps: int = 14) -> Person:
    """Presses keys at random: decisions, classes of their own, remarks, undo and redo."""
    rng, person = np.random.default_rng(seed), Person(labels, name)
    n_classes = len(NAMES)
    for _ in range(n_steps):
        key, ids = rng.integers(0, 12), rng.choice(len(labels), rng.integers(1, 4), replace=False)
        if key < 2:
            person.undo()
        elif key < 3:
            person.redo()
        elif key < 5:
            person.remark(ids.tolist(), Remark(str(rng.choice(["blurred", "glare"]))))
        elif key < 6:
            classes = classes_after(person.log, person.notes, NAMES)
            added = f"{rng.choice(['dog', name])} {len(classes.names)}"
            person.decide(Action.SET, ids.tolist(), label=len(classes.names), added_class=added)
        else:
            action, label = Action(rng.integers(0, 6)), int(rng.integers(0, n_classes))
            person.decide(action, ids.tolist(), label, suggested=int(rng.integers(-1, n_classes)))
    return person


def random_notes(seed: int, person: Person) -> None:
    """Notes of few words at random, and a merge of classes."""
    rng = np.random.default_rng(seed)
    for _ in range(6):
        ids = rng.choice(len(person.given), 3, replace=False).tolist()
        person.remark(ids, Remark(note=str(rng.choice(["n1", "n2", "n3", ""]))))
    offered = classes_after(person.log, person.notes, NAMES).offered()
    merged_class, into = rng.choice(offered, 2, replace=False).tolist()
    person.merge([merged_class], into)


def pairs_of_logs(seed: int, n: int = 8) -> tuple[Log, Log, LabelVector]:
    """Of two people, over the same labels."""
    labels = np.random.default_rng(seed).integers(-1, 3, n).astype(np.int32)
    ours, theirs = (random_person(2 * seed + i, labels, who) for i, who in enumerate((ANNA, BEN)))
    return ours.as_log(), theirs.as_log(), labels


def pairs_with_notes(seed: int, n: int = 8) -> tuple[Log, Log, LabelVector]:
    labels = np.random.default_rng(seed).integers(-1, 3, n).astype(np.int32)
    people = [random_person(2 * seed + i, labels, who) for i, who in enumerate((ANNA, BEN))]
    for i, person in enumerate(people):
        random_notes(2 * seed + i, person)
    return people[0].as_log(), people[1].as_log(), labels


def names_of(labels: LabelVector, log: Log) -> list[str]:
    return [*np.array([*log.classes.names, ""])[labels]]


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(st.integers(0, 4_000))
def test_replay_gives_theirs_where_we_had_nothing_and_ours_elsewhere(seed: int) -> None:
    ours, theirs, labels = pairs_of_logs(seed)
    log, brought = merged(ours, theirs, labels)
    mine, hers, both = (replay(one.rows, labels) for one in (ours, theirs, log))
    is_theirs = np.isin(mine[1], (Status.PENDING, Status.SECOND_LOOK)) & ~np.isin(
        hers[1], (Status.PENDING,)
    )
    is_theirs &= (mine[1] != Status.SECOND_LOOK) | (hers[1] != Status.SECOND_LOOK)
    assert sorted(brought.merged.tolist()) == np.flatnonzero(is_theirs).tolist()
    assert both[1].tolist() == np.where(is_theirs, hers[1], mine[1]).tolist()
    expected = np.where(is_theirs, names_of(hers[0], theirs), names_of(mine[0], ours))
    assert names_of(both[0], log) == expected.tolist()
    decided = [np.isin(state, (1, 2, 3)) for state in (mine[1], hers[1])]
    compared = sorted([*brought.agreed.tolist(), *brought.conflicts.tolist()])
    assert compared == np.flatnonzero(decided[0] & decided[1]).tolist()
    assert log.rows["seq"].tolist() == list(range(1, len(log.rows) + 1))
    assert open_ones(log, 8) == sorted(brought.conflicts.tolist())


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(st.integers(0, 4_000))
def test_merging_again_and_back_adds_nothing(seed: int) -> None:
    check_again_and_back(*pairs_of_logs(seed))


@pytest.mark.slow
@settings(max_examples=100, deadline=None)
@given(st.integers(0, 4_000))
def test_merging_notes_and_merged_classes_again_and_back_adds_nothing(seed: int) -> None:
    check_again_and_back(*pairs_with_notes(seed))


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(st.integers(0, 4_000))
def test_merging_what_remedies_did_again_and_back_adds_nothing(seed: int) -> None:
    labels = np.random.default_rng(seed).integers(-1, 3, 8).astype(np.int32)
    people = [random_person(2 * seed + i, labels, who, 6) for i, who in enumerate((ANNA, BEN))]
    for i, person in enumerate(people):
        rng = np.random.default_rng(2 * seed + i)
        for _ in range(2):
            ids = np.sort(rng.choice(8, 3, replace=False))
            person.remedy(Step(ids, rng.integers(0, 3, 3).astype(np.int32)))
            person.decide(Action.KEEP, rng.choice(8, 2, replace=False).tolist())
    ours, theirs = (person.as_log() for person in people)
    check_again_and_back(ours, theirs, labels)
    log, brought = merged(ours, theirs, labels)
    assert open_ones(log, 8) == sorted(brought.conflicts.tolist())
    mine, hers, both = (replay(one.rows, labels) for one in (ours, theirs, log))
    is_theirs = np.isin(np.arange(8), brought.merged)
    stays_marked = (mine[1] == Status.SECOND_LOOK) & (hers[1] != Status.EXCLUDED)
    is_theirs &= ~(stays_marked & labelled_by_remedy(theirs, 8))
    assert both[1].tolist() == np.where(is_theirs, hers[1], mine[1]).tolist()


def labelled_by_remedy(log: Log, n: int) -> Mask:
    """On which images a remedy had the last word. (n,)"""
    said, found = words(log.rows, log.notes), np.zeros(n, np.bool_)
    found[said["sample"]] = by_remedy(said, log.rows)
    return found


def check_again_and_back(ours: Log, theirs: Log, labels: LabelVector) -> None:
    log, _ = merged(ours, theirs, labels)
    again = merged(log, theirs, labels)[1]
    assert not len(again.merged) + len(again.agreed) + len(again.conflicts) + len(again.rows)
    back, brought = merged(theirs, log, labels)
    assert set(brought.reviewers) <= {ANNA, BEN}
    assert len(merged(log, back, labels)[1].rows) == 0


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(st.integers(0, 4_000))
def test_every_step_of_a_merge_can_be_undone_and_done_again(seed: int) -> None:
    ours, theirs, labels = pairs_of_logs(seed)
    log, _ = merged(ours, theirs, labels)
    edits, done = history(log.rows, log.notes, labels)
    now = replay(log.rows, labels)
    state = now[0].copy(), now[1].copy()
    n_before = history(ours.rows, ours.notes, labels)[1]
    for edit in reversed(edits[n_before:done]):
        assert len(edit)
        edit.inverse(0, 0).apply(*state)
    assert all(np.array_equal(a, b) for a, b in zip(state, replay(ours.rows, labels), strict=True))
    for edit in edits[n_before:done]:
        edit.apply(*state)
    assert all(np.array_equal(a, b) for a, b in zip(state, now, strict=True))


def test_of_a_merge_whose_images_were_left_out_only_its_classes_stay() -> None:
    anna, ben = pair()
    ben.decide(Action.SET, [0], label=3, added_class="dog")
    ben.decide(Action.SET, [1], label=1)
    log, brought = merged(anna.as_log(), ben.as_log(), anna.given)
    rows = log.rows[log.rows["sample"] == NO_SAMPLE]
    assert len(brought.merged) == 2
    kept = without_remarks_on_nothing(rows)
    assert classes_after(kept, log.notes, NAMES).names == (*NAMES, "dog")
    assert kept["action"].tolist() == [Action.CLASS, Action.OPINION]


def test_nothing_is_nothing() -> None:
    labels = np.zeros(3, np.int32)
    empty = Log(np.empty(0, LOG_DTYPE), {}, [], ClassList.of(NAMES), 1)
    brought = bring(empty, empty, labels, np.arange(3), "other")
    assert (len(brought.rows), brought.reviewers, brought.classes_added) == (0, [], [])
