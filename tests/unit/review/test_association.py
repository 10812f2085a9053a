"""How far a number differs between groups, judged by scikit-learn, scipy and simulation."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import mannwhitneyu, norm
from sklearn.metrics import roc_auc_score

from models.review.association import holm, one_against_rest, within_strata

values_and_groups = st.lists(
    st.tuples(st.integers(-3, 3), st.integers(0, 3)), min_size=2, max_size=60
)


def columns(pairs: list[tuple[int, int]]) -> tuple[np.ndarray, np.ndarray]:
    both = np.array(pairs).reshape(-1, 2)
    return both[:, 0].astype(np.float32), both[:, 1].astype(np.int32)


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(values_and_groups)
def test_the_area_is_that_of_scikit_learn_and_the_p_that_of_scipy(pairs):
    values, codes = columns(pairs)
    found = one_against_rest(values, codes, 4)
    for code in range(4):
        inside = codes == code
        if not inside.any() or inside.all():
            assert np.isnan([found.area[code], found.low[code], found.p[code]]).all()
            continue
        assert found.area[code] == pytest.approx(roc_auc_score(inside, values))
        if len(set(values.tolist())) > 1:
            test = mannwhitneyu(
                values[inside], values[~inside], use_continuity=False, method="asymptotic"
            )
            assert found.p[code] == pytest.approx(test.pvalue)
        else:
            assert found.p[code] == 1
        assert 0 <= found.low[code] <= found.area[code] <= found.high[code] <= 1


@settings(max_examples=30, deadline=None)
@given(values_and_groups)
def test_in_one_stratum_it_is_the_same_as_without(pairs):
    values, codes = columns(pairs)
    marked = codes == 0
    if not marked.any() or marked.all():
        return
    alone = one_against_rest(values, (~marked).astype(np.int32), 2)
    pooled = within_strata(values, marked, np.zeros(len(values), np.int32), 1)
    for name in ("area", "low", "high", "p"):
        assert getattr(pooled, name)[0] == pytest.approx(getattr(alone, name)[0])


def test_what_differs_between_strata_alone_says_nothing():
    """Dark classes are hard: the suspects are dark, but not among their own class."""
    rng = np.random.default_rng(0)
    strata = np.repeat([0, 1], 500).astype(np.int32)
    marked = rng.random(1000) < np.where(strata == 0, 0.4, 0.02)
    values = (rng.normal(size=1000) + 3 * strata).astype(np.float32)
    plain = one_against_rest(values, (~marked).astype(np.int32), 2)
    assert plain.high[0] < 0.3
    pooled = within_strata(values, marked, strata, 2)
    assert pooled.low[0] < 0.5 < pooled.high[0]
    assert pooled.p[0] > 0.05


def test_nothing_marked_is_no_test():
    found = within_strata(np.arange(4, dtype=np.float32), np.zeros(4, bool), np.zeros(4, "i4"), 1)
    assert np.isnan(found.area[0])
    assert np.isnan(found.p[0])


@pytest.mark.slow
@pytest.mark.parametrize("shift", [0.0, 0.8, 2.0])
def test_the_interval_holds_the_truth_as_often_as_it_says(shift: float):
    rng = np.random.default_rng(3)
    truth = norm.cdf(shift / np.sqrt(2))
    codes = np.repeat([0, 1], [30, 120]).astype(np.int32)
    holds = 0
    for _ in range(200):
        values = rng.normal(size=150) + shift * (codes == 0)
        found = one_against_rest(values.astype(np.float32), codes, 2)
        holds += found.low[0] <= truth <= found.high[0]
    assert holds >= 184


def test_the_interval_of_complete_separation_is_not_a_point():
    values = np.arange(10, dtype=np.float32)
    codes = np.repeat([0, 1], 5).astype(np.int32)
    found = one_against_rest(values, codes, 2)
    assert (found.area[0], found.low[0]) == (0, 0)
    assert 0.1 < found.high[0] < 0.5


def test_holm_corrects_as_the_book_says():
    corrected = holm(np.array([0.01, 0.04, np.nan, 0.03, 0.005]))
    np.testing.assert_allclose(corrected, [0.03, 0.06, np.nan, 0.06, 0.02])
    assert (holm(np.array([0.9, 0.8])) <= 1).all()


def test_wrong_arguments_are_refused():
    with pytest.raises(ValueError, match="as many"):
        one_against_rest(np.zeros(2, np.float32), np.zeros(3, np.int32), 1)
    with pytest.raises(ValueError, match="missing"):
        one_against_rest(np.array([np.nan], np.float32), np.zeros(1, np.int32), 1)
