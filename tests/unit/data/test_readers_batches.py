"""Batches of CIFAR as Python pickles, and parts nested in one file."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np

from models.types import UNLABELLED
from tests.helpers.sources import images, one_hot, opened, request


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
