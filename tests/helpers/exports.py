"""An export of ours with a review in it, written without a project."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from models.data.writers.hdf5 import Hdf5Writer
from models.data.writers.snapshot import Snapshot
from models.review.decisions import Action
from models.types import OpenRequest
from tests.helpers.journals import Reviewer
from tests.helpers.sources import images

KEPT = np.array([1, 3, 4, 6, 7])  # what of 8 samples is in the file
GIVEN = (np.arange(8) % 2).astype(np.int32)
COLOUR = images(8, (9, 7, 3))
MIXED = [COLOUR[i, : 4 + i % 3] for i in range(8)]


def export(path: Path, pixels: Any = COLOUR, mixed: bool = False) -> tuple[OpenRequest, Reviewer]:
    """A review of 8 samples that added a class, of which five samples are exported."""
    reviewer = Reviewer(GIVEN)
    reviewer.decide(Action.SET, [3], label=2, added_class="wasp")
    reviewer.decide(Action.KEEP, [1, 2])
    reviewer.decide(Action.EXCLUDE, [0])
    reviewer.undo()
    whole = Snapshot(
        source={"name": "d", "kind": "npz", "fingerprint": {"parts": []}},
        class_names=("ant", "bee", "wasp"),
        split_names=("train", "test"),
        sample_ids=np.arange(8),
        splits=np.array([0] * 6 + [1] * 2, np.uint8),
        given=GIVEN,
        corrected=reviewer.labels,
        status=reviewer.status,
        content_hash=np.zeros((8, 16), np.uint8),
        log=reviewer.log,
        notes=reviewer.notes,
        reviewers=["ada"],
        last_seq=len(reviewer.log),
    )
    writer = Hdf5Writer(path)
    if pixels is not None:
        writer.start_images(None if mixed else pixels.shape[1:], pixels[0].dtype)
        writer.add_images([pixels[i] for i in KEPT])
    writer.finish(whole.take(np.isin(np.arange(8), KEPT)))
    return OpenRequest((str(path),)), reviewer
