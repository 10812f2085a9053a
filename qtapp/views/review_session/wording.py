"""The sentences and figures of the session page."""

from __future__ import annotations

import math

from PySide6.QtCore import QCoreApplication

from models.review.query import all_of, equals
from models.review.session import EXCLUDED, Session, Share
from models.review.worth import ENOUGH, Rise, Worth


def tr(text: str) -> str:
    return QCoreApplication.translate("", text)  # lupdate files it under no class


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
    """How much was decided, and in how much time; empty if nothing was."""
    said = []
    if session.presses:
        minutes = number(session.minutes, 1 if session.minutes < 10 else 0)
        text = tr("{presses:,} decisions in {minutes} minutes, pauses left out")
        said.append(text.format(presses=session.presses, minutes=minutes))
    if session.class_merges == 1:
        said.append(tr("classes merged once"))
    elif session.class_merges:
        said.append(tr("classes merged {n:,} times").format(n=session.class_merges))
    return "; ".join(said)


def change_query(given: str, now: str | None) -> str:
    """The query for images with a given class that have another now; None is excluded."""
    to = [] if now is None else [equals("label", now)]
    state = equals("state", "excluded" if now is None else "changed")
    return all_of([equals("given", given), *to, state])


def now_name(code: int, names: tuple[str, ...]) -> str:
    return tr("excluded") if code == EXCLUDED else names[code]


def worth_sentence(worth: Worth | None) -> str:
    """How much better the model is on the corrected labels, or what is missing to know it."""
    if worth is None:
        return tr("Comparing the runs…")
    if worth.n_usable < ENOUGH:
        return tr("Not enough yet: {n:,} of {enough} trusted images").format(
            n=worth.n_usable, enough=ENOUGH
        )
    if not worth.is_known:
        return tr("Not known yet: it takes a run before the corrections and one after")
    return tr("{before} right before, {after} after: {rise} points ({low} to {high}, 95%)").format(
        **_points(worth.trusted)
    )


def worth_remark(worth: Worth | None) -> str:
    """What the sentence rests on, or what to do."""
    if worth is None:
        return ""
    if worth.n_trusted < ENOUGH:
        return tr(
            "They are judged without a suggestion: random images among those you go through one "
            "by one, and blind sessions. {n:,} so far; no run trains on them."
        ).format(n=worth.n_trusted)
    if not worth.before:
        return tr("There is no run on the labels as given to compare with.")
    if not worth.after:
        return tr("There is no run on the corrected labels yet: train again.")
    if not worth.is_known:
        return tr(
            "{n:,} images were judged without a suggestion, but one of the runs trained on most "
            "of them, before they were. Train on the labels as given, then with corrections."
        ).format(n=worth.n_trusted)
    said = tr("Run {after} against run {before}, on {n:,} images that neither trained on.").format(
        after=worth.after, before=worth.before, n=worth.trusted.n
    )
    if worth.is_continued:
        said += " " + tr("It went on from that run, so part of this may be longer training.")
    return said


def bent_sentence(worth: Worth) -> str:
    """That the labels may be following the model, with the figures that say so."""
    edited, trusted = _points(worth.edited), _points(worth.trusted)
    return tr(
        "The labels may be following the model. On the images you changed it is right on {after} "
        "instead of {before}; on {n:,} trusted ones, judged without a suggestion, on {now} instead "
        "of {then} ({low} to {high} points, 95%)."
    ).format(
        after=edited["after"],
        before=edited["before"],
        n=worth.trusted.n,
        now=trusted["after"],
        then=trusted["before"],
        low=trusted["low"],
        high=trusted["high"],
    )


def _points(rise: Rise) -> dict[str, str]:
    """Accuracies in percent, and the rise between them in points."""
    return {
        "before": f"{rise.before / rise.n:.1%}",
        "after": f"{rise.after / rise.n:.1%}",
        "rise": f"{100 * rise.value:+.1f}",
        "low": f"{100 * rise.low:+.1f}",
        "high": f"{100 * rise.high:+.1f}",
    }
