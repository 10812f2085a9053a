"""How many images each class has, by the labels now or as given; a click leads to them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QHideEvent, QPaintEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from models.review.balance import balance, given_query
from models.review.ordering import Filters
from models.types import UNLABELLED
from qtapp.state.balance import BalanceState
from qtapp.state.labels import LabelState
from qtapp.state.ordering import OrderState
from qtapp.state.session import SessionState
from qtapp.state.view import GRID, ViewState
from qtapp.views import theme as look
from qtapp.views.data.class_table import ClassTable
from qtapp.views.data.wording import tr, value_text
from qtapp.views.parts import say
from qtapp.views.theme import Theme

_EVEN = 1.15  # the largest class has at most so many times the images of the smallest


class BalancePanel(QWidget):
    """Shows a BalanceState, in a dock and on the data page."""

    def __init__(
        self,
        session: SessionState,
        labels: LabelState,
        order: OrderState,
        view: ViewState,
        state: BalanceState,
        theme: Theme,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._session, self._labels = session, labels
        self._order, self._view, self._state = order, view, state
        self.setProperty("panel", True)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setContentsMargins(look.space_3, look.space_2, look.space_3, look.space_2)
        self.of_labels, self.said, self.table = QComboBox(), QLabel(), ClassTable(theme)
        self.nothing = QLabel(
            tr("No image has a label yet. Select images in the grid and set a class.")
        )
        self._lay_out()
        self.table.chosen.connect(self._filter)
        self.of_labels.activated.connect(self._redraw)
        state.changed.connect(self._redraw)
        theme.changed.connect(self._redraw)  # the names may be wider now
        self._redraw()

    def _lay_out(self) -> None:
        self.of_labels.addItems([tr("Labels now"), tr("Given labels")])
        self.of_labels.setAccessibleName(tr("Which labels are counted"))
        self.of_labels.setToolTip(tr("A small mark on each bar shows the other count"))
        self.of_labels.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        for label in (self.said, self.nothing):
            label.setProperty("role", "muted")
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setWordWrap(True)
        above = QHBoxLayout()
        above.setSpacing(look.space_3)
        above.addWidget(self.said, 1)
        above.addWidget(self.of_labels, 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(look.space_2)
        column.addLayout(above)
        column.addWidget(self.nothing)
        column.addWidget(self.table, 1)

    # -- whether somebody looks ------------------------------------------------------------
    def paintEvent(self, event: QPaintEvent) -> None:
        """Behind another tab of the dock nothing is painted, and nothing need be counted."""
        super().paintEvent(event)
        self._state.watch(self, True)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._state.watch(self, False)

    # -- showing ---------------------------------------------------------------------------
    @property
    def _are_given(self) -> bool:
        return self.of_labels.currentIndex() == 1

    def _redraw(self) -> None:
        counts, info = self._state.counts, self._session.info
        if self.visibleRegion().isEmpty():
            self._state.watch(self, False)
        if counts is None or info is None:
            return
        shown, other = (counts.given, counts.now) if self._are_given else (counts.now, counts.given)
        names = [
            tr("no label") if code == UNLABELLED else self._labels.class_name(code)
            for code in counts.codes
        ]
        other_name = tr("now") if self._are_given else tr("given")
        self.table.set_counts(names, list(info.splits), shown.T, other.T, other_name)
        classes = [at for at, code in enumerate(counts.codes) if code != UNLABELLED]
        totals = shown.sum(axis=0)[classes]
        say(self.said, _balance_text([names[at] for at in classes], totals))
        has_labels = bool(totals.any())
        self.table.setVisible(has_labels)
        self.nothing.setVisible(not has_labels)

    # -- the way to the images -------------------------------------------------------------
    def _filter(self, place: int, split: int) -> None:
        """Show the images that a bar counts; once more, and all are shown again."""
        counts, info = self._state.counts, self._session.info
        if counts is None or info is None:
            return
        code, splits = counts.codes[place], list(info.splits)
        if self._are_given:
            name = splits[split] if split >= 0 else None
            filters = Filters(query=given_query(code, name, self._labels.classes))
        else:
            one = frozenset([split]) if split >= 0 else frozenset[int]()
            filters = Filters(classes=frozenset([code]), splits=one)
        is_back = self._view.mode == GRID and filters == self._order.wanted.filters
        self._order.filter_by(Filters() if is_back else filters)
        self._view.set_mode(GRID)


def _balance_text(names: Sequence[str], totals: NDArray[np.int64]) -> str:
    found = balance(totals)
    if found is None or len(names) < 2:
        return ""
    if found.ratio == 1:
        return tr("All classes have {n:,} images each.").format(n=int(totals.max()))
    if found.ratio <= _EVEN:
        return tr("The classes are about even, with {least:,} to {most:,} images.").format(
            least=int(totals[found.smallest]), most=int(totals[found.largest])
        )
    return tr("“{large}” has {ratio} times as many images as “{small}” ({least:,}).").format(
        large=names[found.largest],
        ratio=value_text(round(found.ratio, 1)),
        small=names[found.smallest],
        least=int(totals[found.smallest]),
    )
