"""The page of an audit: what to do, and every finding with its words, its images and its plot."""

from __future__ import annotations

import re
import shlex
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np

from models.audit.charts import BarChart, bar_chart
from models.audit.names import kind_name
from models.audit.verdict import (
    MARKS,
    MEANINGS,
    Result,
    counts_of,
    found_in_all,
    headline,
    in_a_row,
    not_checked,
    place,
    stopped,
)
from models.data.pages import MOST_BYTES, Picture, picture, render, write_page
from models.processes.reading import ReaderClient
from models.types import (
    UNLABELLED,
    DatasetInfo,
    Event,
    Events,
    LabelVector,
    OpenRequest,
    Progress,
    SampleIds,
)

_THUMBNAIL_PX = 144  # shown smaller, so that it is sharp on fine screens
_MOST, _MOST_OF_ONE, _FEWEST_OF_ONE = 480, 24, 4  # images in a page, and of a finding
_MOST_OF_A_NOTE, _MOST_OF_A_SYMPTOM = 12, 8
_AT_A_TIME = 64
_IN_AN_ARRAY = re.compile(r"\[\d+\]$")


@dataclass(frozen=True)
class Shown:
    """An image of the dataset with what it is called."""

    sample_id: int
    path: str
    label: str  # class name; empty where it has none
    picture: Picture
    split: str = ""
    looks: str = ""  # the class a model takes it for, where that is another one

    @property
    def file(self) -> str:
        """Its name, where it is a file of its own."""
        return "" if _IN_AN_ARRAY.search(self.path) else self.path.rpartition("/")[2]


@dataclass(frozen=True)
class _Entry:
    """A finding with all that its part of the page shows."""

    anchor: str
    said: Mapping[str, Any]  # the finding, as the JSON has it
    name: str
    mark: str
    effect: str  # a number,
    effect_of: str  # what it is of,
    interval: str  # and where it lies
    cause: _Link | None
    explains: tuple[_Link, ...]
    sets: tuple[tuple[Shown, ...], ...]  # what belongs together, as copies of one picture
    chart: BarChart | None
    command: str  # that carries out the remedy; empty where a person has to

    @property
    def n_shown(self) -> int:
        return sum(map(len, self.sets))


@dataclass(frozen=True)
class _Link:
    anchor: str
    name: str


@dataclass(frozen=True)
class Dataset:
    """What a page shows of a dataset beside the findings."""

    request: OpenRequest
    labels: LabelVector  # as the audit saw them
    class_names: Sequence[str]
    predicted: LabelVector | None = None  # by the model the audit used


def writing_audit_page(path: Path, result: Result, dataset: Dataset) -> Events:
    """Write the page of an audit from its JSON: yields Progress, and is done when it ends.

    The source is opened once more for the images.

    Raises
    ------
    WinnowError
        If the page cannot be written, or the source not be read.
    """
    wanted = [number for ids in _wanted(result) for number in ids]
    shown: dict[int, Shown] = {}
    if wanted:
        with closing(ReaderClient()) as reader:
            opened = yield from reader.opened(dataset.request)
            info = DatasetInfo.from_message(opened.info)
            shown = yield from _looked_at(reader, np.unique(wanted), info, dataset)
    write_page(path, audit_page(result, shown))


def audit_page(result: Result, shown: Mapping[int, Shown]) -> str:
    """The page as HTML. Images by sample id; those that are not among them are named only."""
    entries = list(_entries(result, shown))
    return render(
        "audit.html",
        result=result,
        headline=headline(result),
        found=found_in_all(result),
        stopped=stopped(result),
        counts=counts_of(result),
        todo=_todo(entries),
        serious=[one for one in entries if one.said["severity"] != "note"],
        notes=[one for one in entries if one.said["severity"] == "note"],
        marks=MARKS,
        meanings=MEANINGS,
        not_checked=not_checked(result),
        in_a_row=in_a_row,
        place=place,
    )


def _wanted(result: Result) -> list[list[int]]:
    """The images of each finding that the page has room for."""
    findings = result["findings"]
    each = max(_FEWEST_OF_ONE, min(_MOST_OF_ONE, _MOST // max(1, len(findings))))
    return [one["samples"][: min(each, _most_of(one))] for one in findings]


def _most_of(finding: Mapping[str, Any]) -> int:
    if finding["explained_by"]:
        return _MOST_OF_A_SYMPTOM
    return _MOST_OF_A_NOTE if finding["severity"] == "note" else _MOST_OF_ONE


def _looked_at(
    reader: ReaderClient, ids: SampleIds, info: DatasetInfo, dataset: Dataset
) -> Generator[Event, None, dict[int, Shown]]:
    splits, codes, labels = tuple(info.splits), info.split_codes(), dataset.labels
    looks = labels if dataset.predicted is None else dataset.predicted
    shown: dict[int, Shown] = {}
    for start in range(0, len(ids), _AT_A_TIME):
        yield Progress(start, len(ids), "making the page")
        some = ids[start : start + _AT_A_TIME]
        seen = zip(
            some.tolist(),
            reader.paths(some),
            reader.thumbnails(some, _THUMBNAIL_PX),
            strict=True,
        )
        for sample, path, pixels in seen:
            label, seen_as = int(labels[sample]), int(looks[sample])
            shown[sample] = Shown(
                sample,
                path,
                _name(dataset, label),
                picture(pixels),
                splits[codes[sample]] if len(splits) > 1 else "",
                _name(dataset, seen_as) if seen_as != label else "",
            )
    return shown


def _name(dataset: Dataset, code: int) -> str:
    return dataset.class_names[code] if code != UNLABELLED else ""


def _entries(result: Result, shown: Mapping[int, Shown]) -> Iterator[_Entry]:
    findings = result["findings"]
    links = {
        one["id"]: _Link(f"finding-{number}", kind_name(one["kind"]))
        for number, one in enumerate(findings, 1)
    }
    left = MOST_BYTES
    for number, (one, ids) in enumerate(zip(findings, _wanted(result), strict=True), 1):
        images = []
        for image in (shown[i] for i in ids if i in shown):
            if len(image.picture.uri) > left:
                break
            left -= len(image.picture.uri)
            images.append(image)
        effect, _, words = one["effect_in_words"].partition(" ")
        effect_of, _, interval = words.partition(" (")
        yield _Entry(
            f"finding-{number}",
            one,
            kind_name(one["kind"]),
            MARKS[one["severity"]],
            effect,
            effect_of,
            interval.removesuffix(")"),
            links.get(one["explained_by"]),
            tuple(links[other["id"]] for other in findings if other["explained_by"] == one["id"]),
            _in_sets(images, one["action"] or {}),
            bar_chart(one["plot"]) if one["plot"] and _compares(one["plot"]) else None,
            _command(result, one),
        )


def _command(result: Result, finding: Mapping[str, Any]) -> str:
    if not finding["action"] or not result.get("kept"):  # remedies are of what is kept
        return ""
    return shlex.join(("winnow", "remedy", Path(result["project"]).name, finding["id"]))


def _in_sets(images: Sequence[Shown], action: Mapping[str, Any]) -> tuple[tuple[Shown, ...], ...]:
    """Images that stand beside each other because they belong together, as the remedy says; where
    it says nothing, those whose pictures are the same."""
    groups = enumerate(action.get("groups", ()))
    group_of = {sample: number for number, group in groups for sample in group}

    def key(image: Shown) -> object:
        return group_of.get(image.sample_id, image.picture.uri or image.sample_id)

    return tuple(tuple(alike) for _, alike in groupby(images, key))


def _compares(plot: Mapping[str, Any]) -> bool:
    """Whether it shows more than the one number that the sentence says."""
    return int(np.count_nonzero(list(plot["series"].values()))) > 1


def _todo(entries: Sequence[_Entry]) -> list[tuple[str, list[_Entry]]]:
    """What to do about errors and warnings, each thing once, the most serious first."""
    steps: dict[str, list[_Entry]] = {}
    for entry in entries:
        if entry.said["severity"] != "note" and not entry.said["explained_by"]:
            steps.setdefault(entry.said["remedy"], []).append(entry)
    return list(steps.items())
