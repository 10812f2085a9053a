"""Puts the images of a dataset into clusters of a run's embedding, and keeps them."""

from __future__ import annotations

import numpy as np

from models.data.clusters import keep_clusters
from models.data.runs import load_scores
from models.errors import DatasetError, ProjectError
from models.processes.clustering import ClusterRequest
from models.scoring.clusters import FITTED, Clusters, largest_first
from models.types import Clustered, Events, Progress

_SEED = 0
_AT_ONCE = 20_000


def clustering(request: ClusterRequest) -> Events:
    """Find clusters and keep them beside the run: Progress, at last Clustered.

    Raises
    ------
    DatasetError
        If the run has no embedding of these images.
    """
    yield Progress(0, 0, "preparing")
    scores = load_scores(request.project / "runs", request.run)
    embedding = scores.embedding if scores is not None else np.empty((0, 0), np.float32)
    usable = np.flatnonzero(np.isfinite(embedding[:, 0])) if embedding.size else np.empty(0, int)
    if scores is None or len(embedding) != request.n or not len(usable):
        raise DatasetError(
            f"run {request.run} has no embedding of these images",
            remedy="Choose another run, or train again.",
        )
    some = usable
    if len(usable) > FITTED:
        some = np.sort(np.random.default_rng(_SEED).choice(usable, FITTED, replace=False))
    yield Progress(0, request.n, "looking for clusters")
    found = Clusters.of(np.asarray(embedding[some], np.float32), request.wanted, _SEED)
    codes = np.full(request.n, -1, np.int32)
    for start in range(0, len(usable), _AT_ONCE):
        yield Progress(start, len(usable), "looking for clusters")
        ids = usable[start : start + _AT_ONCE]
        codes[ids] = found.nearest(np.asarray(embedding[ids], np.float32))
    numbers = largest_first(codes, len(found.centres))
    made = Clustered(numbers, request.run, scores.epoch, request.wanted)
    try:
        keep_clusters(request.project, made)
    except OSError as error:
        raise ProjectError(
            f"the clusters could not be written ({error.strerror})",
            str(request.project),
            "Make room on this disk, then group by cluster again.",
        ) from error
    yield made
