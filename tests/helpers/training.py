"""A dataset that learns in a moment, and a reader of it that needs no process."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from models.data.runs import load_scores
from models.processes.child import Controls
from models.processes.reading import ReaderClient, Unreadable
from models.processes.training import TrainRequest
from models.training.images import TrainingImages
from models.training.material import Material
from models.training.session import run_session
from models.types import (
    DatasetInfo,
    DatasetOpened,
    Event,
    Events,
    LabelVector,
    OpenRequest,
    Pixels,
    RunScores,
    SampleIds,
)

E = TypeVar("E", bound=Event)
FAST: dict[str, Any] = {"epochs": 2, "width": 4, "dtype": "float32", "threads": 1, "batch": 32}


def bars(n: int = 120, n_classes: int = 3, side: int = 8) -> tuple[list[Pixels], LabelVector]:
    """Grey images with a bright bar whose place tells the class."""
    rng = np.random.default_rng(0)
    labels = np.arange(n, dtype=np.int32) % n_classes
    images = rng.integers(0, 80, (n, side, side, 1)).astype(np.uint8)
    for image, label in zip(images, labels, strict=True):
        image[:, (2 * label) % side] += 150
    return list(images), labels


class ArrayReader:
    """What the trainer needs of a ReaderClient, from a list in memory."""

    def __init__(
        self,
        images: list[Pixels | Unreadable],
        splits: dict[str, int] | None = None,
        n_classes: int = 3,
        not_of_dataset: int = -1,
    ) -> None:
        readable = [image for image in images if not isinstance(image, Unreadable)]
        shapes = {image.shape for image in readable}
        self._images = images
        self._info = DatasetInfo(
            kind="npz",
            name="bars",
            n=len(images),
            splits=splits or {"all": len(images)},
            class_names=tuple(f"bar {i}" for i in range(n_classes)),
            image_shape=shapes.pop() if len(shapes) == 1 else None,
            dtype=str(readable[0].dtype) if readable else "uint8",
            value_range=(0.0, 255.0),
            labelled=len(images),
            unlabelled=0,
            unreadable=len(images) - len(readable),
            sentence="",
            not_of_dataset=not_of_dataset,
        )

    def opening(self, request: OpenRequest) -> Events:
        yield DatasetOpened(self._info.to_message(), np.zeros(self._info.n, np.int32))

    def read(self, sample_ids: SampleIds, *, wait: bool = True) -> list[Pixels | Unreadable]:
        return [self._images[i] for i in sample_ids]

    def close(self) -> None:
        pass


def request_for(
    project: Path, labels: LabelVector, n_classes: int = 3, **more: Any
) -> TrainRequest:
    """A fast run on `labels`; `more` are fields of TrainRequest."""
    (project / "runs").mkdir(parents=True, exist_ok=True)
    fields: dict[str, Any] = {
        "included": np.ones(len(labels), bool),
        "class_names": tuple(f"bar {i}" for i in range(n_classes)),
        "config": FAST,
        **more,
    }
    source = OpenRequest(("/bars.npz",)).to_message()
    return TrainRequest(project, source, labels, **fields)


def session(
    request: TrainRequest, images: list[Any], controls: Controls | None = None, **more: Any
) -> Events:
    """The events of a run in this process."""
    reader = ArrayReader(images, **more)
    return run_session(request, controls or Controls(), cast(ReaderClient, reader))


def scores_of(project: Path, run: int = 1) -> RunScores:
    """The newest scores of a run."""
    scores = load_scores(project / "runs", run)
    assert scores is not None
    return scores


def only(events: list[Event], kind: type[E]) -> list[E]:
    return [event for event in events if isinstance(event, kind)]


def material(
    labels: LabelVector,
    roles: NDArray[np.uint8],
    n_classes: int,
    splits: dict[str, int] | None = None,
    not_of_dataset: int = -1,
) -> Material:
    """What a run on these labels would work on; no image is a copy of another."""
    n = len(labels)
    splits = splits or {"all": n}
    pixels, hashes = np.zeros((n, 1, 1, 1), np.uint8), np.zeros((n, 16), np.uint8)
    hashes[:, :4] = np.arange(n, dtype=np.uint32)[:, None].view(np.uint8)
    return Material(
        images=TrainingImages(pixels, np.ones(n, bool), hashes),
        labels=labels.astype(np.int32),
        included=np.ones(n, bool),
        roles=roles.astype(np.uint8),
        splits=tuple(splits),
        split_codes=np.repeat(np.arange(len(splits)), list(splits.values())).astype(np.uint8),
        class_names=tuple(f"class {i}" for i in range(n_classes)),
        not_of_dataset=not_of_dataset,
    )
