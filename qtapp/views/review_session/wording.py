"""The sentences and figures of the session page."""

from __future__ import annotations

import math

from PySide6.QtCore import QCoreApplication

from models.review.query import all_of, equals
from models.review.session import EXCLUDED, Session, Share


def tr(text: str) -> str:
    return QCoreApplication.translate("review session", text)


def number(value: float, digits: int = 0) -> str:
    """A figure, or a dash where it is not known yet."""
    return f"{value:,.{digits}f}" if math.isfinite(value) else "–"


def seconds(value: float) -> str:
    return tr("{0} s").format(number(value, 1)) if math.isfinite(value) else "–"


def percent(share: Share) -> str:
    return f"{share.value:.0%}" if share.of else "–"


def interval(share: Share) -> str:
    return tr("{0} to {1} (95%)").format(f"{share.low:.0%}", f"{share.high:.0%}")


def at_most(share: Share) -> str:
    """A share with its interval, fine enough for a few images of a million."""
    digits = 2 if share.value >= 0.001 else 4
    return tr("{share}% ({low} to {high})").format(
        share=f"{100 * share.value:.{digits}f}",
        low=f"{100 * share.low:.{digits}f}",
        high=f"{100 * share.high:.{digits}f}",
    )


def spent(session: Session) -> str:
    """How much was decided, and in how much time."""
    return tr("{presses:,} decisions in {minutes} minutes, pauses left out").format(
        presses=session.presses, minutes=number(session.minutes, 1 if session.minutes < 10 else 0)
    )


def change_query(given: str, now: str | None) -> str:
    """The query for images with a given class that have another now; None is excluded."""
    to = equals("state", "excluded") if now is None else equals("label", now)
    return all_of([equals("given", given), to])


def now_name(code: int, names: tuple[str, ...]) -> str:
    return tr("excluded") if code == EXCLUDED else names[code]
