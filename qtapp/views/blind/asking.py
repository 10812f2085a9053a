"""One image, large, and nothing that is known of it: which class is it?"""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from models.review.blind import CANNOT_TELL
from qtapp.commands.blinding import Blinding
from qtapp.commands.digits import key_of_class
from qtapp.commands.registry import Registry
from qtapp.jobs.pictures import Picture
from qtapp.jobs.thumbnails import Thumbnails
from qtapp.state.blind import BlindState
from qtapp.state.image_look import ImageLook
from qtapp.state.labels import LabelState
from qtapp.state.session import SessionState
from qtapp.views import theme as look
from qtapp.views.blind.parts import ClassButton
from qtapp.views.blind.wording import clock_text, tr
from qtapp.views.image_view import ImageView
from qtapp.views.parts import Column, CommandButton, ElidedLabel, section
from qtapp.views.theme import Theme

_ANSWERS_PX = 264
_TICK_MS = 1_000


class AskingView(QWidget):
    """Has the next image read while this one is looked at."""

    def __init__(
        self,
        session: SessionState,
        labels: LabelState,
        blind: BlindState,
        blinding: Blinding,
        image_look: ImageLook,
        thumbnails: Thumbnails,
        registry: Registry,
        theme: Theme,
    ) -> None:
        super().__init__()
        self.setAccessibleName(tr("Which class is it?"))
        self.setAccessibleDescription(tr("The key of a class answers."))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._session, self._labels, self._blind = session, labels, blind
        self._blinding, self._thumbnails = blinding, thumbnails
        self._registry, self._theme = registry, theme
        self.image = ImageView(image_look, theme)
        self.image.addActions(registry.section("image"))
        self.place, self.clock, self.last = QLabel(), QLabel(), ElidedLabel()
        self.bar = QProgressBar()
        self.hide_clock = QPushButton()
        self.buttons: list[ClassButton] = []
        self._names: tuple[object, ...] = ()  # of the buttons that are there
        self._tick = QTimer(self, interval=_TICK_MS)
        self._tick.timeout.connect(self._redraw_clock)
        self._lay_out()
        thumbnails.full_arrived.connect(self._take)

    def _lay_out(self) -> None:
        for label in (self.place, self.clock, self.last):
            label.setProperty("role", "muted")
        self.clock.setAccessibleName(tr("Time taken"))
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(tr("Images answered"))
        self.hide_clock.setProperty("link", True)
        self.hide_clock.clicked.connect(
            lambda: self._blind.hide_clock(not self._blind.clock_hidden)
        )
        top = QHBoxLayout()
        top.setSpacing(look.space_3)
        top.addWidget(self.place)
        top.addWidget(self.bar, 1)
        top.addWidget(self.clock)
        top.addWidget(self.hide_clock)
        left = QVBoxLayout()
        left.setSpacing(look.space_2)
        left.addLayout(top)
        left.addWidget(self.image, 1)
        left.addWidget(self.last)
        row = QHBoxLayout(self)
        row.setContentsMargins(look.space_4, look.space_3, look.space_4, look.space_3)
        row.setSpacing(look.space_4)
        row.addLayout(left, 1)
        row.addWidget(self._answers())

    def _answers(self) -> QWidget:
        inside = QWidget()
        inside.setProperty("bar", True)
        self._classes = QVBoxLayout(inside)
        self._classes.setContentsMargins(0, 0, 0, 0)
        self._classes.setSpacing(look.space_1)
        holder = QScrollArea()
        holder.setProperty("bar", True)
        holder.setWidgetResizable(True)
        holder.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        holder.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        holder.setWidget(inside)
        holder.verticalScrollBar().rangeChanged.connect(self._make_room)
        panel = Column(_ANSWERS_PX)
        column = QVBoxLayout(panel)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(look.space_2)
        column.addWidget(section(tr("Which class is it?")))
        column.addWidget(holder, 1)
        for command, text in (
            ("decide.pick_class", tr("Class by name")),
            ("decide.exclude", tr("None of these, or I can't tell")),
            ("decide.undo", tr("Back one")),
            ("look.escape", tr("Pause")),
        ):
            button = CommandButton(self._registry, command, self._theme, text=text)
            button.setToolTip(text)
            column.addWidget(button)
        return panel

    def _make_room(self, _least: int, most: int) -> None:
        """As wide as the buttons below, but for the bar where there is one."""
        self._classes.setContentsMargins(0, 0, look.space_1 if most else 0, 0)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._tick.start()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._tick.stop()

    def redraw(self) -> None:
        """The image that is asked about now."""
        session = self._blind.current
        if session is None or self._blind.sample_id < 0:
            return
        self._redraw_classes()
        total = len(session.shown)
        self.place.setText(tr("{0:,} of {1:,}").format(session.place + 1, total))
        self.bar.setRange(0, total)
        self.bar.setValue(session.place)
        self.last.set_whole(self._last_answer())
        self._redraw_clock()
        known = self._thumbnails.full(self._blind.sample_id)
        if known is None:
            self.image.show_image(None)
            self._thumbnails.want_full(self._blind.sample_id)
        else:
            self._take(self._blind.sample_id, known)

    def _take(self, sample_id: int, picture: Picture | str) -> None:
        session, info = self._blind.current, self._session.info
        if sample_id != self._blind.sample_id or session is None or info is None:
            return
        self.image.show_image(picture, info.value_range)
        self._blinding.note_seen()
        following = session.place + 1
        if (
            following < len(session.shown)
            and self._thumbnails.full(session.shown[following]) is None
        ):
            self._thumbnails.want_full(session.shown[following])

    def _last_answer(self) -> str:
        session = self._blind.current
        if session is None or not session.place:
            return ""
        code = int(session.said(self._labels.class_names)[-1])
        name = tr("cannot tell") if code == CANNOT_TELL else self._labels.class_name(code)
        return tr("Your last answer: {0}").format(name)

    def _redraw_clock(self) -> None:
        hidden = self._blind.clock_hidden
        self.clock.setVisible(not hidden)
        self.clock.setText(clock_text(self._blinding.seconds_so_far()))
        self.hide_clock.setText(tr("Show the time") if hidden else tr("Hide"))
        self.hide_clock.setAccessibleName(tr("Show the time") if hidden else tr("Hide the time"))

    def _redraw_classes(self) -> None:
        """The classes that have a key; the picker has them all."""
        names, offered = self._labels.class_names, self._labels.classes.offered()
        if (names, *offered) == self._names:
            return
        self._names = (names, *offered)
        while self._classes.count():
            item = self._classes.takeAt(0)
            widget = item.widget() if item is not None else None
            if widget is not None:
                widget.deleteLater()
        self.buttons = []
        for code in offered:
            if key := key_of_class(names, code):
                button = ClassButton(names[code], key, self._theme)
                button.clicked.connect(self._registry.action(f"digit.{key}").trigger)
                self._classes.addWidget(button)
                self.buttons.append(button)
        others = len(offered) - len(self.buttons)
        if others:
            more = QLabel(tr("and {n:,} more by name").format(n=others))
            more.setProperty("role", "muted")
            self._classes.addWidget(more)
        self._classes.addStretch(1)
