"""The settings of `detection`: datasets with wrong labels, and what is promised of each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from benchmarks.noise import asymmetric, instance_dependent, symmetric, weak_net
from benchmarks.trained import CIFAR, FASHION, Dataset, cifar, cifar_by_people, digits, fashion
from models.types import LabelVector, Mask

_LOOK_ALIKE = {0: 6, 6: 0, 2: 4, 4: 2, 7: 9, 9: 7, 3: 4}
"""Tee-shirt and shirt, pullover and coat, sneaker and boot, each for the other; dress for coat."""
_OTHER_PAIRS = {0: 3, 3: 0, 2: 6, 6: 2, 5: 7, 7: 5, 1: 4, 4: 1, 8: 9, 9: 8}
_TO_THE_NEXT = {code: (code + 1) % 10 for code in range(10)}
_FASHION_MINUTES, _CIFAR_MINUTES = 10, 15


@dataclass(frozen=True)
class Noisy:
    """Images, their labels, and which of these are wrong."""

    images: NDArray[Any]
    labels: LabelVector
    wrong: Mask


@dataclass(frozen=True)
class Promises:
    """What a run of the setting's own minutes must reach: average precisions, and seconds."""

    final: float | None = None
    taught: float | None = None  # after the verdicts, on the images not looked at
    first: float | None = None
    first_s: float | None = None
    at_a_minute: float | None = None


@dataclass(frozen=True)
class Setting:
    """One dataset with one kind of noise, which `noisy` makes by a seed."""

    name: str
    minutes: float
    noisy: Callable[[int], Noisy]
    data: Path | None = None  # the folder it needs; None if it comes with a library
    tuned: bool = False  # looked at while recipe and scores were chosen
    promises: Promises = Promises()

    @property
    def is_here(self) -> bool:
        return self.data is None or self.data.is_dir()


def settings() -> dict[str, Setting]:
    """By name, in the order in which they are reported."""
    every = (
        _on_fashion(
            "symmetric",
            _symmetric(0.2),
            Promises(0.994, first=0.975, first_s=20, at_a_minute=0.987),
            tuned=True,
        ),
        _on_fashion(
            "asymmetric",
            _asymmetric(_LOOK_ALIKE, 0.2),
            Promises(0.955, 0.97, first=0.75, first_s=20, at_a_minute=0.9),
            tuned=True,
        ),
        _on_fashion("instance", _instance(0.2), Promises(0.8, 0.84), tuned=True),
        _by_people("aggregate", "aggre", Promises(0.86), tuned=True),
        _by_people("worst", "worst", Promises(0.956)),
        _on_fashion("symmetric-40", _symmetric(0.4)),
        _on_fashion("asymmetric-30-pairs", _asymmetric(_OTHER_PAIRS, 0.3)),
        _on_fashion("instance-30", _instance(0.3)),
        Setting(
            "fashion-20000-next-class-20",
            4,
            _made(partial(fashion, 20_000), _asymmetric(_TO_THE_NEXT, 0.2)),
            FASHION,
        ),
        _by_people("random1", "random1"),
        Setting("cifar10-symmetric-20", _CIFAR_MINUTES, _made(cifar, _symmetric(0.2)), CIFAR),
        Setting("digits-next-class-10", 0.5, _made(digits, _asymmetric(_TO_THE_NEXT, 0.1))),
    )
    return {setting.name: setting for setting in every}


_Noise = Callable[[NDArray[Any], LabelVector, int], tuple[LabelVector, Mask]]


def _symmetric(rate: float) -> _Noise:
    return lambda images, labels, seed: symmetric(labels, rate, seed)


def _asymmetric(mistaken_for: Mapping[int, int], rate: float) -> _Noise:
    return lambda images, labels, seed: asymmetric(labels, mistaken_for, rate, seed)


def _instance(rate: float) -> _Noise:
    return lambda images, labels, seed: instance_dependent(
        labels, weak_net(images, labels, seed), rate, seed
    )


def _made(load: Callable[[], Dataset], noise: _Noise) -> Callable[[int], Noisy]:
    def noisy(seed: int) -> Noisy:
        images, labels = load()
        return Noisy(images, *noise(images, labels, seed))

    return noisy


def _on_fashion(
    name: str, noise: _Noise, promises: Promises = Promises(), *, tuned: bool = False
) -> Setting:
    made = _made(fashion, noise)
    return Setting(f"fashion-{name}", _FASHION_MINUTES, made, FASHION, tuned, promises)


def _by_people(
    name: str, which: str, promises: Promises = Promises(), *, tuned: bool = False
) -> Setting:
    def noisy(seed: int) -> Noisy:
        images, labels = cifar()
        by_people = cifar_by_people(which)
        return Noisy(images, by_people, by_people != labels)

    return Setting(f"cifar10n-{name}", _CIFAR_MINUTES, noisy, CIFAR, tuned, promises)
