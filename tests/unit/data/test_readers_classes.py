"""Which classes and labels the arrays of several splits have together."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import h5py
import numpy as np
import pytest

from models.data.readers import Source
from models.errors import DatasetError, Undecided
from models.types import UNLABELLED, OpenRequest
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


@pytest.mark.parametrize("name", ["label_names", "class_names", "names"])
def test_the_name_of_each_images_label_is_no_list_of_classes(tmp_path, name):
    codes = labels()[::-1]
    each = {name: np.array(["ant", "bee", "cat"])[codes]}
    with opened(sources.npz(tmp_path / "a.npz", x=TRAIN, y=codes, **each)) as source:
        assert source.info.class_names == ("0", "1", "2")
        assert np.array_equal(source.given, codes)
        assert source.info.warnings == (
            f"Array “{name}” has a text for each image, so it was not taken for the list of the "
            "classes.",
        )


@pytest.mark.parametrize("name", ["image_names", "file_names"])
def test_the_names_of_files_are_neither_classes_nor_labels(tmp_path, name):
    files = {name: np.array([f"{i}.png" for i in range(24)])}
    with opened(sources.npz(tmp_path / "a.npz", x=TRAIN, y=labels(), **files)) as source:
        assert source.info.class_names == ("0", "1", "2")
    with opened(sources.npz(tmp_path / "b.npz", x=TRAIN, **files)) as source:
        assert source.info.class_names == ()


OF_IMAGES = np.array([f"photo {i}" for i in range(24)])


@pytest.mark.parametrize(
    "given", [labels(), labels().astype(np.uint8), labels().astype(np.float32), one_hot(24, 3)]
)
def test_the_names_of_images_are_no_list_of_classes(tmp_path, given):
    with opened(sources.npz(tmp_path / "a.npz", x=TRAIN, y=given, names=OF_IMAGES)) as source:
        assert source.info.class_names == ("0", "1", "2")
        (warning,) = source.info.warnings
        assert warning.startswith("Array “names” has a text for each image")


def test_the_names_of_the_few_images_of_a_split_are_no_list_of_classes(tmp_path):
    found = {"x_train": TRAIN, "y_train": labels(), "names_train": OF_IMAGES}
    found |= {"x_test": TRAIN[:4], "y_test": labels(4), "names_test": OF_IMAGES[:4]}
    with opened(sources.npz(tmp_path / "a.npz", **found)) as source:
        assert source.info.class_names == ("0", "1", "2")
        assert len(source.info.warnings) == 2


def test_the_names_of_images_are_no_labels_unless_asked_for(tmp_path):
    asked = sources.npz(tmp_path / "a.npz", x=TRAIN, names=OF_IMAGES)
    with opened(asked) as source:
        assert source.info.class_names == ()
        assert source.info.arrays[0]["labels"] == ""
        (warning,) = source.info.warnings
        assert warning.startswith("No labels were taken from array “names”")
    with opened(replace(asked, labels="names")) as source:
        assert source.info.labelled == 24


@pytest.mark.parametrize("name", ["class_names", "names"])
def test_as_many_classes_as_images_are_a_list_of_classes_where_labels_need_it(tmp_path, name):
    found = {"x": TRAIN, "y": np.arange(24), name: OF_IMAGES}
    with opened(sources.npz(tmp_path / "a.npz", **found)) as source:
        assert source.info.class_names == tuple(OF_IMAGES)


def test_rows_that_are_0_in_every_column_are_unlabelled(tmp_path):
    rows = one_hot(24, 3)
    rows[[3, 7]] = 0
    with opened(sources.npz(tmp_path / "a.npz", x=TRAIN, y=rows)) as source:
        assert np.flatnonzero(source.given == UNLABELLED).tolist() == [3, 7]
        assert source.info.warnings == (
            "2 rows of “y” are 0 in every column; those samples count as unlabelled.",
        )


def splits_with_names(folder: Path, **names: list[str] | None) -> OpenRequest:
    """An .npz a split, each of 24 images labelled 0, 1, 2, with its own list of classes."""
    for split, listed in names.items():
        held = {} if listed is None else {"class_names": np.array(listed)}
        np.savez(folder / f"{split}.npz", x=images(seed=len(split)), y=labels(), **held)
    return request(*(folder / f"{split}.npz" for split in names))


def named(source: Source, start: int, stop: int) -> list[str]:
    """What some samples are called."""
    return [source.info.class_names[code] for code in source.given[start:stop]]


def test_splits_that_list_their_classes_differently_are_joined_by_name(tmp_path):
    asked = splits_with_names(tmp_path, train=["ant", "bee", "cat"], test=["cat", "dog", "ant"])
    with opened(asked) as source:
        assert source.info.class_names == ("ant", "bee", "cat", "dog")
        assert named(source, 0, 3) == ["ant", "bee", "cat"]
        assert named(source, 24, 27) == ["cat", "dog", "ant"]
        assert source.info.warnings == (
            "“train/y” and “test/y” number their classes differently; they were joined by their "
            "names.",
        )


def test_a_split_without_a_list_is_refused_where_others_differ(tmp_path):
    asked = splits_with_names(tmp_path, train=["a", "b", "c"], val=["c", "b", "a"], test=None)
    with pytest.raises(DatasetError, match=r"“test/y” does not say.*“train/y” and “val/y”"):
        opened(asked)


def test_a_split_without_a_list_takes_the_one_there_is(tmp_path):
    with opened(splits_with_names(tmp_path, train=["a", "b", "c"], test=None)) as source:
        assert source.info.class_names == ("a", "b", "c")
        assert source.info.warnings == ()


def test_lists_that_are_not_of_one_split_each_are_not_chosen_from(tmp_path):
    held = {"class_names": np.array(["a", "b", "c"]), "group_names": np.array(["a", "c", "b"])}
    with opened(sources.npz(tmp_path / "a.npz", x_train=TRAIN, y_train=labels(), **held)) as source:
        assert source.info.class_names == ("0", "1", "2")
        assert "list different class names; none of them was taken" in source.info.warnings[0]


@pytest.mark.parametrize("first", [0, 10])
@pytest.mark.parametrize("other", [0, 1])
def test_enumerations_that_differ_are_joined_by_name(tmp_path, first, other):
    with h5py.File(tmp_path / "a.h5", "x") as file:
        for split, names, start in (("train", "abc", first), ("test", "cab", other)):
            kind = h5py.enum_dtype({name: start + i for i, name in enumerate(names)}, "u1")
            file[f"{split}/images"] = images(seed=start)
            stored = (start + labels()).astype("u1")
            file.create_dataset(f"{split}/labels", data=stored, dtype=kind)
    with opened(request(tmp_path / "a.h5")) as source:
        assert source.info.class_names == ("a", "b", "c")
        assert named(source, 0, 3) == ["a", "b", "c"]
        assert named(source, 24, 27) == ["c", "a", "b"]


def test_names_and_a_class_of_checking_sets_alone_in_another_order(tmp_path):
    for split, columns, names in (("train", 3, "abc"), ("test", 4, "cabx")):
        held = {"y": one_hot(24, columns), "class_names": np.array(list(names))}
        np.savez(tmp_path / f"{split}.npz", x=images(seed=columns), **held)
    with opened(request(tmp_path / "train.npz", tmp_path / "test.npz")) as source:
        assert source.info.class_names == ("a", "b", "c", "x")
        assert source.info.not_of_dataset == 3
        assert named(source, 24, 28) == ["c", "a", "b", "x"]


def test_a_list_with_two_classes_of_one_name(tmp_path):
    names = np.array(["crane", "ant", "crane"])
    with opened(sources.npz(tmp_path / "a.npz", x=TRAIN, y=labels(), class_names=names)) as source:
        assert source.info.class_names == ("crane", "ant", "crane (2)")
    with opened(sources.npz(tmp_path / "b.npz", x=TRAIN, class_names=names)) as source:
        assert source.info.class_names == ("crane", "ant", "crane (2)")


def test_labels_without_a_single_column_are_refused_in_words(tmp_path):
    asked = sources.npz(tmp_path / "a.npz", x_train=TRAIN, y_train=np.empty((24, 0)))
    with pytest.raises(DatasetError, match=r"“y_train” \(24, 0\) .* does not give one label"):
        opened(asked)


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
