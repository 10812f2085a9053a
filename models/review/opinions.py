"""What reviewers said of each image, read off the log, and what it comes to with the model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from models.review.classes import ClassChange, ClassList
from models.review.decisions import LABEL_ACTIONS, NO_SAMPLE, Action, Status
from models.review.replay import live_rows
from models.review.reviewers import Agreement, combine, second_opinions
from models.types import LabelVector, LogRows, Mask, Probs, SampleIds, StatusVector

_NAMING = (Action.KEEP, Action.ACCEPT, Action.SET, Action.OPINION)
_REVIEWERS = 1 << 16  # as many as the log can number
_BELIEVED = 0.95  # no more of a model: its surest errors would outvote everybody


@dataclass(frozen=True)
class Opinions:
    """The last verdict of each reviewer on each image, by image; arrays of length v."""

    sample_ids: SampleIds
    reviewers: NDArray[np.uint16]
    verdicts: LabelVector  # the class that is named

    @property
    def n_reviewers(self) -> int:
        return len(np.unique(self.reviewers))


def words(rows: LogRows, notes: Mapping[int, str]) -> LogRows:
    """Every decision and opinion that stands, by `seq`. Merging classes is neither."""
    live = rows[live_rows(rows)]
    about_classes = live[live["action"] == Action.CLASS]
    changes = [ClassChange.from_note(notes[seq]) for seq in about_classes["seq"].tolist()]
    merging = about_classes["step"][[bool(change.merged) for change in changes]]
    is_word = np.isin(live["action"], (*LABEL_ACTIONS, Action.OPINION))
    is_word &= (live["sample"] != NO_SAMPLE) & ~np.isin(live["step"], merging)
    said: LogRows = live[is_word]
    return said


def by_remedy(said: LogRows, rows: LogRows) -> Mask:
    """Which words of a log the remedy of an audit wrote: no verdict of a person. (m,)"""
    found: Mask = np.isin(said["step"], rows["step"][rows["action"] == Action.REMEDY])
    return found


def voices(said: LogRows) -> NDArray[np.int64]:
    """A number for each pair of image and reviewer, rising with the image. (m,)"""
    found: NDArray[np.int64] = said["sample"] * _REVIEWERS + said["reviewer"]
    return found


def last_words(said: LogRows) -> NDArray[np.int64]:
    """The places of the last word of each reviewer on each image, by image.

    An opinion may have been brought after a newer word of the same person was written, so where
    there are opinions the time decides.
    """
    order = np.arange(len(said))
    if (said["action"] == Action.OPINION).any():
        order = np.argsort(said["time_ns"], kind="stable")
    newest_first = order[::-1]
    last: NDArray[np.int64] = newest_first[
        np.unique(voices(said)[newest_first], return_index=True)[1]
    ]
    return last


def known_among(said: LogRows, known: LogRows) -> Mask:
    """Whether each word is known: by the same person about the same image at the same time."""
    every = np.concatenate([known, said])
    whose = voices(every)
    order = np.lexsort((np.arange(len(every)) >= len(known), every["time_ns"], whose))
    is_first = np.ones(len(every), np.bool_)
    is_first[1:] = np.diff(whose[order]) != 0
    is_first[1:] |= np.diff(every["time_ns"][order]) != 0
    first_of = order[np.maximum.accumulate(np.where(is_first, np.arange(len(every)), 0))]
    found = np.empty(len(every), np.bool_)
    found[order] = first_of < len(known)
    return found[len(known) :]


def opinions(rows: LogRows, notes: Mapping[int, str], classes: ClassList) -> Opinions:
    """Read every reviewer's opinion off the log; one that was undone, cleared or followed by an
    exclusion or a second look names no class. Neither merging classes nor the remedy of an audit
    is a verdict on an image: nobody looked at each.

    Parameters
    ----------
    rows : LOG_DTYPE (m,)
        The whole log, by `seq`.
    notes : mapping of int to str
        Of its class decisions, by `seq`.
    classes : ClassList
        As they stand: a class that was merged counts for the one it went into.
    """
    said = words(rows, notes)
    said = said[~by_remedy(said, rows)]
    last = said[last_words(said)]
    last = last[np.isin(last["action"], _NAMING) & (last["new"] >= 0)]
    named = classes.standing(last["new"].copy())
    return Opinions(last["sample"].copy(), last["reviewer"].copy(), named)


class Predictions(Protocol):
    """One set of scores as it was published: RunScores, or what the window made of it."""

    @property
    def probabilities(self) -> Probs: ...
    @property
    def transition(self) -> Probs: ...


@dataclass(frozen=True)
class Together:
    """What all reviewers, and the model if there is one, say of the images looked at."""

    sample_ids: SampleIds  # (m,) ascending
    said: Opinions
    agreement: Agreement  # rows of `sample_ids`
    wanted: SampleIds  # on which another opinion is asked for, the least sure first


def together(
    said: Opinions,
    predictions: Predictions | None,
    given: LabelVector,
    status: StatusVector,
    classes: ClassList,
) -> Together:
    """Combine the opinions with each other and with what the model made of image and label.

    Parameters
    ----------
    said : Opinions
    predictions : a set of scores, or None where there is none
    given : int32 (n,)
    status : uint8 (n,)
        No further opinion is asked for on excluded images.
    classes : ClassList
        As they stand, two or more.
    """
    ids, rows = np.unique(said.sample_ids, return_inverse=True)
    agreement = combine(_beliefs(ids, predictions, given, classes), rows, said.verdicts)
    unsure = ids[second_opinions(agreement)]
    return Together(ids, said, agreement, unsure[status[unsure] != Status.EXCLUDED])


def second_opinion_wanted(
    said: Opinions,
    predictions: Predictions | None,
    given: LabelVector,
    status: StatusVector,
    classes: ClassList,
) -> Mask:
    """On which images another reviewer should look. (n,); empty with fewer than two reviewers."""
    if said.n_reviewers < 2 or len(classes.names) < 2:
        return np.empty(0, np.bool_)
    wanted = np.zeros(len(given), np.bool_)
    wanted[together(said, predictions, given, status, classes).wanted] = True
    return wanted


def _beliefs(
    ids: SampleIds, predictions: Predictions | None, given: LabelVector, classes: ClassList
) -> Probs:
    """(m, classes) before any verdict: what image and label say, a class alike any other a bit."""
    n_classes = len(classes.names)
    # Adding a class may have been undone after the run met it.
    k = min(predictions.probabilities.shape[1], n_classes) if predictions else 0
    if predictions is None or not k:
        return np.full((len(ids), n_classes), 1 / n_classes, np.float32)
    stored, own = predictions.probabilities[ids][:, :k], given[ids]
    transition = np.asarray(predictions.transition)[:k, :k]
    likely = np.where(((own >= 0) & (own < k))[:, None], transition.T[own.clip(0, k - 1)], 1)
    told = np.asarray(stored, np.float64) * likely
    told /= np.maximum(told.sum(axis=1, keepdims=True), np.finfo(np.float64).tiny)
    beliefs = np.full((len(ids), n_classes), (1 - _BELIEVED) / n_classes)
    standing = classes.standing(np.arange(k, dtype=np.int32))
    np.add.at(beliefs.T, standing, _BELIEVED * told.T)
    beliefs /= beliefs.sum(axis=1, keepdims=True)
    return beliefs.astype(np.float32)
