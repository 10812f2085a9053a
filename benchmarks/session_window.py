"""A review in one window, driven by a script from inside its event loop.

python -m benchmarks.session_window decide|restart SOURCE KEPT     for benchmarks.session
python -m benchmarks.session_window idle                           a bare loop beside it
"""

from __future__ import annotations

import json
import os
import random
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from PySide6.QtCore import QCoreApplication, QEvent, QObject, QSocketNotifier, Qt, QTimer
from PySide6.QtWidgets import QApplication

from benchmarks.timing import own_mb, percentile, rss_mb
from benchmarks.window import Driver, type_keys, window_for
from models.review.decisions import Status
from models.review.ordering import Filters
from models.types import UNLABELLED, SampleIds
from qtapp.app import Application
from qtapp.interpreter import WindowFirst
from qtapp.settings import Settings

N_DECISIONS, N_CLASSES = 1_000, 10
WARM_AFTER = 100  # decisions, before which caches fill and code is loaded
_TICK_MS = 5
_POLL_MS = 2
_HAND_S = 0.02  # between two keys
_PATIENCE_S = 300.0

_Is = Callable[[], bool]


class Ticker(QObject):
    """The longest time between two ticks of a timer: as long, no event was heard."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._timer = QTimer(self, interval=_TICK_MS, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)
        self.longest_ms = 0.0

    def begin(self) -> None:
        self.longest_ms, self._last = 0.0, time.perf_counter()
        self._timer.start()

    def _tick(self) -> None:
        now = time.perf_counter()
        self.longest_ms = max(self.longest_ms, (now - self._last) * 1e3)
        self._last = now


class Reviewer(QObject):
    """Presses keys and keeps by rules of its own what must come of them."""

    def __init__(self, app: Application, qt: QApplication, kept: Path) -> None:
        super().__init__()
        self._app, self._qt, self._kept, self._space = app, qt, kept, app.space
        self._chance = random.Random(0)  # noqa: S311 - which key comes next
        self._ticker = Ticker(self)
        self._before: list[tuple[SampleIds, np.ndarray, np.ndarray]] = []  # of each step
        self._n_decisions = 0
        self._pressed_s, self._paint_due, self._save_due = 0.0, False, False
        self._to_paint_ms: list[float] = []
        self._to_saved_ms: list[float] = []
        app.window.installEventFilter(self)
        self._space.labels.saved_changed.connect(self._note_saved)
        self._script = self._review()
        self._is_ready: _Is = lambda: True
        self._deadline = time.monotonic() + _PATIENCE_S
        self._poll = QTimer(self, interval=_POLL_MS, timerType=Qt.TimerType.PreciseTimer)
        self._poll.timeout.connect(self._go_on)
        self._poll.start()

    # -- the script in the event loop ------------------------------------------------------
    def _go_on(self) -> None:
        try:
            if self._is_ready():
                self._is_ready = next(self._script)
                self._deadline = time.monotonic() + _PATIENCE_S
            elif time.monotonic() > self._deadline:
                raise TimeoutError("the window did not get there")
        except StopIteration:
            self._poll.stop()
        except Exception:  # noqa: BLE001 - a slot's error would be passed over
            traceback.print_exc()
            os._exit(1)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.UpdateRequest and self._paint_due:
            QTimer.singleShot(0, self._note_painted)  # when all that was changed is painted
        return False

    def _note_painted(self) -> None:
        if self._paint_due:
            self._paint_due = False
            self._to_paint_ms.append((time.perf_counter() - self._pressed_s) * 1e3)

    def _note_saved(self) -> None:
        if self._save_due and not self._space.labels.n_pending:
            self._save_due = False
            self._to_saved_ms.append((time.perf_counter() - self._pressed_s) * 1e3)

    # -- what a person does ----------------------------------------------------------------
    def _review(self) -> Iterator[_Is]:
        space = self._space
        yield lambda: self._app.views.review.isVisible() and space.scores.shown is not None
        self._press("N")
        yield self._is_quiet
        self._labels, self._status = space.labels.labels.copy(), space.labels.status.copy()
        _tell("deciding")
        self._ticker.begin()
        number, before_mb = 0, (0.0, 0.0, 0.0)
        while self._n_decisions < N_DECISIONS:
            number += 1
            if not any(before_mb) and self._n_decisions >= WARM_AFTER:
                yield self._is_idle
                before_mb = self._memory_mb()
            yield from self._something(number)
        longest_ms = self._ticker.longest_ms
        yield self._is_idle
        own, cached, mapped = (
            now - then for now, then in zip(self._memory_mb(), before_mb, strict=True)
        )
        np.savez(self._kept, labels=self._labels, status=self._status)
        _tell(
            json.dumps(
                {
                    "decisions": self._n_decisions,
                    "longest_stall_ms": longest_ms,
                    "p95_key_to_paint_ms": percentile(self._to_paint_ms, 0.95),
                    "p95_key_to_saved_ms": percentile(self._to_saved_ms, 0.95),
                    "memory_growth_mb": own,
                    "cache_growth_mb": cached,
                    "mapped_growth_mb": mapped,
                    "trained_throughout": space.training.is_running,
                }
            )
        )

    def _memory_mb(self) -> tuple[float, float, float]:
        """All of its own, the images among it, and mapped files."""
        images = self._app.jobs.thumbnails  # nobody else has to know how many bytes it keeps
        own = own_mb()
        return own, (images._n_bytes + images._n_full_bytes) / 1e6, rss_mb() - own

    def _something(self, number: int) -> Iterator[_Is]:
        """The next thing: mostly a decision, now and then another look or a step back."""
        order, chance = self._space.order, self._chance
        if number % 40 == 20:
            order.filter_by(self._some_filters())
            yield self._is_quiet
            if not len(order.rows):
                order.filter_by(Filters())
                yield self._is_quiet
        if number % 11 == 0:
            bar = self._app.views.grid.verticalScrollBar()
            bar.setValue(chance.randint(0, bar.maximum()))
            yield self._rested()
        if number % 7 == 0:
            self._press(chance.choice(("Right", "Down", "Left", "PgDown", "D", "Home")))
            yield self._rested()
        if number % 100 == 60:
            yield from self._decide_on_a_group()
        elif number % 100 == 80:
            self._press(chance.choice(("Return", "G")))  # one large image, or the grid again
            yield self._rested()
        elif number % 25 == 5:
            yield from self._undo()
        else:
            if number % 20 == 10:
                self._press("Shift+Down")
                self._press("Shift+Right")
            yield from self._decide(chance.choice("QQWWER1234567890U"))

    def _some_filters(self) -> Filters:
        code, low = self._chance.randrange(N_CLASSES), self._chance.random() / 2
        return self._chance.choice(
            (
                Filters(),
                Filters(classes=frozenset({code})),
                Filters(ranges={"confidence": (low, low + 0.4)}),
                Filters(query=f"given != predicted or suspicion > {low:.3f}"),
                Filters(statuses=frozenset({Status.PENDING})),
            )
        )

    def _decide_on_a_group(self) -> Iterator[_Is]:
        self._press("G")
        self._space.order.group_by("class")
        yield self._is_quiet
        self._press("Ctrl+Shift+A")
        yield from self._decide(self._chance.choice("R12"))
        yield self._rested()
        yield from self._undo()
        self._space.order.group_by("")
        yield self._is_quiet

    def _decide(self, key: str) -> Iterator[_Is]:
        labels, ids = self._space.labels, self._space.selection.targets()
        suggested = self._space.scores.seen(ids).suggested
        before = labels.n_decisions
        self._press(key, measured=True)
        if labels.n_decisions == before:  # no suggestion to accept, or nothing to act on
            self._paint_due = self._save_due = False
            yield self._rested()
            return
        self._n_decisions += 1
        if key == "W":
            ids, suggested = ids[suggested != UNLABELLED], suggested[suggested != UNLABELLED]
        self._before.append((ids, self._labels[ids], self._status[ids]))
        self._expect(key, ids, suggested)
        yield self._has_answered
        yield self._rested()

    def _expect(self, key: str, ids: SampleIds, suggested: np.ndarray) -> None:
        given = self._space.labels.given[ids]
        if key == "E":
            self._status[ids] = Status.EXCLUDED
        elif key == "R":
            self._status[ids] = Status.SECOND_LOOK
        elif key in "QU":
            self._labels[ids] = given
            self._status[ids] = Status.KEPT if key == "Q" else Status.PENDING
        else:
            chosen = suggested if key == "W" else np.full(len(ids), int(key))
            self._labels[ids] = chosen
            self._status[ids] = np.where(chosen == given, Status.KEPT, Status.CHANGED)

    def _undo(self) -> Iterator[_Is]:
        if self._before:
            ids, labels, status = self._before.pop()
            self._labels[ids], self._status[ids] = labels, status
            self._press("Ctrl+Z", measured=True)
            yield self._has_answered
            yield self._rested()

    def _press(self, keys: str, *, measured: bool = False) -> None:
        target = QApplication.focusWidget() or self._app.window
        self._pressed_s, self._paint_due, self._save_due = time.perf_counter(), measured, measured
        type_keys(target, keys)

    def _has_answered(self) -> bool:
        return not (self._paint_due or self._save_due)

    def _is_quiet(self) -> bool:
        return self._app.jobs.arranger.is_idle and not self._space.labels.n_pending

    def _is_idle(self) -> bool:
        """No work is under way that takes memory for as long as it lasts."""
        return self._is_quiet() and self._app.jobs.learner.is_idle

    def _rested(self) -> _Is:
        until = time.perf_counter() + _HAND_S
        return lambda: time.perf_counter() >= until


def _decide(source: str, kept: Path) -> None:
    """Until the process is killed."""
    qt = QApplication([])
    with tempfile.TemporaryDirectory() as folder:
        app = Application(qt, Settings(train_on_opening=True), Path(folder, "settings.json"))
        WindowFirst(app.desk)
        app.window.resize(1280, 800)
        app.window.show()
        app.open_paths([source])
        reviewer = Reviewer(app, qt, kept)
        assert reviewer.parent() is None
        qt.exec()


def _restart(source: str, kept: Path) -> None:
    class Looker(Driver):
        def is_as(self, labels: np.ndarray, status: np.ndarray) -> bool:
            now = self._app.space.labels
            return np.array_equal(now.labels, labels) and np.array_equal(now.status, status)

    with window_for(Looker) as looker:
        looker.open([source])
        _tell("painted")
        with np.load(kept) as expected:
            _tell(json.dumps(looker.is_as(expected["labels"], expected["status"])))


def _idle() -> None:
    """Each line on stdin begins anew; says how long the longest gap was when it closes."""
    qt = QCoreApplication([])
    ticker = Ticker()
    ticker.begin()
    notifier = QSocketNotifier(sys.stdin.fileno(), QSocketNotifier.Type.Read)

    def hear() -> None:
        if os.read(sys.stdin.fileno(), 100):
            ticker.begin()
        else:
            notifier.setEnabled(False)
            _tell(json.dumps(ticker.longest_ms))
            qt.quit()

    notifier.activated.connect(hear)
    qt.exec()


def _tell(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    match sys.argv[1:]:
        case ["idle"]:
            _idle()
        case ["decide", source, kept]:
            _decide(source, Path(kept))
        case ["restart", source, kept]:
            _restart(source, Path(kept))
