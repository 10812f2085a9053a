"""The one window: menus, header, docks, and the page in the middle."""

from __future__ import annotations

import base64
import os
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from PySide6.QtCore import QByteArray, QEvent, Qt, QUrl, Signal
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QKeyEvent
from PySide6.QtWidgets import (
    QApplication,
    QDockWidget,
    QLineEdit,
    QMainWindow,
    QMenu,
    QPushButton,
    QStackedWidget,
    QStatusBar,
    QTabBar,
    QToolBar,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from qtapp.commands.digits import physical_digit
from qtapp.commands.holding import Holding
from qtapp.commands.registry import Registry
from qtapp.views.parts import EnterPresses

MENUS: dict[str, tuple[str, ...]] = {
    "file": (
        "file.open", "file.open_folder", "file.demo", "file.recent", "", "file.save", "file.export",
        "file.export_worklist",
        "file.merge", "file.split", "file.show_folder", "", "file.close", "file.quit",
    ),
    "edit": (
        "decide.undo", "decide.redo", "", "decide.keep", "decide.accept", "decide.exclude",
        "decide.second_look", "decide.clear", "decide.pick_class", "decide.tag",
        "decide.unlock_test", "decide.leave_out_locked", "",
        "move.select_all", "move.select_group", "", "help.preferences",
    ),
    "view": (
        "look.grid", "look.single", "look.compare", "look.data", "",
        "look.clusters", "look.montage", "look.sheet", "look.batch_before", "", "look.larger",
        "look.smaller", "", "look.full_screen", "look.docks", "look.theme",
    ),
    "image": (
        "image.zoom_in", "image.zoom_out", "image.fit", "image.pixels", "",
        "image.brighter", "image.darker", "image.more_contrast", "image.less_contrast",
        "image.levels_usual", "image.levels_whole", "image.levels_middle", "", "image.channel",
    ),
    "review": (
        "look.new_order", "look.learned", "look.similar", "look.before_similar", "",
        "look.query", "look.as_query", "",
        "move.next_undecided", "look.advance", "look.answer_first", "",
        "look.blind", "look.session",
    ),
    "run": (
        "run.start", "run.again", "run.baseline", "run.pause", "run.stop", "run.resume", "",
        "run.auto", "run.manage", "",
        "run.audit", "run.quick_audit", "run.stop_audit", "look.finding", "decide.remedy",
        "decide.take_back",
    ),
    "help": ("help.keys", "help.palette", "help.tour", "", "help.about"),
}  # fmt: skip

_WIDE_PX = 1800


@dataclass(frozen=True)
class Dock:
    """A panel at a side of the window. Those of one side share it as tabs."""

    name: str
    title: str
    widget: QWidget
    side: Qt.DockWidgetArea
    at_first: bool = True  # whether it is in sight in the first layout


@dataclass(frozen=True)
class Panels:
    """The widgets the window arranges; it knows nothing else of them."""

    header: QToolBar
    notices: QWidget
    pages: QStackedWidget
    docks: tuple[Dock, ...]
    status: QStatusBar


class MainWindow(QMainWindow):
    """Arranges panels in docks. What a key does is the registry's business."""

    dropped = Signal(list)  # paths, as str
    close_asked = Signal()
    deactivated = Signal()

    def __init__(
        self,
        registry: Registry,
        holding: Holding,
        panels: Panels,
        submenus: dict[str, QMenu],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._registry, self._holding = registry, holding
        self._may_close = False
        self._set_aside: QByteArray | None = None  # the docks, while a page has all the room
        self.setObjectName("main")
        self.setAcceptDrops(True)
        self.setDockNestingEnabled(True)
        self._header, self._pages = panels.header, panels.pages
        self.addToolBar(Qt.ToolBarArea.TopToolBarArea, panels.header)
        self.setCentralWidget(_column(panels.notices, panels.pages))
        self.setStatusBar(panels.status)
        areas = Qt.DockWidgetArea
        self._docks = {dock.name: self._dock(dock) for dock in panels.docks}
        self._at_first = {dock.name: dock.side for dock in panels.docks if dock.at_first}
        self.setCorner(Qt.Corner.BottomLeftCorner, areas.LeftDockWidgetArea)
        self.setCorner(Qt.Corner.BottomRightCorner, areas.RightDockWidgetArea)
        self._make_menus({**submenus, "look.docks": self._docks_menu()})
        self.addActions(registry.actions())
        enter = EnterPresses(self)
        for button in (*self.findChildren(QPushButton), *self.findChildren(QToolButton)):
            button.installEventFilter(enter)
        for command in ("look.finding", "look.grid", "look.escape"):
            registry.action(command).triggered.connect(self._leave_docks)
        self.show_panels(True)  # else each opening shows all of them once, and they set to work
        self._first_layout = self.saveState()
        self.show_panels(False)

    # -- layout --------------------------------------------------------------------------
    def show_panels(self, shown: bool) -> None:
        """Panels are about an open dataset; without one there is nothing to say in them."""
        self._header.setVisible(shown)
        for name, dock in self._docks.items():
            dock.setVisible(shown and name in self._at_first)

    def layout_text(self) -> str:
        """The layout as text for the project's settings."""
        state = self._set_aside or self.saveState()
        return base64.b64encode(state.data()).decode("ascii")

    def give_room(self, wanted: bool) -> None:
        """Put the docks aside for a page that wants all the room, and bring them back."""
        if wanted and self._set_aside is None:
            self._set_aside = self.saveState()
            for dock in self._docks.values():
                dock.hide()
        elif not wanted and self._set_aside is not None:
            self._put_back(self._set_aside)
            self._set_aside = None

    def restore_layout(self, text: str) -> None:
        """Put docks where they were left; the first layout if nothing usable was kept."""
        kept = QByteArray.fromBase64(text.encode("ascii", "replace"))
        if kept.isEmpty() or not self._put_back(kept):
            self.reset_layout()
        self._header.setVisible(True)

    def usual_thumb_px(self) -> int:
        """The size of tiles where nobody chose one yet."""
        return 128 if self.width() >= _WIDE_PX else 96

    def reset_layout(self) -> None:
        """The layout of the first start, sized to this window."""
        self._put_back(self._first_layout)
        self.show_panels(True)
        wide = self.width() >= _WIDE_PX
        across, down = Qt.Orientation.Horizontal, Qt.Orientation.Vertical
        sizes = {
            Qt.DockWidgetArea.LeftDockWidgetArea: (280 if wide else 232, across),
            Qt.DockWidgetArea.RightDockWidgetArea: (400 if wide else 300, across),
            Qt.DockWidgetArea.BottomDockWidgetArea: (self.height() // 4, down),
        }
        for direction in (across, down):  # all of one direction at once: each takes from the others
            wanted = {
                self._docks[name]: size
                for name, side in self._at_first.items()
                for size, along in [sizes[side]]
                if along == direction
            }
            self.resizeDocks(list(wanted), list(wanted.values()), direction)

    def show_dock(self, name: str) -> None:
        """Bring a dock in sight, unless a page has all the room."""
        if self._set_aside is None:
            self._docks[name].show()
            self._docks[name].raise_()

    def toggle_dock(self, name: str) -> None:
        """Show and raise a dock, or hide it if it is in sight.

        A panel that lives by the keyboard has a focus proxy: it gets the keys when it comes in
        sight, or is asked for from elsewhere, and hands them back to the page when it goes.
        """
        dock = self._docks[name]
        in_sight = dock.isVisible() and not dock.visibleRegion().isEmpty()
        wants_keys = dock.widget().focusProxy() is not None
        if in_sight and (_has_keys(dock) or not wants_keys):
            self._leave_docks()
            dock.hide()
            return
        dock.show()
        dock.raise_()
        if wants_keys:
            dock.widget().setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _put_back(self, layout: QByteArray) -> bool:
        """Arrange the docks so, without the tabs they had: Qt 6.11 makes new tab bars and leaves
        the old ones in sight, over whatever lies there (QMainWindow.restoreState)."""
        tabs = self.findChildren(QTabBar, options=Qt.FindChildOption.FindDirectChildrenOnly)
        in_sight = [bar for bar in tabs if bar.isVisible()]
        is_done = self.restoreState(layout)
        for bar in in_sight if is_done else ():
            bar.hide()
        return is_done

    def _leave_docks(self) -> None:
        """Give the keys to the page, whose images are to be walked through, if a dock has them."""
        if any(map(_has_keys, self._docks.values())):
            page = self._pages.currentWidget() or self._pages
            page.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _dock(self, of: Dock) -> QDockWidget:
        dock, side = QDockWidget(of.title, self), self._side(of)
        dock.setObjectName(of.name)
        dock.setWidget(of.widget)
        beside = [other for other in self.findChildren(QDockWidget) if other is not dock]
        beside = [other for other in beside if self.dockWidgetArea(other) == side]
        self.addDockWidget(side, dock)
        if beside:
            self.tabifyDockWidget(beside[-1], dock)
            beside[0].raise_()
        return dock

    def _side(self, of: Dock) -> Qt.DockWidgetArea:
        """Where a dock lies at first: Qt does not mirror docks for who reads from the right."""
        areas = Qt.DockWidgetArea
        across = {
            areas.LeftDockWidgetArea: areas.RightDockWidgetArea,
            areas.RightDockWidgetArea: areas.LeftDockWidgetArea,
        }
        return across.get(of.side, of.side) if self.isRightToLeft() else of.side

    def _docks_menu(self) -> QMenu:
        menu = QMenu(self.tr("Panels"), self)
        for dock in self._docks.values():
            menu.addAction(dock.toggleViewAction())
        menu.addSeparator()
        menu.addAction(self.tr("Reset layout")).triggered.connect(self.reset_layout)
        return menu

    def _make_menus(self, submenus: dict[str, QMenu]) -> None:
        titles = {
            "file": self.tr("&File"),
            "edit": self.tr("&Edit"),
            "view": self.tr("&View"),
            "image": self.tr("&Image"),
            "review": self.tr("&Review"),
            "run": self.tr("R&un"),
            "help": self.tr("&Help"),
        }
        for name, command_ids in MENUS.items():
            menu = self.menuBar().addMenu(titles[name])
            for command_id in command_ids:
                if not command_id:
                    menu.addSeparator()
                elif command_id in submenus:
                    menu.addMenu(submenus[command_id])
                else:
                    menu.addAction(self._registry.action(command_id))

    # -- keys that are no shortcuts --------------------------------------------------------
    def keyPressEvent(self, event: QKeyEvent) -> None:
        """What no widget and no shortcut wanted: held keys, and digits of other layouts."""
        if self._holding.press(event):
            return
        digit = physical_digit(event)
        if digit is not None and not isinstance(QApplication.focusWidget(), QLineEdit):
            if not event.isAutoRepeat():  # as with the shortcut: a held key decides once
                self._registry.action(f"digit.{digit}").trigger()
            return
        super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if not self._holding.release(event):
            super().keyReleaseEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.ActivationChange and not self.isActiveWindow():
            self._holding.release_all()
        super().changeEvent(event)

    # -- drop and close --------------------------------------------------------------------
    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """From elsewhere: tiles let go over their own window are no dataset to open."""
        if event.mimeData().hasUrls() and event.source() is None:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        urls = [url for url in event.mimeData().urls() if url.isLocalFile()]
        paths = [local_path(url) for url in urls]
        if paths:
            self.dropped.emit(paths)

    def allow_close(self) -> None:
        """Everything is saved and every child has ended: the next close is final."""
        self._may_close = True
        self.close()

    def closeEvent(self, event: QCloseEvent) -> None:
        if self._may_close:
            event.accept()
        else:
            event.ignore()
            self.close_asked.emit()


def _has_keys(dock: QDockWidget) -> bool:
    focused = QApplication.focusWidget()
    return focused is not None and dock.isAncestorOf(focused)


def local_path(url: QUrl) -> str:
    """The path of a file URL; Qt itself drops the bytes of names that are not UTF-8."""
    encoded = url.path(QUrl.ComponentFormattingOption.FullyEncoded)
    return os.fsdecode(unquote_to_bytes(encoded))


def _column(*widgets: QWidget) -> QWidget:
    column = QWidget()
    layout = QVBoxLayout(column)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(0)
    for widget in widgets:
        layout.addWidget(widget)
    layout.setStretch(layout.count() - 1, 1)
    return column
