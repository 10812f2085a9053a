"""What a run learnt, beside the classes and labels as they stand: either may have changed since."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

import numpy as np

from models.data.runs import labels_learnt, learnt_from, run_details
from models.errors import ProjectError
from models.processes.auditing import AuditRequest
from models.review.standing import in_classes
from models.types import UNLABELLED, LabelVector, Mask, Probs

LEARNT_OTHERWISE = (
    "The model learnt other labels than there are now, so it was not asked: train again."
)
LEARNT_UNKNOWN = (
    "Which images the model learnt from is not known any more, so it was not asked: train again."
)
# Images, and share of a class or of all, beyond which a model that learnt other labels of them is
# not asked. Single corrections must not cost a training each time, and the images they touch are
# not judged by that model anyway. Of a class of which a tenth was learnt otherwise (from there on
# wrong labels are an error) it may have a wrong idea, which it then finds in all other images.
_FEW, _SHARE = 5, 0.1
_LEAST_LEFT = 0.5  # of a probability, in classes that are still there


def why_unasked(request: AuditRequest) -> str:
    """Why the run of a request is not asked; empty where it is, or where there is none."""
    if request.run and learnt_from(request.project / "runs", request.run) is None:
        return LEARNT_UNKNOWN  # what a model knows by heart says nothing of its labels
    return LEARNT_OTHERWISE if learnt_otherwise(request) else ""


def probabilities_now(request: AuditRequest, probabilities: Probs) -> Probs:
    """What the run of a request says, in the classes as they stand.

    Parameters
    ----------
    probabilities : float32 (n, k then)

    Returns
    -------
    float32 (n, k now)
        What was merged is added up, a class added since has a probability of 0, and one that is
        gone has none. Rows of NaN where the run looked, yet has no say: it prefers a class that is
        gone, or the image has a label that the run does not know, or learnt with another.
    """
    codes = _codes_now(request, probabilities.shape[1])
    k = len(request.class_names)
    now = in_classes(probabilities, codes, k)
    if now is not probabilities:
        left = now.sum(axis=1, keepdims=True)
        now /= np.where(left >= _LEAST_LEFT, left, np.nan)
    unknown = np.setdiff1d(np.arange(k), codes)
    silent = np.isin(request.labels, unknown) | relabelled(request)
    if silent.any():
        now = np.where(silent[:, None], np.float32(np.nan), now)
    return now


def relabelled(request: AuditRequest) -> Mask:
    """(n,) images that the run of a request learnt from under another label than they have now;
    none where it is not known what it learnt."""
    known = _learnt(request)
    if known is None:
        return np.zeros(len(request.labels), np.bool_)
    then, learnt = known
    others: Mask = learnt & (then != request.labels)
    return others


def learnt_otherwise(request: AuditRequest) -> bool:
    """Whether the run of a request learnt so many other labels, of a class or in all, that what it
    says of other images is about those labels, not about these."""
    known = _learnt(request)
    if known is None:
        return False
    (then, learnt), now = known, request.labels
    changed, k = learnt & (then != now), len(request.class_names)
    had, has, lost, gained = (
        np.bincount(labels[some] + 1, minlength=k + 1)
        for labels, some in ((then, learnt), (now, learnt), (then, changed), (now, changed))
    )
    gained[had == 0] = 0  # of a class that it never met it says nothing, wrong or right
    others = np.concatenate([lost, gained, [changed.sum()]])
    of = np.concatenate([had, has, [learnt.sum()]])
    return bool((others > np.maximum(_FEW, _SHARE * of)).any())


def _learnt(request: AuditRequest) -> tuple[LabelVector, Mask] | None:
    """The labels of the run as the classes stand, and which of them it learnt from and are still
    part of the dataset."""
    runs_dir = request.project / "runs"
    labels = labels_learnt(runs_dir, request.run) if request.run else None
    learnt = learnt_from(runs_dir, request.run) if request.run else None
    if labels is None or learnt is None:
        return None
    codes = np.append(_codes_now(request, int(labels.max(initial=0)) + 1), UNLABELLED)
    return codes[labels], learnt & request.included & (labels != UNLABELLED)


def _codes_now(request: AuditRequest, k: int) -> LabelVector:
    """(k,) what each class of the run is now; UNLABELLED where it is gone."""
    names: Sequence[str] = request.class_names
    with suppress(ProjectError):
        names = run_details(request.project / "runs", request.run).get("class_names", names)
    codes = np.full(k, UNLABELLED, np.int32)
    for code, (then, now) in enumerate(zip(names[:k], request.class_names, strict=False)):
        if then == now:  # else an added class was undone since, and another one added
            codes[code] = code
    return request.classes.standing(codes)
