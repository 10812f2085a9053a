"""What the other splits teach: which split is damaged, and how, without a model."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace

import numpy as np
import pytest

from benchmarks import damage
from benchmarks.trained import digits
from models.audit.class_labels import damages_of
from models.audit.crossing import Said, Taught, taught_by_others
from models.audit.distribution import check_distribution
from models.audit.finding import Finding, Severity
from models.audit.labels import check_labels
from models.audit.material import AuditMaterial
from models.audit.patch_features import PatchFeatures
from models.audit.shuffled import shuffled_everywhere
from models.types import Event, Unable
from tests.helpers.audits import audit_material, found_by, said_by, seeing

pytestmark = pytest.mark.slow

MIDDLE = 1
NAMES = tuple("abcdefghij")


def returned(work: Generator[Event, None, tuple[Taught, ...]]) -> tuple[Taught, ...]:
    while True:
        try:
            next(work)
        except StopIteration as end:
            made: tuple[Taught, ...] = end.value
            return made


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
    assert swap.sentence.count("Or train is the wrong one") == 1


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


def test_a_swap_in_the_largest_split_is_told_of_that_split_alone() -> None:
    images, labels = digits()
    rows = np.split(np.random.default_rng(0).permutation(len(labels))[:1_500], [900, 1_200])
    swapped = np.arange(10, dtype=np.int32)
    swapped[[3, 8]] = 8, 3
    of = dict(zip(damage.SPLITS, rows, strict=True))
    given = {split: labels[some] for split, some in of.items()}
    given["train"] = swapped[given["train"]]
    pixels = {split: images[some, :, :, None] for split, some in of.items()}
    (swap,) = found_by(check_labels, audit_material(pixels, given))
    assert (swap.kind, swap.splits) == ("class_swap", ("train",))


def test_of_two_splits_with_labels_either_may_be_wrong_whatever_has_none() -> None:
    triplet, swapped = clean(), np.arange(10)
    swapped[[3, 8]] = 8, 3
    labels = {**triplet.labels, "test": swapped[triplet.labels["test"]]}
    labels["validation"] = np.full(300, -1)
    (swap,) = found_by(check_labels, audit_material(triplet.images, labels))
    assert (swap.kind, swap.splits) == ("class_swap", ("test",))
    assert "Or train is the wrong one" in swap.sentence


def test_labels_of_a_split_that_looks_otherwise_are_not_called_wrong() -> None:
    triplet = clean()
    images = triplet.images["validation"].copy()
    images[::2] = images[::2].transpose(0, 2, 1, 3)
    of = triplet.with_images("validation", images)
    material = material_of(of)
    assert not found_by(check_labels, material)
    said = [x.sentence for x in said_by(check_labels, material) if isinstance(x, Unable)]
    assert any("Images of validation look otherwise" in sentence for sentence in said)


def test_a_split_that_was_processed_is_no_standard_for_the_others() -> None:
    triplet = clean()
    rng = np.random.default_rng(0)
    images = {
        split: np.clip(x + rng.normal(0, 110, x.shape), 0, 255).astype(np.uint8)
        for split, x in triplet.images.items()
    }
    images["test"] = np.zeros_like(images["test"])  # what is so easy says nothing of the others
    images["test"][np.arange(300), triplet.labels["test"] % 8, triplet.labels["test"] // 2] = 255
    material = audit_material(images, triplet.labels)
    known = np.ones(material.n, bool)
    taught = returned(taught_by_others(material, known, ["test"]))
    (train,) = [one for one in taught if one.split == "train"]
    assert abs(train.usual - train.agreement) < 3 * train.error


@pytest.mark.parametrize(("other", "kinds"), [("tshirt", []), ("Coat", ["class_shuffled"])])
def test_a_class_by_several_names_was_not_shuffled(other: str, kinds: list[str]) -> None:
    labels = np.repeat(np.arange(6), [10, 40, 40, 40, 40, 40])
    names = ("T-shirt", other, "Bag", "Boot", "Dress", "Scarf")
    material = audit_material(
        {"all": np.zeros((210, 4, 4, 1), np.uint8)}, {"all": labels}, names=names
    )
    said = np.full((210, 6), 0.02)
    said[np.arange(210), labels] = 0.9
    said[:30] = 1 / 6  # what is labelled T-shirt, and half of the other: nobody can tell
    said[np.arange(30), np.arange(30) % 6] += 0.01
    seen = Said(said.astype(np.float32), labels.astype(np.int32))
    taught = Taught("all", np.arange(210), seen, seen, *(0.9, 0.9), *(0.01,) * 5)
    assert [one.kind for one in shuffled_everywhere(material, [taught])] == kinds


def test_what_wrong_labels_are_told_by_names_no_split_without_labels() -> None:
    triplet = clean()
    labels = {**triplet.labels, "test": np.full(300, -1)}
    labels["train"] = labels["train"].copy()
    labels["train"][::4] = (labels["train"][::4] + 1 + np.arange(75) % 9) % 10
    (noise,) = found_by(check_labels, audit_material(triplet.images, labels))
    assert noise.splits == ("train",)
    assert "learnt from validation alone" in noise.sentence
    assert "of those of validation that were kept from it" in noise.sentence


@pytest.mark.parametrize("model", [None, 0.3])
def test_what_waits_for_damaged_splits_to_be_put_right_is_said(model: float | None) -> None:
    images, labels = digits()
    rows = np.array_split(np.random.default_rng(0).permutation(len(labels)), 4)
    of = dict(zip(("train", "validation", "test", "field"), rows, strict=True))
    given = {split: labels[some].astype(np.int32) for split, some in of.items()}
    for split, pair in (("validation", [3, 8]), ("test", [1, 7])):
        exchanged = np.arange(10, dtype=np.int32)
        exchanged[pair] = pair[::-1]
        given[split] = exchanged[given[split]]
    pixels = {split: images[some, :, :, None] for split, some in of.items()}
    material = audit_material(pixels, given)
    if model:  # it is seldom right, so it says nothing of single labels either
        said = np.concatenate([labels[some] for some in rows]).astype(np.int32)
        wrong = np.random.default_rng(1).random(len(said)) > model
        said[wrong] = np.random.default_rng(2).integers(0, 10, wrong.sum())
        material = replace(material, predictions=seeing(said, np.zeros(len(said), bool), 10))
    found = found_by(check_labels, material)
    assert {one.splits for one in found if one.kind == "class_swap"} == {("validation",), ("test",)}
    told = [x for x in said_by(check_labels, material) if isinstance(x, Unable)]
    (waiting,) = [x for x in told if "put right" in x.sentence]
    assert waiting.sentence == (
        "Single wrong labels of train and field can be told once validation and test are put right."
    )
    assert waiting.about == ("label_noise:train", "label_noise:field")


def test_of_splits_any_of_which_may_be_the_wrong_one_each_is_named_as_one() -> None:
    labels = np.arange(300, dtype=np.int32) % 10
    splits = ("train", "validation", "test")
    black = {split: np.zeros((300, 4, 4, 1), np.uint8) for split in splits}
    material = audit_material(black, dict.fromkeys(splits, labels))
    swapped = np.arange(10)
    swapped[[3, 8]] = 8, 3
    said = np.full((300, 10), 0.01, np.float32)
    said[np.arange(300), swapped[labels]] = 0.91
    numbers = *(0.8, 0.95), *(0.01,) * 5
    seen = Said(said, labels), Said(said, labels)
    taught = [Taught(s, np.arange(300) + 300 * at, *seen, *numbers) for at, s in enumerate(splits)]
    (swap,) = damages_of(material, None, np.ones(900, bool), taught)
    assert swap.split == "test"
    assert swap.damage.sentence.endswith(
        "Or train or validation is the wrong one: the images tell which."
    )
