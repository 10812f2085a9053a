"""Brings the decisions of another project about the same images into a project."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from models.data.fingerprint import same, undated
from models.data.journal import Journal, copy_journal
from models.data.project import Project
from models.data.rematch import ContentHashes, match, stored_hashes
from models.errors import ProjectError
from models.opening import Review, project_review
from models.processes.folding import fold, hash_images
from models.review.addition import Log
from models.review.decisions import NO_SAMPLE
from models.review.merging import Brought, bring
from models.review.replay import classes_after
from models.types import Event, Events, Finished, OpenRequest, Progress, SampleIds

_NOT_HERE = "its image is not in this dataset"
_UNRECORDED = "what its image looks like was not recorded"


def merging(project_path: Path, other_path: Path) -> Events:
    """Merge another project into one and publish the result; the other is only read.

    Yields Progress and Heartbeat, at last Finished with {"project", "other", "merged", "agreed",
    "conflicts", "skipped": [{"sample_id", "why"}], "classes_added", "classes_merged"}: how many
    images were undecided here, decided in the same way and decided otherwise (these stay as they
    are), which have no counterpart here, and the names of classes. What an earlier merge brought
    counts nowhere.

    Raises
    ------
    ProjectError
        If one of the two is no project, the first is in use, they are one and the same or about
        different images, or the decisions could not be saved; none of them is then.
    DatasetError
        If the source cannot be read.
    """
    if other_path.resolve() == project_path.resolve():
        raise ProjectError("cannot be merged with itself", str(other_path))
    other = _Other.read(other_path)
    review = yield from project_review(project_path)
    try:
        found = yield from _found(review, other)
        yield Progress(0, 1, "merging")
        brought = _merge(review, other, found)
        for event in fold(project_path):
            if not isinstance(event, Finished):
                yield event
    finally:
        review.close()
    paths = {"project": str(project_path), "other": str(other_path)}
    yield Finished({**paths, **_told(brought, other.hashes)})


@dataclass(frozen=True)
class _Other:
    """The other project, read from its journal without a lock."""

    path: Path
    log: Log
    n: int
    fingerprint: dict[str, Any]
    request: OpenRequest
    hashes: ContentHashes  # (n, 16)

    @classmethod
    def read(cls, path: Path) -> _Other:
        project = Project(path, read_only=True)
        with _untouched(project) as journal:
            asked, n = journal.meta("request"), journal.meta("n")
            if asked is None:
                raise ProjectError("has no dataset yet, so there is nothing to merge", str(path))
            rows, notes = journal.rows(), journal.notes()
            classes = classes_after(rows, notes, journal.meta("class_names"))
            log = Log(rows, notes, journal.reviewers(), classes, journal.next_step())
            fingerprint = journal.meta("fingerprint")
        request = OpenRequest.from_message(asked)
        return cls(path, log, n, fingerprint, request, stored_hashes(project, n))


@contextmanager
def _untouched(project: Project) -> Iterator[Journal]:
    """The journal of a project; of one that nobody has open a copy, since SQLite leaves files
    beside what it reads."""
    if Path(f"{project.journal_path}-shm").exists():
        with project.journal() as journal:
            yield journal
        return
    with TemporaryDirectory(prefix="winnow-") as folder:
        copy = copy_journal(project.journal_path, Path(folder) / "journal.db")
        with Journal(copy, read_only=True) as journal:
            yield journal


def _found(review: Review, other: _Other) -> Generator[Event, None, SampleIds]:
    """For each sample of the other project ours, NO_SAMPLE where there is none."""
    info, mine = review.info, OpenRequest.from_message(review.info.request)
    is_same = same(undated(info.fingerprint), undated(other.fingerprint))
    if is_same and info.n == other.n and mine.answers() == other.request.answers():
        return np.arange(info.n)
    if not other.hashes.any():
        raise ProjectError(
            "is about another dataset, or one that was moved or rewritten, and holds no record of "
            "what its images look like",
            str(other.path),
            "Open it once with its dataset and close it again; that records its decided images.",
        )
    for event in hash_images(review.project, mine):
        if not isinstance(event, Finished):
            yield event
    found = match(other.hashes, stored_hashes(review.project, info.n))
    if (found == NO_SAMPLE).all():
        raise ProjectError(
            "is about another dataset: none of its images is in this one",
            str(other.path),
            f"Choose a project about {info.name}.",
        )
    return found


def _merge(review: Review, other: _Other, found: SampleIds) -> Brought:
    """Work out what the other project adds and write it, in one transaction."""
    known = review.labelling
    with review.project.journal() as journal:
        rows, notes, reviewers = journal.rows(), journal.notes(), journal.reviewers()
        ours = Log(rows, notes, reviewers, known.classes, known.next_step)
        brought = bring(ours, other.log, known.given, found, other.path.name)
        if len(brought.rows):
            review.project.back_up("before merge")
            journal.extend(brought.rows, brought.notes, brought.reviewers)
    return brought


def _told(brought: Brought, hashes: ContentHashes) -> dict[str, Any]:
    recorded = np.any(hashes[brought.skipped], axis=1).tolist()
    return {
        "merged": len(brought.merged),
        "agreed": len(brought.agreed),
        "conflicts": len(brought.conflicts),
        "skipped": [
            {"sample_id": sample, "why": _NOT_HERE if is_recorded else _UNRECORDED}
            for sample, is_recorded in zip(brought.skipped.tolist(), recorded, strict=True)
        ],
        "classes_added": list(brought.classes_added),
        "classes_merged": [{"class": name, "into": into} for name, into in brought.classes_merged],
    }
