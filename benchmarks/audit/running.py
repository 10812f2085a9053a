"""Audits splits in memory: in this process without a run, or by the whole program."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.damage import Triplet
from models.audit.material import AuditMaterial, Predictions
from models.audit.session import checked
from models.auditing import auditing
from models.data.facts import image_facts
from models.data.fingerprint import content_hash
from models.training.images import TrainingImages
from models.training_run import training_run
from models.types import DatasetInfo, Events, Finished, OpenRequest

_EPOCHS = 16  # not minutes: what is found must not depend on how busy the machine is


def audited(triplet: Triplet, *, whole: bool) -> tuple[dict[str, Any], float]:
    """The JSON of `winnow audit` for a triplet, and the seconds it took, training included."""
    began = time.monotonic()
    if not whole:
        names = tuple(str(code) for code in range(triplet.n_classes))
        events = checked(material_of(triplet.images, triplet.labels, names))
        return _result(events), time.monotonic() - began
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "splits.npz")
        arrays: dict[str, Any] = {f"x_{name}": images for name, images in triplet.images.items()}
        arrays.update({f"y_{name}": labels for name, labels in triplet.labels.items()})
        np.savez(source, **arrays)
        request, project = OpenRequest((str(source),)), Path(folder, "p.winnow")
        for _ in training_run(request, project, {"epochs": _EPOCHS}):
            pass
        return _result(auditing(request, project)), time.monotonic() - began


def material_of(
    images: Mapping[str, NDArray[Any]],
    labels: Mapping[str, NDArray[Any]],
    names: tuple[str, ...],
    predictions: Predictions | None = None,
) -> AuditMaterial:
    """Splits (n, h, w, c) uint8 in memory as an audit sees them."""
    pixels = np.concatenate(list(images.values()))
    every = np.concatenate(list(labels.values())).astype(np.int32)
    n, codes = len(pixels), np.repeat(np.arange(len(images)), [len(x) for x in images.values()])
    hashes = np.array([np.frombuffer(content_hash(image), np.uint8) for image in pixels])
    info = DatasetInfo(
        kind="npz",
        name="made",
        n=n,
        splits={name: len(x) for name, x in images.items()},
        class_names=names,
        image_shape=pixels.shape[1:],
        dtype="uint8",
        value_range=(0.0, 255.0),
        labelled=n,
        unlabelled=0,
        unreadable=0,
        sentence="",
    )
    return AuditMaterial(
        info,
        TrainingImages(pixels, np.ones(n, bool), hashes),
        image_facts(np.arange(n), pixels),
        tuple(str(i) for i in range(n)),
        every,
        np.ones(n, bool),
        names,
        predictions,
        split_codes=codes.astype(np.uint8),
    )


def _result(events: Events) -> dict[str, Any]:
    for event in events:
        if isinstance(event, Finished):
            return event.result
    raise AssertionError("an audit ends with Finished")
