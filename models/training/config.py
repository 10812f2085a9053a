"""TrainConfig: everything that decides a run, and the presets."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from models.errors import TrainingError


@dataclass(frozen=True)
class Preset:
    """How long to train: a number of steps, within bounds on the number of epochs."""

    steps: int
    fewest_epochs: int
    most_epochs: int  # on a few images, more would only learn them by heart


PRESETS = {
    "quick": Preset(800, 3, 8),
    "standard": Preset(1_800, 6, 16),
    "thorough": Preset(6_000, 12, 24),
}
LARGEST_SIDE_PX = 64  # larger images are reduced for training
_LARGEST_BATCH = 256
_MOST_EPOCHS = 200
_FEWEST_STEPS_AN_EPOCH = 48


@dataclass(frozen=True)
class TrainConfig:
    """The settings of a run. None stands for "decide when the data is known".

    What was decided is written to run.json, with nothing left at None; such a config gives
    the same order again, bit for bit on the same CPU.
    """

    preset: str = "standard"
    seed: int = 0
    device: str = "auto"  # "auto", "cpu", "cuda", "mps"
    epochs: int | None = None
    minutes: float | None = None  # instead of the preset's steps; promises no identity
    width: int = 48
    batch: int | None = None
    dtype: str | None = None  # "float32" or "bfloat16"; None: the faster one
    threads: int | None = None
    flip: bool | None = None  # None: if mirrored images still look like their class
    learning_rate: float = 3e-3
    weight_decay: float = 1.0  # times the learning rate, each step

    def __post_init__(self) -> None:
        wrong = (
            ("preset", self.preset not in PRESETS),
            ("device", self.device not in ("auto", "cpu", "cuda", "mps")),
            ("dtype", self.dtype not in (None, "float32", "bfloat16")),
            ("epochs", self.epochs is not None and self.epochs < 0),
            ("minutes", self.minutes is not None and not 0 < self.minutes < math.inf),
            ("width", self.width < 1),
            ("batch", self.batch is not None and self.batch < 2),
            ("threads", self.threads is not None and self.threads < 1),
            ("seed", self.seed < 0),
        )
        for name, is_wrong in wrong:
            if is_wrong:
                raise TrainingError(
                    f"cannot train with {name} = {getattr(self, name)!r}",
                    remedy="See `winnow train --help` for what is possible.",
                )

    def to_message(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_message(cls, message: Mapping[str, Any]) -> TrainConfig:
        """The config of a message; settings it does not name keep their defaults."""
        unknown = message.keys() - {field.name for field in fields(cls)}
        if unknown:
            raise TrainingError(
                f"there is no training setting called {', '.join(sorted(unknown))}",
                remedy="Check the file given with --config, or the version that wrote it.",
            )
        return cls(**message)

    def batch_for(self, n_train: int) -> int:
        """Images a step: 256, fewer where an epoch would be only a few steps."""
        if self.batch is not None:
            return self.batch
        wanted = n_train // _FEWEST_STEPS_AN_EPOCH
        return max(16, min(_LARGEST_BATCH, 1 << max(wanted, 1).bit_length() - 1))

    def epochs_for(self, n_train: int, fitting: float) -> int:
        """Epochs to train: as asked, the `fitting` ones if there is a budget, or the preset's."""
        if self.epochs is not None:
            return self.epochs
        preset = PRESETS[self.preset]
        if self.minutes is not None:
            return max(1, min(int(fitting), _MOST_EPOCHS))
        wanted = math.ceil(preset.steps / math.ceil(n_train / self.batch_for(n_train)))
        return max(preset.fewest_epochs, min(preset.most_epochs, wanted))


def one_cycle(done: float) -> float:
    """Share of the peak learning rate when `done` (0..1) of the steps are over."""
    warm_up = 0.2
    if done < warm_up:
        return 0.1 + 0.9 * done / warm_up
    return max(0.0, (1 - done) / (1 - warm_up)) * 0.99 + 0.01
