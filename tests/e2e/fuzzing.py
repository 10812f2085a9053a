"""A window at the mercy of random hands.

    python -m tests.e2e.fuzzing SEED EVENTS

does again what a failed test printed. What happens depends on the seed alone, save for the moment
at which a thread or a child answers.
"""

from __future__ import annotations

import itertools
import os
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtCore import QEvent, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from models.opening import request_for
from models.review.blind import BlindSession
from qtapp.app import Application
from qtapp.settings import Settings, load_settings
from qtapp.state.workspace import Workspace
from tests.helpers.datasets import folder_source
from tests.helpers.driver import children_of
from tests.helpers.hands import Hands, events
from tests.helpers.local import open_here
from tests.helpers.projects import add_scores
from tests.helpers.sources import images
from tests.helpers.watching import Watch, answering

_PATIENCE_S, _CHILDREN_END_S = 60.0, 5.0
_SHOWN_EVENTS = 25
_IDLE_EVENTS = 12  # without a dataset, until one is opened
_EVENTS_IN_MENU = 6


def make_sources(folder: Path) -> list[Path]:
    """Grey with scores, colour with splits, mixed sizes with scores, and without labels."""
    folder.mkdir(parents=True)
    rng = np.random.default_rng(0)
    given = np.arange(40) % 3
    best = np.where(np.arange(40) % 7 == 0, (given + 1) % 3, given)
    grey, colour, bare = (folder / f"{name}.npz" for name in ("grey", "colour", "bare"))
    np.savez(grey, images=images(40), labels=np.array(["ant", "bee", "cat"])[given])
    x = images(36, (9, 7, 3))
    np.savez(colour, x_train=x[:24], y_train=given[:24], x_test=x[24:], y_test=given[:12])
    np.savez(bare, images=images(20))
    mixed = folder_source(folder / "mixed")
    for source, guess in ((grey, best), (mixed, np.arange(12) // 4)):
        review = open_here(request_for([source]))
        labels = review.labelling.given.astype(np.int64)
        review.close()
        embedding = rng.normal(size=(len(guess), 4)).astype(np.float32)
        add_scores(review.project.path, guess, 3, given=labels, embedding=embedding)
    return [grey, colour, mixed, bare]


class Fuzz:
    """Everything that happens in one run; the window is opened again whenever it was closed."""

    def __init__(self, qt: QApplication, folder: Path, seed: int) -> None:
        self._qt, self._seed, self._number = qt, seed, 0
        self._watch = Watch()
        self._sources = make_sources(folder / "data")
        self._next = itertools.cycle(self._sources[seed % 4 :] + self._sources[: seed % 4])
        self._before, self._others = self._source_bytes(), set(children_of(os.getpid()))
        self._settings_file, self._exports = folder / "settings.json", folder / "data"
        self._done: deque[str] = deque(maxlen=_SHOWN_EVENTS)
        self._log = folder / "events.txt"  # what a crash leaves of a run
        self._closed: dict[str, Known] = {}  # what was in memory, by project
        self._app: Application | None = None
        self._idle, self._in_menu, self._has_left = 0, False, False
        self._menu_open = QTimer(interval=0, singleShot=True)
        self._menu_open.timeout.connect(self._go_on_in_menu)

    def run(self, n_events: int) -> None:
        """Do so many things, leave, and compare what is on disk with what was in memory."""
        self._coming = enumerate(itertools.islice(events(self._seed), n_events), 1)
        with answering(self._next_source, self._exports), self._watch.watching():
            self._start()
            while self._advance():
                self._check_window()
            self.close()
            self._check_window()
            self._check_disk()

    def close(self) -> None:
        """Close the window, also after a failure."""
        app = self._app
        if app is None:
            return
        if not self._has_left:
            app.leave()
        self._until(lambda: self._has_left)
        self._app = None
        app.window.deleteLater()
        app.deleteLater()
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)

    # -- the window ----------------------------------------------------------------------
    def _start(self) -> None:
        kept = load_settings(self._settings_file)
        settings = kept if self._settings_file.exists() else Settings(train_on_opening=False)
        app = self._app = Application(self._qt, settings, self._settings_file)
        self._hands = Hands(app, self._next_source, self._settle)
        self._has_left = False
        app.left.connect(self._note_left)
        app.desk.closing.connect(self._note_closing)
        app.desk.opened.connect(self._compare_opened)
        app.window.show()
        self._open()

    def _note_left(self) -> None:
        self._has_left = True

    def _note_closing(self, _settings: object) -> None:
        self._closed[self._app.space.session.project_path] = Known.of(self._app.space)

    def _compare_opened(self, _ready: object) -> None:
        before = self._closed.get(self._app.space.session.project_path)
        if before is not None:
            before.compare(Known.of(self._app.space), "opened again")

    def _next_source(self) -> str:
        return str(next(self._next))

    def _open(self) -> None:
        self._app.open_paths([self._next_source()])
        self._settle()

    def _settle(self) -> None:
        """Wait until what was asked for is there."""
        opening, arranger = self._app.space.opening, self._app.jobs.arranger
        self._until(lambda: not opening.is_running and arranger.is_idle)

    def _until(self, is_there: Callable[[], bool]) -> None:
        patience = time.monotonic() + _PATIENCE_S
        while not is_there():
            QTest.qWait(1)
            if time.monotonic() > patience:
                self._fail("waited in vain")

    # -- events --------------------------------------------------------------------------
    def _advance(self) -> bool:
        """Let the next thing happen; whether there was one."""
        self._number, event = next(self._coming, (self._number, None))
        if event is None:
            return False
        self._menu_open.start()
        self._hands.do(event)
        self._menu_open.stop()
        self._note()
        if self._in_menu:
            return True
        self._qt.processEvents()
        if self._has_left:
            self.close()
            self._start()
        self._idle = 0 if self._app.space.session.is_open else self._idle + 1
        if self._idle > _IDLE_EVENTS:
            self._open()
        return True

    def _go_on_in_menu(self) -> None:
        """A button's menu waits inside of the click that opened it: go on there."""
        if self._in_menu or QApplication.activePopupWidget() is None:
            return
        self._in_menu = True
        self._note()
        for _ in range(_EVENTS_IN_MENU):
            if QApplication.activePopupWidget() is None or not self._advance():
                break
        while (popup := QApplication.activePopupWidget()) is not None:
            popup.close()
        self._in_menu = False

    def _note(self) -> None:
        self._done.append(self._hands.said)
        with self._log.open("a", encoding="utf-8") as log:
            log.write(f"{self._number} {self._hands.said}\n")

    # -- what must be true -----------------------------------------------------------------
    def _fail(self, what: str) -> None:
        last = "\n".join(self._done)
        raise AssertionError(
            f"{what}\nThe last events:\n{last}\n"
            f"Again: python -m tests.e2e.fuzzing {self._seed} {self._number}"
        )

    def _check_window(self) -> None:
        if self._watch.seen:
            self._fail(self._watch.seen[0])

    def _check_disk(self) -> None:
        for project, before in self._closed.items():
            review = open_here(request_for([project]))
            review.close()
            known = review.labelling
            now = Known(
                *(known.labels, known.status, known.class_names),
                *(known.remarks.marks, known.remarks.notes, list(known.blind)),
            )
            before.compare(now, "in the journal")
        assert self._source_bytes() == self._before, "a source was changed"
        patience = time.monotonic() + _CHILDREN_END_S
        while left := set(children_of(os.getpid())) - self._others:
            assert time.monotonic() < patience, f"children left: {left}"
            time.sleep(0.02)

    def _source_bytes(self) -> dict[Path, tuple[bytes, int]]:
        files = [path for source in self._sources for path in (source, *source.rglob("*"))]
        files = [path for path in files if path.is_file()]
        return {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in files}


@dataclass(frozen=True)
class Known:
    """All that a person said of a dataset, at one moment."""

    labels: Any
    status: Any
    class_names: tuple[str, ...]
    causes: Any
    notes: dict[int, list[str]]
    blind: list[BlindSession]

    @classmethod
    def of(cls, space: Workspace) -> Known:
        labels, remarks = space.labels, space.causes.remarks
        return cls(
            *(labels.labels.copy(), labels.status.copy(), labels.class_names),
            *(remarks.marks.copy(), dict(remarks.notes), list(space.blind.sessions)),
        )

    def compare(self, now: Known, where: str) -> None:
        assert now.class_names == self.class_names, f"other classes {where}"
        assert np.array_equal(now.labels, self.labels), f"other labels {where}"
        assert np.array_equal(now.status, self.status), f"other states {where}"
        assert np.array_equal(now.causes, self.causes), f"other causes {where}"
        assert now.notes == self.notes, f"other notes {where}"
        assert now.blind == self.blind, f"other blind sessions {where}"


def main() -> None:
    seed, n_events = map(int, sys.argv[1:])
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    with tempfile.TemporaryDirectory(prefix="winnow-fuzz-") as folder:
        for variable in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"):
            os.environ[variable] = str(Path(folder, variable))
        qt = QApplication(sys.argv[:1])
        started = time.monotonic()
        fuzz = Fuzz(qt, Path(folder), seed)
        try:
            fuzz.run(n_events)
        finally:
            fuzz.close()
        sys.stdout.write(f"{n_events} events in {time.monotonic() - started:.0f} s: all well\n")


if __name__ == "__main__":
    main()
