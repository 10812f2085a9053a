"""Labels made wrong on purpose are wrong as often, and in the way, that was asked for."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import numpy as np
import pytest

from benchmarks.noise import asymmetric, instance_dependent, symmetric, weak_net
from benchmarks.trained import cifar, cifar_by_people
from models.types import LabelVector, Mask, Probs

PAIRS = {0: 1, 1: 0, 2: 3}


def labels_of(n: int = 20_000, k: int = 5) -> LabelVector:
    return np.random.default_rng(1).integers(0, k, n).astype(np.int32)


def unsure(labels: LabelVector) -> Probs:
    """A model that is sure of even images, and unsure of odd ones about the next class."""
    k = int(labels.max()) + 1
    probs = np.full((len(labels), k), 0.001, np.float32)
    probs[np.arange(len(labels)), (labels + 1) % k] = np.where(np.arange(len(labels)) % 2, 0.4, 0.1)
    probs[np.arange(len(labels)), labels] = 1 - probs.sum(axis=1)
    return probs


KINDS: dict[str, Callable[[LabelVector, int], tuple[LabelVector, Mask]]] = {
    "symmetric": lambda labels, seed: symmetric(labels, 0.2, seed),
    "asymmetric": lambda labels, seed: asymmetric(labels, PAIRS, 0.2, seed),
    "instance": lambda labels, seed: instance_dependent(labels, unsure(labels), 0.2, seed),
}


@pytest.mark.parametrize("kind", KINDS)
def test_the_rate_is_of_all_images_and_the_seed_decides(kind: str) -> None:
    labels, make = labels_of(), KINDS[kind]
    noisy, wrong = make(labels, 0)
    assert wrong.mean() == pytest.approx(0.2, abs=0.01)
    assert np.array_equal(noisy != labels, wrong)
    assert noisy.dtype == np.int32
    assert np.array_equal(make(labels, 0)[0], noisy)
    assert not np.array_equal(make(labels, 1)[0], noisy)


def test_asymmetric_noise_keeps_to_its_pairs() -> None:
    labels = labels_of()
    noisy, wrong = asymmetric(labels, PAIRS, 0.2, 0)
    assert {(int(a), int(b)) for a, b in zip(labels[wrong], noisy[wrong], strict=True)} == set(
        PAIRS.items()
    )
    per_class = [wrong[labels == code].mean() for code in PAIRS]
    assert per_class == pytest.approx([1 / 3] * 3, abs=0.03)


def test_classes_that_are_too_small_for_a_rate_are_refused() -> None:
    with pytest.raises(ValueError, match="cannot be 50%"):
        asymmetric(labels_of(), {0: 1}, 0.5, 0)
    sure = np.eye(5, dtype=np.float32)[labels_of()]
    with pytest.raises(ValueError, match="ambiguous"):
        instance_dependent(labels_of(), sure, 0.2, 0)


def test_ambiguous_images_get_the_second_choice_in_proportion() -> None:
    labels = labels_of()
    noisy, wrong = instance_dependent(labels, unsure(labels), 0.2, 0)
    assert np.array_equal(noisy[wrong], (labels[wrong] + 1) % 5)
    assert wrong[1::2].mean() == pytest.approx(4 * wrong[::2].mean(), rel=0.2)


def test_a_rate_near_what_there_is_is_reached_all_the_same() -> None:
    _, wrong = instance_dependent(labels_of(), unsure(labels_of()), 0.6, 0)
    assert wrong.mean() == pytest.approx(0.6, abs=0.01)
    assert wrong[1::2].mean() > 0.95  # their chance is cut off at 1


def test_the_weak_net_is_the_same_again() -> None:
    rng = np.random.default_rng(0)
    labels = labels_of(600, 3)
    images = rng.integers(0, 60, (600, 4, 4)).astype(np.uint8)
    images[np.arange(600), labels, 0] += 150
    weak = weak_net(images, labels, 0)
    assert weak.shape == (600, 3)
    assert np.array_equal(weak_net(images, labels, 0), weak)
    np.testing.assert_allclose(weak.sum(axis=1), 1, rtol=1e-5)


@pytest.mark.slow
@pytest.mark.shared
@pytest.mark.usefixtures("shared_data")
def test_cifar_is_decoded_bit_for_bit() -> None:
    images, labels = cifar(10_000)
    digest = "1b5fe8712d8e4246f6c0ba14bdcc19ee6645385ade9f16640857d0a927d1c796"
    assert hashlib.sha256(np.ascontiguousarray(images)).hexdigest() == digest
    assert np.array_equal(cifar_by_people("clean")[:10_000], labels)
    assert (cifar_by_people("worst") != cifar_by_people("clean")).sum() == 20_104
