"""What splits are called that were given as paths."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.data.readers.meaning.split_names import split_names

STEPS = st.sampled_from(
    ["train", "val", "valid", "test", "site_a", "site_b", "red", "2019", "2020"]
)
PATHS = st.lists(STEPS, min_size=1, max_size=3).map("/".join)


@pytest.mark.parametrize(
    ("paths", "names"),
    [
        ("train val test", "train val test"),
        ("flowers_train flowers-Valid t10k", "train val test"),
        ("train2017 val2017", "train val"),
        ("a/training/images a/testing/images", "train test"),
        ("val valid", "val valid"),
        ("train_a train_b test", "train_a train_b test"),
        ("siteA/train siteB/train", "siteA siteB"),
        ("red/images blue/images", "red blue"),
        ("flowers_red flowers_blue", "red blue"),
        ("a/flowers_train b/c/flowers_red", "train red"),
        ("site_a site_b", "site_a site_b"),
        ("2019 2020", "2019 2020"),
        ("photos_2019 photos_2020", "photos_2019 photos_2020"),
        ("red blue red/more", "red blue more"),
        ("train siteA", "train siteA"),
    ],
)
def test_splits_are_called(paths: str, names: str) -> None:
    assert split_names(paths.split()) == names.split()


@pytest.mark.slow
@settings(max_examples=200, deadline=None)
@given(paths=st.lists(PATHS, min_size=1, max_size=6, unique=True))
def test_names_differ_and_do_not_depend_on_the_order(paths: list[str]) -> None:
    names = dict(zip(paths, split_names(paths), strict=True))
    assert len(set(names.values())) == len(paths)
    assert all(names.values())
    again = sorted(paths)
    assert dict(zip(again, split_names(again), strict=True)) == names
