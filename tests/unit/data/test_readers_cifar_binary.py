"""CIFAR-10 and CIFAR-100, binary version: records in, images, labels and names out."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.data.readers.arrays import cifar_binary
from models.errors import DatasetError
from models.types import OpenRequest
from tests.helpers.sources import images, opened

CLASSES = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]
quickly = settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def batch(path: Path, *labels: np.ndarray, seed: int = 0) -> np.ndarray:
    """Write records with these label bytes; their images (n, 32, 32, 3)."""
    n = len(labels[0])
    pixels = images(n, (3, 32, 32), seed)
    columns = [np.asarray(column, np.uint8)[:, None] for column in labels]
    path.write_bytes(np.hstack([*columns, pixels.reshape(n, -1)]).tobytes())
    return pixels.transpose(0, 2, 3, 1)


def read(path: Path) -> dict[str, np.ndarray]:
    with ExitStack() as kept, ExitStack() as opening:
        found = list(cifar_binary.arrays(str(path), kept, opening))
        return {a.name: a.rows(0, a.shape[0]) for a in found if hasattr(a, "rows")}


def test_a_batch_of_cifar_10_with_its_names(tmp_path):
    path = tmp_path / "data_batch_1.bin"
    pixels = batch(path, np.arange(20) % 10)
    (tmp_path / "batches.meta.txt").write_text("\n".join([*CLASSES, "", ""]))
    with opened(OpenRequest((str(path),))) as source:
        assert source.info.class_names == tuple(CLASSES)
        assert source.info.image_shape == (32, 32, 3)
        assert source.given.tolist() == [*range(10), *range(10)]
        assert np.array_equal(source.stack(np.array([7, 3, 4])), pixels[[7, 3, 4]])


def test_training_batches_and_the_test_batch_are_one_dataset(tmp_path):
    expected = []
    for seed, name in enumerate(["data_batch_1", "data_batch_2", "data_batch_10", "test_batch"]):
        expected.append(batch(tmp_path / f"{name}.bin", np.arange(10), seed=seed))
    (tmp_path / "batches.meta.txt").write_text("\n".join(CLASSES))
    (tmp_path / "readme.html").write_text("<html></html>")
    with opened(OpenRequest((str(tmp_path),))) as source:
        assert source.info.splits == {"train": 30, "test": 10}
        assert source.info.class_names == tuple(CLASSES)
        assert np.array_equal(source.stack(np.arange(40)), np.concatenate(expected))


def test_cifar_100_has_two_labels_and_the_fine_ones_are_the_classes(tmp_path):
    path = tmp_path / "train.bin"
    fine = np.arange(100)
    pixels = batch(path, fine // 5, fine)
    (tmp_path / "fine_label_names.txt").write_text("\n".join(f"fine {i}" for i in range(100)))
    (tmp_path / "coarse_label_names.txt").write_text("\n".join(f"coarse {i}" for i in range(20)))
    with opened(OpenRequest((str(path),), labels="coarse_labels")) as source:
        assert source.info.class_names[19] == "coarse 19"
        assert np.array_equal(source.given, fine // 5)
        assert np.array_equal(source.read(50), pixels[50])
    with opened(OpenRequest((str(path),))) as source:
        assert source.info.class_names[99] == "fine 99"


@quickly
@given(st.integers(1, 12), st.integers(0, 3), st.booleans())
def test_every_record_comes_out(tmp_path, n, seed, hundred):
    rng = np.random.default_rng(seed)
    labels = [rng.integers(0, 20, n), rng.integers(0, 100, n)] if hundred else [np.arange(n) % 10]
    pixels = batch(tmp_path / "any.bin", *labels, seed=seed)
    assert cifar_binary.recognises(str(tmp_path / "any.bin"))
    found = read(tmp_path / "any.bin")
    assert np.array_equal(found["images"].transpose(0, 2, 3, 1), pixels)
    assert np.array_equal(found["fine_labels" if hundred else "labels"], labels[-1])


@quickly
@given(st.integers(0, 5 * 3073))
def test_a_batch_that_was_cut_is_refused_unless_whole_records_are_left(tmp_path, length):
    path = tmp_path / "test_batch.bin"
    batch(path, np.arange(5))
    path.write_bytes(path.read_bytes()[:length])
    if length and length % 3073 == 0:
        assert len(read(path)["images"]) == length // 3073
    else:
        with pytest.raises(DatasetError, match="is not a CIFAR batch"):
            read(path)


@pytest.mark.parametrize("content", [bytes(range(200)) * 40, b"\xff" * 3073, b"\x0b" * 6146])
def test_another_binary_file_is_not_taken_for_one(tmp_path, content):
    path = tmp_path / "pytorch_model.bin"
    path.write_bytes(content)
    assert not cifar_binary.recognises(str(path))
