"""Trains nets one after another and keeps what every image did meanwhile."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from models.data.run_writer import RunWriter
from models.data.runs import BEST_WEIGHTS, CHECKPOINT, TRACE_DTYPE
from models.scoring.dynamics import TrainingDynamics
from models.scoring.label_noise import label_noise
from models.training.augmentation import moves
from models.training.averages import AveragedSoftmax
from models.training.checkpoints import load_checkpoint, save_checkpoint
from models.training.config import one_cycle
from models.training.learner import Learner
from models.training.material import Material
from models.training.roles import Role
from models.training.steering import Steering
from models.training.unlearnt import telling_of_noise
from models.types import EpochEnded, Event, Events, LabelVector, Probs, SampleIds

EVALUATION_WORK = 0.3  # of looking at an image, beside training on it
_EVALUATION_BATCH = 256
_UNREAD_STEPS = 16  # what they said is fetched from the device together
_CHECKPOINT_S = 2.0
_LEAST_UNKNOWN = 0.02  # a share of images; fewer would be chance
_LEAST_WEIGHT = 1e-3  # of an epoch
# Average precision with 1, 1.5 and 2 as power of the epoch: CIFAR-10N aggregate .813, .815, .816,
# Fashion-MNIST symmetric .9917, .9914, .9913, instance-dependent .733, .731, .729.
_LATER_COUNT_MORE = 1.5
_NOISE_FROM = 0.3  # of the first net's epochs; before, it is often wrong itself


@dataclass(frozen=True)
class Recipe:
    """How nets are trained. `phase` is what the progress says meanwhile."""

    phase: str
    schedule: tuple[int, ...]  # epochs of each net
    batch: int
    learning_rate: float
    seed: int
    shift: bool
    flip: bool
    most_images: int | None = None  # trained on in an epoch, others in each; None: all


class Fit:
    """Training some nets. Iterate `epochs()`; an epoch depends on nothing but its number, the
    seed and the checkpoint of the one before, so that a run can go on after a stop. What the nets
    say of an image is averaged over all of them; epochs are counted through.

    `new_learner` makes the net of a number, from 0. `schedule` may be changed between epochs, for
    what is not trained yet.
    """

    def __init__(
        self,
        material: Material,
        new_learner: Callable[[int], Learner],
        recipe: Recipe,
        steering: Steering,
    ) -> None:
        self.material, self.recipe = material, recipe
        self.schedule = recipe.schedule
        self.learner = new_learner(0)
        self.average = AveragedSoftmax(material.n, self.learner.config.n_classes)
        self.dynamics = TrainingDynamics(material.learnable_labels)
        self.curves: list[dict[str, float]] = []
        self._new_learner, self._steering = new_learner, steering
        self._net = 0  # the number of the learner's
        self._before: Learner | None = None  # a net that is fully trained
        in_epoch = len(material.trained[: recipe.most_images])
        self._steps = max(1, -(-in_epoch // recipe.batch))
        self._mirrored = np.random.default_rng(recipe.seed).random(material.n) < 0.5
        self._best: dict[str, Any] = {"accuracy": -1.0}
        self._transition: Probs | None = None  # how labels go astray, once it is known

    @property
    def n_epochs(self) -> int:
        """Of all nets together."""
        return sum(self.schedule)

    @property
    def trained(self) -> tuple[int, ...]:
        """Epochs of each net so far."""
        ends = np.minimum(np.cumsum(self.schedule), len(self.curves))
        return tuple(int(n) for n in np.diff(ends, prepend=0) if n)

    @property
    def settled(self) -> Learner:
        """The net to describe images by: the one before while this one is young."""
        epochs = len(self.curves) - sum(self.schedule[: self._net])
        is_young = 2 * epochs < self.schedule[self._net]
        return self._before if self._before is not None and is_young else self.learner

    def epochs(self, writer: RunWriter | None) -> Events:
        """Train the epochs that are left, yielding progress, and EpochEnded after each."""
        saved, is_saved = time.monotonic(), True
        while len(self.curves) < self.n_epochs:
            epoch = len(self.curves) + 1
            net, of_net = self.place(epoch)
            if net and of_net == 1:
                self._before, self._net = self.learner, net
                self.learner = self._new_learner(net)
                self.learner.expect(self._transition)
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
            self._learn_noise()
            if writer is not None:
                writer.save_array(f"epochs/{epoch:04d}", trace)
                is_saved = epoch == self.n_epochs or time.monotonic() - saved > _CHECKPOINT_S
                if is_saved:
                    self.save(writer)
                    saved = time.monotonic()
            yield ended
        if writer is not None and not is_saved:  # the schedule became shorter meanwhile
            self.save(writer)

    def save(self, writer: RunWriter) -> None:
        """Write everything a resumed run needs, and the weights of the best epoch."""
        state = {
            **self.learner.state(),
            "average": self.average.state(),
            "curves": self.curves,
            "schedule": list(self.schedule),
        }
        save_checkpoint(writer, CHECKPOINT, {**state, "best_accuracy": self._best["accuracy"]})
        if "net" in self._best:
            save_checkpoint(writer, BEST_WEIGHTS, self._best)
            del self._best["net"]  # written; the next best replaces it
        writer.save_details(curves=self.curves)

    def load(self, state: dict[str, Any], writer: RunWriter) -> None:
        """Go on from what `save` wrote, and from the traces of the epochs until then."""
        self.curves, self.schedule = state["curves"], tuple(state["schedule"])
        self._net, _ = self.place(max(1, len(self.curves)))
        self.learner = self._new_learner(self._net)
        self.learner.load(state)
        if self._net:
            self._before = self._new_learner(self._net - 1)
            best = load_checkpoint(writer.folder / BEST_WEIGHTS, self.learner.device)
            self._before.load({"net": best["net"]})
        self.average.load(state["average"])
        for epoch in range(1, len(self.curves) + 1):
            trace = writer.load_array(f"epochs/{epoch:04d}")
            self.dynamics.add(trace["probability"], trace["prediction"])
        self._best = {"accuracy": state["best_accuracy"]}
        self._learn_noise()

    def place(self, epoch: int) -> tuple[int, int]:
        """Which net an epoch trains, from 0, and which of that net's epochs it is, from 1."""
        net = 0
        while epoch > self.schedule[net]:
            epoch, net = epoch - self.schedule[net], net + 1
        return net, epoch

    def _train(self, epoch: int, trace: NDArray[np.void]) -> Generator[Event, None, float]:
        rng = np.random.default_rng((self.recipe.seed, epoch))
        order = rng.permutation(self.material.trained)[: self.recipe.most_images]
        loss = 0.0
        unread: list[tuple[SampleIds, Tensor, Tensor]] = []
        for step, ids in enumerate(np.array_split(order, self._steps), 1):
            unread.append((ids, *self._step(ids, epoch, self._rate(epoch, step - 1), rng)))
            if len(unread) == _UNREAD_STEPS or step == self._steps:
                chunks, probs, losses = zip(*unread, strict=True)
                loss += float(torch.cat(losses).sum())
                self._note(np.concatenate(chunks), torch.cat(probs).cpu().numpy(), epoch, trace)
                unread.clear()
            yield from self._steering.after(len(ids), self.recipe.phase, epoch, trained=len(ids))
        return loss / len(order)

    def _step(
        self, ids: SampleIds, epoch: int, rate: float, rng: np.random.Generator
    ) -> tuple[Tensor, Tensor]:
        shape = self.material.images.shape
        return self.learner.step(
            ids,
            self.material.labels[ids],
            rate,
            moves=moves(len(ids), shape, rng) if self.recipe.shift else None,
            # Each image alternates between its two sides.
            mirrored=self._mirrored[ids] ^ (epoch % 2 == 0) if self.recipe.flip else None,
        )

    def _watch(self, epoch: int, trace: NDArray[np.void]) -> Generator[Event, None, float]:
        """Look at the images that are not trained on; the loss of the held-out ones."""
        material, loss = self.material, 0.0

        def note(ids: SampleIds, probs: Probs, _: NDArray[np.float32]) -> None:
            nonlocal loss
            self._note(ids, probs, epoch, trace)
            held_out = material.roles[ids] == Role.HELD_OUT
            loss += self._surprise(probs[held_out], material.labels[ids[held_out]])

        yield from looking(
            self.learner, material, material.watched, self._steering, self.recipe.phase, epoch, note
        )
        if not len(material.held_out):
            return float("nan")
        return loss / len(material.held_out)

    def _surprise(self, probs: Probs, labels: LabelVector) -> float:
        """Sum of the losses of some images, as the net is trained."""
        if self._transition is not None:
            probs = probs @ self._transition
        own = probs[np.arange(len(labels)), labels]
        return float(-np.log(np.maximum(own, np.finfo(np.float32).tiny)).sum())

    def _learn_noise(self) -> None:
        """Train from now on by how often labels seem to go astray."""
        net, of_net = self.place(len(self.curves)) if self.curves else (0, 0)
        if net or of_net > _NOISE_FROM * self.schedule[0]:
            average, material = self.average.mean(), self.material
            unlearnt = telling_of_noise(material, average)
            met = (material.roles == Role.TRAINED) & ~np.isnan(average[:, 0])  # so far
            ids = np.flatnonzero(met | unlearnt)
            noise = label_noise(average[ids], material.labels[ids], unlearnt[ids])
            self._transition = noise.expected
            self.learner.expect(self._transition)

    def _note(self, ids: SampleIds, probs: Probs, epoch: int, trace: NDArray[np.void]) -> None:
        labels = self.material.labels[ids]
        own = probs[np.arange(len(ids)), labels]
        known = (labels >= 0) & (labels < probs.shape[1])
        trace["probability"][ids] = np.where(known, own, np.nan)
        trace["prediction"][ids] = probs.argmax(axis=1)
        self.average.add(ids, probs, self._weight(epoch))

    def _weight(self, epoch: int) -> float:
        """How much an epoch counts in the average: the more, the later, for a net comes to know
        more; the less, the more it knows by heart.

        By heart is what the net had right of images it trains on beyond what it had of others, as a
        share of what it had wrong of others, one epoch before.
        """
        of_net = self.place(epoch)[1]
        later = math.pow(of_net, _LATER_COUNT_MORE)
        if of_net == 1 or not len(self.material.held_out):
            return later
        before = self.curves[-1]
        unknown = 1 - before["held_out_accuracy"]
        gap = before["train_accuracy"] - before["held_out_accuracy"]
        by_heart = min(1.0, max(0.0, gap) / max(unknown, _LEAST_UNKNOWN))
        return later * (1 - by_heart) ** 2 + _LEAST_WEIGHT

    def _rate(self, epoch: int, step: int) -> float:
        net, of_net = self.place(epoch)
        done = ((of_net - 1) * self._steps + step) / (self.schedule[net] * self._steps)
        return self.recipe.learning_rate * one_cycle(done)

    def _accuracy(self, trace: NDArray[np.void], ids: SampleIds) -> float:
        if not len(ids):
            return float("nan")
        return float((trace["prediction"][ids] == self.material.labels[ids]).mean())

    def _keep_best(self, ended: EpochEnded) -> None:
        accuracy = ended.held_out_accuracy if len(self.material.held_out) else float(ended.epoch)
        if accuracy >= self._best["accuracy"]:  # of equals the later one, which was trained longer
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
        take(ids, *learner.evaluate(ids))
        yield from steering.after(EVALUATION_WORK * len(ids), phase, epoch)


def out_of_memory(error: BaseException) -> bool:
    """Whether an error of torch or numpy means that memory ran out."""
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    return isinstance(error, RuntimeError) and "allocate memory" in str(error)
