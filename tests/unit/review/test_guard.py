"""Which splits are kept from decisions, going by their names."""

from __future__ import annotations

import numpy as np
import pytest

from models.review.guard import in_test, is_test


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


def test_its_images_where_splits_follow_one_another_and_where_they_do_not() -> None:
    splits = {"train": 3, "test": 2, "extra": 1, "holdout": 1}
    np.testing.assert_array_equal(np.flatnonzero(in_test(splits)), [3, 4, 6])
    codes = np.array([1, 0, 3, 0, 2, 1, 0], np.uint8)
    np.testing.assert_array_equal(np.flatnonzero(in_test(splits, codes)), [0, 2, 5])
