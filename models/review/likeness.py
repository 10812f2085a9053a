"""Which images look like one: distances in the embedding of a run, and the nearest of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models.review.decisions import Status
from models.types import UNLABELLED, Embedding, LabelVector, Mask, SampleIds, Scores, StatusVector

NEAREST = 8
OF_EACH = 5  # neighbours carrying one label
# The product of a larger block is handed to threads that wait for each other: on a machine
# that is busy training, 60,000 x 192 then took 60 to 240 ms instead of 10.
_ROWS_AT_A_TIME = 1_024
_SMALLEST = 1e-12


@dataclass(frozen=True)
class Alike:
    """Some images, nearest first."""

    sample_ids: SampleIds
    distance: Scores  # 1 - cosine of the embeddings, in [0, 2]


@dataclass(frozen=True)
class Neighbourhood:
    """The images that look most like one, by their labels as they are now."""

    sample_id: int
    rival: int  # the class that `rivals` carry; UNLABELLED: each another one than the image
    nearest: Alike  # NEAREST of them, whatever they carry
    same: Alike  # OF_EACH carrying its label
    rivals: Alike  # OF_EACH

    @property
    def is_complete(self) -> bool:
        """Whether a look at more images could add nothing."""
        enough = len(self.nearest.sample_ids) == NEAREST
        return enough and all(len(side.sample_ids) == OF_EACH for side in (self.same, self.rivals))

    @property
    def sample_ids(self) -> SampleIds:
        """Every image in it, once."""
        sides = (self.nearest, self.same, self.rivals)
        return np.unique(np.concatenate([side.sample_ids for side in sides]))


def distances(embedding: Embedding, sample_id: int) -> Scores:
    """How far the look of every image is from that of one.

    Parameters
    ----------
    embedding : float32 (n, d)
        May be memory-mapped: it is read block by block.
    sample_id : int

    Returns
    -------
    float32 (n,)
        1 - cosine, in [0, 2], 0 for the image itself; NaN where an image has no embedding.
    """
    wanted = np.asarray(embedding[sample_id])
    wanted = wanted / max(float(np.linalg.norm(wanted)), _SMALLEST)
    found = np.empty(len(embedding), np.float32)
    for start in range(0, len(embedding), _ROWS_AT_A_TIME):
        rows = np.asarray(embedding[start : start + _ROWS_AT_A_TIME])
        norms = np.sqrt(np.einsum("ij,ij->i", rows, rows))
        found[start : start + len(rows)] = 1 - rows @ wanted / np.maximum(norms, _SMALLEST)
    np.clip(found, 0, 2, out=found)
    if not np.isnan(found[sample_id]):
        found[sample_id] = 0
    return found


def neighbourhood(
    sample_id: int,
    ids: SampleIds,
    distance: Scores,
    labels: LabelVector,
    status: StatusVector,
    rival: int,
) -> Neighbourhood:
    """The nearest of some images, those with the label of one and those with another.

    Parameters
    ----------
    sample_id : int
    ids, distance : int64 (m,), float32 (m,)
        The images to choose from; without a distance, or with a negative id, one is left out.
    labels, status : int32 (n,), uint8 (n,)
        As they stand. The label of an excluded image speaks for nothing.
    rival : int
        The class that is suggested instead. Where none is, or its own, images with any other
        label than its own are rivals.
    """
    theirs, mine = labels[ids], labels[sample_id]
    there = (ids != sample_id) & (ids >= 0) & ~np.isnan(distance)
    speaks = there & (theirs != UNLABELLED) & (status[ids] != Status.EXCLUDED)
    rival = UNLABELLED if rival == mine else rival
    opposes = theirs != mine if rival == UNLABELLED else theirs == rival
    return Neighbourhood(
        sample_id,
        rival,
        nearest=_nearest(ids, distance, there, NEAREST),
        same=_nearest(ids, distance, speaks & (theirs == mine), OF_EACH),
        rivals=_nearest(ids, distance, speaks & opposes, OF_EACH),
    )


def _nearest(ids: SampleIds, distance: Scores, among: Mask, most: int) -> Alike:
    """The nearest of those in a mask; of equally near ones the first in the source."""
    rows = np.flatnonzero(among)
    if len(rows) > most:
        bound = np.partition(distance[rows], most - 1)[most - 1]
        rows = rows[distance[rows] <= bound]  # all that are equally near: which is not chance
    order = np.lexsort((ids[rows], distance[rows]))[:most]
    return Alike(ids[rows[order]].astype(np.int64), distance[rows[order]])
