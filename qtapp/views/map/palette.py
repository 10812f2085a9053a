"""How the images of the map look, by what they are coloured by."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPolygonF

from models.review.colouring import LEVELS
from models.review.ordering import ASCENDING
from qtapp.jobs.map_drawing import SHAPES, Ink
from qtapp.jobs.map_pictures import LABEL, NOTHING_TOLD, PREDICTED, SPLIT, STATE
from qtapp.views.theme import Theme

N_COLOURS = 8  # tokens class_1 to class_8
GROUPINGS = (LABEL, PREDICTED, SPLIT, STATE, NOTHING_TOLD)

_STATES = ("pending", "kept", "corrected", "excluded", "second_look")
_RADIUS_PX, _CELL_PX = 3.6, 1.5
_SUSPECT_WEIGHT = 15.0  # how much more the suspicious end counts where many share a place


def ink_for(by: str, n_groups: int, theme: Theme, ratio: float) -> Ink:
    """Ink for `n_groups` groups, or for a scale if `by` is a score."""
    if by in GROUPINGS:
        colours = [theme.color("bar_muted"), *(group_colour(by, i, theme) for i in range(n_groups))]
        weights = np.ones(len(colours), np.float32)
        shapes = np.array([0, *(group_shape(by, i) for i in range(n_groups))], np.uint8)
    else:
        colours = [theme.color("bar_muted"), *scale_colours(theme, by)]
        steps = np.linspace(0, 1, LEVELS, dtype=np.float32)
        suspect = steps[::-1] if by in ASCENDING else steps
        weights = np.concatenate([[0.5], 1 + _SUSPECT_WEIGHT * suspect**2]).astype(np.float32)
        shapes = np.zeros(len(colours), np.uint8)
    return Ink(
        np.array([_rgb(colour) for colour in colours], np.float32),
        weights,
        shapes,
        _RADIUS_PX * ratio,
        max(1, round(_CELL_PX * ratio)),
    )


def group_colour(by: str, group: int, theme: Theme) -> QColor:
    if by == STATE:
        return theme.color(_STATES[group])
    return theme.color(f"class_{group % N_COLOURS + 1}")


def group_shape(by: str, group: int) -> int:
    """Place in SHAPES; classes that share a colour have another shape."""
    return group % len(SHAPES)


def scale_colours(theme: Theme, by: str = "") -> list[QColor]:
    """LEVELS colours from the innocent to the suspicious end, which is the low one of some."""
    ends = [_rgb(theme.color(f"scale_{end}")) for end in ("low", "middle", "high")]
    steps = np.linspace(0, 2, LEVELS)
    channels = [np.interp(steps, range(3), [end[i] for end in ends]) for i in range(3)]
    colours = [QColor(*(round(c) for c in rgb)) for rgb in np.transpose(channels).tolist()]
    return colours[::-1] if by in ASCENDING else colours


def _rgb(colour: QColor) -> tuple[int, int, int]:
    return colour.red(), colour.green(), colour.blue()


def paint_shape(painter: QPainter, at: QPointF, radius: float, shape: int, colour: QColor) -> None:
    """One point of the map, for the legend."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    corners = _CORNERS.get(shape)
    if corners is None:
        painter.drawEllipse(at, radius, radius)
    elif shape == 4:
        long, thick = 1.1 * radius, 0.36 * radius
        painter.drawRect(QRectF(at.x() - long, at.y() - thick, 2 * long, 2 * thick))
        painter.drawRect(QRectF(at.x() - thick, at.y() - long, 2 * thick, 2 * long))
    else:
        painter.drawPolygon(QPolygonF([at + QPointF(x, y) * radius for x, y in corners]))
    painter.restore()


_CORNERS: dict[int, tuple[tuple[float, float], ...]] = {
    1: ((-0.88, -0.88), (0.88, -0.88), (0.88, 0.88), (-0.88, 0.88)),
    2: ((0, -1.15), (0.95, 0.75), (-0.95, 0.75)),
    3: ((0, -1.2), (1.2, 0), (0, 1.2), (-1.2, 0)),
    4: (),
}
