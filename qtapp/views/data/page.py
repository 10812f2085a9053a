"""The data page: what the open dataset is made of, and the way to the images behind a figure."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from models.errors import WinnowError
from models.review.balance import in_bar
from models.review.ordering import Filters
from models.review.spelling import spellings
from models.types import UNLABELLED, SampleIds
from qtapp.commands.registry import Registry
from qtapp.state.balance import BalanceState
from qtapp.state.describing import DescribingState
from qtapp.state.labels import LabelState
from qtapp.state.ordering import OrderState
from qtapp.state.selection import SelectionState
from qtapp.state.session import SessionState
from qtapp.state.view import GRID, ViewState
from qtapp.views import theme as look
from qtapp.views.data.balance import BalancePanel
from qtapp.views.data.figures import Figures
from qtapp.views.data.items import ItemsTable, wrong_items
from qtapp.views.data.plots import PLOT_PX, BrightnessPlot, SizePlot
from qtapp.views.data.trouble import SpellingList, Trouble, link
from qtapp.views.data.wording import Page, time_text, tr
from qtapp.views.parts import CommandButton, section
from qtapp.views.theme import Theme

_WIDEST_PX = 1640
_ROWS = 12  # classes in sight at least; the rest is scrolled
_ABOVE_CLASSES_PX = 360
_FEW_CLASSES = 10
_PROGRESS_STEPS = 1_000


class DataPage(QScrollArea):
    """Reads the states; a click filters or selects, and goes back to the grid."""

    stopped = Signal()  # the person does not want to wait
    wanted = Signal()  # all images are to be looked at after all
    merge_wanted = Signal(object, int)  # codes of classes that go away, the one that stays

    def __init__(
        self,
        session: SessionState,
        labels: LabelState,
        describing: DescribingState,
        balance: BalanceState,
        selection: SelectionState,
        order: OrderState,
        view: ViewState,
        registry: Registry,
        theme: Theme,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._session, self._labels, self._describing = session, labels, describing
        self._balance = balance
        self._selection, self._order, self._view = selection, order, view
        self.setObjectName("data")
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._page: Page | None = None  # what is shown
        self.sentence, self.doing = QLabel(), QLabel()
        self.bar = QProgressBar()
        self.figures = Figures()
        self.balance = BalancePanel(session, labels, order, view, balance, theme)
        self.balance.setContentsMargins(0, 0, 0, 0)
        self.sizes, self.brightness = SizePlot(theme), BrightnessPlot(theme)
        self.trouble, self.spellings, self.items = Trouble(theme), SpellingList(theme), ItemsTable()
        self._back = CommandButton(registry, "look.grid", theme, text=tr("Back to the grid"))
        self._lay_out()
        self._connect(theme)

    # -- building ------------------------------------------------------------------------
    def _lay_out(self) -> None:
        title = QLabel(tr("Data"))
        title.setProperty("role", "title")
        for label in (self.sentence, self.doing):
            label.setProperty("role", "muted")
            label.setTextFormat(Qt.TextFormat.PlainText)
        self.sentence.setWordWrap(True)
        self.bar.setTextVisible(False)
        self.bar.setRange(0, _PROGRESS_STEPS)
        self.bar.setAccessibleName(tr("Images looked at"))
        self.stop = link(tr("Stop"), self.stopped.emit)
        self.go_on = link(tr("Look at all images"), self.wanted.emit)
        top = QHBoxLayout()
        top.setSpacing(look.space_3)
        top.addWidget(title)
        top.addStretch()
        for widget in (self.doing, self.stop, self.go_on, self._back):
            top.addWidget(widget)
        self._spelling_card = _card(
            tr("Probably one class, spelt in several ways"), [self.spellings]
        )
        self._items_card = _card(tr("Images with something wrong"), [self.items])
        self._trouble_card = _card(tr("Worth a look"), [self.trouble])
        self._left, self._right = left, right = QVBoxLayout(), QVBoxLayout()
        for column in (left, right):
            column.setSpacing(look.space_3)
        left.addWidget(_card(tr("Class balance"), [self.balance]))
        left.addWidget(self._items_card)
        left.addStretch(1)
        right.addWidget(self._trouble_card)
        right.addWidget(self._spelling_card)
        right.addWidget(_card(tr("Image sizes"), [self.sizes]))
        right.addWidget(_card(tr("Brightness"), [self.brightness]))
        right.addStretch(1)
        body = QHBoxLayout()
        body.setSpacing(look.space_3)
        body.addLayout(left, 3)
        body.addLayout(right, 2)
        content = QWidget()
        content.setMaximumWidth(_WIDEST_PX)
        page = QVBoxLayout(content)
        page.setContentsMargins(look.space_4, look.space_3, look.space_4, look.space_4)
        page.setSpacing(look.space_3)
        page.addLayout(top)
        page.addWidget(self.bar)
        page.addWidget(self.sentence)
        page.addWidget(self.figures)
        page.addLayout(body, 1)
        holder = QWidget()
        holder.setProperty("bar", True)
        centred = QHBoxLayout(holder)
        centred.setContentsMargins(0, 0, 0, 0)
        centred.addStretch()
        centred.addWidget(content, 1000)
        centred.addStretch()
        self.setWidget(holder)

    def _connect(self, theme: Theme) -> None:
        self.sizes.chosen.connect(self._show_size)
        self.brightness.chosen.connect(self._show_brightness)
        self.trouble.images_wanted.connect(self._show_images)
        self.items.chosen.connect(self._show_images)
        self.trouble.classes_wanted.connect(self._show_classes)
        self.trouble.unlabelled_wanted.connect(self._show_unlabelled)
        self.spellings.classes_wanted.connect(self._show_classes)
        self.spellings.merge_wanted.connect(self._ask_merge)
        self._describing.changed.connect(self._redraw_if_visible)
        self._balance.changed.connect(self._recount_if_visible)
        theme.changed.connect(self._fit_height)  # the lines may be higher now

    # -- showing -------------------------------------------------------------------------
    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._balance.watch(self, True)
        self._recount_if_visible()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._balance.watch(self, False)

    def _recount_if_visible(self) -> None:
        """Counts of the labels as they stand now."""
        self._page = None  # names or labels may be others by now
        self._redraw_if_visible()
        counts = self._balance.counts
        if counts is None or not self.isVisible():
            return
        self._fit_height()
        self._level_columns(len(counts.codes))
        known = self._labels.class_names  # one that was counted may be taken back since
        totals = zip(counts.codes, counts.now.sum(axis=0).tolist(), strict=True)
        groups = spellings({known[code]: n for code, n in totals if 0 <= code < len(known)})
        self.spellings.show_groups(groups)
        self._spelling_card.setVisible(bool(groups))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_height()

    def _level_columns(self, n_classes: int) -> None:
        """A short list of classes leaves room under it; beside a long one there is more."""
        column, at = (self._left, 1) if n_classes <= _FEW_CLASSES else (self._right, 0)
        for place, card in enumerate((self._trouble_card, self._spelling_card), at):
            if column.indexOf(card) != place:
                (self._right if column is self._left else self._left).removeWidget(card)
                column.insertWidget(place, card)

    def _fit_height(self) -> None:
        """As many classes in sight, and plots as tall, as the window has room for."""
        room_px = self.viewport().height() - _ABOVE_CLASSES_PX
        for plot in (self.sizes, self.brightness):
            plot.setFixedHeight(max(PLOT_PX[0], min(room_px // 3, PLOT_PX[1])))
        table, counts = self.balance.table, self._balance.counts
        rows = max(_ROWS, room_px // table.verticalHeader().defaultSectionSize())
        n_classes = len(counts.codes) if counts is not None else 0
        table.setFixedHeight(table.height_of(min(n_classes, rows)))
        self.items.fit()

    def _redraw_if_visible(self) -> None:
        info, page = self._session.info, self._describing.page
        if info is None or not self.isVisible():
            return
        self._redraw_progress()
        if page is not None and page is self._page:
            return
        self._page = page
        self.sentence.setText(info.sentence)
        names, labels = self._labels.class_names, self._labels.labels
        unlabelled, *counts = np.bincount(labels - UNLABELLED, minlength=len(names) + 1).tolist()
        n_classes = len(self._labels.classes.offered())
        self.figures.show_page(info, n_classes, unlabelled, page)
        self.sizes.show_sizes(page["shapes"] if page else None)
        self.brightness.show_values(page["values"] if page else None)
        self.trouble.show_page(page, unlabelled, dict(zip(names, counts, strict=False)))
        items = wrong_items(page) if page else []
        self.items.set_items(items)
        self._items_card.setVisible(bool(items))

    def _redraw_progress(self) -> None:
        state = self._describing
        looked = state.page["looked_at"] if state.page else {"n": 0, "of": 0}
        complete = bool(looked["of"]) and looked["n"] == looked["of"]
        self.bar.setVisible(state.is_running)
        self.stop.setVisible(state.is_running)
        self.go_on.setVisible(not state.is_running and not complete)
        if state.is_running:
            self._say_progress(state.page is not None)
        elif isinstance(state.error, WinnowError):
            self.doing.setText(str(state.error))
        elif complete:
            self.doing.setText(tr("all images looked at"))
        else:
            self.doing.setText(_looked_at(looked["n"], looked["of"]) if looked["of"] else "")

    def _say_progress(self, is_open: bool) -> None:
        progress = self._describing.progress
        if progress is None or not progress.total:
            self.bar.setValue(0)
            self.doing.setText(tr("Opening the dataset once more"))
            return
        self.bar.setValue(round(progress.done / progress.total * _PROGRESS_STEPS))
        if not is_open:
            self.doing.setText(progress.doing.capitalize())
            return
        said, left = (
            _looked_at(progress.done, progress.total),
            time_text(self._describing.seconds_left),
        )
        self.doing.setText(f"{said}, {left}" if left else said)

    # -- the way to the images -----------------------------------------------------------
    def _show_classes(self, names: Sequence[str]) -> None:
        codes = [code for code, name in enumerate(self._labels.class_names) if name in names]
        self._order.filter_by(Filters(classes=frozenset(codes)))
        self._view.set_mode(GRID)

    def _ask_merge(self, others: Sequence[str], keep: str) -> None:
        names = self._labels.class_names
        self.merge_wanted.emit([names.index(name) for name in others], names.index(keep))

    def _show_unlabelled(self) -> None:
        self._order.filter_by(Filters(classes=frozenset([UNLABELLED])))
        self._view.set_mode(GRID)

    def _show_size(self, at: int) -> None:
        known = self._describing.images
        if known is not None:
            one = known.page["shapes"]["sizes"][at]
            alike = (known.sizes == (one["height"], one["width"])).all(axis=1)
            self._show_images(np.sort(known.sample_ids[alike]))

    def _show_brightness(self, at: int) -> None:
        known = self._describing.images
        if known is not None:
            means = known.page["values"]["means"]
            alike = in_bar(known.means, at, means["low"], means["high"], len(means["counts"]))
            self._show_images(np.sort(known.sample_ids[alike]))

    def _show_images(self, sample_ids: Sequence[int] | SampleIds) -> None:
        if not len(sample_ids):
            return
        self._selection.select(np.array(sample_ids, np.int64))
        self._selection.set_current(int(sample_ids[0]))
        self._order.show_tab("selected")
        self._view.set_mode(GRID)


def _looked_at(done: int, total: int) -> str:
    return tr("{done:,} of {total:,} images looked at").format(done=done, total=total)


def _card(title: str, widgets: Sequence[QWidget]) -> QFrame:
    card = QFrame()
    card.setProperty("card", True)
    column = QVBoxLayout(card)
    column.setContentsMargins(look.space_4, look.space_3, look.space_4, look.space_3)
    column.setSpacing(look.space_2)
    column.addWidget(section(title))
    for widget in widgets:
        column.addWidget(widget)
    return card
