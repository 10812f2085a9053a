"""What folder names are taken for: splits, classes, groups."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.data.readers.images.folder_layout import Opened, places_of, split_word

NAMES = st.sampled_from(["train", "val", "test", "cat", "dog", "day1", "images", "x"])
FOLDERS = st.sets(st.lists(NAMES, max_size=4).map("/".join), min_size=1, max_size=8)


def meant(folders, classes=()):
    """{folder: "split:class"} of folders written in one string."""
    places = places_of(folders.split(), classes)
    return [f"{place.split}:{place.class_folder}" for place in places.values()]


@pytest.mark.parametrize(
    ("folders", "expected"),
    [
        ("ant bee", [":ant", ":bee"]),
        ("train/ant train/bee test/ant", ["train:ant", "train:bee", "test:ant"]),
        ("ant/train ant/test bee/train", ["train:ant", "test:ant", "train:bee"]),
        ("training_set/a Test-Set/a", ["train:a", "test:a"]),
        ("val/a valid/a", ["val:a", "valid:a"]),
        ("train test", ["train:", "test:"]),
        ("seg_train/seg_train/sea seg_test/seg_test/sea seg_test/seg_test/ice", None),
        ("train/train train/plane test/train test/plane", None),
        ("photos/ant photos/bee", [":ant", ":bee"]),
        ("images/train/ant images/val/ant images/val/bee", ["train:ant", "val:ant", "val:bee"]),
        ("animals/cat animals/dog cars", [":animals/cat", ":animals/dog", ":cars"]),
        ("train/a/b train/c test/a/b", ["train:a/b", "train:c", "test:a/b"]),
        ("cat/day1 cat/day2 dog/day1", [":cat", ":cat", ":dog"]),
        ("cat cat/more dog", [":cat", ":cat", ":dog"]),
        ("train/ant train/bee val/images", ["train:ant", "train:bee", "val:"]),
        (
            "train/ant/images train/bee/images val/images test/images",
            ["train:ant", "train:bee", "val:", "test:"],
        ),
        ("train/photos train/bee val/photos", ["train:photos", "train:bee", "val:photos"]),
        ("images", [":"]),
        ("cat", [":cat"]),
        ("train bee", [":train", ":bee"]),
        ("train test1", ["train:", "test:"]),
        ("train/cat train/dog test1", ["train:cat", "train:dog", "test:"]),
        ("train2017/a val2017/a", ["train:a", "val:a"]),
        ("train1/a train2/a test/a", ["train:a", "train:a", "test:a"]),
        ("test1 test2", [":test1", ":test2"]),
        (
            "seg_train/seg_train/sea seg_test/seg_test/sea seg_pred/seg_pred",
            ["train:sea", "test:sea", "pred:"],
        ),
        ("part1/ant part1/bee part2/ant", [":ant", ":bee", ":ant"]),
        ("data/part_1/ant data/part_2/ant data/part_2/bee", [":ant", ":ant", ":bee"]),
        ("part1/ant part2/bee", [":part1/ant", ":part2/bee"]),
        ("fold1/ant fold1/bee fold2/ant", ["fold1:ant", "fold1:bee", "fold2:ant"]),
        ("site_a/ant site_b/ant site_b/bee", ["site_a:ant", "site_b:ant", "site_b:bee"]),
        (
            "fold1/train/ant fold1/test/ant fold2/train/ant fold2/test/bee",
            ["train:ant", "test:ant", "train:ant", "test:bee"],
        ),
    ],
)
def test_folders_mean(folders, expected):
    by_hand = {
        "seg_train": ["train:sea", "test:sea", "test:ice"],
        "train/train": ["train:train", "train:plane", "test:train", "test:plane"],
    }
    expected = expected or next(v for k, v in by_hand.items() if folders.startswith(k))
    assert meant(folders) == expected


def test_images_beside_split_folders_make_a_split_of_their_own():
    places = places_of(["", "train/a", "test/a"])
    assert [place.split for place in places.values()] == ["other", "train", "test"]
    assert places[""].class_folder == ""


def test_listed_classes_tell_splits_of_any_name():
    assert meant("first/a first/b second/a", ["a", "b"]) == ["first:a", "first:b", "second:a"]
    assert meant("a b", ["0 a", "1 b"]) == [":a", ":b"]


def test_listed_classes_that_are_called_like_splits_stay_classes():
    assert meant("test1 train2", ["test1", "train2"]) == [":test1", ":train2"]


def test_folds_in_folders_opened_together_are_put_together():
    folders = ["a/fold1/ant", "a/fold2/ant", "b/fold1/ant", "b/fold1/bee"]
    places = places_of(folders, opened=[Opened("a", "a"), Opened("b", "b")])
    assert [(place.split, place.class_folder) for place in places.values()] == [
        *[("a", "ant")] * 2,
        *[("b", "ant"), ("b", "bee")],
    ]


def test_more_folds_than_can_be_splits_are_put_together():
    places = places_of([f"fold{i}/{name}" for i in range(51) for name in ("ant", "bee")])
    assert {(place.split, place.class_folder) for place in places.values()} == {
        ("", "ant"),
        ("", "bee"),
    }


@pytest.mark.parametrize(
    ("name", "split"),
    [
        ("Train", "train"),
        ("test_set", "test"),
        ("valid-images", "val"),
        ("train_station", ""),
        ("", ""),
    ],
)
def test_split_words(name, split):
    assert split_word(name) == split


@pytest.mark.slow
@settings(max_examples=200, deadline=None)
@given(folders=FOLDERS)
def test_every_folder_has_a_place_made_of_its_own_names(folders):
    places = places_of(sorted(folders))
    assert set(places) == folders
    for folder, place in places.items():
        steps = folder.split("/")
        assert set(place.class_folder.split("/")) - {""} <= set(steps)
        assert not place.group or place.class_folder
    splits = [bool(place.split) for place in places.values()]
    assert all(splits) or not any(splits)


@pytest.mark.slow
@settings(max_examples=100, deadline=None)
@given(
    folders=st.sets(
        st.tuples(
            st.sampled_from(["train", "val", "test"]),
            st.lists(st.sampled_from(["cat", "dog", "day1", "images", "x"]), max_size=3),
        ).map(lambda found: "/".join([found[0], *found[1]])),
        min_size=1,
        max_size=8,
    )
)
def test_folders_opened_together_mean_what_they_mean_in_the_folder_that_holds_them(folders):
    tops = {folder.split("/")[0] for folder in folders}
    opened = [Opened(top, top) for top in tops]
    assert places_of(sorted(folders), opened=opened) == places_of(sorted(folders))
