"""Splits in memory as an audit sees them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.audit.running import material_of
from models.audit.finding import Finding
from models.audit.material import AuditMaterial, Predictions
from models.types import Event


def audit_material(
    images: Mapping[str, NDArray[Any]],
    labels: Mapping[str, NDArray[Any]],
    *,
    names: Sequence[str] = tuple("abcdefghij"),
    sure: float | None = None,
) -> AuditMaterial:
    """Splits (n, h, w, c) uint8 with labels. With `sure`, a model that learnt from the first split
    and is that sure of the class `truth` says, which is the label unless given otherwise."""
    every = np.concatenate(list(labels.values())).astype(np.int32)
    learnt = np.repeat(np.arange(len(images)) == 0, [len(x) for x in images.values()])
    model = None if sure is None else seeing(every, learnt, len(names), sure)
    return material_of(images, labels, tuple(names), model)


def seeing(
    classes: NDArray[np.int32], trained: NDArray[np.bool_], k: int, sure: float = 0.9
) -> Predictions:
    """A model that sees these classes, now less and now more surely."""
    n = len(classes)
    rng = np.random.default_rng(0)
    confidence = np.clip(rng.normal(sure, 0.05, n), 0.5, 0.999).astype(np.float32)
    probabilities = np.repeat(((1 - confidence) / (k - 1))[:, None], k, axis=1)
    probabilities[np.arange(n), classes] = confidence
    return Predictions(1, probabilities, trained, np.ones(n, bool), False)


def found_by(check: Any, material: AuditMaterial, before: Sequence[Finding] = ()) -> list[Finding]:
    return [event for event in check(material, before) if isinstance(event, Finding)]


def said_by(check: Any, material: AuditMaterial) -> list[Event]:
    return [event for event in check(material, ()) if not isinstance(event, Finding)]
