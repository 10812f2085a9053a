"""The classes of a project from the command line: listing them, merging several into one."""

from __future__ import annotations

import time
from collections.abc import Generator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np

from models.data.project import Project
from models.errors import ProjectError
from models.opening import Labelling, Review, project_review, read_labelling, remembered
from models.processes.folding import fold
from models.processes.reading import ReaderClient
from models.review.classes import ClassList
from models.review.decisions import Edit, merge_classes
from models.types import DatasetInfo, Event, Events, Finished, LabelVector


def class_list(project_path: Path, merged: Sequence[str] = (), into: str = "") -> Events:
    """List the classes of a project, after merging some by name as one decision.

    Yields Progress and Heartbeat, at last Finished with {"changed": samples, "classes":
    [{"class", "n", "merged_into"}]}; n counts corrected labels. Only merging takes a lock: to
    list, a window may be open on the project meanwhile.

    Raises
    ------
    ProjectError
        If the folder is no project, a name is no class, or nothing would change; to merge, if it
        is in use.
    DatasetError
        If the source cannot be read.
    """
    if not merged:
        known = yield from _as_it_stands(project_path)
        yield Finished({"changed": 0, "classes": _counted(known.classes, known.labels)})
        return
    review = yield from project_review(project_path)
    try:
        known = review.labelling
        edit = _merge(review, merged, into)
        edit.apply(known.labels, known.status)
        assert edit.class_change is not None
        classes = known.classes.after(edit.class_change)
        for event in fold(project_path):
            if not isinstance(event, Finished):
                yield event
    finally:
        review.close()
    yield Finished({"changed": len(edit), "classes": _counted(classes, known.labels)})


def _as_it_stands(project_path: Path) -> Generator[Event, None, Labelling]:
    project = Project(project_path, read_only=True)
    request = remembered(project)
    with closing(ReaderClient()) as reader, project.journal(read_only=True) as journal:
        opened = yield from reader.opened(request)
        return read_labelling(journal, DatasetInfo.from_message(opened.info), opened.given)


def _merge(review: Review, merged: Sequence[str], into: str) -> Edit:
    """Write the decision to merge classes into the journal."""
    known, where = review.labelling, str(review.project.path)
    codes = [_code(known.classes, name, where) for name in dict.fromkeys(merged)]
    target = _code(known.classes, into, where)
    if target in codes:
        raise ProjectError(f"“{into}” cannot be merged into itself", where)
    edit = merge_classes(
        codes,
        target,
        given=known.given,
        labels=known.labels,
        status=known.status,
        step=known.next_step,
        time_ns=time.time_ns(),
        reviewer=review.reviewer,
    )
    if not len(edit):
        raise ProjectError("no sample is of those classes, so there is nothing to merge", where)
    review.project.back_up("before merge")
    with review.project.journal() as journal:
        journal.append(edit)
    return edit


def _code(classes: ClassList, name: str, where: str) -> int:
    """The code of a class that is still offered."""
    found = [code for code in classes.offered() if classes.names[code] == name]
    if not found:
        raise ProjectError(
            f"has no class “{name}”", where, "`winnow classes` lists them; names match exactly."
        )
    return found[0]


def _counted(classes: ClassList, labels: LabelVector) -> list[dict[str, Any]]:
    counts = np.bincount(labels[labels >= 0], minlength=len(classes.names))
    return [
        {
            "class": name,
            "n": int(counts[code]),
            "merged_into": classes.names[classes.merged[code]] if code in classes.merged else None,
        }
        for code, name in enumerate(classes.names)
    ]
