"""Passes over columns say what numpy's own functions say."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from models.review import passes
from models.review.passes import ends, one_of, tally, tally_bins

_CODES = arrays(np.int32, st.integers(0, 40), elements=st.integers(-1, 30))
_VALUES = arrays(
    np.float32,
    st.integers(0, 40),
    elements=st.floats(-4, 4, width=32) | st.sampled_from([np.nan, np.inf, -np.inf]),
)
few = settings(max_examples=40, deadline=None)


@few
@given(_CODES, st.sets(st.integers(-1, 300), max_size=25))
def test_one_of_is_isin(values, codes):
    assert np.array_equal(one_of(values, codes), np.isin(values, sorted(codes)))


def test_a_code_that_the_type_of_the_values_cannot_hold_is_not_among_them():
    assert one_of(np.array([0, 255], np.uint8), {-1, 255}).tolist() == [False, True]


@pytest.mark.slow
@few
@given(_CODES)
def test_tally_is_bincount_across_blocks(values):
    many = np.tile(values, 5_000)[: passes._BLOCK + 3]
    assert np.array_equal(tally(many, 32, -1), np.bincount(many + 1, minlength=32))


@few
@given(arrays(np.uint8, st.integers(0, 40), elements=st.integers(0, 4)))
def test_tally_of_a_few_small_codes_is_bincount(values):
    assert np.array_equal(tally(values, 5), np.bincount(values, minlength=5))


@few
@given(_VALUES)
def test_ends_are_those_of_the_finite_values(values):
    finite = values[np.isfinite(values)]
    expected = (float(finite.min()), float(finite.max())) if len(finite) else None
    assert ends(values) == expected


_BETWEEN_EDGES = st.integers(-31, 31).map(lambda i: i / 8 + 1 / 16)  # rounding is no matter there


@few
@given(
    arrays(np.float32, st.integers(0, 40), elements=_BETWEEN_EDGES | st.just(np.nan)),
    st.randoms(use_true_random=False),
)
def test_bins_hold_every_finite_value_once(values, random):
    marked = np.array([random.random() < 0.5 for _ in values], np.bool_)
    every, of_marked = tally_bins(values, -4.0, 4.0, 10, marked)
    finite = np.isfinite(values)
    assert every.sum() == finite.sum()
    assert of_marked.sum() == (finite & marked).sum()
    assert list(every) == list(np.histogram(values[finite], 10, (-4, 4))[0])
