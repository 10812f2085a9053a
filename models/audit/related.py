"""Are frames of one video, or shots of one object, torn across splits? By their names and looks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from itertools import combinations, takewhile

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from models.audit.disjoint import accuracy_without, grouped
from models.audit.finding import Finding, Remedy, Severity
from models.audit.material import AuditMaterial
from models.data.readers.meaning.array_names import SPLIT_WORDS
from models.review.intervals import wilson
from models.training.resizing import resized
from models.types import Event, Mask, SampleIds, Unable

_CHECK = "related"
_COUNTED = re.compile(r"(?P<stem>.*?)[ _.\-(]*(?P<count>\d{1,15})\)?")  # cow_012, IMG_2031 (2)
_TIMED = re.compile(r"(?P<stem>.*?\d{8})[ _\-]?(?P<h>[01]\d|2[0-3])(?P<m>[0-5]\d)(?P<s>[0-5]\d)")
_SECONDS = 20  # of a time count as one step
_STEPS = 3  # between the numbers of two images that may be of one series
_SMALL_SERIES = 100  # images under one name, for the name alone to say that they belong together
_FEWEST_NAMES = 10
_SIDE_PX = 8
_FEWEST_STEPS = 20
_ELSEWHERE = 4_000  # pairs of images that are no neighbours in number
_FAR_STEPS = (20, 60)  # how far apart these are where no label says what to compare with
_AS_NEAR = 0.05  # of those pairs, and thus of the steps too if numbers say nothing
_FEWEST_NEAR = 0.25  # of the steps, for numbers to say something
_TOUCHED, _RUINED = 0.01, 0.1  # share of a split, to be a warning, an error
_AT_ONCE = 4_096


@dataclass(frozen=True)
class _Named:
    """Images with a name and a number, by name, then number. (m,) each."""

    ids: SampleIds
    key: NDArray[np.int64]  # of the name
    count: NDArray[np.int64]
    small: Mask  # the name is that of a few images alone, one of many such names

    def of_one_series(self, a: NDArray[np.int64], b: NDArray[np.int64], steps: int) -> Mask:
        """Whether two rows may be of one series, being so many numbers apart at most."""
        apart = np.abs(self.count[a] - self.count[b])
        one: Mask = (self.key[a] == self.key[b]) & (self.small[a] | (apart <= steps))
        return one


def check_related(material: AuditMaterial, _: Sequence[Finding] = ()) -> Iterator[Finding | Event]:
    """Series of images with members in several splits. Names alone prove nothing: a series is one
    only where images that follow each other in number are alike as other images are not."""
    if len(material.splits) < 2:
        yield Unable(_CHECK, "There is one split only, and no series can be torn.")
        return
    named = _named(material)
    after = np.arange(1, len(named.ids))
    after = after[named.of_one_series(after - 1, after, _STEPS)]
    if len(after) < _FEWEST_STEPS:
        yield Unable(_CHECK, "File names tell no series of images: too few are numbered.")
        return
    looks = _looks(material)[named.ids]
    near = _distance(looks, after - 1, after) <= _usual_near(material, named, looks)
    if wilson(int(near.sum()), len(near))[0] < _FEWEST_NEAR:
        return
    series = _series(material.n, named, after, near)
    for codes in combinations(range(len(material.splits)), 2):
        yield from _torn(material, series, codes, 1 - _AS_NEAR / float(near.mean()))


def _named(material: AuditMaterial) -> _Named:
    silent = {part for name in material.class_names for part in name.casefold().split("/")}
    silent |= _common_folders(material.paths)
    keys: dict[str, int] = {}
    rows: list[tuple[int, int, int]] = []
    for sample_id in np.flatnonzero(material.usable).tolist():
        name, number = series_name(material.paths[sample_id], silent)
        if name:
            rows.append((keys.setdefault(name, len(keys)), number, sample_id))
    key, count, ids = np.array(sorted(rows), np.int64).reshape(-1, 3).T
    sizes = np.bincount(key)
    few = (sizes > 1) & (sizes <= _SMALL_SERIES)
    many_names = few.sum() >= max(_FEWEST_NAMES, 2 * len(material.class_names))
    return _Named(ids, key, count, few[key] & many_names)


def _common_folders(paths: Sequence[str]) -> set[str]:
    first, last = (path(paths).casefold().split("/")[:-1] for path in (min, max))
    both = takewhile(lambda pair: pair[0] == pair[1], zip(first, last, strict=False))
    return {folder for folder, _ in both}


def series_name(path: str, silent: Set[str] = frozenset()) -> tuple[str, int]:
    """What a path says of the series its image is of, "" if nothing, and the number in it.

    "test/cow/IMG_2031.jpg" is number 2031 of "cow/img". A number without a word beside it is no
    name, nor is a place in an array, "x.npz[12]"; splits and `silent` folders (classes) are none.
    """
    if path.endswith("]"):
        return "", 0
    *folders, file = path.replace("\\", "/").casefold().split("/")
    stem, dot, _ = file.rpartition(".")
    stem = stem if dot else file
    if timed := _TIMED.fullmatch(stem):
        words = timed["stem"]
        seconds = (int(timed["h"]) * 60 + int(timed["m"])) * 60 + int(timed["s"])
        number = seconds // _SECONDS
    elif counted := _COUNTED.fullmatch(stem):
        words, number = counted["stem"], int(counted["count"])
    else:
        return "", 0
    folders = [folder for folder in folders if folder not in SPLIT_WORDS]
    own = [folder for folder in folders if folder not in silent]
    if not words and not own:
        return "", 0
    return "/".join([*folders, words]), number


def _looks(material: AuditMaterial) -> NDArray[np.float32]:
    """(n, f) the images at a few pixels: what stays the same from one shot to the next."""
    pixels = material.images.pixels
    parts = []
    for start in range(0, len(pixels), _AT_ONCE):
        stack = pixels[start : start + _AT_ONCE].astype(np.float32)
        beside = stack.transpose(1, 2, 3, 0).reshape(*stack.shape[1:3], -1)
        small = resized(beside, _SIDE_PX, _SIDE_PX).reshape(-1, len(stack))
        parts.append(small.T)
    return np.concatenate(parts)


def _distance(
    looks: NDArray[np.float32], a: NDArray[np.int64], b: NDArray[np.int64]
) -> NDArray[np.float32]:
    distance: NDArray[np.float32] = np.linalg.norm(looks[a] - looks[b], axis=1)
    return distance


def _usual_near(material: AuditMaterial, named: _Named, looks: NDArray[np.float32]) -> float:
    """The distance that few pairs of like images stay below that are of no one series.

    Pairs of one class where there are labels. Else images some way from each other in number: in
    a folder sorted by class, neighbours are alike and no series.
    """
    rng = np.random.default_rng(material.seed)
    first = rng.integers(0, len(named.ids), _ELSEWHERE)
    labels = material.labels[named.ids]
    if material.labelled[named.ids].all():
        by_class = np.argsort(labels, kind="stable")
        _, at, sizes = np.unique(labels, return_inverse=True, return_counts=True)
        of = at[first]
        start = np.cumsum(sizes) - sizes
        second = by_class[start[of] + rng.integers(0, sizes[of])]
    else:
        second = np.minimum(first + rng.integers(*_FAR_STEPS, _ELSEWHERE), len(named.ids) - 1)
    elsewhere = ~named.of_one_series(first, second, _FAR_STEPS[0])
    distance = _distance(looks, first[elsewhere], second[elsewhere])
    return float(np.quantile(distance, _AS_NEAR)) if len(distance) else 0.0


def _series(n: int, named: _Named, after: NDArray[np.int64], near: Mask) -> NDArray[np.int64]:
    """(n,) the first image of the series of each, its own id where it is of none.

    Near steps make a series, and all of them under a small name where most are near.
    """
    key = named.key[after]
    mostly = 2 * np.bincount(key, near) >= np.bincount(key)
    kept = after[near | (named.small[after] & mostly[key])]
    ends = named.ids[kept - 1], named.ids[kept]
    graph = coo_array((np.ones(len(kept), np.int8), ends), (n, n))
    _, group = connected_components(graph, directed=False)
    _, first = np.unique(group, return_index=True)
    series: NDArray[np.int64] = first[group]
    return series


def _torn(
    material: AuditMaterial, series: NDArray[np.int64], codes: tuple[int, int], confidence: float
) -> Iterator[Finding]:
    earlier, later = (material.ids_of(code) for code in codes)
    both = np.intersect1d(series[earlier], series[later])
    met = later[np.isin(series[later], both)]
    if not len(met):
        return
    of_series = np.concatenate([earlier[np.isin(series[earlier], both)], met])
    of_series = of_series[np.lexsort((of_series, series[of_series]))]
    first, second = (material.splits[code] for code in codes)
    share = len(met) / len(later)
    severities = (share >= _TOUCHED) + (share >= _RUINED)
    yield Finding(
        _CHECK,
        "related",
        Severity(severities),
        confidence,
        f"{len(met):,} of the {len(later):,} images of {second} ({share:.1%}) belong to a series "
        f"of images that {first} has a part of: their names are numbered in one row and they look "
        f"alike. There are {len(both):,} such series."
        f"{accuracy_without(material, met, codes[1])}",
        "Frames of one video, or photos of one animal, were split at random: the model is examined "
        "on what it has seen a second earlier.",
        Remedy(
            "Make a new split that keeps each series together.",
            "group",
            {"groups": grouped(of_series, series)},
        ),
        (first, second),
        effect=share,
        ci95=wilson(len(met), len(later)),
        samples=of_series,
    )
