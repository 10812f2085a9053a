"""Which splits are kept from decisions, going by their names."""

from __future__ import annotations

import numpy as np
import pytest

from models.review.guard import is_test, locked_spans, masked


@pytest.mark.parametrize(
    "name",
    [
        *("test", "Test", "testing", "testset", "test2017", "test_set_2", "my-test", "t10k"),
        *("holdout", "hold-out", "held_out", "eval", "evaluation"),
    ],
)
def test_a_split_to_test_with(name: str) -> None:
    assert is_test(name)


@pytest.mark.parametrize("name", ["train", "val", "all", "contest", "latest", "dev", "retrieval"])
def test_any_other_split(name: str) -> None:
    assert not is_test(name)


def test_spans_follow_the_order_of_the_splits() -> None:
    spans = locked_spans({"train": 3, "test": 2, "extra": 1, "holdout": 1})
    assert spans == ((3, 5), (6, 7))
    np.testing.assert_array_equal(np.flatnonzero(masked(spans, 7)), [3, 4, 6])
