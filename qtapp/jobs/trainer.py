"""The Trainer thread: owns the training process, and brings its events and scores back."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PySide6.QtCore import QObject

from models.data.runs import load_scores, run_folder
from models.processes.child import Controls
from models.processes.training import TrainRequest, train
from models.review.ordering import LABELLING
from models.review.rescore import most_likely
from models.types import (
    DatasetInfo,
    Event,
    LabelVector,
    Mask,
    RunScores,
    SampleIds,
    Scores,
    ScoresReady,
)
from qtapp.jobs.worker import JobThread
from qtapp.state.activity import TrainingState
from qtapp.state.scores import ScoreSet


@dataclass(frozen=True)
class ScoresLoaded(Event):
    """A set of scores, read from disk and ready to show; None where no run has any."""

    scores: ScoreSet | None
    final: bool


class Trainer(JobThread):
    """A QThread that supervises the trainer child; the arithmetic is in the child.

    Measured with torch inside a thread of this process instead: the slowest 1% of frames took
    two to four times as long.
    """

    def __init__(self, training: TrainingState, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("trainer")
        self._training = training
        self._controls = Controls()
        self._runs_dir = Path()
        self.progressed.connect(training.accept)
        self.ended.connect(training.end)

    def begin_training(self, request: TrainRequest) -> None:
        """Start a run, or resume one. Not while one is running."""
        self._controls = Controls()
        self._runs_dir = request.project / "runs"
        self.begin(self._training.begin(), lambda: train(request, self._controls))

    def pause(self) -> None:
        self._controls.send("pause")

    def resume(self) -> None:
        self._controls.send("resume")

    def finish(self) -> None:
        """Write the scores so far, then end."""
        self._controls.send("finish")

    def _prepared(self, event: Event) -> Event:
        if isinstance(event, ScoresReady):
            scores = load_score_set(self._runs_dir, event.run)
            if scores is not None:
                return ScoresLoaded(scores, event.final)
        return event


def training_request(
    *,
    project: Path,
    info: DatasetInfo,
    labels: LabelVector,
    included: Mask,
    class_names: tuple[str, ...],
    audited: SampleIds,
    decided: SampleIds,
    resume_run: int = 0,
    weights_run: int = 0,
    class_weights: str = "none",
) -> TrainRequest:
    """The request for a run with the preset's configuration on the labels as they stand."""
    return TrainRequest(
        project=project,
        source=info.request,
        labels=labels,
        included=included,
        class_names=class_names,
        audited=audited,
        decided=decided,
        config={"class_weights": class_weights},
        resume_run=resume_run,
        weights_from=str(run_folder(project / "runs", weights_run)) if weights_run else "",
    )


def load_score_set(runs_dir: Path, run: int) -> ScoreSet | None:
    """The newest scores of a run as the window shows them; reads files, so not for its thread."""
    found = load_scores(runs_dir, run)
    return _ready_to_show(found) if found is not None else None


def _ready_to_show(found: RunScores) -> ScoreSet:
    return ScoreSet(
        run=found.run,
        epoch=found.epoch,
        values={name: np.array(values) for name, values in _sortable(found).items()},
        predicted=most_likely(found.probabilities),
        suggested=np.array(found.suggested),
        labels=found.labels,
        held_out=np.array(found.held_out),
        probabilities=found.probabilities,
        transition=np.array(found.transition),
        prior=np.array(found.prior),
        evidence=found.evidence,
        embedding=found.embedding,
        class_names=found.class_names,
    )


def _sortable(found: RunScores) -> dict[str, Scores]:
    """All that images can be put in order by."""
    labelling = found.evidence.by_name.get(LABELLING)
    return found.by_name if labelling is None else {**found.by_name, LABELLING: labelling}
