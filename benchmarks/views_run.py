"""A run of a million images as training leaves it on disk, without the training."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.data.maps import keep_map
from models.data.runs import SCORE_NAMES, run_folder
from models.opening import open_review, request_for
from models.types import LabelVector, MapLaidOut

FEATURES = 192  # of an embedding, as those of the nets of a run
_BLOCK = 50_000
_NEIGHBOURS = 10
_DOUBTED = 0.1  # share of images whose suggestion is another class
_RUN = 1


def project_with_run(paths: list[str], labels: LabelVector, n_classes: int) -> None:
    """Make the project of a source, with a run whose scores are drawn at random.

    Of every image with an even id the run keeps neighbours of both labels, of the others too few.
    """
    review = open_review(request_for([Path(path) for path in paths]))
    review.close()
    scores = run_folder(review.project.runs_dir, _RUN) / "scores-0001"
    scores.mkdir(parents=True)
    rng = np.random.default_rng(0)
    n = len(labels)
    doubted = rng.random(n) < _DOUBTED
    suggested = np.where(doubted, (labels + 1) % n_classes, labels).astype(np.int32)
    near, distance = _neighbours(labels, suggested, n_classes, rng)
    arrays: dict[str, NDArray[Any]] = {
        **{name: rng.random(n, np.float32) for name in SCORE_NAMES},
        "suggested": suggested,
        "held_out": np.zeros(n, np.bool_),
        "transition": np.eye(n_classes, dtype=np.float32),
        "prior": np.full((n_classes, n_classes), 1 / n_classes, np.float32),
        "labels": labels,
        "copy_group": np.full(n, -1, np.int32),
        "queue": rng.integers(0, 5, n, np.uint8),
        "neighbours": near,
        "neighbour_distance": distance,
    }
    for name, values in arrays.items():
        np.save(scores / f"{name}.npy", values)
    likely = np.full((n, n_classes), 0.5 / (n_classes - 1), np.float32)
    likely[np.arange(n), suggested] = 0.5
    np.save(scores / "probabilities.npy", likely)
    _save_embedding(scores / "embedding.npy", n, rng)
    turns = labels * np.float32(2 * np.pi / n_classes)
    middles = 10 * np.stack([np.cos(turns), np.sin(turns)], axis=1)
    layout = (middles + rng.normal(0, 3, (n, 2))).astype(np.float32)
    details = {"state": "ended", "scores": {"folder": scores.name, "epoch": 1}, "config": {}}
    (scores.parent / "run.json").write_text(json.dumps(details))
    keep_map(review.project.path, MapLaidOut(layout, _RUN, 1, n, final=True))


def _neighbours(
    labels: LabelVector, suggested: LabelVector, n_classes: int, rng: np.random.Generator
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    n = len(labels)
    rivals = np.where(suggested != labels, suggested, (labels + 1) % n_classes)
    rivals = np.where(np.arange(n) % 2 == 0, rivals, labels)
    found = np.empty((n, _NEIGHBOURS), np.int32)
    by_class = [np.flatnonzero(labels == code) for code in range(n_classes)]
    for code, members in enumerate(by_class):
        for carriers, columns in ((labels, slice(0, 5)), (rivals, slice(5, 10))):
            asking = carriers == code
            found[asking, columns] = rng.choice(members, (np.count_nonzero(asking), 5))
    distance = np.sort(rng.random((n, _NEIGHBOURS), np.float32), axis=1)
    return found, distance


def _save_embedding(path: Path, n: int, rng: np.random.Generator) -> None:
    kept = np.lib.format.open_memmap(path, mode="w+", dtype=np.float32, shape=(n, FEATURES))
    block = rng.normal(size=(_BLOCK, FEATURES)).astype(np.float32)
    for start in range(0, n, _BLOCK):
        kept[start : start + _BLOCK] = np.roll(block, start // _BLOCK, axis=1)[: n - start]
    kept.flush()
