"""A scored dataset of which one clue knows more than the order: verdicts can teach something."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from models.data.runs import run_folder
from models.opening import request_for
from models.types import Evidence, LabelVector, Mask, Probs, SampleIds, Scores
from tests.helpers.local import open_here
from tests.helpers.projects import add_scores

N_JUDGEABLE, N_CLASSES = 600, 3


@dataclass(frozen=True)
class Said:
    """What a run says of some images."""

    probabilities: Probs
    prior: Probs


@dataclass(frozen=True)
class Judgeable:
    """Given labels, which of them are wrong, and what a run says; `disagreement` tells best."""

    given: LabelVector
    wrong: Mask
    probabilities: Probs
    prior: Probs
    evidence: Evidence
    anomaly: Scores

    @property
    def order(self) -> SampleIds:
        """Images to judge first: of both kinds, and not by what there is to learn."""
        return np.random.default_rng(1).permutation(len(self.given))

    def corrected(self) -> LabelVector:
        return np.where(self.wrong, (self.given + 1) % N_CLASSES, self.given).astype(np.int32)


def judgeable(n: int = N_JUDGEABLE, seed: int = 0) -> Judgeable:
    rng = np.random.default_rng(seed)
    given = (np.arange(n) % N_CLASSES).astype(np.int32)
    wrong = rng.random(n) < 0.3
    own = np.clip(rng.normal(0.6, 0.15, n) - 0.1 * wrong, 0.05, 0.95)
    probabilities = np.repeat((1 - own)[:, None] / (N_CLASSES - 1), N_CLASSES, axis=1)
    probabilities[np.arange(n), given] = own
    prior = np.full((N_CLASSES, N_CLASSES), 0.1) + 0.7 * np.eye(N_CLASSES)
    told = (rng.normal(size=n) + 3 * wrong).astype(np.float32)
    return Judgeable(
        given,
        wrong,
        probabilities.astype(np.float32),
        prior.astype(np.float32),
        replace(Evidence.none(n), by_name={"disagreement": told}),
        rng.random(n).astype(np.float32),
    )


def judgeable_project(folder: Path, data: Judgeable) -> Path:
    """A project of black 8x8 images with these labels and scores, not yet decided on."""
    path = folder / "judgeable.npz"
    np.savez(path, images=np.zeros((len(data.given), 8, 8), np.uint8), labels=data.given)
    review = open_here(request_for([path]))
    review.close()
    project = review.project.path
    add_scores(project, data.given.astype(np.int64), N_CLASSES)
    scores = run_folder(project / "runs", 1) / "scores-0001"
    np.save(scores / "probabilities.npy", data.probabilities)
    np.save(scores / "prior.npy", data.prior)
    np.save(scores / "disagreement.npy", data.evidence.by_name["disagreement"])
    return project


def teaching_order(unlearned: Scores, seed: int) -> SampleIds:
    """Images to look at in an order that teaches much: int64 (m,), all that have a score.

    Every third is the most suspect one that is left; the others are drawn from everywhere, the
    suspect end more often.
    """
    top_every, spread_power = 3, 4.0
    suspects = np.argsort(-unlearned, kind="stable")[: np.count_nonzero(~np.isnan(unlearned))]
    n = len(suspects)
    chance = (np.arange(n, 0, -1) / max(n, 1)) ** spread_power
    draw = np.log(1 - np.random.default_rng(seed).random(n)) / chance
    spread = suspects[np.argsort(-draw, kind="stable")]  # Efraimidis and Spirakis (2006)
    turns = np.empty(2 * n)
    turns[:n] = np.arange(n) * top_every
    turns[n:] = np.arange(n) * top_every / (top_every - 1) + 0.5
    both = np.concatenate([suspects, spread])[np.argsort(turns, kind="stable")]
    _, first = np.unique(both, return_index=True)
    order: SampleIds = both[np.sort(first)]
    return order
