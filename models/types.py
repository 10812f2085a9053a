"""Array aliases and the frozen events that travel from the work to whoever watches it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

SampleIds = NDArray[np.int64]  # (m,) positions in the source, never rows of the grid
LabelVector = NDArray[np.int32]  # (n,) class codes, UNLABELLED where there is none
StatusVector = NDArray[np.uint8]  # (n,) values of review.decisions.Status
Mask = NDArray[np.bool_]  # (n,)
Probs = NDArray[np.float32]  # (n, k) rows sum to 1
Scores = NDArray[np.float32]  # (n,) higher is more suspect; NaN where unscored
Pixels = NDArray[Any]  # (h, w, c) in the source's dtype, c = 1 or 3
LogRows = NDArray[np.void]  # (m,) of review.decisions.LOG_DTYPE

UNLABELLED = -1


@dataclass(frozen=True)
class Event:
    """Something that happened in long work. Fields are JSON values or numpy arrays."""


Events = Iterator[Event]


@dataclass(frozen=True)
class Heartbeat(Event):
    """Nothing happened for 0.2 s; the work is alive."""


@dataclass(frozen=True)
class Progress(Event):
    """How far a long piece of work is: `done` of `total` units, and what it does now."""

    done: int
    total: int
    doing: str


@dataclass(frozen=True)
class Finished(Event):
    """The work is over; `result` is what the command line prints as JSON."""

    result: dict[str, Any]


@dataclass(frozen=True)
class DatasetOpened(Event):
    """A reader child understood a source. `info` is DatasetInfo.to_message()."""

    info: dict[str, Any]
    given: LabelVector  # (n,)


@dataclass(frozen=True)
class TrainingStarted(Event):
    """Data is in memory and the first step is about to run."""

    run: int
    device: str  # "CPU, 2 threads, bfloat16"
    device_note: str  # why it is not what was asked for; empty if it is
    n_train: int
    n_held_out: int
    epochs: int


@dataclass(frozen=True)
class TrainingProgress(Event):
    """At most about 20 a second."""

    phase: str  # "reading", "first look", "training", "scoring", "paused"
    epoch: int  # 1-based; 0 before the first
    done: float  # 0..1 of the whole run
    images_per_second: float
    seconds_left: float  # NaN while unknown


@dataclass(frozen=True)
class EpochEnded(Event):
    """One point of the curves. Held-out figures are NaN where nothing is held out."""

    epoch: int
    train_loss: float
    train_accuracy: float
    held_out_loss: float
    held_out_accuracy: float
    learning_rate: float


@dataclass(frozen=True)
class ScoresReady(Event):
    """A new set of scores lies in runs/<run>/; nothing on the screen moves until N."""

    run: int
    epoch: int
    final: bool


@dataclass(frozen=True)
class Overfitting(Event):
    """Held-out loss turned at `epoch`; `sentence` says so in words."""

    epoch: int
    sentence: str


@dataclass(frozen=True)
class TrainingEnded(Event):
    """The run is written; `result` follows the `train` contract of the command line."""

    run: int
    result: dict[str, Any] = field(default_factory=dict)
