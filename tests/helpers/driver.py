"""The real window in a process of its own, at work until somebody kills it.

    python -m tests.helpers.driver MODE SOURCE

Prints one JSON line for everything the window claims: {"saved": step} when a decision shows
as saved, {"children": [pids]}, {"did": what} when a fold, an export or a score set arrived.
MODE is "label", "fold", "export" or "train".
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QApplication

from models.types import ExportOptions
from qtapp.app import Application
from qtapp.settings import Settings


def claim(**what: Any) -> None:
    """One line, out of this process before the next thing happens."""
    os.write(1, (json.dumps(what) + "\n").encode())


class Driver(QObject):
    """Presses keys as fast as the window takes them."""

    def __init__(self, application: Application, mode: str) -> None:
        super().__init__()
        self._app, self._mode = application, mode
        self._pressed = self._exported = 0
        self._pulse = QTimer(self, interval=0)
        self._pulse.timeout.connect(self._press)
        space = application.space
        space.labels.saved_changed.connect(self._claim_saved)
        space.training.changed.connect(self._claim_training)
        space.training.ended.connect(self._train_again)
        space.folding.ended.connect(self._fold_again)
        space.exporting.ended.connect(self._export_again)
        application.desk.opened.connect(self._begin)
        application.desk.failed.connect(self._fail)
        self._claimed = 0

    def _begin(self) -> None:
        labels = self._app.space.labels
        self._claimed = labels.next_step - 1
        claim(opened=labels.next_step, children=children_of(os.getpid()))
        if self._mode == "train":
            self._app.runs.start()
        if self._mode == "export":
            self._export_again(None)
        self._pulse.start(0 if self._mode == "label" else 5)

    def _fail(self, error: BaseException) -> None:
        claim(failed=str(error))

    def _press(self) -> None:
        """One of the keys a person would press, in a fixed rotation."""
        if self._app.space.labels.n_pending > 64:  # no finger is that much faster than a disk
            return
        keys = ("digit.1", "digit.2", "decide.keep", "decide.exclude", "decide.undo", "move.next")
        self._app.registry.action(keys[self._pressed % len(keys)]).trigger()
        self._pressed += 1
        if self._mode == "fold" and self._pressed % 50 == 0:
            self._app.jobs.publisher.fold()

    def _claim_saved(self) -> None:
        labels = self._app.space.labels
        saved = labels.next_step - 1 - labels.n_pending
        if saved > self._claimed:
            self._claimed = saved
            claim(saved=saved)

    def _claim_training(self) -> None:
        training = self._app.space.training
        if training.now is not None:
            claim(did=training.now.phase, children=children_of(os.getpid()))

    def _train_again(self, _error: BaseException | None) -> None:
        if self._app.space.training.problem is not None:
            claim(problem=str(self._app.space.training.problem))
        QTimer.singleShot(0, self, self._app.runs.start)

    def _fold_again(self, error: BaseException | None) -> None:
        claim(did="fold", error=str(error) if error else "")

    def _export_again(self, _error: BaseException | None) -> None:
        if self._mode != "export":
            return
        self._exported += 1
        project = Path(self._app.space.session.project_path)
        out = project.parent / f"out-{os.getpid()}-{self._exported}.h5"
        claim(did="export", children=children_of(os.getpid()))
        self._app.jobs.exporter.export(project, out, "h5", ExportOptions())


def children_of(pid: int) -> list[int]:
    """Pids of every descendant; threads and processes may end while one looks."""
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").glob("*"):
        with contextlib.suppress(OSError):
            for child in (task / "children").read_text().split():
                found += [int(child), *children_of(int(child))]
    return found


def pid_of_child(name: str, of: int | None = None) -> int:
    """The pid of a child process of ours (or of another window) by its name, 0 if there is none."""
    for pid in children_of(of or os.getpid()):
        with contextlib.suppress(OSError):
            if f"models.processes.{name}".encode() in Path(f"/proc/{pid}/cmdline").read_bytes():
                return pid
    return 0


def main() -> None:
    mode, source = sys.argv[1:]
    qt = QApplication(sys.argv[:1])
    settings = Settings(train_on_opening=False)
    application = Application(qt, settings, Path(os.environ["XDG_CONFIG_HOME"], "settings.json"))
    driver = Driver(application, mode)
    application.window.show()
    application.open_paths([source])
    application.left.connect(driver.deleteLater)
    qt.exec()


if __name__ == "__main__":
    main()
