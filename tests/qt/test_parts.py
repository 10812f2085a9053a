"""Labels that give way and tables, in any font, also in one that comes while they are in sight."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QFont, QFontMetrics, QImage
from PySide6.QtWidgets import QTableWidget, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from qtapp.views.parts import ElidedLabel, FittedRows


def larger(font: QFont, factor: float) -> QFont:
    font = QFont(font)
    font.setPointSizeF(font.pointSizeF() * factor)
    return font


def shown_in_a_column(qtbot: QtBot, label: ElidedLabel) -> QWidget:
    """As high as the label asks to be."""
    column = QWidget()
    layout = QVBoxLayout(column)
    layout.addWidget(label)
    layout.addStretch()
    qtbot.addWidget(column)
    column.resize(240, 120)
    column.show()
    return column


@pytest.mark.parametrize("factor", [0.83, 0.87, 1.0, 1.1, 1.2, 1.5, 1.74, 2.0])
def test_file_names_keep_their_underscores_in_letters_of_any_size(
    qtbot: QtBot, factor: float
) -> None:
    label = ElidedLabel()
    label.setFont(larger(label.font(), factor))
    column = shown_in_a_column(qtbot, label)
    pictures: list[QImage] = []
    for name in ("____", "    "):
        label.set_whole(name)
        pictures.append(column.grab().toImage())
    assert pictures[0] != pictures[1]


def test_a_name_is_cut_anew_when_letters_grow_and_not_by_the_edge(qtbot: QtBot) -> None:
    label = ElidedLabel()
    label.set_whole("a name of some length")
    column = shown_in_a_column(qtbot, label)
    assert column.isVisible()
    assert label.text() == "a name of some length"
    label.setFont(larger(label.font(), 2))
    assert label.text().endswith("…")
    assert QFontMetrics(label.font()).horizontalAdvance(label.text()) <= label.width()


def test_rows_of_a_table_grow_with_the_letters_in_them(qtbot: QtBot) -> None:
    table = QTableWidget(3, 1)
    qtbot.addWidget(table)
    FittedRows(table, 4)
    table.setFont(larger(table.font(), 2))
    assert table.rowHeight(2) == QFontMetrics(table.font()).height() + 4
