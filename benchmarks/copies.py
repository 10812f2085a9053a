"""How many near copies an audit finds, and how many it only imagines."""

from __future__ import annotations

import csv
import io
import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benchmarks.report import Row
from benchmarks.trained import CIFAR, cifar, cifar_test, fashion_test
from models.audit.near_copies import CERTAIN, Copies, near_copies
from models.types import SampleIds

Picture = NDArray[np.uint8]  # (h, w, c)
Alteration = Callable[[Picture, np.random.Generator], Picture]

_SEED = 1  # weights were fitted with 0 and training images, thresholds with this one in sight
_EACH, _OTHERS_EACH = 100, 50
_SAME_SHOT, _SIMILAR = 1, 2  # what a person says of a pair; 3 is a different picture
_PRECISION = 0.99
_STATUS, _CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")


@dataclass(frozen=True)
class _Search:
    """What was found among images, and what that took."""

    copies: Copies
    seconds: float  # of the processor
    memory_gb: float  # above what was there before


def measure() -> list[Row]:
    """Copies planted in clean garments, and the known twins of CIFAR-10."""
    if not CIFAR.is_dir():
        return [Row.skipped("near copies", "skipped: ../shared/data is not on this machine")]
    return [*_planted_rows(), *_twin_rows()]


def _planted_rows() -> Iterator[Row]:
    """500 copies as the promise has them, others that are harder, and what else is found."""
    clean = fashion_test()[0][..., None]
    for title, kinds, each, promise in (
        ("Fashion-MNIST, 500 planted", ALTERED, _EACH, 0.95),
        ("Fashion-MNIST, also", ALTERED_MORE, _OTHERS_EACH, None),
    ):
        images, pairs, names = planted(clean, kinds, each, _SEED)
        search = _searched(images)
        found = _keys(*_sure(search.copies), len(images))
        told = np.isin(_keys(pairs[:, 0], pairs[:, 1], len(images)), found)
        yield Row.value_of(f"{title}: recall", float(told.mean()), "", at_least=promise)
        for name in kinds:
            yield Row.value_of(f"{title}: {name}", float(told[names == name].mean()), "")
        if promise is not None:
            a, b = _sure(search.copies)
            both_clean = (a < len(clean)) & (b < len(clean))
            what = f"{title}: pairs among the {len(clean):,} clean images"
            yield Row.value_of(what, float(both_clean.sum()), "")


def _twin_rows() -> Iterator[Row]:
    """The twins that ciFAIR lists between training and test images."""
    train, test = cifar()[0], cifar_test()[0]
    search = _searched(np.concatenate([train, test]))
    twins = _twins()
    for half, title, promise in ((0, "even, tuned on", None), (1, "odd, reported", 0.9)):
        recall = _recall(search.copies, twins, half, len(train))
        what = f"ciFAIR, test images {title}: recall at {_PRECISION:.0%} precision"
        yield Row.value_of(what, recall, "", at_least=promise)
    yield Row.value_of("60,000 of CIFAR-10: processor time", search.seconds, "s")
    yield Row.value_of("60,000 of CIFAR-10: memory", search.memory_gb, "GB", at_most=0.5)
    search = _searched(train)
    yield Row.value_of("50,000 of CIFAR-10: processor time", search.seconds, "s", at_most=60)


def planted(
    images: NDArray[np.uint8], kinds: Mapping[str, Alteration], each: int, seed: int
) -> tuple[NDArray[np.uint8], NDArray[np.int64], NDArray[np.str_]]:
    """Images with altered copies of some behind them, the pairs (p, 2), and how each is altered."""
    rng = np.random.default_rng(seed)
    names = np.repeat(list(kinds), each)
    originals = rng.permutation(len(images))[: len(names)]
    made = [kinds[name](images[i], rng) for name, i in zip(names, originals, strict=True)]
    copies = len(images) + np.arange(len(names))
    return np.concatenate([images, made]), np.stack([originals, copies], axis=1), names


def _searched(images: NDArray[np.uint8]) -> _Search:
    _CLEAR.write_text("5")  # the highest use of memory is measured from now on
    before, began = _memory_gb("VmRSS"), time.process_time()
    search = near_copies(images, np.arange(len(images)))
    try:
        while True:
            next(search)
    except StopIteration as end:
        copies: Copies = end.value
    return _Search(copies, time.process_time() - began, _memory_gb("VmHWM") - before)


def _memory_gb(name: str) -> float:
    found = re.search(rf"^{name}:\s+(\d+) kB", _STATUS.read_text(), re.MULTILINE)
    assert found is not None, name
    return int(found[1]) * 1024 / 1e9


def _sure(copies: Copies) -> tuple[SampleIds, SampleIds]:
    sure = copies.certainty >= CERTAIN
    return copies.a[sure], copies.b[sure]


def _keys(a: SampleIds, b: SampleIds, n: int) -> NDArray[np.int64]:
    keys: NDArray[np.int64] = np.minimum(a, b) * n + np.maximum(a, b)
    return keys


def _twins() -> dict[int, int]:
    """What is said of each test image that has a twin: by ciFAIR, else, of pairs that it does not
    list, by somebody who looked at them (`cifar_twins.csv`)."""
    told = {}
    for path in (Path(__file__).parent / "cifar_twins.csv", _LISTED):
        with path.open(newline="") as file:
            told.update(
                {int(row["TestID"]): max(int(row["Judgment"]), 1) for row in csv.DictReader(file)}
            )
    return told


def _recall(copies: Copies, twins: Mapping[int, int], half: int, n_train: int) -> float:
    """Share of the listed same-shot twins, where at most 1% of what is found is wrong.

    A test image counts once, by its surest pair with a training image. One that nobody judged is
    wrong; very similar ones count neither way.
    """
    across = (copies.a < n_train) & (copies.b >= n_train)
    tests, first = np.unique(
        copies.b[across] - n_train, return_index=True
    )  # the surest comes first
    of_half = tests % 2 == half
    order = np.argsort(first[of_half])
    tests = tests[of_half][order]
    listed = _listed(half)
    judged = np.array([twins.get(int(test), 0) for test in tests])
    right = (judged == _SAME_SHOT).cumsum()
    wrong = ((judged != _SAME_SHOT) & (judged != _SIMILAR)).cumsum()
    enough = np.flatnonzero(right >= _PRECISION * (right + wrong))
    last = int(enough[-1]) + 1 if len(enough) else 0
    return float(np.isin(listed, tests[:last]).mean())


def _listed(half: int) -> NDArray[np.int64]:
    with _LISTED.open(newline="") as file:
        rows = [(int(row["TestID"]), int(row["Judgment"])) for row in csv.DictReader(file)]
    return np.array([test for test, said in rows if said <= _SAME_SHOT and test % 2 == half])


def _shifted(image: Picture, rng: np.random.Generator) -> Picture:
    height, width = image.shape[:2]
    around = np.pad(image, ((2, 2), (2, 2), (0, 0)), mode="edge")
    down, right = divmod(rng.choice(np.delete(np.arange(25), 12)), 5)  # 12 is not shifted
    return around[down : down + height, right : right + width]


def _brightened(image: Picture, rng: np.random.Generator) -> Picture:
    return (image * rng.uniform(0.6, 1.4)).clip(0, 255).astype(np.uint8)


def _compressed(image: Picture, _: np.random.Generator) -> Picture:
    file = io.BytesIO()
    Image.fromarray(image.squeeze()).save(file, "JPEG", quality=50)
    return np.asarray(Image.open(file)).reshape(image.shape)


def _rescaled(image: Picture, rng: np.random.Generator) -> Picture:
    height, width = image.shape[:2]
    share = rng.uniform(0.6, 0.8)
    small = Image.fromarray(image.squeeze()).resize((round(width * share), round(height * share)))
    return np.asarray(small.resize((width, height))).reshape(image.shape)


def _turned(image: Picture, rng: np.random.Generator) -> Picture:
    made: Picture = np.rot90(image, int(rng.integers(1, 4)))
    return made


def _noisy(most: float) -> Alteration:
    def altered(image: Picture, rng: np.random.Generator) -> Picture:
        noise = rng.uniform(0, most * 255, image.shape)
        return (image + noise).clip(0, 255).astype(np.uint8)

    return altered


_LISTED = CIFAR / "cifair_duplicates_cifar10.csv"
ALTERED: Mapping[str, Alteration] = {
    "shifted by up to 2 px": _shifted,
    "mirrored": lambda image, _: image[:, ::-1],
    "values times .6 to 1.4": _brightened,
    "JPEG 50": _compressed,
    "rescaled to .6 to .8 and back": _rescaled,
}
ALTERED_MORE: Mapping[str, Alteration] = {
    "turned": _turned,
    "turned and shifted": lambda image, rng: _shifted(_turned(image, rng), rng),
    "inverted": lambda image, _: 255 - image,
    "uniform noise up to .2": _noisy(0.2),
    "uniform noise up to .5": _noisy(0.5),
}
