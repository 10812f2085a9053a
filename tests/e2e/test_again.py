"""After corrections the window offers to train again with them, and does."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from pytestqt.qtbot import QtBot

from models.data.runs import run_details, run_folder
from qtapp.app import Application
from tests.e2e.conftest import Start, leave, open_and_wait
from tests.helpers.training import bars


def wait_for_run(qtbot: QtBot, app: Application, command: str) -> None:
    with qtbot.waitSignal(app.runs.learnt, timeout=60_000):
        app.registry.action(command).trigger()
    assert app.space.training.result


def test_training_again_with_corrections(qtbot: QtBot, start: Start, tmp_path: Path) -> None:
    images, labels = bars(60)
    np.savez(tmp_path / "bars.npz", images=np.stack(images)[..., 0], labels=labels)
    app = start()
    open_and_wait(qtbot, app, tmp_path / "bars.npz")
    again = app.registry.action("run.again")
    wait_for_run(qtbot, app, "run.start")
    assert not again.isEnabled()
    app.space.selection.set_current(5)
    app.edits.set_class(0)
    assert again.isEnabled()
    wait_for_run(qtbot, app, "run.again")
    assert app.space.training.run == 2
    assert not again.isEnabled()
    runs_dir = Path(app.space.session.project_path) / "runs"
    assert run_details(runs_dir, 2)["weights_from"] == str(run_folder(runs_dir, 1))
    app.edits.undo()
    leave(qtbot, app)

    app = start()
    with qtbot.waitSignal(app.runs.learnt):
        open_and_wait(qtbot, app, tmp_path / "bars.npz")
    assert app.space.corrections.count == 1
    assert app.registry.action("run.again").isEnabled()
