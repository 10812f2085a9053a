"""Which class is taken for which: labels against what the model sees, as counts and rates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.review.classes import ClassList
from models.review.decisions import Status
from models.review.intervals import wilson
from models.review.query_terms import And, Comparison, OneOf, Term
from models.review.seriation import confused_together
from models.types import LabelVector, Mask, StatusVector

Counts = NDArray[np.int64]  # (k, k) rows: labelled as, columns: predicted as
Rates = NDArray[np.float32]  # (k, k) share of each row

N_PAIRS = 100  # at most so many are ranked
N_SHADES = 128  # off the diagonal and on it, each


@dataclass(frozen=True)
class MatrixAsked:
    """What a person wants to see of the matrix."""

    corrected: bool = False  # labels as they stand now, instead of as they were given
    split: int | None = None  # its code; None: all of them
    rates: bool = True  # in shares of each label, instead of in images
    together: bool = False  # classes that are confused stand side by side


@dataclass(frozen=True)
class Cell:
    """Class codes of a cell; of a whole row or column where one is missing."""

    label: int | None
    predicted: int | None


@dataclass(frozen=True)
class Pair:
    """Images of one label that the model takes for another class."""

    label: int
    predicted: int
    count: int
    n_label: int  # images of that label

    @property
    def rate(self) -> float:
        return self.count / self.n_label

    @property
    def interval(self) -> tuple[float, float]:
        """Of the rate, 95%."""
        return wilson(self.count, self.n_label)


@dataclass(frozen=True)
class Matrix:
    """The answer to what was asked; both axes list the classes that stand, in one order."""

    asked: MatrixAsked
    codes: NDArray[np.int64]  # (k,) class at each place of an axis
    counts: Counts  # by place
    n: int  # images in all cells
    n_agreeing: int  # on the diagonal
    most: int  # in a cell off the diagonal
    rates: Rates  # by place; 0 where a label has no images
    highest: float  # rate off the diagonal
    shades: NDArray[np.uint8]  # (k, k) by place, see `shades`
    pairs: tuple[Pair, ...]  # most confused first
    n_unscored: int  # labelled images that are left out, having no prediction
    n_unlabelled: int  # left out too
    n_excluded: int


def matrix(
    asked: MatrixAsked,
    labels: LabelVector,
    predicted: LabelVector,
    status: StatusVector,
    splits: StatusVector,
    classes: ClassList,
) -> Matrix:
    """Count, order and rank; excluded images are left out.

    Parameters
    ----------
    labels : int32 (n,)
        As given or as they stand, whichever is asked for.
    predicted : int32 (n,)
        The most probable class of each image, -1 where it has no score.
    """
    wanted = np.ones(len(labels), np.bool_) if asked.split is None else splits == asked.split
    counted: Mask = wanted & (status != Status.EXCLUDED)
    own, seen = classes.standing(labels[counted]), classes.standing(predicted[counted])
    counts, n_unscored = confusion(own, seen, len(classes.names))
    codes = np.array(classes.offered(), np.int64)
    if asked.together:
        codes = codes[confused_together(rates(counts[np.ix_(codes, codes)]))]
    placed = counts[np.ix_(codes, codes)]
    shares, pairs = rates(placed), most_confused(counts, by_rate=asked.rates)
    highest, shaded = shades(shares)
    return Matrix(
        asked,
        codes,
        placed,
        int(placed.sum()),
        int(np.trace(placed)),
        int(_off_diagonal(placed).max(initial=0)),
        shares,
        highest,
        shaded,
        tuple(pairs),
        n_unscored=n_unscored,
        n_unlabelled=int(np.count_nonzero(own < 0)),
        n_excluded=int(np.count_nonzero(wanted) - np.count_nonzero(counted)),
    )


def query_for(cell: Cell, found: Matrix, classes: ClassList, splits: Sequence[str]) -> str:
    """The query that shows just the images that a cell, a row or a column counts."""
    asked = found.asked
    labelled = "label" if asked.corrected else "given"
    terms: list[Term] = []
    for name, code, n_left_out in (
        (labelled, cell.label, found.n_unlabelled),
        ("predicted", cell.predicted, found.n_unscored),
    ):
        if code is not None:
            terms.append(is_class(name, code, classes))
        elif n_left_out:
            terms.append(Comparison(name, "!=", None))
    if asked.split is not None:
        terms.append(Comparison("split", "==", splits[asked.split]))
    if found.n_excluded:
        terms.append(Comparison("state", "!=", "excluded"))
    return And(tuple(terms)).text


def is_class(name: str, code: int, classes: ClassList) -> Term:
    """The condition for a class; images of one that was merged into it count for it."""
    standing = classes.standing(np.arange(len(classes.names), dtype=np.int32))
    names = tuple(classes.names[other] for other in np.flatnonzero(standing == code))
    return OneOf(name, names) if len(names) > 1 else Comparison(name, "==", names[0])


def confusion(labels: LabelVector, predicted: LabelVector, n_classes: int) -> tuple[Counts, int]:
    """Count labels against predictions.

    Parameters
    ----------
    labels, predicted : int32 (n,)
        In [-1, n_classes); -1 is no label, or no score.

    Returns
    -------
    int64 (n_classes, n_classes)
        Images of each label (row) and prediction (column).
    int
        Labelled images without a prediction; an image without a label counts nowhere.
    """
    labelled = labels >= 0
    known = labelled & (predicted >= 0)
    cells = labels[known].astype(np.int64) * n_classes + predicted[known]
    counts = np.bincount(cells, minlength=n_classes**2).reshape(n_classes, n_classes)
    return counts, int(np.count_nonzero(labelled) - np.count_nonzero(known))


def rates(counts: Counts) -> Rates:
    """Share of each row, (k, k); 0 in a row without images."""
    totals = np.maximum(counts.sum(axis=1, keepdims=True), 1)
    shares: Rates = (counts / totals).astype(np.float32)
    return shares


def shades(shares: Rates) -> tuple[float, NDArray[np.uint8]]:
    """How strongly each cell is coloured.

    Returns
    -------
    float
        The highest rate off the diagonal, which has the strongest shade there.
    uint8 (k, k)
        0 is nothing; below N_SHADES off the diagonal, where shades go by the square root so that
        a rate of one percent of the highest can still be seen; from N_SHADES on the diagonal.
    """
    off = _off_diagonal(shares)
    highest = float(off.max(initial=0))
    shaded = np.ceil(np.sqrt(off / (highest or 1)) * (N_SHADES - 1)).astype(np.uint8)
    np.fill_diagonal(shaded, N_SHADES + (np.diagonal(shares) * (N_SHADES - 1)).astype(np.uint8))
    return highest, shaded


def most_confused(counts: Counts, *, by_rate: bool = False, most: int = N_PAIRS) -> list[Pair]:
    """Pairs off the diagonal, the most confused first; no pair without images.

    By the number of images, or by the lower end of the rate's 95% interval, so that one image
    out of one does not lead the list.
    """
    totals = counts.sum(axis=1)
    off = _off_diagonal(counts)
    label, predicted = np.nonzero(off)
    found, of = off[label, predicted], totals[label]
    keys = (-found / of, -found) if not by_rate else (-found, -_low_ends(found, of))
    best = np.lexsort(keys)[:most]
    columns = (column[best].tolist() for column in (label, predicted, found, of))
    return [Pair(*values) for values in zip(*columns, strict=True)]


def _off_diagonal(cells: NDArray[Any]) -> NDArray[Any]:
    off = cells.copy()
    np.fill_diagonal(off, 0)
    return off


def _low_ends(n_right: Counts, n: Counts) -> NDArray[np.float64]:
    """The lower end of `wilson` for many shares at once; none of nothing."""
    z = 1.959964
    share, spread = n_right / n, z * z / n
    reach = z * np.sqrt(share * (1 - share) / n + spread / (4 * n))
    low: NDArray[np.float64] = (share + spread / 2 - reach) / (1 + spread)
    return low
