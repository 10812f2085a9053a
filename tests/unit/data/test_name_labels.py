"""Classes in the names of image files, as --labels filenames reads them."""

from __future__ import annotations

import pytest
from PIL import Image

from models.data.readers.images.name_labels import FILENAMES, classes_to_ask_about, labels_in_names
from models.errors import DatasetError
from models.types import UNLABELLED
from tests.helpers.sources import opened, request


@pytest.fixture
def cats_and_dogs(tmp_path):
    names = [f"train/{kind}.{i}.png" for kind in ("cat", "dog") for i in range(12)]
    for name in (*names, "test1/1.png", "test1/2.png"):
        path = tmp_path / "d" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("L", (8, 8), len(name)).save(path)
    return tmp_path / "d"


def test_a_folder_of_cats_and_dogs_says_how_to_read_its_names(cats_and_dogs):
    with opened(request(cats_and_dogs)) as source:
        assert source.info.class_names == ()
        assert source.info.labelled == 0
        said = [one for one in source.info.warnings if "--labels" in one]
        assert said == [
            "File names look like classes, such as cat and dog: --labels filenames reads them so."
        ]


def test_the_names_are_classes_where_a_person_says_so(cats_and_dogs):
    with opened(request(cats_and_dogs, labels=FILENAMES)) as source:
        assert source.info.class_names == ("cat", "dog")
        assert source.info.splits == {"test": 2, "train": 24}
        assert source.given.tolist() == [UNLABELLED] * 2 + [0] * 12 + [1] * 12
        assert "2 classes from the file names" in source.info.sentence
        assert source.info.warnings == (
            "2 file names are not a class and a number; unlabelled (for example test1/1.png).",
        )


def test_names_without_classes_are_refused_in_words(tmp_path):
    Image.new("L", (8, 8)).save(tmp_path / "1.png")
    with (
        pytest.raises(DatasetError, match="no file named by a class and a number"),
        opened(request(tmp_path, labels=FILENAMES)),
    ):
        pass


@pytest.mark.parametrize(
    ("file", "label"),
    [
        ("cat.0.jpg", "cat"),
        ("all/great_pyrenees_105.jpg", "great_pyrenees"),
        ("Black_Footed_Albatross_0001_796111.jpg", "Black_Footed_Albatross"),
        ("dog (12).png", "dog"),
        ("airplane07.tif", "airplane"),
        ("cam1_0001.png", "cam1"),
        ("Größe 7.bmp", "Größe"),
        ("0001.jpg", None),
        ("cover.jpg", None),
    ],
)
def test_what_stands_before_the_number(file, label):
    assert labels_in_names(["cat.1.jpg", file], "d").labels[1] == label


@pytest.mark.parametrize(
    "kinds",
    [
        ("IMG_", "DSC_"),  # two cameras
        ("cam1_", "cam2_"),
        ("train_", "test_"),
        ("a", "b"),
        ("cat",),
        ("IMG_", "cat."),
        ("",),
    ],
)
def test_cameras_and_series_are_no_classes_to_ask_about(kinds):
    assert classes_to_ask_about([f"{kind}{i}.jpg" for kind in kinds for i in range(20)]) == ""


def test_names_of_which_each_is_another_are_no_classes():
    assert classes_to_ask_about([f"{name}_1.jpg" for name in ("anna", "bert", "carl")]) == ""
