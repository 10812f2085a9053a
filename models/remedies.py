"""The kinds of remedies that Winnow can carry out: what each would do, doing it, taking it back."""

from __future__ import annotations

import time
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from models.audit.finding import SHOWN
from models.data.audits import KeptAudit
from models.data.journal import SPLIT, WEIGHTS, Journal
from models.data.project import Project
from models.data.undoing import inverse
from models.errors import ProjectError
from models.opening import Review
from models.review.decisions import Edit, Status
from models.review.learnt_splits import to_train_on
from models.review.remedies import (
    DIVIDING,
    LEAVING_OUT,
    MAPPING,
    ON_LABELS,
    UNDOING,
    WEIGHING,
    Exchange,
    Settled,
    Step,
    edit_of,
    leaving_out,
    mapping,
)
from models.review.weights import balanced_weights
from models.review.wholesale import by_hand
from models.splitting import NewSplit, bring_split_back, keep_split, proposing, usual_wish
from models.types import Event
from models.undoing import keep_undoing, undoings

_AGAIN = "Audit again: `winnow audit` says what is wrong now."


class Kind(Protocol):
    """One remedy of one finding; each method raises ProjectError where it means nothing now."""

    def preview(self) -> Generator[Event, None, dict[str, Any]]:
        """What it would do."""

    def apply(self) -> None:
        """Do what was previewed; it is on disk afterwards."""

    def take_back(self) -> None:
        """Bring back what was before."""


def kind_of(review: Review, finding: Mapping[str, Any], kept: KeptAudit | None) -> Kind:
    """The remedy of a finding of the audit that is kept; without one, a remedy that can be taken
    back alone. Raises ProjectError, with the words of what is to be done, where
    there is none that Winnow can carry out."""
    name = (finding["action"] or {}).get("name", "")
    if name in ON_LABELS:
        return OnLabels(review, finding, kept)
    if name in DIVIDING:
        return Divided(review)
    if name == WEIGHING:
        return Weighed(review)
    if name == UNDOING:
        return Undone(review, finding)
    raise ProjectError("has no remedy that Winnow can carry out", finding["id"], finding["remedy"])


@dataclass
class OnLabels:
    """One step that leaves images out or gives them other classes, like one of a person."""

    review: Review
    finding: Mapping[str, Any]
    kept: KeptAudit | None  # that it is of
    step: Step | None = None
    n_left_alone: int = 0

    def preview(self) -> Generator[Event, None, dict[str, Any]]:
        yield from ()
        self.step = step = self._step()
        if not len(step):
            raise ProjectError("is applied already: nothing would change", self.finding["id"])
        known, info = self.review.labelling, self.review.info
        codes = info.split_codes()[step.sample_ids]
        counts = np.bincount(codes, minlength=len(info.splits)).tolist()
        names = known.class_names
        return {
            "images": len(step),
            "splits": {name: n for name, n in zip(info.splits, counts, strict=True) if n},
            "samples": step.sample_ids[:SHOWN].tolist(),
            "excluded": step.new_labels is None,
            "becomes": (self.finding["action"] or {}).get("becomes"),
            "now": [
                names[code] if code >= 0 else ""
                for code in known.labels[step.sample_ids[:SHOWN]].tolist()
            ],
            "left_alone": self.n_left_alone,
        }

    def apply(self) -> None:
        assert self.step is not None
        review, known = self.review, self.review.labelling
        review.project.back_up("before remedy")
        edit = edit_of(
            self.step,
            self.finding["id"],
            given=known.given,
            labels=known.labels,
            status=known.status,
            number=known.next_step,
            time_ns=time.time_ns(),
            reviewer=review.reviewer,
        )
        self._append(edit)

    def take_back(self) -> None:
        """Undo is strictly last in, first out, here as anywhere."""
        known, finding_id = self.review.labelling, self.finding["id"]
        done = known.edits[: known.done]
        mine = [place for place, edit in enumerate(done) if edit.remedy == finding_id]
        if not mine:
            raise ProjectError("is not applied, so nothing can be taken back", finding_id)
        if later := len(done) - 1 - mine[-1]:
            raise ProjectError(
                f"was applied before {later:,} other decision{'s' * (later != 1)}",
                finding_id,
                "Take those back first, in the window with Ctrl+Z.",
            )
        self._append(done[-1].inverse(known.next_step, time.time_ns()))

    def _append(self, edit: Edit) -> None:
        with self.review.project.journal() as journal:
            journal.append(edit)

    def _step(self) -> Step:
        action, known, kept = self.finding["action"], self.review.labelling, self.kept
        assert kept is not None
        if action["name"] in LEAVING_OUT:
            step = leaving_out(np.array(action["samples"], np.int64), known.status)
            if len(step) and kept.moved.intersection(self.finding["splits"]):
                raise ProjectError("is about splits that have other images now", self._id, _AGAIN)
            return step
        if action["name"] == MAPPING:
            merging = mapping(action["becomes"], known.labels, known.classes)
            if merging is None:
                raise ProjectError("is about classes that are others now", self._id, _AGAIN)
            return merging
        return self._exchange(kept)

    def _exchange(self, kept: KeptAudit) -> Step:
        """Exchanging classes twice would be the damage anew: only of labels that were audited, and
        of none that a person gave."""
        info, known, action = self.review.info, self.review.labelling, self.finding["action"]
        split, becomes = action["split"], action["becomes"]
        if any(edit.remedy == self._id for edit in known.edits[: known.done]):
            raise ProjectError("is applied already", self._id, "--take-back brings back the rest.")
        offered = {known.class_names[code] for code in known.classes.offered()}
        gone = {*becomes, *becomes.values()} - offered
        if split not in info.splits or split in kept.since or gone:
            raise ProjectError("is about labels that have changed since", self._id, _AGAIN)
        ids = np.flatnonzero(info.split_codes() == list(info.splits).index(split))
        exchange = Exchange.of(ids, known.labels[ids], becomes, known.class_names)
        decided = by_hand(known.status, known.wholesale)
        self.n_left_alone = exchange.n_left_alone(decided)
        return exchange.step(decided)

    @property
    def _id(self) -> str:
        return str(self.finding["id"])


@dataclass
class Divided:
    """A new split, with the names and sizes of the splits before, copies and series together."""

    review: Review
    new: NewSplit | None = None

    def preview(self) -> Generator[Event, None, dict[str, Any]]:
        review = self.review
        wish = usual_wish(review.info, review.labelling.given)
        self.new = yield from proposing(review.project, review.info, review.labelling, wish)
        return self.new.report

    def apply(self) -> None:
        assert self.new is not None
        keep_split(self.review.project, self.new)

    def take_back(self) -> None:
        if not settled(self.review.project).divided:
            raise ProjectError("has the splits of its source", str(self.review.project.path))
        bring_split_back(self.review.project)


@dataclass
class Weighed:
    """From the next training on, every class counts for the same."""

    review: Review

    def preview(self) -> Generator[Event, None, dict[str, Any]]:
        yield from ()
        known, info = self.review.labelling, self.review.info
        # Of every class alike some are held out then, which makes no difference to the weights.
        learnt = to_train_on(tuple(info.splits), info.split_codes())
        learnt &= (known.status != Status.EXCLUDED) & (known.labels != info.not_of_dataset)
        learnt[known.trusted] = False
        learnt &= known.labels >= 0
        counts = np.bincount(known.labels[learnt], minlength=len(known.class_names))
        weights = balanced_weights(counts).tolist()
        each = {
            name: {"images": n, "weight": round(weight, 4)}
            for name, n, weight in zip(known.class_names, counts.tolist(), weights, strict=True)
        }
        return {"class_weights": "balanced", "classes": each}

    def apply(self) -> None:
        self._keep("balanced")

    def take_back(self) -> None:
        self._keep("none")

    def _keep(self, weights: str) -> None:
        if self.review.labelling.class_weights == weights:
            raise ProjectError(
                f"has class weights {weights} already", str(self.review.project.path)
            )
        keep_class_weights(self.review.project.path, weights)


@dataclass
class Undone:
    """What was done to the images of a split is undone wherever they are read."""

    review: Review
    finding: Mapping[str, Any]

    def preview(self) -> Generator[Event, None, dict[str, Any]]:
        yield from ()
        split, undo = self._what()
        if split not in self.review.info.splits:
            raise ProjectError("is about a split that is no more", self.finding["id"], _AGAIN)
        if undo in undoings(self.review.project).get(split, []):
            raise ProjectError("is applied already", self.finding["id"])
        return {"split": split, "images": self.review.info.splits[split], "undo": undo}

    def apply(self) -> None:
        keep_undoing(self.review.project, *self._what())

    def take_back(self) -> None:
        take_back_undoing(self.review.project, *self._what())

    def _what(self) -> tuple[str, dict[str, Any]]:
        action = self.finding["action"]
        return action["split"], dict(action["undo"])


def settled(project: Project) -> Settled:
    """What the project says of all its images because of remedies."""
    with project.journal(read_only=True) as journal:
        made = journal.meta(SPLIT)
        weights = journal.meta(WEIGHTS) or "none"
    return Settled(weights, made["created"] if made else "", undoings(project))


def stands(review: Review, finding: Mapping[str, Any]) -> bool:
    """Whether the remedy of a finding, of whichever audit, was applied and not taken back since."""
    action, known, now = finding["action"], review.labelling, settled(review.project)
    if action["name"] in DIVIDING:
        return bool(now.divided)
    if action["name"] == WEIGHING:
        return now.class_weights == "balanced"
    if action["name"] == UNDOING:
        return action["undo"] in now.undone.get(action["split"], ())
    return any(edit.remedy == finding["id"] for edit in known.edits[: known.done])


def keep_class_weights(project_path: Path, weights: str) -> None:
    """Weigh classes so in every training from now on; whoever calls holds the project's lock."""
    journal = Journal(Project(project_path, read_only=True).journal_path)
    with journal:
        journal.set_meta(WEIGHTS, weights)


def take_back_undoing(project: Project, split: str, undo: Mapping[str, Any]) -> None:
    """See the images of a split without their last undoing, which is this one."""
    steps = undoings(project).get(split, [])
    if undo not in steps:
        raise ProjectError("is not undone, so nothing can be taken back", split)
    if steps[-1] != undo:
        raise ProjectError("was followed by other steps", split, "Take those back first.")
    keep_undoing(project, split, inverse(undo))
