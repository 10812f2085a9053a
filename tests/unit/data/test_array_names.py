"""What the names of arrays say."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.data.readers.meaning.array_names import meaning


@pytest.mark.parametrize(
    ("name", "role", "split", "numbers"),
    [
        ("x_train", "images", "train", ()),
        ("yTest", "labels", "test", ()),
        ("Xtest", "images", "test", ()),
        ("train_images", "images", "train", ()),
        ("image_labels", "labels", "", ()),
        ("y_data", "labels", "", ()),
        ("train/data", "images", "train", ()),
        ("t10k-images-idx3-ubyte", "images", "test", ()),
        ("t10k-labels.idx1-ubyte", "labels", "test", ()),
        ("data_batch_3/labels", "labels", "", (3,)),
        ("data_batch_10/data", "images", "", (10,)),
        ("cifar10_train_2/images", "images", "train", (10, 2)),
        ("camelyonpatch_level_2_split_valid_y/y", "labels", "val", (2,)),
        ("labels_28x28", "labels", "", ()),
        ("fine_label_names", "class names", "", ()),
        ("images/class_names", "class names", "", ()),
        ("image_names", "ids", "", ()),
        ("image_class_names", "class names", "", ()),
        ("test/file_names", "ids", "test", ()),
        ("train_filenames", "ids", "train", ()),
        ("masks/train", "other", "train", ()),
        ("unlabeled_data", "images", "unlabeled", ()),
        ("labelled_data/labels", "labels", "labelled", ()),
        ("held-out images", "images", "test", ()),
        ("test_set_2/x", "images", "test_set_2", ()),
        ("mnist_train/x_test", "images", "test", ()),
    ],
)
def test_role_split_and_numbers(name, role, split, numbers):
    says = meaning(name)
    assert (says.role, says.split, says.numbers) == (role, split, numbers)


@pytest.mark.parametrize(
    ("images", "labels"),
    [
        ("x_train", "y_train"),
        ("train_set_x", "train_set_y"),
        ("train-images-idx3-ubyte", "train-labels-idx1-ubyte"),
        ("representative_set_1/data", "representative_set_1/labels"),
        ("data_batch_1/data", "data_batch_1/labels"),
    ],
)
def test_images_and_their_labels_differ_in_their_role_alone(images, labels):
    assert meaning(images).piece == meaning(labels).piece
    assert meaning(images).role != meaning(labels).role


@pytest.mark.parametrize(
    ("name", "is_piece"),
    [("data_batch_1", True), ("x_train_2", True), ("images_3", True), ("set_1/data", False)],
)
def test_numbers_tell_pieces_or_sets(name, is_piece):
    assert meaning(name).is_piece == is_piece


def test_a_set_is_called_by_its_name_without_its_role():
    assert meaning("representative_set_1/data").whole == "representative_set_1"


@given(st.text(max_size=30))
def test_any_text_is_a_name(name):
    assert meaning(name).role in ("images", "labels", "class names", "ids", "other", "")
