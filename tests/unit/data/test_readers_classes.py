"""Which classes and labels the arrays of several splits have together."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from models.errors import Undecided
from models.types import UNLABELLED
from tests.helpers import sources
from tests.helpers.sources import images, labels, one_hot, opened, request

TRAIN, TEST = images(), images(9, seed=1)


def test_a_class_of_that_name_is_known_by_it_when_it_comes_back(tmp_path):
    names = np.array(["ant", "bee", "not of this dataset"])
    with opened(sources.npz(tmp_path / "a.npz", x=TRAIN, y=labels(), class_names=names)) as source:
        assert source.info.not_of_dataset == 2


def test_labels_that_are_none_are_asked_about_where_there_are_others(tmp_path):
    asked = sources.npz(tmp_path / "a.npz", x=TRAIN, y=labels() + 0.5, kind=labels())
    with pytest.raises(Undecided, match="numbers with fractions") as refused:
        opened(asked)
    assert [a["name"] for a in refused.value.arrays if a["role"] == "labels"] == ["y", "kind"]
    with opened(replace(asked, labels="kind")) as source:
        assert source.info.labelled == 24


def test_rows_that_are_0_in_every_column_are_unlabelled(tmp_path):
    rows = one_hot(24, 3)
    rows[[3, 7]] = 0
    with opened(sources.npz(tmp_path / "a.npz", x=TRAIN, y=rows)) as source:
        assert np.flatnonzero(source.given == UNLABELLED).tolist() == [3, 7]
        assert source.info.warnings == (
            "2 rows of “y” are 0 in every column; those samples count as unlabelled.",
        )


def test_different_lists_of_class_names_are_not_chosen_from(tmp_path):
    for split, pixels, names in (
        ("train", TRAIN, ["a", "b", "c"]),
        ("test", TEST, ["c", "b", "a"]),
    ):
        held = {"x": pixels, "y": labels(len(pixels)), "class_names": np.array(names)}
        np.savez(tmp_path / f"{split}.npz", **held)
    with opened(request(tmp_path / "train.npz", tmp_path / "test.npz")) as source:
        assert source.info.class_names == ("0", "1", "2")
        assert "list different class names; none of them was taken" in source.info.warnings[0]


def test_a_class_that_training_has_and_testing_has_not_is_a_class(tmp_path):
    with opened(
        sources.npz(
            tmp_path / "a.npz",
            x_train=TRAIN,
            y_train=one_hot(24, 4),
            x_test=TEST,
            y_test=one_hot(9, 3),
        )
    ) as source:
        assert source.info.class_names == ("0", "1", "2", "3")
        assert source.info.not_of_dataset == -1
