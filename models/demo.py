"""The demo: 1,797 handwritten digits of scikit-learn, 8% of their labels changed on purpose."""

from __future__ import annotations

import os
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import IO

import numpy as np
import platformdirs
from numpy.typing import NDArray

from models.errors import DatasetError
from models.types import LabelVector, OpenRequest

_SEED = 8
_SHARE_CHANGED = 0.08
_BRIGHTEST = 16  # pixels of the original run from 0 to 16


def demo_request() -> OpenRequest:
    """How to open the demo; the first call writes it into the user's data directory."""
    folder = _folder()
    images, labels = folder / "digits.npz", folder / "truth.npy"
    if not (images.exists() and labels.exists()):
        folder.mkdir(parents=True, exist_ok=True)
        pixels, truth = _digits()
        _write_whole(labels, lambda file: np.save(file, truth))
        _write_whole(images, lambda file: np.savez(file, images=pixels, labels=spoilt(truth)))
    return OpenRequest((str(images),))


def demo_truth() -> LabelVector:
    """The labels before any was changed. int32 (1797,)"""
    demo_request()
    truth: LabelVector = np.load(_folder() / "truth.npy", allow_pickle=False)
    return truth


def found(labels: LabelVector, truth: LabelVector, given: LabelVector) -> tuple[int, int]:
    """How many of the wrong given labels are right by now, and how many there were."""
    was_wrong = given != truth
    return int((was_wrong & (labels == truth)).sum()), int(was_wrong.sum())


def spoilt(truth: LabelVector) -> LabelVector:
    """The same labels with a fixed 8% of them changed to another class. int32 (n,)"""
    rng = np.random.default_rng(_SEED)
    n_classes = int(truth.max()) + 1
    changed = rng.choice(len(truth), int(len(truth) * _SHARE_CHANGED), replace=False)
    labels = truth.copy()
    labels[changed] += rng.integers(1, n_classes, len(changed), dtype=np.int32)
    return labels % n_classes


def _folder() -> Path:
    return Path(platformdirs.user_data_dir("winnow", appauthor=False)) / "demo"


def _digits() -> tuple[NDArray[np.uint8], LabelVector]:
    """uint8 (1797, 8, 8) and int32 (1797,), read from scikit-learn's files without importing it."""
    sklearn = find_spec("sklearn")
    if sklearn is None or not sklearn.submodule_search_locations:
        raise DatasetError("the demo's digits are part of scikit-learn, which is not installed")
    data = Path(sklearn.submodule_search_locations[0], "datasets", "data", "digits.csv.gz")
    try:
        table = np.loadtxt(data, delimiter=",")
    except (OSError, ValueError) as error:
        raise DatasetError(
            "the demo's digits cannot be read", str(data), "Install scikit-learn again."
        ) from error
    pixels = np.rint(table[:, :-1] * (255 / _BRIGHTEST)).astype(np.uint8).reshape(-1, 8, 8)
    return pixels, table[:, -1].astype(np.int32)


def _write_whole(path: Path, write: Callable[[IO[bytes]], None]) -> None:
    """Two demos may start at once: each file appears complete or not at all."""
    new = path.with_name(f".{path.name}.{os.getpid()}.new")
    with open(new, "xb") as file:
        write(file)
    os.replace(new, path)
