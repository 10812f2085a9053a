"""What counts as a verdict, and the order that verdicts teach."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from models.review.classes import ClassList
from models.review.clues import WORDS as CLUES
from models.review.decisions import Status
from models.review.learning import Learned
from models.review.verdicts import (
    WORDS,
    as_labelled,
    chances,
    errors_ahead,
    learn_from_verdicts,
    verdicts,
)
from models.types import Mask, StatusVector
from tests.helpers.verdicts import Judgeable, judgeable

CLASSES = ClassList.of(("ant", "bee", "cat"))


def judged(data: Judgeable, n_verdicts: int) -> tuple[Learned, StatusVector]:
    """What the first verdicts teach, and the review states they leave."""
    seen = data.order[:n_verdicts]
    status = np.zeros(len(data.given), np.uint8)
    status[seen] = np.where(data.wrong[seen], Status.CHANGED, Status.KEPT)
    nobody = np.zeros(len(status), bool)
    fit = learn_from_verdicts(data, data.anomaly, data.given, status, nobody, CLASSES)
    return fit, status


def test_kept_is_right_changed_and_excluded_are_wrong_and_nothing_else_is_a_verdict() -> None:
    given = np.array([0, 0, 0, 0, 0, -1], np.int32)
    states = (Status.PENDING, Status.KEPT, Status.CHANGED, Status.EXCLUDED, Status.SECOND_LOOK)
    status = np.array([*states, Status.CHANGED], np.uint8)
    looked_at, wrong = verdicts(given, status, np.zeros(6, bool))
    assert list(looked_at) == [1, 2, 3]
    assert list(wrong) == [False, True, True]


def test_an_image_that_was_decided_among_many_was_not_judged() -> None:
    status = np.full(3, Status.CHANGED, np.uint8)
    looked_at, wrong = verdicts(np.zeros(3, np.int32), status, np.array([True, False, False]))
    assert list(looked_at) == [1, 2]
    assert wrong.all()


def test_what_verdicts_teach_is_an_order_with_the_wrong_labels_first() -> None:
    data = judgeable()
    fit, status = judged(data, 200)
    assert fit.learned
    assert next(iter(fit.weights)) == "disagreement"
    rest = np.flatnonzero(status == Status.PENDING)
    first = rest[np.argsort(-chances(fit)[rest])][:100]
    assert data.wrong[first].mean() > 0.8


def test_too_few_verdicts_teach_nothing_and_say_what_is_missing() -> None:
    fit, _ = judged(judgeable(), 99)
    assert not fit.learned
    assert "100 verdicts" in fit.reason


def test_of_very_many_verdicts_some_spread_evenly_are_enough() -> None:
    fit, _ = judged(judgeable(11_000), 11_000)
    assert fit.reason.startswith("Learned from 10,000 verdicts")


def test_a_label_was_judged_as_it_was_given_whatever_it_is_now() -> None:
    data = judgeable()
    fit, status = judged(data, 200)
    as_given = learn_from_verdicts(
        data,
        data.anomaly,
        data.given,
        np.where(status == Status.CHANGED, Status.EXCLUDED, status),
        np.zeros(len(status), bool),
        CLASSES,
    )
    np.testing.assert_array_equal(fit.scores, as_given.scores)


def trained_again(data: Judgeable, decided: Mask) -> Judgeable:
    """The run after: what it says of the label as given shows what the verdict made of it."""
    told = data.evidence.by_name["disagreement"].copy()
    told[decided] = np.where(data.wrong, -6, 6)[decided]
    probabilities = data.probabilities.copy()
    probabilities[decided] = 0.02
    probabilities[decided, data.corrected()[decided]] = 0.96
    evidence = replace(data.evidence, by_name={"disagreement": told}, decided=decided)
    return replace(data, probabilities=probabilities, evidence=evidence)


def test_what_the_model_learnt_from_verdicts_is_no_clue_to_them() -> None:
    data = judgeable(1_000)
    before = np.zeros(1_000, bool)
    before[data.order[:300]] = True
    again = trained_again(data, before)
    status = np.zeros(1_000, np.uint8)
    seen = data.order[:500]
    status[seen] = np.where(data.wrong[seen], Status.CHANGED, Status.KEPT)
    about = data.anomaly, data.given, status, np.zeros(1_000, bool), CLASSES
    fit = learn_from_verdicts(again, *about)
    assert fit.learned
    assert fit.weights["disagreement"] > 0
    assert "200 verdicts" in fit.reason
    assert "300 verdicts from before this run do not count" in fit.reason
    rest = np.flatnonzero(status == Status.PENDING)
    first = rest[np.argsort(-fit.scores[rest])]
    assert data.wrong[first[:100]].mean() > 0.9
    assert np.isnan(fit.scores[before]).all()
    ahead = errors_ahead(fit, first, status)
    assert ahead is not None
    assert ahead.low <= data.wrong[first[:100]].sum() <= ahead.high


def test_verdicts_from_before_a_run_do_not_make_up_the_number_it_takes() -> None:
    data = judgeable()
    before = np.zeros(len(data.given), bool)
    before[data.order[:150]] = True
    fit, _ = judged(trained_again(data, before), 200)
    assert fit.judged is None
    assert "so far" in fit.reason
    assert "150 verdicts from before this run do not count" in fit.reason


def test_an_older_run_that_learnt_corrections_teaches_nothing() -> None:
    data = judgeable()
    as_given = replace(data, evidence=replace(data.evidence, learnt=data.given))
    assert judged(as_given, 200)[0].learned
    corrected = data.given.copy()
    sample = data.order[:200][data.wrong[data.order[:200]]][0]
    for label in (data.corrected()[sample], -1):  # changed, excluded
        corrected[sample] = label
        learnt = replace(data, evidence=replace(data.evidence, learnt=corrected))
        fit = judged(learnt, 200)[0]
        assert fit.judged is None
        assert "An older run cannot tell" in fit.reason


def test_an_older_run_on_merged_classes_is_learned_from() -> None:
    data = judgeable()
    merged = ClassList(CLASSES.names, {0: 1})
    evidence = replace(data.evidence, learnt=merged.standing(data.given))
    status = np.zeros(len(data.given), np.uint8)
    status[data.order[:200]] = np.where(data.wrong, Status.CHANGED, Status.KEPT)[data.order[:200]]
    about = data.anomaly, data.given, status, np.zeros(len(status), bool), merged
    assert learn_from_verdicts(replace(data, evidence=evidence), *about).judged is not None


def test_chances_keep_the_order_and_tell_the_most_suspect_apart() -> None:
    scores = np.append(np.linspace(-30, 40, 2_000), np.nan).astype(np.float32)
    shown = chances(Learned(scores, True, "", {}))
    assert shown.dtype == np.float32
    assert np.isnan(shown[-1])
    assert (np.diff(shown[:-1]) > 0).all()
    assert shown[0] >= 0
    assert shown[-2] <= 1
    assert shown[np.searchsorted(scores[:-1], 0)] > 0.49


def test_an_image_whose_label_was_changed_comes_last() -> None:
    shown = np.array([0.2, 0.9, np.nan], np.float32)
    now = as_labelled(shown, np.array([0, 1, 2], np.int32), np.array([0, 2, 0], np.int32))
    np.testing.assert_array_equal(now, np.array([0.2, 0, np.nan], np.float32))


def test_the_next_errors_are_of_images_not_decided_yet() -> None:
    data = judgeable()
    fit, status = judged(data, 200)
    by_suspicion = np.argsort(-fit.scores)
    ahead = errors_ahead(fit, by_suspicion, status)
    assert ahead is not None
    following = by_suspicion[status[by_suspicion] == Status.PENDING][:100]
    assert ahead.n == 100
    assert ahead.low <= data.wrong[following].sum() <= ahead.high
    few = errors_ahead(fit, following[:7], status)
    assert few is not None
    assert few.n == 7
    assert errors_ahead(fit, following[:0], status) is None
    assert errors_ahead(judged(data, 99)[0], by_suspicion, status) is None


def test_every_feature_has_its_words() -> None:
    fit, _ = judged(judgeable(), 200)
    assert set(fit.weights) <= set(WORDS)
    assert set(CLUES) <= set(WORDS)
