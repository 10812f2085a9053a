"""Applies a list of decisions to a project, through the same journal as the window."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np

from models.data.decision_list import SEVERAL, read_decisions
from models.opening import Review, project_review, user_name
from models.processes.folding import fold
from models.ranking import paths_of, scores_now, shown_run
from models.review.decisions import Seen
from models.review.scripted import Instruction, Skipped, scripted_edits
from models.types import Events, Finished, Progress


def labelling(project_path: Path, decisions: Path, reviewer: str = "") -> Events:
    """Apply a CSV of decisions and publish them.

    Yields Progress and Heartbeat, at last Finished with {"applied", "skipped": [{"row",
    "why"}]}. Rows are counted as a spreadsheet does: the header is row 1.

    Raises
    ------
    ProjectError
        If the folder is no project or is in use, or a decision could not be saved.
    DatasetError
        If the list or the source cannot be read.
    """
    review = yield from project_review(project_path)
    try:
        instructions, skipped = _read(review, decisions, reviewer)
        yield Progress(0, len(instructions), "saving the decisions")
        without_meaning = _apply(review, instructions)
        for event in fold(project_path):
            if not isinstance(event, Finished):
                yield event
    finally:
        review.close()
    every = sorted(skipped + without_meaning, key=lambda one: one.row)
    applied = len(instructions) - len(without_meaning)
    yield Finished({"applied": applied, "skipped": [asdict(one) for one in every]})


def _read(
    review: Review, decisions: Path, reviewer: str
) -> tuple[list[Instruction], list[Skipped]]:
    def sample_of_path() -> Mapping[str, int]:
        found: dict[str, int] = {}
        for sample, path in enumerate(paths_of(review.reader, np.arange(review.info.n))):
            found[path] = SEVERAL if path in found else sample
        return found

    names = review.labelling.class_names
    return read_decisions(decisions, review.info.n, names, sample_of_path, reviewer or user_name())


def _apply(review: Review, instructions: Sequence[Instruction]) -> list[Skipped]:
    """Write the decisions; the rows that turned out to mean nothing."""
    if not instructions:
        return []
    review.project.back_up("before label")
    known = review.labelling
    with review.project.journal() as journal:
        named = sorted({instruction.reviewer for instruction in instructions})
        edits, skipped = scripted_edits(
            instructions,
            given=known.given,
            labels=known.labels,
            status=known.status,
            seen=_seen(review),
            reviewers={name: journal.reviewer_id(name) for name in named},
            first_step=known.next_step,
            time_ns=time.time_ns(),
            classes=known.classes,
        )
        for edit in edits:
            journal.append(edit)
    return skipped


def _seen(review: Review) -> Seen:
    project, known = review.project, review.labelling
    scores = scores_now(project.runs_dir, shown_run(project), known.labels, known.classes)
    if scores is None:
        return Seen.nothing(review.info.n)
    suggested = known.classes.standing(scores.suggested)
    return Seen(suggested, scores.by_name["suspicion"], scores.run)
