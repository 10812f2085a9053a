"""What a new user does: open, decide from the keyboard, leave, come back, undo, export."""

from __future__ import annotations

import errno
import os
import signal
import sys
from pathlib import Path

import h5py
import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDockWidget, QToolBar, QWidget

from models.data.project import Project
from models.demo import demo_truth
from models.errors import WinnowError
from models.opening import request_for
from models.review.decisions import Status
from models.review.ordering import Filters
from models.types import ExportOptions
from tests.e2e.conftest import hold, leave, open_and_wait, press, release
from tests.helpers.driver import pid_of_child
from tests.helpers.sources import images, labels, npz

N_IMAGES = 24


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "data" / "tiny.npz"
    path.parent.mkdir()
    np.savez(path, images=images(N_IMAGES), labels=labels(N_IMAGES))
    return path


def all_saved(application):
    return lambda: application.space.labels.n_pending == 0


def test_the_journey_of_a_new_user(qtbot, start, tmp_path):
    """Demo, ten decisions while it trains, quit, start again, undo one, export, plain h5py."""
    app = start(train=True)
    open_and_wait(qtbot, app)
    space = app.space
    qtbot.waitUntil(lambda: space.order.has_newer, timeout=60_000)
    assert space.training.is_running or space.training.result
    with qtbot.waitSignal(space.order.changed):
        press(app, "N")
    truth = demo_truth()
    for _ in range(10):
        press(app, str(truth[space.selection.current]))
    qtbot.waitUntil(all_saved(app))
    reviewed, corrected = space.labels.n_reviewed, space.labels.labels.copy()
    assert reviewed == 10
    leave(qtbot, app)

    again = start()
    open_and_wait(qtbot, again)
    assert again.space.labels.n_reviewed == 10
    np.testing.assert_array_equal(again.space.labels.labels, corrected)
    press(again, "Ctrl+Z")
    assert again.space.labels.n_reviewed == 9
    qtbot.waitUntil(all_saved(again))
    out = tmp_path / "cleaned.h5"
    with qtbot.waitSignal(again.space.exporting.ended, timeout=30_000) as ended:
        again.dialogs.export_asked.emit(str(out), "h5", ExportOptions())
    assert ended.args == [None]
    now = again.space.labels.labels.copy()
    given = again.space.labels.given.copy()
    leave(qtbot, again)

    with h5py.File(out, "r") as file:
        np.testing.assert_array_equal(file["labels/corrected"][:], now)
        np.testing.assert_array_equal(file["labels/given"][:], given)
        assert file["images"].shape == (1797, 8, 8, 1)
        assert np.count_nonzero(file["labels/status"][:]) == 9
        assert len(file["review/log"]) == 11


def test_the_panels_are_there_with_a_dataset_and_gone_without(qtbot, start, source):
    app = start()
    header, docks = app.window.findChild(QToolBar), app.window.findChildren(QDockWidget)
    assert not header.isVisible()
    assert not any(dock.isVisible() for dock in docks)
    open_and_wait(qtbot, app, source)
    assert header.isVisible()
    in_sight = {dock.objectName() for dock in docks if dock.isVisible()}
    assert in_sight == {"filters", "inspector", "training"}
    measuring = app.space.properties
    assert not measuring.is_running  # nobody looks at the bias view
    assert measuring.properties is None
    with qtbot.waitSignal(app.desk.closed, timeout=20_000):
        app.registry.action("file.close").trigger()
    assert not header.isVisible()
    assert app.views.start.isVisible()


def test_a_full_disk_does_not_keep_the_window_open(qtbot, start, source, monkeypatch):
    def refused(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    app = start()
    open_and_wait(qtbot, app, source)
    monkeypatch.setattr(Project, "save_settings", refused)
    monkeypatch.setattr("qtapp.preferences.save_settings", refused)
    leave(qtbot, app)
    assert not app.window.isVisible()


def test_keys_decide_move_and_select(qtbot, start, source):
    app = start()
    open_and_wait(qtbot, app, source)
    labels_now, selection = app.space.labels, app.space.selection
    press(app, "Q")
    assert labels_now.status[0] == Status.KEPT
    assert selection.current == 1
    press(app, "E", "R")
    assert list(labels_now.status[:3]) == [Status.KEPT, Status.EXCLUDED, Status.SECOND_LOOK]
    press(app, "Right", "Left", "Shift+Right", "Shift+Right")
    assert list(selection.sample_ids) == [3, 4, 5]
    press(app, "2")
    assert list(labels_now.labels[3:6]) == [2, 2, 2]
    assert selection.count == 0
    press(app, "Backspace")
    assert list(labels_now.labels[3:6]) == list(labels_now.given[3:6])
    press(app, "Ctrl+Shift+Z")
    assert list(labels_now.labels[3:6]) == [2, 2, 2]
    press(app, "Ctrl+A")
    assert selection.count == N_IMAGES
    press(app, "U")
    assert labels_now.n_reviewed == 0
    press(app, "Ctrl+Z")
    assert labels_now.n_reviewed == 6


def test_a_key_typed_into_a_field_decides_nothing(qtbot, start, source):
    app = start()
    open_and_wait(qtbot, app, source)
    press(app, "F2")
    picker = app.dialogs.picker
    qtbot.waitUntil(picker.isVisible)
    qtbot.keyClicks(picker.field, "qwe1")
    assert app.space.labels.n_reviewed == 0
    picker.field.clear()
    qtbot.keyClicks(picker.field, "brand new")
    qtbot.keyClick(picker.field, Qt.Key.Key_Return)
    assert app.space.labels.class_names[-1] == "brand new"
    assert app.space.labels.labels[0] == len(app.space.labels.class_names) - 1


def test_enter_shows_one_image_and_g_the_grid(qtbot, start, source):
    app = start()
    open_and_wait(qtbot, app, source)
    press(app, "Return")
    assert app.views.single.isVisible()
    press(app, "D", "Q")
    assert app.space.labels.status[1] == Status.KEPT
    press(app, "G")
    assert app.views.grid.isVisible()


def test_held_keys_end_when_they_are_released_or_the_window_loses_the_keyboard(
    qtbot, start, source
):
    app = start()
    open_and_wait(qtbot, app, source)
    view = app.space.view
    hold(app, Qt.Key.Key_H)
    assert view.predictions_hidden
    release(app, Qt.Key.Key_H)
    assert not view.predictions_hidden
    hold(app, Qt.Key.Key_Space)
    assert view.peeking
    other = QWidget()
    qtbot.addWidget(other)
    other.show()
    other.activateWindow()
    qtbot.waitUntil(lambda: not view.peeking)


def test_the_source_is_never_written_and_the_project_lies_beside_it(qtbot, start, source):
    before = source.read_bytes(), source.stat().st_mtime_ns
    app = start()
    open_and_wait(qtbot, app, source)
    press(app, "Q", "E", "0")
    leave(qtbot, app)
    assert (source.read_bytes(), source.stat().st_mtime_ns) == before
    project = source.parent / "tiny.winnow"
    with h5py.File(project / "corrected.h5", "r") as file:
        assert list(file["labels/status"][:3]) == [Status.KEPT, Status.EXCLUDED, Status.CHANGED]


def test_a_second_window_on_a_project_is_refused_in_words(qtbot, start, source):
    app = start()
    open_and_wait(qtbot, app, source)
    second = start()
    with qtbot.waitSignal(second.desk.failed, timeout=30_000) as failed:
        second.open_paths([str(source)])
    assert "open" in str(failed.args[0]) or "use" in str(failed.args[0])


def test_a_dataset_that_was_moved_is_located_again(qtbot, start, source):
    app = start()
    open_and_wait(qtbot, app, source)
    press(app, "E")
    leave(qtbot, app)
    moved = source.with_name("elsewhere.npz")
    source.rename(moved)
    again = start()
    with qtbot.waitSignal(again.desk.failed, timeout=30_000) as failed:
        again.open_paths([str(source.with_suffix(".winnow"))])
    assert "no longer where it was" in str(failed.args[0])
    assert again.views.start.problem.offers["file.locate"].isVisible()
    with qtbot.waitSignal(again.desk.opened, timeout=30_000):
        again.desk.locate(request_for([str(moved)]))
    assert again.space.labels.status[0] == Status.EXCLUDED


def test_nothing_is_offered_to_be_located_once_another_was_opened(qtbot, start, source):
    app = start()
    open_and_wait(qtbot, app, source)
    leave(qtbot, app)
    moved = source.rename(source.with_name("elsewhere.npz"))
    again = start()
    locate = again.registry.action("file.locate")
    with qtbot.waitSignal(again.desk.failed, timeout=30_000):
        again.open_paths([str(source.with_suffix(".winnow"))])
    assert locate.isEnabled()
    again.open_paths([str(moved)])
    assert not locate.isEnabled()
    with qtbot.waitSignal(again.space.opening.ended, timeout=30_000):
        again.desk.cancel()
    assert not locate.isEnabled()


def test_decisions_follow_their_images_into_a_changed_dataset(qtbot, start, source, tmp_path):
    app = start()
    open_and_wait(qtbot, app, source)
    press(app, "E")
    with qtbot.waitSignal(app.space.exporting.ended, timeout=30_000):  # records what images are
        app.dialogs.export_asked.emit(str(tmp_path / "out.h5"), "h5", ExportOptions())
    leave(qtbot, app)
    with np.load(source) as kept:
        turned = {name: kept[name][::-1] for name in kept}
    np.savez(source, **turned)
    again = start()
    with qtbot.waitSignal(again.desk.failed, timeout=30_000) as failed:
        again.open_paths([str(source)])
    assert "changed" in str(failed.args[0])
    assert again.views.start.problem.offers["file.match"].isVisible()
    with qtbot.waitSignal(again.desk.opened, timeout=30_000):
        again.registry.action("file.match").trigger()
    assert list(np.flatnonzero(again.space.labels.status)) == [N_IMAGES - 1]
    assert "carried over" in again.notices.notices()[0].sentence


def test_a_file_that_is_no_dataset_shows_what_to_do_and_the_next_one_opens(
    qtbot, start, source, tmp_path
):
    broken = tmp_path / "broken.npz"
    broken.write_bytes(source.read_bytes()[:200])
    app = start()
    with qtbot.waitSignal(app.desk.failed, timeout=30_000) as failed:
        app.open_paths([str(broken)])
    assert "broken.npz" in str(failed.args[0])
    assert app.views.start.isVisible()
    open_and_wait(qtbot, app, source)
    assert app.views.review.isVisible()


def test_the_window_never_loads_torch_sklearn_or_h5py(tmp_path, source):
    """In a process of its own: this one has h5py."""
    import subprocess

    program = f"""
import sys
from pathlib import Path
from PySide6.QtWidgets import QApplication
from PySide6.QtCore import QTimer
from qtapp.app import Application
from qtapp.settings import Settings
qt = QApplication([])
app = Application(qt, Settings(train_on_opening=True), Path({str(tmp_path / "s.json")!r}))
app.window.show()
app.space.training.ended.connect(lambda _: app.leave())
app.left.connect(qt.quit)
app.space.order.newer_changed.connect(app.runs.stop)
app.open_paths([{str(source)!r}])
qt.exec()
assert app.space.scores.shown is not None or app.space.training.result
print(sorted({{"torch", "sklearn", "h5py"}} & set(sys.modules)))
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=100, check=False
    )
    assert done.stdout.strip() == "[]", done.stderr


@pytest.mark.parametrize("harm", ["replaced", "truncated", "deleted"])
def test_a_source_that_is_harmed_while_it_is_open_costs_no_decision(
    qtbot, start, source, tmp_path, harm
):
    app = start()
    open_and_wait(qtbot, app, source)
    press(app, "E")
    qtbot.waitUntil(all_saved(app))
    original = source.read_bytes()
    if harm == "replaced":
        np.savez(source, images=images(N_IMAGES, seed=5), labels=labels(N_IMAGES))
    elif harm == "truncated":
        os.truncate(source, 100)
    else:
        source.unlink()
    with qtbot.waitSignal(app.space.folding.ended, timeout=30_000) as ended:
        press(app, "Ctrl+S")
    assert isinstance(ended.args[0], WinnowError)
    assert len(app.notices.notices()) == 1
    press(app, "R")
    qtbot.waitUntil(all_saved(app))
    with qtbot.waitSignal(app.desk.failed, timeout=30_000):
        app.window.close()  # says once more that corrected.h5 is not up to date
    assert app.window.isVisible()
    leave(qtbot, app)
    source.write_bytes(original)
    again = start()
    open_and_wait(qtbot, again, source)
    assert list(again.space.labels.status[:2]) == [Status.EXCLUDED, Status.SECOND_LOOK]


def test_what_cannot_be_closed_for_another_dataset_is_there_again(qtbot, start, source, tmp_path):
    other = npz(tmp_path / "other.npz", images=images(12), labels=labels(12)).paths[0]
    app = start()
    open_and_wait(qtbot, app, source)
    press(app, "E")
    qtbot.waitUntil(all_saved(app))
    source.unlink()
    with qtbot.waitSignal(app.desk.failed, timeout=30_000):
        app.open_paths([other])
        assert app.views.review.isVisible()  # keys still act on it
    assert app.views.review.isVisible()
    press(app, "E")
    assert app.space.labels.status[1] == Status.EXCLUDED
    qtbot.waitUntil(all_saved(app))
    open_and_wait(qtbot, app, other)
    assert app.space.session.info.n == 12


def test_what_was_decided_after_a_refused_closing_is_written_by_the_next(qtbot, start, source):
    app = start()
    open_and_wait(qtbot, app, source)
    press(app, "E")
    qtbot.waitUntil(all_saved(app))
    away = source.rename(source.with_suffix(".away"))
    with qtbot.waitSignal(app.desk.failed, timeout=30_000):
        app.window.close()
    away.rename(source)
    press(app, "E")
    project = Path(app.space.session.project_path)
    leave(qtbot, app)
    with h5py.File(project / "corrected.h5") as file:
        assert file["labels/status"][:3].tolist() == [Status.EXCLUDED, Status.EXCLUDED, 0]


def test_a_dataset_without_labels_says_what_to_do_and_can_be_labelled(qtbot, start, tmp_path):
    path = tmp_path / "data" / "bare.npz"
    path.parent.mkdir()
    np.savez(path, images=images(N_IMAGES))
    app = start(train=True)
    open_and_wait(qtbot, app, path)
    assert any("label" in notice.sentence for notice in app.notices.notices())
    assert not app.space.training.is_running
    press(app, "Ctrl+A", "F2")
    picker = app.dialogs.picker
    qtbot.waitUntil(picker.isVisible)
    qtbot.keyClicks(picker.field, "ant")
    qtbot.keyClick(picker.field, Qt.Key.Key_Return)
    assert (app.space.labels.labels == 0).all()
    assert app.space.labels.class_names == ("ant",)


def test_an_empty_filter_says_so_and_is_cleared_by_one_click(qtbot, start, source):
    app = start()
    open_and_wait(qtbot, app, source)
    with qtbot.waitSignal(app.space.order.changed):
        app.space.order.filter_by(Filters(statuses=frozenset({int(Status.EXCLUDED)})))
    assert app.views.empty_order.isVisible()
    with qtbot.waitSignal(app.space.order.changed):
        app.space.order.filter_by(Filters())
    assert not app.views.empty_order.isVisible()


def test_a_training_that_dies_says_so_and_is_resumed_with_one_click(qtbot, start, tmp_path):
    path = tmp_path / "data" / "many.npz"
    path.parent.mkdir()
    np.savez(path, images=images(1_500), labels=labels(1_500))
    app = start(train=True)
    open_and_wait(qtbot, app, path)
    training = app.space.training
    qtbot.waitUntil(lambda: len(training.curves) > 0, timeout=60_000)
    with qtbot.waitSignal(training.ended, timeout=10_000):
        os.kill(pid_of_child("trainer"), signal.SIGKILL)
    assert "SIGKILL" in app.notices.notices()[0].sentence
    press(app, "E")
    qtbot.waitUntil(all_saved(app))
    resume = app.registry.action("run.resume")
    qtbot.waitUntil(resume.isEnabled)
    run = training.run
    resume.trigger()
    qtbot.waitUntil(lambda: training.started is not None, timeout=30_000)
    assert training.run == run
    with qtbot.waitSignal(training.ended, timeout=60_000) as ended:
        app.runs.stop()
    assert ended.args == [None]
