"""The figures of a blind session, against scikit-learn and scipy, and by simulation."""

import json
import math
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest
from sklearn.metrics import accuracy_score, cohen_kappa_score, confusion_matrix

from models.review.blind import CANNOT_TELL, BlindSession, draw
from models.review.blind_result import (
    Known,
    answer_lines,
    as_message,
    kappa,
    mcnemar,
    result_of,
    share,
)
from models.review.classes import ClassList
from models.review.decisions import Status
from models.review.intervals import wilson

NAMES = ("ant", "bee", "cat")


def known(given_labels, **more):
    labels = np.asarray(given_labels, np.int32)
    status = np.zeros(len(labels), np.uint8)
    facts = {"given": labels, "labels": labels.copy(), "status": status}
    return Known(**{**facts, "classes": ClassList.of(NAMES), **more})


def session(shown, answers, weights=None):
    weights = [1.0] * len(shown) if weights is None else weights
    kept = BlindSession("2026-01-01T00:00:00Z", list(shown), list(weights))
    for code in answers:
        kept.answer(code, 2.0)
    return kept


codes = st.integers(0, 3)
pairs = st.lists(st.tuples(codes, codes, st.floats(0.1, 9)), min_size=1, max_size=40)


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(pairs)
def test_accuracy_and_kappa_are_those_of_scikit_learn(rows):
    a, b = np.array([row[:2] for row in rows], np.int32).T
    weights = np.array([row[2] for row in rows])
    found = share(a == b, weights)
    assert found.value == pytest.approx(accuracy_score(a, b, sample_weight=weights))
    assert found.low <= found.value <= found.high
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of one class alone: NaN there as here
        theirs = cohen_kappa_score(a, b, sample_weight=weights)
    ours = kappa(a, b, weights)
    assert ours.value == pytest.approx(theirs, nan_ok=True, abs=1e-9)
    assert math.isnan(theirs) or ours.low <= ours.value <= ours.high


@pytest.mark.parametrize(("a", "b"), [(0, 0), (1, 0), (5, 5), (2, 9), (40, 12), (200, 180)])
def test_mcnemar_is_the_binomial_test_of_scipy(a, b):
    theirs = binomtest(a, a + b).pvalue if a + b else 1.0
    assert mcnemar(a, b) == mcnemar(b, a) == pytest.approx(theirs)


def test_equal_weights_give_wilsons_interval():
    hits = np.arange(100) < 93
    found = share(hits, np.full(100, 600.0))
    assert (found.low, found.high) == pytest.approx(wilson(93, 100))


@pytest.mark.parametrize("counts", [(6_000, 6_000, 6_000), (9_000, 400, 60)])
def test_the_interval_covers_the_accuracy_on_the_dataset(counts):
    """A person is right more often on some classes; 300 sessions of 100 images."""
    labels = np.repeat(np.arange(3), counts).astype(np.int32)
    rng = np.random.default_rng(8)
    says = np.where(rng.random(len(labels)) < np.array([0.97, 0.8, 0.6])[labels], labels, -1)
    right = says == labels
    truth, covered = right.mean(), 0
    for seed in range(300):
        kept = draw(labels, np.arange(len(labels)), 100, seed, "")
        ids, at = np.unique(kept.shown, return_index=True)
        found = share(right[ids], np.array(kept.weights)[at])
        covered += found.low <= truth <= found.high
    assert covered / 300 >= 0.93


def test_the_interval_of_kappa_covers():
    rng = np.random.default_rng(4)
    truth = rng.integers(0, 5, 200_000).astype(np.int32)
    said = np.where(rng.random(len(truth)) < 0.85, truth, rng.integers(0, 5, len(truth)))
    wanted = kappa(truth, said.astype(np.int32), np.ones(len(truth))).value
    covered = 0
    for _ in range(300):
        ids = rng.integers(0, len(truth), 100)
        found = kappa(truth[ids], said[ids].astype(np.int32), np.ones(100))
        covered += found.low <= wanted <= found.high
    assert covered / 300 >= 0.93


def test_right_on_everything_is_no_certainty():
    result = result_of(session(range(100), [i % 3 for i in range(100)]), known(np.arange(100) % 3))
    assert result.accuracy_given.value == 1
    assert result.accuracy_given.low < 0.97
    assert result.kappa.value == 1
    assert result.kappa.low < 0.96


def test_corrected_labels_count_for_one_accuracy_and_given_ones_for_the_other():
    labels = np.array([0, 1, 2, 0])
    facts = known(labels, labels=np.array([1, 1, 2, 0], np.int32))
    result = result_of(session(range(4), [1, 1, 2, 2]), facts)
    assert result.accuracy_given.value == 0.5
    assert result.accuracy_now.value == 0.75
    assert result.disagreements.tolist() == [0, 3]


def test_an_excluded_image_has_no_label_to_be_right_about():
    status = np.array([0, 0, Status.EXCLUDED], np.uint8)
    result = result_of(session(range(3), [0, 1, 0]), known([0, 1, 2], status=status))
    assert result.accuracy_now.n == 2
    assert result.accuracy_now.value == 1


def test_cannot_tell_is_counted_apart():
    result = result_of(session(range(4), [0, 1, CANNOT_TELL, 0]), known([0, 1, 2, 0]))
    assert (result.n_answered, result.n_cannot_tell) == (4, 1)
    assert result.accuracy_given.value == 1
    assert result.told.value == 0.75
    assert result.disagreements.tolist() == []


def test_repeats_give_self_agreement_and_nothing_else():
    shown, said = [0, 1, 2, 3, 1, 0], [0, 1, 2, 0, 1, 2]
    result = result_of(session(shown, said), known([0, 1, 2, 0]))
    assert (result.self_agreement.value, result.self_agreement.n) == (0.5, 2)
    assert result.accuracy_given.n == 4
    assert result.accuracy_given.value == 1


def test_the_model_is_measured_on_the_same_images():
    labels = np.arange(10) % 3
    predicted = labels.copy().astype(np.int32)
    predicted[:4] = (labels[:4] + 1) % 3
    predicted[9] = -1
    held_out = np.arange(10) >= 7
    facts = known(labels, predicted=predicted, held_out=held_out)
    answers = [*labels[:9].tolist(), 1]
    answers[4] = (labels[4] + 1) % 3
    result = result_of(session(range(10), answers), facts)
    assert result.model_given.value == pytest.approx(5 / 9)
    assert (result.paired.person_only, result.paired.model_only, result.paired.n) == (4, 1, 9)
    assert result.paired.p_value == pytest.approx(binomtest(4, 5).pvalue)
    assert result.model_trained_on == 7


def test_without_a_run_there_is_no_model():
    result = result_of(session(range(3), [0, 1, 2]), known([0, 1, 2]))
    assert result.model_given is result.model_now is result.paired is None


def test_merged_classes_are_one_class():
    classes = ClassList(NAMES, {2: 1})
    result = result_of(session(range(3), [0, 2, 1]), known([0, 1, 2], classes=classes))
    assert result.accuracy_given.value == 1


@pytest.mark.parametrize("merged", [{}, {2: 1}])
def test_an_answer_with_a_class_that_was_taken_back_since_is_no_class(merged):
    classes, kept = ClassList(NAMES, merged), session(range(3), [0, 3, 1])
    result = result_of(kept, known([0, 1, 2], classes=classes))
    assert (result.n_cannot_tell, result.sample_ids.tolist()) == (1, [0, 2])
    assert json.dumps(as_message(kept, result, NAMES))
    assert answer_lines(kept, known([0, 1, 2], classes=classes), NAMES)[2][1] == ""


def test_merging_a_class_decides_on_no_disagreement():
    given, classes = np.array([2, 2, 0], np.int32), ClassList(NAMES, {2: 1})
    status = np.array([Status.CHANGED, Status.CHANGED, Status.CHANGED], np.uint8)
    about = {"labels": np.array([1, 0, 1], np.int32), "status": status, "classes": classes}
    result = result_of(session(range(3), [0, 0, 1]), known(given, **about))
    assert len(result.disagreements) == 3
    assert result.settled == (2, 0, 0)


def test_nothing_answered_is_no_error():
    result = result_of(session(range(30), []), known(np.arange(30) % 3))
    assert result.n_answered == 0
    assert math.isnan(result.accuracy_given.value)
    json.dumps(as_message(session(range(30), []), result, NAMES), allow_nan=False)


def test_what_is_exported_is_the_result_and_every_answer():
    shown, said = [0, 1, 2, 3, 0], [0, 2, CANNOT_TELL, 1, 0]
    kept, facts = session(shown, said), known([0, 1, 2, 0])
    result = result_of(kept, facts)
    message = json.loads(json.dumps(as_message(kept, result, NAMES), allow_nan=False))
    assert message["disagreements"] == [1, 3]
    assert message["accuracy_given"]["n"] == 3
    matrix = confusion_matrix(result.labels, result.answers, labels=[0, 1, 2])
    found = {(c["label"], c["answer"]): c["n"] for c in message["confusion"]}
    for (label, answer), n in np.ndenumerate(matrix):
        assert found.get((NAMES[label], NAMES[answer]), 0) == n
    header, *lines = answer_lines(kept, facts, NAMES)
    assert [line[header.index("answer")] for line in lines] == ["ant", "cat", "", "bee", "ant"]
    assert [line[header.index("repeat")] for line in lines] == [0, 0, 0, 0, 1]
