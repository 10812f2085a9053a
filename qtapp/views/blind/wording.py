"""Figures of a blind session as a person reads them."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, QDateTime, QLocale, Qt

from models.review.blind import BlindSession
from models.review.blind_result import BlindResult, Paired, Share

_SURE = 0.05  # a p-value from which on chance is no longer believed


def tr(text: str) -> str:
    return QCoreApplication.translate("", text)  # lupdate files it under no class


def percent(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:.1%}"


def interval(share: Share) -> str:
    """A 95% interval of a share of images."""
    return tr("{low} to {high}").format(low=percent(share.low), high=percent(share.high))


def kappa_text(share: Share) -> tuple[str, str]:
    """A kappa and its interval."""
    if math.isnan(share.value):
        return "–", tr("one class alone")
    return f"{share.value:.2f}", tr("{0:.2f} to {1:.2f}").format(share.low, share.high)


def images_text(n: int) -> str:
    return tr("1 image") if n == 1 else tr("{n:,} images").format(n=n)


def clock_text(seconds: float) -> str:
    minutes, left = divmod(int(seconds), 60)
    return f"{minutes}:{left:02}"


def minutes_text(minutes: int) -> str:
    return tr("about 1 minute") if minutes == 1 else tr("about {n} minutes").format(n=minutes)


def date_text(began: str) -> str:
    """When a session began, in the person's time and way of writing it."""
    moment = QDateTime.fromString(began, Qt.DateFormat.ISODate).toLocalTime()
    return QLocale().toString(moment, QLocale.FormatType.ShortFormat)


def about_person(result: BlindResult) -> list[str]:
    """What the session says of the person, a sentence a figure."""
    accuracy = result.accuracy_given
    if not accuracy.n:
        return [tr("No image could be told, so there is nothing to compare.")]
    said = [
        tr(
            "Your answer is the given label on {share} of the images (95% interval {interval}, "
            "from {images}, weighted back to the dataset)."
        ).format(
            share=percent(accuracy.value),
            interval=interval(accuracy),
            images=images_text(accuracy.n),
        )
    ]
    if result.n_cannot_tell:
        said.append(
            tr(
                "On {images} you could not tell, and these are left out; counted as wrong, it "
                "would be {share}."
            ).format(images=images_text(result.n_cannot_tell), share=percent(result.told.value))
        )
    if not math.isnan(result.kappa.value):
        said.append(
            tr(
                "Cohen's kappa with the given labels is {0} ({1}), where 1 is full agreement and 0 "
                "what chance would give."
            ).format(*kappa_text(result.kappa))
        )
    twice = result.self_agreement
    if twice.n:
        said.append(
            tr("Of {images} shown twice you answered {same} the same way both times.").format(
                images=images_text(twice.n), same=round(twice.value * twice.n)
            )
        )
    return said


def about_both(result: BlindResult) -> list[str]:
    """Person and model on the same images."""
    if result.paired is None:
        return [
            tr(
                "No run has scored these images yet. Start training, and what the model says of "
                "the same images stands here."
            )
        ]
    said = [_paired_text(result.paired)]
    if result.model_trained_on:
        said.append(
            tr(
                "This run trained on {n:,} of these images, which flatters it. Blind images are "
                "never trained on from now on: train again, and the comparison is fair."
            ).format(n=result.model_trained_on)
        )
    return said


def _paired_text(paired: Paired) -> str:
    """Who is better, if that can be said."""
    apart = paired.person_only + paired.model_only
    if not apart:
        return tr("By the labels as they stand you and the model are right on the same images.")
    counts = tr(
        "By the labels as they stand you alone are right on {images}, the model alone on {model}."
    ).format(images=images_text(paired.person_only), model=paired.model_only)
    p = tr("p < 0.001") if paired.p_value < 0.001 else f"p = {paired.p_value:.3f}"
    if paired.p_value >= _SURE:
        verdict = tr("That is too even to say who is better ({p}, exact McNemar test).")
    elif paired.person_only > paired.model_only:
        verdict = tr("You do better than the model ({p}, exact McNemar test).")
    else:
        verdict = tr("The model does better than you ({p}, exact McNemar test).")
    return f"{counts} {verdict.format(p=p)}"


def about_disagreements(result: BlindResult) -> list[str]:
    """Where person and label differ, and what was said of it since."""
    n = len(result.disagreements)
    if not n:
        return [tr("You and the given label agree on every image you could tell.")]
    said = [
        tr("Your answer differs from the given label on {images}. Look again, and say who was "
           "right.").format(images=images_text(n))
    ]  # fmt: skip
    person, label, neither = result.settled
    if person + label + neither:
        said.append(
            tr(
                "Decided so far: {n}; you were right on {person}, the given label on {label}, "
                "neither on {neither}."
            ).format(n=person + label + neither, person=person, label=label, neither=neither)
        )
    return said


def about_session(session: BlindSession, result: BlindResult) -> str:
    """One line under the title of a result."""
    parts = [date_text(session.began), images_text(result.n_answered)]
    if session.place < len(session.shown):
        parts.append(tr("ended early, {0} were drawn").format(session.n_images))
    if not math.isnan(result.median_seconds):
        parts.append(tr("{0:.1f} s an image").format(result.median_seconds))
    return " · ".join(parts)


def confusions_text(names: Sequence[str], pairs: Sequence[tuple[int, int, int]]) -> str:
    """The most frequent confusions, in words for those who do not see the matrix."""
    return "; ".join(
        tr("{label} called {answer}: {n}").format(label=names[a], answer=names[b], n=n)
        for a, b, n in pairs
    )
