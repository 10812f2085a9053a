"""The look: colours, sizes and glyphs, light or dark as the system is."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from importlib import resources
from string import Template

from PySide6.QtCore import QByteArray, QObject, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QPainter, QPalette, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication

SYSTEM, LIGHT, DARK = "system", "light", "dark"

# Distances in device-independent pixels.
space_1, space_2, space_3, space_4 = 4, 8, 12, 16
radius = 5
# Font sizes as multiples of the system's.
small, title = 0.87, 1.25


def load_tokens() -> dict[str, dict[str, str]]:
    """Colours by token, of "light" and of "dark"."""
    return tomllib.loads(_read("styles/tokens.toml"))


@lru_cache(maxsize=64)
def _read(name: str) -> str:
    return resources.files("resources").joinpath(name).read_text(encoding="utf-8")


def _icons_folder() -> str:
    """Where a style sheet finds pictures; it can only name files."""
    return str(resources.files("resources").joinpath("icons")).replace("\\", "/")


class Theme(QObject):
    """Follows the system's colour scheme, unless the person prefers light or dark."""

    changed = Signal()

    def __init__(self, preference: str = SYSTEM, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tokens = {
            scheme: {token: QColor(value) for token, value in colours.items()}
            for scheme, colours in load_tokens().items()
        }
        self._pixmaps: dict[tuple[str, str, int, float], QPixmap] = {}
        self._app: QApplication | None = None
        self.preference = preference
        self.is_dark = preference == DARK

    def color(self, token: str) -> QColor:
        """The colour of a token in the scheme shown now; a copy, free to be changed."""
        return QColor(self._tokens[DARK if self.is_dark else LIGHT][token])

    def apply(self, app: QApplication) -> None:
        """Dress an application, now and whenever the system turns light or dark."""
        self._app = app
        app.setStyle("Fusion")
        app.styleHints().colorSchemeChanged.connect(self._follow)
        self._follow()

    def prefer(self, preference: str) -> None:
        """Choose SYSTEM, LIGHT or DARK."""
        self.preference = preference
        self._follow()

    def pixmap(self, name: str, token: str, size_px: int, ratio: float = 1.0) -> QPixmap:
        """A glyph of resources/icons in one colour, sharp at a screen's pixel ratio."""
        colour = self.color(token).name()
        key = (name, colour, size_px, ratio)
        if key not in self._pixmaps:
            self._pixmaps[key] = _render(name, colour, size_px, ratio)
        return self._pixmaps[key]

    def icon(self, name: str, tint: str = "text") -> QIcon:
        """A glyph for buttons; take it again when the theme changes."""
        icon = QIcon()
        for ratio in (1.0, 2.0):
            icon.addPixmap(self.pixmap(name, tint, 16, ratio))
            icon.addPixmap(self.pixmap(name, "text_muted", 16, ratio), QIcon.Mode.Disabled)
        return icon

    def _follow(self) -> None:
        scheme = Qt.ColorScheme.Unknown
        if self._app is not None:
            scheme = self._app.styleHints().colorScheme()
        system_is_dark = scheme == Qt.ColorScheme.Dark
        self.is_dark = self.preference == DARK or (self.preference == SYSTEM and system_is_dark)
        if self._app is not None:
            self._app.setPalette(self._palette())
            self._app.setStyleSheet(self._style_sheet(self._app.font().pointSizeF()))
        self.changed.emit()

    def _style_sheet(self, font_pt: float) -> str:
        values = {token: self.color(token).name() for token in self._tokens[LIGHT]}
        values |= {"scheme": DARK if self.is_dark else LIGHT, "icons": _icons_folder()}
        values |= {"small": f"{font_pt * small:.1f}", "title": f"{font_pt * title:.1f}"}
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
    svg = _read(f"icons/{name}.svg").replace("currentColor", colour)
    renderer = QSvgRenderer(QByteArray(svg.encode()))
    side = round(size_px * ratio)
    pixmap = QPixmap(side, side)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    renderer.render(painter, QRectF(0, 0, side, side))
    painter.end()
    pixmap.setDevicePixelRatio(ratio)
    return pixmap


def application_icon() -> QIcon:
    """The program's own icon, at the sizes desktops ask for."""
    icon = QIcon()
    for side in (16, 24, 32, 48, 64, 128, 256):
        icon.addPixmap(_render("winnow", "", side, 1.0))
    return icon
