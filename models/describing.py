"""Describes a dataset: counts, sizes, values, and what is broken, blank, missing or misspelt."""

from __future__ import annotations

import time
from contextlib import closing
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.data.facts import Facts, joined
from models.opening import Labelling, read_labelling, to_read
from models.processes.reading import ReaderClient
from models.review.balance import balance, class_counts
from models.review.guard import in_test
from models.review.spelling import spellings
from models.review.stopping import errors_left_now
from models.types import (
    DatasetInfo,
    Described,
    Events,
    Finished,
    LabelVector,
    OpenRequest,
    Progress,
    SampleIds,
)

LISTED = 1_000  # broken items that are told one by one
SIZES_LISTED = 1_000
BRIGHTNESS_BINS = 40

_QUICK_IMAGES = 20_000
_QUICK_S = 2.0
_BLOCK = 16  # neighbouring images that a quick look takes together: many are stored so
_REPLY_S = 0.1  # about how long one request may take, so that the work can be stopped
_MOST_AT_ONCE = 4_096
_TOLD_EVERY_S = 1.5

# Names that stand for "there was no label here" in tables that became datasets.
_NO_LABEL = frozenset(("", "nan", "na", "n/a", "none", "null", "nil", "?", "-1"))
_NO_NUMBER = frozenset((255, 999, 9999, 65535))


def describing(request: OpenRequest, *, quick: bool = False) -> Events:
    """Say all that is to know of a source, or of that of a project, without changing anything.

    Yields Progress over the images and Described now and then, at last Finished with the data
    page: the `info` JSON. `quick` looks at evenly spaced images for about two seconds.

    Raises
    ------
    DatasetError
        If the source cannot be read.
    ProjectError
        If it is not the one of the project any more.
    """
    request, project = to_read(request)
    with closing(ReaderClient()) as reader:
        opened = yield from reader.opened(request)
        info = DatasetInfo.from_message(opened.info)
        known = None
        if project is not None:
            with project.journal(read_only=True) as journal:
                known = read_labelling(journal, info, opened.given)
        page = _Page(_about_labels(info, opened.given, known), info, reader)
        yield Described(page.so_far())
        yield from _look(page, reader, info.n, quick)
        described = page.described()
        yield described
        yield Finished(described.page)


def _look(page: _Page, reader: ReaderClient, n: int, quick: bool) -> Events:
    """Look at the images, all of them or evenly spaced ones, in steps of about a tenth second."""
    order = _spread(n, _QUICK_IMAGES) if quick else np.arange(n)
    until = time.monotonic() + _QUICK_S if quick else np.inf
    told, done, at_once = time.monotonic(), 0, _BLOCK
    while done < len(order) and (now := time.monotonic()) < until:
        yield Progress(done, len(order), "looking at the images")
        if now - told > _TOLD_EVERY_S:
            yield page.described()
            told = time.monotonic()
        began = time.monotonic()
        facts = reader.facts(order[done : done + at_once])
        page.add(facts)
        done += len(facts)
        seconds_each = max(time.monotonic() - began, 1e-6) / len(facts)
        at_once = int(np.clip(_REPLY_S / seconds_each, 1, min(2 * at_once, _MOST_AT_ONCE)))


def _spread(n: int, at_most: int) -> SampleIds:
    """Ids of short runs of neighbours, ordered so that wherever one stops, what was taken is
    spread evenly over all n: the runs' numbers are counted with their bits reversed."""
    n_runs = -(-n // _BLOCK)
    n_taken = min(n_runs, at_most // _BLOCK)
    runs = np.unique(np.linspace(0, n_runs - 1, n_taken).astype(np.int64)) * _BLOCK
    bits = max(len(runs) - 1, 1).bit_length()
    order = sorted(range(len(runs)), key=lambda i: int(f"{i:0{bits}b}"[::-1], 2))
    ids = (runs[order][:, np.newaxis] + np.arange(_BLOCK)).reshape(-1)
    return ids[ids < n]


@dataclass
class _Page:
    """Grows shard by shard; what it holds of an image is a few numbers."""

    about_labels: dict[str, Any]
    info: DatasetInfo
    reader: ReaderClient
    facts: list[Facts] = field(default_factory=list)
    broken: list[dict[str, Any]] = field(default_factory=list)
    blank: list[dict[str, Any]] = field(default_factory=list)

    def add(self, facts: Facts) -> None:
        self.facts.append(facts)
        broken = self._placed(list(facts.unreadable), LISTED - len(self.broken))
        for item in broken:
            why = facts.unreadable[item["sample_id"]]
            self.broken.append({**item, "why": why.removeprefix(f"{item['path']}: ")})
        blank = facts.sample_ids[facts.blank].tolist()
        self.blank += self._placed(blank, LISTED - len(self.blank))

    def _placed(self, sample_ids: list[int], at_most: int) -> list[dict[str, Any]]:
        listed = sample_ids[:at_most]
        if not listed:
            return []
        paths = self.reader.paths(np.array(listed, np.int64))
        return [{"sample_id": i, "path": path} for i, path in zip(listed, paths, strict=True)]

    def described(self) -> Described:
        page, facts = self.so_far(), self.facts[0]  # which are joined by now
        return Described(page, facts.sample_ids, facts.sizes, facts.means)

    def so_far(self) -> dict[str, Any]:
        self.facts = [joined(self.facts)]
        facts, info = self.facts[0], self.info
        unreadable = np.array(sorted(facts.unreadable), np.int64)
        complete = len(facts) == info.n
        n_broken = len(unreadable) if complete else max(len(unreadable), info.unreadable)
        return {
            **replace(info, unreadable=n_broken).contract(),
            "name": info.name,
            **self.about_labels,
            "shapes": _shapes(info, facts),
            "values": _values(facts),
            "bytes_on_disk": sum(part["size"] for part in info.fingerprint.get("parts", ())),
            "bytes_in_memory": _bytes_in_memory(info, facts),
            "broken": sorted(self.broken, key=lambda item: item["sample_id"]),
            "broken_ids": unreadable.tolist(),
            "blank": {
                "n": int(facts.blank.sum()),
                "sample_ids": np.sort(facts.sample_ids[facts.blank]).tolist(),
                "items": sorted(self.blank, key=lambda item: item["sample_id"]),
            },
            "looked_at": {"n": len(facts), "of": info.n},
        }


def _about_labels(info: DatasetInfo, given: LabelVector, known: Labelling | None) -> dict[str, Any]:
    """What the labels alone tell, before any pixel is looked at."""
    splits, names = info.split_codes(), info.class_names
    counts = class_counts(given, splits, len(info.splits), len(names))
    totals = counts[:, :-1].sum(axis=0)
    by_name = dict(zip(names, totals.tolist(), strict=True))
    merged = known.classes.merged if known is not None else {}  # they are one class by now
    apart = {name: n for code, (name, n) in enumerate(by_name.items()) if code not in merged}
    found = balance(totals)
    about: dict[str, Any] = {
        "class_counts": _by_split(info, counts, names),
        "balance": found
        and {
            "largest": {"class": names[found.largest], "n": int(totals[found.largest])},
            "smallest": {"class": names[found.smallest], "n": int(totals[found.smallest])},
            "ratio": found.ratio,
            "empty": [names[code] for code in found.empty],
        },
        "spellings": [asdict(group) for group in spellings(apart)],
        "probably_missing": _probably_missing(by_name),
    }
    if known is not None and not np.array_equal(known.labels, given):
        counts = class_counts(known.labels, splits, len(info.splits), len(known.class_names))
        about["corrected_counts"] = _by_split(info, counts, known.class_names)
    if known is not None:
        locked = np.zeros(info.n, bool) if known.test_unlocked else in_test(info.splits, splits)
        left_out = locked | known.wholesale
        left = errors_left_now(known.audit, given, known.status, known.classes, left_out)
        about["audit"] = {
            "audited": left.audited,
            "wrong": left.wrong,
            "low": left.low,
            "high": left.high,
        }
    return about


def _by_split(
    info: DatasetInfo, counts: NDArray[np.int64], names: tuple[str, ...]
) -> dict[str, dict[str, int]]:
    return {
        split: dict(zip(names, row[:-1].tolist(), strict=True))
        for split, row in zip(info.splits, counts, strict=True)
    }


def _probably_missing(by_name: dict[str, int]) -> list[dict[str, Any]]:
    """Classes whose name says that there was no label."""
    numbers = {int(name) for name in by_name if name.isascii() and name.isdecimal()}
    found = []
    for name, n in by_name.items():
        if by_name.keys() == {"-1", "1"}:  # a sign, not a missing label; see meaning/labels.py
            break
        is_number = len(numbers) == len(by_name) and int(name) in _NO_NUMBER
        # 255 among 256 classes, or beside 0 alone, is one of them; far above ten others it is none.
        lonely = is_number and int(name) - 1 not in numbers and len(numbers) > 2
        if n and (name.strip().casefold() in _NO_LABEL or lonely):
            found.append({"class": name, "n": n})
    return found


def _shapes(info: DatasetInfo, facts: Facts) -> dict[str, Any]:
    """How many images there are of each size, most first; ranges where they are mixed."""
    readable = facts.sizes[facts.n_bytes > 0]
    if info.image_shape is not None:
        sizes, counts = np.array([info.image_shape[:2]]), np.array([info.n])
    else:
        sizes, counts = np.unique(readable, axis=0, return_counts=True)
    order = np.argsort(-counts, kind="stable")[:SIZES_LISTED]
    return {
        "n": len(sizes),
        "height": _range(sizes[:, 0]),
        "width": _range(sizes[:, 1]),
        "sizes": [
            {"height": height, "width": width, "n": n}
            for (height, width), n in zip(
                sizes[order].tolist(), counts[order].tolist(), strict=True
            )
        ],
    }


def _values(facts: Facts) -> dict[str, Any] | None:
    """The values of all pixels looked at, and how many images are how bright on the whole."""
    readable = np.isfinite(facts.means)
    if not readable.any():
        return None
    low, high = float(facts.lows[readable].min()), float(facts.highs[readable].max())
    edges = (low, high if high > low else low + 1)
    means = facts.means[readable]
    counts = np.histogram(means.clip(*edges), BRIGHTNESS_BINS, edges)[0]
    return {
        "range": [low, high],
        "mean": float(means.mean(dtype=np.float64)),
        "means": {"low": edges[0], "high": edges[1], "counts": counts.tolist()},
    }


def _bytes_in_memory(info: DatasetInfo, facts: Facts) -> int:
    """What all images take decoded; from those looked at if sizes are mixed."""
    if info.image_shape is not None:
        return int(np.prod(info.image_shape)) * np.dtype(info.dtype).itemsize * info.n
    return int(facts.n_bytes.mean() * info.n) if len(facts) else 0


def _range(values: NDArray[np.int64]) -> list[int]:
    return [int(values.min()), int(values.max())] if len(values) else []
