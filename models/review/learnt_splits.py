"""Which images a model learns from, going by the names of their splits."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from models.types import Mask

_TRAIN = re.compile(r"(^|[^a-z])(train|training|labeled|labelled)([^a-z]|$)")


def training_splits(splits: Sequence[str]) -> list[int]:
    """Codes of the splits to train on, by their names."""
    return [code for code, name in enumerate(splits) if _TRAIN.search(name.lower())]


def to_train_on(splits: Sequence[str], split_codes: NDArray[np.uint8]) -> Mask:
    """Images of the splits to train on, before any are held out; all if no name says so. (n,)"""
    train = training_splits(splits)
    return np.isin(split_codes, train) if train else np.ones(len(split_codes), bool)
