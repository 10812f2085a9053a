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

SHARED = Path(__file__).parents[2] / "shared" / "data"
FASHION, CIFAR = SHARED / "fashion-mnist", SHARED / "cifar10"

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


def fashion_test() -> Dataset:
    """The 10,000 test images of Fashion-MNIST."""
    images = _idx(FASHION / "t10k-images-idx3-ubyte.gz", header=16).reshape(-1, 28, 28)
    return images, _idx(FASHION / "t10k-labels-idx1-ubyte.gz", header=8).astype(np.int32)


def cifar(n: int = 50_000) -> Dataset:
    """The first n training images of CIFAR-10, (n, 32, 32, 3). FileNotFoundError without it."""
    files = [CIFAR / f"cifar10_train_{number}.npz" for number in range(1, -(-n // 10_000) + 1)]
    parts, labels = zip(*map(_decoded, files), strict=True)
    return np.concatenate(parts)[:n], np.concatenate(labels)[:n]


def cifar_test() -> Dataset:
    """The 10,000 test images of CIFAR-10."""
    return _decoded(CIFAR / "cifar10_test.npz")


def cifar_by_people(which: str) -> LabelVector:
    """The labels that people gave to these images: CIFAR-10N `aggre`, `worst`, `random1`, ..."""
    with np.load(CIFAR / "cifar10n_labels.npz") as arrays:
        labels: LabelVector = arrays[which].astype(np.int32)
    return labels


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


def _decoded(path: Path) -> Dataset:
    with np.load(path) as arrays:
        coded = arrays["coded"]  # (3, m, 32, 32) differences, as shared/data/README.md says
        labels = arrays["labels"].astype(np.int32)
    planes = coded.cumsum(axis=2, dtype=np.uint8).cumsum(axis=3, dtype=np.uint8)
    planes[0] += planes[1]
    planes[2] += planes[1]
    return planes.transpose(1, 2, 3, 0), labels


def _idx(path: Path, header: int) -> NDArray[np.uint8]:
    with gzip.open(path) as file:
        return np.frombuffer(file.read(), np.uint8, offset=header)
