"""The mapper child: what it makes a map of, and what it leaves behind."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from models import mapping
from models.data.maps import kept_map
from models.errors import DatasetError
from models.processes.mapping import MapRequest, make_map, show_map
from models.types import MapLaidOut, OpenRequest, Progress
from tests.helpers import sources
from tests.helpers.projects import N_SAMPLES, add_run, small_project

pytestmark = pytest.mark.slow


@pytest.fixture
def request_of_pixels(tmp_path: Path) -> MapRequest:
    project = small_project(tmp_path)
    source = OpenRequest((str(tmp_path / "insects.npz"),)).to_message()
    return MapRequest(project, source, N_SAMPLES)


def test_a_map_of_the_pixels_is_made_in_a_child_and_kept(request_of_pixels: MapRequest) -> None:
    events = list(show_map(request_of_pixels, make=True))
    assert any(isinstance(event, Progress) and event.doing == "reading" for event in events)
    made = events[-1]
    assert isinstance(made, MapLaidOut)
    assert made.final
    assert np.isfinite(made.layout).all()
    (again,) = show_map(request_of_pixels, make=False)
    assert isinstance(again, MapLaidOut)
    assert np.array_equal(again.layout, made.layout)


def test_what_is_not_kept_is_not_made_unasked(request_of_pixels: MapRequest) -> None:
    assert list(show_map(request_of_pixels, make=False)) == []


def test_a_making_that_is_broken_off_leaves_no_map(request_of_pixels: MapRequest) -> None:
    making = make_map(request_of_pixels)
    next(making)
    making.close()
    assert kept_map(request_of_pixels.project, 0, N_SAMPLES) is None


def of_run(request: MapRequest, run: int = 1) -> MapRequest:
    return MapRequest(request.project, request.source, request.n, run)


def test_a_map_of_a_run_is_made_of_its_embedding(request_of_pixels: MapRequest) -> None:
    add_run(request_of_pixels.project)
    embedding = np.random.default_rng(0).normal(0, 1, (N_SAMPLES, 6)).astype(np.float32)
    embedding[3] = np.nan  # could not be read when the run did
    scores = request_of_pixels.project / "runs" / "0001" / "scores-0001"
    np.save(scores / "embedding.npy", embedding)
    made = list(mapping.mapping(of_run(request_of_pixels)))[-1]
    assert isinstance(made, MapLaidOut)
    assert (made.run, made.epoch, made.n_laid_out) == (1, 1, N_SAMPLES - 1)
    assert np.flatnonzero(np.isnan(made.layout[:, 0])).tolist() == [3]


def test_a_run_without_scores_says_so(request_of_pixels: MapRequest) -> None:
    add_run(request_of_pixels.project)
    (request_of_pixels.project / "runs" / "0001" / "scores-0001" / "embedding.npy").unlink()
    with pytest.raises(DatasetError, match="no embedding"):
        list(mapping.mapping(of_run(request_of_pixels)))


def test_of_many_images_some_are_laid_out_and_the_others_placed(
    request_of_pixels: MapRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mapping, "LAID_OUT", 8)
    events = list(mapping.mapping(request_of_pixels))
    assert any(isinstance(e, Progress) and e.doing == "placing the others" for e in events)
    made = events[-1]
    assert isinstance(made, MapLaidOut)
    assert made.n_laid_out == 8
    assert np.isfinite(made.layout).all()


def test_images_of_mixed_sizes_and_broken_ones(tmp_path: Path) -> None:
    sources.folder(tmp_path / "insects", sizes=((8, 8), (9, 20)))
    (tmp_path / "insects" / "bee" / "001.png").write_bytes(b"nonsense")
    source = OpenRequest((str(tmp_path / "insects"),)).to_message()
    made = list(mapping.mapping(MapRequest(tmp_path, source, 12)))[-1]
    assert isinstance(made, MapLaidOut)
    assert np.flatnonzero(np.isnan(made.layout[:, 0])).tolist() == [5]
