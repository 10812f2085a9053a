"""Content hashes of a project's images: what re-matching later knows an image by."""

from __future__ import annotations

from collections.abc import Generator

import numpy as np

from models.data.fingerprint import content_hash
from models.data.placing import replace_file
from models.data.project import Project
from models.data.rematch import ContentHashes, stored_hashes
from models.data.writers.material import read_bounded
from models.processes.reading import ReaderClient, Unreadable
from models.types import Event, Events, Finished, OpenRequest, Progress, SampleIds

_BATCH = 64
_MOST_IN_A_FOLD = 10_000  # a bulk change must not make publishing labels read every pixel


def hashing(reader: ReaderClient, sample_ids: SampleIds) -> Generator[Event, None, ContentHashes]:
    """Read images and hash them: Progress, then uint8 (m, 16), zeros where unreadable."""
    hashes = np.zeros((len(sample_ids), 16), np.uint8)
    yield Progress(0, len(sample_ids), "reading images")
    for start, images in read_bounded(sample_ids, reader, _BATCH):
        yield Progress(start, len(sample_ids), "reading images")
        for place, image in enumerate(images, start):
            if not isinstance(image, Unreadable):
                hashes[place] = np.frombuffer(content_hash(image), np.uint8)
    return hashes


def hashing_all(project: Project, request: OpenRequest, reader: ReaderClient) -> Events:
    """Record what all images look like: Progress, then Finished with {"n"}, those read for it."""
    known = stored_hashes(project, project.meta("n"))
    missing = np.flatnonzero(~known.any(axis=1))
    if len(missing):
        yield from reader.opened(request)
        known[missing] = yield from hashing(reader, missing)
        keep_hashes(project, known)
    yield Finished({"n": len(missing)})


def hash_decided(
    project: Project, decided: SampleIds, request: OpenRequest, reader: ReaderClient
) -> Generator[Event, None, None]:
    """Record what decided images look like, so that a decision can follow its image."""
    known = stored_hashes(project, project.meta("n"))
    missing = decided[~known[decided].any(axis=1)][:_MOST_IN_A_FOLD]
    if len(missing):
        yield from reader.opened(request)
        known[missing] = yield from hashing(reader, missing)
        keep_hashes(project, known)


def keep_hashes(project: Project, hashes: ContentHashes) -> None:
    """Write the hashes of all n images, whole."""
    replace_file(project.content_hash_path, lambda file: np.save(file, hashes))
