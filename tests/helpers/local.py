"""Datasets opened and exported in this process: a reader without a child, and decisions."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np

from models.data.journal import Journal
from models.data.project import Project
from models.data.readers import Source, open_source
from models.data.writers.export import export
from models.errors import DatasetError
from models.opening import Review, open_review
from models.processes.reading import Unreadable
from models.review.decisions import Action, Seen, Status, decide
from models.review.shades import to_screen
from models.types import (
    DatasetOpened,
    Event,
    ExportOptions,
    Finished,
    OpenRequest,
    Pixels,
    SampleIds,
)


class LocalReader:
    """What a ReaderClient does, without a process."""

    def __init__(self) -> None:
        self._source: Source | None = None

    def opening(self, request: OpenRequest) -> Iterator[Event]:
        for step in open_source(request):
            if isinstance(step, Source):
                self._source = step
                yield DatasetOpened(step.info.to_message(), step.given)
            else:
                yield step

    def opened(self, request: OpenRequest) -> Generator[Event, None, DatasetOpened]:
        for event in self.opening(request):
            if isinstance(event, DatasetOpened):
                return event
            yield event
        raise AssertionError("opening ends with DatasetOpened or an error")

    def read(self, sample_ids: SampleIds, *, wait: bool = True) -> list[Pixels | Unreadable]:
        return [self._image(int(i)) for i in sample_ids]

    def thumbnails(
        self, sample_ids: SampleIds, size_px: int, *, wait: bool = True
    ) -> list[Pixels | Unreadable]:
        images = self.read(sample_ids)
        return [i if isinstance(i, str) else to_screen(i, (0.0, 255.0)) for i in images]

    def paths(self, sample_ids: SampleIds) -> list[str]:
        return [self.source.path(int(i)) for i in sample_ids]

    def original(self, sample_id: int) -> bytes | None:
        return self.source.original(sample_id)

    def earlier_review(self) -> Any:
        review = self.source.earlier_review()
        return review and (review.log, review.notes, review.corrected, review.reviewers)

    def close(self) -> None:
        if self._source is not None:
            self._source.close()
        self._source = None

    @property
    def source(self) -> Source:
        assert self._source is not None
        return self._source

    def _image(self, sample_id: int) -> Pixels | Unreadable:
        try:
            return self.source.read(sample_id)
        except DatasetError as error:
            return Unreadable(error)


def open_here(request: OpenRequest, project: Path | None = None) -> Review:
    """A review for a test that is about what comes after: a child takes a third of a second."""
    with patch("models.opening.ReaderClient", LocalReader):
        return open_review(request, project)


def exported(project: Path, out: Path, as_format: str, **options: Any) -> dict[str, Any]:
    """Write an export; the result as the command line prints it."""
    reader: Any = LocalReader()
    asked = ExportOptions(**options)
    try:
        *_, last = export(Project(project, read_only=True), out, as_format, asked, reader)
    finally:
        reader.close()
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
