"""Finds the samples that the ids of a submission mean: by path, file name, stem or number."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from models.errors import DatasetError
from models.types import SampleIds

_AMBIGUOUS = -1


@dataclass(frozen=True)
class Match:
    """Sample ids in the order of the submission, and how they were found, in words."""

    sample_ids: SampleIds
    by: str


def match_ids(
    ids: Sequence[str], paths: Sequence[str], splits: Mapping[str, int], where: Path
) -> Match:
    """Find the sample of every id.

    Names speak more clearly than numbers, so they are tried first; names that repeat may still
    be told apart within one split.

    Parameters
    ----------
    ids : sequence of str
        As the submission has them, without its header.
    paths : sequence of str
        Of all samples, by sample id.
    splits : mapping of str to int
        Name and size of each split, in the order of sample ids.

    Raises
    ------
    DatasetError
        Naming the first row whose id means no sample, or several.
    """
    best: tuple[int, int, str] = (-1, 0, "")  # how many were found, the first not found, and why
    for by, known in _ways(ids, paths, splits):
        found = [known.get(text) for text in ids]
        missing = [place for place, sample in enumerate(found) if sample in (None, _AMBIGUOUS)]
        if not missing:
            return Match(np.array(found, np.int64), by)
        several = found[missing[0]] == _AMBIGUOUS
        why = f"means several images by {by}" if several else "means no image of this dataset"
        best = max(best, (len(ids) - len(missing), -missing[0], why))
    row = 2 - best[1]
    raise DatasetError(
        f"the id {ids[row - 2]!r} in row {row} {best[2]}",
        str(where),
        "Ids may be paths, file names with or without suffix, or sample ids.",
    )


def _ways(
    ids: Sequence[str], paths: Sequence[str], splits: Mapping[str, int]
) -> Iterator[tuple[str, Mapping[str, int]]]:
    parts, start = [], 0
    for name, size in splits.items():
        parts.append((name, range(start, start + size)))
        start += size
    everything = range(len(paths))
    forms: dict[str, Callable[[str], str]] = {
        "path": str,
        "file name": os.path.basename,
        "file name without suffix": lambda path: os.path.splitext(os.path.basename(path))[0],
    }
    for by, form in forms.items():
        yield by, _unique(form, paths, everything)
        fitting = [
            (split, known)
            for split, known in ((split, _unique(form, paths, part)) for split, part in parts)
            if all(known.get(text, _AMBIGUOUS) != _AMBIGUOUS for text in ids)
        ]
        if len(fitting) == 1:
            yield f"{by} in {fitting[0][0]}", fitting[0][1]
    # A set of its own is often counted by itself; that it is the first one needs no such guess.
    for first in (0, 1):
        if all(text == str(number) for number, text in enumerate(ids, first)):
            as_large = [(name, part) for name, part in parts[1:] if len(part) == len(ids)]
            if len(as_large) == 1:
                ((split, samples),) = as_large
                known = {str(i): sample for i, sample in enumerate(samples, first)}
                yield f"position in {split}, counted from {first}", known
    yield "sample id", {str(sample): sample for sample in everything}


def _unique(form: Callable[[str], str], paths: Sequence[str], samples: range) -> dict[str, int]:
    known: dict[str, int] = {}
    for sample in samples:
        name = form(paths[sample])
        known[name] = _AMBIGUOUS if name in known else sample
    return known
