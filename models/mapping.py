"""Makes the 2-D map of a dataset from a run's embedding, or from its pixels where there is none."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator
from contextlib import closing
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from models.data.maps import keep_map
from models.data.project import check_unchanged
from models.data.runs import load_scores
from models.errors import DatasetError, ProjectError
from models.processes.mapping import MapRequest
from models.processes.reading import ReaderClient, Unreadable
from models.scoring.cell_search import CellSearch
from models.scoring.layout import Components, lay_out, placed_beside
from models.training.resizing import resized
from models.types import (
    DatasetInfo,
    Event,
    Events,
    MapLaidOut,
    OpenRequest,
    Progress,
    SampleIds,
)

LAID_OUT = 100_000  # of more images, so many are laid out and the others placed among them

_SEED = 0
_LAYOUT_S = 1.0  # between two layouts that are sent
_PLACED_AT_ONCE = 50_000
_READ_AT_ONCE = 1_024
_SIDE_PX = 16  # pixels are compared in images of this size

Vectors = NDArray[np.float32]


class _Images(Protocol):
    """What images are compared by."""

    epoch: int

    def vectors(self, sample_ids: SampleIds) -> Generator[Event, None, Vectors]:
        """(m, d) rows of NaN where an image has nothing to be compared by; yields Progress."""


def mapping(request: MapRequest) -> Events:
    """Lay out a dataset and keep the map: Progress, MapLaidOut so far, at last the final one.

    Raises
    ------
    DatasetError
        If there is nothing to compare: no image can be read, or none has an embedding.
    ProjectError
        If the source has changed since it was opened.
    """
    yield Progress(0, 0, "preparing")
    with closing(ReaderClient()) as reader:
        if request.run:
            yield from _made(_Embedded(request), request)
        else:
            opened = yield from reader.opened(OpenRequest.from_message(request.source))
            info = DatasetInfo.from_message(opened.info)
            check_unchanged(request.project, info)
            colours = (info.image_shape or (0, 0, 3))[2]
            yield from _made(_Seen(reader, colours), request)


def _made(images: _Images, request: MapRequest) -> Events:
    drawn = _drawn(request.n)
    layout = np.full((request.n, 2), np.nan, np.float32)
    raw = yield from images.vectors(drawn)
    usable = np.isfinite(raw).all(axis=1)
    drawn = drawn[usable]
    if not len(drawn):
        raise DatasetError("no image can be compared with another", remedy="There is no map of it.")
    components = Components.of(raw[usable])
    vectors = components.directions(raw[usable])
    del raw
    sent = -np.inf
    for step in lay_out(vectors, _SEED):
        yield Progress(round(1_000 * step.done), 1_000, _doing(step.layout is not None))
        if step.layout is not None:
            layout[drawn] = step.layout
            if time.monotonic() - sent > _LAYOUT_S:
                yield MapLaidOut(layout, request.run, images.epoch, len(drawn), final=False)
                sent = time.monotonic()
    if request.n > LAID_OUT:
        yield from _place_others(images, components, CellSearch(vectors, 4), layout, drawn)
    made = MapLaidOut(layout, request.run, images.epoch, len(drawn), final=True)
    try:
        keep_map(request.project, made)
    except OSError as error:
        raise ProjectError(
            f"the map could not be written ({error.strerror})",
            str(request.project),
            "Make room on this disk, then make the map again.",
        ) from error
    yield made


def _doing(descends: bool) -> str:
    return "laying out" if descends else "looking for neighbours"


def _drawn(n: int) -> SampleIds:
    """The images that are laid out: all, or a sample of them in their order."""
    if n <= LAID_OUT:
        return np.arange(n)
    return np.sort(np.random.default_rng(_SEED).choice(n, LAID_OUT, replace=False))


def _place_others(
    images: _Images,
    components: Components,
    search: CellSearch,
    layout: Vectors,
    laid_out: SampleIds,
) -> Events:
    """Fill in the places of those that were not laid out."""
    places = layout[laid_out]
    others = np.setdiff1d(np.arange(len(layout)), laid_out, assume_unique=True)
    for start in range(0, len(others), _PLACED_AT_ONCE):
        ids = others[start : start + _PLACED_AT_ONCE]
        raw = yield from images.vectors(ids)
        usable = np.isfinite(raw).all(axis=1)
        vectors = components.directions(raw[usable])
        layout[ids[usable]] = placed_beside(search, places, vectors)
        yield Progress(start + len(ids), len(others), "placing the others")


class _Embedded:
    """Images by what a run's net makes of them."""

    def __init__(self, request: MapRequest) -> None:
        scores = load_scores(request.project / "runs", request.run)
        if scores is None or len(scores.embedding) != request.n:
            raise DatasetError(
                f"run {request.run} has no embedding of these images",
                remedy="Choose another run, or train again.",
            )
        self.epoch, self._embedding = scores.epoch, scores.embedding

    def vectors(self, sample_ids: SampleIds) -> Generator[Event, None, Vectors]:
        yield from ()  # the embedding is mapped: reading it takes no time worth telling
        return np.asarray(self._embedding[sample_ids], np.float32)


class _Seen:
    """Images by their own pixels, made small."""

    epoch = 0

    def __init__(self, reader: ReaderClient, colours: int) -> None:
        self._reader, self._shape = reader, (_SIDE_PX, _SIDE_PX, colours)

    def vectors(self, sample_ids: SampleIds) -> Generator[Event, None, Vectors]:
        found = np.full((len(sample_ids), int(np.prod(self._shape))), np.nan, np.float32)
        for start in range(0, len(sample_ids), _READ_AT_ONCE):
            ids = sample_ids[start : start + _READ_AT_ONCE]
            images = self._reader.thumbnails(ids, 2 * _SIDE_PX)
            for place, image in self._small(images):
                found[start + place] = image
            yield Progress(start + len(ids), len(sample_ids), "reading")
        return found

    def _small(self, images: list[Any]) -> Iterator[tuple[Any, Vectors]]:
        """Places among the images, and what these look like; those of one shape together."""
        shapes = {image.shape for image in images if not isinstance(image, Unreadable)}
        for shape in shapes:
            places = [
                place
                for place, image in enumerate(images)
                if not isinstance(image, Unreadable) and image.shape == shape
            ]
            yield np.array(places), self._of_one_shape(np.stack([images[i] for i in places]))

    def _of_one_shape(self, stack: NDArray[np.uint8]) -> Vectors:
        height, width, colours = self._shape
        if stack.shape[3] > colours:
            stack = stack.mean(axis=3, keepdims=True)
        m, h, w, c = stack.shape
        beside = stack.transpose(1, 2, 3, 0).reshape(h, w, c * m)
        small = resized(beside, height, width).reshape(height, width, c, m).transpose(3, 0, 1, 2)
        return np.broadcast_to(small, (m, height, width, colours)).reshape(m, -1)
