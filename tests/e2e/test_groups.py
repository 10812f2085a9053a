"""Groups and random samples from the keyboard, in the whole window."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from models.review.decisions import Status
from tests.e2e.conftest import open_and_wait, press
from tests.helpers.sources import images, labels

N_IMAGES = 60


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "data" / "tiny.npz"
    path.parent.mkdir()
    np.savez(path, images=images(N_IMAGES), labels=labels(N_IMAGES))
    return path


def arranged(qtbot, app):
    qtbot.waitUntil(lambda: app.jobs.arranger.is_idle, timeout=10_000)


def test_a_class_is_decided_with_one_key_and_taken_back_with_one(qtbot, start, source):
    app = start()
    open_and_wait(qtbot, app, source)
    space = app.space
    space.order.group_by("class")
    arranged(qtbot, app)
    groups = space.order.groups
    assert len(groups) == len(np.unique(space.labels.given))
    press(app, "End", "Ctrl+Shift+A")
    members = space.selection.sample_ids
    last_class = space.labels.given.max()
    assert (space.labels.given[members] == last_class).all()
    assert len(members) == groups.sizes[-1]
    with qtbot.waitSignal(space.order.counted):
        press(app, "Q")
    assert (space.labels.status[members] == Status.KEPT).all()
    assert space.order.groups.decided[-1] == len(members)
    press(app, "Ctrl+Z")
    assert space.labels.n_reviewed == 0


def test_a_montage_turns_to_other_batches_and_back_and_leaves(qtbot, start, source):
    app = start()
    open_and_wait(qtbot, app, source)
    order = app.space.order
    before = order.rows.tolist()
    app.space.view.set_thumb_px(256)  # so that a screen is a part of the images
    press(app, "V")
    arranged(qtbot, app)
    first = order.rows.tolist()
    assert 0 < len(first) < N_IMAGES
    press(app, "N")
    arranged(qtbot, app)
    assert order.rows.tolist() != first
    press(app, "Shift+N")
    arranged(qtbot, app)
    assert order.rows.tolist() == first
    press(app, "Q")
    assert app.space.labels.status[first[0]] == Status.KEPT
    press(app, "Esc")
    arranged(qtbot, app)
    assert order.rows.tolist() == before


def test_ten_of_each_class_on_one_sheet(qtbot, start, source):
    app = start()
    open_and_wait(qtbot, app, source)
    order = app.space.order
    press(app, "Shift+V")
    arranged(qtbot, app)
    counts = np.bincount(app.space.labels.given)
    assert order.groups.sizes.tolist() == np.minimum(counts, 10).tolist()
    press(app, "Down", "Return", "G")
    assert order.wanted.sample is not None
    press(app, "G")
    arranged(qtbot, app)
    assert len(order.rows) == N_IMAGES
    assert order.groups is None


def test_images_of_a_folder_are_files_to_drag(qtbot, start, tmp_path):
    folder = tmp_path / "photos"
    for name in ("cat/one.png", "cat/two.png", "dog/three.png"):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(images(1)[0].squeeze()).save(path)
    app = start()
    open_and_wait(qtbot, app, folder)
    app.jobs.thumbnails.want_files(np.array([0, 2]))
    expected = [str(folder / "cat/one.png"), str(folder / "dog/three.png")]
    qtbot.waitUntil(lambda: app.jobs.thumbnails.files == expected, timeout=10_000)
