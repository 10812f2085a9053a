"""What a run keeps beside its scores, so that it can be said why an image is suspect."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.scoring.dynamics import TrainingDynamics
from models.scoring.labelling_order import labelling_order
from models.scoring.neighbours import NEIGHBOURS, NeighbourSearch, votes
from models.scoring.queues import queues
from models.training.material import Material
from models.training.steering import Steering
from models.types import UNLABELLED, Event, SampleIds

ArraySet = dict[str, NDArray[Any]]  # by the names of models.data.runs

_REFERENCES = 60_000  # labelled images that neighbours are looked for among
_WORK = 1.0 / _REFERENCES  # of an image, for each reference, beside training on it
_LABELLING_WORK = 0.02  # of an image
_PHASE = "scoring"


def of_every_set(
    material: Material, scores: ArraySet, dynamics: TrainingDynamics | None
) -> ArraySet:
    """What costs next to nothing: copies, queues, and how the epochs went so far."""
    return {
        "copy_group": material.copy_group,
        "queue": queues(
            *(scores["probabilities"], material.learnable_labels),
            *(scores["suspicion"], scores["anomaly"]),
        ),
        **(vars(dynamics.scores()) if dynamics is not None else {}),
    }


def neighbour_work(material: Material) -> float:
    """Of both that follow; in images trained on, as all work is counted."""
    beside_labelled = len(material.readable) * min(_REFERENCES, int(material.labelled.sum()))
    return _WORK * beside_labelled + _LABELLING_WORK * len(_unlabelled(material))


def of_neighbours(
    material: Material, embedding: NDArray[np.float32], steering: Steering, epoch: int, seed: int
) -> Generator[Event, None, ArraySet]:
    """The labelled images that look most like each, and how many disagree with its label.

    Nothing where the labels are of fewer than two classes: then none can disagree.
    """
    pool = np.flatnonzero(material.labelled)
    if len(np.unique(material.learnable_labels[pool])) < 2:
        return {}
    if len(pool) > _REFERENCES:
        pool = np.sort(np.random.default_rng(seed).permutation(pool)[:_REFERENCES])
    search = NeighbourSearch(embedding[pool])
    row_of = np.full(material.n, -1, np.int64)
    row_of[pool] = np.arange(len(pool))
    k = min(NEIGHBOURS, len(pool) - 1)
    ids = np.full((material.n, k), -1, np.int32)
    distance = np.full((material.n, k), np.nan, np.float32)
    disagreement = np.full(material.n, np.nan, np.float32)
    labels = material.learnable_labels
    for rows in search.blocks(len(material.readable)):
        asking = material.readable[rows]
        found = search.nearest(embedding[asking], row_of[asking])
        ids[asking], distance[asking] = pool[found.ids], 1 - found.similarity
        disagreement[asking] = votes(found, labels[asking], labels[pool]).disagreement
        yield from steering.after(len(asking) * _WORK * len(pool), _PHASE, epoch)
    return {"neighbours": ids, "neighbour_distance": distance, "disagreement": disagreement}


def of_unlabelled(
    material: Material, scores: ArraySet, steering: Steering, epoch: int, seed: int
) -> Generator[Event, None, ArraySet]:
    """In which order images without a label are best labelled; nothing where all have one."""
    unlabelled = _unlabelled(material)
    if not len(unlabelled):
        return {}
    probs = scores["probabilities"]
    order = labelling_order(
        scores["embedding"],
        unlabelled,
        np.flatnonzero(material.labelled),
        None if np.isnan(probs[unlabelled]).any() else probs,
        probs.shape[1],
        seed,
    )
    while True:
        try:
            n_looked_at = next(order)
        except StopIteration as end:
            first_to_last: SampleIds = end.value
            break
        yield from steering.after(_LABELLING_WORK * n_looked_at, _PHASE, epoch)
    labelling = np.full(material.n, np.nan, np.float32)
    labelling[first_to_last] = np.linspace(1, 0, len(first_to_last), endpoint=False)
    return {"labelling": labelling}


def _unlabelled(material: Material) -> SampleIds:
    """Images that could be given a label."""
    has_pixels = material.included & material.images.readable
    return np.flatnonzero(has_pixels & (material.labels == UNLABELLED))
