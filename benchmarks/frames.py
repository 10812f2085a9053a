"""Scrolling: whole frames, from the event to the painted screen, and while training runs."""

from __future__ import annotations

import os
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from itertools import cycle
from pathlib import Path

import numpy as np
import shiboken6
from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QAbstractSlider, QApplication

from benchmarks.report import Row
from benchmarks.timing import compared, percentile
from models.opening import open_review, request_for
from models.processes.child import Controls
from models.processes.reading import ReaderClient
from models.processes.training import TrainRequest, train
from models.review.classes import ClassList
from models.types import DatasetInfo, Evidence, LabelVector, TrainingProgress
from qtapp.commands.registry import Registry
from qtapp.jobs.thumbnails import Thumbnails
from qtapp.state.scores import ScoreSet
from qtapp.state.workspace import Workspace
from qtapp.views.grid.headers import GroupHeaders
from qtapp.views.grid.item_model import TileItemModel
from qtapp.views.grid.view import GridView
from qtapp.views.theme import Theme

MANY, FEW = 1_000_000, 1_000
PAGED = 60_000
PAGES_HELD, FRAMES_A_PAGE = 100, 2  # as fast as a keyboard repeats
ROUNDS = 7
N_CLASSES = 10
SIZE = (1280, 800)
FRAME_S = 1 / 60
STEPS, PAGES, JUMPS = 60, 15, 20  # few enough that 1,000 tiles do not end
_PATIENCE_S = 30.0
_TRAINER_PATIENCE_S = 180.0  # it imports torch and reads the images first
_BUSY = ("first look", "training")
_TRAINED_ON = 20_000


def measure() -> list[Row]:
    """The figures of issue 2, section 7."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    existing = QApplication.instance()
    qt = existing if isinstance(existing, QApplication) else QApplication([])
    theme = Theme("light")
    theme.apply(qt)
    with tempfile.TemporaryDirectory() as folder, _shown(Path(folder), MANY, theme) as many:
        with _shown(Path(folder), FEW, theme) as few:
            what = f"{MANY:,} tiles against {FEW:,}"
            rows = _compare(what, lambda: _in_turn(many, few), 1.15, 1.3)
        with _shown(Path(folder), PAGED, theme) as paged:
            what = f"{PAGED:,} tiles, PgDn held: a tile stays blank for at most"
            rows.append(Row.value_of(what, paged.most_blank_frames(), "frames", at_most=2))
        with _training(Path(folder)) as training:
            rows += _while_training(many, training)
    return rows


class Scroller(QObject):
    """One grid, and a script of what a person does with it."""

    def __init__(self, grid: GridView, space: Workspace, thumbnails: Thumbnails) -> None:
        super().__init__()
        self._grid, self._space, self._thumbnails = grid, space, thumbnails
        self._painted = False
        grid.viewport().installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        self._painted = self._painted or event.type() == QEvent.Type.Paint
        return False

    def frames_ms(self) -> Iterator[float]:
        """Steps, pages and jumps; each begins when the screen is complete."""
        bar = self._grid.verticalScrollBar()
        page = QAbstractSlider.SliderAction.SliderPageStepAdd
        jumps = np.random.default_rng(0).permutation(JUMPS) / JUMPS
        bar.setValue(0)
        for _ in range(STEPS):
            yield self._frame_ms(self._notch)
        bar.setValue(0)
        for _ in range(PAGES):
            yield self._frame_ms(partial(bar.triggerAction, page))
        for share in jumps.tolist():
            yield self._frame_ms(partial(bar.setValue, int(share * bar.maximum()) + 1))

    def most_blank_frames(self) -> int:
        """For how many frames one after another a tile in sight had no image, at most."""
        bar = self._grid.verticalScrollBar()
        self._settle()
        blank, most = dict[int, int](), 0
        for frame in range(PAGES_HELD * FRAMES_A_PAGE):
            until = time.perf_counter() + FRAME_S
            if frame % FRAMES_A_PAGE == 0:
                bar.triggerAction(QAbstractSlider.SliderAction.SliderPageStepAdd)
            self._grid.viewport().repaint()
            rows = self._space.order.rows[slice(*self._space.view.visible_rows)].tolist()
            blank = {i: blank.get(i, 0) + 1 for i in rows if self._thumbnails.image(i) is None}
            most = max(most, *blank.values(), 0)
            QApplication.processEvents()
            while time.perf_counter() < until:
                time.sleep(0.001)
                QApplication.processEvents()
        return most

    def _frame_ms(self, act: Callable[[], object]) -> float:
        self._settle()
        time.sleep(FRAME_S)  # a hand and a screen leave the processor to others in between
        self._painted = False
        begun = time.perf_counter()
        act()
        while not self._painted:
            QApplication.processEvents()
            if time.perf_counter() - begun > _PATIENCE_S:
                raise TimeoutError("nothing was painted")
        return (time.perf_counter() - begun) * 1e3

    def _settle(self) -> None:
        """Wait until every image on the screen is here and drawn."""
        until = time.monotonic() + _PATIENCE_S
        rows = self._space.order.rows[slice(*self._space.view.visible_rows)].tolist()
        while any(self._thumbnails.image(i) is None for i in rows):
            QApplication.processEvents()
            if time.monotonic() > until:
                raise TimeoutError("thumbnails do not arrive")
        QApplication.processEvents()

    def _notch(self) -> None:
        at = QPointF(200, 200)
        event = QWheelEvent(
            at, QPointF(self._grid.viewport().mapToGlobal(at.toPoint())), QPoint(),
            QPoint(0, -120), Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(self._grid.viewport(), event)


@contextmanager
def _shown(folder: Path, n: int, theme: Theme) -> Iterator[Scroller]:
    """A grid of `n` scored images, on the screen, reading from a real child."""
    path = folder / f"{n}.npy"
    rng = np.random.default_rng(n)
    pixels = np.lib.format.open_memmap(path, mode="w+", dtype=np.uint8, shape=(n, 28, 28))
    for start in range(0, n, 50_000):
        part = pixels[start : start + 50_000]
        part[:] = rng.integers(0, 256, part.shape, np.uint8)
    del pixels
    owner = QObject()
    space, thumbnails, registry = Workspace(owner), Thumbnails(owner), Registry(owner)
    client = ReaderClient()
    opened = client.open(request_for([path]))
    _fill(space, DatasetInfo.from_message(opened.info), rng)
    thumbnails.attach(client)
    tiles = TileItemModel(space.labels, space.scores, space.order, space.view, thumbnails, owner)
    headers = GroupHeaders(space.session, space.labels, space.order, space.view, theme, owner)
    grid = GridView(tiles, headers, space.selection, space.view, thumbnails, registry, theme)
    grid.resize(*SIZE)
    grid.show()
    try:
        yield Scroller(grid, space, thumbnails)
    finally:
        thumbnails.close()
        client.close()
        shiboken6.delete(grid)  # before what it shows, which ends with its owner


def _fill(space: Workspace, info: DatasetInfo, rng: np.random.Generator) -> None:
    """Labels and scores for every image, in shuffled order."""
    n = info.n
    given = rng.integers(0, N_CLASSES, n).astype(np.int32)
    names = tuple(f"class {code}" for code in range(N_CLASSES))
    space.labels.load(given, given.copy(), np.zeros(n, np.uint8), ClassList.of(names), 1, 0)
    space.selection.reset(n)
    space.scores.show(random_scores(given, N_CLASSES, rng))
    space.session.open(info, "")
    space.order.reset(n)
    space.order.accept(rng.permutation(n), n)


def random_scores(labels: LabelVector, n_classes: int, rng: np.random.Generator) -> ScoreSet:
    """Scores as a run leaves them, without the run."""
    n = len(labels)
    kinds = ("suspicion", "loss", "confidence", "margin", "anomaly")
    predicted = rng.integers(0, n_classes, n).astype(np.int32)
    return ScoreSet(
        run=1,
        epoch=1,
        values={kind: rng.random(n).astype(np.float32) for kind in kinds},
        predicted=predicted,
        suggested=predicted,
        labels=labels,
        held_out=np.zeros(n, bool),
        probabilities=np.broadcast_to(np.float32(1 / n_classes), (n, n_classes)),
        transition=np.eye(n_classes, dtype=np.float32),
        prior=np.full((n_classes, n_classes), 1 / n_classes, np.float32),
        evidence=Evidence.none(n),
    )


class TrainingInChild:
    """The product's trainer at full speed in its child; it can be paused."""

    def __init__(self, request: TrainRequest) -> None:
        self._request, self._controls = request, Controls()
        self._phase, self._error = "", ""
        self._news = threading.Condition()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="training")

    def start(self) -> None:
        self._thread.start()
        self._wait_for(*_BUSY)

    def pause(self) -> None:
        self._controls.send("pause")
        self._wait_for("paused")

    def resume(self) -> None:
        self._controls.send("resume")
        self._wait_for(*_BUSY)

    def stop(self) -> None:
        self._stopping = True
        self._thread.join()

    def _run(self) -> None:
        try:
            for event in train(self._request, self._controls):
                if self._stopping:
                    return
                if isinstance(event, TrainingProgress):
                    self._set(event.phase)
            self._set("ended")
        except Exception as error:  # noqa: BLE001 - told by whoever waits
            self._error = str(error)
            self._set("ended")

    def _set(self, phase: str) -> None:
        with self._news:
            self._phase = phase
            self._news.notify_all()

    def _wait_for(self, *phases: str) -> None:
        with self._news:
            self._news.wait_for(lambda: self._phase in (*phases, "ended"), _TRAINER_PATIENCE_S)
        if self._phase not in phases:
            raise RuntimeError(self._error or f"training did not reach {phases[-1]!r}")


@contextmanager
def _training(folder: Path) -> Iterator[TrainingInChild]:
    path = folder / "trained_on.npz"
    rng = np.random.default_rng(0)
    labels = rng.integers(0, N_CLASSES, _TRAINED_ON)
    images = rng.integers(0, 64, (_TRAINED_ON, 28, 28), np.uint8) + (labels * 16)[:, None, None]
    np.savez(path, images=images.astype(np.uint8), labels=labels)
    with closing(open_review(request_for([path]))) as review:
        request = TrainRequest(
            project=review.project.path,
            source=review.info.request,
            labels=review.labelling.labels,
            included=np.ones(_TRAINED_ON, bool),
            class_names=review.info.class_names,
            config={"epochs": 1000},
        )
        training = TrainingInChild(request)
        try:
            training.start()
            yield training
        finally:
            training.stop()


def _while_training(many: Scroller, training: TrainingInChild) -> list[Row]:
    """Rounds while it trains and while it is paused, taking turns at going first."""
    goes_first = cycle((True, False))

    def one_round() -> tuple[list[float], list[float]]:
        frames: dict[bool, list[float]] = {}
        first = next(goes_first)
        for trains in (first, not first):
            if trains:
                training.resume()
            else:
                training.pause()
            frames[trains] = list(many.frames_ms())
        training.pause()
        return frames[True], frames[False]

    training.pause()
    return _compare(f"{MANY:,} tiles while training runs, against idle", one_round, None, 1.5)


def _in_turn(a: Scroller, b: Scroller) -> tuple[list[float], list[float]]:
    """One round, frame against frame, so that a busy machine slows both alike."""
    frames_a, frames_b = zip(*zip(a.frames_ms(), b.frames_ms(), strict=True), strict=True)
    return list(frames_a), list(frames_b)


def _compare(
    what: str,
    one_round: Callable[[], tuple[list[float], list[float]]],
    p50: float | None,
    p95: float,
) -> list[Row]:
    """Each round gives one p50 and one p95 of each side."""
    one_round()  # fills caches and loads code
    rounds = [one_round() for _ in range(ROUNDS)]
    return [
        Row.ratio_of(
            f"{what}, {name} of a frame",
            compared(
                [percentile(a, share) for a, _ in rounds],
                [percentile(b, share) for _, b in rounds],
            ),
            "ms",
            at_most=at_most,
        )
        for name, share, at_most in (("p50", 0.5, p50), ("p95", 0.95, p95))
    ]
