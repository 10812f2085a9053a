"""A page that shows what is in a dataset, and judges nothing: counts, images, map, changes."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from models.audit.charts import BarChart, bar_chart
from models.data.maps import kept_map
from models.data.pages import MOST_BYTES, Picture, check_page, picture, render, write_page
from models.data.project import Project
from models.opening import Labelling, read_labelling, to_read
from models.processes.reading import ReaderClient
from models.ranking import ScoresNow, scores_now, shown_run
from models.review.balance import class_counts
from models.review.classes import ClassList
from models.review.confusion import MatrixAsked, matrix
from models.review.decisions import Status
from models.review.replay import status_counts
from models.review.rescore import most_likely
from models.types import (
    UNLABELLED,
    DatasetInfo,
    Event,
    Events,
    Finished,
    LabelVector,
    OpenRequest,
    Progress,
    SampleIds,
    StatusVector,
)

_OF_EACH = 10  # images
_MOST = 1_200  # images in a page
_FEW = 300  # up to so many are larger, and small ones kept bit for bit
_LARGE_PX, _SMALL_PX = 144, 56  # of few images, which are shown smaller, and of many
_LARGE_BOX, _SMALL_BOX = 96, 64  # px that one is shown in
_MOST_ROWS = 60  # of a table of classes; of more, a chart shows the largest and smallest
_AT_A_TIME = 200
_PAIRS, _CHANGES = 15, 50
_POINTS = 20_000
_MAP_WIDTH, _MAP_HEIGHT = 1_000, 700
_COLOURS = 8
_NAMES = 40  # more of them on a map cannot be read


@dataclass(frozen=True)
class _Cloud:
    """The images of a class on the map, as the `d` of an SVG path of dots."""

    name: str
    colour: int
    points: str
    x: int
    y: int


@dataclass(frozen=True)
class _Known:
    """A dataset as the page shows it; labels and status are as they stand now."""

    info: DatasetInfo
    given: LabelVector
    labels: LabelVector
    status: StatusVector
    classes: ClassList
    scores: ScoresNow | None
    project: Project | None


def reporting(request: OpenRequest, path: Path) -> Events:
    """Write the page of a source or a project, which is only read.

    Of a project it also shows the labels as they stand, what was changed, and where there is a run
    or a map, those. Yields Progress, at last Finished with the figures.

    Raises
    ------
    DatasetError, ProjectError, WinnowError
        If the source cannot be read or is not the one of the project any more, or the page cannot
        be written.
    """
    check_page(path)
    request, project = to_read(request)
    with closing(ReaderClient()) as reader:
        opened = yield from reader.opened(request)
        known = _known(DatasetInfo.from_message(opened.info), opened.given, project)
        drawn = _drawn(known)
        samples = yield from _samples(known, drawn, reader)
    figures = _figures(known)
    shown = [sample for sample in samples if sample["pictures"]]
    html = render(
        "report.html",
        info=known.info,
        labelled=int(np.count_nonzero(known.labels != UNLABELLED)),
        chart=_chart(figures["classes"]) if len(figures["classes"]) > _MOST_ROWS else None,
        box=_LARGE_BOX if sum(len(ids) for _, ids in drawn) <= _FEW else _SMALL_BOX,
        project=project is not None,
        run=known.scores.run if known.scores else 0,
        map=_map(known),
        samples=shown,
        n_each=_each(known),
        n_left_out=len(drawn) - len(shown),
        **figures,
    )
    write_page(path, html)
    yield Finished({"path": str(path), "name": known.info.name, "n": known.info.n, **figures})


def _known(info: DatasetInfo, given: LabelVector, project: Project | None) -> _Known:
    if project is None:
        pending = np.zeros(info.n, np.uint8)
        return _Known(info, given, given, pending, ClassList.of(info.class_names), None, None)
    with project.journal(read_only=True) as journal:
        own: Labelling = read_labelling(journal, info, given)
    scores = scores_now(project.runs_dir, shown_run(project), own.labels, own.classes)
    return _Known(info, given, own.labels, own.status, own.classes, scores, project)


# -- figures ----------------------------------------------------------------------------
def _figures(known: _Known) -> dict[str, Any]:
    """All that is counted; part of the JSON."""
    changed = _changed(known)
    counts = status_counts(known.status) if known.project else {}
    return {
        "splits": known.info.splits,
        "classes": _classes(known),
        "states": {state.name.lower().replace("_", " "): n for state, n in counts.items()},
        "changed": changed[:_CHANGES],
        "n_changed": sum(one["n"] for one in changed),
        "confused": _confused(known),
    }


def _classes(known: _Known) -> list[dict[str, Any]]:
    names, splits = known.classes.names, known.info.splits
    labels = known.classes.standing(known.labels)
    counts = class_counts(labels, known.info.split_codes(), len(splits), len(names))
    return [
        {"name": names[code], "counts": counts[:, code].tolist(), "n": int(counts[:, code].sum())}
        for code in known.classes.offered()
    ]


def _changed(known: _Known) -> list[dict[str, Any]]:
    """Which labels became which, most often first."""
    moved = np.flatnonzero(known.given != known.labels)
    pairs = np.stack([known.given[moved], known.labels[moved]], axis=1)
    pairs, counts = np.unique(pairs, axis=0, return_counts=True)
    return [
        {"from": _name(known, pairs[i, 0]), "to": _name(known, pairs[i, 1]), "n": int(counts[i])}
        for i in np.argsort(-counts, kind="stable").tolist()
    ]


def _confused(known: _Known) -> list[dict[str, Any]]:
    if known.scores is None:
        return []
    asked = MatrixAsked(corrected=True, rates=False)
    predicted = most_likely(known.scores.probabilities)
    splits = known.info.split_codes()
    found = matrix(asked, known.labels, predicted, known.status, splits, known.classes)
    return [
        {
            "label": _name(known, pair.label),
            "predicted": _name(known, pair.predicted),
            "n": pair.count,
            "of": pair.n_label,
        }
        for pair in found.pairs[:_PAIRS]
    ]


def _chart(classes: Sequence[dict[str, Any]]) -> BarChart:
    names, values = ([one[what] for one in classes] for what in ("name", "n"))
    return bar_chart(
        {"title": "Images of each class", "labels": names, "series": {"images": values}}
    )


def _name(known: _Known, code: int) -> str:
    return known.classes.names[code] if code >= 0 else ""


# -- pictures ---------------------------------------------------------------------------
def _each(known: _Known) -> int:
    """How many images of each class the page has room for; 0 where none has a label."""
    if (known.labels == UNLABELLED).all():
        return 0
    return max(1, min(_OF_EACH, _MOST // max(1, len(known.classes.offered()))))


def _drawn(known: _Known) -> list[tuple[str, SampleIds]]:
    """Images of each class at random, always the same ones; without labels, of them all."""
    rng = np.random.default_rng(0)
    labels = known.classes.standing(known.labels)
    shuffled = rng.permutation(np.flatnonzero(known.status != Status.EXCLUDED))
    by_class = shuffled[np.argsort(labels[shuffled], kind="stable")]
    n_each, drawn = _each(known), []
    if not n_each:
        return [("without a label", np.sort(by_class[:_OF_EACH]))]
    for code in known.classes.offered():
        first = np.searchsorted(labels[by_class], code)
        last = np.searchsorted(labels[by_class], code, side="right")
        if last > first:
            drawn.append((known.classes.names[code], by_class[first:last][:n_each]))
    return drawn


def _samples(
    known: _Known, drawn: Sequence[tuple[str, SampleIds]], reader: ReaderClient
) -> Generator[Event, None, list[dict[str, Any]]]:
    """The same with pictures, as many as the page has room for."""
    ids = np.concatenate([np.empty(0, np.int64), *(of_class for _, of_class in drawn)])[:_MOST]
    is_few = len(ids) <= _FEW
    pictures: list[tuple[int, Picture]] = []
    left = MOST_BYTES
    for start in range(0, len(ids), _AT_A_TIME):
        yield Progress(start, len(ids), "making the page")
        some = ids[start : start + _AT_A_TIME]
        seen = reader.thumbnails(some, _LARGE_PX if is_few else _SMALL_PX)
        for sample, pixels in zip(some.tolist(), seen, strict=True):
            made = picture(pixels, lossless=is_few)
            left -= len(made.uri)
            if left > 0:
                pictures.append((sample, made))
    by_id = dict(pictures)
    return [
        {"name": name, "pictures": [(i, by_id[i]) for i in of_class.tolist() if i in by_id]}
        for name, of_class in drawn
    ]


# -- the map ----------------------------------------------------------------------------
def _map(known: _Known) -> dict[str, Any] | None:
    """The kept map of the run that is shown, else that of the pixels; None without one."""
    if known.project is None:
        return None
    runs = (known.scores.run, 0) if known.scores else (0,)
    maps = (kept_map(known.project.path, run, known.info.n) for run in runs)
    kept = next((one for one in maps if one is not None), None)
    if kept is None:
        return None
    usable = np.flatnonzero(
        np.isfinite(kept.layout).all(axis=1) & (known.status != Status.EXCLUDED)
    )
    shown = usable
    if len(usable) > _POINTS:
        shown = np.random.default_rng(0).choice(usable, _POINTS, replace=False)
    if not len(shown):
        return None
    low, high = kept.layout[shown].min(axis=0), kept.layout[shown].max(axis=0)
    scale = min(_MAP_WIDTH / max(high[0] - low[0], 1e-6), _MAP_HEIGHT / max(high[1] - low[1], 1e-6))
    places = np.rint((kept.layout[shown] - low) * scale).astype(np.int64)
    places[:, 1] = int((high[1] - low[1]) * scale) - places[:, 1]  # up is up, as in the window
    labels = known.classes.standing(known.labels)[shown]
    codes = np.unique(labels).tolist()
    largest = set(np.argsort(-np.bincount(labels + 1), kind="stable")[:_NAMES].tolist())
    return {
        "run": kept.run,
        "width": int((high[0] - low[0]) * scale),
        "height": int((high[1] - low[1]) * scale),
        "n": len(usable),
        "n_shown": len(shown),
        "clouds": [
            _cloud(known, code, places[labels == code], code + 1 in largest) for code in codes
        ],
    }


def _cloud(known: _Known, code: int, places: SampleIds, is_named: bool) -> _Cloud:
    x, y = np.median(places, axis=0).astype(int).tolist()
    points = "".join(f"M{left} {top}h.1" for left, top in places.tolist())
    name = _name(known, code) if is_named else ""
    return _Cloud(name, max(code, 0) % _COLOURS + 1, points, x, y)
