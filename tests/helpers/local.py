"""Datasets opened and exported without a child, and decisions."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np

from models.data.journal import Journal
from models.data.project import Project
from models.data.writers.export import export
from models.opening import Review, open_review
from models.processes.reading import ReaderClient
from models.review.decisions import Action, Seen, Status, decide
from models.types import ExportOptions, Finished, OpenRequest, SampleIds
from tests.helpers.here import reader_here


def open_here(request: OpenRequest, project: Path | None = None) -> Review:
    """A review for a test that is about what comes after: a child takes a third of a second."""
    with reader_here():
        return open_review(request, project)


def exported(project: Path, out: Path, as_format: str, **options: Any) -> dict[str, Any]:
    """Write an export; the result as the command line prints it."""
    asked = ExportOptions(**options)
    with reader_here(), closing(ReaderClient()) as reader:
        *_, last = export(Project(project, read_only=True), out, as_format, asked, reader)
    assert isinstance(last, Finished)
    return last.result


def press(review: Review, action: Action, ids: Any, label: int = -1, added_class: str = "") -> None:
    """One decision, in the journal and in what the review knows."""
    with review.project.journal() as journal:
        _press(review, journal, action, np.array(ids, np.int64), label, added_class)


def _press(
    review: Review,
    journal: Journal,
    action: Action,
    sample_ids: SampleIds,
    label: int,
    added_class: str = "",
) -> None:
    known = review.labelling
    edit = decide(
        action,
        sample_ids,
        given=known.given,
        labels=known.labels,
        status=known.status,
        seen=Seen.nothing(len(sample_ids)),
        step=journal.next_step(),
        time_ns=1,
        label=label,
        added_class=added_class,
    )
    if len(edit):
        journal.append(edit)
    edit.apply(known.labels, known.status)


def press_at_random(review: Review, rng: np.random.Generator, n: int) -> None:
    """As many decisions, none of which leaves a split or the dataset empty."""
    n_samples, n_classes = len(review.labelling.given), len(review.labelling.class_names)
    actions = (Action.KEEP, Action.SET, Action.EXCLUDE, Action.SECOND_LOOK, Action.CLEAR)
    with review.project.journal() as journal:
        for action in rng.choice(np.array(actions), n).tolist():
            ids = rng.choice(n_samples, rng.integers(1, 4), replace=False)
            label = int(rng.integers(n_classes)) if n_classes else -1
            if action == Action.SET and label < 0:
                continue
            if action == Action.EXCLUDE and _would_empty_a_split(review, ids):
                continue
            _press(review, journal, Action(action), ids, label)


def _would_empty_a_split(review: Review, ids: SampleIds) -> bool:
    kept = review.labelling.status != Status.EXCLUDED
    kept[ids] = False
    splits = review.info.split_codes()
    return len(np.unique(splits[kept])) < len(review.info.splits)
