"""Undoes in the images of a split what was done to them: previewed, kept, taken back.

The source stays as it is. What is kept are steps of models.data.undoing by the name of a split of
the source; Project.request() carries them, and the reader applies them to every image it gives out,
so that all who look, train, audit or export see the same images. The fingerprint is that of the
source. Content hashes are of the images as they are seen: copies, exports and their manifests are
about those.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.data.journal import UNDONE, Journal
from models.data.placing import replace_file
from models.data.project import Project, source_splits_in, splits_in, undone_in
from models.data.rematch import stored_hashes
from models.data.seen_otherwise import mark_runs
from models.data.undoing import checked, inverse
from models.errors import ProjectError
from models.processes.folding import fold
from models.types import Events, Finished


def undoing_processing(project_path: Path, split: str, undo: Mapping[str, Any]) -> Events:
    """Undo one more thing in the images of a split and publish it: Progress, at last Finished with
    {"project", "undone"}, all that is undone now. Errors are those of `keep_undoing`."""
    yield from _publishing(project_path, split, undo)


def taking_back(project_path: Path, split: str) -> Events:
    """See the images of a split as they are in the source again: Progress, at last Finished with
    {"project", "undone"}."""
    yield from _publishing(project_path, split, None)


def keep_undoing(project: Project, split: str, undo: Mapping[str, Any] | None) -> None:
    """Undo one more thing in the images of a split, or, with None, see them as in the source again.

    A step that undoes the last one takes it away. Whoever opens the project from now on sees the
    images so; who has it open has to open it again. Runs keep what they say of other splits.

    Raises
    ------
    ProjectError
        If the source has no such split, its images are in other splits by now, or this cannot be
        undone.
    """
    with project.journal() as journal:
        names, splits = source_splits_in(journal)
        if split not in names:
            raise ProjectError(
                f"its source has no split “{split}”",
                str(project.path),
                f"There are: {', '.join(names)}.",
            )
        of_split: NDArray[np.bool_] = splits == names.index(split)
        before = undone_in(journal)
        after = _after(project, before, split, undo)
        if after == before:
            return
        if len(after.get(split, ())) > len(before.get(split, ())):
            _check_whole(project, journal, split, of_split)
        # First what would be wrong with the new images, then what makes them new.
        _forget_hashes(project, of_split)
        (project.path / "map.json").unlink(missing_ok=True)
        mark_runs(project.runs_dir, before, after, names, splits)
        journal.set_meta(UNDONE, after)


def undoings(project: Project) -> dict[str, list[dict[str, Any]]]:
    """What is undone in the images of each split where something is, in the order it is done."""
    with project.journal(read_only=True) as journal:
        return undone_in(journal)


def _publishing(project_path: Path, split: str, undo: Mapping[str, Any] | None) -> Events:
    with Project(project_path) as project:
        keep_undoing(project, split, undo)
        for event in fold(project_path):
            if not isinstance(event, Finished):
                yield event
        undone = undoings(project)
    yield Finished({"project": str(project_path), "undone": undone})


def _after(
    project: Project, before: Mapping[str, Any], split: str, undo: Mapping[str, Any] | None
) -> dict[str, Any]:
    steps = list(before.get(split, ()))
    if undo is None:
        steps = []
    else:
        try:
            step = checked(undo)
        except ValueError as error:
            raise ProjectError(
                f"cannot be undone ({error})", str(project.path), "Audit the project again."
            ) from error
        steps = steps[:-1] if steps and inverse(steps[-1]) == step else [*steps, step]
    after = {name: known for name, known in before.items() if name != split}
    return {**after, split: steps} if steps else after


def _check_whole(
    project: Project, journal: Journal, split: str, of_split: NDArray[np.bool_]
) -> None:
    """Refuse where the split that goes by this name here is not that of the source."""
    names, splits = splits_in(journal)
    here = names.index(split) if split in names else -1
    if not np.array_equal(splits == here, of_split):
        raise ProjectError(
            f"the images of “{split}” were put into other splits, and what was done to them was "
            "done before that",
            str(project.path),
            "Take the new splits back first; they can be made again afterwards.",
        )


def _forget_hashes(project: Project, of_split: NDArray[np.bool_]) -> None:
    hashes = stored_hashes(project, len(of_split))
    if hashes[of_split].any():
        hashes[of_split] = 0
        replace_file(project.content_hash_path, lambda file: np.save(file, hashes))
