"""Cross-validates the product's net within a number of minutes, in a process of its own.

python -m benchmarks.detection.folds FOLDER UNTIL SEED reads FOLDER/noisy.npz, writes
FOLDER/probabilities.npy and prints what it did; UNTIL is a moment of time.monotonic().
"""

from __future__ import annotations

import json
import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import StratifiedKFold

from models.nets.patch_net import NetConfig
from models.training.augmentation import mirroring_keeps_labels, moves
from models.training.batches import Batches
from models.training.config import TrainConfig, one_cycle
from models.training.devices import Machine, choose_machine, fastest
from models.training.learner import Learner
from models.types import LabelVector, Probs, SampleIds

_FOLDS = 4
_NICENESS = 10  # that of the trainer
_STEM_IMAGES = 2_000
_EVALUATION_BATCH = 512
_EVALUATION_WORK = 0.3  # of looking at an image, beside training on it


def main() -> None:
    os.nice(_NICENESS)
    folder, until, seed = Path(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3])
    with np.load(folder / "noisy.npz") as arrays:
        images, labels = arrays["images"], arrays["labels"]
    images = images[..., None] if images.ndim == 3 else images
    probabilities, epochs = cross_validated(images, labels, until, seed)
    np.save(folder / "probabilities.npy", probabilities)
    print(json.dumps({"folds": _FOLDS, "epochs": epochs}))


def cross_validated(
    images: NDArray[Any], labels: LabelVector, until: float, seed: int
) -> tuple[Probs, int]:
    """Out-of-sample probabilities (n, k), and for how many epochs each fold was trained.

    As many epochs as fit until then, by the clock of `time.monotonic`; one at least.
    """
    folds = list(StratifiedKFold(_FOLDS, shuffle=True, random_state=seed).split(labels, labels))
    training = _Training.decided(images, labels, folds[0][0], seed)
    dtype, step_s = training.timed(folds[0][0])
    evaluation_s = _EVALUATION_WORK * len(labels) / training.batch * step_s
    epoch_s = sum(training.steps(len(ids)) for ids, _ in folds) * step_s
    epochs = max(1, int((until - time.monotonic() - evaluation_s) / epoch_s))
    found = np.empty((len(labels), int(labels.max()) + 1), np.float32)
    for ids, left_out in folds:
        learner = training.trained(ids, epochs, dtype)
        for part in np.array_split(left_out, -(-len(left_out) // _EVALUATION_BATCH)):
            found[part] = learner.evaluate(part)[0]
    return found, epochs


@dataclass(frozen=True)
class _Training:
    """The product's recipe for one net, with what it decides for these images."""

    batches: Batches
    labels: LabelVector
    config: TrainConfig
    machine: Machine
    batch: int
    flip: bool

    @classmethod
    def decided(
        cls, images: NDArray[Any], labels: LabelVector, ids: SampleIds, seed: int
    ) -> _Training:
        config = TrainConfig(seed=seed)
        batch = config.batch_for(len(ids))
        machine = choose_machine(config.device, None, batch * images[0, ..., 0].size)
        flip = mirroring_keeps_labels(images, labels, ids, seed)
        batches = Batches(images, machine.device)
        return cls(batches, labels, config, machine, batch, flip)

    def timed(self, ids: SampleIds) -> tuple[str, float]:
        """The quicker number format, and the seconds of a step in it."""
        trials = {dtype: self._learner(ids, dtype) for dtype in self.machine.dtypes}
        some = ids[: self.batch]

        def step(dtype: str) -> object:
            return float(trials[dtype].step(some, self.labels[some], 0.0)[1].sum())

        return fastest(step, self.machine.dtypes)

    def steps(self, n: int) -> int:
        return -(-n // self.batch)

    def trained(self, ids: SampleIds, epochs: int, dtype: str) -> Learner:
        """A net that learned from these images alone."""
        config, learner = self.config, self._learner(ids, dtype)
        sides = np.random.default_rng(config.seed).random(len(self.labels)) < 0.5
        steps = self.steps(len(ids))
        for epoch in range(epochs):
            rng = np.random.default_rng((config.seed, epoch))
            for step, part in enumerate(np.array_split(rng.permutation(ids), steps)):
                done = (epoch * steps + step) / (epochs * steps)
                learner.step(
                    part,
                    self.labels[part],
                    config.learning_rate * one_cycle(done),
                    moves=moves(len(part), self.batches.image_shape, rng),
                    mirrored=sides[part] ^ (epoch % 2 == 0) if self.flip else None,
                )
        return learner

    def _learner(self, ids: SampleIds, dtype: str) -> Learner:
        config, n_classes = self.config, int(self.labels.max()) + 1
        net = NetConfig(self.batches.image_shape, n_classes, config.width)
        decay = config.weight_decay_for(len(ids))
        learner = Learner(net, self.batches, dtype, decay, config.seed)
        some = np.random.default_rng(config.seed).permutation(ids)[:_STEM_IMAGES]
        learner.fit_stem(some)
        return learner


if __name__ == "__main__":
    main()
