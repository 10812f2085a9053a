"""Lays a few images side by side: those selected, or one and its nearest neighbours."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QObject, Signal

from models.types import SampleIds
from qtapp.state.neighbours import NeighbourState
from qtapp.state.ordering import NOT_SHOWN, OrderState
from qtapp.state.scores import ScoreState
from qtapp.state.selection import NOTHING, SelectionState
from qtapp.state.view import COMPARE, GRID, ViewState

MOST = 9
BESIDE_ONE = 5  # neighbours: with the image itself two lines of three


class Comparing(QObject):
    """Begins and ends comparing. What keys act on meanwhile is up to InSight."""

    idle = Signal(str)  # why there is nothing to compare, and what to do

    def __init__(
        self,
        scores: ScoreState,
        selection: SelectionState,
        order: OrderState,
        neighbours: NeighbourState,
        view: ViewState,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._scores, self._selection, self._order = scores, selection, order
        self._neighbours, self._view = neighbours, view

    def compare(self) -> None:
        """Compare what a key would act on; a second time, go back to the grid."""
        if self._view.mode == COMPARE:
            self._view.set_mode(GRID)
            return
        targets = self._selection.targets()
        if len(targets) > MOST:
            many = self.tr("{n:,} images are selected: select {least} to {most} to compare them")
            self.idle.emit(many.format(n=len(targets), least=2, most=MOST))
            return
        images = self._with_neighbours(targets) if len(targets) == 1 else self._in_order(targets)
        if len(images) < 2:
            self.idle.emit(self._why_nothing(targets))
            return
        current = self._selection.current
        self._view.compare(images)
        self._selection.set_current(current if current in images else images[0])

    def find_similar(self) -> None:
        """Put the images that look most like the current one first."""
        current = self._selection.current
        if current == NOTHING:
            self.idle.emit(self.tr("Choose an image first"))
        elif self._scores.shown_of(current) is None:
            self.idle.emit(self._why_blind())
        else:
            self._view.set_mode(GRID)
            self._order.sort_by_likeness(current)

    def _with_neighbours(self, target: SampleIds) -> tuple[int, ...]:
        sample_id = int(target[0])
        self._selection.set_current(sample_id)
        known = self._neighbours.of(sample_id)
        beside = [] if known is None else known.nearest.sample_ids[:BESIDE_ONE].tolist()
        return (sample_id, *beside)

    def _in_order(self, targets: SampleIds) -> tuple[int, ...]:
        """As they are seen in the grid; what is not shown there comes last."""
        rows = [self._order.row_of(int(i)) for i in targets]
        last = len(self._order.rows)
        places = np.argsort([last if row == NOT_SHOWN else row for row in rows], kind="stable")
        return tuple(targets[places].tolist())

    def _why_nothing(self, targets: SampleIds) -> str:
        if len(targets) and self._scores.shown is not None:
            if self._scores.shown_of(int(targets[0])) is None:
                return self._why_blind()
            return self.tr("Its neighbours are not known yet: select 2 to 9 images to compare")
        return self.tr("Select 2 to 9 images to compare them side by side")

    def _why_blind(self) -> str:
        return self.tr("A random audit image is judged without its neighbours")
