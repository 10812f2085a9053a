"""The look is readable in light and dark and follows what the person prefers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import resources
from itertools import combinations, product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication, QDialog, QLabel, QMainWindow, QWidget
from pytestqt.qtbot import QtBot

from qtapp.views.theme import CONTRAST, DARK, LIGHT, Theme, application_icon, load_tokens
from tests.helpers.screens import undress

FloatArray = NDArray[np.floating[Any]]
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
    """The application, which wears nothing afterwards."""
    yield qapp
    undress(qapp)


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


def test_the_font_size_of_last_time_reaches_all_of_a_window_that_is_not_shown_yet(
    undressed: QApplication, qtbot: QtBot
) -> None:
    window = QMainWindow()
    label, dialog = QLabel("words"), QDialog(window)
    inside = QLabel("more words", dialog)
    window.setCentralWidget(label)
    qtbot.addWidget(window)
    before = undressed.font().pointSizeF()
    Theme(LIGHT, font_percent=150).apply(undressed)
    window.show()
    dialog.show()
    undressed.processEvents()
    assert [widget.font().pointSizeF() for widget in (label, inside)] == 2 * [1.5 * before]


def test_an_unknown_preference_is_as_if_there_were_none(undressed: QApplication) -> None:
    theme = Theme("sepia")
    theme.apply(undressed)
    assert theme.scheme in (LIGHT, DARK, CONTRAST)


def test_glyphs_take_the_colour_of_a_token(qapp: QApplication) -> None:
    theme = Theme(LIGHT)
    image = theme.pixmap("square", "given", 16, 2.0).toImage()
    assert image.width() == 32
    assert image.pixelColor(16, 16) == theme.color("given")


ICONS = Path(str(resources.files("resources"))) / "icons"
GLYPHS = sorted(path for path in ICONS.glob("*.svg") if not path.stem.endswith(("_light", "_dark")))
STYLED = {  # what the style sheet names: (glyph, its colour)
    "chevron": ("chevron", "text_muted"),
    "close": ("close", "text_muted"),
    "float": ("float", "text_muted"),
    "tick": ("check", "on_accent"),
}
SHAPES = re.compile(r"<(?:path|rect|circle|line)\b[^>]*>")


def test_every_glyph_is_of_one_set_and_its_licence_lies_beside() -> None:
    own = {path.stem for path in GLYPHS if "@license lucide" not in path.read_text()}
    assert own == {"winnow"}
    assert "ISC License" in (ICONS / "LICENSE").read_text()


def test_every_glyph_is_drawn_in_the_colour_it_is_asked_for(qapp: QApplication) -> None:
    theme = Theme(LIGHT)
    wanted = np.array(theme.color("danger").getRgb()[:3])
    for path in GLYPHS:
        if path.stem != "winnow":
            image = theme.pixmap(path.stem, "danger", 16).toImage()
            inked = [image.pixelColor(x, y) for x, y in product(range(16), range(16))]
            solid = np.array([colour.getRgb()[:3] for colour in inked if colour.alpha() > 200])
            assert len(solid), path.stem
            assert np.abs(solid - wanted).max() <= 3, path.stem


@pytest.mark.parametrize("ratio", [1.0, 1.5, 2.0])
def test_straight_lines_of_glyphs_are_sharp(qapp: QApplication, ratio: float) -> None:
    image = Theme(LIGHT).pixmap("tiles_large", "text", 16, ratio).toImage()
    middle = range(image.width() // 3, 2 * image.width() // 3)
    across = max(min(image.pixelColor(x, y).alpha() for x in middle) for y in range(image.height()))
    assert across == 255  # at least one row of pixels is all line


@pytest.mark.parametrize("scheme", [LIGHT, DARK])
@pytest.mark.parametrize("name", STYLED)
def test_pictures_of_the_style_sheet_are_glyphs_in_colours_of_the_scheme(
    name: str, scheme: str
) -> None:
    glyph, token = STYLED[name]
    picture = (ICONS / f"{name}_{scheme}.svg").read_text()
    assert SHAPES.findall(picture) == SHAPES.findall((ICONS / f"{glyph}.svg").read_text())
    assert f'stroke="{load_tokens()[scheme][token]}"' in picture


def test_the_style_sheet_names_no_other_picture() -> None:
    named = re.findall(r"\$icons/(\w+)_\$scheme", (ICONS.parent / "styles/winnow.qss").read_text())
    assert set(named) == set(STYLED)


def test_lines_of_small_glyphs_are_as_strong_as_those_of_large_ones(qapp: QApplication) -> None:
    def ink(size_px: int) -> float:
        """Pixels of a line across the middle of a circle, of its two crossings."""
        image = Theme(LIGHT).pixmap("circle", "text", size_px).toImage()
        return sum(image.pixelColor(x, size_px // 2).alphaF() for x in range(size_px)) / 2

    assert [round(ink(size_px), 1) for size_px in (12, 16, 24)] == pytest.approx(
        [1.5, 1.5, 2.0], abs=0.2
    )


def test_another_theme_styles_every_widget_once_however_deep_it_lies(
    undressed: QApplication, qtbot: QtBot
) -> None:
    theme = Theme(LIGHT)
    theme.apply(undressed)
    window = QWidget()
    qtbot.addWidget(window)
    deepest = window
    for _ in range(12):
        deepest = QLabel("within", deepest)
    window.show()
    styled = Counted(deepest, QEvent.Type.StyleChange)
    theme.prefer(DARK)
    assert styled.n <= 2  # the old style goes, the new one comes


class Counted(QObject):
    """Counts the events of one kind that an object gets."""

    def __init__(self, of: QObject, kind: QEvent.Type) -> None:
        super().__init__(of)
        self.n, self._kind = 0, kind
        of.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        self.n += event.type() == self._kind
        return False


def test_the_application_has_an_icon(qapp: QApplication) -> None:
    assert not application_icon().isNull()


# What people see who lack one kind of cone, in linear RGB: Machado, Oliveira and Fernandes (2009),
# "A physiologically-based model for simulation of color vision deficiency", severity 1.
VISIONS = {
    "usual": np.eye(3),
    "protanopia": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "deuteranopia": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
    "tritanopia": np.array(
        [
            [1.255528, -0.076749, -0.178779],
            [-0.078411, 0.930809, 0.147602],
            [0.004733, 0.691367, 0.303900],
        ]
    ),
}
TO_XYZ = np.array(
    [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.0721750],
        [0.0193339, 0.1191920, 0.9503041],
    ]
)
CLASSES = [f"class_{number}" for number in range(1, 9)]
APART = 18  # in CIELAB; neighbours of a good palette of eight are about so far from each other


def lab(value: str, vision: FloatArray) -> FloatArray:
    """A colour in CIELAB as it is seen. (3,)"""
    colour = QColor(value)
    parts = np.array([colour.redF(), colour.greenF(), colour.blueF()])
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    seen = TO_XYZ @ np.clip(vision @ linear, 0, 1) / TO_XYZ.sum(axis=1)
    x, y, z = np.where(seen > 0.008856, np.cbrt(seen), 7.787 * seen + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("scheme", [LIGHT, DARK, CONTRAST])
@pytest.mark.parametrize("vision", VISIONS)
def test_classes_can_be_told_apart_whatever_cones_one_has(scheme: str, vision: str) -> None:
    tokens = load_tokens()[scheme]
    seen = {name: lab(tokens[name], VISIONS[vision]) for name in CLASSES}
    too_close = {
        (one, other): round(distance, 1)
        for one, other in combinations(CLASSES, 2)
        if (distance := float(np.linalg.norm(seen[one] - seen[other]))) < APART
    }
    assert not too_close


@pytest.mark.parametrize("scheme", [LIGHT, DARK, CONTRAST])
def test_classes_stand_out_from_what_they_are_painted_on(scheme: str) -> None:
    tokens = load_tokens()[scheme]
    assert min(contrast(tokens[name], tokens["panel"]) for name in CLASSES) >= 3


def test_the_same_theme_again_dresses_nothing(undressed: QApplication) -> None:
    theme, dressed = Theme(LIGHT), Dressings()
    theme.apply(undressed)
    undressed.installEventFilter(dressed)
    theme.prefer(LIGHT)
    theme.set_font_percent(100)
    assert dressed.n == 0
    theme.prefer(DARK)
    assert dressed.n > 0
    undressed.removeEventFilter(dressed)


class Dressings(QObject):
    """Counts how often widgets are told of another style."""

    def __init__(self) -> None:
        super().__init__()
        self.n = 0

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        self.n += event.type() in (QEvent.Type.StyleChange, QEvent.Type.ApplicationPaletteChange)
        return False
