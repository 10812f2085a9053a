"""The whole window driven by a script, for figures taken in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TypeVar

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from benchmarks.timing import rss_mb
from qtapp.app import Application
from qtapp.interpreter import WindowFirst
from qtapp.settings import Settings

_PATIENCE_S = 180.0
_PAUSE_S = 0.001  # a loop without pause takes the interpreter from the window's own threads
Figures = dict[str, float]


class Driver:
    """Opens datasets in one window, moves about in them and waits for what it shows."""

    def __init__(self, app: Application) -> None:
        self._app = app

    def open(self, paths: Sequence[str]) -> float:
        """Seconds from the command until every tile on the screen shows its image."""
        begun = time.perf_counter()
        self._app.open_paths(paths)
        self._until(self._is_painted)
        self._app.views.grid.viewport().repaint()
        return time.perf_counter() - begun

    def wait_for_counts(self) -> None:
        """Until filters and order say how many there are of everything."""
        self._until(lambda: self._app.jobs.arranger.is_idle)

    def jump_ms(self, n_jumps: int) -> list[float]:
        """From each jump to a random place until its tiles are here, for each of the tiles."""
        bar = self._app.views.grid.verticalScrollBar()
        rng = np.random.default_rng(0)
        figures = []
        for place in rng.integers(1, bar.maximum(), n_jumps).tolist():
            begun = time.perf_counter()
            bar.setValue(place)
            QApplication.processEvents()
            self._until(self._is_painted)
            took_ms = (time.perf_counter() - begun) * 1e3
            figures.append(took_ms / len(self._on_screen()))
        return figures

    def go_to_the_end(self) -> None:
        """Until the last images are here."""
        bar = self._app.views.grid.verticalScrollBar()
        bar.setValue(bar.maximum())
        QApplication.processEvents()
        self._until(self._is_painted)
        bar.setValue(0)

    def press(
        self,
        key: Qt.Key,
        modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
    ) -> float:
        """Seconds from a key until what it did is painted and on disk."""
        begun = time.perf_counter()
        QTest.keyClick(self._app.views.grid, key, modifier)
        QApplication.processEvents()
        self._app.views.grid.viewport().repaint()
        self._until(lambda: not self._app.space.labels.n_pending)
        return time.perf_counter() - begun

    def n_with_label(self, code: int) -> int:
        return int((self._app.space.labels.labels == code).sum())

    def leave(self) -> None:
        left: list[bool] = []
        self._app.left.connect(lambda: left.append(True))
        self._app.leave()
        self._until(lambda: bool(left))

    def _on_screen(self) -> list[int]:
        space = self._app.space
        rows: list[int] = space.order.rows[slice(*space.view.visible_rows)].tolist()
        return rows

    def _is_painted(self) -> bool:
        ids = self._on_screen() if self._app.views.review.isVisible() else []
        return bool(ids) and all(self._app.jobs.thumbnails.image(i) is not None for i in ids)

    def _until(self, is_so: Callable[[], bool]) -> None:
        deadline = time.monotonic() + _PATIENCE_S
        while not is_so():
            if time.monotonic() > deadline:
                raise TimeoutError("the window did not get there")
            QApplication.processEvents()
            time.sleep(_PAUSE_S)


D = TypeVar("D", bound=Driver)


def window() -> AbstractContextManager[Driver]:
    """A window on the offscreen platform, with settings of its own."""
    return window_for(Driver)


@contextmanager
def window_for(driven_by: Callable[[Application], D]) -> Iterator[D]:
    """The same for another driver."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    qt = QApplication([])
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(train_on_opening=False)
        app = Application(qt, settings, Path(folder, "settings.json"))
        WindowFirst(app.desk)
        app.window.resize(1280, 800)
        app.window.show()
        qt.processEvents()
        driver = driven_by(app)
        yield driver
        driver.leave()


def type_keys(widget: QWidget, keys: str) -> None:
    """Press a key as it is written in resources/keys.toml: "Ctrl+Shift+A"."""
    combination = QKeySequence(keys)[0]  # type: ignore[index]  # its stubs do not know
    QTest.keyClick(widget, combination.key(), combination.keyboardModifiers())


def readers_mb() -> float:
    """Memory of the reader processes that belong to this one (Linux)."""
    return sum(rss_mb(pid) for pid in _children("models.processes.reader"))


def measured_in_child(module: str, arguments: Sequence[str], cache: Path) -> Figures:
    """The figures that `python -m MODULE ARGUMENTS` prints as JSON, with a cache of its own."""
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        env={**os.environ, "XDG_CACHE_HOME": str(cache)},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(done.stderr)
    figures: Figures = json.loads(done.stdout.splitlines()[-1])
    return figures


def _children(module: str) -> Iterator[int]:
    for process in Path("/proc").glob("[0-9]*"):
        try:
            parent = (process / "stat").read_text().rpartition(")")[2].split()[1]
            command = (process / "cmdline").read_bytes().decode().split("\0")
        except OSError:  # it ended meanwhile
            continue
        if int(parent) == os.getpid() and module in command:
            yield int(process.name)
