"""A small review with everything in it, for tests of single widgets."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from models.review.classes import ClassList
from models.review.columns import Columns
from models.review.decisions import NO_STEP, Action, Edit, Seen, Status
from models.review.learning import Learned
from models.review.ordering import count
from models.types import DatasetInfo, Evidence
from qtapp.commands.registry import Registry
from qtapp.state.activity import TrainingState
from qtapp.state.agreeing import AgreeingState
from qtapp.state.audit import AuditState
from qtapp.state.blind import BlindState
from qtapp.state.clusters import ClusterState
from qtapp.state.corrections import CorrectionState
from qtapp.state.image_look import ImageLook
from qtapp.state.labels import LabelState
from qtapp.state.learning import LearningState
from qtapp.state.neighbours import NeighbourState
from qtapp.state.ordering import OrderState
from qtapp.state.scores import ScoreSet, ScoreState
from qtapp.state.selection import SelectionState
from qtapp.state.session import SessionState
from qtapp.state.view import ViewState
from qtapp.views.theme import LIGHT, Theme

COMMANDS = {
    "decide.keep": "Keep",
    "decide.accept": "Accept",
    "decide.exclude": "Exclude",
    "decide.second_look": "Second look",
    "decide.tag": "Why wrong?",
    "decide.undo": "Undo",
    "decide.unlock_test": "Unlock for this project",
    "decide.leave_out_locked": "Leave locked images out",
    "look.new_order": "Apply the new order",
    "look.learned": "Sort by what was learned",
    "look.as_query": "Filters as a query",
    "look.grid": "Grid",
    "look.before_similar": "Back to the order before",
    "run.start": "Start training",
    "run.again": "Train again with corrections",
    "run.baseline": "Train on the labels as given",
    "run.stop": "Stop training",
    "run.resume": "Resume the last run",
    "file.export": "&Export…",
    "file.export_worklist": "Export the work list…",
    "look.blind": "Blind session",
    "look.finding": "Images of the finding",
    "decide.remedy": "Apply the remedy of the finding",
    "decide.take_back": "Take the remedy of the finding back",
    "run.audit": "Audit this dataset",
    "run.quick_audit": "Quick audit",
    "run.stop_audit": "Stop the audit",
}


def names(k: int) -> tuple[str, ...]:
    return tuple(f"class {code}" for code in range(k))


@dataclass
class Review:
    """24 images of `class_names`, in the splits given; scores once score() was called."""

    class_names: tuple[str, ...] = ("cat", "dog", "bird")
    splits: dict[str, int] = field(default_factory=lambda: {"all": 24})

    def __post_init__(self) -> None:
        n, k = sum(self.splits.values()), len(self.class_names)
        self.given = (np.arange(n) % k).astype(np.int32)
        self.session, self.labels = SessionState(), LabelState()
        self.audit, self.selection = AuditState(self.labels), SelectionState()
        self.scores = ScoreState(self.labels, self.audit)
        self.agreeing = AgreeingState(self.labels)
        self.order, self.view, self.training = OrderState(), ViewState(), TrainingState()
        self.neighbours, self.clusters = NeighbourState(), ClusterState()
        blind = BlindState(self.labels)
        self.image_look = ImageLook(self.session, self.selection, self.view, blind)
        self.learning, self.corrections = LearningState(), CorrectionState(self.labels)
        self.labels.load(
            self.given,
            self.given.copy(),
            np.zeros(n, np.uint8),
            ClassList.of(self.class_names),
            1,
            0,
        )
        self.selection.reset(n)
        self.order.reset(n)
        self.info = DatasetInfo(
            *("npz", "tiny", n, self.splits, self.class_names, (8, 8, 1), "uint8", (0.0, 255.0)),
            *(n, 0, 0, "Read as 24 grey images."),
        )
        self.session.open(self.info, "/nowhere/tiny.winnow")
        self.theme, self.pressed = Theme(LIGHT), list[str]()
        self.registry = Registry()
        for command_id, text in COMMANDS.items():
            self.registry.add(command_id, text, self._noting(command_id))
        answering = self._noting("look.answer_first")
        self.registry.add("look.answer_first", "Answer first", answering, checkable=True)
        self.registry.add("run.pause", "Pause training", self._noting("run.pause"), checkable=True)
        self.registry.add_hold("look.peek", "Peek", lambda: None, lambda: None)

    def _noting(self, command_id: str):  # type: ignore[no-untyped-def]
        return lambda *_state: self.pressed.append(command_id)

    def score(self) -> None:
        """The model prefers the next class for every image."""
        n, k = len(self.given), len(self.class_names)
        suggested = ((self.given + 1) % k).astype(np.int32)
        probabilities = np.full((n, k), 0.1 / k, np.float32)
        probabilities[np.arange(n), suggested] += 0.9
        ramp = np.linspace(0, 1, n, dtype=np.float32)
        scored = ("suspicion", "loss", "confidence", "margin", "anomaly")
        self.scores.show(
            ScoreSet(
                run=1,
                epoch=4,
                values={name: ramp.copy() for name in scored},
                predicted=suggested,
                suggested=suggested,
                labels=self.given.copy(),
                held_out=np.arange(n) % 2 == 0,
                probabilities=probabilities,
                transition=np.eye(k, dtype=np.float32),
                prior=np.full((k, k), 1 / k, np.float32),
                evidence=Evidence.none(n),
            )
        )

    def count(self) -> None:
        """What the arranging worker would say of the filters wanted now."""
        columns = Columns(
            self.labels.labels,
            self.labels.status,
            self.info.split_codes(),
            self.scores.values,
            self.selection.mask,
            self.scores.copy_group,
            given=self.labels.given,
            predicted=self.scores.predicted,
            suggested=self.scores.all_suggested,
            classes=self.labels.classes,
            split_names=tuple(self.splits),
        )
        self.order.accept_facets(count(self.order.wanted, columns))

    def learn(self, *, better: bool = True) -> None:
        """What a worker makes of enough verdicts."""
        scores = np.linspace(-2, 2, len(self.given), dtype=np.float32)
        weights = {"disagreement": 0.7312, "loss": -0.2} if better else {}
        reason = "Learned from 150 verdicts." if better else "The order stays as it is."
        self.learning.accept(Learned(scores, better, reason, weights))

    def decide(self, sample_id: int, status: Status, label: int | None = None) -> None:
        """One saved decision about one image."""
        ids = np.array([sample_id], np.int64)
        new = ids * 0 + (self.labels.labels[sample_id] if label is None else label)
        step = self.labels.next_step
        self.labels.apply(
            Edit(
                step=step,
                action=np.array([Action.SET], np.uint8),
                sample_ids=ids,
                old_labels=self.labels.labels[ids],
                new_labels=new.astype(np.int32),
                old_status=self.labels.status[ids],
                new_status=np.array([status], np.uint8),
                seen=Seen.nothing(1),
                time_ns=0,
                undoes=NO_STEP,
            )
        )
        self.labels.acknowledge(step)
