"""Reviewers' opinions as the log tells them, and where they leave a doubt."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.review.classes import ClassList
from models.review.decisions import Action, Status
from models.review.opinions import Opinions, opinions, second_opinion_wanted, together
from models.review.remedies import Step
from models.review.replay import classes_after
from tests.helpers.journals import Reviewer, random_review

NAMES = ("ant", "bee", "cat")
ANNA, BEN = 0, 1


@dataclass
class Scores:
    probabilities: np.ndarray
    transition: np.ndarray


def desk(n: int = 6) -> Reviewer:
    return Reviewer(np.zeros(n, np.int32))


def said_in(review: Reviewer) -> Opinions:
    return opinions(review.log, review.notes, classes_after(review.log, review.notes, NAMES))


def as_tuples(found: Opinions) -> list[tuple[int, int, int]]:
    columns = (found.sample_ids, found.reviewers, found.verdicts)
    return list(zip(*(column.tolist() for column in columns), strict=True))


def by(review: Reviewer, who: int, action: Action, sample: int, label: int = 0) -> None:
    review.who = who
    review.decide(action, [sample], label=label, suggested=label)


def test_the_last_verdict_of_each_reviewer_counts() -> None:
    review = desk()
    by(review, ANNA, Action.SET, 2, 1)
    by(review, BEN, Action.KEEP, 2)
    by(review, ANNA, Action.ACCEPT, 2, 2)
    by(review, BEN, Action.SET, 0, 1)
    assert as_tuples(said_in(review)) == [(0, BEN, 1), (2, ANNA, 2), (2, BEN, 0)]


def test_what_was_undone_or_taken_back_is_no_opinion() -> None:
    review = desk()
    by(review, ANNA, Action.SET, 1, 1)
    by(review, ANNA, Action.SET, 1, 2)
    review.undo()
    for sample, action in ((2, Action.CLEAR), (3, Action.EXCLUDE), (4, Action.SECOND_LOOK)):
        by(review, BEN, Action.SET, sample, 1)
        by(review, BEN, action, sample)
    assert as_tuples(said_in(review)) == [(1, ANNA, 1)]


def test_merging_classes_is_no_verdict_but_follows_those_there_are() -> None:
    review = desk()
    by(review, BEN, Action.SET, 1, 1)
    review.merge([0, 1], 2)
    assert as_tuples(said_in(review)) == [(1, BEN, 2)]


def test_the_remedy_of_an_audit_is_no_verdict_and_hides_none() -> None:
    review = desk()
    by(review, ANNA, Action.SET, 0, 2)
    review.remedy(Step(np.arange(1, 5), np.full(4, 1, np.int32)))
    review.remedy(Step(np.array([0, 5])))  # leaves them out
    assert as_tuples(said_in(review)) == [(0, ANNA, 2)]
    by(review, BEN, Action.KEEP, 3)
    assert as_tuples(said_in(review)) == [(0, ANNA, 2), (3, BEN, 0)]
    for step in (review.undo, review.undo, review.redo):
        step()
        assert as_tuples(said_in(review)) == [(0, ANNA, 2)]


def test_a_class_that_was_added_can_be_named() -> None:
    review = desk()
    review.decide(Action.SET, [3], label=3, added_class="dog")
    by(review, BEN, Action.SET, 3, 3)
    assert as_tuples(said_in(review)) == [(3, ANNA, 3), (3, BEN, 3)]


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 1_000))
def test_of_one_reviewer_opinions_are_the_decided_labels(seed: int) -> None:
    review = random_review(seed, 12, 15)
    if any(edit.class_change for edit in review.steps):
        return  # they are about other things
    found = opinions(review.log, review.notes, ClassList.of(NAMES))
    decided = np.isin(review.status, (Status.KEPT, Status.CHANGED)) & (review.labels >= 0)
    assert found.sample_ids.tolist() == np.flatnonzero(decided).tolist()
    assert (found.verdicts == review.labels[found.sample_ids]).all()


def scored(n: int, believed: int, sureness: float = 0.97) -> Scores:
    probabilities = np.full((n, 3), (1 - sureness) / 2, np.float32)
    probabilities[:, believed] = sureness
    return Scores(probabilities, np.full((3, 3), 0.1) + 0.7 * np.eye(3))


def wanted(review: Reviewer, scores: Scores | None) -> list[int]:
    classes = ClassList.of(NAMES)
    found = second_opinion_wanted(said_in(review), scores, review.given, review.status, classes)
    return np.flatnonzero(found).tolist() if len(found) else []


def test_another_opinion_is_wanted_where_reviewers_differ_or_the_model_contradicts() -> None:
    review = desk()
    for who, sample, label in ((ANNA, 0, 0), (BEN, 0, 1), (ANNA, 1, 1), (BEN, 1, 1), (BEN, 2, 2)):
        by(review, who, Action.SET, sample, label)
    by(review, ANNA, Action.KEEP, 3)
    assert set(wanted(review, None)) >= {0}
    assert 1 not in wanted(review, None)
    found = wanted(review, scored(6, believed=0))
    assert 2 in found  # one person against a sure model
    assert 3 not in found
    assert 5 not in found  # nobody looked


def test_nothing_is_asked_of_a_reviewer_alone_or_on_an_excluded_image() -> None:
    review = desk()
    by(review, ANNA, Action.SET, 0, 1)
    assert wanted(review, scored(6, believed=0)) == []
    by(review, BEN, Action.SET, 0, 2)
    assert wanted(review, None) == [0]
    review.status[0] = Status.EXCLUDED
    assert wanted(review, None) == []


def test_beliefs_of_merged_and_unmet_classes_and_unscored_images() -> None:
    review = desk(3)
    review.given[:] = [0, -1, 2]
    for sample in range(3):
        by(review, ANNA, Action.SET, sample, 1)
    classes = ClassList(("ant", "bee", "cat", "dog"), {2: 1})
    scores = scored(3, believed=2)
    scores.probabilities[2] = np.nan
    whole = together(said_in(review), scores, review.given, review.status, classes)
    assert whole.agreement.posterior.shape == (3, 4)
    np.testing.assert_allclose(whole.agreement.posterior.sum(axis=1), 1, atol=1e-5)
    assert (whole.agreement.posterior[:, :].argmax(axis=1) == 1).all()
    assert whole.agreement.posterior[1, 1] > 0.95


def test_what_a_class_is_often_labelled_as_speaks_for_that_class() -> None:
    review = desk(2)
    review.given[:] = [1, 0]
    for sample in range(2):
        by(review, ANNA, Action.SET, sample, 2)
    often = np.array([[0.6, 0.4, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]], np.float32)
    model = Scores(np.tile(np.array([0.5, 0.4, 0.1], np.float32), (2, 1)), often)
    whole = together(said_in(review), model, review.given, review.status, ClassList.of(NAMES))
    labelled_bee, labelled_ant = whole.agreement.posterior
    assert labelled_bee[1] > labelled_bee[0] > 5 * labelled_ant[1]


@pytest.mark.parametrize("met", [0, 3, 5])
def test_a_class_that_was_taken_back_after_a_run_met_it_says_nothing(met: int) -> None:
    review = desk(2)
    by(review, ANNA, Action.SET, 0, 1)
    by(review, BEN, Action.SET, 0, 2)
    model = Scores(np.full((2, met), 0.2, np.float32), np.eye(met, dtype=np.float32))
    classes = ClassList.of(NAMES)
    whole = together(said_in(review), model, review.given, review.status, classes)
    assert whole.agreement.posterior.shape == (1, 3)
    assert np.isfinite(whole.agreement.posterior).all()
    assert whole.wanted.tolist() == [0]
