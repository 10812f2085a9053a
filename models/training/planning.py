"""Decides what a config left open: batch, mirroring, number format, epochs; and the work it is."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

from models.nets.patch_net import NetConfig
from models.training.augmentation import mirroring_keeps_labels
from models.training.config import TrainConfig
from models.training.devices import Machine, fastest
from models.training.evidence import neighbour_work
from models.training.fitting import EVALUATION_WORK, Recipe
from models.training.learner import Learner
from models.training.material import Material
from models.training.publishing import SCORING_WORK

FIRST_LOOK_WIDTH = 32
_FIRST_LOOK_BATCH = 128
_FIRST_LOOK_STEPS, _FIRST_LOOK_EPOCHS = 150, 4  # at least so many steps, at most so many epochs
_FIRST_LOOK_WORK = 0.6  # of an image in the first look, beside one in training
_FIRST_LOOK_SEED = 1_000_003  # added, so that the two nets do not begin alike


def decided(
    config: TrainConfig, material: Material, machine: Machine, seconds_spent: float
) -> TrainConfig:
    """The config with nothing left open, for these images on this machine."""
    n_train = len(material.trained)
    batch = config.batch_for(n_train)
    flip = config.flip
    if flip is None:
        flip = mirroring_keeps_labels(
            material.images.pixels, material.labels, material.trained, config.seed
        )
    dtype, fitting = config.dtype, math.nan
    if dtype is None or config.minutes is not None:
        dtypes = (dtype,) if dtype else machine.dtypes
        dtype, step_s = fastest(_trial(config, material, machine, batch), dtypes)
        seconds_left = 60 * (config.minutes or 0) - seconds_spent
        work = seconds_left * min(batch, n_train) / step_s - work_besides_epochs(material, batch)
        fitting = work / work_an_epoch(material)
    return replace(
        config,
        batch=batch,
        flip=flip,
        dtype=dtype,
        threads=machine.threads,
        epochs=config.epochs_for(n_train, fitting),
    )


def main_recipe(config: TrainConfig) -> Recipe:
    """How the main net is trained by a decided config."""
    assert config.epochs is not None
    assert config.batch is not None
    assert config.flip is not None
    return Recipe(
        phase="training",
        epochs=config.epochs,
        batch=config.batch,
        learning_rate=config.learning_rate,
        seed=config.seed,
        shift=True,
        flip=config.flip,
    )


def first_look_recipe(config: TrainConfig, material: Material) -> Recipe:
    """How the first net is trained: for a moment, on the images as they are."""
    assert config.batch is not None
    batch = min(_FIRST_LOOK_BATCH, config.batch)
    return Recipe(
        phase="first look",
        epochs=_first_look_epochs(material, batch),
        batch=batch,
        learning_rate=config.learning_rate,
        seed=config.seed + _FIRST_LOOK_SEED,
        shift=False,
        flip=False,
    )


def new_learner(
    config: TrainConfig, material: Material, machine: Machine, width: int, dtype: str
) -> Learner:
    """An untrained net for these images, its stem whitened by some of them."""
    net = NetConfig(material.images.shape, max(1, len(material.class_names)), width)
    learner = Learner(net, machine.device, dtype, config.weight_decay, config.seed)
    learner.fit_stem(material.images.pixels[material.sample_for_stem(config.seed)])
    return learner


def work_an_epoch(material: Material) -> float:
    """In images trained on, as all work is counted."""
    return len(material.trained) + EVALUATION_WORK * len(material.watched)


def work_besides_epochs(material: Material, batch: int) -> float:
    """The first look, scoring about three times, and the neighbours at the end."""
    looks = _first_look_epochs(material, min(_FIRST_LOOK_BATCH, batch))
    first = _FIRST_LOOK_WORK * looks * work_an_epoch(material)
    return first + 3 * scoring_work(material) + neighbour_work(material)


def scoring_work(material: Material) -> float:
    return len(material.readable) * (EVALUATION_WORK + SCORING_WORK)


def _first_look_epochs(material: Material, batch: int) -> int:
    wanted = math.ceil(_FIRST_LOOK_STEPS / math.ceil(len(material.trained) / batch))
    return min(_FIRST_LOOK_EPOCHS, wanted)


def _trial(
    config: TrainConfig, material: Material, machine: Machine, batch: int
) -> Callable[[str], object]:
    """A training step on real images with a net that is thrown away."""
    ids = material.trained[:batch]
    pixels, labels = material.images.pixels[ids], material.labels[ids]
    learners = {
        dtype: new_learner(config, material, machine, config.width, dtype)
        for dtype in ("bfloat16", "float32")
    }
    return lambda dtype: learners[dtype].step(pixels, labels, 0.0)
