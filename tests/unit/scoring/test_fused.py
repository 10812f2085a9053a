"""Fusion of scores by rank."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import rankdata

from models.scoring.fused import fused


def some_scores(seed: int, n: int = 40) -> list[np.ndarray]:
    rng = np.random.default_rng(seed)
    scores = [rng.integers(0, 15, n).astype(np.float32) for _ in range(3)]
    for score in scores:
        score[rng.random(n) < 0.2] = np.nan
    return scores


@pytest.mark.slow
@given(st.integers(0, 1_000))
def test_is_the_mean_surprise_of_the_ranks_of_scipy(seed: int) -> None:
    scores = some_scores(seed)
    shares = []
    for score in scores:
        share = np.full(40, np.nan)
        known = ~np.isnan(score)
        share[known] = 1 - (rankdata(score[known]) - 0.5) / known.sum()
        shares.append(-np.log(share))
    count = (~np.isnan(shares)).sum(axis=0)
    expected = np.nansum(shares, axis=0) / np.maximum(count, 1)
    ours = fused(scores)
    np.testing.assert_array_equal(np.isnan(ours), count == 0)
    np.testing.assert_allclose(ours[count > 0], expected[count > 0], atol=1e-6)


@given(st.integers(0, 1_000))
def test_only_the_order_of_a_score_counts(seed: int) -> None:
    scores = some_scores(seed)
    stretched = [np.exp(scores[0] / 4), scores[1] ** 3, scores[2] - 100]
    np.testing.assert_array_equal(fused([s.astype(np.float32) for s in stretched]), fused(scores))


@given(st.integers(0, 1_000))
def test_the_order_of_images_and_of_scores_does_not_matter(seed: int) -> None:
    scores, order = some_scores(seed), np.random.default_rng(seed).permutation(40)
    moved = fused([score[order] for score in reversed(scores)])
    np.testing.assert_allclose(moved, fused(scores)[order], atol=1e-6)


def test_one_extreme_rank_outweighs_two_middling_ones() -> None:
    first, second = np.zeros((2, 1_000), np.float32)
    first[:] = second[:] = np.arange(1_000)
    first[[500, 999]] = first[[999, 500]]  # image 500: highest in the first, median in the second
    assert fused([first, second])[500] > fused([first, second])[900]


def test_equals_share_their_rank() -> None:
    np.testing.assert_allclose(fused([np.full(5, 3, np.float32)]), np.log(2))


def test_wrong_input_is_refused() -> None:
    with pytest.raises(ValueError, match="same images"):
        fused([])
    with pytest.raises(ValueError, match="same images"):
        fused([np.zeros(3, np.float32), np.zeros(4, np.float32)])
