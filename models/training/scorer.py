"""Turns what a net says into a complete set of scores."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.scoring.anomaly import Strangeness
from models.scoring.calibration import FEWEST, best_power, to_power
from models.scoring.label_noise import label_noise, label_scores
from models.training.fitting import EVALUATION_WORK, looking
from models.training.learner import Learner
from models.training.material import Material
from models.training.roles import Role
from models.training.steering import Steering
from models.training.unlearnt import telling_of_noise
from models.types import UNLABELLED, Event, Mask, Probs, SampleIds, Scores

SCORING_WORK = 0.1  # of an image, beside training on it
_BLOCK = 1_024
_PHASE = "scoring"

ScoreSet = dict[str, NDArray[Any]]  # by the names of models.data.runs


@dataclass(frozen=True)
class Scorer:
    """Scores a dataset. `references` is how many images anomaly compares with."""

    material: Material
    steering: Steering
    epoch: int
    references: int
    seed: int

    def by_classes(
        self, learner: Learner, average: Probs | None, share: float = 0.0
    ) -> Generator[Event, None, ScoreSet]:
        """Every score: by the averages, of which this net makes up a share, and by the net alone
        for images without one."""
        probabilities, embedding = yield from self._looked_at(learner, average, share)
        anomaly = yield from self._anomaly(embedding, probabilities.argmax(axis=1))
        return {
            "embedding": embedding,
            "anomaly": anomaly,
            "held_out": self.material.unseen,
            **self._of_labels(probabilities),
        }

    def refined(self, before: ScoreSet, average: Probs) -> ScoreSet:
        """The scores of `before` by newer averages; images without one keep what they had."""
        known = np.isnan(average[:, 0])
        average[known] = before["probabilities"][known]
        return {**before, **self._of_labels(average)}

    def _of_labels(self, probabilities: Probs) -> ScoreSet:
        """What probabilities say of labels."""
        material, probabilities = self.material, _calibrated(self.material, probabilities)
        scored = material.labelled & ~np.isnan(probabilities).any(axis=1)
        unlearnt = telling_of_noise(material, probabilities)[scored]
        noise = label_noise(probabilities[scored], material.labels[scored], unlearnt)
        scores, suggested = label_scores(probabilities, material.learnable_labels, noise.prior)
        of_none = material.learnable_labels != material.labels
        suggested[of_none] = material.labels[of_none]  # no class is suggested instead
        return {
            "probabilities": probabilities,
            "suggested": suggested,
            "transition": noise.transition,
            "prior": noise.prior,
            "labels": material.labels,
            **scores,
        }

    def without_classes(self, learner: Learner) -> Generator[Event, None, ScoreSet]:
        """Where there is nothing to tell classes by: anomaly alone, from the untrained stem."""
        material, blocks = self.material, []
        for start in range(0, len(material.readable), _BLOCK):
            ids = material.readable[start : start + _BLOCK]
            blocks.append(learner.describe(ids))
            yield from self.steering.after(EVALUATION_WORK * len(ids), _PHASE, self.epoch)
        described = np.concatenate(blocks)
        embedding = np.full((material.n, described.shape[1]), np.nan, np.float32)
        embedding[material.readable] = described - described.mean(axis=0)
        nothing = np.full(material.n, np.nan, np.float32)
        n_classes = learner.config.n_classes
        return {
            "probabilities": np.full((material.n, n_classes), np.nan, np.float32),
            "embedding": embedding,
            "held_out": material.images.readable,
            "suggested": np.full(material.n, UNLABELLED, np.int32),
            "transition": np.eye(n_classes, dtype=np.float32),
            "prior": np.full((n_classes, n_classes), 1 / n_classes, np.float32),
            "labels": material.labels,
            "anomaly": (yield from self._anomaly(embedding)),
            **dict.fromkeys(("suspicion", "loss", "confidence", "margin"), nothing),
        }

    def _looked_at(
        self, learner: Learner, average: Probs | None, share: float
    ) -> Generator[Event, None, tuple[Probs, NDArray[np.float32]]]:
        n, material = self.material.n, self.material
        shape = (n, learner.config.n_classes)
        probabilities = np.full(shape, np.nan, np.float32) if average is None else average
        embedding = np.full((n, learner.config.features), np.nan, np.float32)
        unseen = np.isnan(probabilities[:, 0])

        def take(ids: SampleIds, probs: Probs, features: NDArray[np.float32]) -> None:
            embedding[ids] = features
            of_net = np.where(unseen[ids], np.float32(1), np.float32(share))[:, None]
            before = np.nan_to_num(probabilities[ids])
            probabilities[ids] = of_net * probs + (1 - of_net) * before

        yield from looking(
            learner, material, material.readable, self.steering, _PHASE, self.epoch, take
        )
        return probabilities, embedding

    def _anomaly(
        self, embedding: NDArray[np.float32], preferred: NDArray[np.int64] | None = None
    ) -> Generator[Event, None, Scores]:
        """How strange every readable image is beside the training images (beside any, if none).

        `preferred` is the class a trained net prefers of each; without one, distance is all that
        can be told.
        """
        material = self.material
        pool = material.trained if len(material.trained) >= 2 else material.readable
        anomaly = np.full(material.n, np.nan, np.float32)
        if len(pool) < 2:
            return anomaly
        chosen = np.random.default_rng(self.seed).permutation(pool)[: self.references]
        labels = None
        if preferred is not None:  # a class is told by the images that look like their label
            agreeing = material.learnable_labels == preferred
            labels = np.where(agreeing, material.learnable_labels, UNLABELLED)[chosen]
        strangeness = Strangeness(embedding[chosen], chosen, labels)
        for start in range(0, len(material.readable), _BLOCK):
            ids = material.readable[start : start + _BLOCK]
            strangeness.look_at(embedding[ids], ids)
            yield from self.steering.after(SCORING_WORK * len(ids), _PHASE, self.epoch)
        anomaly[material.readable] = strangeness.score()
        return anomaly


def _calibrated(material: Material, probabilities: Probs) -> Probs:
    """The images of other splits on the scale of the held-out ones, by a power for each split.

    Held-out images were averaged over the same epochs of the same net as the training images,
    so these two share a scale as they are. A power fitted in-sample would sharpen what was learnt
    by heart: measured on digits, it cost up to .2 of average precision. A split with too few labels
    stays as it is, too: it was not trained on either.
    """
    calibrated = probabilities.copy()
    is_met = material.class_sizes > 0
    # How unlikely it finds labels of a class that it never met says nothing of how sure it is.
    telling = material.labelled & (is_met[material.labels] | ~is_met.any())

    def power(which: Mask) -> float:
        return best_power(probabilities[which], material.labels[which])

    reference = power(telling_of_noise(material, probabilities) & telling)
    for code in range(len(material.splits)):
        others = (material.split_codes == code) & (material.roles == Role.SCORED)
        if (others & telling).sum() >= FEWEST:
            ratio = power(others & telling) / reference
            calibrated[others] = to_power(probabilities[others], ratio)
    return calibrated
