"""Joins the labels of several files or splits, which may each number their classes differently."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.data.readers.meaning.labels import Labels, to_codes
from models.errors import DatasetError
from models.types import UNLABELLED, LabelVector, Mask


@dataclass(frozen=True)
class Piece:
    """What one file says of its n samples, m of which have a label."""

    shown: str  # what to call it in messages
    class_names: tuple[str, ...]  # position = code; empty if it states none
    has_label: Mask  # (n,)
    values: NDArray[np.generic]  # (m,) as `to_codes` takes them


def joined(pieces: Sequence[Piece], what: str, where: str) -> Labels:
    """The labels of all samples, pieces one after another, in one list of classes.

    Where the pieces state different lists, a number means the class at its place in the list
    of its own piece, and classes of one name are one class.

    Parameters
    ----------
    what, where : str
        The array and the dataset, for messages.

    Raises
    ------
    DatasetError
        If the values are no labels, or lists differ and one that is needed is not there.
    """
    lists = list(dict.fromkeys(piece.class_names for piece in pieces if piece.class_names))
    if len(lists) < 2:
        labels = to_codes(_values(pieces), lists[0] if lists else (), what, where)
        return Labels(_of_all(pieces, labels.codes), labels.class_names, labels.warnings)
    a, b = (next(p.shown for p in pieces if p.class_names == names) for names in lists[:2])
    for piece in pieces:
        if len(piece.values) and not piece.class_names:
            raise DatasetError(
                f"{piece.shown} does not say what its classes are called, and {a} and {b} number "
                "theirs differently",
                where,
                "Name the classes in each of them, or open them one by one.",
            )
    code_of: dict[str, int] = {}
    codes = np.full(sum(len(piece.has_label) for piece in pieces), UNLABELLED, np.int32)
    piece_of = np.repeat(np.arange(len(pieces)), [len(piece.has_label) for piece in pieces])
    warnings = [f"{a} and {b} number their classes differently; they were joined by their names."]
    for names in lists:
        mine = [i for i, piece in enumerate(pieces) if piece.class_names == names]
        alike = [pieces[i] for i in mine]
        labels = to_codes(_values(alike), names, what, where)
        joint = [code_of.setdefault(name, len(code_of)) for name in labels.class_names]
        of_alike = _of_all(alike, labels.codes)
        codes[np.isin(piece_of, mine)] = np.array([*joint, UNLABELLED], np.int32)[of_alike]
        warnings += labels.warnings
    return Labels(codes, tuple(code_of), tuple(dict.fromkeys(warnings)))


def _values(pieces: Sequence[Piece]) -> NDArray[np.generic]:
    """The values of all pieces; those of a piece without any may be of another type."""
    given = [piece.values for piece in pieces if len(piece.values)]
    return np.concatenate(given) if given else np.empty(0, np.int64)


def _of_all(pieces: Sequence[Piece], codes: LabelVector) -> LabelVector:
    """The codes of all samples from those of the samples that have a label."""
    has_label = np.concatenate([np.empty(0, bool), *(piece.has_label for piece in pieces)])
    every = np.full(len(has_label), UNLABELLED, np.int32)
    every[has_label] = codes
    return every
