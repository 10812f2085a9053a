"""All keys on one page, made from the registry."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from qtapp.commands.registry import Described, Registry
from qtapp.views import theme as look
from qtapp.views.parts import section

COLUMNS, KEYS_PX, WIDTH_PX = 3, 140, 1040  # at most, at least, wanted


def title_of(section_name: str) -> str:
    """What a section of the registry is called."""
    translate = QCoreApplication.translate
    return {
        "decide": translate("CheatSheet", "Decide"),
        "move": translate("CheatSheet", "Move"),
        "look": translate("CheatSheet", "Look"),
        "image": translate("CheatSheet", "Image"),
        "file": translate("CheatSheet", "File"),
        "run": translate("CheatSheet", "Train"),
        "help": translate("CheatSheet", "Help"),
    }.get(section_name, section_name.capitalize())


class CheatSheet(QDialog):
    """What can be pressed, by section; it is made anew each time it is opened."""

    def __init__(self, registry: Registry, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._registry = registry
        self.setWindowTitle(self.tr("Keys"))
        self.resize(WIDTH_PX, 720)
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setAccessibleName(self.tr("Keys"))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._scroll)

    def ask(self) -> None:
        """Open it."""
        self._fill()
        self.open()

    def _fill(self) -> None:
        """As many columns as have room beside each other."""
        over = self.parentWidget() or self
        most = over.width() - 2 * look.space_4
        bar_px = self._scroll.verticalScrollBar().sizeHint().width()
        for n_columns in range(COLUMNS, 0, -1):
            page = self._page(n_columns)
            needed = page.minimumSizeHint().width() + bar_px
            if needed <= most:
                break
        self._scroll.setWidget(page)
        width = max(needed, min(WIDTH_PX, most))
        self.resize(width, min(page.heightForWidth(width - bar_px), over.height() - look.space_4))

    def _page(self, n_columns: int) -> QWidget:
        sections: dict[str, list[Described]] = {}
        for line in self._registry.described():
            if line.keys and line.section != "digit":
                sections.setdefault(line.section, []).append(line)
        page = QWidget()
        page.setProperty("panel", True)
        row = QHBoxLayout(page)
        row.setContentsMargins(look.space_4, look.space_3, look.space_4, look.space_3)
        row.setSpacing(2 * look.space_4)
        blocks = [self._block(title_of(name), lines) for name, lines in sections.items()]
        blocks.insert(1, self._digits())
        width = WIDTH_PX // n_columns - 2 * look.space_4
        heights = [block.heightForWidth(width) for block in blocks]
        for places in columns_of(heights, n_columns):
            column = QVBoxLayout()
            column.setSpacing(look.space_4)
            for place in places:
                column.addWidget(blocks[place])
            column.addStretch()
            row.addLayout(column, 1)
        return page

    def _block(self, title: str, lines: list[Described]) -> QWidget:
        block, grid = self._grid(title)
        for at, line in enumerate(lines, start=1):
            keys = [
                QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)
                for key in line.keys
            ]
            grid.addWidget(self._caps(keys), at, 0, Qt.AlignmentFlag.AlignTop)
            text = QLabel(line.text)
            text.setWordWrap(True)
            grid.addWidget(text, at, 1)
        return block

    def _digits(self) -> QWidget:
        block, grid = self._grid(self.tr("Set a class"))
        rule = QLabel(
            self.tr(
                "the first ten classes in list order, never by likelihood. Where every class "
                "name is one digit, the class of that name. The keypad and the physical digit "
                "keys work too. Past ten classes, pick by name."
            )
        )
        rule.setWordWrap(True)
        grid.addWidget(self._caps(["1", "…", "9", "0"]), 1, 0, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(rule, 1, 1)
        return block

    @staticmethod
    def _grid(title: str) -> tuple[QWidget, QGridLayout]:
        block = QWidget()
        grid = QGridLayout(block)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(look.space_3)
        grid.setVerticalSpacing(look.space_1)
        grid.setColumnMinimumWidth(0, KEYS_PX)
        grid.setColumnStretch(1, 1)
        grid.addWidget(section(title), 0, 0, 1, 2)
        return block, grid

    @staticmethod
    def _caps(keys: list[str]) -> QWidget:
        caps = QWidget()
        row = QHBoxLayout(caps)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(look.space_1)
        for key in keys:
            cap = QLabel(key)
            cap.setProperty("role", "key")
            cap.setAlignment(Qt.AlignmentFlag.AlignCenter)
            row.addWidget(cap)
        row.addStretch()
        return caps


def columns_of(heights: list[int], n_columns: int) -> list[list[int]]:
    """Places of blocks, about as many pixels in each column; read from the top left."""
    columns: list[list[int]] = [[] for _ in range(n_columns)]
    for place in sorted(range(len(heights)), key=lambda place: -heights[place]):
        shortest = min(columns, key=lambda column: sum(heights[block] for block in column))
        shortest.append(place)
    return sorted(sorted(column) for column in columns if column)
