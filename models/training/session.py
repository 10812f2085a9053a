"""A run from the first pixel to the last score, as a stream of events."""

from __future__ import annotations

import time
from collections.abc import Generator
from pathlib import Path

from models.data.audits import related_images
from models.data.project import check_unchanged
from models.errors import TrainingError
from models.processes.child import Controls
from models.processes.reading import ReaderClient
from models.processes.training import TrainRequest
from models.training.images import TrainingImages, read_images
from models.training.material import Material, learnable
from models.training.origin import Origin
from models.training.roles import assign_roles
from models.training.steering import Finish, Steering
from models.types import DatasetInfo, DatasetOpened, Event, Events, OpenRequest, Progress


def run_session(request: TrainRequest, controls: Controls, reader: ReaderClient) -> Events:
    """Do what a TrainRequest asks, in this process; the trainer child serves these events."""
    began, steering = time.monotonic(), Steering(controls)
    origin = Origin.of(request)
    try:
        info, images = yield from _reading(request, reader, steering, origin)
    except Finish:  # nothing was begun, so there is nothing to keep
        return
    from models.training.run import Run  # here, for torch takes seconds to load: see trainer.py

    material = _material(request, origin, info, images)
    run = Run(Path(request.project), origin, material, steering, began)
    try:
        yield from run.events()
    except Exception as error:
        run.fail(error)
        raise


def _reading(
    request: TrainRequest, reader: ReaderClient, steering: Steering, origin: Origin
) -> Generator[Event, None, tuple[DatasetInfo, TrainingImages]]:
    info = None
    for event in reader.opening(OpenRequest.from_message(request.source)):
        if isinstance(event, DatasetOpened):
            info = DatasetInfo.from_message(event.info)
        yield from steering.reading(0.0)
    assert info is not None
    check_unchanged(Path(request.project), info)
    if info.n != len(request.labels):  # asked without a project that could have told
        raise TrainingError(
            f"has {info.n:,} images now, and {len(request.labels):,} labels were given",
            info.name,
            "Open the dataset again; no decision is lost.",
        )
    images = yield from _as_progress(
        read_images(reader, info, Path(request.project), origin.shape), steering
    )
    reader.close()
    return info, images


def _as_progress(
    work: Generator[Event, None, TrainingImages], steering: Steering
) -> Generator[Event, None, TrainingImages]:
    """What reading returns; its Progress is told as that of the run."""
    while True:
        try:
            event = next(work)
        except StopIteration as end:
            images: TrainingImages = end.value
            return images
        if isinstance(event, Progress):
            yield from steering.reading(event.done / event.total)


def _material(
    request: TrainRequest, origin: Origin, info: DatasetInfo, images: TrainingImages
) -> Material:
    """Everything the run works on; a resumed run keeps the labels, classes and roles it began
    with."""
    splits, codes = tuple(info.splits), info.split_codes()
    if origin.resumed is not None:
        labels, roles = origin.labels_and_roles(info.n)
    else:
        labels = request.labels
        roles = assign_roles(
            splits,
            codes,
            learnable(labels, info.not_of_dataset),
            request.included,
            images.readable,
            images.hashes,
            origin.seed,
            request.audited,
            origin.roles_before(info.n),
            related_images(Path(request.project), info),
        )
    if len(labels) and labels.max() >= len(origin.class_names):
        raise TrainingError("a label lies outside the classes", info.name, "Open it again.")
    return Material(
        images,
        labels,
        request.included,
        roles,
        splits,
        codes,
        origin.class_names,
        info.not_of_dataset,
        request.decided,
    )
