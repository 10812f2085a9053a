"""What a person prefers works at once, is there after a restart, and shows everywhere."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from models.data.journal import Journal
from models.review.decisions import Status
from qtapp.settings import Settings, save_settings
from tests.e2e.conftest import leave, open_and_wait, press
from tests.helpers.sources import images, labels


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "data" / "tiny.npz"
    path.parent.mkdir()
    np.savez(path, images=images(24), labels=labels(24))
    return path


def preferences(qtbot, app):
    bring_up(qtbot, app.window)
    press(app, "Ctrl+,")
    dialog = app.dialogs.preferences
    assert dialog.isVisible()
    bring_up(qtbot, dialog)
    return dialog


def bring_up(qtbot, window):
    """The offscreen platform has no window manager that would pass the keyboard on."""
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)


def test_a_rebound_key_decides_now_and_after_a_restart(qtbot, start, source):
    app = start()
    open_and_wait(qtbot, app, source)
    dialog = preferences(qtbot, app)
    dialog.pages.setCurrentWidget(dialog.keys)
    dialog.keys.choose("decide.keep")
    dialog.keys.field.setFocus()
    press(app, "K", "Esc")
    dialog.reject()
    bring_up(qtbot, app.window)
    app.views.grid.setFocus()
    press(app, "Q")
    assert app.space.labels.n_reviewed == 0
    press(app, "K")
    assert app.space.labels.status[0] == Status.KEPT
    assert app.registry.action("decide.keep").shortcut().toString() == "K"
    app.dialogs.cheat_sheet.ask()
    said = [label.text() for label in app.dialogs.cheat_sheet.findChildren(QLabel)]
    assert "K" in said
    app.dialogs.cheat_sheet.reject()
    leave(qtbot, app)

    again = start()
    open_and_wait(qtbot, again, source)
    press(again, "K")
    assert again.space.labels.n_reviewed == 2


def test_damaged_keys_cost_a_notice_and_nothing_else(qtbot, start, source, tmp_path):
    leave(qtbot, start())
    file = tmp_path / "settings.json"
    kept = json.loads(file.read_text())
    kept["keys"] = {"decide.keep": ["K"], "decide.accept": ["K"], "gone.away": ["L"]}
    file.write_text(json.dumps(kept))
    app = start()
    said = " ".join(label.text() for label in app.notices.findChildren(QLabel))
    assert "gone.away" in said
    assert "decide.accept = K" in said
    open_and_wait(qtbot, app, source)
    press(app, "K", "R")
    assert list(app.space.labels.status[:2]) == [Status.KEPT, Status.SECOND_LOOK]


@pytest.mark.parametrize("window", ["x", "größer", "\ud800", "AAAA"])
def test_a_damaged_geometry_of_the_window_does_not_keep_it_closed(start, tmp_path, window):
    save_settings(Settings(window=window, train_on_opening=False), tmp_path / "settings.json")
    assert start().window.isVisible()


def test_decisions_carry_the_name_of_whoever_decides_from_then_on(qtbot, start, source):
    app = start()
    open_and_wait(qtbot, app, source)
    press(app, "Q")
    dialog = preferences(qtbot, app)
    dialog.reviewer.setText("Ada")
    with qtbot.waitSignal(app.jobs.saver.named):
        dialog.reviewer.editingFinished.emit()
    dialog.reject()
    bring_up(qtbot, app.window)
    app.views.grid.setFocus()
    press(app, "Q")
    leave(qtbot, app)
    again = start()
    open_and_wait(qtbot, again, source)
    press(again, "Q")
    leave(qtbot, again)
    with Journal(source.parent / "tiny.winnow" / "journal.db") as journal:
        people = journal.reviewers()
        names = [people[number] for number in journal.rows()["reviewer"].tolist()]
    assert names[1:] == ["Ada", "Ada"]
    assert names[0] != "Ada"


def test_a_name_given_while_a_dataset_opens_counts_from_the_first_decision(qtbot, start, source):
    app = start()
    app.space.order.changed.connect(  # first when nothing can be written yet
        lambda: app.preferences.prefer("reviewer", "Ada"), Qt.ConnectionType.SingleShotConnection
    )
    with qtbot.waitSignal(app.jobs.saver.named, timeout=30_000):
        app.open_paths([str(source)])
    qtbot.waitUntil(lambda: app.jobs.arranger.is_idle)
    press(app, "Q")
    leave(qtbot, app)
    with Journal(source.parent / "tiny.winnow" / "journal.db") as journal:
        (number,) = journal.rows()["reviewer"].tolist()
        assert journal.reviewers()[number] == "Ada"


def test_theme_and_font_are_as_they_were_left(qtbot, start):
    app = start()
    dialog = preferences(qtbot, app)
    plain = app.window.menuBar().sizeHint().height()
    dialog.preferred.emit("theme", "contrast")
    dialog.font_size.setValue(150)
    assert app.window.menuBar().sizeHint().height() > plain
    dialog.reject()
    leave(qtbot, app)
    again = start()
    assert again.theme.scheme == "contrast"
    assert again.theme.font_percent == 150
    again.preferences.prefer("font_percent", 100)
