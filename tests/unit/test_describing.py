"""The data page of a dataset, as `info` prints it and the window shows it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.describing import _spread, describing
from models.opening import request_for
from models.remedying import remedying
from models.types import Described, Finished, OpenRequest, Progress
from tests.helpers import sources
from tests.helpers.projects import small_project
from tests.helpers.remedied import insects


def page_of(request: OpenRequest, *, quick: bool = False) -> dict[str, Any]:
    *_, last = describing(request, quick=quick)
    assert isinstance(last, Finished)
    json.dumps(last.result)
    return last.result


def test_counts_sizes_and_values_of_arrays(tmp_path: Path) -> None:
    pixels = sources.images()
    pixels[5] = 7
    request = sources.npz(
        tmp_path / "a.npz",
        x_train=pixels[:20],
        y_train=sources.labels()[:20],
        x_test=pixels[20:],
        y_test=sources.labels()[20:],
    )
    page = page_of(request)
    assert page["class_counts"] == {
        "train": {"0": 7, "1": 7, "2": 6},
        "test": {"0": 1, "1": 1, "2": 2},
    }
    assert page["balance"]["ratio"] == 1
    assert page["shapes"]["sizes"] == [{"height": 8, "width": 8, "n": 24}]
    assert page["values"]["range"] == [float(pixels.min()), float(pixels.max())]
    assert page["values"]["mean"] == pytest.approx(pixels.mean(), rel=1e-5)
    assert sum(page["values"]["means"]["counts"]) == 24
    assert page["bytes_in_memory"] == pixels.nbytes
    assert page["bytes_on_disk"] == (tmp_path / "a.npz").stat().st_size
    assert page["blank"]["sample_ids"] == [5]
    assert page["blank"]["items"] == [{"sample_id": 5, "path": "a.npz[5]"}]
    assert (page["broken"], page["unreadable"]) == ([], 0)
    assert page["looked_at"] == {"n": 24, "of": 24}


def test_what_is_broken_is_named_with_its_reason(tmp_path: Path) -> None:
    request = sources.folder(tmp_path / "d", sizes=((8, 8), (9, 20), (9, 20)))
    good = (tmp_path / "d" / "bee" / "002.png").read_bytes()
    (tmp_path / "d" / "bee" / "002.png").write_bytes(good[:80])  # its header is whole
    page = page_of(request)
    (broken,) = page["broken"]
    assert (broken["sample_id"], broken["path"]) == (6, "bee/002.png")
    assert "bee/002.png" not in broken["why"]
    assert page["unreadable"] == 1
    assert page["broken_ids"] == [6]
    assert page["shapes"]["n"] == 2
    assert page["shapes"]["width"] == [8, 20]
    assert page["shapes"]["sizes"][0]["width"] == 20


def test_a_class_that_means_no_label_and_a_class_spelt_twice_are_named(tmp_path: Path) -> None:
    names = np.array(["T-shirt", "tshirt", "nan", "T-shirt"])[np.arange(24) % 4]
    page = page_of(sources.npz(tmp_path / "a.npz", images=sources.images(), labels=names))
    if "nan" in page["class_names"]:  # else the reader took it for no label
        assert page["probably_missing"] == [{"class": "nan", "n": 6}]
    (group,) = page["spellings"]
    assert (group["keep"], group["variants"][0]["class_name"]) == ("T-shirt", "tshirt")


def test_classes_that_are_merged_by_now_are_one(tmp_path: Path) -> None:
    project = insects(tmp_path)
    assert len(page_of(request_for([project]))["spellings"]) == 1
    list(remedying(project, "label_set_mismatch:train+test"))
    assert page_of(request_for([project]))["spellings"] == []


def test_255_beside_0_alone_is_a_class(tmp_path: Path) -> None:
    labels = 255 * (np.arange(24) % 2)
    page = page_of(sources.npz(tmp_path / "a.npz", images=sources.images(), labels=labels))
    assert page["class_counts"] == {"all": {"0": 12, "255": 12}}
    assert page["probably_missing"] == []


def test_a_project_tells_its_corrections_too(tmp_path: Path) -> None:
    from models.labelling import labelling

    project = small_project(tmp_path)
    assert "corrected_counts" not in page_of(request_for([project]))
    (tmp_path / "edits.csv").write_text("sample_id,action,label\n0,set,cat\n")
    list(labelling(project, tmp_path / "edits.csv", "Ada"))
    page = page_of(request_for([project]))
    assert page["class_counts"] == {"all": {"ant": 4, "bee": 4, "cat": 4}}
    assert page["corrected_counts"] == {"all": {"ant": 3, "bee": 4, "cat": 5}}


def test_labels_are_told_before_the_first_image_is_looked_at(tmp_path: Path) -> None:
    events = describing(sources.npz(tmp_path / "a.npz"))
    first = next(event for event in events if isinstance(event, Described))
    assert first.page["class_counts"]["all"] == {"0": 8, "1": 8, "2": 8}
    assert first.page["looked_at"]["n"] == 0
    assert isinstance(next(events), Progress)
    events.close()


def test_the_size_and_the_brightness_of_each_image_are_told(tmp_path: Path) -> None:
    events = list(describing(sources.npz(tmp_path / "a.npz")))
    last = [event for event in events if isinstance(event, Described)][-1]
    counts = last.page["values"]["means"]["counts"]
    assert sorted(last.sample_ids.tolist()) == list(range(24))
    assert last.sizes.shape == (24, 2)
    assert np.isfinite(last.means).sum() == sum(counts)


def test_a_quick_look_is_spread_evenly_wherever_it_stops() -> None:
    ids = _spread(1_000_000, 20_000)
    assert len(ids) == len(np.unique(ids)) == 20_000
    for stop in (2_000, 5_000, 20_000):
        quarters = np.histogram(ids[:stop], 4, (0, 1_000_000))[0]
        assert quarters.max() < 1.2 * quarters.min()
    assert sorted(_spread(100, 20_000).tolist()) == list(range(100))
    assert _spread(1, 20_000).tolist() == [0]


def test_a_quick_look_at_little_is_a_look_at_all(tmp_path: Path) -> None:
    assert page_of(sources.npz(tmp_path / "a.npz"), quick=True)["looked_at"]["n"] == 24


@pytest.mark.slow
@pytest.mark.shared
def test_real_photos(shared_data: Path) -> None:
    page = page_of(request_for([shared_data / "photos_insects"]))
    assert page["shapes"]["n"] == 140
    assert page["class_counts"]["train"] == {"ants": 124, "bees": 121}
    assert page["looked_at"]["n"] == 398
