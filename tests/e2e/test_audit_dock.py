"""An audit in the whole window: run, its proof opened, its remedy applied and undone, kept."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from models.review.decisions import Status
from qtapp.app import Application
from tests.e2e.conftest import Start, leave, open_and_wait, press

N_TRAIN, N_TEST, N_LEAKED = 40, 20, 5


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Two splits of noise; the first images of the second are images of the first."""
    path = tmp_path / "noise.npz"
    pixels = np.random.default_rng(0).integers(0, 256, (N_TRAIN + N_TEST, 8, 8), dtype=np.uint8)
    labels = np.arange(N_TRAIN + N_TEST) % 2
    pixels[N_TRAIN : N_TRAIN + N_LEAKED] = pixels[:N_LEAKED]
    np.savez(
        path,
        x_train=pixels[:N_TRAIN],
        y_train=labels[:N_TRAIN],
        x_test=pixels[N_TRAIN:],
        y_test=labels[N_TRAIN:],
    )
    return path


def settled(qtbot: QtBot, app: Application) -> None:
    qtbot.waitUntil(lambda: app.jobs.arranger.is_idle, timeout=10_000)


def test_a_leak_is_found_shown_left_out_and_brought_back(
    qtbot: QtBot, start: Start, source: Path
) -> None:
    app = start()
    open_and_wait(qtbot, app, source)
    space, panel = app.space, app.panels.audit
    state, status = space.audit_findings, space.labels.status
    press(app, "Shift+A")
    assert panel.isVisible()
    with qtbot.waitSignal(state.ended, timeout=90_000) as ended:
        panel.quick.click()
        assert state.is_running
    assert ended.args == [None]
    assert state.report is not None
    assert not state.report.is_partial
    assert "without a model" in panel.said.toolTip()
    assert state.chosen is not None
    assert state.chosen.kind == "leak_exact"

    app.views.grid.setFocus()
    app.registry.action("look.finding").trigger()
    settled(qtbot, app)
    pairs = np.stack([np.arange(N_LEAKED), N_TRAIN + np.arange(N_LEAKED)], axis=1)
    assert space.order.rows.tolist() == pairs.ravel().tolist()
    press(app, "Escape")
    settled(qtbot, app)
    assert len(space.order.rows) == N_TRAIN + N_TEST

    leaked = slice(N_TRAIN, N_TRAIN + N_LEAKED)
    assert not panel.detail.apply.isVisible()  # test is locked
    panel.detail.unlock.click()
    panel.detail.apply.click()
    assert (status[leaked] == Status.EXCLUDED).all()
    assert space.labels.count(Status.EXCLUDED) == N_LEAKED
    qtbot.waitUntil(lambda: bool(state.rechecks), timeout=90_000)
    assert panel.detail.came_of.text().startswith("Applied, and it is gone")
    assert state.chosen.id in state.rechecks
    assert len(state.report.findings) == panel.list.item_model.rowCount() - len(
        state.report.not_checked
    )
    app.views.grid.setFocus()
    press(app, "Ctrl+Z")
    assert space.labels.count(Status.EXCLUDED) == 0
    assert panel.detail.apply.isVisible()
    project = Path(space.session.project_path)
    qtbot.waitUntil(lambda: space.labels.n_pending == 0)
    leave(qtbot, app)

    again = start()
    open_and_wait(qtbot, again, source)
    recalled = again.space.audit_findings
    qtbot.waitUntil(lambda: recalled.report is not None)
    assert recalled.report is not None
    assert [one.kind for one in recalled.report.findings][:1] == ["leak_exact"]
    assert not again.remedies.is_outdated()
    assert json.loads((project / "audit.json").read_text())["schema"] == 1
