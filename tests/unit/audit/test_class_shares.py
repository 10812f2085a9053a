"""The chance that shares of classes differ as much as they do."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import chi2_contingency

from models.audit.class_shares import by_chance


@given(st.integers(2, 6).flatmap(lambda k: arrays(np.int64, (2, k), elements=st.integers(1, 500))))
def test_it_is_that_of_scipy(counts: np.ndarray) -> None:
    assert by_chance(counts) == pytest.approx(chi2_contingency(counts, correction=False).pvalue)
