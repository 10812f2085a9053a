"""What each check finds in digits that were damaged in one way, and that it keeps quiet else."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from benchmarks import damage
from benchmarks.trained import digits
from models.audit import foreign as foreign_module
from models.audit.balance import check_balance
from models.audit.disjoint import check_disjoint
from models.audit.distribution import check_distribution
from models.audit.finding import Finding, Remedy, Severity
from models.audit.foreign import check_foreign
from models.audit.gaps import check_gaps
from models.audit.labels import check_labels
from models.audit.material import AuditMaterial
from models.types import Unable
from tests.helpers.audits import audit_material, found_by, said_by, seeing

pytestmark = pytest.mark.slow

MIDDLE = 1


def clean(seed: int = 0, n: int = 400) -> damage.Triplet:
    images, labels = digits()
    return damage.drawn(images[..., None], labels, n, np.random.default_rng(seed))


def damaged(kind: str, seed: int = 0) -> damage.Damaged:
    return damage.ANY_IMAGES[kind](clean(seed), MIDDLE, np.random.default_rng(seed))


def material_of(triplet: damage.Triplet, sure: float | None = None) -> AuditMaterial:
    return audit_material(triplet.images, triplet.labels, sure=sure)


PROCESSED = (
    *("brightness", "contrast", "scaling", "blur", "noise", "inverted", "flipped"),
    *("rotated", "resampled", "jpeg", "border"),
)


@pytest.mark.parametrize("kind", PROCESSED)
def test_what_was_done_to_a_split_is_named(kind: str) -> None:
    of = damaged(kind)
    found = found_by(check_distribution, material_of(of.triplet))
    assert [one.kind in of.kinds for one in found] == [True]
    assert found[0].splits == ("test",)
    assert of.parameter in found[0].sentence
    assert found[0].severity >= Severity.WARNING


@pytest.mark.parametrize(("n", "seed"), [(60, 4), (80, 9)])
def test_of_a_pair_the_split_is_named_that_is_farther_from_the_third(n: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    of = damage.ANY_IMAGES["noise"](clean(seed, n), 0, rng).triplet
    noisy = {"train": "train", "validation": "test", "test": "validation"}
    images, labels = ({x: of_split[noisy[x]] for x in noisy} for of_split in (of.images, of.labels))
    found = found_by(check_distribution, audit_material(images, labels))
    assert [one.splits for one in found if one.kind == "noise"] == [("validation",)]


@pytest.mark.parametrize("seed", range(3))
def test_clean_splits_are_not_told_apart(seed: int) -> None:
    assert not found_by(check_distribution, material_of(clean(seed)))


def test_a_change_that_costs_accuracy_is_an_error() -> None:
    of = damaged("inverted")
    material = material_of(of.triplet, sure=0.9)
    (harmless,) = found_by(check_distribution, material)
    assert harmless.severity == Severity.WARNING
    test = np.flatnonzero(material.split_codes == 2)
    seen = material.predictions
    assert seen is not None
    seen.probabilities[test[::3]] = np.roll(seen.probabilities[test[::3]], 1, axis=1)
    (costly,) = found_by(check_distribution, material)
    assert costly.severity == Severity.ERROR


def test_one_split_cannot_be_compared() -> None:
    triplet = clean()
    alone = audit_material({"all": triplet.images["train"]}, {"all": triplet.labels["train"]})
    (event,) = said_by(check_distribution, alone)
    assert isinstance(event, Unable)


def test_images_that_look_the_same_mirrored_cannot_be_told_mirrored() -> None:
    rng = np.random.default_rng(0)
    images = {split: rng.integers(0, 255, (60, 8, 8, 1), np.uint8) for split in ("train", "test")}
    labels = {split: np.zeros(60) for split in images}
    unable = [
        one
        for one in said_by(check_distribution, audit_material(images, labels))
        if isinstance(one, Unable)
    ]
    assert ["Mirrored" in one.sentence for one in unable] == [True]
    assert not [one for one in said_by(check_distribution, material_of(clean())) if one in unable]


def test_a_few_odd_images_of_one_split_do_not_set_it_apart() -> None:
    images = {split: np.full((100, 8, 8, 1), 255, np.uint8) for split in damage.SPLITS}
    rng = np.random.default_rng(0)
    for split, n_odd in zip(damage.SPLITS, (12, 3, 2), strict=True):
        images[split][:, 1:7, 1:7] = rng.integers(0, 250, (100, 6, 6, 1))
        images[split][:n_odd] //= 2
    labels = {split: np.zeros(100) for split in images}
    assert not found_by(check_distribution, audit_material(images, labels))


@pytest.mark.parametrize("kind", ["label_shift", "class_missing"])
def test_other_shares_of_classes_are_named(kind: str) -> None:
    of = damaged(kind)
    found = found_by(check_distribution, material_of(of.triplet))
    assert found
    assert {one.kind for one in found} <= {"label_shift", "class_missing"}
    assert kind in {one.kind for one in found}
    for code in of.classes:
        assert any("abcdefghij"[code] in one.classes for one in found)


@pytest.mark.parametrize("kind", ["leak_exact", "leak_near", "duplicate_exact"])
def test_copies_are_found(kind: str) -> None:
    of = damaged(kind)
    found = found_by(check_disjoint, material_of(of.triplet))
    serious = {one.kind for one in found if one.severity > Severity.NOTE}
    assert serious == {kind}


def test_copies_with_other_labels_are_found() -> None:
    of = damaged("duplicate_conflict")
    found = found_by(check_disjoint, material_of(of.triplet))
    (conflict,) = [one for one in found if one.kind == "duplicate_conflict"]
    n = len(of.triplet.labels["train"])
    assert conflict.severity == Severity.WARNING
    assert len(conflict.samples) == pytest.approx(2 * 0.05 * n, abs=2)


def test_accuracy_is_told_with_and_without_the_leak() -> None:
    of = damaged("leak_exact")
    (leak,) = [
        one
        for one in found_by(check_disjoint, material_of(of.triplet, sure=0.9))
        if one.kind == "leak_exact"
    ]
    assert "without them 100.0%" in leak.sentence
    assert leak.remedy.action == "exclude"


@pytest.mark.parametrize("kind", ["imbalance", "class_too_small"])
def test_uneven_classes_are_named(kind: str) -> None:
    of = damaged(kind)
    found = found_by(check_balance, material_of(of.triplet))
    assert kind in {one.kind for one in found if one.severity > Severity.NOTE}


def test_of_many_classes_some_are_small_by_chance() -> None:
    labels = np.random.default_rng(0).integers(0, 500, 5_000).astype(np.int32)
    images, names = np.zeros((5_000, 1, 1, 1), np.uint8), tuple(map(str, range(500)))
    material = audit_material({"all": images}, {"all": labels}, names=names)
    assert {one.kind for one in found_by(check_balance, material)} == {"class_too_small"}


def test_slightly_uneven_classes_are_nothing() -> None:
    labels = np.repeat([0, 1], [55, 45])
    images = np.zeros((100, 8, 8, 1), np.uint8)
    assert not found_by(check_balance, audit_material({"all": images}, {"all": labels}))


@pytest.mark.parametrize("kind", ["class_swap", "label_offset", "labels_random", "misaligned"])
def test_damage_to_labels_is_named_by_what_the_model_sees(kind: str) -> None:
    of, true = damaged(kind), clean()
    material = material_of(of.triplet)
    classes = np.concatenate(list(true.labels.values())).astype(np.int32)
    material = AuditMaterial(
        **{**vars(material), "predictions": seeing(classes, material.split_codes == 0, 10)}
    )
    found = found_by(check_labels, material)
    assert found[0].kind in of.kinds
    assert found[0].severity == Severity.ERROR
    assert found[0].splits == ("test",)


def test_good_labels_are_nothing_and_without_a_model_it_says_so() -> None:
    assert not found_by(check_labels, material_of(clean(), sure=0.9))
    triplet = clean()
    alone = audit_material({"all": triplet.images["train"]}, {"all": triplet.labels["train"]})
    (event,) = said_by(check_labels, alone)
    assert isinstance(event, Unable)


def test_a_split_that_fares_worse_is_a_gap_and_equal_ones_are_none() -> None:
    material = material_of(clean(), sure=0.9)
    assert not found_by(check_gaps, material)
    test = np.flatnonzero(material.split_codes == 2)
    seen = material.predictions
    assert seen is not None
    seen.probabilities[test[::3]] = np.roll(seen.probabilities[test[::3]], 1, axis=1)
    (gap,) = found_by(check_gaps, material)
    assert gap.kind == "gap_unexplained"
    assert gap.splits == ("validation", "test")
    assert gap.effect == pytest.approx(-1 / 3, abs=0.01)


def seen_by(
    triplet: damage.Triplet, probabilities: np.ndarray, classes: np.ndarray
) -> AuditMaterial:
    """Splits with a model that learnt from train and says of each image what is given."""
    material = material_of(triplet)
    seen = replace(seeing(classes, material.split_codes == 0, 10), probabilities=probabilities)
    return replace(material, predictions=seen)


def test_a_weak_model_accuses_no_labels_and_says_so() -> None:
    triplet = clean()
    true = np.concatenate(list(triplet.labels.values()))
    rng = np.random.default_rng(0)
    probabilities = rng.dirichlet(np.ones(10), len(true)).astype(np.float32)
    probabilities[np.arange(len(true)), true] += 0.15  # right of a third
    probabilities /= probabilities.sum(axis=1, keepdims=True)
    material = seen_by(triplet, probabilities, true)
    assert not found_by(check_labels, material)
    unable = [one for one in said_by(check_labels, material) if isinstance(one, Unable)]
    assert any("too often wrong" in one.sentence for one in unable)


@pytest.mark.parametrize("split", ["train", "test"])
def test_single_wrong_labels_are_counted_in_their_split(split: str) -> None:
    triplet = clean(n=500)
    true = np.concatenate(list(triplet.labels.values()))
    labels = triplet.labels[split].copy()
    labels[::5] = (labels[::5] + 3) % 10
    noisy = triplet.with_labels(split, labels)
    probabilities = seeing(true, np.zeros(len(true), bool), 10).probabilities
    (noise,) = found_by(check_labels, seen_by(noisy, probabilities, true))
    assert (noise.kind, noise.splits) == ("label_noise", (split,))
    assert noise.ci95 is not None
    assert noise.ci95[0] < 0.2 < noise.ci95[1]


def test_labels_it_learnt_and_yet_agrees_with_less_are_wrong() -> None:
    triplet = clean(n=500)
    true = np.concatenate(list(triplet.labels.values()))
    labels = triplet.labels["train"].copy()
    labels[::5] = (labels[::5] + 3) % 10
    probabilities = seeing(true, np.zeros(len(true), bool), 10).probabilities
    probabilities[:500:5] = probabilities[:500:5] / 3 + 0.06  # of these it is never sure
    noisy = triplet.with_labels("train", labels)
    (noise,) = found_by(check_labels, seen_by(noisy, probabilities, true))
    assert noise.splits == ("train",)
    assert noise.effect == pytest.approx(0.2, abs=0.01)


@pytest.mark.parametrize(("own_mistakes", "is_found"), [(0.0, True), (0.3, False)])
def test_what_a_model_learnt_by_heart_is_counted_if_it_is_seldom_wrong(
    own_mistakes: float, is_found: bool
) -> None:
    """As in a single split, of which it has seen all but a few images."""
    rng = np.random.default_rng(0)
    n, n_learnt = 6_000, 5_500
    labels = rng.integers(0, 10, n).astype(np.int32)
    says = np.where(rng.random(n) < 0.12, (labels + 3) % 10, labels)  # of wrong labels, the truth
    probabilities = seeing(says, np.zeros(n, bool), 10, 0.95).probabilities
    learnt_well = (says != labels) & (rng.random(n) < 0.8)
    probabilities[learnt_well] = probabilities[learnt_well] / 2 + 0.05  # of these it is less sure
    unseen = np.arange(n) >= n_learnt
    mistaken = unseen & (rng.random(n) < own_mistakes)
    probabilities[mistaken] = np.roll(probabilities[mistaken], 1, axis=1) / 2 + 0.05
    images = rng.integers(0, 255, (n, 8, 8, 1), dtype=np.uint8)
    seen = replace(seeing(says, ~unseen, 10), probabilities=probabilities)
    material = replace(audit_material({"all": images}, {"all": labels}), predictions=seen)
    noise = [one for one in found_by(check_labels, material) if one.kind == "label_noise"]
    assert [one.sentence.startswith("At least") for one in noise] == [True] * is_found


def test_one_class_under_the_label_of_another_shifts_both() -> None:
    of = damaged("class_absorbed")
    found = found_by(check_distribution, material_of(of.triplet))
    assert {one.kind for one in found} <= of.kinds
    for one in found:
        assert "train" in one.splits
        assert {"abcdefghij"[code] for code in of.classes} <= set(one.classes)


def with_strays(every: int) -> AuditMaterial:
    """One in so many images of the test split is noise."""
    triplet = clean()
    rng = np.random.default_rng(0)
    images = triplet.images["test"].copy()
    strays = np.arange(0, 400, every)
    images[strays] = np.where(rng.random(images[strays].shape) < 0.5, 40, 220)
    return material_of(triplet.with_images("test", images))


def test_all_images_of_a_split_with_strays_are_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(foreign_module, "_LOOKED_AT", 200)
    monkeypatch.setattr(foreign_module, "_QUICKLY_LOOKED_AT", 200)
    material = with_strays(8)
    (foreign,) = found_by(check_foreign, material)
    found = {*foreign.samples.tolist()}
    assert len(found & {*range(800, 1200, 8)}) >= 35  # the others are of classes test is rich in
    assert len(found - {*material.ids_of(2, 200).tolist()}) >= 10
    assert "of 400 images of test (" in foreign.sentence
    (partly,) = [x for x in said_by(check_foreign, material) if isinstance(x, Unable)]
    assert partly.partly
    assert "200 of the 400 images of train and 200 of" in partly.sentence
    assert "test" not in partly.sentence
    quick = replace(material, quick=True)
    (foreign,) = found_by(check_foreign, quick)
    assert "of 200 images of test that were looked at" in foreign.sentence
    (partly,) = [x for x in said_by(check_foreign, quick) if isinstance(x, Unable)]
    assert "of test, chosen at random (quick)" in partly.sentence


def test_images_of_another_dataset_are_found() -> None:
    strays = np.arange(0, 400, 20)
    (foreign,) = found_by(check_foreign, with_strays(20))
    assert (foreign.kind, foreign.splits) == ("foreign_images", ("test",))
    assert set(strays + 800) <= set(foreign.samples.tolist())
    assert len(foreign.samples) <= 22


@pytest.mark.parametrize("kind", ["class_missing", "label_shift", "order"])
def test_other_classes_are_not_another_dataset(kind: str) -> None:
    assert not found_by(check_foreign, material_of(damaged(kind).triplet))


def test_splits_without_a_class_in_common_cannot_be_compared_in_looks() -> None:
    material = material_of(damaged("order").triplet)
    kinds = {one.kind for one in found_by(check_distribution, material)}
    assert kinds <= {"class_missing", "label_shift"}
    assert any(
        "same classes" in event.sentence
        for event in said_by(check_distribution, material)
        if isinstance(event, Unable)
    )


def test_a_gap_points_at_what_makes_the_harder_split_hard() -> None:
    of, true = damaged("class_swap"), clean()
    classes = np.concatenate(list(true.labels.values())).astype(np.int32)
    material = seen_by(
        of.triplet, seeing(classes, np.zeros(len(classes), bool), 10).probabilities, classes
    )
    swap = found_by(check_labels, material)[0]
    gaps = found_by(check_gaps, material, [swap])
    assert {gap.explained_by for gap in gaps} == {swap.id}


@pytest.mark.parametrize("times", [1, 12])
def test_images_that_were_copied_many_times_are_not_another_dataset(times: int) -> None:
    triplet = clean()
    rows = np.concatenate([np.arange(400), np.repeat(np.arange(0, 60, 2), times)])
    images = {**triplet.images, "train": triplet.images["train"][rows]}
    labels = {**triplet.labels, "train": triplet.labels["train"][rows]}
    assert not found_by(check_foreign, audit_material(images, labels))


def test_of_few_different_images_no_strays_are_told() -> None:
    triplet = clean()
    images = {"train": triplet.images["train"][np.arange(400) % 5], "test": triplet.images["test"]}
    labels = {"train": triplet.labels["train"][np.arange(400) % 5], "test": triplet.labels["test"]}
    (unable, *_) = [
        event
        for event in said_by(check_foreign, audit_material(images, labels))
        if isinstance(event, Unable)
    ]
    assert "too few different images" in unable.sentence


@pytest.mark.parametrize("value", [0, 130, 255])
def test_a_frame_of_any_colour_is_found(value: int) -> None:
    rng = np.random.default_rng(0)
    coarse = rng.normal(128, 40, (200, 8, 8, 3)).repeat(3, axis=1).repeat(3, axis=2)
    photos = np.clip(coarse + rng.normal(0, 20, coarse.shape), 0, 255).astype(np.uint8)
    test = photos[100:]
    test[:, :2], test[:, -2:], test[:, :, :2], test[:, :, -2:] = (value,) * 4
    labels = np.arange(100) % 2
    images = {"train": photos[:100], "test": test}
    material = audit_material(images, {"train": labels, "test": labels})
    (border,) = found_by(check_distribution, material)
    assert (border.kind, border.splits) == ("border", ("test",))
    assert "framed (2 px)" in border.sentence


def test_a_test_split_that_is_worse_is_not_so_because_of_its_copies() -> None:
    material = material_of(clean(), sure=0.9)
    seen = material.predictions
    assert seen is not None
    train = np.flatnonzero(material.split_codes == 0)
    test = np.flatnonzero(material.split_codes == 2)
    seen.trained[train[:100]] = False  # held out
    seen.probabilities[test[::3]] = np.roll(seen.probabilities[test[::3]], 1, axis=1)
    leak = Finding(
        *("disjoint", "leak_exact", Severity.ERROR, 1.0, "", "", Remedy("")),
        splits=("train", "test"),
    )
    gaps = found_by(check_gaps, material, [leak])
    assert {gap.kind for gap in gaps} == {"gap_unexplained"}
    assert not any(gap.explained_by for gap in gaps)


@pytest.mark.parametrize(("share", "is_it"), [(0.05, False), (0.4, True)])
def test_a_few_copies_are_not_what_makes_a_split_far_easier(share: float, is_it: bool) -> None:
    material = material_of(clean(), sure=0.9)
    seen = material.predictions
    assert seen is not None
    hard = np.flatnonzero(material.split_codes == 1)
    seen.probabilities[hard[::3]] = np.roll(seen.probabilities[hard[::3]], 1, axis=1)
    leak = Finding(
        *("disjoint", "leak_exact", Severity.ERROR, 1.0, "", "", Remedy("")),
        splits=("train", "test"),
        effect=share,
    )
    (gap,) = found_by(check_gaps, material, [leak])
    assert (gap.kind, gap.splits) == ("too_good", (material.splits[1], "test"))
    assert (gap.explained_by == leak.id) is is_it


def test_a_class_that_a_split_has_none_of_was_not_shuffled_there() -> None:
    triplet = clean()
    kept = triplet.labels["test"] != 3
    images = {**triplet.images, "test": triplet.images["test"][kept]}
    labels = {**triplet.labels, "test": triplet.labels["test"][kept]}
    true = np.concatenate(list(labels.values())).astype(np.int32)
    said = true.copy()
    said[np.flatnonzero(np.arange(len(true)) >= 800)[::9]] = 3
    material = audit_material(images, labels)
    seen = seeing(said, np.arange(len(true)) < 400, 10)
    found = found_by(check_labels, replace(material, predictions=seen))
    assert "class_shuffled" not in {one.kind for one in found}


def test_a_class_that_is_most_of_a_split_does_not_make_it_sorted() -> None:
    rng = np.random.default_rng(0)
    labels = {"train": rng.permutation([0] * 480 + [1] * 10 + [2] * 10), "test": np.arange(90) % 3}
    images = {split: np.zeros((len(of), 4, 4, 1), np.uint8) for split, of in labels.items()}
    kinds = {one.kind for one in found_by(check_labels, audit_material(images, labels))}
    assert not {"order", "label_set_mismatch"} & kinds


def test_folders_are_always_sorted_and_say_nothing_of_how_they_were_split() -> None:
    labels = {"train": np.repeat([0, 1], 60), "test": np.repeat([2, 3], 60)}
    images = {split: np.zeros((120, 4, 4, 1), np.uint8) for split in labels}
    material = audit_material(images, labels, names=("cat", "dog", "Cats", "Dogs"))
    material = replace(material, info=replace(material.info, kind="folder"))
    (found, *_) = found_by(check_labels, material)
    assert found.kind == "label_set_mismatch"
    assert found.remedy.arguments["becomes"] == {"Cats": "cat", "Dogs": "dog"}


def test_without_any_label_nothing_is_said_of_a_single_class() -> None:
    material = audit_material(
        clean().images, {s: np.full(400, -1) for s in clean().labels}, names=()
    )
    (unable,) = [x for x in said_by(check_labels, material) if isinstance(x, Unable)]
    assert unable.sentence == "No image has a label, so there is none to check."
