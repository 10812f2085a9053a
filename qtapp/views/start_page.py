"""What the window shows while no dataset is open: ways to open one, progress, what went wrong."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from models.errors import Undecided, WinnowError
from models.types import OpenRequest
from qtapp.commands.registry import Registry
from qtapp.jobs.previewing import Previewer
from qtapp.state.activity import ActivityState
from qtapp.views import theme as look
from qtapp.views.flow import Flow
from qtapp.views.open_choice import OpenChoice
from qtapp.views.parts import CommandButton, ElidedLabel, section
from qtapp.views.theme import Theme, application_icon

_LETTERS = 87  # across, about
_MAX_RECENT = 8
_MAX_NAME_PX = 220  # of a project opened lately; its path has the rest
_LOGO_PX = 56
_WAYS = (("file.open", "file"), ("file.open_folder", "folder"), ("file.demo", "demo"))

# Commands that are offered where they help, beside opening something else.
_HELPING = ("file.locate", "file.locate_folder", "file.match")


class StartPage(QStackedWidget):
    """Welcome, loading, a question or an error; back to the welcome when loading was cancelled."""

    opened = Signal(list)  # paths, as str
    cancelled = Signal()

    def __init__(
        self,
        opening: ActivityState,
        previewer: Previewer,
        registry: Registry,
        theme: Theme,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._opening = opening
        self.setObjectName("start")
        self.welcome = _Welcome(registry, theme)
        self.loading = _Loading()
        self.problem = _Problem(registry, theme)
        self.choice = OpenChoice(previewer, theme)
        self._holders: dict[QWidget, QScrollArea] = {
            page: _centred(page) for page in (self.welcome, self.loading, self.problem, self.choice)
        }
        for holder in self._holders.values():
            self.addWidget(holder)
        self.welcome.opened.connect(self.opened)
        self.loading.cancelled.connect(self.cancelled)
        self.problem.left.connect(self._show_welcome)
        self.choice.left.connect(self._show_welcome)
        opening.changed.connect(self._follow)
        opening.ended.connect(self._show_welcome)

    def set_recent(self, entries: Sequence[tuple[str, str]]) -> None:
        """Name and path of the projects opened lately, newest first."""
        self.welcome.set_recent(entries)

    def show_error(self, error: BaseException, offers: Sequence[str] = ()) -> None:
        """Say why a dataset could not be opened, with buttons for commands that may help."""
        self.problem.show_error(error, offers)
        self._show(self.problem)

    def ask(self, error: Undecided, request: OpenRequest) -> None:
        """Let the person say how to read a source; `choice` tells the answer."""
        self.choice.ask(error, request)
        self._show(self.choice)

    def _follow(self) -> None:
        if self._opening.is_running:
            self.loading.follow(self._opening)
            self._show(self.loading)

    def _show_welcome(self) -> None:
        self._show(self.welcome)

    def _show(self, page: QWidget) -> None:
        self.setCurrentWidget(self._holders[page])


class _Welcome(QWidget):
    opened = Signal(list)

    def __init__(self, registry: Registry, theme: Theme) -> None:
        super().__init__()
        logo, name = QLabel(), QLabel("Winnow")
        logo.setPixmap(application_icon().pixmap(_LOGO_PX))
        name.setProperty("role", "title")
        about = _muted(
            self.tr(
                "Finds the wrong labels of an image dataset, and lets you put them right from "
                "the keyboard."
            )
        )
        ways = Flow()
        ways.setSpacing(look.space_2)
        for command, glyph in _WAYS:
            button = CommandButton(registry, command, theme, glyph=glyph)
            button.setProperty("primary", command == _WAYS[0][0])
            button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            ways.addWidget(button)
        hint = _muted(
            self.tr(
                "Or drop it here: a folder of images, an archive, or files of NumPy, HDF5, IDX, "
                "CSV, Parquet, pickle, torch, WebDataset or COCO. Your files are only read, "
                "never changed."
            )
        )
        self._recent_heading = section(self.tr("Recent"))
        self._recent = QGridLayout()
        self._recent.setHorizontalSpacing(look.space_3)
        self._recent.setVerticalSpacing(0)
        self._recent.setColumnStretch(1, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(look.space_3)
        for widget in (logo, name, about):
            column.addWidget(widget)
        column.addSpacing(look.space_1)
        column.addLayout(ways)
        column.addWidget(hint)
        column.addSpacing(look.space_3)
        column.addWidget(self._recent_heading)
        column.addLayout(self._recent)
        self.set_recent(())

    def set_recent(self, entries: Sequence[tuple[str, str]]) -> None:
        while item := self._recent.takeAt(0):
            if old := item.widget():
                old.deleteLater()
        for line, (name, path) in enumerate(entries[:_MAX_RECENT]):
            button, where = self._recent_line(name, path)
            self._recent.addWidget(button, line, 0, Qt.AlignmentFlag.AlignLeft)
            self._recent.addWidget(where, line, 1)
        self._recent_heading.setVisible(bool(entries))

    def _recent_line(self, name: str, path: str) -> tuple[QWidget, QWidget]:
        name = QFontMetrics(self.font()).elidedText(
            name, Qt.TextElideMode.ElideMiddle, _MAX_NAME_PX
        )
        button = QPushButton(name.replace("&", "&&"))
        button.setProperty("link", True)
        button.setToolTip(path)
        button.setAccessibleName(self.tr("Open {name}").format(name=name))
        button.clicked.connect(lambda: self.opened.emit([path]))
        where = ElidedLabel(mode=Qt.TextElideMode.ElideMiddle)
        where.setProperty("role", "muted")
        where.set_whole(path)
        return button, where


class _Loading(QWidget):
    cancelled = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._doing, self._counted = QLabel(), QLabel()
        self._doing.setProperty("role", "title")
        self._counted.setProperty("role", "muted")
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(self.tr("Progress of opening"))
        self.cancel = QPushButton(self.tr("Cancel"))
        self.cancel.clicked.connect(self.cancelled)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(look.space_3)
        for widget in (self._doing, self.bar, self._counted):
            column.addWidget(widget)
        column.addWidget(self.cancel, 0, Qt.AlignmentFlag.AlignLeft)

    def follow(self, opening: ActivityState) -> None:
        progress = opening.progress
        known = progress is not None and progress.total > 0
        self.bar.setRange(0, 1000 if known else 0)
        self._doing.setText(self.tr("Opening…"))
        self._counted.setText("")
        if progress is not None:
            self._doing.setText(_sentence(progress.doing))
        if progress is not None and known:
            self.bar.setValue(round(1000 * progress.done / progress.total))
            self._counted.setText(
                self.tr("{done:,} of {total:,}").format(done=progress.done, total=progress.total)
            )


class _Problem(QWidget):
    left = Signal()

    def __init__(self, registry: Registry, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._sign, self._what, self._where = QLabel(), QLabel(), QLabel()
        self._remedy, self._details = QLabel(), QLabel()
        self._what.setProperty("role", "title")
        self._where.setProperty("role", "muted")
        self._details.setProperty("role", "small")
        selectable = (
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        for label in (self._what, self._where, self._remedy, self._details):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setTextInteractionFlags(selectable)
            label.setWordWrap(True)
        self.more = QPushButton(self.tr("Details"))
        self.more.setProperty("flat", True)
        self.more.setCheckable(True)
        self.more.toggled.connect(self._details.setVisible)
        buttons = Flow()
        buttons.setSpacing(look.space_2)
        self.offers = {
            command: CommandButton(registry, command, theme)
            for command in (*_HELPING, "file.open", "file.open_folder")
        }
        for button in self.offers.values():
            buttons.addWidget(button)
        back = QPushButton(self.tr("Back"))
        back.clicked.connect(self.left)
        buttons.addWidget(back)
        buttons.addWidget(self.more)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(look.space_3)
        for label in (self._sign, self._what, self._where, self._remedy):
            column.addWidget(label)
        column.addSpacing(look.space_2)
        column.addLayout(buttons)
        column.addWidget(self._details)
        theme.changed.connect(self._draw_sign)
        self._draw_sign()

    def show_error(self, error: BaseException, offers: Sequence[str]) -> None:
        for command in _HELPING:
            self.offers[command].setVisible(command in offers)
        known = error if isinstance(error, WinnowError) else WinnowError(str(error))
        self._what.setText(_sentence(known.what) + ".")
        self._where.setText(known.where)
        self._remedy.setText(known.remedy)
        self._details.setText(known.details)
        self._where.setVisible(bool(known.where))
        self._remedy.setVisible(bool(known.remedy))
        self.more.setVisible(bool(known.details))
        self.more.setChecked(False)
        self._details.hide()

    def _draw_sign(self) -> None:
        ratio = self.devicePixelRatioF()
        self._sign.setPixmap(self._theme.pixmap("warning", "danger", 40, ratio))


def _muted(text: str) -> QLabel:
    label = QLabel(text)
    label.setProperty("role", "muted")
    label.setWordWrap(True)
    return label


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


class _Middle(QFrame):
    """A page at a readable width in the middle, a little above it; wider where a word is longer."""

    def __init__(self, page: QWidget) -> None:
        super().__init__()
        self._page = page
        column, row = QVBoxLayout(self), QHBoxLayout()
        row.addStretch(1)
        row.addWidget(page, 20)
        row.addStretch(1)
        column.addStretch(2)
        column.addLayout(row)
        column.addStretch(3)
        page.installEventFilter(self)
        self._fit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.LayoutRequest, QEvent.Type.FontChange):
            self._fit()
        return super().eventFilter(watched, event)

    def _fit(self) -> None:
        letters = _LETTERS * self._page.fontMetrics().averageCharWidth()
        self._page.setMaximumWidth(max(letters, self._page.minimumSizeHint().width()))


def _centred(page: QWidget) -> QScrollArea:
    """A page that scrolls in a low window."""
    scroll = QScrollArea()
    scroll.setProperty("bar", True)
    scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    scroll.setWidgetResizable(True)
    scroll.setWidget(_Middle(page))
    return scroll
