"""Which arrays and files make one dataset: splits, pieces of splits, pairs of files, folders."""

from __future__ import annotations

import contextlib
import pickle
from dataclasses import replace
from pathlib import Path

import h5py
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.data.readers.arrays import opening as arrays
from models.errors import DatasetError, Undecided
from models.opening import open_review
from models.types import UNLABELLED, OpenRequest
from tests.helpers import sources
from tests.helpers.sources import images, labels, opened

TRAIN, TEST = images(), images(9, seed=1)


def request(*paths: Path, **answers: str) -> OpenRequest:
    return OpenRequest(tuple(map(str, paths)), **answers)


def one_hot(n: int, classes: int) -> np.ndarray:
    return np.eye(classes, dtype=np.float32)[np.arange(n) % classes]


def grey(source, sample_ids=None) -> np.ndarray:
    ids = np.arange(source.info.n) if sample_ids is None else np.array(sample_ids)
    return source.stack(ids)[..., 0]


# -- names of arrays ------------------------------------------------------------------------


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


# -- pieces ---------------------------------------------------------------------------------


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


# -- files ----------------------------------------------------------------------------------


@pytest.mark.parametrize("of_pair", ["x_train", "y_train"])
def test_one_file_of_a_pair_opens_the_pair(tmp_path, of_pair):
    sources.npy(tmp_path, x_train=TRAIN, y_train=labels(), x_test=TEST, y_test=labels(9))
    pair = (str(tmp_path / "x_train.npy"), str(tmp_path / "y_train.npy"))
    with opened(request(tmp_path / f"{of_pair}.npy")) as source:
        assert source.info.splits == {"train": 24}
        assert source.info.labelled == 24
        assert source.info.request["paths"] == pair
        assert np.array_equal(grey(source), TRAIN)


def test_both_files_of_a_pair_lead_to_one_project(tmp_path):
    sources.npy(tmp_path)
    projects = set()
    for name in ("labels.npy", "images.npy"):
        review = open_review(request(tmp_path / name))
        projects.add(review.project.path)
        review.close()
    assert len(projects) == 1


def test_a_file_that_is_whole_needs_no_partner(tmp_path):
    np.save(tmp_path / "labels.npy", labels(9))
    with opened(sources.npz(tmp_path / "images.npz", x=TRAIN, y=labels())) as source:
        assert source.info.request["paths"] == (str(tmp_path / "images.npz"),)


def test_hdf5_pairs_as_pcam_ships_them(tmp_path):
    stem = "camelyonpatch_level_2_split"
    for split, pixels in (("train", images(24, (8, 8, 3))), ("valid", images(9, (8, 8, 3)))):
        column = (np.arange(len(pixels)) % 2).astype(np.uint8).reshape(-1, 1, 1, 1)
        sources.hdf5(tmp_path / f"{stem}_{split}_x.h5", x=pixels)
        sources.hdf5(tmp_path / f"{stem}_{split}_y.h5", y=column)
        sources.hdf5(tmp_path / f"{stem}_{split}_mask.h5", mask=pixels[..., :1])
    with opened(request(tmp_path / f"{stem}_train_y.h5")) as source:
        assert source.info.splits == {"train": 24}
        assert np.array_equal(source.given, np.arange(24) % 2)
    with opened(request(tmp_path)) as source:
        assert source.info.splits == {"train": 24, "val": 9}
        assert source.info.labelled == 33
        assert source.info.name == tmp_path.name


def test_a_folder_of_array_files_opens_as_those_files(tmp_path):
    folder = tmp_path / "digits"
    folder.mkdir()
    sources.npy(folder, x_train=TRAIN, y_train=labels(), x_test=TEST, y_test=labels(9))
    (folder / "readme.html").write_text("what this is")
    (folder / "x_train.winnow").mkdir()
    with opened(request(folder)) as source:
        assert (source.info.kind, source.info.name) == ("npy", "digits")
        assert source.info.splits == {"train": 24, "test": 9}
        assert source.info.request["paths"] == (str(folder),)
        assert source.info.warnings == ("Left out because not arrays: readme.html.",)


@pytest.mark.parametrize("beside", ["cat/1.png", "1.png", "other/x.npy"])
def test_a_folder_with_images_or_folders_is_none_of_array_files(tmp_path, beside):
    sources.npy(tmp_path)
    (tmp_path / beside).parent.mkdir(exist_ok=True)
    (tmp_path / beside).write_bytes(b"anything")
    assert not arrays.claims([str(tmp_path)])


def test_files_of_one_name_are_told_apart_by_their_folders(tmp_path):
    for split, pixels in (("train", TRAIN), ("test", TEST)):
        (tmp_path / split).mkdir()
        sources.npy(tmp_path / split, images=pixels, labels=labels(len(pixels)))
    with opened(request(*sorted(tmp_path.rglob("*.npy")))) as source:
        assert source.info.splits == {"train": 24, "test": 9}
        assert source.path(32) == "test/images.npy[8]"


def test_an_idx_file_and_its_packed_twin_are_one(tmp_path):
    header = bytes((0, 0, 8, 3, 0, 0, 0, 24, 0, 0, 0, 8, 0, 0, 0, 8))
    plain = tmp_path / "train-images-idx3-ubyte"
    plain.write_bytes(header + TRAIN.tobytes())
    (tmp_path / "train-images-idx3-ubyte.gz").write_bytes(b"the same, packed")
    with opened(request(tmp_path)) as source:
        assert source.info.n == 24


# -- the CIFAR batches, as Python and in nested parts ------------------------------------------


def _batch(n: int, **labelled: object) -> dict[bytes, object]:
    ramp = np.add.outer(np.arange(32), np.arange(32)).astype(np.uint8)
    pictures = np.stack([ramp + 10 * i for i in range(3)])[None] + np.zeros((n, 1, 1, 1), np.uint8)
    return {b"data": pictures.reshape(n, -1), **{k.encode(): v for k, v in labelled.items()}}


def _pickled(path: Path, content: object, protocol: int = 2) -> None:
    path.write_bytes(pickle.dumps(content, protocol))


def test_the_python_version_of_cifar_10(tmp_path):
    for i in range(1, 6):
        labelled = {"labels": [i] * 4, "batch_label": b"some", "filenames": [b"a.png"] * 4}
        _pickled(tmp_path / f"data_batch_{i}", _batch(4, **labelled))
    _pickled(tmp_path / "test_batch", _batch(3, labels=[0, 1, 2], batch_label=b"test"))
    names = [b"airplane", b"automobile", b"bird", b"cat", b"deer", b"dog"]
    _pickled(tmp_path / "batches.meta", {b"label_names": names, b"num_vis": 3072})
    (tmp_path / "readme.html").write_text("CIFAR-10")
    with opened(request(tmp_path)) as source:
        assert source.info.splits == {"train": 20, "test": 3}
        assert source.info.image_shape == (32, 32, 3)
        assert source.given.tolist() == [*np.repeat(range(1, 6), 4), 0, 1, 2]
        assert source.info.class_names[:2] == ("airplane", "automobile")


def test_the_python_version_of_cifar_100_takes_the_fine_labels_and_says_so(tmp_path):
    for split, n in (("train", 6), ("test", 3)):
        labelled = {"fine_labels": list(range(n)), "coarse_labels": [1] * n}
        _pickled(tmp_path / split, _batch(n, **labelled))
    names = {
        b"fine_label_names": [b"f%d" % i for i in range(6)],
        b"coarse_label_names": [b"a", b"b"],
    }
    _pickled(tmp_path / "meta", names)
    with opened(request(tmp_path)) as source:
        assert source.info.class_names == tuple(f"f{i}" for i in range(6))
        assert "“test/fine_labels”; there are also those of" in source.info.warnings[0]
        assert "--labels KEY" in source.info.warnings[0]
    with opened(request(tmp_path, labels="coarse_labels")) as source:
        assert source.info.class_names == ("a", "b")
        assert source.info.warnings == ()


def test_nested_parts_with_a_class_that_only_checking_sets_have(tmp_path):
    parts = {
        "unlabeled_data": images(26, (1, 8, 8)),
        "labeled_data": {"data": images(20, (1, 8, 8)), "labels": one_hot(20, 5)},
        "representative_set_1": {"data": images(12, (1, 8, 8)), "labels": one_hot(12, 6)},
        "representative_set_2": {"data": images(12, (1, 8, 8)), "labels": one_hot(12, 6)},
    }
    path = tmp_path / "data.pkl"
    _pickled(path, parts, protocol=4)
    with opened(request(path)) as source:
        assert list(source.info.splits.items()) == [
            ("unlabeled", 26),
            ("labeled", 20),
            ("representative_set_1", 12),
            ("representative_set_2", 12),
        ]
        assert source.info.class_names == ("0", "1", "2", "3", "4", "not of this dataset")
        assert source.info.not_of_dataset == 5
        assert "Column 6 of the labels is there only in sets" in source.info.warnings[0]
        assert source.info.image_shape == (8, 8, 1)
        assert (source.given[:26] == UNLABELLED).all()
        assert source.given[26:46].tolist() == [i % 5 for i in range(20)]
        assert source.given[46:58].tolist() == [i % 6 for i in range(12)]


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


# -- what real files look like -----------------------------------------------------------------


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


@pytest.mark.shared
@pytest.mark.parametrize("name", ["t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"])
def test_one_file_of_fashion_mnist_opens_its_pair(shared_data, name):
    with opened(request(shared_data / "fashion-mnist" / name)) as source:
        assert source.info.splits == {"test": 10_000}
        assert source.info.labelled == 10_000


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


# -- anything at all ---------------------------------------------------------------------------

_PLAIN = ("x", "y", "images", "labels", "data", "arr_0", "arr_1", "class_names", "coarse_labels")
_OF_SPLITS = ("x_train", "y_train", "x_test", "a/x", "set_1/data", "set_1/labels", "set_2/data")
_NAMES = st.sampled_from((*_PLAIN, *_OF_SPLITS, "data_batch_1"))
_FLAT = ((), (6,), (5,), (6, 1), (6, 3), (6, 64), (6, 192), (6, 7), (6, 64, 3))
_DEEP = ((6, 8, 8), (5, 8, 8), (6, 8, 8, 3), (6, 3, 8, 8), (6, 3, 3, 3), (6, 1, 1, 1), (3, 6, 8, 8))
_SHAPES = st.sampled_from((*_FLAT, *_DEEP, (0, 8, 8), (0, 64)))
_DTYPES = st.sampled_from(["u1", "i8", "f4", "bool", "U3", "S2"])


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
