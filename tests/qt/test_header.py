"""The strip under the menu bar says what is open in the room there is."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from qtapp.views.header import Header
from tests.qt.states import Review

LONG = "a folder named after its purpose " * 9


def shown(qtbot: QtBot, name: str) -> Header:
    review = Review()
    for command in ("look.data", "help.keys"):
        review.registry.add(command, command, lambda: None)
    review.session.open(replace(review.info, name=name), "/nowhere/tiny.winnow")
    header = Header(review.session, review.labels, review.training, review.registry, review.theme)
    qtbot.addWidget(header)
    header.resize(900, 40)
    with qtbot.waitExposed(header):
        header.show()
    return header


def test_the_window_does_not_grow_with_the_name_of_a_dataset(qtbot: QtBot) -> None:
    short, long = shown(qtbot, "digits"), shown(qtbot, LONG)
    assert long.minimumSizeHint().width() == short.minimumSizeHint().width()
    assert "…" in long._name.text()
    assert long._name.toolTip() == LONG


def test_a_name_that_fits_is_whole_in_fonts_of_any_size(qtbot: QtBot) -> None:
    header = shown(qtbot, "thousand")
    name = header._name
    font = name.font()
    for tenths in range(90, 160, 7):
        font.setPointSizeF(tenths / 10)
        name.setFont(font)
        QApplication.processEvents()
        assert name.text() == "thousand"
