"""Journeys of README that no other test makes, by keys in the whole window."""

from __future__ import annotations

import zipfile
from pathlib import Path

import h5py
import numpy as np
from PySide6.QtCore import QEvent, QMimeData, QObject, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from models.review.decisions import Status
from qtapp.app import Application
from tests.e2e.conftest import Start, hold, open_and_wait, press
from tests.helpers.sources import folder, images, labels
from tests.helpers.watching import answering


def source(where: Path, n: int) -> Path:
    path = where / f"of-{n}.npz"
    np.savez(path, images=images(n), labels=labels(n))
    return path


def test_a_smaller_dataset_opens_after_a_larger_one(
    qtbot: QtBot, start: Start, tmp_path: Path
) -> None:
    app = start()
    open_and_wait(qtbot, app, source(tmp_path, 60))
    press(app, "End", "Shift+Left")
    app.space.view.point_at(59)  # an image beside the current one is under the pointer
    hold(app, Qt.Key.Key_Space)
    open_and_wait(qtbot, app, source(tmp_path, 6))
    press(app, "Right")
    assert app.space.order.rows.tolist() == list(range(6))
    assert app.space.selection.count == 0


def test_quitting_is_not_put_off_by_a_file_dropped_meanwhile(
    qtbot: QtBot, start: Start, tmp_path: Path
) -> None:
    app = start()
    open_and_wait(qtbot, app, source(tmp_path, 6))
    press(app, "Q")
    with qtbot.waitSignal(app.left, timeout=20_000):
        press(app, "Ctrl+Q")
        app.window.dropped.emit([str(source(tmp_path, 12))])
    qtbot.wait(0)
    assert not app.space.opening.is_running


def test_of_two_datasets_asked_for_the_last_one_opens(
    qtbot: QtBot, start: Start, tmp_path: Path
) -> None:
    app = start()
    app.open_paths([str(source(tmp_path, 12))])
    assert app.space.opening.is_running
    open_and_wait(qtbot, app, source(tmp_path, 6))
    assert app.space.session.info is not None
    assert app.space.session.info.n == 6


def test_a_second_click_on_a_dataset_that_was_just_ready_opens_it(
    qtbot: QtBot, start: Start, tmp_path: Path
) -> None:
    app, path = start(), source(tmp_path, 6)
    app.open_paths([str(path)])
    app.desk._thread.wait()  # it is ready, and the window has not heard of it yet
    with qtbot.assertNotEmitted(app.desk.failed):  # as it would be if the first one held it still
        open_and_wait(qtbot, app, path)


def test_a_class_is_set_on_the_image_it_was_asked_about(
    qtbot: QtBot, start: Start, tmp_path: Path
) -> None:
    app = start()
    open_and_wait(qtbot, app, source(tmp_path, 12))
    space, picker = app.space, app.dialogs.picker
    press(app, "End", "F2")
    with qtbot.waitSignal(space.order.changed):
        space.order.arrange_again()  # as when clusters are found
    QTest.keyClicks(picker.field, "wasp")
    QTest.keyClick(picker.field, Qt.Key.Key_Return)
    assert np.flatnonzero(space.labels.status).tolist() == [11]
    assert space.selection.current == 0
    app.moving.to_end()
    with qtbot.waitSignal(space.order.changed):
        space.order.arrange_again()
    assert space.selection.current == 0  # nothing is asked any more: a new order begins at its top


def test_what_was_asked_about_an_image_is_gone_with_its_dataset(
    qtbot: QtBot, start: Start, tmp_path: Path
) -> None:
    app = start()
    open_and_wait(qtbot, app, source(tmp_path, 12))
    press(app, "F2")
    assert app.dialogs.picker.isVisible()
    open_and_wait(qtbot, app, source(tmp_path, 6))
    assert not app.dialogs.picker.isVisible()


class Heard(QObject):
    """Which commands keys reach; none of them runs."""

    def __init__(self, application: Application) -> None:
        super().__init__(application)
        self.commands: list[str] = []
        for action in application.registry.actions():
            action.setEnabled(True)
            action.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() != QEvent.Type.Shortcut:
            return False
        self.commands.append(watched.objectName())
        return True


def test_every_key_reaches_its_command_and_no_other(
    qtbot: QtBot, start: Start, tmp_path: Path
) -> None:
    app = start()
    open_and_wait(qtbot, app, source(tmp_path, 6))
    assert QApplication.focusWidget() is app.views.grid
    heard = Heard(app)
    held = app.registry.held
    expected = {
        key: command
        for command, keys in app.registry.keys.items()
        for key in keys
        if command not in held
    }
    reached = {}
    for key in expected:
        heard.commands.clear()
        press(app, key)
        reached[key] = ", ".join(heard.commands)
    assert reached == expected


def dropping(data: QMimeData) -> QDropEvent:
    return QDropEvent(
        QPointF(9, 9), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )  # fmt: skip


def test_an_ampersand_in_the_name_of_a_dataset_is_seen_among_the_recent_ones(
    qtbot: QtBot, start: Start, tmp_path: Path
) -> None:
    folder(tmp_path / "R&D")
    app = start()
    open_and_wait(qtbot, app, tmp_path / "R&D")
    (action,) = app.recent_menu.actions()
    assert action.text() == "R&&D"  # one alone would underline the next letter
    assert action.data() == app.space.session.project_path


def test_a_dropped_folder_opens(qtbot: QtBot, start: Start, tmp_path: Path) -> None:
    folder(tmp_path / "insects")
    app = start()
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path / "insects"))])
    with qtbot.waitSignal(app.desk.opened, timeout=30_000):
        app.window.dropEvent(dropping(data))
    assert app.space.labels.class_names == ("ant", "bee", "cat")


def test_folders_dropped_together_are_splits(qtbot: QtBot, start: Start, tmp_path: Path) -> None:
    folder(tmp_path / "insects", splits=("train", "test"))
    app = start()
    data = QMimeData()
    parts = [tmp_path / "insects" / split for split in ("train", "test")]
    data.setUrls([QUrl.fromLocalFile(f"{part}/") for part in parts])
    with qtbot.waitSignal(app.desk.opened, timeout=30_000):
        app.window.dropEvent(dropping(data))
    assert app.space.session.info.splits == {"train": 12, "test": 12}
    assert app.window.windowTitle().startswith("insects")


def test_an_archive_is_opened_with_the_key(qtbot: QtBot, start: Start, tmp_path: Path) -> None:
    folder(tmp_path / "insects")
    packed = tmp_path / "insects.zip"
    with zipfile.ZipFile(packed, "x") as archive:
        for path in (tmp_path / "insects").rglob("*.png"):
            archive.write(path, path.relative_to(tmp_path))
    app = start()
    qtbot.waitUntil(app.window.isActiveWindow)
    with (
        answering(lambda: str(packed), tmp_path),
        qtbot.waitSignal(app.desk.opened, timeout=30_000),
    ):
        press(app, "Ctrl+O")
    assert app.space.session.info is not None
    assert app.space.session.info.n == 12


def test_a_cleaned_dataset_is_exported_with_keys(
    qtbot: QtBot, start: Start, tmp_path: Path
) -> None:
    app = start()
    open_and_wait(qtbot, app, source(tmp_path, 12))
    press(app, "E", "2", "Ctrl+E")
    dialog = app.dialogs.export
    qtbot.waitUntil(dialog.isVisible)
    dialog.export_button.setFocus()
    with qtbot.waitSignal(app.space.exporting.ended, timeout=30_000) as ended:
        QTest.keyClick(dialog.export_button, Qt.Key.Key_Space)
    assert ended.args == [None]
    with h5py.File(tmp_path / "of-12-cleaned.h5") as file:
        assert len(file["images"]) == 11
        assert file["labels/corrected"][0] == 2


def test_a_command_is_found_by_its_name(qtbot: QtBot, start: Start, tmp_path: Path) -> None:
    app = start()
    open_and_wait(qtbot, app, source(tmp_path, 6))
    press(app, "Ctrl+K")
    palette = app.dialogs.palette
    qtbot.waitUntil(palette.isVisible)
    QTest.keyClicks(palette.field, "exclude")
    QTest.keyClick(palette.field, Qt.Key.Key_Return)
    assert app.space.labels.status[0] == Status.EXCLUDED


def test_what_was_decided_is_written_on_demand(qtbot: QtBot, start: Start, tmp_path: Path) -> None:
    app = start()
    open_and_wait(qtbot, app, source(tmp_path, 6))
    press(app, "Q", "E")
    with qtbot.waitSignal(app.space.folding.ended, timeout=30_000):
        press(app, "Ctrl+S")
    with h5py.File(tmp_path / "of-6.winnow" / "corrected.h5") as file:
        assert list(file["labels/status"][:3]) == [Status.KEPT, Status.EXCLUDED, Status.PENDING]
