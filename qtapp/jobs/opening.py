"""Opens a dataset or project on a thread; what comes back is ready to be shown."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from models.data.project import Project
from models.data.runs import newest_run, run_numbers
from models.demo import demo_request, demo_truth
from models.errors import WinnowError
from models.merging import merging as merging_projects
from models.opening import Review, ReviewOpened, opening_review, request_for
from models.opening import matching as matching_review
from models.processes.folding import fold
from models.remedies import settled
from models.review.remedies import Settled
from models.splitting import usual_wish
from models.types import Event, Events, Finished, LabelVector, OpenRequest
from qtapp.jobs.runs import KnownRun, known_run
from qtapp.jobs.trainer import load_score_set
from qtapp.state.remedying import Division
from qtapp.state.scores import ScoreSet

ProjectChange = Callable[[Project], None]
"""Changes the settings of a locked project; raises WinnowError where that means nothing."""

# What a project keeps of how it was looked at; of another kind it is from another hand.
_KEPT = {"layout": str, "thumb_px": int, "advance": bool, "run": int, "queries": list}


@dataclass(frozen=True)
class ReadyToShow(Event):
    """An open review with the scores of its newest run and the settings of its project."""

    review: Review
    scores: ScoreSet | None
    settings: dict[str, Any]
    run: KnownRun
    truth: LabelVector | None
    matched: dict[str, Any]  # {"carried", "lost"} if decisions were just carried over
    merged: dict[str, Any] = field(default_factory=dict)  # if another project just was, see merging
    refused: WinnowError | None = None  # why it, or another change, was not
    settled: Settled = field(default_factory=Settled)
    usual: Division = field(default_factory=lambda: Division({}))  # as the splits are


def opening(request: OpenRequest, project: str = "", reviewer: str = "") -> Events:
    """Open files, a folder, or a project folder; `project` names the one to use."""
    yield from _opening(opening_review(request, Path(project) if project else None, reviewer))


def opening_demo(reviewer: str = "") -> Events:
    """Open the demo, made on the first call."""
    yield from _opening(opening_review(demo_request(), reviewer=reviewer), demo_truth())


def matching(request: OpenRequest, project: str, reviewer: str = "") -> Events:
    """Carry the decisions of a project over to its changed source, then open it."""
    done: dict[str, Any] = {}
    for event in matching_review(request, Path(project)):
        if isinstance(event, Finished):
            done = event.result
        else:
            yield event
    yield from _opening(opening_review(request, Path(project), reviewer), matched=done)


def merging(
    project: str, other: str, reviewer: str = "", truth: LabelVector | None = None
) -> Events:
    """Bring the decisions of another project into one, then open it; also where that is refused."""
    done: dict[str, Any] = {}
    refused: WinnowError | None = None
    try:
        for event in merging_projects(Path(project), Path(other)):
            if isinstance(event, Finished):
                done = event.result
            else:
                yield event
    except WinnowError as error:
        refused = error
    review = opening_review(request_for([project]), reviewer=reviewer)
    with closing(_opening(review, truth)) as events:
        for event in events:
            if isinstance(event, ReadyToShow):
                event = replace(event, merged=done, refused=refused)
            yield event


def changing(
    project: str,
    changes: Iterable[ProjectChange],
    reviewer: str = "",
    truth: LabelVector | None = None,
) -> Events:
    """Change what a project says of its images and publish that, then open it; also where that is
    refused."""
    refused: WinnowError | None = None
    try:
        with Project(Path(project)) as known:
            for change in changes:
                change(known)
            for event in fold(known.path):
                if not isinstance(event, Finished):
                    yield event
    except WinnowError as error:
        refused = error
    review = opening_review(request_for([project]), reviewer=reviewer)
    with closing(_opening(review, truth)) as events:
        for event in events:
            if isinstance(event, ReadyToShow):
                event = replace(event, refused=refused)
            yield event


def _opening(
    events: Events,
    truth: LabelVector | None = None,
    matched: dict[str, Any] | None = None,
) -> Events:
    for event in events:
        if not isinstance(event, ReviewOpened):
            yield event
            continue
        ready = _ready(event.review, truth, matched or {})
        try:
            yield ready
        except GeneratorExit:  # cancelled at the last moment: nobody took it
            ready.review.close()
            raise


def _ready(review: Review, truth: LabelVector | None, matched: dict[str, Any]) -> ReadyToShow:
    try:
        kept = review.project.settings()
        settings = {name: one for name, one in kept.items() if type(one) is _KEPT.get(name)}
        runs_dir = review.project.runs_dir
        chosen = settings.get("run", 0)
        run = chosen if chosen in run_numbers(runs_dir) else newest_run(runs_dir)
        scores = load_score_set(runs_dir, run) if run else None
        known = settled(review.project)
        usual = usual_wish(review.info, review.labelling.given)
    except BaseException:
        review.close()
        raise
    return ReadyToShow(
        review,
        scores,
        settings,
        known_run(runs_dir, run),
        truth,
        matched,
        settled=known,
        usual=Division(usual.shares, usual.kept or ()),
    )
