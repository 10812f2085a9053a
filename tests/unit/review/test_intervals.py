"""Wilson intervals, and Newcombe's of a paired difference."""

from __future__ import annotations

import numpy as np
import pytest

from models.review.intervals import paired_difference, wilson


def test_published_values() -> None:
    assert wilson(95, 100) == pytest.approx((0.888, 0.978), abs=1e-3)
    assert wilson(0, 10) == pytest.approx((0.0, 0.2775), abs=1e-3)


def test_nothing_counted_says_nothing() -> None:
    assert wilson(0, 0) == (0.0, 1.0)


def test_more_than_all_is_refused() -> None:
    with pytest.raises(ValueError, match="no share"):
        wilson(3, 2)


def test_a_paired_difference_as_published() -> None:
    """Fagerland, Lydersen and Laake (2014), "Recommended tests and confidence intervals for
    paired binomial proportions", Statistics in Medicine 33: airway hyper-responsiveness."""
    low, high = paired_difference(1, 1, 7, 12)
    assert (round(low, 3), round(high, 3)) == (-0.507, -0.026)


@pytest.mark.parametrize("shares", [(0.85, 0.05, 0.03, 0.07), (0.6, 0.15, 0.1, 0.15)])
def test_a_paired_difference_is_inside_its_interval_as_often_as_it_says(
    shares: tuple[float, ...],
) -> None:
    counts = np.random.default_rng(0).multinomial(150, shares, 1_000).tolist()
    limits = [paired_difference(*each) for each in counts]
    truth = shares[1] - shares[2]
    assert 0.93 < np.mean([low <= truth <= high for low, high in limits]) < 0.98


def test_a_paired_difference_at_the_edges() -> None:
    assert paired_difference(0, 0, 0, 0) == (-1.0, 1.0)
    low, high = paired_difference(10, 0, 0, 0)
    assert low == pytest.approx(-high)
    assert paired_difference(0, 10, 0, 0)[1] == 1.0
