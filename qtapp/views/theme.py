"""The look: colours, sizes and glyphs, in the scheme and font size of system or person."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from importlib import resources
from string import Template

from PySide6.QtCore import QByteArray, QCoreApplication, QEvent, QObject, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFontDatabase,
    QGuiApplication,
    QIcon,
    QPainter,
    QPalette,
    QPixmap,
)
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication

SYSTEM, LIGHT, DARK, CONTRAST = "system", "light", "dark", "contrast"

# Distances in device-independent pixels.
space_1, space_2, space_3, space_4 = 4, 8, 12, 16
radius = 5
# Font sizes as multiples of the system's.
small, title, figure = 0.87, 1.25, 1.7

_UNITS = 24  # the side of a glyph in its own units
_LINE_PX = 1.5  # as strong as letters, also where a glyph is small
_LINES = (2.0, 3.0)  # of all sizes, in units


def load_tokens() -> dict[str, dict[str, str]]:
    """Colours by token, of LIGHT, DARK and CONTRAST."""
    return tomllib.loads(_read("styles/tokens.toml"))


@lru_cache(maxsize=64)
def _read(name: str) -> str:
    return resources.files("resources").joinpath(name).read_text(encoding="utf-8")


def _icons_folder() -> str:
    """Where a style sheet finds pictures; it can only name files."""
    return str(resources.files("resources").joinpath("icons")).replace("\\", "/")


class Theme(QObject):
    """Follows the system's colour scheme and contrast, unless the person prefers one."""

    changed = Signal()

    def __init__(
        self, preference: str = SYSTEM, parent: QObject | None = None, font_percent: int = 100
    ) -> None:
        super().__init__(parent)
        self._tokens = {
            scheme: {token: QColor(value) for token, value in colours.items()}
            for scheme, colours in load_tokens().items()
        }
        self._pixmaps: dict[tuple[str, str, int, float], QPixmap] = {}
        self._app: QApplication | None = None
        self.preference, self.font_percent = preference, font_percent
        self.scheme = preference if preference in self._tokens else LIGHT

    def color(self, token: str) -> QColor:
        """The colour of a token in the scheme shown now; a copy, free to be changed."""
        return QColor(self._tokens[self.scheme][token])

    def apply(self, app: QApplication) -> None:
        """Dress an application, now and whenever the system turns light, dark or contrasting."""
        self._app = app
        app.setStyle("Fusion")
        hints = app.styleHints()
        hints.colorSchemeChanged.connect(self._follow)
        if hasattr(hints, "accessibility"):  # since Qt 6.10
            hints.accessibility().contrastPreferenceChanged.connect(self._follow)
        self._follow()

    def prefer(self, preference: str) -> None:
        """Choose SYSTEM, LIGHT, DARK or CONTRAST."""
        self.preference = preference
        self._follow()

    def set_font_percent(self, percent: int) -> None:
        """Write everything in this size, as a share of the system's."""
        self.font_percent = percent
        self._follow()

    def pixmap(self, name: str, token: str, size_px: int, ratio: float = 1.0) -> QPixmap:
        """A glyph of resources/icons in one colour, sharp at a screen's pixel ratio."""
        colour = self.color(token).name()
        key = (name, colour, size_px, ratio)
        if key not in self._pixmaps:
            self._pixmaps[key] = _render(name, colour, size_px, ratio)
        return self._pixmaps[key]

    def icon(self, name: str, tint: str = "text") -> QIcon:
        """A glyph for buttons and lines of lists; take it again when the theme changes."""
        icon = QIcon()
        for ratio in {1.0, *(screen.devicePixelRatio() for screen in QGuiApplication.screens())}:
            icon.addPixmap(self.pixmap(name, tint, 16, ratio))
            icon.addPixmap(self.pixmap(name, "text_muted", 16, ratio), QIcon.Mode.Disabled)
            icon.addPixmap(self.pixmap(name, "on_accent", 16, ratio), QIcon.Mode.Selected)
        return icon

    def _follow(self) -> None:
        known = self.preference in self._tokens
        self.scheme = self.preference if known else self._system_scheme()
        if self._app is not None:
            self._dress(self._app)
        self.changed.emit()

    def _dress(self, app: QApplication) -> None:
        """Nothing is done twice: a style sheet costs a tenth of a second in Qt, or several."""
        font = QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont)
        font.setPointSizeF(font.pointSizeF() * self.font_percent / 100)
        style_sheet = self._style_sheet(font.pointSizeF())
        if style_sheet == app.styleSheet():
            return
        # In place of another sheet, Qt 6.11 styles a widget once for each of its ancestors
        # (updateObjects in qstylesheetstyle.cpp); in place of none, once: a quarter of the time.
        app.setStyleSheet("")
        if font.pointSizeF() != app.font().pointSizeF():
            app.setFont(font)
            # Qt 6 tells widgets of it by a posted event. Once a window that was never shown wears a
            # sheet, that reaches the window and nothing inside of it.
            QCoreApplication.sendPostedEvents(None, QEvent.Type.ApplicationFontChange)
        app.setPalette(self._palette())
        app.setStyleSheet(style_sheet)

    def _system_scheme(self) -> str:
        if self._app is None:
            return LIGHT
        hints = self._app.styleHints()
        if (
            hasattr(hints, "accessibility")
            and hints.accessibility().contrastPreference() == Qt.ContrastPreference.HighContrast
        ):
            return CONTRAST
        return DARK if hints.colorScheme() == Qt.ColorScheme.Dark else LIGHT

    def _style_sheet(self, font_pt: float) -> str:
        values = {token: self.color(token).name() for token in self._tokens[LIGHT]}
        pictures = LIGHT if self.scheme == LIGHT else DARK
        values |= {"scheme": pictures, "icons": _icons_folder()}
        sizes = {"small": small, "title": title, "figure": figure}
        values |= {name: f"{font_pt * size:.1f}" for name, size in sizes.items()}
        return Template(_read("styles/winnow.qss")).substitute(values)

    def _palette(self) -> QPalette:
        roles = {
            QPalette.ColorRole.Window: "window",
            QPalette.ColorRole.WindowText: "text",
            QPalette.ColorRole.Base: "panel",
            QPalette.ColorRole.AlternateBase: "raised",
            QPalette.ColorRole.Text: "text",
            QPalette.ColorRole.PlaceholderText: "text_muted",
            QPalette.ColorRole.Button: "raised",
            QPalette.ColorRole.ButtonText: "text",
            QPalette.ColorRole.BrightText: "danger",
            QPalette.ColorRole.ToolTipBase: "raised",
            QPalette.ColorRole.ToolTipText: "text",
            QPalette.ColorRole.Highlight: "accent",
            QPalette.ColorRole.HighlightedText: "on_accent",
            QPalette.ColorRole.Accent: "accent",
            QPalette.ColorRole.Link: "accent",
            QPalette.ColorRole.LinkVisited: "accent",
            QPalette.ColorRole.Light: "panel",
            QPalette.ColorRole.Midlight: "raised",
            QPalette.ColorRole.Mid: "border",
            QPalette.ColorRole.Dark: "border",
        }
        palette = QPalette()
        for role, token in roles.items():
            palette.setColor(role, self.color(token))
        greyed = (QPalette.ColorRole.Text, QPalette.ColorRole.ButtonText)
        for role in (*greyed, QPalette.ColorRole.WindowText):
            palette.setColor(QPalette.ColorGroup.Disabled, role, self.color("text_muted"))
        return palette


def _render(name: str, colour: str, size_px: int, ratio: float) -> QPixmap:
    side, svg = round(size_px * ratio), _read(f"icons/{name}.svg")
    line = min(max(_LINE_PX * _UNITS / size_px, _LINES[0]), _LINES[1])
    # Where units fall between pixels, a line of odd width is sharp half a pixel further on.
    is_between = side % 8 == 0 and int(line * side / _UNITS) % 2
    shift = 0.5 if colour and is_between else 0.0
    svg = svg.replace("currentColor", colour)
    svg = svg.replace('stroke-width="2"', f'stroke-width="{line:.2f}"')
    renderer = QSvgRenderer(QByteArray(svg.encode()))
    pixmap = QPixmap(side, side)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    renderer.render(painter, QRectF(shift, shift, side, side))
    painter.end()
    pixmap.setDevicePixelRatio(ratio)
    return pixmap


def application_icon() -> QIcon:
    """The program's own icon, at the sizes desktops ask for."""
    icon = QIcon()
    for side in (16, 24, 32, 48, 64, 128, 256):
        icon.addPixmap(_render("winnow", "", side, 1.0))
    return icon
