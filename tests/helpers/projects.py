"""Small sources and projects on disk, with a run whose scores are known."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.data.runs import SCORE_NAMES, run_folder
from models.opening import request_for
from tests.helpers.local import open_here

N_SAMPLES, N_CLASSES = 12, 3
GIVEN = np.arange(N_SAMPLES, dtype=np.int64) % N_CLASSES
WRONG = 4  # the sample whose given label the run doubts
UNSCORED = 11


def small_npz(folder: Path) -> Path:
    """Twelve grey 8x8 images of the classes ant, bee and cat."""
    path = folder / "insects.npz"
    pixels = np.random.default_rng(1).integers(0, 256, (N_SAMPLES, 8, 8), dtype=np.uint8)
    names = np.array(["ant", "bee", "cat"])
    np.savez(path, images=pixels, labels=names[GIVEN])
    return path


def small_project(folder: Path) -> Path:
    """A project of small_npz, not yet decided on."""
    review = open_here(request_for([small_npz(folder)]))
    review.close()
    return review.project.path


def add_run(project: Path, run: int = 1) -> None:
    """A run that agrees with every given label but WRONG's, and could not score UNSCORED."""
    best = GIVEN.copy()
    best[WRONG] = 2
    add_scores(project, best, N_CLASSES, given=GIVEN, unscored=(UNSCORED,), run=run)


def add_scores(
    project: Path,
    best: NDArray[np.int64],
    n_classes: int,
    *,
    given: NDArray[np.int64] | None = None,
    unscored: Sequence[int] = (),
    run: int = 1,
    embedding: NDArray[np.float32] | None = None,
) -> None:
    """A run that is sure of the classes `best`; `given` are the labels it was trained on.

    Without classes it is what is left of images without labels, `best` is -1.
    """
    n, labels = len(best), best if given is None else given
    left = 0.04 / max(1, n_classes - 1)
    probabilities = np.full((n, n_classes), left, np.float32)
    if n_classes:
        probabilities[np.arange(n), best] = 0.96
    probabilities[list(unscored)] = np.nan
    suspicion = np.where(best == labels, 0.1, 0.9).astype(np.float32)
    suspicion[list(unscored) if n_classes else slice(None)] = np.nan
    suggested = best.astype(np.int32)
    suggested[list(unscored)] = -1
    arrays = {
        **dict.fromkeys(SCORE_NAMES, suspicion),
        "probabilities": probabilities,
        "embedding": np.zeros((n, 2), np.float32) if embedding is None else embedding,
        "held_out": np.zeros(n, bool),
        "suggested": suggested,
        "transition": np.eye(n_classes, dtype=np.float32),
        "prior": np.full((n_classes, n_classes), 1 / max(1, n_classes), np.float32),
        "labels": labels.astype(np.int32),
    }
    scores = run_folder(project / "runs", run) / "scores-0001"
    scores.mkdir(parents=True)
    for name, values in arrays.items():
        np.save(scores / f"{name}.npy", values)
    details = {"state": "ended", "scores": {"folder": scores.name, "epoch": 1}, "config": {}}
    (scores.parent / "run.json").write_text(json.dumps(details))
