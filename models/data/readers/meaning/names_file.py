"""Class names from a text file that lies beside the data, one name a line."""

from __future__ import annotations

import os
from collections.abc import Sequence

import numpy as np

from models.data.readers.source import MemoryArray, StoredArray

USUAL_FILES = ("classes.txt", "labels.txt", "class_names.txt", "label_names.txt")
_MAX_BYTES = 4 << 20
_MAX_LABELS = 64 << 20  # that are looked through for the highest one
_BLOCK = 1 << 20


def names_beside(
    path: str,
    labels: StoredArray,
    files: Sequence[str] = USUAL_FILES,
    name: str = "class_names",
) -> MemoryArray | None:
    """The names in the first of `files` beside a path that fits these labels, else None.

    A list of one label a sample looks the same, so names must differ from each other. A few
    more names than the labels use are fine: not every split has every class. Labels may count
    from 1, if they reach the last name.
    """
    if len(labels.shape) != 1 or labels.dtype.kind not in "iu" or labels.shape[0] > _MAX_LABELS:
        return None
    span: tuple[int, int] | None = None
    for file in files:
        names = [line.strip() for line in lines_in(os.path.join(os.path.dirname(path), file))]
        if not names or len(set(names)) < len(names):
            continue
        span = span or _span(labels)
        needed = span[1] + 1
        if needed <= len(names) <= max(2 * needed, needed + 2) or span == (1, len(names)):
            array = MemoryArray(name, np.array(names))
            array.listed_in = os.path.join(os.path.dirname(path), file)
            return array
    return None


def lines_in(path: str) -> list[str]:
    """The lines of a small text file but blank ones; none if it is a link, large or not UTF-8."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
        with open(fd, "rb") as file:
            text = file.read(_MAX_BYTES + 1)
    except OSError:
        return []
    if len(text) > _MAX_BYTES:
        return []
    try:
        lines = text.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError:
        return []
    return [line for line in lines if line.strip()]


def _span(labels: StoredArray) -> tuple[int, int]:
    """The lowest and the highest label but for negative ones, which mean that there is none."""
    n, spans = labels.shape[0], []
    for start in range(0, n, _BLOCK):
        block = labels.rows(start, min(start + _BLOCK, n))
        if len(given := block[block >= 0]):
            spans.append((int(given.min()), int(given.max())))
    return min((low for low, _ in spans), default=-1), max((high for _, high in spans), default=-1)
