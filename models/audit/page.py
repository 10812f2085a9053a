"""The page of an audit: every finding with its words, the images that prove it and its plot."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from models.audit.charts import BarChart, bar_chart, number_text
from models.audit.verdict import MARKS, Result, counts_of, in_words, verdict
from models.data.pages import MOST_BYTES, Picture, picture, render, write_page
from models.processes.reading import ReaderClient
from models.types import Event, Events, LabelVector, OpenRequest, Progress, SampleIds

_THUMBNAIL_PX = 96
_MOST, _MOST_OF_ONE, _FEWEST_OF_ONE = 480, 24, 4  # images in a page, and of a finding
_AT_A_TIME = 64


@dataclass(frozen=True)
class Shown:
    """An image of the dataset with what it is called."""

    sample_id: int
    path: str
    label: str  # class name; empty where it has none
    picture: Picture


@dataclass(frozen=True)
class _Entry:
    """A finding with all that its part of the page shows."""

    anchor: str
    said: Mapping[str, Any]  # the finding, as the JSON has it
    kind: str
    mark: str
    effect: str
    cause: str  # anchor of the finding it follows from
    explains: tuple[str, ...]  # anchors
    shown: tuple[Shown, ...]
    chart: BarChart | None


def writing_audit_page(
    path: Path,
    result: Result,
    request: OpenRequest,
    labels: LabelVector,
    class_names: Sequence[str],
) -> Events:
    """Write the page of an audit from its JSON: yields Progress, and is done when it ends.

    Parameters
    ----------
    request : OpenRequest
        The source, which is opened once more for the images.
    labels : int32 (n,)
        As the audit saw them.

    Raises
    ------
    WinnowError
        If the page cannot be written, or the source not be read.
    """
    wanted = [number for ids in _wanted(result) for number in ids]
    shown: dict[int, Shown] = {}
    if wanted:
        with closing(ReaderClient()) as reader:
            yield from reader.opened(request)
            shown = yield from _looked_at(reader, np.unique(wanted), labels, class_names)
    write_page(path, audit_page(result, shown))


def audit_page(result: Result, shown: Mapping[int, Shown]) -> str:
    """The page as HTML. Images by sample id; those that are not among them are named only."""
    return render(
        "audit.html",
        result=result,
        verdict=verdict(result),
        counts=counts_of(result),
        entries=list(_entries(result, shown)),
        marks=MARKS,
    )


def _wanted(result: Result) -> list[list[int]]:
    """The images of each finding that the page has room for."""
    findings = result["findings"]
    each = max(_FEWEST_OF_ONE, min(_MOST_OF_ONE, _MOST // max(1, len(findings))))
    return [one["samples"][:each] for one in findings]


def _looked_at(
    reader: ReaderClient, ids: SampleIds, labels: LabelVector, class_names: Sequence[str]
) -> Generator[Event, None, dict[int, Shown]]:
    shown: dict[int, Shown] = {}
    for start in range(0, len(ids), _AT_A_TIME):
        yield Progress(start, len(ids), "making the page")
        some = ids[start : start + _AT_A_TIME]
        seen = zip(
            some.tolist(),
            reader.paths(some),
            labels[some].tolist(),
            reader.thumbnails(some, _THUMBNAIL_PX),
            strict=True,
        )
        for sample, path, label, pixels in seen:
            name = class_names[label] if label >= 0 else ""
            shown[sample] = Shown(sample, path, name, picture(pixels))
    return shown


def _entries(result: Result, shown: Mapping[int, Shown]) -> Iterator[_Entry]:
    findings = result["findings"]
    anchors = {one["id"]: f"finding-{number}" for number, one in enumerate(findings, 1)}
    left = MOST_BYTES
    for number, (one, ids) in enumerate(zip(findings, _wanted(result), strict=True), 1):
        images = []
        for image in (shown[i] for i in ids if i in shown):
            if len(image.picture.uri) > left:
                break
            left -= len(image.picture.uri)
            images.append(image)
        yield _Entry(
            f"finding-{number}",
            one,
            in_words(one["kind"]),
            MARKS[one["severity"]],
            _effect(one),
            anchors.get(one["explained_by"], ""),
            tuple(anchors[other["id"]] for other in findings if other["explained_by"] == one["id"]),
            tuple(images),
            bar_chart(one["plot"]) if one["plot"] and one["plot"]["labels"] else None,
        )


def _effect(finding: Mapping[str, Any]) -> str:
    """Its size with the interval, as numbers: the sentence says of what."""
    if finding["effect"] is None:
        return ""
    text = number_text(finding["effect"])
    if finding["ci95"]:
        low, high = map(number_text, finding["ci95"])
        text += f" (95% interval {low} to {high})"
    return text
