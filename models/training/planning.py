"""Decides what a config left open: batch, mirroring, number format, schedule; what work it is."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import accumulate

from models.nets.patch_net import NetConfig
from models.review.weights import balanced_weights
from models.training.augmentation import mirroring_keeps_labels
from models.training.batches import Batches
from models.training.config import TrainConfig, shared_out
from models.training.devices import Machine, fastest
from models.training.evidence import neighbour_work
from models.training.fitting import EVALUATION_WORK, Recipe
from models.training.learner import Learner
from models.training.material import Material
from models.training.scorer import SCORING_WORK

LOOK_WIDTH = 32
# Of saved weights, the rest new. Measured with AdamW after 100 to 300 corrections, in half the
# epochs: average precision on the wrong labels left, from the weights as they were, from half of
# them, and anew:
# digits, 15% symmetric noise (two draws) .938, .982, .986; 6,000 images of Fashion-MNIST, 20%
# symmetric .918, .909, .902 and asymmetric .712, .678, .596. Long training leaves much learned by
# heart, and a lower rate keeps it (digits: a third .916, a tenth .881).
# With Muon, digits, one draw, 200 looked at: .985 from half of the weights, .967 anew.
KEPT_WEIGHTS = 0.5
_FIRST_LOOK_BATCH = 128
_FIRST_LOOK_STEPS, _FIRST_LOOK_EPOCHS = 150, 4  # at least so many steps, at most so many epochs
# Of many images, some are enough. Average precision on Fashion-MNIST, 20% symmetric and asymmetric,
# after one epoch of 60,000 images: .984 and .905, of 30,000: .975 and .866, in half the time.
_FIRST_LOOK_IMAGES, _FIRST_LOOK_A_CLASS = 40_000, 100
# Where the main nets take minutes, a second look bridges them: three epochs, .988 and .943.
_SECOND_LOOK_FROM = 600_000  # images that the main nets train on, counted each time
_SECOND_LOOK_EPOCHS, _SECOND_LOOK_IMAGES = 3, 100_000
_LOOK_WORK = 0.6  # of an image in a look, beside one in training
_LOOK_SEED = 1_000_003  # added, so that no two nets begin alike
_FEWEST_EPOCHS_MORE = 4  # a further net that is trained for less would spoil the average


def decided(
    config: TrainConfig,
    material: Material,
    machine: Machine,
    batches: Batches,
    seconds_spent: float,
    *,
    begun: bool,
) -> TrainConfig:
    """The config with nothing left open, for these images on this machine.

    `begun`: the nets begin with saved weights.
    """
    n_train = len(material.trained)
    batch = config.batch_for(n_train)
    flip = config.flip
    if flip is None:
        flip = mirroring_keeps_labels(
            material.images.pixels, material.labels, material.trained, config.seed
        )
    weight_decay = config.weight_decay_for(n_train)
    known = replace(
        config, batch=batch, flip=flip, threads=machine.threads, weight_decay=weight_decay
    )

    def scheduled(fitting: float) -> TrainConfig:
        return replace(known, schedule=config.schedule_for(n_train, fitting, begun=begun))

    if config.dtype is None or config.minutes is not None:
        dtypes = (config.dtype,) if config.dtype else machine.dtypes
        dtype, step_s = fastest(_trial(config, material, batches, batch), dtypes)
        known = replace(known, dtype=dtype)
    if config.minutes is None:
        return scheduled(0.0)
    work = (60 * config.minutes - seconds_spent) * min(batch, n_train) / step_s
    work -= scoring_work(material) + closing_work(material)
    fitting = work / work_an_epoch(material)
    if not begun:  # the longer the main nets train, the more is looked before
        fitting -= looks_work(scheduled(fitting), material) / work_an_epoch(material)
    return scheduled(fitting)


def main_recipe(config: TrainConfig) -> Recipe:
    """How the main nets are trained by a decided config."""
    assert config.schedule is not None
    assert config.batch is not None
    assert config.flip is not None
    return Recipe(
        phase="training",
        schedule=config.schedule,
        batch=config.batch,
        learning_rate=config.learning_rate,
        seed=config.seed,
        shift=True,
        flip=config.flip,
    )


def look_recipes(config: TrainConfig, material: Material) -> tuple[Recipe, ...]:
    """How small nets are trained for a moment, for an order to review by until the main nets know
    more: one on the images as they are, and a second one if these take long."""
    assert config.batch is not None
    assert config.schedule is not None
    assert config.flip is not None
    batch = min(_FIRST_LOOK_BATCH, config.batch)
    first = Recipe(
        phase="first look",
        schedule=(_first_look_epochs(material, batch),),
        batch=batch,
        learning_rate=config.learning_rate,
        seed=config.seed + _LOOK_SEED,
        shift=False,
        flip=False,
        most_images=_first_look_images(material),
    )
    if sum(config.schedule) * len(material.trained) < _SECOND_LOOK_FROM:
        return (first,)
    second = replace(
        main_recipe(config),
        phase="first look",
        schedule=(_SECOND_LOOK_EPOCHS,),
        seed=config.seed + 2 * _LOOK_SEED,
        most_images=max(_SECOND_LOOK_IMAGES, _first_look_images(material)),
    )
    return first, second


def new_learner(
    config: TrainConfig, material: Material, batches: Batches, width: int, dtype: str, seed: int
) -> Learner:
    """An untrained net for these images, its stem whitened by some of them."""
    net = NetConfig(material.images.shape, max(1, len(material.class_names)), width)
    decay = config.weight_decay_for(len(material.trained))
    learner = Learner(net, batches, dtype, decay, seed)
    learner.fit_stem(material.sample_for_stem(seed))
    if config.class_weights == "balanced":
        learner.weigh(balanced_weights(material.class_sizes))
    return learner


def work_an_epoch(material: Material) -> float:
    """In images trained on, as all work is counted."""
    return len(material.trained) + EVALUATION_WORK * len(material.watched)


def looks_work(config: TrainConfig, material: Material) -> float:
    """Training and scoring of what comes before the main nets."""
    watching = EVALUATION_WORK * len(material.watched)
    return sum(
        _LOOK_WORK * sum(recipe.schedule) * (len(material.trained[: recipe.most_images]) + watching)
        + scoring_work(material)
        for recipe in look_recipes(config, material)
    )


def closing_work(material: Material) -> float:
    """After the last epoch: the final scores and the neighbours."""
    return scoring_work(material) + neighbour_work(material)


def rescheduled(schedule: Sequence[int], done: int, fitting: float) -> tuple[int, ...]:
    """A schedule with the net in training, and those after it, as there is time for.

    Parameters
    ----------
    schedule : epochs of each net
    done : int
        Epochs trained so far, of all nets.
    fitting : float
        How many more there is time for.
    """
    ends = list(accumulate(schedule))
    now = bisect_right(ends, done)  # the net that trains the next epoch
    if now == len(schedule):
        return tuple(schedule)
    trained = done - (ends[now - 1] if now else 0)  # epochs of it
    time = max(float(trained), trained + fitting)
    if not trained and time < _FEWEST_EPOCHS_MORE:
        return tuple(schedule[:now])
    first, *later = shared_out(time, len(schedule) - now)
    if 2 * trained >= schedule[now] and first < min(schedule[now], int(time)):
        # Its learning rate is falling: to end it sooner, for the sake of a later one, spoils it.
        first = min(schedule[now], int(time))
        left = time - first
        later = [*shared_out(left, len(later))] if left >= _FEWEST_EPOCHS_MORE else []
    return (*schedule[:now], max(first, trained), *later)


def scoring_work(material: Material) -> float:
    return len(material.readable) * (EVALUATION_WORK + SCORING_WORK)


def _first_look_epochs(material: Material, batch: int) -> int:
    wanted = math.ceil(_FIRST_LOOK_STEPS / math.ceil(_first_look_images(material) / batch))
    return min(_FIRST_LOOK_EPOCHS, wanted)


def _first_look_images(material: Material) -> int:
    """How many images an epoch of it trains on."""
    enough = max(_FIRST_LOOK_IMAGES, _FIRST_LOOK_A_CLASS * len(material.class_names))
    return min(len(material.trained), enough)


def _trial(
    config: TrainConfig, material: Material, batches: Batches, batch: int
) -> Callable[[str], object]:
    """A training step on real images with a net that is thrown away."""
    ids = material.trained[:batch]
    learners = {
        dtype: new_learner(config, material, batches, config.width, dtype, config.seed)
        for dtype in ("bfloat16", "float32")
    }

    def step(dtype: str) -> float:
        _, losses = learners[dtype].step(ids, material.labels[ids], 0.0)
        return float(losses.sum())  # waits for a GPU

    return step
