"""Keys in the whole window: until the screen shows it, and until it is on disk."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import numpy as np
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from benchmarks.bare_sqlite import commit_ms
from benchmarks.frames import random_scores
from benchmarks.report import Row
from benchmarks.timing import compared, percentile
from qtapp.app import Application
from qtapp.settings import Settings

N_IMAGES = 60_000
N_CLASSES = 10
ROUNDS = 7
PRESSES = 60
FRAME_S = 1 / 60
_PATIENCE_S = 30.0
_KEYS = (
    *(Qt.Key.Key_Right, Qt.Key.Key_Down, Qt.Key.Key_Q, Qt.Key.Key_W, Qt.Key.Key_3),
    *(Qt.Key.Key_E, Qt.Key.Key_R, Qt.Key.Key_PageDown, Qt.Key.Key_Left, Qt.Key.Key_Backspace),
)
_DECISIONS = (Qt.Key.Key_Q, Qt.Key.Key_W, Qt.Key.Key_3, Qt.Key.Key_E, Qt.Key.Key_R)


def measure() -> list[Row]:
    """The figures of issue 2, section 7."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    existing = QApplication.instance()
    qt = existing if isinstance(existing, QApplication) else QApplication([])
    with tempfile.TemporaryDirectory() as folder:
        typist = Typist(qt, Path(folder))
        try:
            return [_to_repaint(typist), _to_disk(typist, Path(folder))]
        finally:
            typist.leave()


def _to_repaint(typist: Typist) -> Row:
    typist.repaint_ms(_KEYS[0])
    rounds = [[typist.repaint_ms(key) for key in _presses(_KEYS)] for _ in range(ROUNDS)]
    figures = [percentile(figures, 0.95) for figures in rounds]
    return Row.value_of(
        f"key press to repaint, p95, {N_IMAGES:,} images",
        median(figures),
        "ms",
        spread=(min(figures), max(figures)),
        at_most=16,
    )


def _to_disk(typist: Typist, folder: Path) -> Row:
    acknowledged, bare = [], []
    typist.acknowledged_ms(_DECISIONS[0])
    for _ in range(ROUNDS):
        acknowledged.append(median(typist.acknowledged_ms(key) for key in _presses(_DECISIONS)))
        bare.append(median(commit_ms(folder, PRESSES, FRAME_S)))  # at the pace of the keys
    return Row.ratio_of(
        "key press to the writer's acknowledgement against a bare SQLite commit, p50",
        compared(acknowledged, bare),
        "ms",
        at_most=4,
    )


def _presses(keys: tuple[Qt.Key, ...]) -> list[Qt.Key]:
    return [keys[number % len(keys)] for number in range(PRESSES)]


class Typist(QObject):
    """Presses keys in a window with a scored dataset, and waits for what they do."""

    def __init__(self, qt: QApplication, folder: Path) -> None:
        super().__init__()
        source = folder / "source.npz"
        rng = np.random.default_rng(0)
        labels = rng.integers(0, N_CLASSES, N_IMAGES)
        np.savez(source, images=rng.integers(0, 256, (N_IMAGES, 28, 28), np.uint8), labels=labels)
        settings = Settings(theme="light", train_on_opening=False)
        self._app = Application(qt, settings, folder / "settings.json")
        self._app.window.resize(1280, 800)
        self._app.window.show()
        self._app.open_paths([str(source)])
        self._is_open = self._painted = self._left = False
        self._written_s = 0.0
        self._app.desk.opened.connect(self._note_open)
        self._app.left.connect(self._note_left)
        self._app.views.grid.viewport().installEventFilter(self)
        self._until(lambda: self._is_open)
        labels_now = self._app.space.labels.labels
        self._app.space.scores.show(random_scores(labels_now, N_CLASSES, rng))
        self._app.space.order.apply_new()
        writer = self._app.jobs.saver._writer  # nobody else can tell when its thread was done
        assert writer is not None
        writer.written.connect(self._note_written, Qt.ConnectionType.DirectConnection)
        self._settle()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        self._painted = self._painted or event.type() == QEvent.Type.Paint
        return False

    def repaint_ms(self, key: Qt.Key) -> float:
        """From the press until the grid is painted."""
        self._settle()
        self._painted = False
        begun = time.perf_counter()
        QTest.keyClick(self._app.views.grid, key)
        self._until(lambda: self._painted)
        return (time.perf_counter() - begun) * 1e3

    def acknowledged_ms(self, key: Qt.Key) -> float:
        """From the press until the writer thread says that the decision is on disk."""
        self._settle()
        labels = self._app.space.labels
        before = labels.n_decisions
        begun = time.perf_counter()
        QTest.keyClick(self._app.views.grid, key)
        assert labels.n_decisions == before + 1
        self._until(lambda: not labels.n_pending)
        return (self._written_s - begun) * 1e3

    def leave(self) -> None:
        self._app.window.close()
        self._until(lambda: self._left)

    def _settle(self) -> None:
        """Wait until nothing is under way, and a little longer, as a person does."""
        space, thumbnails = self._app.space, self._app.jobs.thumbnails

        def is_quiet() -> bool:
            rows = space.order.rows[slice(*space.view.visible_rows)].tolist()
            images_here = all(thumbnails.image(i) is not None for i in rows)
            return images_here and self._app.jobs.arranger.is_idle and not space.labels.n_pending

        self._until(is_quiet)
        time.sleep(FRAME_S)
        QApplication.processEvents()

    def _until(self, done: Callable[[], bool]) -> None:
        until = time.monotonic() + _PATIENCE_S
        while not done():
            QApplication.processEvents()
            if time.monotonic() > until:
                raise TimeoutError("the window does not answer")

    def _note_open(self) -> None:
        self._is_open = True

    def _note_written(self, step: int) -> None:
        self._written_s = time.perf_counter()

    def _note_left(self) -> None:
        self._left = True
