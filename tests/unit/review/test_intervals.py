"""Wilson intervals."""

from __future__ import annotations

import pytest

from models.review.intervals import wilson


def test_published_values() -> None:
    assert wilson(95, 100) == pytest.approx((0.888, 0.978), abs=1e-3)
    assert wilson(0, 10) == pytest.approx((0.0, 0.2775), abs=1e-3)


def test_nothing_counted_says_nothing() -> None:
    assert wilson(0, 0) == (0.0, 1.0)


def test_more_than_all_is_refused() -> None:
    with pytest.raises(ValueError, match="no share"):
        wilson(3, 2)
