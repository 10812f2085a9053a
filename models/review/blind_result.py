"""What a blind session says: how well the person does, and the model on the same images."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.review.blind import CANNOT_TELL, BlindSession
from models.review.classes import ClassList
from models.review.decisions import Status
from models.review.intervals import wilson
from models.types import UNLABELLED, LabelVector, Mask, SampleIds, StatusVector

Weights = NDArray[np.float64]


@dataclass(frozen=True)
class Share:
    """A share of images, or a kappa, with its 95% interval; NaN where there is nothing."""

    value: float
    low: float
    high: float
    n: int  # images it was counted on


@dataclass(frozen=True)
class Paired:
    """Person and model on the same images: who alone was right, and how likely by chance."""

    person_only: int
    model_only: int
    n: int
    p_value: float


@dataclass(frozen=True)
class Known:
    """What else is known of the images of a dataset; arrays of length n.

    `predicted` is what a run says, None without one, and `held_out` what it did not train on.
    """

    given: LabelVector
    labels: LabelVector  # as they stand
    status: StatusVector
    classes: ClassList
    predicted: LabelVector | None = None
    held_out: Mask | None = None


@dataclass(frozen=True)
class BlindResult:
    """The result page in numbers. Whatever is a share of the dataset is weighted back to it.

    The accuracies leave out images the person could not tell; those against the labels as they
    stand also leave out images that were excluded since.
    """

    n_answered: int  # images, each once
    n_cannot_tell: int
    accuracy_given: Share
    accuracy_now: Share
    told: Share  # of all answered images, those the person named the given class of
    kappa: Share  # with the given labels
    self_agreement: Share  # on images shown twice
    model_given: Share | None  # None without a run; on the images the person answered
    model_now: Share | None
    model_trained_on: int  # of these images, by the run that is shown
    paired: Paired | None  # by the labels as they stand
    sample_ids: SampleIds  # (m,) images that could be told, in the order they were shown
    answers: LabelVector  # (m,)
    labels: LabelVector  # (m,) as they stand
    disagreements: SampleIds  # images where person and given label differ
    settled: tuple[int, int, int]  # of these since decided for the person, the label, for neither
    median_seconds: float


def result_of(session: BlindSession, known: Known) -> BlindResult:
    """Read the result of a session, finished or not, with what is known now.

    Parameters
    ----------
    session : BlindSession
        The first answer on an image counts; the second is for the self-agreement alone.
    known : Known
        A merged class stands for the one it went into, in answers, labels and predictions.
    """
    shown = np.array(session.shown[: session.place], np.int64)
    said = session.said(known.classes.names)
    standing = known.classes.standing
    said[said >= 0] = standing(said[said >= 0])
    first = np.sort(np.unique(shown, return_index=True)[1])
    tells = said[first] != CANNOT_TELL
    at = first[tells]
    ids, answers = shown[at], said[at]
    weights = np.array(session.weights[: session.place], np.float64)
    given, now = standing(known.given[ids]), standing(known.labels[ids])
    counts = (known.status[ids] != Status.EXCLUDED) & (now != UNLABELLED)
    right = standing(known.given[shown[first]]) == said[first]
    model_given, model_now, paired, trained_on = _of_model(
        known, ids, answers, given, now, counts, weights[at]
    )
    return BlindResult(
        n_answered=len(first),
        n_cannot_tell=int(np.count_nonzero(~tells)),
        accuracy_given=share(answers == given, weights[at]),
        accuracy_now=share((answers == now)[counts], weights[at][counts]),
        told=share(right, weights[first]),
        kappa=kappa(answers, given, weights[at]),
        self_agreement=_self_agreement(shown, said),
        model_given=model_given,
        model_now=model_now,
        model_trained_on=trained_on,
        paired=paired,
        sample_ids=ids,
        answers=answers,
        labels=now,
        disagreements=ids[answers != given],
        settled=_settled(given, answers, now, known.status[ids]),
        median_seconds=float(np.median(session.seconds)) if session.seconds else math.nan,
    )


def share(hits: Mask, weights: Weights) -> Share:
    """Weighted share of hits with a Wilson interval on the effective number of images.

    Parameters
    ----------
    hits : bool (m,)
    weights : float64 (m,)
        Positive; how many images of the dataset each stands for.

    Notes
    -----
    The effective number is (sum w)^2 / sum w^2. It leaves out what stratifying gains, so the
    interval errs on the wide side. There is no correction for a small dataset: what is asked is
    how well somebody does on such images.

    References
    ----------
    Kish (1965), "Survey Sampling", for the effective number; Franco, Little, Louis and Slud
    (2019), "Comparative study of confidence intervals for proportions in complex sample
    surveys", Journal of Survey Statistics and Methodology 7, for Wilson's interval on it.
    """
    if not len(hits):
        return Share(math.nan, 0.0, 1.0, 0)
    total = weights.sum()
    effective = float(total * total / (weights * weights).sum())
    value = min(1.0, float(weights[hits].sum() / total))
    low, high = wilson(value * effective, effective)
    return Share(value, low, high, len(hits))


def kappa(a: LabelVector, b: LabelVector, weights: Weights) -> Share:
    """Cohen's kappa of two labellings, weighted, with an interval.

    Parameters
    ----------
    a, b : int32 (m,)
        Class codes of the same images.
    weights : float64 (m,)

    Notes
    -----
    NaN where all of both is one class. The interval is that of the observed agreement, with the
    agreement expected by chance taken as known, as in Cohen's own standard error.

    References
    ----------
    Cohen (1960), "A coefficient of agreement for nominal scales", Educational and Psychological
    Measurement 20.
    """
    agreed = share(a == b, weights)
    if not agreed.n:
        return Share(math.nan, math.nan, math.nan, 0)
    codes, both = np.unique(np.concatenate([a, b]), return_inverse=True)
    each = np.stack(
        [np.bincount(side, weights, len(codes)) for side in (both[: len(a)], both[len(a) :])]
    )
    chance = float((each[0] * each[1]).sum() / weights.sum() ** 2)
    if chance > 1 - 1e-12:
        return Share(math.nan, math.nan, math.nan, agreed.n)
    value, low, high = (
        (share_agreed - chance) / (1 - chance)
        for share_agreed in (agreed.value, agreed.low, agreed.high)
    )
    return Share(value, low, high, agreed.n)


def mcnemar(only_a: int, only_b: int) -> float:
    """Two-sided p-value of the exact McNemar test: how likely a split of the images on which one
    alone is right is at least as uneven, if both were equally good.

    References
    ----------
    McNemar (1947), "Note on the sampling error of the difference between correlated proportions
    or percentages", Psychometrika 12; exact by the binomial distribution.
    """
    n, fewer = only_a + only_b, min(only_a, only_b)
    ways = sum(math.comb(n, i) for i in range(fewer + 1))
    return min(1.0, 2 * ways / int(2**n))


def as_message(
    session: BlindSession, result: BlindResult, names: tuple[str, ...]
) -> dict[str, Any]:
    """The result as JSON, confusions by class name."""
    pairs, times = np.unique(np.stack([result.labels, result.answers]), axis=1, return_counts=True)
    confusion = [
        {"label": names[label], "answer": names[answer], "n": n}
        for label, answer, n in zip(*pairs.tolist(), times.tolist(), strict=True)
        if label != UNLABELLED
    ]
    arrays = ("sample_ids", "answers", "labels", "disagreements")
    figures = {key: value for key, value in asdict(result).items() if key not in arrays}
    return {
        "format": "winnow blind session",
        "format_version": 1,
        "began": session.began,
        "images": session.n_images,
        "finished": session.place == len(session.shown),
        **_without_nan(figures),
        "confusion": confusion,
        "disagreements": result.disagreements.tolist(),
    }


def answer_lines(
    session: BlindSession, known: Known, names: tuple[str, ...]
) -> list[tuple[str | int | float, ...]]:
    """The answers as a table: a header, then one line a showing. An answer that is no class, a
    label that is missing and a prediction that is not there are empty."""
    shown = np.array(session.shown[: session.place], np.int64)
    seen_before = np.ones(len(shown), bool)
    seen_before[np.unique(shown, return_index=True)[1]] = False
    predicted = (
        np.full(len(shown), UNLABELLED) if known.predicted is None else known.predicted[shown]
    )
    columns = (
        [name_of(code, names) for code in codes]
        for codes in (
            session.said(names).tolist(),
            known.given[shown].tolist(),
            known.labels[shown].tolist(),
            predicted.tolist(),
        )
    )
    header = (
        *("sample_id", "answer", "given", "corrected", "predicted"),
        *("weight", "seconds", "repeat"),
    )
    weights, repeats = session.weights[: session.place], seen_before.astype(int).tolist()
    lines = zip(shown.tolist(), *columns, weights, session.seconds, repeats, strict=True)
    return [header, *lines]


def name_of(code: int, names: tuple[str, ...]) -> str:
    return names[code] if 0 <= code < len(names) else ""


def _of_model(
    known: Known,
    ids: SampleIds,
    answers: LabelVector,
    given: LabelVector,
    now: LabelVector,
    counts: Mask,
    weights: Weights,
) -> tuple[Share | None, Share | None, Paired | None, int]:
    """Accuracy of a run by given labels and by those that stand, the paired test, and how many
    of these images it trained on."""
    if known.predicted is None or not len(ids):
        return None, None, None, 0
    predicted = known.classes.standing(known.predicted[ids])
    scored = predicted != UNLABELLED
    if not scored.any():
        return None, None, None, 0
    both = counts & scored
    person, model = (answers == now)[both], (predicted == now)[both]
    alone = int(np.count_nonzero(person & ~model)), int(np.count_nonzero(model & ~person))
    learnt = scored if known.held_out is None else scored & ~known.held_out[ids]
    return (
        share((predicted == given)[scored], weights[scored]),
        share(model, weights[both]),
        Paired(*alone, int(np.count_nonzero(both)), mcnemar(*alone)),
        int(np.count_nonzero(learnt)),
    )


def _settled(
    given: LabelVector, answers: LabelVector, now: LabelVector, status: StatusVector
) -> tuple[int, int, int]:
    differ, person_right = answers != given, answers == now
    changed = differ & (status == Status.CHANGED) & (now != given)  # not with its whole class
    for_person, for_label = changed & person_right, differ & (status == Status.KEPT)
    for_neither = (changed & ~person_right) | (differ & (status == Status.EXCLUDED))
    person, label, neither = (int(part.sum()) for part in (for_person, for_label, for_neither))
    return person, label, neither


def _self_agreement(shown: SampleIds, said: LabelVector) -> Share:
    """On images shown twice, how often both answers were the same; unweighted."""
    order = np.argsort(shown, kind="stable")
    twice = np.flatnonzero(shown[order][1:] == shown[order][:-1])
    same = said[order][twice] == said[order][twice + 1]
    return share(same, np.ones(len(twice)))


def _without_nan(value: Any) -> Any:
    """JSON has no NaN."""
    if isinstance(value, dict):
        return {key: _without_nan(inner) for key, inner in value.items()}
    return None if isinstance(value, float) and math.isnan(value) else value
