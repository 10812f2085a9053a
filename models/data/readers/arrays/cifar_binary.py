"""CIFAR-10 and CIFAR-100, binary version: records of one or two labels and three colour planes."""

from __future__ import annotations

import os
import re
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.data.readers.meaning.names_file import USUAL_FILES, names_beside
from models.data.readers.source import Arrays, MemoryArray, OpenFile, StoredArray
from models.errors import DatasetError
from models.types import Progress

_IMAGE = (3, 32, 32)
_IMAGE_BYTES = 3 * 32 * 32
_SHIPPED = re.compile(r"(data_batch_\d+|test_batch)\.bin", re.IGNORECASE)
_TRIED = 64  # records whose labels have to make sense
_BLOCK_BYTES = 4 << 20


@dataclass(frozen=True)
class _Labels:
    """One label byte of each record: its array, how many classes, and the files that name them."""

    name: str
    n_classes: int
    names: str  # of the array of names
    named_in: tuple[str, ...]


# The arrays are called what the Python version of these datasets calls them.
_CIFAR_10 = (_Labels("labels", 10, "label_names", ("batches.meta.txt", *USUAL_FILES)),)
_CIFAR_100 = (
    _Labels("coarse_labels", 20, "coarse_label_names", ("coarse_label_names.txt",)),
    _Labels("fine_labels", 100, "fine_label_names", ("fine_label_names.txt", *USUAL_FILES)),
)


def recognises(path: str) -> bool:
    if not os.path.isfile(path) or not path.lower().endswith(".bin"):
        return False
    if _SHIPPED.fullmatch(os.path.basename(path)):
        return True
    file = OpenFile(path)
    try:
        return _version(file) is not None
    finally:
        file.close()


def arrays(path: str, kept: ExitStack, opening: ExitStack) -> Arrays:
    file = OpenFile(path)
    kept.callback(file.close)
    version = _version(file)
    if version is None:
        raise DatasetError(
            f"is not a CIFAR batch: its {file.size:,} bytes are not a number of records of "
            "1 + 3,072 or 2 + 3,072 bytes with labels in front",
            file.shown,
            "It may be cut short; copy or download it again.",
        )
    images = RecordImages(file, len(version))
    yield images
    n = images.shape[0]
    columns = np.empty((len(version), n), np.uint8)
    step = _BLOCK_BYTES // images.record_bytes
    for start in range(0, n, step):
        yield Progress(start, n, "reading labels")
        stop = min(start + step, n)
        columns[:, start:stop] = images.records(start, stop)[:, : len(version)].T
    for labels, column in zip(version, columns, strict=True):
        array = MemoryArray(labels.name, column)
        yield array
        names = names_beside(path, array, labels.named_in, labels.names)
        if names is not None:
            yield names


class RecordImages(StoredArray):
    """The images between the labels, read in place."""

    name, dtype = "images", np.dtype(np.uint8)

    def __init__(self, file: OpenFile, n_labels: int) -> None:
        self._file, self._n_labels = file, n_labels
        self.record_bytes = n_labels + _IMAGE_BYTES
        self.shape = (file.size // self.record_bytes, *_IMAGE)

    def rows(self, start: int, stop: int) -> NDArray[Any]:
        return self.records(start, stop)[:, self._n_labels :].reshape(-1, *_IMAGE)

    def records(self, start: int, stop: int) -> NDArray[np.uint8]:
        """Whole records, labels first, (m, bytes)."""
        block = np.empty((stop - start, self.record_bytes), np.uint8)
        self._file.read_into(block.reshape(-1).data, start * self.record_bytes)
        return block


def _version(file: OpenFile) -> tuple[_Labels, ...] | None:
    """What the labels of a record mean; None if this is no file of such records."""
    for version in (_CIFAR_10, _CIFAR_100):
        if file.size and file.size % (len(version) + _IMAGE_BYTES) == 0:
            images = RecordImages(file, len(version))
            n = images.shape[0]
            tried = np.unique(np.linspace(0, n - 1, min(n, _TRIED)).astype(np.int64))
            records = [images.records(int(i), int(i) + 1)[0] for i in tried]
            codes = np.array([record[: len(version)] for record in records])
            if (codes < [labels.n_classes for labels in version]).all():
                return version
    return None
