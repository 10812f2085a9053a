"""The numbers beside a plot: round ones, few enough to be read."""

from __future__ import annotations

import math

from PySide6.QtCore import QRect
from PySide6.QtGui import QPainter

from models.review.distributions import Bins
from qtapp.views.parts import CENTRE, LEFT, RIGHT
from qtapp.views.theme import Theme

_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)


def ticks(low: float, high: float, at_most: int) -> list[float]:
    """Round numbers from low to high, no more than that."""
    span = high - low
    power = 10.0 ** math.floor(math.log10(span / max(at_most, 1)))
    step = next((s * power for s in _STEPS if span / (s * power) <= at_most), 10 * power)
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    return [number * step for number in range(first, last + 1)]


def tick_text(value: float, step: float) -> str:
    """A tick with as many decimals as tell it from the next one."""
    digits = max(0, math.ceil(-math.log10(step) - 1e-9))
    if not math.isclose(step * 10**digits, round(step * 10**digits)):
        digits += 1  # steps of 0.025
    return f"{value:,.{digits}f}".replace("-", "−")


def paint_below(painter: QPainter, plot: QRect, bins: Bins, theme: Theme) -> None:
    """Ticks under a plot that shows all bins from left to right."""
    painter.setPen(theme.color("text_muted"))
    line = painter.fontMetrics().height()
    widest = painter.fontMetrics().horizontalAdvance("−0,000.00")
    found = ticks(bins.low, bins.high, max(2, plot.width() * 2 // (3 * widest)))
    step = found[1] - found[0] if len(found) > 1 else 1.0
    for value in found:
        share = (value - bins.low) / (bins.high - bins.low)
        x = plot.left() + round(share * plot.width())
        painter.fillRect(x, plot.bottom() + 1, 1, 4, theme.color("border"))
        # At the ends the number stays beside its plot.
        left = min(max(x - widest // 2, plot.left()), plot.right() - widest)
        room = QRect(left, plot.bottom() + 5, widest, line)
        side = LEFT if left > x - widest // 2 else RIGHT if left < x - widest // 2 else CENTRE
        painter.drawText(room, side, tick_text(value, step))


def paint_beside(painter: QPainter, plot: QRect, bins: Bins, theme: Theme) -> None:
    """Ticks left of a plot that shows all bins from the bottom up."""
    painter.setPen(theme.color("text_muted"))
    line = painter.fontMetrics().height()
    found = ticks(bins.low, bins.high, max(2, plot.height() * 2 // (3 * line)))
    step = found[1] - found[0] if len(found) > 1 else 1.0
    for value in found:
        share = (value - bins.low) / (bins.high - bins.low)
        y = plot.bottom() - round(share * plot.height())
        painter.fillRect(plot.left() - 4, y, 4, 1, theme.color("border"))
        top = min(max(y - line // 2, plot.top()), plot.bottom() - line)
        room = QRect(0, top, plot.left() - 7, line)
        painter.drawText(room, RIGHT, tick_text(value, step))
