"""Audits a dataset or a project: trains a model if there is none, then looks for what is wrong."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from models.audit.learnt import learnt_otherwise, probabilities_now
from models.audit.page import Dataset, writing_audit_page
from models.data.pages import check_page
from models.data.runs import load_scores, seen_otherwise
from models.opening import Review, ReviewOpened, opening_review
from models.processes.auditing import AuditRequest, audit
from models.processes.child import Controls
from models.processes.training import train
from models.ranking import shown_run
from models.review.decisions import Status
from models.review.rescore import most_likely
from models.training_run import training_request
from models.types import ChecksBegun, Events, Finished, OpenRequest

_TRAINING_SHARE = 0.25  # of the minutes; the rest is for the checks
_CHECKING_SHARE = 0.25  # of the minutes, which the checks get however long all else took
_LEAST_S = 1.0
_QUICK_EPOCHS = 1
_QUICKLY_TRAINED = 10_000  # images; one epoch of more takes too long


def auditing(
    request: OpenRequest,
    project_path: Path | None = None,
    *,
    minutes: float = 2.0,
    quick: bool = False,
    checks: Sequence[str] = (),
    page: Path | None = None,
    controls: Controls | None = None,
) -> Events:
    """Look for what is wrong with a dataset as it stands now, decisions included.

    Uses the run whose scores the project shows; without one, or if it saw other images or learnt
    other labels, trains for a quarter of the `minutes` first, or, if it should be `quick`, for one
    epoch of few images and not at all on many. A dataset that cannot be trained on is audited
    without a model, and what could not be checked is said. Once the `minutes` are over, or the word
    "finish" is among the `controls`, the result is partial. `page` is an HTML file to write what
    was found to, with the images that prove it.

    Yields what training yields, then ChecksBegun, Progress, Found and Unable, at last Finished
    with the `audit` contract of the command line.

    Raises
    ------
    DatasetError, ProjectError, TrainingError
    """
    if page is not None:
        check_page(page)
    began, review = time.monotonic(), None
    try:
        for event in opening_review(request, project_path):
            if isinstance(event, ReviewOpened):
                review = event.review
            else:
                yield event
        assert review is not None
        review.reader.close()  # the children have readers of their own
        may_train = not quick or review.info.n <= _QUICKLY_TRAINED
        if may_train and _needs_a_run(review):
            config = {"epochs": _QUICK_EPOCHS} if quick else {"minutes": _TRAINING_SHARE * minutes}
            yield from train(training_request(review, config))
        left = 60 * minutes - (time.monotonic() - began)
        seconds = max(left, _CHECKING_SHARE * 60 * minutes, _LEAST_S)
        asked = audit_request(review, quick=quick, checks=checks, seconds=seconds)
        yield ChecksBegun()
        for event in audit(asked, review.info, controls):
            if isinstance(event, Finished):
                result = {**event.result, "project": str(review.project.path)}
                if page is not None:
                    shown = _shown(review, asked, was_asked=result["run"] is not None)
                    yield from writing_audit_page(page, result, shown)
                    result["page"] = str(page)
                event = Finished(result)
            yield event
    finally:
        if review is not None:
            review.close()


def _needs_a_run(review: Review) -> bool:
    """There is none, or the newest saw other images than there are now, of which it has no say, or
    learnt other labels."""
    project = review.project
    run = shown_run(project)
    if run is None or project.settings().get("run"):
        return run is None
    saw_others = seen_otherwise(project.runs_dir, run) is not None
    return saw_others or learnt_otherwise(audit_request(review))


def audit_request(
    review: Review, *, quick: bool = False, checks: Sequence[str] = (), seconds: float = 0.0
) -> AuditRequest:
    """What to audit: the labels of a review as they stand, by the run its project shows."""
    known = review.labelling
    return AuditRequest(
        project=review.project.path,
        source=review.info.request,
        labels=known.labels,
        included=known.status != Status.EXCLUDED,
        class_names=known.class_names,
        merged=known.classes.merged,
        run=shown_run(review.project) or 0,
        checks=tuple(checks),
        quick=quick,
        seconds=seconds,
    )


def _shown(review: Review, asked: AuditRequest, *, was_asked: bool) -> Dataset:
    """What its page shows beside the findings: what the run says too, if that was asked."""
    known = review.labelling
    scores = load_scores(review.project.runs_dir, asked.run) if was_asked else None
    return Dataset(
        OpenRequest.from_message(review.info.request),
        known.labels,
        known.class_names,
        None if scores is None else most_likely(probabilities_now(asked, scores.probabilities)),
    )
