"""Weighted, shrunk logistic regression."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression

from models.review.logistic import Floats, fit_logistic, log_loss


def some_rows(seed: int, n: int = 120) -> tuple[Floats, Floats]:
    rng = np.random.default_rng(seed)
    rows = rng.normal(size=(n, 3))
    truth = (rng.random(n) < 1 / (1 + np.exp(-rows @ [1.0, -2.0, 0.0]))).astype(np.float64)
    return rows, truth


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 1_000), st.floats(0.1, 20))
def test_it_finds_what_scikit_learn_finds(seed: int, pull: float) -> None:
    rows, truth = some_rows(seed)
    weights = np.random.default_rng(seed).uniform(0.1, 3, len(rows))
    peer = LogisticRegression(C=1 / pull, fit_intercept=False, tol=1e-10, max_iter=1_000)
    peer.fit(rows, truth, sample_weight=weights)
    found = fit_logistic(rows, truth, weights, np.full(3, pull))
    np.testing.assert_allclose(found, peer.coef_[0], atol=1e-4)


def test_rows_told_apart_perfectly_stay_finite() -> None:
    rows = np.array([[1.0, -9.0], [1.0, -8.0], [1.0, 8.0], [1.0, 9.0]])
    found = fit_logistic(rows, np.array([0.0, 0, 1, 1]), np.ones(4), np.full(2, 1e-3))
    assert np.isfinite(found).all()
    assert found[1] > 0


def test_the_loss_of_even_odds_is_that_of_a_coin() -> None:
    assert log_loss(np.zeros(2), np.array([0.0, 1.0])) == pytest.approx(np.log(2))
