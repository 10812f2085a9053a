"""Audits a dataset or a project: trains a model if there is none, then looks for what is wrong."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from models.audit.page import writing_audit_page
from models.data.pages import check_page
from models.opening import Review, ReviewOpened, opening_review
from models.processes.auditing import AuditRequest, audit
from models.processes.training import train
from models.ranking import shown_run
from models.review.decisions import Status
from models.training_run import training_request
from models.types import Events, Finished, OpenRequest

_TRAINING_SHARE = 0.5  # of the minutes; the rest is for the checks
_QUICK_EPOCHS = 1


def auditing(
    request: OpenRequest,
    project_path: Path | None = None,
    *,
    minutes: float = 2.0,
    quick: bool = False,
    checks: Sequence[str] = (),
    page: Path | None = None,
) -> Events:
    """Look for what is wrong with a dataset as it stands now, decisions included.

    Uses the run whose scores the project shows; without one, trains for half of the `minutes`
    first, or for one epoch if it should be `quick`. A dataset that cannot be trained on is
    audited without a model, and what could not be checked is said. `page` is an HTML file to
    write what was found to, with the images that prove it.

    Yields what training yields, then Progress, Found and Unable, at last Finished with the
    `audit` contract of the command line.

    Raises
    ------
    DatasetError, ProjectError, TrainingError
    """
    if page is not None:
        check_page(page)
    review = None
    try:
        for event in opening_review(request, project_path):
            if isinstance(event, ReviewOpened):
                review = event.review
            else:
                yield event
        assert review is not None
        review.reader.close()  # the children have readers of their own
        if shown_run(review.project) is None:
            config = {"epochs": _QUICK_EPOCHS} if quick else {"minutes": _TRAINING_SHARE * minutes}
            yield from train(training_request(review, config))
        for event in audit(_audit(review, quick, checks), review.info):
            if isinstance(event, Finished) and page is not None:
                source = OpenRequest.from_message(review.info.request)
                known = review.labelling
                shown = source, known.labels, known.class_names
                yield from writing_audit_page(page, event.result, *shown)
                event = Finished({**event.result, "page": str(page)})
            yield event
    finally:
        if review is not None:
            review.close()


def _audit(review: Review, quick: bool, checks: Sequence[str]) -> AuditRequest:
    known = review.labelling
    return AuditRequest(
        project=review.project.path,
        source=review.info.request,
        labels=known.labels,
        included=known.status != Status.EXCLUDED,
        class_names=known.class_names,
        run=shown_run(review.project) or 0,
        checks=tuple(checks),
        quick=quick,
    )
