"""Small sources and projects on disk, with a run whose scores are known."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from models.data.runs import SCORE_NAMES, run_folder
from models.opening import open_review, request_for

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
    review = open_review(request_for([small_npz(folder)]))
    review.close()
    return review.project.path


def add_run(project: Path, run: int = 1) -> None:
    """A run that agrees with every given label but WRONG's, and could not score UNSCORED."""
    probabilities = np.full((N_SAMPLES, N_CLASSES), 0.02, np.float32)
    best = GIVEN.copy()
    best[WRONG] = 2
    probabilities[np.arange(N_SAMPLES), best] = 0.96
    probabilities[UNSCORED] = np.nan
    suspicion = np.where(best == GIVEN, 0.1, 0.9).astype(np.float32)
    suspicion[UNSCORED] = np.nan
    suggested = best.astype(np.int32)
    suggested[UNSCORED] = -1
    arrays = {
        **dict.fromkeys(SCORE_NAMES, suspicion),
        "probabilities": probabilities,
        "embedding": np.zeros((N_SAMPLES, 2), np.float32),
        "held_out": np.zeros(N_SAMPLES, bool),
        "suggested": suggested,
        "transition": np.eye(N_CLASSES, dtype=np.float32),
        "labels": GIVEN.astype(np.int32),
    }
    scores = run_folder(project / "runs", run) / "scores-0001"
    scores.mkdir(parents=True)
    for name, values in arrays.items():
        np.save(scores / f"{name}.npy", values)
    details = {"state": "ended", "scores": {"folder": scores.name, "epoch": 1}, "config": {}}
    (scores.parent / "run.json").write_text(json.dumps(details))
