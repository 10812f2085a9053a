"""What several reviewers say of the same images: how they agree, and where to ask one more."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from models.data.project import Project
from models.data.runs import load_scores
from models.errors import ProjectError
from models.opening import read_labelling, remembered
from models.processes.reading import ReaderClient
from models.ranking import paths_of, shown_run
from models.review.intervals import wilson
from models.review.opinions import Together, opinions, together
from models.types import DatasetInfo, Events, Finished, Mask, SampleIds


def agreement(project_path: Path) -> Events:
    """How the reviewers of a project agree: Progress and Heartbeat, at last Finished.

    Reads the journal without a lock, so a window may be open on the project meanwhile.

    Raises
    ------
    ProjectError
        If the folder is no project, nobody has decided anything yet, or its source has changed.
    DatasetError
        If the source cannot be read.
    """
    project = Project(project_path, read_only=True)
    request = remembered(project)
    reader = ReaderClient()
    try:
        with project.journal(read_only=True) as journal:
            rows, notes, people = journal.rows(), journal.notes(), journal.reviewers()
            if not len(rows):
                raise ProjectError(
                    "has no decisions yet", str(project_path), "Decide on some images first."
                )
            opened = yield from reader.opened(request)
            info = DatasetInfo.from_message(opened.info)
            known = read_labelling(journal, info, opened.given)
        run = shown_run(project)
        found = load_scores(project.runs_dir, run) if run else None
        said = opinions(rows, notes, known.classes)
        if len(known.class_names) < 2:
            raise ProjectError(
                "has fewer than two classes", str(project_path), "There is nothing to disagree on."
            )
        whole = together(said, found, known.given, known.status, known.classes)
        told = _Told(whole, people, known.class_names)
        yield Finished(told.result(lambda ids: paths_of(reader, ids)))
    finally:
        reader.close()


class _Told:
    """The JSON of `winnow agreement`."""

    def __init__(self, whole: Together, people: Sequence[str], names: Sequence[str]) -> None:
        self._whole, self._people, self._names = whole, people, names
        self._rows = np.searchsorted(whole.sample_ids, whole.said.sample_ids)
        best = whole.agreement.posterior.argmax(axis=1)
        self._best = best.astype(np.int32)

    def result(self, paths_of: Callable[[SampleIds], list[str]]) -> dict[str, Any]:
        whole, said = self._whole, self._whole.said
        shared = whole.agreement.opinions >= 2
        split = np.zeros(len(whole.sample_ids), np.bool_)
        first = np.searchsorted(said.sample_ids, whole.sample_ids)
        split[self._rows[said.verdicts != said.verdicts[first][self._rows]]] = True
        n, n_agreed = int(shared.sum()), int((shared & ~split).sum())
        listed = np.unique(np.concatenate([whole.sample_ids[shared], whole.wanted]))
        paths = dict(zip(listed.tolist(), paths_of(listed), strict=True))
        by_image = self._verdicts()

        def image(sample: int) -> dict[str, Any]:
            row = int(np.searchsorted(whole.sample_ids, sample))
            return {
                "sample_id": sample,
                "path": paths[sample],
                "verdicts": by_image[row],
                "agree": not split[row],
                "combined": self._names[self._best[row]],
                "probability": round(float(whole.agreement.posterior[row, self._best[row]]), 4),
            }

        return {
            "images": len(whole.sample_ids),
            "shared": n,
            "agreed": n_agreed,
            "agreement": n_agreed / n if n else None,
            "ci95": list(wilson(n_agreed, n)) if n else [None, None],
            "reviewers": self._reviewers(shared),
            "shared_images": [image(sample) for sample in whole.sample_ids[shared].tolist()],
            "second_opinions": [image(sample) for sample in whole.wanted.tolist()],
        }

    def _verdicts(self) -> list[dict[str, str]]:
        """For each image what each reviewer calls it."""
        said = self._whole.said
        named: list[dict[str, str]] = [{} for _ in self._whole.sample_ids]
        columns = (self._rows, said.reviewers, said.verdicts)
        for row, reviewer, verdict in zip(*(column.tolist() for column in columns), strict=True):
            named[row][self._people[reviewer]] = self._names[verdict]
        return named

    def _reviewers(self, shared: Mask) -> list[dict[str, Any]]:
        said, beside_others = self._whole.said, shared[self._rows]
        as_combined = said.verdicts == self._best[self._rows]
        return [
            {
                "reviewer": self._people[who],
                "verdicts": int((said.reviewers == who).sum()),
                "shared": int(((said.reviewers == who) & beside_others).sum()),
                "as_combined": int(((said.reviewers == who) & beside_others & as_combined).sum()),
            }
            for who in np.unique(said.reviewers).tolist()
        ]
