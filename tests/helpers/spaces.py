"""A workspace with a small dataset in it, without files, threads or widgets."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QObject

from models.review.classes import ClassList
from models.types import DatasetInfo, Evidence, Probs
from qtapp.state.scores import ScoreSet
from qtapp.state.workspace import Workspace

N_SAMPLES = 24
CLASS_NAMES = ("ant", "bee", "cat")


def dataset_info(n: int = N_SAMPLES, class_names: tuple[str, ...] = CLASS_NAMES) -> DatasetInfo:
    return DatasetInfo(
        kind="npz",
        name="tiny",
        n=n,
        splits={"all": n},
        class_names=class_names,
        image_shape=(8, 8, 1),
        dtype="uint8",
        value_range=(0.0, 255.0),
        labelled=n,
        unlabelled=0,
        unreadable=0,
        sentence=f"{n} grey images of 8x8.",
    )


def workspace(
    owner: QObject, n: int = N_SAMPLES, class_names: tuple[str, ...] = CLASS_NAMES
) -> Workspace:
    """An open workspace: sample i is given class i % k, nothing is decided or scored."""
    space = Workspace(owner)
    given = (np.arange(n) % len(class_names)).astype(np.int32)
    space.labels.load(given, given.copy(), np.zeros(n, np.uint8), ClassList.of(class_names), 1, 0)
    space.selection.reset(n)
    space.session.open(dataset_info(n, class_names), "")
    space.order.reset(n)
    return space


def score_set(labels: np.ndarray, n_classes: int = 3, run: int = 1, seed: int = 0) -> ScoreSet:
    """Random scores; sample 0 is the most suspicious and the class after its own is suggested."""
    rng = np.random.default_rng(seed)
    n = len(labels)
    probabilities: Probs = rng.dirichlet(np.ones(n_classes), n).astype(np.float32)
    names = ("suspicion", "loss", "confidence", "margin", "anomaly")
    values = {name: rng.random(n).astype(np.float32) for name in names}
    values["suspicion"][0] = 1.0
    suggested = ((labels + 1) % n_classes).astype(np.int32)
    return ScoreSet(
        run=run,
        epoch=1,
        values=values,
        predicted=suggested,
        suggested=suggested,
        labels=labels.copy(),
        held_out=np.zeros(n, bool),
        probabilities=probabilities,
        transition=np.full((n_classes, n_classes), 1 / n_classes, np.float32),
        prior=np.full((n_classes, n_classes), 1 / n_classes, np.float32),
        evidence=Evidence.none(n),
    )
