"""The order in which images without a label are best labelled."""

from __future__ import annotations

from collections.abc import Generator

import numpy as np
from numpy.typing import NDArray

from models.scoring.neighbours import NeighbourSearch
from models.scoring.uncertainty import narrowness
from models.types import Probs, SampleIds

BATCH = 50
_ENOUGH = 10  # labels a class, below which a model's doubts say little
_BATCHES = 40  # that are put together with care; after these, a new model should be asked anyway
_CANDIDATES = 2_000  # images that the first ones are chosen among, and for
_CHOICE = 0.1  # of the images left: the best, of which a later batch is chosen
_FEWEST, _MOST = 4 * BATCH, 10 * BATCH  # of them
_RECOUNTED = 64
_DENSITY_AMONG, _DENSITY_NEIGHBOURS = 1_000, 8
_LABELLED_BLOCK = 256
_YIELD_EVERY = 50
_FARTHEST = -1.0  # cosine
_SMALLEST = 1e-12


def labelling_order(
    embedding: NDArray[np.float32],
    unlabelled: SampleIds,
    labelled: SampleIds,
    probs: Probs | None,
    n_classes: int,
    seed: int = 0,
) -> Generator[int, None, SampleIds]:
    """Order unlabelled images so that the first ones teach a model most.

    Until there are 10 labels a class, the images that all others look most like, one of each
    kind: each is chosen so that the nearest one chosen or labelled comes nearer to as many as
    possible. Then batches of `BATCH`, chosen in the same way among those of which the model is
    least sure and which are most typical. The first ones are chosen among some of the images, and
    for them.

    Measured on 10,000 images of Fashion-MNIST with logistic regression: accuracy .69 and .72 with
    the first 50 and 100, .61 and .68 by chance; after four batches more .78, by chance .76.

    Parameters
    ----------
    embedding : float32 (n, d)
    unlabelled, labelled : int64 (u,), (l,)
        Rows of it: images to be put in order, and images that have a label, which may be none.
    probs : float32 (n, k) or None
        Predictions; None if no model has met a label yet.
    n_classes : int
        How many classes there are to be.
    seed : int
        Decides which are the some.

    Returns
    -------
    int64 (u,)
        `unlabelled`, best first; images [b * BATCH, (b + 1) * BATCH) are a batch. Meanwhile it
        yields, several times a second, how many of them it has just looked at.

    Raises
    ------
    ValueError
        If shapes disagree or a value is NaN.

    References
    ----------
    Wei, Iyer and Bilmes (2015), "Submodularity in Data Subset Selection and Active Learning",
    ICML: facility location, and among the least sure ones. Settles and Craven (2008), "An Analysis
    of Active Learning Strategies for Sequence Labeling Tasks" (uncertainty times density). Minoux
    (1978), "Accelerated greedy algorithms for maximizing submodular set functions".
    """
    u = len(unlabelled)
    if embedding.ndim != 2 or (probs is not None and len(probs) != len(embedding)):
        raise ValueError(f"embeddings {embedding.shape} and probabilities disagree")
    if u < 2:
        return unlabelled
    rng = np.random.default_rng(seed)
    value = yield from _worth(embedding, unlabelled, probs, rng)
    start = u if probs is None else max(0, _ENOUGH * n_classes - len(labelled))
    chosen = np.empty(0, np.int64)  # places in `unlabelled`, as all that follows
    if start:
        among = rng.permutation(u)[:_CANDIDATES]
        x = _unit(embedding[unlabelled[among]])
        covered = yield from _nearest_labelled(x, embedding, labelled)
        wanted = min(start, len(among))
        equal = np.ones(len(among), np.float32)
        chosen = among[(yield from _covering(x @ x.T, covered, equal, wanted))]
    is_left = np.ones(u, np.bool_)
    is_left[chosen] = False
    rest = np.argsort(-value, kind="stable")
    rest = rest[is_left[rest]]
    batches = [chosen, rest[: -len(chosen) % BATCH]]  # fills the batch that the start left open
    rest = rest[len(batches[1]) :]
    for _ in range(min(_BATCHES, -(-len(rest) // BATCH))):
        size = max(_FEWEST, min(int(_CHOICE * len(rest)), _MOST))
        among, later = rest[:size], rest[size:]
        x = _unit(embedding[unlabelled[among]])
        uncovered = np.full(len(among), _FARTHEST, np.float32)
        taken = yield from _covering(x @ x.T, uncovered, value[among], min(BATCH, len(among)))
        batches.append(among[taken])
        rest = np.concatenate([np.delete(among, taken), later])
    order: SampleIds = unlabelled[np.concatenate([*batches, rest])]
    return order


def _worth(
    embedding: NDArray[np.float32], ids: SampleIds, probs: Probs | None, rng: np.random.Generator
) -> Generator[int, None, NDArray[np.float32]]:
    """(u,) in [0, 1]: how near the nearest of some images are, times the model's doubt."""
    among = rng.permutation(len(ids))[:_DENSITY_AMONG]
    search = NeighbourSearch(embedding[ids[among]], _DENSITY_NEIGHBOURS)
    place = np.full(len(ids), -1, np.int64)
    place[among] = np.arange(len(among))
    worth = np.empty(len(ids), np.float32)
    for rows in search.blocks(len(ids)):
        near = search.nearest(embedding[ids[rows]], place[rows])
        worth[rows] = 0.5 * (1 + near.similarity.mean(axis=1))
        if probs is not None:
            worth[rows] *= narrowness(probs[ids[rows]])
        yield len(near.ids)
    return worth


def _covering(
    similarity: NDArray[np.float32],
    covered: NDArray[np.float32],
    worth: NDArray[np.float32],
    wanted: int,
) -> Generator[int, None, SampleIds]:
    """Choose rows one by one, each so that the nearest chosen one comes nearest to the columns.

    `covered` is how near it is to each column before; a row's gain counts by its worth. What a
    row gains only falls as others are chosen, so a row that still leads once its gain is counted
    anew leads for certain.
    """

    def gain(rows: SampleIds) -> NDArray[np.float32]:
        gained: NDArray[np.float32] = np.maximum(similarity[rows] - covered, 0).sum(axis=1)
        return worth[rows] * gained

    n = len(similarity)
    gains = np.concatenate(
        [gain(rows) for rows in np.array_split(np.arange(n), 1 + n // _RECOUNTED)]
    )
    chosen: list[int] = []
    turn = 0
    while len(chosen) < wanted:
        leading = np.argsort(-gains)[:_RECOUNTED]
        gains[leading] = gain(leading)
        gains[chosen] = -1.0
        best = int(leading[gains[leading].argmax()])
        if gains[best] >= gains.max():
            chosen.append(best)
            covered = np.maximum(covered, similarity[best])
        turn += 1
        if turn % _YIELD_EVERY == 0:
            yield 0
    return np.array(chosen, np.int64)


def _nearest_labelled(
    points: NDArray[np.float32], embedding: NDArray[np.float32], labelled: SampleIds
) -> Generator[int, None, NDArray[np.float32]]:
    """(p,) cosine to the most similar labelled image."""
    nearest = np.full(len(points), _FARTHEST, np.float32)
    for start in range(0, len(labelled), _LABELLED_BLOCK):
        theirs = _unit(embedding[labelled[start : start + _LABELLED_BLOCK]])
        nearest = np.maximum(nearest, (points @ theirs.T).max(axis=1))
        yield 0
    return nearest


def _unit(embedding: NDArray[np.float32]) -> NDArray[np.float32]:
    norms = np.linalg.norm(embedding, axis=1, keepdims=True)
    unit: NDArray[np.float32] = (embedding / np.maximum(norms, _SMALLEST)).astype(np.float32)
    return unit
