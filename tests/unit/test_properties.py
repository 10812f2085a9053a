"""Every image is measured once; what was measured is kept, and kept only for this dataset."""

from __future__ import annotations

import gzip
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TypeGuard

import numpy as np
import pytest
from PIL import Image

from models import properties as measuring_module
from models.data.property_files import keep_properties, kept_properties
from models.opening import request_for
from models.processes.reading import ReaderClient
from models.properties import measuring, properties_now
from models.review.association import one_against_rest
from models.review.properties import PROPERTIES, Measured, Properties, measured, unmeasured
from models.types import DatasetInfo, Event, OpenRequest, Progress
from tests.helpers import sources


def info_of(request: OpenRequest) -> DatasetInfo:
    with sources.opened(request) as source:
        return source.info


def measured_at_last(info: DatasetInfo, project: Path) -> Properties:
    *_, last = measuring(info, project)
    assert isinstance(last, Measured)
    assert last.properties.is_complete
    return last.properties


def is_measuring(event: Event) -> TypeGuard[Progress]:
    return isinstance(event, Progress) and event.doing == "measuring the images"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "p.winnow").mkdir()
    return tmp_path / "p.winnow"


def test_arrays_are_measured_as_the_rule_says_and_only_once(tmp_path: Path, project: Path) -> None:
    pixels = sources.images(shape=(8, 9, 3))
    info = info_of(sources.npz(tmp_path / "a.npz", images=pixels, labels=sources.labels()))
    found = measured_at_last(info, project)
    np.testing.assert_allclose(found.table, measured(pixels, (8, 9)), rtol=1e-4)
    again = list(measuring(info, project))
    assert not any(isinstance(event, Progress) for event in again)
    (kept,) = again
    assert isinstance(kept, Measured)
    np.testing.assert_array_equal(kept.properties.table, found.table)


def test_files_of_mixed_sizes_and_one_that_is_broken(tmp_path: Path, project: Path) -> None:
    request = sources.folder(tmp_path / "d", sizes=((8, 8), (9, 20), (9, 20)))
    broken = tmp_path / "d" / "bee" / "002.png"
    broken.write_bytes(broken.read_bytes()[:80])  # its header is whole
    columns = measured_at_last(info_of(request), project).columns
    assert np.flatnonzero(np.isnan(columns["brightness"])).tolist() == [6]
    assert sorted(set(columns["width"][~np.isnan(columns["width"])].tolist())) == [8, 20]
    first = sorted((tmp_path / "d").rglob("*.png"))[0]
    assert columns["bytes_per_pixel"][0] == pytest.approx(first.stat().st_size / 64)


def test_a_large_image_is_reduced_and_keeps_its_size(tmp_path: Path, project: Path) -> None:
    for name in ("ant", "bee"):
        (tmp_path / "d" / name).mkdir(parents=True)
        Image.new("L", (600, 300), 51).save(tmp_path / "d" / name / "0.png")
    columns = measured_at_last(info_of(request_for([tmp_path / "d"])), project).columns
    assert columns["width"].tolist() == [600, 600]
    assert columns["brightness"].tolist() == pytest.approx([0.2, 0.2])


def test_what_was_stopped_goes_on_where_it_was(
    tmp_path: Path, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(measuring_module, "_BLOCK", 4)
    pixels = sources.images(40)
    info = info_of(sources.npz(tmp_path / "a.npz", images=pixels, labels=sources.labels(40)))
    events = measuring(info, project)
    for event in events:
        if is_measuring(event) and event.done >= 14:
            break
    events.close()
    kept = kept_properties(project, info)
    assert kept is not None
    assert kept.n_measured == event.done < 40
    known = np.flatnonzero(np.isfinite(kept.table[0]))
    assert len(known) == kept.n_measured
    assert known.max() >= 30  # spread over the whole
    going_on = measuring(info, project)
    assert isinstance(next(going_on), Measured)
    started = [event.done for event in going_on if is_measuring(event)]
    assert started[0] == kept.n_measured
    found = kept_properties(project, info)
    assert found is not None
    np.testing.assert_allclose(found.table, measured(pixels[..., np.newaxis], (8, 8)), rtol=1e-4)


@pytest.mark.parametrize("n", [1, 5, 40, 41])
def test_blocks_take_every_image_once_from_wherever_they_go_on(
    n: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(measuring_module, "_BLOCK", 4)
    whole = np.concatenate(list(measuring_module._blocks(n, 0)))
    assert sorted(whole.tolist()) == list(range(n))
    for done in (0, 3, n):
        rest = [np.empty(0, np.int64), *measuring_module._blocks(n, done)]
        assert np.concatenate(rest).tolist() == whole[done:].tolist()


def test_a_table_of_another_dataset_is_not_taken(tmp_path: Path, project: Path) -> None:
    info = info_of(sources.npz(tmp_path / "a.npz", images=sources.images(), y=sources.labels()))
    keep_properties(project, info, Properties(unmeasured(info.n), info.n))
    assert kept_properties(project, info) is not None
    assert kept_properties(project, replace(info, fingerprint={"parts": []})) is None
    assert kept_properties(project, replace(info, n=info.n - 1)) is None
    (project / "properties.npy").write_bytes(b"\x93NUMPY")
    assert kept_properties(project, info) is None
    (project / "properties.json").write_text("[]")
    assert kept_properties(project, info) is None


def test_who_may_not_write_measures_for_himself(tmp_path: Path, project: Path) -> None:
    request = sources.npz(tmp_path / "a.npz", images=sources.images(), y=sources.labels())
    with closing(ReaderClient()) as reader:
        info = DatasetInfo.from_message(reader.open(request).info)
        found = properties_now(project, info, reader)
    assert found.is_complete
    assert list(project.iterdir()) == []
    assert set(PROPERTIES[:3]) <= set(found.varying)


@pytest.mark.shared
def test_fashion_sandals_are_dark(tmp_path: Path, project: Path, shared_data: Path) -> None:
    """The figure that is known of clean data: the area of mean brightness is .10 for sandals."""
    with gzip.open(shared_data / "fashion-mnist" / "t10k-images-idx3-ubyte.gz") as images:
        images.seek(16)
        pixels = np.frombuffer(images.read(1_500 * 784), np.uint8).reshape(-1, 28, 28)
    with gzip.open(shared_data / "fashion-mnist" / "t10k-labels-idx1-ubyte.gz") as labels:
        labels.seek(8)
        codes = np.frombuffer(labels.read(1_500), np.uint8).astype(np.int32)
    info = info_of(sources.npz(tmp_path / "f.npz", images=pixels, labels=codes))
    brightness = measured_at_last(info, project).columns["brightness"]
    area = one_against_rest(np.array(brightness), codes, 10).area
    assert area[5] == pytest.approx(0.10, abs=0.03)
