"""The audit without a mouse: to the findings, to their images, to the remedy, and back."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QTabBar
from pytestqt.qtbot import QtBot

from models.review.decisions import Status
from qtapp.app import Application
from tests.e2e.conftest import Start, open_and_wait, press
from tests.helpers.findings import message, report
from tests.helpers.projects import small_npz


@pytest.fixture
def app(qtbot: QtBot, start: Start, tmp_path: Path) -> Application:
    """Over twelve images, of which an audit found three to be copies, and some to be blurred."""
    app = start()
    open_and_wait(qtbot, app, small_npz(tmp_path))
    action = {"name": "keep_one", "samples": [2, 5]}
    copies = message("duplicate_exact:all", "error", samples=[1, 2, 5], action=action)
    blurred = message("blur:all", "warning", samples=[7, 8])
    app.space.audit_findings.recall(report(app.space.labels.labels, [copies, blurred]))
    app.window.activateWindow()
    app.views.grid.setFocus()
    return app


def settled(qtbot: QtBot, app: Application) -> list[int]:
    qtbot.waitUntil(lambda: app.jobs.arranger.is_idle, timeout=10_000)
    rows: list[int] = app.space.order.rows.tolist()
    return rows


def test_its_key_gives_the_keys_to_the_findings_and_takes_them_back(app: Application) -> None:
    panel = app.panels.audit
    press(app, "Shift+A")
    assert panel.list.hasFocus()
    press(app, "Down")
    assert app.space.audit_findings.chosen_id == "blur:all"
    press(app, "Home")
    assert app.space.audit_findings.chosen_id == "duplicate_exact:all"
    press(app, "Shift+A")
    assert not panel.isVisible()
    assert app.views.grid.hasFocus()


def test_images_of_a_finding_are_walked_through_and_its_key_leads_back(
    qtbot: QtBot, app: Application
) -> None:
    press(app, "Shift+A", "Return")
    assert settled(qtbot, app) == [1, 2, 5]
    assert app.views.grid.hasFocus()
    app.space.selection.set_current(1)
    press(app, "Right")
    assert app.space.selection.current == 2
    press(app, "Shift+A")
    assert app.panels.audit.list.hasFocus()
    press(app, "Down", "Return")
    assert settled(qtbot, app) == [7, 8]
    assert app.views.grid.hasFocus()
    press(app, "Shift+A", "Escape")
    assert len(settled(qtbot, app)) == 12
    assert app.views.grid.hasFocus()


def test_enter_presses_the_button_of_a_remedy_and_the_list_has_the_keys_again(
    app: Application,
) -> None:
    panel, labels = app.panels.audit, app.space.labels
    press(app, "Shift+A", "Tab", "Tab")
    assert QApplication.focusWidget() is panel.detail.apply
    press(app, "Return")
    assert labels.count(Status.EXCLUDED) == 2
    assert app.space.view.mode == "grid"
    assert panel.list.hasFocus()
    press(app, "Ctrl+Z")
    assert labels.count(Status.EXCLUDED) == 0


def test_enter_opens_the_menu_of_a_button_that_has_the_keys(qtbot: QtBot, app: Application) -> None:
    group = app.views.order_bar.group_button
    group.setFocus()
    press(app, "Return")
    qtbot.waitUntil(group.menu().isVisible)
    group.menu().close()
    assert app.space.view.mode == "grid"


def test_before_an_audit_its_key_leads_to_the_button_that_begins_one(
    qtbot: QtBot, start: Start, tmp_path: Path
) -> None:
    app = start()
    open_and_wait(qtbot, app, small_npz(tmp_path))
    app.window.activateWindow()
    press(app, "Shift+A")
    audit = app.panels.audit.audit
    assert audit.hasFocus()
    assert audit.property("primary")


def test_a_layout_that_is_reset_leaves_no_tabs_behind(app: Application) -> None:
    def tabs() -> list[list[str]]:
        bars = [bar for bar in app.window.findChildren(QTabBar) if bar.isVisible()]
        return [[bar.tabText(at) for at in range(bar.count())] for bar in bars if bar.count() > 1]

    press(app, "Shift+A")
    assert tabs() == [["Training", "Audit"]]
    app.window.reset_layout()
    press(app, "Shift+A")
    assert tabs() == [["Training", "Audit"]]
