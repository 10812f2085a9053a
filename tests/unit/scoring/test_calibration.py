"""Calibration by a power of the probabilities."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.scoring.calibration import best_power, to_power
from models.types import LabelVector, Probs


def drawn(n: int = 4_000, seed: int = 0) -> tuple[Probs, LabelVector]:
    """Probabilities, and labels drawn by them: calibrated as they are."""
    rng = np.random.default_rng(seed)
    probs = rng.dirichlet(np.full(4, 0.5), n).astype(np.float32)
    labels = (probs.cumsum(axis=1) < rng.random(n)[:, None]).sum(axis=1).clip(max=3)
    return probs, labels.astype(np.int32)


@pytest.mark.parametrize("power", [0.5, 1.0, 2.0])
def test_a_power_is_found_and_undone(power: float) -> None:
    probs, labels = drawn()
    assert best_power(to_power(probs, 1 / power), labels) == pytest.approx(power, rel=0.15)


@given(st.integers(0, 1_000), st.floats(0.25, 4.0))
def test_a_power_keeps_the_order_and_the_sum(seed: int, power: float) -> None:
    probs, _ = drawn(20, seed)
    raised = to_power(probs, power)
    np.testing.assert_allclose(raised.sum(axis=1), 1, rtol=1e-5)
    np.testing.assert_array_equal(raised.argmax(axis=1), probs.argmax(axis=1))


def test_what_is_spread_over_a_thousand_classes_can_be_raised_too() -> None:
    probs = np.full((2, 1_000), 0.001, np.float32)
    probs[1, 7] += 0.0001
    raised = to_power(probs, 16.0)
    np.testing.assert_allclose(raised.sum(axis=1), 1, rtol=1e-5)
    assert raised[1, 7] == pytest.approx(1.1**16 / (1.1**16 + 999), rel=1e-3)


def test_a_few_labels_decide_nothing() -> None:
    probs, labels = drawn(20)
    assert best_power(probs, labels) == 1.0


def test_nan_is_refused() -> None:
    probs, labels = drawn(60)
    probs[0, 0] = np.nan
    with pytest.raises(ValueError, match="NaN"):
        best_power(probs, labels)
