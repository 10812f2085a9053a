"""Datasets and runs that the benchmarks of training share."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.datasets import load_digits

from models.processes.training import TrainRequest, train
from models.types import Event, LabelVector, OpenRequest

FASHION = Path(__file__).parents[2] / "shared" / "data" / "fashion-mnist"

Dataset = tuple[NDArray[Any], LabelVector]  # images (n, h, w), labels (n,)


def digits() -> Dataset:
    """The 1,797 handwritten digits that come with scikit-learn."""
    bunch = load_digits()
    return (bunch.images * 255 / 16).round().astype(np.uint8), bunch.target.astype(np.int32)


def fashion(n: int = 60_000) -> Dataset:
    """The first n training images of Fashion-MNIST. FileNotFoundError where it is absent."""
    images = _idx(FASHION / "train-images-idx3-ubyte.gz", header=16).reshape(-1, 28, 28)
    labels = _idx(FASHION / "train-labels-idx1-ubyte.gz", header=8)
    return images[:n], labels[:n].astype(np.int32)


def events_of_run(
    folder: Path, images: NDArray[Any], labels: LabelVector, config: dict[str, Any]
) -> Iterator[Event]:
    """Train through the product on an .npz in `folder`; the run lies in folder/p.winnow."""
    source, project = folder / "images.npz", folder / "p.winnow"
    np.savez(source, images=images, labels=labels)
    (project / "runs").mkdir(parents=True)
    n_classes = int(labels.max()) + 1
    return train(
        TrainRequest(
            project=project,
            source=OpenRequest((str(source),)).to_message(),
            labels=labels,
            included=np.ones(len(labels), bool),
            class_names=tuple(str(code) for code in range(n_classes)),
            config=config,
        )
    )


def _idx(path: Path, header: int) -> NDArray[np.uint8]:
    with gzip.open(path) as file:
        return np.frombuffer(file.read(), np.uint8, offset=header)
