"""What `winnow split` understands and prints."""

from __future__ import annotations

from typing import Any

import pytest

from qtapp.arguments import parse
from qtapp.split_text import split_lines


def report(**more: Any) -> dict[str, Any]:
    return {
        "project": "a.winnow",
        "splits": {"train": 1_600, "test": 400},
        "kept": ["test"],
        "seed": 0,
        "deviation": {"before": 0.02, "after": 0.001, "split": "train", "class": "cat"},
        "missing": [],
        "n_missing": 0,
        "groups": {"n": 0, "images": 0, "largest": 0, "too_large": 0},
        "leaks": {"before": {"groups": 0, "images": 0}, "after": {"groups": 0, "images": 0}},
        "leaking": [],
        "left_out": 0,
        "unlabelled": 0,
        "unlabelled_into": {},
        **more,
    }


def test_an_even_split_without_copies_is_told_in_few_lines() -> None:
    assert list(split_lines(report())) == [
        "    1,600  train",
        "      400  test  as it was",
        "Largest deviation of a class share: 0.10% (cat in train; before, 2.00%)",
        "No image has a copy.",
        "Take it back: winnow split a.winnow --as-given",
    ]


def test_what_could_not_be_kept_together_is_told() -> None:
    groups = {"n": 2, "images": 900, "largest": 898, "too_large": 1}
    counts = {"groups": 2, "images": 900}
    leaks = {"before": counts, "after": {"groups": 1, "images": 2}}
    missing = [{"split": "test", "class": "emu"}, {"split": "test", "class": "yak"}]
    more = {"groups": groups, "leaks": leaks, "missing": missing, "n_missing": 2, "left_out": 1}
    lines = list(split_lines(report(**more, deviation=None)))
    assert lines[2:-1] == [
        "1 image left out of these counts: excluded or not readable",
        "No image of emu in test, and 1 more: too few for every split",
        "900 images in 2 groups of copies or related ones, the largest of 898",
        "  1 of them larger than the smallest new split",
        "  in groups torn across splits: 900 before, 2 now",
        "  these have a copy in a split that was kept; exclude them, or keep fewer splits",
    ]


def test_the_line_that_takes_it_back_can_be_copied() -> None:
    *_, last = split_lines(report(project="my photos.winnow"))
    assert last == "Take it back: winnow split 'my photos.winnow' --as-given"


def test_images_without_a_label_that_come_among_labelled_ones_are_told() -> None:
    lines = list(split_lines(report(unlabelled_into={"train": 1_600, "test": 2})))
    assert "come into splits that had none: 1,600 into train, 2 into test" in lines[3]


def test_taken_back() -> None:
    done = {"project": "a.winnow", "splits": {"all": 24}}
    assert list(split_lines(done))[-1] == "The splits are those of the source again."


@pytest.mark.parametrize(
    "words",
    [
        ["--folds", "1"],
        ["--folds", "5", "--train", "0.5"],
        ["--train", "nan"],
        ["--train", "-1"],
        ["--seed", "x"],
        ["--as-given", "--seed", "0"],
        ["--as-given", "--keep", "test"],
    ],
)
def test_what_makes_no_sense_is_refused(words: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        parse(["split", "a.winnow", *words])
    assert ended.value.code == 2


def test_what_makes_sense() -> None:
    asked = parse(["split", "a.winnow", "--train", ".7", "--test", "30", "--keep", "dev", "b"])
    assert (asked.train, asked.validation, asked.test) == (0.7, None, 30.0)
    assert (asked.keep, asked.seed) == (["dev", "b"], None)
    assert parse(["split", "a.winnow"]).keep is None
    assert parse(["split", "a.winnow", "--keep"]).keep == []
