"""Looks around in one window as a person does, and times each look until it is painted.

python -m benchmarks.views_window look|ready SOURCE...     for benchmarks.views
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from benchmarks.timing import percentile
from benchmarks.window import Driver, Figures, type_keys, window_for
from models.review.confusion import MatrixAsked
from models.review.ordering import Filters
from qtapp.app import Application

ROUNDS, SLOW_ROUNDS = 60, 20  # of 60 the p95 is not just the slowest
READY = "ready"
CLASS, RANGE, QUERY, SORT = "filter by class", "filter by score", "filter by query", "sort"
GROUP, SELECT_ALL = "group by class or pair", "select all"
RELABEL_ALL, UNDO_ALL = "relabel all", "undo of all"
MATRIX, PAN, LASSO = "confusion matrix from scratch", "map, pan", "map, lasso"
KEPT, SEARCHED = "neighbours of another image, kept by the run", "neighbours, looked for among all"
FIRST_LOOKS = {  # by the command that shows each
    "look.values": "value plots",
    "look.balance": "class balance",
    "look.audit": "audit",
    "look.matrix": "confusion matrix",
    "look.map": "map",
    "look.bias": "bias view",
    "look.data": "data page",
}

_ORDERS = ("loss", "confidence", "margin", "anomaly", "suspicion")
_CORNERS = 60  # of a lasso
_REST_S = 0.05  # a person takes longer
_Look = tuple[Callable[[], object], Callable[[], bool]]  # what is done, and whether it shows


class Looker(Driver):
    """Does one thing after another; each begins when nothing is under way any more."""

    def __init__(self, app: Application) -> None:
        super().__init__(app)
        self._rng = np.random.default_rng(0)
        self.space, self._grid = app.space, app.views.grid
        self._canvas = app.panels.map.canvas

    def figures(self) -> Figures:
        """Of each kind of look `name/p95`, `/fastest`, `/slowest` in ms, and its longest stall."""
        found: Figures = {}
        for name, looks in self._kinds():
            took, stalls = [], []
            for act, shows in looks:
                shown_ms, stall_ms = self._timed(act, shows)
                took.append(shown_ms)
                stalls.append(stall_ms)
            found |= {f"{name}/p95": percentile(took, 0.95), f"{name}/stall": max(stalls)}
            found |= {f"{name}/fastest": min(took), f"{name}/slowest": max(took)}
        return found

    def _timed(self, act: Callable[[], object], shows: Callable[[], bool]) -> tuple[float, float]:
        """Until it is painted, and the longest time that no key would have been heard; in ms."""
        self._until(lambda: self._is_quiet() and self._is_painted())
        time.sleep(_REST_S)
        began = time.perf_counter()
        longest = _took(act)
        while not (shows() and self._is_painted()):
            longest = max(longest, _took(QApplication.processEvents))
            time.sleep(0.0005)
            if time.perf_counter() - began > 60:
                raise TimeoutError("the window does not show it")
        longest = max(longest, _took(QApplication.processEvents), _took(self._repaint_grid))
        shown_ms = (time.perf_counter() - began) * 1e3
        while not self._is_quiet():  # what follows a little later may keep a person waiting too
            longest = max(longest, _took(QApplication.processEvents))
            time.sleep(0.0005)
        return shown_ms, longest * 1e3

    def _press(self, keys: str) -> None:
        type_keys(self._grid, keys)

    def _repaint_grid(self) -> None:
        self._grid.viewport().repaint()

    def _is_quiet(self) -> bool:
        jobs = self._app.jobs
        idle = jobs.arranger.is_idle and jobs.neighbours.is_idle and jobs.counter.is_idle
        drawn = jobs.map_pictures.is_idle or not self._canvas.isVisible()
        return idle and drawn and not self.space.labels.n_pending

    # -- what is looked at ------------------------------------------------------------------
    def _kinds(self) -> Iterator[tuple[str, Iterator[_Look]]]:
        order = self.space.order
        yield CLASS, (self._filter(Filters(classes=frozenset({i % 10}))) for i in range(ROUNDS))
        lows = self._rng.random(ROUNDS) / 2
        yield RANGE, (self._filter(Filters(ranges={"loss": (x, x + 0.4)})) for x in lows.tolist())
        queries = (f"given != predicted and loss > {x:.3f} or margin < 0.2" for x in lows.tolist())
        yield QUERY, (self._filter(Filters(query=query)) for query in queries)
        order.filter_by(Filters())
        yield SORT, (self._ordered(i) for i in range(ROUNDS))
        yield GROUP, (self._grouped(("class", "pair")[i % 2]) for i in range(SLOW_ROUNDS))
        order.group_by("")
        yield SELECT_ALL, (self._selected() for _ in range(ROUNDS))
        yield RELABEL_ALL, (self._relabelled(i) for i in range(SLOW_ROUNDS // 2))
        yield UNDO_ALL, (self._undone() for _ in range(SLOW_ROUNDS // 2))
        self.space.selection.clear()
        yield from map(self._first, ("look.values", "look.balance", "look.audit", "look.matrix"))
        yield MATRIX, (self._counted(i) for i in range(ROUNDS))
        yield self._first("look.map")
        yield PAN, (self._panned(i) for i in range(ROUNDS))
        yield LASSO, (self._caught(i) for i in range(ROUNDS))
        self.space.selection.clear()
        yield KEPT, (self._near(2 * i) for i in self._places(ROUNDS))
        yield SEARCHED, (self._near(2 * i + 1) for i in self._places(SLOW_ROUNDS))
        yield from map(self._first, ("look.bias", "look.data"))  # these look at every image

    def _places(self, how_many: int) -> list[int]:
        n = len(self.space.labels.labels)
        return [int(i) for i in self._rng.integers(0, n // 2, how_many)]

    def _first(self, command: str) -> tuple[str, Iterator[_Look]]:
        """Until what is shown for the first time has something to show."""
        space, show = self.space, self._app.registry.action(command).trigger
        has_something: dict[str, Callable[[], bool]] = {
            "look.values": lambda: space.values.answer is not None,
            "look.balance": lambda: space.balance.counts is not None,
            "look.audit": lambda: True,
            "look.matrix": lambda: space.confusion.matrix is not None,
            "look.map": lambda: space.mapping.shown is not None,
            "look.bias": lambda: space.bias.report is not None,
            "look.data": lambda: space.describing.page is not None,
        }
        return FIRST_LOOKS[command], iter([(show, has_something[command])])

    def _filter(self, filters: Filters) -> _Look:
        return self._new_order(lambda: self.space.order.filter_by(filters))

    def _ordered(self, number: int) -> _Look:
        key = _ORDERS[number % len(_ORDERS)]
        turned = number % 2 == 1
        return self._new_order(lambda: self.space.order.sort_by(key, reverse=turned))

    def _grouped(self, by: str) -> _Look:
        return self._new_order(lambda: self.space.order.group_by(by))

    def _new_order(self, act: Callable[[], object]) -> _Look:
        before = self.space.order.rows
        return act, lambda: self.space.order.rows is not before

    def _selected(self) -> _Look:
        self.space.selection.clear()
        n = len(self.space.labels.labels)
        return lambda: self._press("Ctrl+A"), lambda: self.space.selection.count == n

    def _relabelled(self, number: int) -> _Look:
        code = number % 2 + 3
        n = len(self.space.labels.labels)
        self._until(self._is_quiet)
        self._press("Ctrl+A")
        return lambda: self._press(str(code)), lambda: self.n_with_label(code) == n

    def _undone(self) -> _Look:
        labels = self.space.labels
        decided = labels.n_decisions
        return lambda: self._press("Ctrl+Z"), lambda: labels.n_decisions > decided

    def _counted(self, number: int) -> _Look:
        state = self.space.confusion
        asked = replace(MatrixAsked(), corrected=number % 2 == 0)
        return (
            lambda: state.ask(asked),
            lambda: state.matrix is not None and state.matrix.asked == asked,
        )

    def _panned(self, number: int) -> _Look:
        canvas, pictures = self._canvas, self._app.jobs.map_pictures
        key = Qt.Key.Key_Left if number % 2 else Qt.Key.Key_Right
        before = canvas.picture
        return (
            lambda: QTest.keyClick(canvas, key),
            lambda: canvas.picture is not before and pictures.is_idle,
        )

    def _caught(self, number: int) -> _Look:
        """A line by hand around a part of the map; timed from where the button is let go."""
        canvas, pictures = self._canvas, self._app.jobs.map_pictures
        middle = np.array([canvas.width(), canvas.height()]) / 2
        turns = np.linspace(0, 2 * np.pi, _CORNERS, endpoint=False)
        reach = middle.min() * (0.5 + number / (2 * ROUNDS))
        circle = middle + reach * np.stack([np.cos(turns), np.sin(turns)], axis=1)
        corners = [QPoint(x, y) for x, y in circle.astype(int).tolist()]
        left, before = Qt.MouseButton.LeftButton, self.space.selection.mask
        QTest.mousePress(canvas, left, pos=corners[0])
        for corner in corners[1:]:
            QTest.mouseMove(canvas, corner)
        return (
            lambda: QTest.mouseRelease(canvas, left, pos=corners[-1]),
            lambda: self.space.selection.mask is not before and pictures.is_idle,
        )

    def _near(self, sample_id: int) -> _Look:
        state, thumbnails = self.space.neighbours, self._app.jobs.thumbnails

        def shows() -> bool:
            found = state.of(sample_id)
            if found is None or not found.is_complete:
                return False
            ids = np.concatenate([found.same.sample_ids, found.rivals.sample_ids])
            return all(thumbnails.image(i) is not None for i in ids.tolist())

        return lambda: self.space.selection.set_current(sample_id), shows


def _took(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


if __name__ == "__main__":
    what, *paths = sys.argv[1:]
    with window_for(Looker) as looker:
        looker.open(paths)
        print(READY, flush=True)
        if what == "look":
            looker.wait_for_counts()
            print(json.dumps(looker.figures()))
