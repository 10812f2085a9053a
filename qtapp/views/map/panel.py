"""The map dock: the map, what colours it, and how its making goes."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QCursor, QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from qtapp.jobs.map_pictures import MapPictures, Picture
from qtapp.jobs.thumbnails import Thumbnails
from qtapp.state.activity import TrainingState
from qtapp.state.labels import LabelState
from qtapp.state.mapping import MapState
from qtapp.state.ordering import OrderState
from qtapp.state.scores import ScoreState
from qtapp.state.selection import NOTHING, SelectionState
from qtapp.state.session import SessionState
from qtapp.state.view import BLIND, GRID, SINGLE, ViewState
from qtapp.views import theme as look
from qtapp.views.map import wording
from qtapp.views.map.canvas import MapCanvas
from qtapp.views.map.colour_choice import ColourChoice
from qtapp.views.map.hover_card import HoverCard
from qtapp.views.map.legend import WIDTH_PX, Legend
from qtapp.views.parts import Column
from qtapp.views.theme import Theme

_STEPS = 1_000


class MapPanel(QWidget):
    """Shows a MapState. What it wants done is said by its signals."""

    wanted = Signal()  # make the map, or make it again
    stopped = Signal()
    in_sight = Signal(bool)

    def __init__(
        self,
        session: SessionState,
        labels: LabelState,
        scores: ScoreState,
        selection: SelectionState,
        order: OrderState,
        view: ViewState,
        training: TrainingState,
        state: MapState,
        pictures: MapPictures,
        thumbnails: Thumbnails,
        theme: Theme,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._session, self._scores = session, scores
        self._selection, self._order, self._view = selection, order, view
        self._training, self._state = training, state
        # Docks are shown for a moment while a layout is put in place.
        self._in_sight_soon = QTimer(self, singleShot=True, interval=0)
        self._in_sight_soon.timeout.connect(self._tell_in_sight)
        self.setProperty("panel", True)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.canvas = MapCanvas(state, selection, pictures, theme)
        self.legend = Legend(theme)
        self.card = HoverCard(labels, scores, view, thumbnails, theme, self.canvas)
        self.colour = ColourChoice(session, labels, scores, view)
        self.about = QLabel()
        self.about.setWordWrap(True)
        self.about.setToolTip(wording.gestures())
        self.about.setProperty("role", "small")
        self.show_selected = self._button(self.tr("Show the selected images in the grid (Enter)"))
        self.all_of_it = self._button(self.tr("See the whole map (0)"), self.tr("Fit"))
        self.again = self._button(self.tr("Make the map of what is known now"))
        self.stop = self._button(self.tr("Stop making the map"), self.tr("Stop"))
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(self.tr("Progress of the map"))
        self.pages, self.message = QStackedWidget(), QLabel()
        self.make = QPushButton(self.tr("Make the map"))
        self._lay_out()
        self._connect(pictures)
        self.canvas.colour_by(self.colour.by, self.colour.names)
        self._redraw()

    def _lay_out(self) -> None:
        """Choice and legend at the left, so that a low and wide dock leaves the map its height."""
        beside = Column(WIDTH_PX)
        left = QVBoxLayout(beside)
        left.setContentsMargins(0, 0, 0, 0)
        left.setSpacing(look.space_2)
        left.addWidget(self.colour)
        left.addWidget(self.legend, 1)
        left.addWidget(self.about)
        self.pages.addWidget(self._empty_page())
        self.pages.addWidget(self.canvas)
        above = QHBoxLayout()
        above.setSpacing(look.space_2)
        above.addStretch()
        for button in (self.show_selected, self.again, self.all_of_it):
            above.addWidget(button)
        over = QVBoxLayout(self.canvas)
        over.setContentsMargins(*4 * (look.space_2,))
        over.addLayout(above)
        over.addStretch()
        making = QHBoxLayout()
        making.setSpacing(look.space_2)
        making.addWidget(self.bar, 1)
        making.addWidget(self.stop)
        right = QVBoxLayout()
        right.setSpacing(look.space_1)
        right.addLayout(making)
        right.addWidget(self.pages, 1)
        row = QHBoxLayout(self)
        row.setContentsMargins(look.space_3, look.space_2, look.space_2, look.space_2)
        row.setSpacing(look.space_3)
        row.addWidget(beside)
        row.addLayout(right, 1)

    def _empty_page(self) -> QWidget:
        self.message.setWordWrap(True)
        self.message.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.message.setProperty("role", "muted")
        self.make.setProperty("primary", True)
        page = QWidget()
        column = QVBoxLayout(page)
        column.addStretch()
        column.addWidget(self.message)
        column.addWidget(self.make, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch()
        return page

    def _connect(self, pictures: MapPictures) -> None:
        self.colour.chosen.connect(self.canvas.colour_by)
        self.make.clicked.connect(self.wanted)
        self.again.clicked.connect(self.wanted)
        self.stop.clicked.connect(self.stopped)
        self.all_of_it.clicked.connect(self.canvas.fit)
        self.show_selected.clicked.connect(self._show_selected)
        self.canvas.selected_wanted.connect(self._show_selected)
        self.canvas.hovered.connect(self._hover)
        self.canvas.opened.connect(self._open)
        pictures.arrived.connect(self._tell_colours)
        for changed in (
            self._state.changed, self._state.moved, self._training.changed,
            self._session.changed, self._selection.changed, self._scores.changed,
        ):  # fmt: skip
            changed.connect(self._redraw)

    def _tell_colours(self, picture: Picture) -> None:
        if picture.by == self.colour.by:
            self.legend.show_colouring(picture.by, self.colour.names, picture.colouring)

    # -- how the making goes -----------------------------------------------------------------
    def _redraw(self) -> None:
        state, shown, progress = self._state, self._state.shown, self._state.progress
        self.pages.setCurrentIndex(0 if shown is None else 1)
        self.bar.setVisible(state.is_running)
        known = progress is not None and progress.total > 0
        self.bar.setRange(0, _STEPS if known else 0)
        if progress is not None and known:
            self.bar.setValue(round(_STEPS * progress.done / progress.total))
        self.message.setText(
            wording.message(
                self._session.is_open,
                state.is_running,
                progress,
                state.problem,
                trains=self._training.is_running,
            )
        )
        self.make.setVisible(shown is None and self._session.is_open and not state.is_running)
        self.make.setText(self.tr("Try again") if state.problem else self.tr("Make the map"))
        self.stop.setVisible(state.is_running)
        run, epoch = self._scores.run, self._scores.shown.epoch if self._scores.shown else 0
        is_older = shown is not None and (shown.run, shown.epoch) != (run, epoch)
        can_try = is_older or state.problem is not None
        self.again.setVisible(shown is not None and can_try and not state.is_running)
        self.again.setText(self.tr("Make again"))
        self.all_of_it.setVisible(shown is not None)
        count = self._selection.count
        self.show_selected.setVisible(shown is not None and count > 0)
        self.show_selected.setText(self.tr("Show {n:,} selected").format(n=count))
        self.about.setText(wording.about(shown, progress if state.is_running else None,
                                           state.problem, is_older=is_older))  # fmt: skip

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._in_sight_soon.start()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.card.show_sample(NOTHING, QPoint())
        self._in_sight_soon.stop()
        self.in_sight.emit(False)

    def _tell_in_sight(self) -> None:
        self.in_sight.emit(self.isVisible())

    # -- pointing ----------------------------------------------------------------------------
    def _hover(self, sample_id: int) -> None:
        hidden = self._view.mode == BLIND
        at = self.canvas.mapFromGlobal(QCursor.pos())
        self.card.show_sample(NOTHING if hidden else sample_id, at)

    def _open(self, sample_id: int) -> None:
        self._selection.set_current(sample_id)
        self._view.set_mode(SINGLE)

    def _show_selected(self) -> None:
        self._order.show_tab("selected")
        self._view.set_mode(GRID)

    def _button(self, tip: str, text: str = "") -> QPushButton:
        button = QPushButton(text)
        button.setToolTip(tip)
        button.setAccessibleDescription(tip)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        return button
