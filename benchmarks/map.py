"""The 2-D map: how soon it is there and how well it keeps what looks alike together."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray
from sklearn.neighbors import NearestNeighbors

from benchmarks.report import Row
from benchmarks.timing import percentile
from benchmarks.trained import fashion
from models.processes.mapping import MapRequest, make_map
from models.review.colouring import anchors, by_group
from models.review.positions import Positions
from models.types import LabelVector, MapLaidOut, OpenRequest
from qtapp.jobs.map_drawing import Frame, Ink, draw

_N = 60_000
_AT_MOST_S, _AGREEMENT = 30.0, 0.85
_NEIGHBOURS, _JUDGED = 15, 10_000
_MANY, _ROUNDS = 1_000_000, 9
_LASSO_CORNERS = 300


def measure() -> list[Row]:
    """The layout of Fashion-MNIST's pixels, then drawing and lasso at a million images."""
    return [*_layout(), *_looking_around()]


def _layout() -> list[Row]:
    try:
        images, labels = fashion(_N)
    except FileNotFoundError:
        return [Row.skipped("layout of Fashion-MNIST", "Fashion-MNIST is not here")]
    began, first, last = time.perf_counter(), 0.0, None
    with TemporaryDirectory() as folder:
        source = Path(folder) / "images.npz"
        np.savez(source, images=images, labels=labels)
        request = MapRequest(Path(folder), OpenRequest((str(source),)).to_message(), _N)
        for event in make_map(request):
            if isinstance(event, MapLaidOut):
                first = first or time.perf_counter() - began
                last = event
    assert last is not None
    took, what = time.perf_counter() - began, f"map of {_N:,} images by their pixels"
    return [
        Row.value_of(f"{what}, start of the child to kept", took, "s", at_most=_AT_MOST_S),
        Row.value_of(f"{what}, first sight", first, "s"),
        Row.value_of(
            f"{what}, labels that {_NEIGHBOURS} neighbours on it agree with",
            _agreement(last.layout, labels),
            "",
            at_least=_AGREEMENT,
        ),
    ]


def _agreement(layout: NDArray[np.float32], labels: LabelVector) -> float:
    """Share of images whose label is the most frequent one among their neighbours."""
    judged = np.random.default_rng(0).choice(len(layout), _JUDGED, replace=False)
    search = NearestNeighbors(n_neighbors=_NEIGHBOURS + 1).fit(layout)
    near = search.kneighbors(layout[judged], return_distance=False)[:, 1:]
    counts = (labels[near][:, :, None] == np.arange(labels.max() + 1)).sum(axis=1)
    return float((counts.argmax(axis=1) == labels[judged]).mean())


def _looking_around() -> list[Row]:
    rng = np.random.default_rng(0)
    groups = rng.integers(0, 10, _MANY)
    turns = groups * (2 * np.pi / 10)
    middles = 10 * np.stack([np.cos(turns), np.sin(turns)], axis=1)
    positions = Positions((middles + rng.normal(0, 3, (_MANY, 2))).astype(np.float32))
    colouring = by_group(groups, 10)
    colours = (255 * rng.random((11, 3))).astype(np.float32)
    ink = Ink(colours, np.ones(11, np.float32), np.zeros(11, np.uint8), 3.6, 2)
    nothing = np.zeros(_MANY, bool)
    half = np.arange(_MANY) % 2 == 0
    whole, near = Frame(positions.extent, 1800, 600), Frame((9.0, 0.0, 9.6, 0.2), 1800, 600)
    turn = np.linspace(0, 2 * np.pi, _LASSO_CORNERS)
    reach = 9 * (1 + 0.2 * np.sin(9 * turn))
    lasso = np.stack([reach * np.cos(turn), reach * np.sin(turn)], axis=1)
    codes = colouring.codes
    return [
        _timed("draw all as density", lambda: draw(positions, codes, nothing, 0, whole, ink)),
        _timed(
            "draw all, half selected",
            lambda: draw(positions, codes, half, _MANY // 2, whole, ink),
        ),
        _timed("draw points, near", lambda: draw(positions, codes, nothing, 0, near, ink)),
        _timed("colour by class", lambda: anchors(positions, by_group(groups, 10))),
        _timed(f"lasso of {_LASSO_CORNERS} corners", lambda: positions.inside(lasso), at_most=100),
        _timed("image under the pointer", lambda: positions.nearest(3.0, 4.0, 0.1)),
    ]


def _timed(what: str, work: Callable[[], object], at_most: float | None = None) -> Row:
    took = []
    for _ in range(_ROUNDS):
        began = time.perf_counter()
        work()
        took.append(1e3 * (time.perf_counter() - began))
    spread = (min(took), percentile(took, 0.95))
    return Row.value_of(
        f"{what}, {_MANY:,} images", median(took), "ms", spread=spread, at_most=at_most
    )
