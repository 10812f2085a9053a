"""Which arrays make one dataset: splits, pieces of splits, groups."""

from __future__ import annotations

import contextlib
from dataclasses import replace

import h5py
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.errors import DatasetError, Undecided
from models.types import UNLABELLED
from tests.helpers import sources
from tests.helpers.sources import grey, images, labels, opened, request

TRAIN, TEST = images(), images(9, seed=1)


@pytest.mark.parametrize(
    "keys",
    [
        ("x_train", "y_train", "x_test", "y_test"),
        ("train_images", "train_labels", "test_images", "test_labels"),
        ("XTrain", "YTrain", "XTest", "YTest"),
        ("training/data", "training/target", "t10k/data", "t10k/target"),
        ("train_set_x", "train_set_y", "eval_set_x", "eval_set_y"),
    ],
)
def test_any_names_of_train_and_test(tmp_path, keys):
    held = dict(zip(keys, (TRAIN, labels(), TEST, labels(9)), strict=True))
    with opened(sources.npz(tmp_path / "a.npz", **dict(reversed(held.items())))) as source:
        assert source.info.splits == {"train": 24, "test": 9}
        assert np.array_equal(grey(source), np.concatenate([TRAIN, TEST]))
        assert np.array_equal(source.given, np.concatenate([labels(), labels(9)]))


def test_unlabelled_images_are_a_split_of_their_own(tmp_path):
    unlabelled = images(5, seed=2)
    with opened(
        sources.npz(
            tmp_path / "a.npz",
            unlabeled_X=unlabelled,
            train_X=TRAIN,
            train_y=labels(),
            test_X=TEST,
            test_y=labels(9),
        )
    ) as source:
        assert source.info.splits == {"train": 24, "test": 9, "unlabeled": 5}
        assert (source.given[33:] == UNLABELLED).all()


def test_two_words_for_the_same_split_are_two_splits(tmp_path):
    with opened(
        sources.npz(tmp_path / "a.npz", x_val=TRAIN, y_val=labels(), x_dev=TEST, y_dev=labels(9))
    ) as source:
        assert source.info.splits == {"val": 24, "dev": 9}


def test_parts_with_labels_of_the_same_name_are_splits_of_that_name(tmp_path):
    with opened(
        sources.npz(tmp_path / "a.npz", a_x=TRAIN, a_y=labels(), b_x=TEST, b_y=labels(9))
    ) as source:
        assert source.info.splits == {"a": 24, "b": 9}


def test_images_that_share_their_labels_are_left_to_a_person(tmp_path):
    asked = sources.npz(tmp_path / "a.npz", original_x=TRAIN, blurred_x=TRAIN, y=labels())
    with pytest.raises(Undecided, match="could be read in several ways") as refused:
        opened(asked)
    assert [array["role"] for array in refused.value.arrays] == ["images", "images", "labels"]
    with opened(replace(asked, images="blurred_x")) as source:
        assert source.info.labelled == 24


def test_flat_rows_lose_against_the_same_images_with_their_axes(tmp_path):
    digits = images(24, (8, 8))
    names = np.array(["nought", "one", "two"])
    with opened(
        sources.npz(
            tmp_path / "digits.npz",
            data=digits.reshape(24, 64),
            images=digits,
            target=labels(),
            target_names=names,
            feature_names=np.array([f"pixel {i}" for i in range(64)]),
        )
    ) as source:
        assert "from array “images”, 3 classes from array “target”" in source.info.sentence
        assert source.info.class_names == ("nought", "one", "two")


def test_an_answer_stands_for_the_arrays_of_all_files_that_end_in_it(tmp_path):
    for split, pixels in (("train", TRAIN), ("test", TEST)):
        held = {"raw": 255 - pixels, "blurred": pixels, "fine": labels(len(pixels)), "other": 0}
        np.savez(tmp_path / f"{split}.npz", **held)
    asked = request(tmp_path / "train.npz", tmp_path / "test.npz")
    with pytest.raises(Undecided):
        opened(asked)
    with opened(replace(asked, images="blurred", labels="fine")) as source:
        assert source.info.splits == {"train": 24, "test": 9}
        assert np.array_equal(grey(source), np.concatenate([TRAIN, TEST]))
        assert source.info.labelled == 33


def test_an_answer_that_fits_no_images_is_refused(tmp_path):
    asked = sources.npz(tmp_path / "a.npz", x=TRAIN, y=labels(), z=labels(7))
    with pytest.raises(DatasetError, match=r"“z” \(7,\) int64 does not give one label to each"):
        opened(replace(asked, labels="z"))


def test_numbered_files_are_pieces_of_one_split_in_the_order_of_their_numbers(tmp_path):
    pieces = [images(3, seed=i) for i in range(12)]
    for i, pixels in enumerate(pieces, 1):
        np.savez(tmp_path / f"cifar10_train_{i}.npz", images=pixels, labels=np.full(3, i % 3))
    np.savez(tmp_path / "cifar10_test.npz", images=TEST, labels=labels(9))
    with opened(request(*sorted(tmp_path.glob("*.npz")))) as source:
        assert source.info.splits == {"train": 36, "test": 9}
        assert np.array_equal(grey(source), np.concatenate([*pieces, TEST]))
        assert source.given[::3][:12].tolist() == [i % 3 for i in range(1, 13)]
        assert source.path(35) == "cifar10_train_12.npz[2]"
        assert source.path(36) == "cifar10_test.npz[0]"
        assert "13 arrays from “cifar10_train_1/images” to" in source.info.sentence


def test_labels_of_all_pieces_in_one_file_are_shared_out(tmp_path):
    asked = sources.npy(tmp_path, x_2=TEST, labels=labels(33), x_1=TRAIN)
    with opened(asked) as source:
        assert source.info.splits == {"all": 33}
        assert np.array_equal(grey(source), np.concatenate([TRAIN, TEST]))
        assert np.array_equal(source.given, labels(33))


def test_a_piece_without_as_many_labels_is_refused(tmp_path):
    asked = sources.npz(
        tmp_path / "a.npz", x_train_1=TRAIN, y_train_1=labels(), x_train_2=TEST, y_train_2=labels(8)
    )
    with pytest.raises(DatasetError, match=r"“y_train_2” \(8,\) int64 does not give one label"):
        opened(asked)


def test_numbered_sets_are_no_pieces(tmp_path):
    with opened(
        sources.npz(
            tmp_path / "a.npz", test_set_1_x=TRAIN, test_set_1_y=labels(), test_set_2_x=TEST
        )
    ) as source:
        assert source.info.splits == {"test_set_1": 24, "test_set_2": 9}
        assert source.info.labelled == 24


@pytest.mark.shared
def test_the_coded_arrays_of_all_cifar_files_are_refused_with_a_true_sentence(shared_data):
    paths = sorted((shared_data / "cifar10").glob("cifar10_t*.npz"))
    for asked in (request(*paths), request(paths[1])):
        with pytest.raises(DatasetError, match="does not have its images along the first") as said:
            opened(asked)
        assert "coded” (3, 10000, 32, 32) uint8" in str(said.value)
        assert "labels” has 10,000 entries, which is axis 1" in str(said.value)
        assert "the 3 entries of its first axis look like planes of colour" in str(said.value)
        assert "decoded if they are coded" in str(said.value)


def test_images_of_a_target_domain_are_no_labels(tmp_path):
    found = {"x_source": TRAIN, "y_source": labels(), "x_target": TEST, "y_target": labels(9)}
    with opened(sources.npz(tmp_path / "a.npz", **found)) as source:
        assert source.info.splits == {"source": 24, "target": 9}
        assert np.array_equal(grey(source), np.concatenate([TRAIN, TEST]))
        assert np.array_equal(source.given, np.concatenate([labels(), labels(9)]))


def test_targets_with_one_value_an_image_are_labels_however_they_are_called(tmp_path):
    found = {"x_train": TRAIN, "x_train_target": labels()}
    with opened(sources.npz(tmp_path / "a.npz", **found)) as source:
        assert source.info.splits == {"train": 24}
        assert np.array_equal(source.given, labels())


def test_images_of_two_domains_without_labels_are_left_to_a_person(tmp_path):
    asked = sources.npz(tmp_path / "a.npz", x_source=TRAIN, x_target=TEST)
    with pytest.raises(Undecided) as undecided, opened(asked):
        pass
    assert [array["role"] for array in undecided.value.arrays] == ["images", "images"]
    with opened(replace(asked, images="x_source")) as source:
        assert np.array_equal(grey(source), TRAIN)


WORDS = ["train", "Test", "train", "valid", "train", "train"] * 4
IN_TURN = ["test"] * 4 + ["train"] * 20


@pytest.mark.parametrize("shape", [(24,), (24, 1)])
def test_images_that_a_column_calls_test_are_not_of_train(tmp_path, shape):
    words = np.array(WORDS).reshape(shape)
    found = {"images": TRAIN, "labels": labels(), "split": words}
    with opened(sources.npz(tmp_path / "a.npz", **found)) as source:
        assert source.info.splits == {"train": 16, "val": 4, "test": 4}
        assert source.info.split_names_of(np.arange(5)) == [
            "train",
            "test",
            "train",
            "val",
            "train",
        ]
        assert "in 3 splits (train 16, val 4, test 4)" in source.info.sentence
        assert np.array_equal(grey(source), TRAIN)  # ids stay what they were
        assert np.array_equal(source.given, labels())


def test_a_column_of_splits_that_follow_one_another(tmp_path):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["images"], file["labels"] = TRAIN, labels()
        file.create_dataset("subset", data=IN_TURN, dtype=h5py.string_dtype())
    with opened(request(tmp_path / "a.h5")) as source:
        assert source.info.splits == {"test": 4, "train": 20}
        assert source.info.assignment is None


def test_a_column_that_numbers_its_splits_by_names_is_taken(tmp_path):
    kind = h5py.enum_dtype({"train": 0, "test": 1})
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["images"], file["labels"] = TRAIN, labels()
        file.create_dataset("split", data=labels(classes=2), dtype=kind)
    with opened(request(tmp_path / "a.h5")) as source:
        assert source.info.splits == {"train": 12, "test": 12}


@pytest.mark.parametrize("column", [labels(), np.array(["fold 1", "fold 2", "test"] * 8)])
def test_a_column_of_splits_that_cannot_be_understood_is_told(tmp_path, column):
    found = {"images": TRAIN, "labels": labels(), "split": column}
    with opened(sources.npz(tmp_path / "a.npz", **found)) as source:
        assert source.info.splits == {"all": 24}
        (warning,) = source.info.warnings
        assert warning.startswith("“split” holds other values than train, val and test")


def test_words_of_splits_are_no_classes_unless_asked_for(tmp_path):
    path = sources.npz(tmp_path / "a.npz", images=TRAIN, split=np.array(WORDS))
    with opened(path) as source:
        assert source.info.class_names == ()
    with opened(replace(path, labels="split")) as source:
        assert source.info.class_names == ("Test", "train", "valid")
        assert source.info.splits == {"all": 24}


def test_phases_of_cells_are_classes(tmp_path):
    phases = np.array(["G1", "S", "M"] * 8)
    with opened(sources.npz(tmp_path / "a.npz", images=TRAIN, phase=phases)) as source:
        assert source.info.class_names == ("G1", "M", "S")
        assert source.info.warnings == ()


def test_groups_as_usps_ships_them(tmp_path):
    rows = images(24, (256,)).astype(np.float32) / 255
    with opened(
        sources.hdf5(
            tmp_path / "usps.h5",
            test__data=rows[:9],
            test__target=labels(9),
            train__data=rows,
            train__target=labels(),
        )
    ) as source:
        assert source.info.splits == {"train": 24, "test": 9}
        assert source.info.image_shape == (16, 16, 1)
        assert "(floats in 0..1)" in source.info.sentence
        assert np.array_equal(grey(source, [30])[0], rows[6].reshape(16, 16))


def test_groups_are_walked_in_the_order_of_their_names(tmp_path):
    path = tmp_path / "a.h5"
    with h5py.File(path, "x") as file:
        for name in ("set_2", "set_1", "set_3"):
            file[f"{name}/data"], file[f"{name}/labels"] = TEST, labels(9)
    with opened(request(path)) as source:
        assert list(source.info.splits) == ["set_1", "set_2", "set_3"]


_PLAIN = ("x", "y", "images", "labels", "data", "arr_0", "arr_1", "class_names", "coarse_labels")
_OF_SPLITS = ("x_train", "y_train", "x_test", "a/x", "set_1/data", "set_1/labels", "set_2/data")
_NAMES = st.sampled_from((*_PLAIN, *_OF_SPLITS, "data_batch_1"))
_FLAT = ((), (6,), (5,), (6, 1), (6, 3), (6, 64), (6, 192), (6, 7), (6, 64, 3))
_DEEP = ((6, 8, 8), (5, 8, 8), (6, 8, 8, 3), (6, 3, 8, 8), (6, 3, 3, 3), (6, 1, 1, 1), (3, 6, 8, 8))
_SHAPES = st.sampled_from((*_FLAT, *_DEEP, (0, 8, 8), (0, 64)))
_DTYPES = st.sampled_from(["u1", "i8", "f4", "bool", "U3", "S2"])


@pytest.mark.slow
@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.dictionaries(_NAMES, st.tuples(_SHAPES, _DTYPES), min_size=1, max_size=5),
    st.sampled_from(["", "x", "data", "arr_0"]),
    st.sampled_from(["", "y", "labels"]),
    st.sampled_from(["", "nhw", "nhwc", "nchw"]),
    st.sampled_from([(), (8, 8), (8, 8, 3), (4, 16)]),
)
def test_any_arrays_and_answers_are_read_or_refused_in_words(
    tmp_path, held, images_key, labels_key, layout, shape
):
    rng = np.random.default_rng(len(held))
    stored = {name: rng.integers(0, 3, size).astype(dtype) for name, (size, dtype) in held.items()}
    asked = sources.npz(tmp_path / "a.npz", **stored)
    answered = replace(asked, images=images_key, labels=labels_key, layout=layout, shape=shape)
    with contextlib.suppress(DatasetError), opened(answered) as source:
        assert source.info.n == len(source.given) == sum(source.info.splits.values())
        assert source.given.max(initial=-1) < max(1, len(source.info.class_names))
        assert source.read(source.info.n - 1).shape[2] in (1, 3)
