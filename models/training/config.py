"""TrainConfig: everything that decides a run, and the presets."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, get_args, get_origin, get_type_hints

from models.errors import TrainingError
from models.review.weights import CLASS_WEIGHTS


@dataclass(frozen=True)
class Preset:
    """How long to train: a number of steps, within bounds on the number of epochs."""

    steps: int  # of each net
    fewest_epochs: int
    most_epochs: int  # on a few images, more would only learn them by heart
    nets: int


PRESETS = {
    "quick": Preset(800, 3, 8, 1),
    "standard": Preset(1_800, 6, 16, 1),
    "thorough": Preset(5_000, 12, 24, 3),
}
LARGEST_SIDE_PX = 64  # larger images are reduced for training
_LARGEST_BATCH = 256
# From a budget. Measured: Fashion-MNIST, 20% symmetric, nets of 6 and 12 epochs .9908 and .9914,
# both together .9924; CIFAR-10N aggregate, 6 and 16 epochs .748 and .815. What is easy is soon
# known by heart and gains from more nets, what is hard from longer ones.
_EPOCHS_A_NET = 16
_FITTING_A_NET = (10, 24)  # fewer are better spent on one net, more on another one
_MOST_EPOCHS, _MOST_NETS = 40, 8
_FEWEST_STEPS_AN_EPOCH = 48
_DECAYED_IMAGES = 2_000  # up to so many, weight decay is 1
_EPOCHS_AGAIN = 0.5  # of the preset's, where a net begins with weights


@dataclass(frozen=True)
class TrainConfig:
    """The settings of a run. None stands for "decide when the data is known".

    What was decided is written to run.json, with nothing left at None; such a config gives
    the same order again, bit for bit on the same CPU.
    """

    preset: str = "standard"
    seed: int = 0
    device: str = "auto"  # "auto", "cpu", "cuda", "mps"
    epochs: int | None = None  # of each net
    nets: int | None = None  # trained one after another; what they say is averaged
    schedule: tuple[int, ...] | None = None  # epochs of each net, where they are not the same
    minutes: float | None = None  # instead of the preset's steps; promises no identity
    width: int = 48
    batch: int | None = None
    dtype: str | None = None  # "float32" or "bfloat16"; None: the faster one
    threads: int | None = None
    flip: bool | None = None  # None: if mirrored images still look like their class
    learning_rate: float = 1e-2
    weight_decay: float | None = None  # times the learning rate, each step
    class_weights: str = "none"  # one of CLASS_WEIGHTS

    def __post_init__(self) -> None:
        wrong = (
            ("preset", self.preset not in PRESETS),
            ("device", self.device not in ("auto", "cpu", "cuda", "mps")),
            ("dtype", self.dtype not in (None, "float32", "bfloat16")),
            ("epochs", self.epochs is not None and self.epochs < 0),
            ("nets", self.nets is not None and self.nets < 1),
            ("minutes", self.minutes is not None and not 0 < self.minutes < math.inf),
            ("width", self.width < 1),
            ("schedule", self.schedule is not None and not _is_schedule(self.schedule)),
            ("batch", self.batch is not None and self.batch < 2),
            ("threads", self.threads is not None and self.threads < 1),
            ("seed", self.seed < 0),
            ("learning_rate", not 0 < self.learning_rate < math.inf),
            (
                "weight_decay",
                self.weight_decay is not None and not 0 <= self.weight_decay < math.inf,
            ),
            ("class_weights", self.class_weights not in CLASS_WEIGHTS),
        )
        for name, is_wrong in wrong:
            if is_wrong:
                raise _impossible(name, getattr(self, name))

    def to_message(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_message(cls, message: Mapping[str, Any]) -> TrainConfig:
        """The config of a message; settings it does not name keep their defaults.

        Raises TrainingError if one is unknown or impossible: a person may have written it.
        """
        unknown = message.keys() - {field.name for field in fields(cls)}
        if unknown:
            raise TrainingError(
                f"there is no training setting called {', '.join(sorted(unknown))}",
                remedy="Check the file given with --config, or the version that wrote it.",
            )
        schedule = message.get("schedule")
        if isinstance(schedule, list):
            message = {**message, "schedule": tuple(schedule)}
        kinds = get_type_hints(cls)
        for name, value in message.items():
            if not _is_of_kind(value, kinds[name]):
                raise _impossible(name, value)
        return cls(**message)

    def batch_for(self, n_train: int) -> int:
        """Images a step: 256, fewer where an epoch would be only a few steps."""
        if self.batch is not None:
            return self.batch
        wanted = n_train // _FEWEST_STEPS_AN_EPOCH
        return max(16, min(_LARGEST_BATCH, 1 << max(wanted, 1).bit_length() - 1))

    def schedule_for(self, n_train: int, fitting: float, *, begun: bool = False) -> tuple[int, ...]:
        """Epochs of each net: as asked, else what fits a budget, else the preset's.

        `fitting` is how many epochs there is time for, if the budget is a number of minutes. Nets
        that begin with weights (`begun`) train for half the preset's epochs.
        """
        if self.schedule is not None:
            return self.schedule
        if self.minutes is None:
            preset = PRESETS[self.preset]
            wanted = math.ceil(preset.steps / math.ceil(n_train / self.batch_for(n_train)))
            epochs = max(preset.fewest_epochs, min(preset.most_epochs, wanted))
            epochs = math.ceil(_EPOCHS_AGAIN * epochs) if begun else epochs
            return (epochs if self.epochs is None else self.epochs,) * (self.nets or preset.nets)
        if self.epochs or self.nets:
            nets = self.nets or max(1, min(_MOST_NETS, int(fitting / (self.epochs or 1))))
            return (self.epochs or max(1, min(_MOST_EPOCHS, int(fitting / nets))),) * nets
        return shared_out(fitting)

    def weight_decay_for(self, n_train: int) -> float:
        """The fewer images, the more: a net soon knows a few by heart, wrong labels too.

        Average precision with .1 and with 1: 1,600 digits .955 and .991; 15,000 images of CIFAR-10
        .653 and .630, of Fashion-MNIST .780 and .774, asymmetric .939 and .933.
        """
        if self.weight_decay is not None:
            return self.weight_decay
        return min(1.0, max(0.1, _DECAYED_IMAGES / max(n_train, 1)))


def shared_out(epochs: float, nets: int = 0) -> tuple[int, ...]:
    """So many epochs as nets of about sixteen each, at least one net and one epoch.

    `nets` is how many were planned; it changes only where they would be far too short or long.
    """
    low, high = _FITTING_A_NET
    if not nets or not low <= epochs / nets <= high:
        nets = max(1, min(_MOST_NETS, round(epochs / _EPOCHS_A_NET)))
    return (max(1, min(_MOST_EPOCHS, int(epochs / nets))),) * nets


def _impossible(name: str, value: object) -> TrainingError:
    return TrainingError(
        f"cannot train with {name} = {value!r}",
        remedy="See `winnow train --help` for what is possible.",
    )


def _is_of_kind(value: object, kind: Any) -> bool:
    """Whether a value is what a field is declared as, `int | None` for example."""
    kinds = [get_origin(one) or one for one in (get_args(kind) or (kind,))]
    if isinstance(value, bool):  # which Python takes for an int
        return bool in kinds
    return isinstance(value, (*kinds, int) if float in kinds else tuple(kinds))


def _is_schedule(epochs: tuple[int, ...]) -> bool:
    return bool(epochs) and all(isinstance(number, int) and number > 0 for number in epochs)


def one_cycle(done: float) -> float:
    """Share of the peak learning rate when `done` (0..1) of the steps are over."""
    warm_up = 0.2
    if done < warm_up:
        return 0.1 + 0.9 * done / warm_up
    return max(0.0, (1 - done) / (1 - warm_up)) * 0.99 + 0.01
