"""What the value plots say, in words."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from models.review.distributions import Bars, Cloud, Range
from qtapp.views.map.wording import colour_name
from qtapp.views.panels.histogram import number_text


def tr(text: str) -> str:
    return QCoreApplication.translate("", text)  # lupdate files it under no class


def range_text(kept: Range, low: float, high: float) -> str:
    """From where to where, the ends of all values standing in for infinity."""
    return tr("{low} to {high}").format(
        low=number_text(max(kept[0], low)), high=number_text(min(kept[1], high))
    )


def bars_text(bars: Bars, group: int, first: int, last: int, name: str) -> str:
    """Some bars in a sentence; `name` of the group, if there are several."""
    some = slice(first, last + 1)
    n, n_shown = int(bars.every[group, some].sum()), int(bars.shown[group, some].sum())
    said = tr("{score} {range}: {images}").format(
        score=colour_name(bars.asked.score),
        range=range_text(bars.bins.range(first, last), bars.bins.low, bars.bins.high),
        images=_images(n, n_shown),
    )
    return tr("{name}, {said}").format(name=name, said=said) if name else said


def cloud_text(cloud: Cloud, box: tuple[int, int, int, int]) -> str:
    """A box of cells in a sentence: its first and last column, its first and last row."""
    left, right, bottom, top = box
    part = (slice(bottom, top + 1), slice(left, right + 1))
    across = cloud.across.range(left, right), cloud.across.low, cloud.across.high
    up = cloud.up.range(bottom, top), cloud.up.low, cloud.up.high
    return tr("{x} {across}, {y} {up}: {images}").format(
        x=colour_name(cloud.asked.score),
        across=range_text(*across),
        y=colour_name(cloud.asked.against),
        up=range_text(*up),
        images=_images(int(cloud.every[part].sum()), int(cloud.shown[part].sum())),
    )


def summary(answer: Bars | Cloud) -> str:
    """All of it in a sentence."""
    n, n_shown = int(answer.every.sum()), int(answer.shown.sum())
    said = tr("{images}.").format(images=_images(n, n_shown))
    if isinstance(answer, Cloud) and answer.selected.any():
        said += " " + tr("{n:,} selected.").format(n=int(answer.selected.sum()))
    if answer.n_unscored:
        said += " " + tr("{n:,} without a score are left out.").format(n=answer.n_unscored)
    return said


def _images(n: int, n_shown: int) -> str:
    if n_shown == n:
        return tr("1 image") if n == 1 else tr("{n:,} images").format(n=n)
    return tr("{shown:,} of {n:,} images shown").format(shown=n_shown, n=n)
