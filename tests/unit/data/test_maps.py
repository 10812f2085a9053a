"""A map on disk: whole or not there."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from models.data.maps import keep_map, kept_map
from models.data.writers.hashing import hashing_all
from models.data.writers.rematching import rematching
from models.processes.reading import ReaderClient
from models.types import MapLaidOut
from tests.helpers import sources
from tests.helpers.local import open_here


def a_map(run: int, n: int = 5) -> MapLaidOut:
    layout = np.random.default_rng(run).normal(0, 1, (n, 2)).astype(np.float32)
    return MapLaidOut(layout, run, 7, n - 1, final=True)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "runs" / "0002").mkdir(parents=True)
    return tmp_path


@pytest.mark.parametrize("run", [0, 2])
def test_a_kept_map_comes_back(project: Path, run: int) -> None:
    keep_map(project, a_map(run))
    back = kept_map(project, run, 5)
    assert back is not None
    assert (back.run, back.epoch, back.n_laid_out, back.final) == (run, 7, 4, True)
    assert np.array_equal(back.layout, a_map(run).layout)


def test_a_run_has_its_own_map(project: Path) -> None:
    keep_map(project, a_map(0))
    assert kept_map(project, 2, 5) is None


@pytest.mark.parametrize("damage", ["map.json", "map.npy"])
def test_half_a_map_is_none(project: Path, damage: str) -> None:
    keep_map(project, a_map(0))
    (project / damage).write_bytes(b"{")
    assert kept_map(project, 0, 5) is None


def test_a_map_of_other_images_is_none(project: Path) -> None:
    keep_map(project, a_map(0))
    assert kept_map(project, 0, 6) is None


def test_a_map_shows_no_image_in_the_place_of_another_once_the_dataset_is_in_another_order(
    tmp_path: Path,
) -> None:
    pixels = sources.images(12)
    request = sources.npz(tmp_path / "a.npz", images=pixels, labels=sources.labels(12))
    review, reader = open_here(request), ReaderClient()
    list(hashing_all(review.project, request, reader))
    keep_map(review.project.path, a_map(0, 12))
    sources.npz(tmp_path / "a.npz", images=pixels[::-1], labels=sources.labels(12)[::-1])
    list(rematching(review.project, request, reader))
    assert kept_map(review.project.path, 0, 12) is None
    reader.close()
    review.close()
