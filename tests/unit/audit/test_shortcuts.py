"""What gives a class away is found and the class named; what its images show is at most a note."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from benchmarks import damage
from benchmarks.trained import digits
from models.audit.finding import Finding, Remedy, Severity
from models.audit.material import AuditMaterial
from models.audit.shortcuts import check_shortcuts
from models.types import Unable
from tests.helpers.audits import audit_material, found_by, said_by

pytestmark = pytest.mark.slow

MIDDLE = 1
NAMES = tuple("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")


def of_digits(seed: int = 0, n: int = 500) -> damage.Triplet:
    images, labels = digits()
    return damage.drawn(images[..., None], labels, n, np.random.default_rng(seed))


def photos(n: int = 240, side: int = 32, channels: int = 3, k: int = 4) -> damage.Triplet:
    """Smooth noise of any colours, the same for all classes."""
    rng = np.random.default_rng(0)
    splits = {}
    for split in damage.SPLITS:
        coarse = rng.normal(128, 60, (n, side // 4, side // 4, channels))
        fine = np.kron(coarse, np.ones((1, 4, 4, 1))) + rng.normal(0, 6, (n, side, side, channels))
        splits[split] = np.clip(fine, 0, 255).astype(np.uint8)
    each = np.repeat(np.arange(k, dtype=np.int32), n // k)
    labels = {split: rng.permutation(each) for split in damage.SPLITS}
    return damage.Triplet(splits, labels, k)


def material_of(triplet: damage.Triplet) -> AuditMaterial:
    return audit_material(triplet.images, triplet.labels, names=NAMES[: triplet.n_classes])


def serious(found: list[Finding]) -> list[Finding]:
    return [one for one in found if one.severity > Severity.NOTE]


def given_away(triplet: damage.Triplet, kind: str) -> tuple[damage.Damaged, list[Finding]]:
    every = {**damage.ANY_IMAGES, **damage.COLOUR_ONLY}
    of = every[kind](triplet, MIDDLE, np.random.default_rng(1))
    return of, serious(found_by(check_shortcuts, material_of(of.triplet)))


@pytest.mark.parametrize("kind", ["shortcut_brightness", "shortcut_mark", "shortcut_jpeg"])
def test_the_class_of_digits_that_is_given_away_is_named(kind: str) -> None:
    of, found = given_away(of_digits(), kind)
    assert [one.classes for one in found] == [tuple(NAMES[code] for code in of.classes)]
    assert found[0].kind == "shortcut"


@pytest.mark.parametrize(
    ("kind", "topic"),
    [
        ("shortcut_brightness", "values"),
        ("shortcut_mark", "mark"),
        ("shortcut_jpeg", "jpeg"),
        ("shortcut_grey", "grey"),
    ],
)
def test_the_class_of_photos_that_is_given_away_is_named_and_so_is_why(
    kind: str, topic: str
) -> None:
    of, found = given_away(photos(), kind)
    assert [one.classes for one in found] == [tuple(NAMES[code] for code in of.classes)]
    assert found[0].topic == topic
    assert np.isin(material_of(of.triplet).labels[found[0].samples], list(of.classes)).all()


@pytest.mark.parametrize("seed", range(3))
def test_clean_digits_give_nothing_away(seed: int) -> None:
    assert not serious(found_by(check_shortcuts, material_of(of_digits(seed))))


def test_clean_photos_give_nothing_away() -> None:
    assert not found_by(check_shortcuts, material_of(photos()))


@pytest.mark.parametrize("kind", ["border", "jpeg", "scaling", "brightness"])
def test_what_was_done_to_a_whole_split_is_no_shortcut(kind: str) -> None:
    of = damage.ANY_IMAGES[kind](photos(), MIDDLE, np.random.default_rng(0))
    assert not serious(found_by(check_shortcuts, material_of(of.triplet)))


def test_a_class_of_copies_of_one_image_has_nothing_in_common() -> None:
    triplet = photos()
    train = triplet.images["train"].copy()
    train[triplet.labels["train"] == 0] = train[0]
    assert not serious(found_by(check_shortcuts, material_of(triplet.with_images("train", train))))


def test_of_two_classes_the_one_that_was_processed_is_named() -> None:
    of, found = given_away(photos(k=2), "shortcut_brightness")
    assert [one.classes for one in found] == [tuple(NAMES[code] for code in of.classes)]


def test_many_small_classes_give_nothing_away() -> None:
    images = photos(n=480, side=16, k=40)
    assert not serious(found_by(check_shortcuts, material_of(images)))


def test_two_classes_with_the_same_mark_are_both_named() -> None:
    triplet = photos()
    for split in damage.SPLITS:
        marked = triplet.images[split].copy()
        marked[triplet.labels[split] < 2, :2, -2:] = (255, 0, 0)
        triplet = triplet.with_images(split, marked)
    found = serious(found_by(check_shortcuts, material_of(triplet)))
    assert {one.classes for one in found} == {("a",), ("b",)}
    assert "(255, 0, 0)" in found[0].sentence
    assert "upper right corner" in found[0].sentence


def test_the_class_of_other_sizes_is_named() -> None:
    material = material_of(photos())
    sizes = np.where(material.labels[:, np.newaxis] == 2, (300, 200), (200, 200)).astype(np.int32)
    material = replace(material, facts=replace(material.facts, sizes=sizes))
    (found,) = serious(found_by(check_shortcuts, material))
    assert (found.topic, found.classes) == ("size", ("c",))
    assert "200x300 pixels" in found.sentence


def test_images_that_were_made_smaller_hide_traces_and_it_says_so() -> None:
    material = material_of(photos())
    sizes = np.full((material.n, 2), 200, np.int32)
    material = replace(material, facts=replace(material.facts, sizes=sizes))
    assert any(isinstance(event, Unable) for event in said_by(check_shortcuts, material))


def test_the_class_with_other_files_is_named() -> None:
    material = material_of(photos())
    paths = tuple(
        f"{i}.{'png' if label == 1 else 'jpg'}" for i, label in enumerate(material.labels)
    )
    (found,) = serious(found_by(check_shortcuts, replace(material, paths=paths)))
    assert (found.topic, found.classes) == ("file", ("b",))


def test_classes_of_one_file_type_are_not_among_the_others() -> None:
    material = material_of(photos())
    paths = tuple(f"{i}.{'jpg' if label < 2 else 'png'}" for i, label in enumerate(material.labels))
    found = serious(found_by(check_shortcuts, replace(material, paths=paths)))
    (jpg,) = [one for one in found if "are .jpg" in one.sentence]
    assert jpg.classes == ("a", "b")
    assert "100% of the images of a and b are .jpg, of all others 0%" in jpg.sentence
    assert jpg.effect == 1


def test_a_sorted_file_is_a_note() -> None:
    triplet = photos()
    for split in damage.SPLITS:
        triplet = triplet.with_labels(split, np.sort(triplet.labels[split]))
    found = found_by(check_shortcuts, material_of(triplet))
    assert {one.topic for one in found} == {"order"}
    assert not serious(found)


def darker_in_test() -> AuditMaterial:
    triplet = photos()
    images = {split: triplet.images[split] // 2 + 60 for split in damage.SPLITS}
    of_class = triplet.labels["test"] == 3
    images["test"] = images["test"] - (40 * of_class[:, None, None, None]).astype(np.uint8)
    return material_of(replace(triplet, images=images))


def test_a_class_that_is_darker_in_one_split_alone_is_named() -> None:
    found = [one for one in found_by(check_shortcuts, darker_in_test()) if one.topic == "by split"]
    assert [one.splits for one in found] == [("test",)]
    assert "d" in found[0].classes
    assert found[0].severity == Severity.WARNING


def test_and_it_follows_from_wrong_labels_in_that_split() -> None:
    remedy = Remedy("Exchange them.")
    swap = Finding("labels", "class_swap", Severity.ERROR, 1, "", "", remedy, ("test",), ("c", "d"))
    found = found_by(check_shortcuts, darker_in_test(), [swap])
    (symptom,) = [one for one in found if one.topic == "by split"]
    assert symptom.explained_by == swap.id


def test_without_classes_it_says_what_it_cannot_tell() -> None:
    images = {"all": np.zeros((40, 8, 8, 1), np.uint8)}
    unlabelled = audit_material(images, {"all": np.full(40, -1)})
    assert not found_by(check_shortcuts, unlabelled)
    (event,) = said_by(check_shortcuts, unlabelled)
    assert isinstance(event, Unable)
