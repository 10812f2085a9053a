"""What the other splits teach: which split is damaged, and how, without a model."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from benchmarks import damage
from benchmarks.trained import digits
from models.audit.distribution import check_distribution
from models.audit.finding import Finding, Severity
from models.audit.labels import check_labels
from models.audit.material import AuditMaterial
from models.audit.patch_features import PatchFeatures
from tests.helpers.audits import audit_material, found_by, seeing

MIDDLE = 1
NAMES = tuple("abcdefghij")


def clean(seed: int = 0, n: int = 300) -> damage.Triplet:
    images, labels = digits()
    return damage.drawn(images[..., None], labels, n, np.random.default_rng(seed))


def damaged(kind: str, seed: int = 0) -> damage.Damaged:
    return damage.ANY_IMAGES[kind](clean(seed), MIDDLE, np.random.default_rng(seed))


def material_of(triplet: damage.Triplet) -> AuditMaterial:
    return audit_material(triplet.images, triplet.labels)


def found_in(triplet: damage.Triplet) -> list[Finding]:
    return found_by(check_labels, material_of(triplet))


@pytest.mark.parametrize("split", damage.SPLITS)
def test_wrong_labels_of_any_split_are_counted_by_what_the_others_teach(split: str) -> None:
    triplet = clean()
    labels = triplet.labels[split].copy()
    labels[::5] = (labels[::5] + 1 + np.arange(60) % 9) % 10
    (noise,) = found_in(triplet.with_labels(split, labels))
    assert (noise.kind, noise.splits) == ("label_noise", (split,))
    assert noise.ci95 is not None
    assert noise.ci95[0] < 0.2 < noise.ci95[1]
    wrong = material_of(triplet).split_codes == damage.SPLITS.index(split)
    first = noise.samples[:40] - np.flatnonzero(wrong)[0]
    assert (first % 5 == 0).mean() > 0.9


@pytest.mark.parametrize("seed", range(3))
def test_clean_labels_are_nothing(seed: int) -> None:
    assert not found_in(clean(seed))


@pytest.mark.parametrize("kind", ["label_shift", "class_missing", "leak_exact", "duplicate_exact"])
def test_other_shares_and_copies_are_no_wrong_labels(kind: str) -> None:
    assert not found_in(damaged(kind).triplet)


@pytest.mark.parametrize(
    "kind", ["class_swap", "label_offset", "labels_random", "class_absorbed", "misaligned"]
)
def test_damage_to_classes_is_named_in_its_split_without_a_model(kind: str) -> None:
    of = damaged(kind)
    found = found_in(of.triplet)
    assert [one.kind in of.kinds for one in found] == [True]
    assert found[0].splits == tuple(of.splits)
    assert found[0].severity == Severity.ERROR


def test_a_swap_in_what_a_model_learnt_from_is_named_there() -> None:
    triplet = clean()
    labels, swapped = triplet.labels["train"], np.arange(10, dtype=np.int32)
    swapped[[3, 8]] = 8, 3
    material = material_of(triplet.with_labels("train", swapped[labels]))
    true = np.concatenate(list(triplet.labels.values()))
    model = seeing(swapped[true], material.split_codes == 0, 10)
    found = found_by(check_labels, replace(material, predictions=model))
    told = [(one.kind, one.splits, one.classes) for one in found if one.kind != "label_noise"]
    assert told == [("class_swap", ("train",), ("d", "i"))]


def test_of_two_splits_either_may_be_the_wrong_one_and_it_says_so() -> None:
    triplet, swapped = clean(), np.arange(10)
    swapped[[3, 8]] = 8, 3
    splits = ("train", "test")
    images = {split: triplet.images[split] for split in splits}
    labels = {"train": triplet.labels["train"], "test": swapped[triplet.labels["test"]]}
    (swap,) = found_by(check_labels, audit_material(images, labels))
    assert (swap.kind, swap.splits) == ("class_swap", ("test",))
    assert "Or train is the wrong one" in swap.sentence


def test_a_class_that_was_shuffled_in_all_splits_is_named() -> None:
    of = damaged("class_shuffled")
    (shuffled,) = found_in(of.triplet)
    assert shuffled.kind == "class_shuffled"
    assert shuffled.classes == tuple(NAMES[code] for code in of.classes)
    assert shuffled.splits == damage.SPLITS


@pytest.mark.parametrize("seed", range(2))
def test_a_class_that_is_only_rare_was_not_shuffled(seed: int) -> None:
    assert not found_in(damaged("class_too_small", seed).triplet)


def test_a_swap_among_noisy_images_is_named_beside_the_noise() -> None:
    swap = damaged("class_swap")
    noisy = damage.ANY_IMAGES["noise"](swap.triplet, MIDDLE, np.random.default_rng(1))
    material = material_of(noisy.triplet)
    (noise,) = found_by(check_distribution, material)
    (found,) = found_by(check_labels, material, [noise])
    assert (noise.kind, found.kind) == ("noise", "class_swap")
    assert found.classes == tuple(sorted(NAMES[code] for code in swap.classes))


@pytest.mark.parametrize("shape", [(1, 1, 1), (2, 3, 3), (8, 8, 1), (32, 32, 3), (64, 40, 4)])
@pytest.mark.parametrize("constant", [False, True])
def test_features_of_images_of_any_size(shape: tuple[int, ...], constant: bool) -> None:
    rng = np.random.default_rng(0)
    images = np.full((5, *shape), 7, np.float32)
    if not constant:
        images = rng.uniform(0, 255, (5, *shape)).astype(np.float32)
    features = PatchFeatures(images).of(images)
    assert features.shape[0] == 5
    assert np.isfinite(features).all()
