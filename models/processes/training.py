"""Supervises the trainer child; the command line and the Trainer thread both run this."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from models.processes.channel import Message
from models.processes.child import Controls, run_in_child
from models.types import Events, LabelVector, Mask, SampleIds


@dataclass(frozen=True)
class TrainRequest:
    """What a run needs to know. `config` is TrainConfig.to_message(); {} means the preset."""

    project: Path
    source: dict[str, Any]  # OpenRequest.to_message()
    labels: LabelVector  # (n,) current labels, UNLABELLED where none
    included: Mask  # (n,) False for excluded samples: scored, never trained on
    class_names: tuple[str, ...]
    config: dict[str, Any] = field(default_factory=dict)
    resume_run: int = 0  # 0 starts a new run
    weights_from: str = ""  # runs/<id> folder whose weights to start from
    audited: SampleIds = field(default_factory=lambda: np.empty(0, np.int64))  # never trained on
    # Images that somebody has judged: what the run says of them is no news to who learns from it.
    decided: SampleIds = field(default_factory=lambda: np.empty(0, np.int64))

    def to_message(self) -> Message:
        return {**vars(self), "project": str(self.project)}

    @classmethod
    def from_message(cls, message: Message) -> TrainRequest:
        paths = {"project": Path(message["project"]), "class_names": tuple(message["class_names"])}
        return cls(**{**message, **paths})


def train(request: TrainRequest, controls: Controls | None = None) -> Events:
    """Run the trainer child: TrainingStarted, TrainingProgress, EpochEnded, ScoresReady, ...,
    TrainingEnded. Controls: "pause", "resume", "finish" (write the scores so far, end)."""
    yield from run_in_child("trainer", request.to_message(), controls)
