"""Scores of what an image did from epoch to epoch."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.scoring.dynamics import DynamicsScores, TrainingDynamics
from models.types import LabelVector, Scores

NAN = float("nan")


def summed(
    probability: Scores, prediction: LabelVector, labels: LabelVector, epochs: slice = slice(None)
) -> TrainingDynamics:
    dynamics = TrainingDynamics(labels)
    for p, predicted in zip(probability[epochs], prediction[epochs], strict=True):
        dynamics.add(p, predicted)
    return dynamics


def some_run(
    seed: int, epochs: int = 6, n: int = 30, k: int = 3
) -> tuple[Scores, LabelVector, LabelVector]:
    rng = np.random.default_rng(seed)
    probability = rng.random((epochs, n)).astype(np.float32)
    probability[rng.random((epochs, n)) < 0.2] = NAN
    prediction = rng.integers(0, k, (epochs, n)).astype(np.int32)
    return probability, prediction, rng.integers(-1, k, n).astype(np.int32)


def assert_alike(first: DynamicsScores, second: DynamicsScores) -> None:
    for part in fields(DynamicsScores):
        np.testing.assert_allclose(
            getattr(first, part.name), getattr(second, part.name), atol=1e-5, err_msg=part.name
        )


@pytest.mark.parametrize(
    ("right", "forgotten", "first"),
    [
        ([1, 1, 1, 1], 0, 1),
        ([0, 1, 0, 1], 1, 2),
        ([1, 0, 1, 0], 2, 1),
        ([0, 0, 0, 0], 4, 5),  # never learnt: more than any that was
        ([1, NAN, 0, 1], 1, 1),  # not looked at in between
    ],
)
def test_forgetting_and_learning(right: list[float], forgotten: int, first: int) -> None:
    probability = np.where(np.isnan(right), NAN, 0.5).astype(np.float32)[:, None]
    prediction = np.array([0 if r == 1 else 1 for r in right], np.int32)[:, None]
    scores = summed(probability, prediction, np.zeros(1, np.int32)).scores()
    assert (scores.forgetting.item(), scores.first_learnt.item()) == (forgotten, first)


def test_a_label_never_learnt_counts_the_epochs_in_which_it_was_looked_at() -> None:
    probability = np.array([0.1, NAN, 0.1, NAN], np.float32)[:, None]
    scores = summed(probability, np.ones((4, 1), np.int32), np.zeros(1, np.int32)).scores()
    assert (scores.forgetting.item(), scores.first_learnt.item()) == (2, 5)


def test_mean_and_variance_are_those_of_numpy() -> None:
    probability, prediction, labels = some_run(0)
    seen = np.where(labels >= 0, probability, NAN)[:, labels >= 0]
    scores = summed(probability, prediction, labels).scores()
    np.testing.assert_allclose(
        scores.variance[labels >= 0], np.nanvar(seen.astype(np.float64), axis=0), atol=1e-6
    )
    odds = np.log1p(-seen) - np.log(seen)
    np.testing.assert_allclose(
        scores.area_under_margin[labels >= 0], np.nanmean(odds, axis=0), rtol=1e-4
    )
    assert np.isnan(scores.variance[labels < 0]).all()


def test_the_margin_is_within_log_k_of_that_of_logits() -> None:
    logits = np.random.default_rng(1).normal(size=(40, 5)) * 3
    labels = np.arange(40, dtype=np.int32) % 5
    probs = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    own = probs[np.arange(40), labels].astype(np.float32)
    rivals = logits.copy()
    rivals[np.arange(40), labels] = -np.inf
    theirs = logits[np.arange(40), labels] - rivals.max(axis=1)
    dynamics = TrainingDynamics(labels)
    dynamics.add(own, probs.argmax(axis=1).astype(np.int32))
    gap = dynamics.scores().area_under_margin + theirs
    assert (gap > -1e-3).all()
    assert (gap < np.log(4) + 1e-3).all()


@pytest.mark.slow
@given(st.integers(0, 1_000), st.integers(0, 6))
def test_epochs_in_two_parts_are_the_epochs_in_one(seed: int, cut: int) -> None:
    run = some_run(seed)
    first, second = summed(*run, slice(cut)), summed(*run, slice(cut, None))
    first.extend(second)
    assert_alike(first.scores(), summed(*run).scores())


@pytest.mark.slow
@given(st.integers(0, 1_000))
def test_order_of_images_and_names_of_classes_do_not_matter(seed: int) -> None:
    probability, prediction, labels = some_run(seed)
    order, names = np.random.default_rng(seed).permutation(30), np.array([2, 0, 1, -1], np.int32)
    moved = summed(probability[:, order], names[prediction[:, order]], names[labels[order]])
    plain = summed(probability, prediction, labels).scores()
    expected = DynamicsScores(*(getattr(plain, part.name)[order] for part in fields(plain)))
    assert_alike(moved.scores(), expected)


def test_images_never_looked_at_have_no_scores() -> None:
    assert np.isnan(TrainingDynamics(np.zeros(2, np.int32)).scores().forgetting).all()


def test_certainty_stays_finite() -> None:
    dynamics = TrainingDynamics(np.zeros(2, np.int32))
    dynamics.add(np.array([0, 1], np.float32), np.zeros(2, np.int32))
    np.testing.assert_allclose(dynamics.scores().area_under_margin, [13.8, -13.8], atol=0.1)


def test_wrong_input_is_refused() -> None:
    dynamics = TrainingDynamics(np.zeros(2, np.int32))
    with pytest.raises(ValueError, match="epoch of"):
        dynamics.add(np.zeros(3, np.float32), np.zeros(3, np.int32))
    with pytest.raises(ValueError, match="outside"):
        dynamics.add(np.array([0.5, 1.5], np.float32), np.zeros(2, np.int32))
    with pytest.raises(ValueError, match="other labels"):
        dynamics.extend(TrainingDynamics(np.ones(2, np.int32)))
