"""Opens a dataset for review: source, project, journal and labels in one step."""

from __future__ import annotations

import getpass
import os
import secrets
from collections.abc import Generator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from models.data.fingerprint import same
from models.data.journal import AUDIT, BLIND, UNLOCKED, WEIGHTS, Journal
from models.data.places import common_folder
from models.data.project import Project, check_classes, is_project, project_path_for
from models.errors import ProjectError, SourceChanged, SourceMissing
from models.processes.folding import rematch
from models.processes.reading import ReaderClient
from models.review.blind import BlindSession
from models.review.classes import ClassList
from models.review.decisions import REMARKING, Action, Edit
from models.review.remarks import Remarks, remarks_after
from models.review.replay import classes_after, history, replay
from models.review.session import Agreeing, agreeing_after
from models.review.stopping import AuditedQueue
from models.review.wholesale import Remedied, remedies_after, wholesale
from models.types import (
    DatasetInfo,
    Event,
    Events,
    LabelVector,
    LogRows,
    Mask,
    OpenRequest,
    SampleIds,
    StatusVector,
)


@dataclass(frozen=True)
class Labelling:
    """What the journal says of a dataset; arrays of length n, the caller's to change.

    `edits` is the undo stack, oldest first, of which the first `done` are done.
    """

    given: LabelVector
    labels: LabelVector
    status: StatusVector
    classes: ClassList
    edits: list[Edit]
    done: int
    next_step: int
    n_decisions: int
    n_remarks: int  # among them: steps that say something and decide nothing
    audit: AuditedQueue
    blind: tuple[BlindSession, ...]
    remarks: Remarks
    agreeing: Agreeing  # what each image's last decision was to the model that was seen
    test_unlocked: str  # when, in ISO 8601; empty while it is locked
    class_weights: str = "none"  # how trainings weigh classes
    remedies: Mapping[int, Remedied] = field(default_factory=dict)  # those that stand, by step

    @property
    def class_names(self) -> tuple[str, ...]:
        return self.classes.names

    @property
    def wholesale(self) -> Mask:
        """Images that were decided all at once, not one by one. (n,)"""
        made = self.remedies.values()
        return wholesale(self.given, self.labels, self.status, self.classes, made)

    @property
    def trusted(self) -> SampleIds:
        """Images that were judged without a suggestion, and are never trained on."""
        blind = [session.trusted() for session in self.blind]
        return np.unique(np.concatenate([np.array(self.audit.audits, np.int64), *blind]))


@dataclass(frozen=True)
class Review:
    """A dataset with its locked project and a reader of its pixels; close() ends both."""

    info: DatasetInfo
    labelling: Labelling
    project: Project
    reader: ReaderClient
    reviewer: int  # number of the person at this computer

    def close(self) -> None:
        self.reader.close()
        self.project.close()


@dataclass(frozen=True)
class ReviewOpened(Event):
    """The last event of `opening_review`; the review belongs to whoever reads it."""

    review: Review


def request_for(paths: Sequence[str | os.PathLike[str]], **answers: Any) -> OpenRequest:
    """A request for paths as a person typed or dropped them; answers as OpenRequest has them."""
    return OpenRequest(tuple(os.path.abspath(path) for path in paths), **answers)


def opening_review(
    request: OpenRequest, project_path: Path | None = None, reviewer: str = ""
) -> Events:
    """Open a source or a project for review: Progress and Heartbeat, at last ReviewOpened.

    Parameters
    ----------
    request : OpenRequest
        A source, or the folder of a project (its source is then the one it remembers).
    project_path : Path, optional
        The project to use; made if it is not there. With a source that was moved, this is
        how a project is told its new place.
    reviewer : str
        Who decides; the login name if empty.

    Raises
    ------
    DatasetError
        If the source cannot be read.
    ProjectError
        If the project is in use, damaged, or of another dataset.
    """
    with ExitStack() as on_failure:
        project = None
        known = _project_asked_for(request)
        if known is not None and project_path in (None, known):
            project = on_failure.enter_context(Project(known))  # refused before any work if held
            request = remembered(project)
        elif known is not None:
            source = remembered(Project(known, read_only=True))
            request = _as_before(replace(source, assignment=None, undone={}), project_path)
        else:
            request = _as_before(request, project_path)
        reader = ReaderClient()
        on_failure.callback(reader.close)
        opened = yield from reader.opened(request)
        info = DatasetInfo.from_message(opened.info)
        if project is None:  # only now: a source that cannot be read leaves no project behind
            path = project_path or project_path_for(
                OpenRequest.from_message(opened.info["request"])
            )
            project = on_failure.enter_context(Project(path, create=True))
        project.attach(info)
        with project.journal() as journal:
            _take_over_earlier(journal, reader)
            labelling = read_labelling(journal, info, opened.given)
            number = journal.reviewer_id(reviewer or user_name())
        on_failure.pop_all()
        review = Review(info, labelling, project, reader, number)
    yield ReviewOpened(review)


def to_read(request: OpenRequest) -> tuple[OpenRequest, Project | None]:
    """The source of a request, and the project where one was asked for; takes no lock."""
    known = _project_asked_for(request)
    if known is None:
        return _as_before(request, None), None
    project = Project(known, read_only=True)
    return remembered(project), project


def remembered(project: Project) -> OpenRequest:
    """How to open the source of a project.

    Raises ProjectError if it has none yet, SourceMissing if that is not where it was.
    """
    request = project.request()
    if request is None:
        raise ProjectError(
            "does not know its dataset yet",
            str(project.path),
            "Open the dataset itself; its project is found by that.",
        )
    missing = [path for path in request.paths if not os.path.exists(path)]
    if missing:
        raise SourceMissing(str(project.path), ", ".join(missing))
    return request


def matching(request: OpenRequest, project_path: Path) -> Events:
    """Carry the decisions of a project over to a changed source, by what its pixels are.

    Progress, then Finished with {"carried": samples, "lost": [old sample ids]}.
    """
    with Project(project_path) as project:
        yield from rematch(project, request)


def project_review(project_path: Path) -> Generator[Event, None, Review]:
    """Open a project that is there; the review is the caller's to close.

    Raises ProjectError if the folder is no project or is in use.
    """
    Project(project_path, read_only=True)  # refuses a folder that is none
    for event in opening_review(request_for([project_path])):
        if isinstance(event, ReviewOpened):
            return event.review
        yield event
    raise AssertionError("opening ends with ReviewOpened or an error")


def open_review(request: OpenRequest, project_path: Path | None = None) -> Review:
    """Open a source or a project for review and wait for it."""
    for event in opening_review(request, project_path):
        if isinstance(event, ReviewOpened):
            return event.review
    raise AssertionError("opening ends with ReviewOpened or an error")


def user_name() -> str:
    """Who decides, unless a name is given."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # no such user: a container started with a bare number
        return "someone"


def read_labelling(journal: Journal, info: DatasetInfo, given: LabelVector) -> Labelling:
    """Replay a journal over the labels as they were read.

    Raises ProjectError if they are those of another source, or of one whose classes are numbered
    otherwise: the decisions would be about other images, or name other classes.
    """
    if journal.meta("n") != info.n or not same(journal.meta("fingerprint"), info.fingerprint):
        project = str(journal.path.parent)
        raise SourceChanged(project, OpenRequest.from_message(info.request))
    check_classes(journal, info)
    rows, notes = journal.rows(), journal.notes()
    labels, status = replay(rows, given)
    edits, done = history(rows, notes, given)
    classes = classes_after(rows, notes, info.class_names)
    classes = replace(classes, not_of_dataset=info.not_of_dataset)
    return Labelling(
        given=given,
        labels=labels,
        status=status,
        classes=classes,
        edits=edits,
        done=done,
        next_step=journal.next_step(),
        n_decisions=_n_steps(rows),
        n_remarks=_n_steps(rows) - _n_deciding(rows),
        audit=_audit(journal),
        blind=tuple(map(BlindSession.from_message, journal.meta(BLIND) or ())),
        remarks=remarks_after(rows, notes, len(given)),
        agreeing=agreeing_after(rows, notes, len(given), classes),
        test_unlocked=journal.meta(UNLOCKED) or "",
        class_weights=journal.meta(WEIGHTS) or "none",
        remedies=remedies_after(rows, given),
    )


def _audit(journal: Journal) -> AuditedQueue:
    """The queue of audit images as the last decision left it; a new one draws anew."""
    known = journal.meta(AUDIT)
    return AuditedQueue.from_message(known) if known else AuditedQueue(secrets.randbits(32))


def _project_asked_for(request: OpenRequest) -> Path | None:
    """The project itself, where it was given in place of a source."""
    only = Path(request.paths[0])
    return only if len(request.paths) == 1 and is_project(only) else None


def _as_before(request: OpenRequest, project_path: Path | None) -> OpenRequest:
    """A source that has a project is read as it was then, unless it is to be read otherwise;
    in the splits that were made there and with what is undone there in either case, even when
    it was moved."""
    path = project_path or project_path_for(request)
    known = Project(path, read_only=True).request() if is_project(path) else None
    if known is None:
        return request
    if project_path:
        request = replace(request, paths=_below(request.paths, known.paths))
    is_known = set(request.paths) <= set(known.paths)
    if is_known and not any(request.answers().values()):
        return known
    if not (is_known or project_path):
        return request
    return replace(request, assignment=known.assignment, undone=known.undone)


def _below(paths: tuple[str, ...], known: tuple[str, ...]) -> tuple[str, ...]:
    """Where the paths of a source lie now, if only the folder was given that all moved to."""
    if len(paths) > 1 or len(known) == 1 or not os.path.isdir(paths[0]):
        return paths
    before = common_folder(known)
    moved = tuple(os.path.join(paths[0], os.path.relpath(path, before)) for path in known)
    return moved if all(map(os.path.exists, moved)) else paths


def _take_over_earlier(journal: Journal, reader: ReaderClient) -> None:
    """The decisions in an export of ours go on in its new project."""
    if journal.last_seq() == 0:
        earlier = reader.earlier_review()
        if earlier is not None:
            rows, notes, _, reviewers = earlier
            journal.seed(rows, notes, reviewers)


def _n_steps(rows: LogRows) -> int:
    return len(np.unique(rows["step"]))


def _n_deciding(rows: LogRows) -> int:
    """How many steps decide something, those that undo or redo such a step among them."""
    is_toggle = np.isin(rows["action"], (Action.UNDO, Action.REDO))
    says = np.isin(rows["action"], (*REMARKING, Action.OPINION))
    steps = rows["step"].astype(np.int64)
    deciding = np.unique(steps[~(is_toggle | says)])
    return len(np.union1d(deciding, steps[is_toggle & np.isin(rows["undo_of"], deciding)]))
