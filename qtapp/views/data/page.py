"""The data page: what the open dataset is made of, and the way to the images behind a figure."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent, QShowEvent
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
from models.review.balance import balance, class_counts
from models.review.ordering import Filters
from models.review.spelling import spellings
from models.types import UNLABELLED
from qtapp.commands.registry import Registry
from qtapp.state.describing import DescribingState
from qtapp.state.labels import LabelState
from qtapp.state.ordering import OrderState
from qtapp.state.selection import SelectionState
from qtapp.state.session import SessionState
from qtapp.state.view import GRID, ViewState
from qtapp.views import theme as look
from qtapp.views.data.class_table import ClassTable
from qtapp.views.data.figures import Figures
from qtapp.views.data.items import ItemsTable, wrong_items
from qtapp.views.data.plots import PLOT_PX, BrightnessPlot, SizePlot
from qtapp.views.data.trouble import SpellingList, Trouble, link
from qtapp.views.data.wording import Page, time_text, tr, value_text
from qtapp.views.parts import CommandButton, section
from qtapp.views.theme import Theme

_WIDEST_PX = 1640
_ROWS = 12  # classes in sight at least; the rest is scrolled
_ABOVE_CLASSES_PX = 360
_FEW_CLASSES = 10
_EVEN = 1.15  # the largest class has at most so many times the images of the smallest
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
        selection: SelectionState,
        order: OrderState,
        view: ViewState,
        registry: Registry,
        theme: Theme,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._session, self._labels, self._describing = session, labels, describing
        self._selection, self._order, self._view = selection, order, view
        self.setObjectName("data")
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._page: Page | None = None  # what is shown
        self._codes: list[int] = []  # of the classes that are listed
        self.sentence, self.doing, self.balance = QLabel(), QLabel(), QLabel()
        self.bar = QProgressBar()
        self.figures = Figures()
        self.classes = ClassTable(theme)
        self.sizes, self.brightness = SizePlot(theme), BrightnessPlot(theme)
        self.trouble, self.spellings, self.items = Trouble(theme), SpellingList(theme), ItemsTable()
        self._back = CommandButton(registry, "look.grid", theme, text=tr("Back to the grid"))
        self._lay_out()
        self._connect()

    # -- building ------------------------------------------------------------------------
    def _lay_out(self) -> None:
        title = QLabel(tr("Data"))
        title.setProperty("role", "title")
        for label in (self.sentence, self.doing, self.balance):
            label.setProperty("role", "muted")
            label.setTextFormat(Qt.TextFormat.PlainText)
        self.sentence.setWordWrap(True)
        self.balance.setWordWrap(True)
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
        self._no_labels = QLabel(
            tr("No image has a label yet. Select images in the grid and set a class.")
        )
        self._no_labels.setProperty("role", "muted")
        self._no_labels.setWordWrap(True)
        self._spelling_card = _card(
            tr("Probably one class, spelt in several ways"), [self.spellings]
        )
        self._items_card = _card(tr("Images with something wrong"), [self.items])
        self._trouble_card = _card(tr("Worth a look"), [self.trouble])
        self._left, self._right = left, right = QVBoxLayout(), QVBoxLayout()
        for column in (left, right):
            column.setSpacing(look.space_3)
        left.addWidget(_card(tr("Class balance"), [self.balance, self._no_labels, self.classes]))
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

    def _connect(self) -> None:
        self.classes.chosen.connect(self._show_class)
        self.trouble.images_wanted.connect(self._show_images)
        self.items.chosen.connect(self._show_images)
        self.trouble.classes_wanted.connect(self._show_classes)
        self.trouble.unlabelled_wanted.connect(self._show_unlabelled)
        self.spellings.classes_wanted.connect(self._show_classes)
        self.spellings.merge_wanted.connect(self._ask_merge)
        self._describing.changed.connect(self._redraw_if_visible)
        self._labels.changed.connect(self._recount_if_visible)
        self._labels.classes_changed.connect(self._recount_if_visible)

    # -- showing -------------------------------------------------------------------------
    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._page = None  # names or labels may be others by now
        self._recount_if_visible()
        self._redraw_if_visible()

    def _recount_if_visible(self) -> None:
        """Counts of the labels as they stand now."""
        info = self._session.info
        if info is None or not self.isVisible():
            return
        splits, known = list(info.splits), self._labels.class_names
        counts = class_counts(self._labels.labels, info.split_codes(), len(splits), len(known))
        self._codes = self._labels.classes.offered()
        names, by_class = [known[code] for code in self._codes], counts[:, self._codes].T
        self.classes.set_counts(names, splits, by_class)
        self._fit_height()
        self._level_columns(len(names))
        self.classes.setVisible(bool(by_class.any()))
        self._no_labels.setVisible(not by_class.any())
        totals = by_class.sum(axis=1)
        groups = spellings(dict(zip(names, totals.tolist(), strict=True)))
        self.spellings.show_groups(groups)
        self._spelling_card.setVisible(bool(groups))
        self.balance.setText(_balance_text(names, totals))
        self.balance.setVisible(bool(self.balance.text()))

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
        rows = max(_ROWS, room_px // self.classes.verticalHeader().defaultSectionSize())
        self.classes.setFixedHeight(self.classes.height_of(min(len(self._codes), rows)))

    def _redraw_if_visible(self) -> None:
        info, page = self._session.info, self._describing.page
        if info is None or not self.isVisible():
            return
        self._redraw_progress()
        if page is not None and page is self._page:
            return
        self._page = page
        self.sentence.setText(info.sentence)
        self.figures.show_page(info, len(self._labels.classes.offered()), page)
        self.sizes.show_sizes(page["shapes"] if page else None)
        self.brightness.show_values(page["values"] if page else None)
        unlabelled = int(np.count_nonzero(self._labels.labels == UNLABELLED))
        self.trouble.show_page(page, unlabelled)
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
    def _show_class(self, place: int, split: int) -> None:
        code = self._codes[place]
        splits = frozenset([split]) if split >= 0 else frozenset[int]()
        self._order.filter_by(Filters(classes=frozenset([code]), splits=splits))
        self._view.set_mode(GRID)

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

    def _show_images(self, sample_ids: Sequence[int]) -> None:
        self._selection.select(np.array(sample_ids, np.int64))
        self._selection.set_current(int(sample_ids[0]))
        self._order.show_tab("selected")
        self._view.set_mode(GRID)


def _balance_text(names: Sequence[str], totals: np.ndarray[tuple[int], np.dtype[np.int64]]) -> str:
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
