"""Which files make one dataset: pairs, folders, files of one name, packed twins."""

from __future__ import annotations

import h5py
import numpy as np
import pytest

from models.data.readers.arrays import opening as arrays
from models.opening import open_review
from tests.helpers import sources
from tests.helpers.sources import grey, images, labels, opened, request

TRAIN, TEST = images(), images(9, seed=1)


@pytest.mark.parametrize("of_pair", ["x_train", "y_train"])
def test_one_file_of_a_pair_opens_the_pair(tmp_path, of_pair):
    sources.npy(tmp_path, x_train=TRAIN, y_train=labels(), x_test=TEST, y_test=labels(9))
    pair = (str(tmp_path / "x_train.npy"), str(tmp_path / "y_train.npy"))
    with opened(request(tmp_path / f"{of_pair}.npy")) as source:
        assert source.info.splits == {"train": 24}
        assert source.info.labelled == 24
        assert source.info.request["paths"] == pair
        assert np.array_equal(grey(source), TRAIN)


def test_a_pair_that_came_from_a_mac_keeps_its_labels(tmp_path):
    sources.npy(tmp_path, x=images(), y=labels())
    for name in ("._x.npy", "._y.npy"):
        (tmp_path / name).write_bytes(b"\0\5\x16\7" * 20)
    with opened(request(tmp_path / "x.npy")) as source:
        assert source.info.labelled == 24


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
    (tmp_path / beside).write_bytes(b"anything" * 1_000)
    assert not arrays.claims([str(tmp_path)])


def test_a_preview_beside_arrays_is_not_the_dataset(tmp_path):
    sources.npz(tmp_path / "data.npz")
    (tmp_path / "preview.png").write_bytes(sources.encoded()[0])
    with opened(request(tmp_path)) as source:
        assert source.info.n == 24
        assert source.info.warnings == ("Left out because not arrays: preview.png.",)


def test_features_beside_larger_or_many_pictures_are_not_the_dataset(tmp_path):
    sources.npy(tmp_path, features=labels())
    picture = np.random.default_rng(0).bytes(2_000)
    (tmp_path / "photo.png").write_bytes(picture)
    assert not arrays.claims([str(tmp_path)])
    sources.npz(tmp_path / "data.npz")
    assert arrays.claims([str(tmp_path)])
    for i in range(10):
        (tmp_path / f"{i}.png").write_bytes(b"small")
    assert not arrays.claims([str(tmp_path)])


@pytest.mark.parametrize("what", ["features", "embeddings", "model"])
def test_a_few_pictures_beside_what_a_model_says_of_them_are_the_dataset(tmp_path, what):
    for name in ("cat", "dog", "cow"):
        (tmp_path / f"{name}.png").write_bytes(sources.encoded()[0])
    if what == "model":
        with h5py.File(tmp_path / "model.h5", "w") as file:
            file["dense/kernel"], file["iterations"] = np.zeros((128, 10)), 7
    else:
        sources.npy(tmp_path, **{what: np.zeros((3, 784))})
    with opened(request(tmp_path)) as source:
        assert (source.info.kind, source.info.n) == ("folder", 3)


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


@pytest.mark.shared
@pytest.mark.parametrize("name", ["t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"])
def test_one_file_of_fashion_mnist_opens_its_pair(shared_data, name):
    with opened(request(shared_data / "fashion-mnist" / name)) as source:
        assert source.info.splits == {"test": 10_000}
        assert source.info.labelled == 10_000
