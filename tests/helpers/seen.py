"""What a person sees of a widget: its texts, and which of them are cut off or lie over others."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from xml.etree import ElementTree

from PySide6.QtCore import (
    QAbstractItemModel,
    QAbstractListModel,
    QBuffer,
    QIODevice,
    QModelIndex,
    QPoint,
    QRect,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import QFont, QFontMetricsF, QRegion, QTransform
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractScrollArea,
    QComboBox,
    QDockWidget,
    QFrame,
    QGroupBox,
    QHeaderView,
    QLabel,
    QLayout,
    QLineEdit,
    QMenu,
    QPlainTextEdit,
    QScrollArea,
    QScrollBar,
    QSlider,
    QStackedWidget,
    QStyle,
    QStyleOptionComboBox,
    QStyleOptionFrame,
    QTabBar,
    QWidget,
)

_ROWS = 40  # of a list; the others are like these
_SLACK_PX = 1  # styles round half a pixel up here and down there


def parts(top: QWidget) -> list[QWidget]:
    """A widget and everything in sight within it."""
    behind = [dock for dock in top.findChildren(QDockWidget) if dock.visibleRegion().isEmpty()]
    return [
        top,
        *(
            widget
            for widget in top.findChildren(QWidget)
            if widget.isVisibleTo(top)
            and widget.objectName() != "qt_scrollarea_viewport"  # painted by who scrolls it
            and not any(at.isAncestorOf(widget) for at in behind)
        ),
    ]


def place(widget: QWidget) -> str:
    """Where a widget is, for a person who has to find it."""
    over = widget.parentWidget()
    grand = over.parentWidget() if over else None
    names = (f"{type(at).__name__}#{at.objectName()}" for at in (widget, over, grand) if at)
    return " < ".join(name.removesuffix("#") for name in names)


# -- texts ---------------------------------------------------------------------------------
def texts(top: QWidget) -> Iterator[tuple[str, str]]:
    """(where, text) of everything a person can read or hear in it, but what is painted."""
    for widget in parts(top):
        for kind, text in _texts_of(widget):
            if text:
                yield f"{place(widget)}: {kind}", _plain(text)


def _texts_of(widget: QWidget) -> Iterator[tuple[str, str]]:
    yield "tooltip", widget.toolTip()
    yield "name", widget.accessibleName()
    yield "description", widget.accessibleDescription()
    if widget.isWindow() or isinstance(widget, QDockWidget):
        yield "title", widget.windowTitle()
    if isinstance(widget, QLabel | QAbstractButton):
        yield "text", widget.text()
    elif isinstance(widget, QLineEdit | QPlainTextEdit):
        yield "placeholder", widget.placeholderText()
    elif isinstance(widget, QComboBox):
        for row in range(widget.count()):
            yield f"item {row}", widget.itemText(row)
    elif isinstance(widget, QGroupBox):
        yield "title", widget.title()
    elif isinstance(widget, QTabBar):
        for tab in range(widget.count()):
            yield f"tab {tab}", widget.tabText(tab)
            yield f"tip of tab {tab}", widget.tabToolTip(tab)
    elif isinstance(widget, QMenu):
        for action in widget.actions():
            yield "entry", action.text()
            yield "tip of entry", action.toolTip()
    elif isinstance(widget, QHeaderView):
        model = widget.model()
        for section in range(widget.count()) if model else ():
            yield f"header {section}", str(model.headerData(section, widget.orientation()) or "")
    elif isinstance(widget, QAbstractItemView):
        yield from _items(widget)


def _items(view: QAbstractItemView) -> Iterator[tuple[str, str]]:
    model, root = view.model(), view.rootIndex()
    if model is None:
        return
    roles = Qt.ItemDataRole
    for row in range(min(model.rowCount(root), _ROWS)):
        for column in range(_columns(model, root)):
            index = model.index(row, column, root)
            for role in (roles.DisplayRole, roles.ToolTipRole, roles.AccessibleTextRole):
                said = index.data(role)
                if isinstance(said, str):
                    yield f"row {row} column {column} {role.name}", said


def _columns(model: QAbstractItemModel, root: QModelIndex) -> int:
    """PySide calls a list model's own count private."""
    return 1 if isinstance(model, QAbstractListModel) else model.columnCount(root)


def _plain(text: str) -> str:
    return html.unescape(re.sub(r"<[^>]+>", " ", text))


@dataclass(frozen=True)
class Painted:
    """A text and where its letters stand, in pixels of the widget that painted it."""

    text: str
    place: QRectF


def painted(widget: QWidget) -> list[Painted]:
    """Every text a widget paints by itself; those of plain labels are in `texts`."""
    if type(widget) in _PLAIN or widget.size().isEmpty():
        return []
    surface = widget.viewport() if isinstance(widget, QAbstractScrollArea) else widget
    buffer, generator = QBuffer(), QSvgGenerator()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    generator.setOutputDevice(buffer)
    generator.setSize(surface.size())
    generator.setResolution(surface.logicalDpiX())
    surface.render(generator, QPoint(), QRegion(), QWidget.RenderFlag(0))
    del generator  # it writes its last line when it goes
    drawing = ElementTree.fromstring(bytes(buffer.data()))  # noqa: S314 - our own
    return [
        Painted("".join(text.itertext()).strip(), _letters(text, group.get("transform", "")))
        for group in drawing.iter(_SVG + "g")
        for text in group.findall(_SVG + "text")
    ]


def _letters(text: ElementTree.Element, transform: str) -> QRectF:
    font = QFont(text.get("font-family", ""))
    font.setPixelSize(max(1, round(float(text.get("font-size", 12)))))
    font.setWeight(QFont.Weight(int(text.get("font-weight", 400))))
    metrics = QFontMetricsF(font)
    x, baseline = float(text.get("x", 0)), float(text.get("y", 0))
    width = metrics.horizontalAdvance("".join(text.itertext()).strip())
    upright = QRectF(x, baseline - metrics.xHeight(), width, metrics.xHeight())
    matrix = [float(value) for value in transform.removeprefix("matrix(")[:-1].split(",") if value]
    return QTransform(*matrix).mapRect(upright) if len(matrix) == 6 else upright


_SVG = "{http://www.w3.org/2000/svg}"


# -- room ----------------------------------------------------------------------------------
def cut_off(top: QWidget) -> list[str]:
    """Every text in sight that has less room than it needs and no tooltip that says it whole."""
    found = []
    for widget in parts(top):
        needed = _needed(widget)
        short = needed - widget.size()
        if max(short.width(), short.height()) > _SLACK_PX and not _told_whole(widget):
            found.append(f"{place(widget)} {_sample(widget)}: {_size(widget)} for {_size(needed)}")
        found += [f"{place(widget)} {said}" for said in _cut_within(widget)]
        found += [f"{place(widget)} paints {said}" for said in _painted_badly(widget)]
        if lost := _out_of_sight(widget, top):
            found.append(f"{place(widget)} {_sample(widget)}: {lost}")
    return found


def _needed(widget: QWidget) -> QSize:
    """The least size that shows the text of a widget; nothing for those without one."""
    if isinstance(widget, QLabel) and widget.text():
        if widget.wordWrap():
            return QSize(0, widget.heightForWidth(widget.width()))
        return widget.sizeHint()
    if isinstance(widget, QAbstractButton) and widget.text():
        return widget.sizeHint()
    if isinstance(widget, QLineEdit) and not widget.text() and widget.placeholderText():
        return QSize(_line_width(widget), widget.minimumSizeHint().height())
    if isinstance(widget, QComboBox):
        return QSize(_combo_width(widget), widget.minimumSizeHint().height())
    return QSize()


def _line_width(line: QLineEdit) -> int:
    option = QStyleOptionFrame()
    line.initStyleOption(option)
    field = line.style().subElementRect(QStyle.SubElement.SE_LineEditContents, option, line)
    words = line.fontMetrics().horizontalAdvance(line.placeholderText())
    return words + line.width() - field.width()


def _combo_width(combo: QComboBox) -> int:
    option = QStyleOptionComboBox()
    combo.initStyleOption(option)
    field = combo.style().subControlRect(
        QStyle.ComplexControl.CC_ComboBox, option, QStyle.SubControl.SC_ComboBoxEditField, combo
    )
    words = combo.fontMetrics().horizontalAdvance(combo.currentText())
    return words + combo.width() - field.width()


def _told_whole(widget: QWidget) -> bool:
    said = getattr(widget, "text", str)()
    whole, shown = _plain(widget.toolTip()), _plain(said).split("…")
    return bool(whole) and all(part.strip() in whole for part in shown)


def _cut_within(widget: QWidget) -> Iterator[str]:
    if isinstance(widget, QTabBar):
        for tab in range(widget.count()):
            needed = widget.fontMetrics().horizontalAdvance(widget.tabText(tab))
            if widget.isTabVisible(tab) and needed > widget.tabRect(tab).width():
                yield f"tab {widget.tabText(tab)!r}: {widget.tabRect(tab).width()} for {needed}"
    elif isinstance(widget, QHeaderView) and widget.model() is not None:
        for section in range(widget.count()):
            room = widget.sectionSize(section)
            needed = widget.sectionSizeFromContents(section).width()
            if 0 < room < needed - _SLACK_PX and widget.orientation() == Qt.Orientation.Horizontal:
                said = widget.model().headerData(section, widget.orientation())
                yield f"header {said!r}: {room} for {needed}"


def _painted_badly(widget: QWidget) -> Iterator[str]:
    """Texts that a widget paints over its own edge or over each other."""
    said = [line for line in painted(widget) if line.text]
    room = QRectF(widget.rect()).adjusted(-_SLACK_PX, 0, _SLACK_PX, 0)
    for line in said:
        left, right = line.place.left(), line.place.right()
        if room.intersects(line.place) and (left < room.left() or right > room.right()):
            yield f"{line.text!r} from {left:.0f} to {right:.0f} of {widget.width()}"
    for one, other in combinations(said, 2):
        common = one.place & other.place
        if min(common.width(), common.height()) > 2 * _SLACK_PX:
            yield f"{one.text!r} over {other.text!r}"


# These paint no text, or one that `texts` has and whose room is known.
_PLAIN = (QWidget, QFrame, QLabel, QLineEdit, QScrollArea, QScrollBar, QSlider, QStackedWidget)


def _out_of_sight(widget: QWidget, top: QWidget) -> str:
    """How a widget with a text reaches over the edge of what holds it."""
    if not isinstance(widget, QLabel | QAbstractButton | QLineEdit | QComboBox) or widget is top:
        return ""
    at, over = widget.rect(), widget
    while over is not top and over.parentWidget() is not None:
        at = at.translated(over.pos())
        over = over.parentWidget()
        scroll = over.parentWidget()
        if isinstance(scroll, QAbstractScrollArea) and over is scroll.viewport():
            if isinstance(scroll, QAbstractItemView):
                return ""
            beyond = max(at.right() - over.width() + 1, -at.left())
            if beyond > _SLACK_PX:
                return f"{beyond} px beyond the side of its scroll area"
            return ""
        room = over.rect().adjusted(-_SLACK_PX, -_SLACK_PX, _SLACK_PX, _SLACK_PX)
        if not room.contains(at):
            return f"{_rect(at)} outside {type(over).__name__} {_size(over)}"
    return ""


def overlapping(top: QWidget) -> list[str]:
    """Pairs of neighbours in one layout that lie over each other."""
    found = []
    for widget in parts(top):
        for layout in _layouts(widget.layout()):
            inside = [layout.itemAt(at) for at in range(layout.count())]
            shown = [
                item.geometry()
                for item in inside
                if not item.isEmpty() and (item.widget() or item.layout())
            ]
            for one, other in combinations(shown, 2):
                common = one & other
                if min(common.width(), common.height()) > _SLACK_PX:
                    found.append(f"{place(widget)}: {_rect(one)} over {_rect(other)}")
    return found


def _layouts(layout: QLayout | None) -> Iterator[QLayout]:
    """A layout and those within it, but for Qt's own, which lay pages over each other."""
    if layout is None or layout.metaObject().className() in _QTS_OWN:
        return
    yield layout
    for at in range(layout.count()):
        yield from _layouts(layout.itemAt(at).layout())


_QTS_OWN = ("QStackedLayout", "QMainWindowLayout", "QToolBarLayout", "QDockWidgetLayout")


def _sample(widget: QWidget) -> str:
    said = getattr(widget, "text", str)() or getattr(widget, "placeholderText", str)()
    return repr(_plain(said)[:40])


def _size(of: QWidget | QSize) -> str:
    return f"{of.width()}x{of.height()}"


def _rect(of: QRect) -> str:
    return f"({of.left()}, {of.top()}, {of.width()}x{of.height()})"
