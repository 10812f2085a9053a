"""Numbers of the data page as a person reads them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QCoreApplication

Page = Mapping[str, Any]  # models.describing makes it


def tr(text: str) -> str:
    return QCoreApplication.translate("", text)  # lupdate files it under no class


def images_text(n: int) -> str:
    return tr("1 image") if n == 1 else tr("{n:,} images").format(n=n)


def bytes_text(n_bytes: int) -> str:
    for unit, text in ((10**9, tr("{0:,.1f} GB")), (10**6, tr("{0:,.1f} MB"))):
        if n_bytes >= unit:
            return text.format(n_bytes / unit)
    return tr("{0:,.0f} kB").format(n_bytes / 1000)


def time_text(seconds: float) -> str:
    """About how long something takes; empty while that is unknown."""
    if math.isnan(seconds):
        return ""
    if seconds < 90:
        return tr("about {0:.0f} s left").format(seconds)
    return tr("about {0:.0f} min left").format(seconds / 60)


def value_text(value: float) -> str:
    """A pixel value or a mean of them: 0, 255, 0.131, 114.6."""
    if value == int(value):
        return f"{int(value):,}".replace("-", "−")
    return f"{value:.3g}".replace("-", "−")


def size_text(width: int, height: int) -> str:
    return f"{width:,} × {height:,}"
