"""Texts on tiles are cut so that they can still be told apart."""

from __future__ import annotations

from PySide6.QtGui import QFont, QFontMetricsF
from PySide6.QtWidgets import QApplication

from qtapp.views.grid.ink import TextInk


def test_long_names_that_begin_alike_can_be_told_apart(qapp: QApplication) -> None:
    font = QFont()
    ink = TextInk(font)
    width = round(QFontMetricsF(font).averageCharWidth() * 12)
    adult, young = (ink.text(f"black-and-white bow, {age}", width) for age in ("adult", "young"))
    assert adult.text() != young.text()
    assert adult.text().startswith("bl")
    assert max(adult.size().width(), young.size().width()) <= width


def test_what_has_room_is_not_cut(qapp: QApplication) -> None:
    assert TextInk(QFont()).text("bow", 500).text() == "bow"
