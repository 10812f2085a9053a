"""The order as a list of tiles, and what a screen reader says of each."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QImage

from models.review.decisions import Status
from models.review.ordering import SIMILAR, sorted_by
from models.types import UNLABELLED, SampleIds
from qtapp.jobs.thumbnails import Thumbnails
from qtapp.state.labels import LabelState
from qtapp.state.ordering import NOT_SHOWN, OrderState
from qtapp.state.scores import ScoreState
from qtapp.state.selection import NOTHING
from qtapp.state.view import ViewState
from qtapp.views.parts import plain_tip

AnyIndex = QModelIndex | QPersistentModelIndex
NO_INDEX = QModelIndex()

_TOLD_ONE_BY_ONE = 256  # more changed samples than these are told as "all of it"
_TWO_DIGITS = frozenset({"loss", "anomaly"})  # scores without an upper end


@dataclass(frozen=True, slots=True)
class Tile:
    """What one tile says. Figures are NaN where there are none, or while they are hidden."""

    image: QImage | str | None  # str: why it cannot be read; None: not here yet
    predicted: int
    given: int
    label: int
    status: Status
    loss: float
    probability: float
    value: str  # what it is sorted by


class TileItemModel(QAbstractListModel):
    """A row of the list is a row of the order; which line it lies on is the view's business."""

    def __init__(
        self,
        labels: LabelState,
        scores: ScoreState,
        order: OrderState,
        view: ViewState,
        thumbnails: Thumbnails,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._labels, self._scores, self._order = labels, scores, order
        self._view, self._thumbnails = view, thumbnails
        order.changed.connect(self._reset)
        labels.changed.connect(self._announce)
        labels.classes_changed.connect(self._announce_all)
        scores.changed.connect(self._announce_all)
        scores.updated.connect(self._announce)
        scores.taught.connect(self._announce_all)
        thumbnails.arrived.connect(self._announce)

    def rowCount(self, parent: AnyIndex = NO_INDEX) -> int:
        return 0 if parent.isValid() else len(self._order.rows)

    @property
    def order(self) -> OrderState:
        return self._order

    @property
    def n_samples(self) -> int:
        """How many samples are shown."""
        return len(self._order.rows)

    def samples(self, first_row: int, past_last_row: int) -> SampleIds:
        """The samples of some rows of the order."""
        return self._order.rows[max(first_row, 0) : max(past_last_row, 0)]

    def row_of(self, sample_id: int) -> int:
        """The row of a sample in the order, or NOT_SHOWN."""
        return self._order.row_of(sample_id)

    def sample_at(self, index: AnyIndex) -> int:
        """The sample shown at an index, or NOTHING."""
        row = index.row() if index.isValid() else NOT_SHOWN
        return int(self._order.rows[row]) if 0 <= row < len(self._order.rows) else NOTHING

    def index_of(self, sample_id: int) -> QModelIndex:
        """Where a sample is shown; an invalid index if it is not."""
        row = self._order.row_of(sample_id)
        return QModelIndex() if row == NOT_SHOWN else self.index(row)

    def flags(self, index: AnyIndex) -> Qt.ItemFlag:
        if self.sample_at(index) == NOTHING:
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemNeverHasChildren

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        sample_id = self.sample_at(index)
        if sample_id == NOTHING:
            return None
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return self.description(sample_id)
        if role == Qt.ItemDataRole.ToolTipRole:
            problem = self._thumbnails.image(sample_id)
            said = problem if isinstance(problem, str) else self.description(sample_id)
            return plain_tip(said)
        return None

    def tile(self, sample_id: int) -> Tile:
        """Everything about a sample that its tile shows."""
        labels = self._labels
        predicted, loss, probability, value = UNLABELLED, math.nan, math.nan, ""
        hidden = self._view.predictions_hidden
        shown = None if hidden else self._scores.shown_of(sample_id)
        if shown is not None:
            predicted = self._scores.predicted_of(sample_id)
            loss = float(shown.values["loss"][sample_id])
            probability = float(shown.values["confidence"][sample_id])
            value = self._value(sorted_by(self._order.wanted.sort_by, shown.values), sample_id)
        return Tile(
            self._thumbnails.image(sample_id),
            predicted,
            int(labels.given[sample_id]),
            int(labels.labels[sample_id]),
            Status(labels.status[sample_id]),
            loss,
            probability,
            value,
        )

    def class_name(self, label: int) -> str:
        return self._labels.class_name(label)

    def description(self, sample_id: int) -> str:
        """A tile in words: "predicted Coat, given Shirt, loss 2.10, ..."."""
        tile = self.tile(sample_id)
        parts = []
        if tile.predicted != UNLABELLED:
            name = self.class_name(tile.predicted)
            parts.append(self.tr("predicted {name}").format(name=name))
        if tile.given == UNLABELLED:
            parts.append(self.tr("no given label"))
        else:
            parts.append(self.tr("given {name}").format(name=self.class_name(tile.given)))
        if not math.isnan(tile.loss):
            parts.append(self.tr("loss {loss:.2f}").format(loss=tile.loss))
        if not math.isnan(tile.probability):
            parts.append(self.tr("probability {p:.2f}").format(p=tile.probability))
        if tile.status is not Status.PENDING:
            parts.append(self._state(tile))
        return ", ".join(parts)

    def _state(self, tile: Tile) -> str:
        if tile.status is Status.CHANGED:
            return self.tr("changed to {name}").format(name=self.class_name(tile.label))
        return {
            Status.KEPT: self.tr("kept"),
            Status.EXCLUDED: self.tr("excluded"),
            Status.SECOND_LOOK: self.tr("second look"),
        }[tile.status]

    def _value(self, score: str, sample_id: int) -> str:
        values = self._order.distance if score == SIMILAR else self._scores.values.get(score)
        if values is None or math.isnan(value := float(values[sample_id])):
            return ""
        return f"{value:.2f}" if score in _TWO_DIGITS else f"{value:.3f}"

    def _reset(self) -> None:
        self.beginResetModel()
        self.endResetModel()

    def _announce(self, sample_ids: SampleIds) -> None:
        if len(sample_ids) > _TOLD_ONE_BY_ONE:
            self._announce_all()
            return
        for sample_id in sample_ids.tolist():
            index = self.index_of(sample_id)
            if index.isValid():
                self.dataChanged.emit(index, index)

    def _announce_all(self) -> None:
        last = self.index(self.rowCount() - 1)
        if last.isValid():
            self.dataChanged.emit(self.index(0), last)
