"""A source through which something is undone: each way to its images gives the same ones."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from models.data.readers import Source, open_source
from models.data.readers.undone import with_undone
from models.data.undoing import BYTES, applied
from models.errors import DatasetError
from models.types import OpenRequest

INVERT, TURN = {"name": "invert"}, {"name": "turn", "degrees": 90}
IDS = np.array([5, 0, 2, 4])


def source_of(path: Path) -> Source:
    (source,) = [s for s in open_source(OpenRequest((str(path),))) if isinstance(s, Source)]
    return source


def arrays(tmp_path: Path, train: np.ndarray, test: np.ndarray) -> Source:
    labels = np.arange(3)
    np.savez(tmp_path / "a.npz", x_train=train, y_train=labels, x_test=test, y_test=labels)
    return source_of(tmp_path / "a.npz")


def test_a_stack_of_both_splits_holds_what_single_images_do(tmp_path):
    images = np.random.default_rng(0).integers(0, 255, (6, 4, 4, 3), dtype=np.uint8)
    source = with_undone(arrays(tmp_path, images[:3], images[3:]), {"test": [INVERT, TURN]})
    expected = np.concatenate([images[:3], applied(images[3:], [INVERT, TURN], BYTES)])
    np.testing.assert_array_equal(source.stack(IDS), expected[IDS])
    np.testing.assert_array_equal([source.read(int(i)) for i in IDS], expected[IDS])
    np.testing.assert_array_equal([source.thumbnail(int(i), 8) for i in IDS], expected[IDS])
    assert source.info.image_shape == (4, 4, 3)
    source.close()


def test_images_of_other_sides_are_mixed_once_some_are_turned(tmp_path):
    images = np.zeros((6, 6, 8, 3), np.uint8)
    source = with_undone(arrays(tmp_path, images[:3], images[3:]), {"train": [TURN]})
    assert source.info.image_shape is None
    assert source.stack(IDS) is None
    assert [source.read(i).shape[:2] for i in (0, 5)] == [(8, 6), (6, 8)]
    source.close()


def test_values_that_are_far_too_small_are_seen_again(tmp_path):
    """A split of 0..1 was divided by 255 once more: as bytes there would be nothing left of it."""
    images = np.linspace(0, 1, 6 * 16, dtype=np.float32).reshape(6, 4, 4, 1)
    dark = arrays(tmp_path, images[:3][::-1], images[3:] / 255)
    high = dark.info.value_range[1]
    source = with_undone(dark, {"test": [{"name": "multiply", "factor": 255.0}]})
    np.testing.assert_allclose(source.read(4), images[4], rtol=1e-5)
    assert source.thumbnail(5, 8).mean() > 200
    assert source.info.value_range[1] == high
    source.close()


def test_files_are_given_out_only_of_images_that_are_as_they_are_stored(tmp_path):
    for split in ("train", "test"):
        (tmp_path / "d" / split / "cat").mkdir(parents=True)
        image = Image.new("RGB", (6, 4), (200, 100, 0))
        image.save(tmp_path / "d" / split / "cat" / "x.png")
    source = with_undone(source_of(tmp_path / "d"), {"train": [INVERT]})
    seen, stored = (list(source.info.splits).index(name) for name in ("train", "test"))
    assert source.original(seen) is None
    assert source.original(stored).startswith(b"\x89PNG")
    assert source.n_encoded(seen) == source.n_encoded(stored)
    assert source.read(seen)[0, 0].tolist() == [55, 155, 255]
    assert source.thumbnail(seen, 3)[0, 0].tolist() == [55, 155, 255]
    source.close()


def test_what_is_said_of_other_splits_is_passed_over(tmp_path):
    images = np.zeros((3, 4, 4, 1), np.uint8)
    source = arrays(tmp_path, images, images)
    assert with_undone(source, {}) is source
    assert with_undone(source, {"valid": [INVERT], "test": []}) is source
    source.close()


def test_a_project_that_asks_for_what_is_no_step_is_refused(tmp_path):
    images = np.zeros((3, 4, 4, 1), np.uint8)
    source = arrays(tmp_path, images, images)
    with pytest.raises(DatasetError, match="asks for something"):
        with_undone(source, {"test": [{"name": "__import__"}]})
    source.close()
