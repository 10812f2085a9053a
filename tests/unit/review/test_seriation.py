"""Classes that are confused with one another stand side by side, each of them once."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from models.review.confusion import confusion, rates
from models.review.seriation import confused_together

K = 6
codes = st.integers(0, K - 1)
labelled = st.lists(st.tuples(codes, codes), max_size=40)


@settings(max_examples=20, deadline=None)
@given(st.permutations(range(9)))
def test_classes_that_are_confused_stand_together(shuffled):
    groups = np.array(shuffled) // 3
    counts = np.where(groups[:, None] == groups, 30, 1) + 100 * np.eye(9, dtype=np.int64)
    ordered = groups[confused_together(rates(counts))]
    assert np.count_nonzero(np.diff(ordered)) == 2


@settings(max_examples=30, deadline=None)
@given(labelled)
def test_every_class_has_one_place_and_unused_ones_the_last(pairs):
    labels, predicted = np.array(pairs, np.int32).reshape(-1, 2).T
    counts, _ = confusion(labels, predicted, K)
    order = confused_together(rates(counts))
    assert sorted(order.tolist()) == list(range(K))
    used = (counts + counts.T).any(axis=1)[order]
    assert not np.diff(used.astype(int)).max(initial=0) > 0


def test_a_chain_of_confusions_is_laid_out_as_a_chain():
    shuffled = np.random.default_rng(3).permutation(8)
    place = np.argsort(shuffled)
    shares = np.where(abs(place[:, None] - place) == 1, 0.2 + 0.01 * place[:, None], 0)
    ordered = place[confused_together(shares)]
    assert abs(np.diff(ordered)).tolist() == [1] * 7
