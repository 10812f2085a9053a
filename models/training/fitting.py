"""Trains one net for a number of epochs and keeps what every image did meanwhile."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from models.data.run_writer import RunWriter
from models.data.runs import BEST_WEIGHTS, CHECKPOINT, TRACE_DTYPE
from models.scoring.dynamics import TrainingDynamics
from models.training.augmentation import Batch, mirrored, shifted
from models.training.averages import AveragedSoftmax
from models.training.checkpoints import save_checkpoint
from models.training.config import one_cycle
from models.training.learner import Learner
from models.training.material import Material
from models.training.steering import Steering
from models.types import EpochEnded, Event, Events, Probs, SampleIds

EVALUATION_WORK = 0.3  # of looking at an image, beside training on it
_EVALUATION_BATCH = 256
_CHECKPOINT_S = 2.0
_AVERAGED_FROM = 0.25  # of the epochs; before, a net knows too little


@dataclass(frozen=True)
class Recipe:
    """How a net is trained. `phase` is what the progress says meanwhile."""

    phase: str
    epochs: int
    batch: int
    learning_rate: float
    seed: int
    shift: bool
    flip: bool


class Fit:
    """Training one net. Iterate `epochs()`; an epoch depends on nothing but its number, the
    seed and the checkpoint of the one before, so that a run can go on after a stop."""

    def __init__(
        self, material: Material, learner: Learner, recipe: Recipe, steering: Steering
    ) -> None:
        self.material, self.learner, self.recipe = material, learner, recipe
        self.average = AveragedSoftmax(material.n, learner.config.n_classes)
        self.dynamics = TrainingDynamics(material.learnable_labels)
        self.curves: list[dict[str, float]] = []
        self._steering = steering
        self._steps = max(1, -(-len(material.trained) // recipe.batch))
        self._mirrored = np.random.default_rng(recipe.seed).random(material.n) < 0.5
        self._best: dict[str, Any] = {"accuracy": -1.0}

    def epochs(self, writer: RunWriter | None) -> Events:
        """Train the epochs that are left, yielding progress, and EpochEnded after each."""
        saved = time.monotonic()
        for epoch in range(len(self.curves) + 1, self.recipe.epochs + 1):
            trace = np.full(self.material.n, np.array((np.nan, -1), TRACE_DTYPE))
            train_loss = yield from self._train(epoch, trace)
            held_out_loss = yield from self._watch(epoch, trace)
            ended = EpochEnded(
                epoch,
                train_loss,
                self._accuracy(trace, self.material.trained),
                held_out_loss,
                self._accuracy(trace, self.material.held_out),
                self._rate(epoch, self._steps),
            )
            self.dynamics.add(trace["probability"], trace["prediction"])
            self.curves.append(dict(vars(ended)))
            self._keep_best(ended)
            if writer is not None:
                writer.save_array(f"epochs/{epoch:04d}", trace)
                if epoch == self.recipe.epochs or time.monotonic() - saved > _CHECKPOINT_S:
                    self.save(writer)
                    saved = time.monotonic()
            yield ended

    def save(self, writer: RunWriter) -> None:
        """Write everything a resumed run needs, and the weights of the best epoch."""
        state = {**self.learner.state(), "average": self.average.state(), "curves": self.curves}
        save_checkpoint(writer, CHECKPOINT, {**state, "best_accuracy": self._best["accuracy"]})
        if "net" in self._best:
            save_checkpoint(writer, BEST_WEIGHTS, self._best)
            del self._best["net"]  # written; the next best replaces it
        writer.save_details(curves=self.curves)

    def load(self, state: dict[str, Any], writer: RunWriter) -> None:
        """Go on from what `save` wrote, and from the traces of the epochs until then."""
        self.learner.load(state)
        self.average.load(state["average"])
        self.curves = state["curves"]
        for epoch in range(1, len(self.curves) + 1):
            trace = writer.load_array(f"epochs/{epoch:04d}")
            self.dynamics.add(trace["probability"], trace["prediction"])
        self._best = {"accuracy": state["best_accuracy"]}

    def _train(self, epoch: int, trace: NDArray[np.void]) -> Generator[Event, None, float]:
        rng = np.random.default_rng((self.recipe.seed, epoch))
        order = rng.permutation(self.material.trained)
        loss = 0.0
        for step, ids in enumerate(np.array_split(order, self._steps)):
            pixels = self._augmented(ids, epoch, rng)
            rate = self._rate(epoch, step)
            probs, losses = self.learner.step(pixels, self.material.labels[ids], rate)
            loss += float(losses.sum())
            self._note(ids, probs, epoch, trace)
            yield from self._steering.after(len(ids), self.recipe.phase, epoch, trained=len(ids))
        return loss / len(order)

    def _watch(self, epoch: int, trace: NDArray[np.void]) -> Generator[Event, None, float]:
        """Look at the images that are not trained on; the loss of the held-out ones."""
        material = self.material

        def note(ids: SampleIds, probs: Probs, _: NDArray[np.float32]) -> None:
            self._note(ids, probs, epoch, trace)

        yield from looking(
            self.learner, material, material.watched, self._steering, self.recipe.phase, epoch, note
        )
        if not len(material.held_out):
            return float("nan")
        own = trace["probability"][material.held_out]
        return float(-np.log(np.maximum(own, np.finfo(np.float32).tiny)).mean())

    def _note(self, ids: SampleIds, probs: Probs, epoch: int, trace: NDArray[np.void]) -> None:
        labels = self.material.labels[ids]
        own = probs[np.arange(len(ids)), labels]
        known = (labels >= 0) & (labels < probs.shape[1])
        trace["probability"][ids] = np.where(known, own, np.nan)
        trace["prediction"][ids] = probs.argmax(axis=1)
        if epoch > _AVERAGED_FROM * self.recipe.epochs:
            self.average.add(ids, probs)

    def _augmented(self, ids: SampleIds, epoch: int, rng: np.random.Generator) -> Batch:
        pixels = self.material.images.pixels[ids]
        if self.recipe.flip:  # each image alternates between its two sides
            pixels = mirrored(pixels, self._mirrored[ids] ^ (epoch % 2 == 0))
        return shifted(pixels, rng) if self.recipe.shift else pixels

    def _rate(self, epoch: int, step: int) -> float:
        done = ((epoch - 1) * self._steps + step) / (self.recipe.epochs * self._steps)
        return self.recipe.learning_rate * one_cycle(done)

    def _accuracy(self, trace: NDArray[np.void], ids: SampleIds) -> float:
        if not len(ids):
            return float("nan")
        return float((trace["prediction"][ids] == self.material.labels[ids]).mean())

    def _keep_best(self, ended: EpochEnded) -> None:
        accuracy = ended.held_out_accuracy if len(self.material.held_out) else float(ended.epoch)
        if accuracy > self._best["accuracy"]:
            net = {name: tensor.clone() for name, tensor in self.learner.state()["net"].items()}
            self._best = {"accuracy": accuracy, "epoch": ended.epoch, "net": net}


def looking(
    learner: Learner,
    material: Material,
    sample_ids: SampleIds,
    steering: Steering,
    phase: str,
    epoch: int,
    take: Callable[[SampleIds, Probs, NDArray[np.float32]], None],
) -> Events:
    """Evaluate images in batches, giving ids, softmax and embedding of each batch to `take`."""
    for start in range(0, len(sample_ids), _EVALUATION_BATCH):
        ids = sample_ids[start : start + _EVALUATION_BATCH]
        take(ids, *learner.evaluate(material.images.pixels[ids]))
        yield from steering.after(EVALUATION_WORK * len(ids), phase, epoch)


def out_of_memory(error: BaseException) -> bool:
    """Whether an error of torch or numpy means that memory ran out."""
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    return isinstance(error, RuntimeError) and "allocate memory" in str(error)
