"""Reading a dataset into one array."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest

from models.data.fingerprint import content_hash
from models.processes.reading import ReaderClient, Unreadable
from models.training import images as images_module
from models.training.images import TrainingImages, read_images
from models.training.resizing import resized
from models.types import DatasetInfo, Progress
from tests.helpers.training import ArrayReader


def read(images: list[Any], folder: Path) -> TrainingImages:
    reader = ArrayReader(images)
    opened = next(reader.opening(None))  # type: ignore[arg-type]
    info = DatasetInfo.from_message(opened.info)  # type: ignore[attr-defined]
    work = read_images(cast(ReaderClient, reader), info, folder)
    while True:
        try:
            assert isinstance(next(work), Progress)
        except StopIteration as end:
            return cast(TrainingImages, end.value)


def test_small_images_are_kept_as_they_are(tmp_path: Path) -> None:
    pictures = [np.full((8, 9, 3), i, np.uint8) for i in range(5)]
    result = read(pictures, tmp_path)
    np.testing.assert_array_equal(result.pixels, np.stack(pictures))
    assert result.hashes[3].tobytes() == content_hash(pictures[3])


def test_large_images_are_reduced_and_hashed_whole(tmp_path: Path) -> None:
    picture = np.random.default_rng(0).integers(0, 255, (100, 200, 3)).astype(np.uint8)
    result = read([picture, picture], tmp_path)
    assert result.shape == (32, 64, 3)
    assert result.hashes[0].tobytes() == content_hash(picture)


def test_floats_are_scaled_by_the_range_of_the_dataset(tmp_path: Path) -> None:
    pictures = [np.full((8, 8, 1), value, np.float32) for value in (0.0, 127.5, 255.0)]
    result = read(pictures, tmp_path)
    assert result.pixels.dtype == np.float16
    assert result.pixels[:, 0, 0, 0].tolist() == [0.0, 0.5, 1.0]


def test_unreadable_images_leave_a_gap(tmp_path: Path) -> None:
    result = read([np.ones((8, 8, 1), np.uint8), Unreadable("broken")], tmp_path)
    assert result.readable.tolist() == [True, False]
    assert not result.hashes[1].any()


def test_mixed_sizes_become_square(tmp_path: Path) -> None:
    result = read([np.ones((20, 30, 1), np.uint8), np.ones((24, 10, 3), np.uint8)], tmp_path)
    assert result.shape[0] == result.shape[1]
    assert result.shape[2] == 3
    assert (result.pixels == 1).all()


def test_many_pixels_lie_in_a_file_that_leaves_no_trace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(images_module, "_IN_MEMORY_BYTES", 100)
    pictures = [np.full((8, 8, 1), i, np.uint8) for i in range(5)]
    result = read(pictures, tmp_path)
    assert isinstance(result.pixels, np.memmap)
    np.testing.assert_array_equal(result.pixels, np.stack(pictures))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("size", [(3, 5), (16, 16), (40, 23)])
def test_resizing_keeps_a_constant_constant(size: tuple[int, int]) -> None:
    image = np.full((17, 12, 3), 9, np.uint8)
    np.testing.assert_allclose(resized(image, *size), 9, rtol=1e-6)


def test_resizing_averages_where_it_shrinks() -> None:
    checks = (np.indices((64, 64)).sum(axis=0) % 2 * 200).astype(np.uint8)[:, :, None]
    np.testing.assert_allclose(resized(checks, 8, 8), 100, atol=4)


def test_resizing_to_the_same_size_changes_nothing() -> None:
    image = np.random.default_rng(0).integers(0, 255, (9, 7, 3)).astype(np.uint8)
    np.testing.assert_allclose(resized(image, 9, 7), image, atol=1e-4)
