"""The look is readable in light and dark and follows what the person prefers."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import pytest
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from qtapp.views.theme import CONTRAST, DARK, LIGHT, Theme, application_icon, load_tokens

BACKGROUNDS = ("window", "panel", "raised", "tile", "tile_hover", "tile_current")
TEXTS = (
    *("text", "text_muted", "accent", "given", "suggested", "corrected", "excluded", "kept"),
    *("second_look", "pending", "danger", "success", "curve_train", "curve_held_out"),
)
PAIRS = [*product(TEXTS, BACKGROUNDS), ("on_accent", "accent"), ("badge_text", "badge")]


def luminance(value: str) -> float:
    """Relative luminance as WCAG 2 defines it."""
    colour = QColor(value)
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (colour.redF(), colour.greenF(), colour.blueF())
    )
    return float(0.2126 * red + 0.7152 * green + 0.0722 * blue)


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize(("scheme", "least"), [(LIGHT, 4.5), (DARK, 4.5), (CONTRAST, 7.0)])
def test_every_text_colour_can_be_read_on_every_background(scheme: str, least: float) -> None:
    tokens = load_tokens()[scheme]
    too_weak = {
        (text, ground): round(contrast(tokens[text], tokens[ground]), 2)
        for text, ground in PAIRS
        if contrast(tokens[text], tokens[ground]) < least
    }
    assert not too_weak


def test_every_scheme_knows_the_same_tokens() -> None:
    tokens = load_tokens()
    assert tokens[LIGHT].keys() == tokens[DARK].keys() == tokens[CONTRAST].keys()


@pytest.fixture
def undressed(qapp: QApplication) -> Iterator[QApplication]:
    """The application, with no style sheet left behind."""
    font = qapp.font()
    yield qapp
    qapp.setFont(font)
    qapp.setStyleSheet("")
    qapp.setPalette(qapp.style().standardPalette())


def test_a_preference_wins_over_the_system_and_is_announced(
    undressed: QApplication, qtbot: QtBot
) -> None:
    theme = Theme()
    theme.apply(undressed)
    with qtbot.waitSignal(theme.changed):
        theme.prefer(DARK)
    assert undressed.palette().window().color() == theme.color("window")
    theme.prefer(LIGHT)
    assert theme.scheme == LIGHT
    assert theme.color("accent").name() in undressed.styleSheet()


def test_the_font_grows_at_once_and_the_style_with_it(
    undressed: QApplication, qtbot: QtBot
) -> None:
    theme = Theme(LIGHT)
    theme.apply(undressed)
    before, label = undressed.font().pointSizeF(), QLabel("words")
    qtbot.addWidget(label)
    width = label.sizeHint().width()
    theme.set_font_percent(200)
    assert undressed.font().pointSizeF() == 2 * before
    assert label.sizeHint().width() > 1.5 * width
    theme.set_font_percent(100)
    assert undressed.font().pointSizeF() == before


def test_an_unknown_preference_is_as_if_there_were_none(undressed: QApplication) -> None:
    theme = Theme("sepia")
    theme.apply(undressed)
    assert theme.scheme in (LIGHT, DARK, CONTRAST)


def test_glyphs_take_the_colour_of_a_token(qapp: QApplication) -> None:
    theme = Theme(LIGHT)
    image = theme.pixmap("square", "given", 16, 2.0).toImage()
    assert image.width() == 32
    assert image.pixelColor(16, 16) == theme.color("given")


def test_the_application_has_an_icon(qapp: QApplication) -> None:
    assert not application_icon().isNull()
