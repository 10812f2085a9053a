"""What is said of copies: which split, how many, with which labels, what could be done."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from benchmarks import damage
from benchmarks.trained import cifar, digits, fashion
from models.audit.disjoint import check_disjoint
from models.audit.finding import Severity
from models.types import Unable
from tests.helpers.audits import audit_material, found_by, said_by

pytestmark = pytest.mark.slow


def drawn(images: damage.Images, labels: np.ndarray, n: int, seed: int) -> damage.Triplet:
    return damage.drawn(images, labels, n, np.random.default_rng(seed))


def some_digits(n: int = 300, seed: int = 0) -> damage.Triplet:
    images, labels = digits()
    return drawn(images[..., None], labels, n, seed)


@pytest.mark.parametrize("seed", range(2))
def test_clean_digits_give_notes_at_most(seed: int) -> None:
    triplet = some_digits(n=500, seed=seed)
    found = found_by(check_disjoint, audit_material(triplet.images, triplet.labels))
    assert {one.severity for one in found} <= {Severity.NOTE}


def test_copies_stand_beside_each_other_among_the_samples() -> None:
    triplet = some_digits()
    leaked = triplet.images["test"].copy()
    leaked[:20] = triplet.images["train"][40:60]
    of = triplet.with_images("test", leaked)
    material = audit_material(of.images, of.labels)
    (leak,) = [x for x in found_by(check_disjoint, material) if x.kind == "leak_exact"]
    pixels = material.images.pixels[leak.samples]
    assert len(pixels) == 40
    assert (pixels[::2] == pixels[1::2]).all()


def test_leaving_out_what_the_remedy_names_ends_the_leak() -> None:
    of = damage.leak_near(some_digits(), 1, np.random.default_rng(0)).triplet
    material = audit_material(of.images, of.labels)
    before = [x for x in found_by(check_disjoint, material) if x.kind == "leak_near"]
    assert max(x.severity for x in before) == Severity.ERROR
    for leak in before:
        assert leak.remedy.action == "exclude"
        assert {i for group in leak.remedy.arguments["groups"] for i in group} == set(leak.samples)
        material.included[leak.remedy.arguments["samples"]] = False
    without = replace(material)  # nothing computed before stays
    assert not [x for x in found_by(check_disjoint, without) if x.severity == Severity.ERROR]


def with_near_copies(each: int, n: int = 20) -> damage.Triplet:
    """Digits of the test split are a little brighter ones of train, each several times."""
    of = some_digits()
    bright = (of.images["train"][:n] // 2 * 2 * 0.9 + 12).astype(np.uint8)
    test = of.images["test"].copy()
    test[: n * each] = np.repeat(bright, each, axis=0)
    labels = of.labels["test"].copy()
    labels[: n * each] = np.repeat(of.labels["train"][:n], each)
    return of.with_images("test", test).with_labels("test", labels)


def test_every_exact_copy_of_a_near_copy_leaks_too() -> None:
    of = with_near_copies(3)
    material = audit_material(of.images, of.labels)
    (leak,) = [x for x in found_by(check_disjoint, material) if x.kind == "leak_near"
               and x.splits == ("train", "test")]  # fmt: skip
    first = len(of.labels["train"]) + len(of.labels["validation"])
    assert set(leak.remedy.arguments["samples"]) >= set(range(first, first + 60))
    material.included[leak.remedy.arguments["samples"]] = False
    again = found_by(check_disjoint, replace(material))
    assert "leak_near:train+test" not in {one.id for one in again}


def test_exact_copies_are_not_told_of_as_near_ones_too() -> None:
    """Twice in test, and like one of train; nothing within test is nearly the same only."""
    of = with_near_copies(2)
    found = {one.id: one for one in found_by(check_disjoint, audit_material(of.images, of.labels))}
    assert found["duplicate_exact:test"].effect == pytest.approx(20 / len(of.labels["test"]))
    assert "leak_near:train+test" in found
    assert "duplicate_near:test" not in found
    of.labels["test"][:40:2] += 1
    of.labels["test"][:40:2] %= 10
    found = {one.id: one for one in found_by(check_disjoint, audit_material(of.images, of.labels))}
    assert "40 images that are exactly the same" in found["duplicate_conflict:test"].sentence
    assert not [one for one in found if one.startswith("duplicate_conflict:train")]


def test_a_split_without_copies_is_not_named() -> None:
    of = damage.duplicate_exact(some_digits(), 1, np.random.default_rng(0)).triplet
    found = found_by(check_disjoint, audit_material(of.images, of.labels))
    serious = [one for one in found if one.severity > Severity.NOTE]
    assert [(one.kind, one.splits) for one in serious] == [("duplicate_exact", ("train",))]
    keep = serious[0].remedy
    assert keep.action == "keep_one"


def test_a_thousand_exact_copies_of_one_image_are_one_group() -> None:
    images, labels = digits()
    pixels = np.repeat(images[:1, :, :, None], 1_000, axis=0)
    material = audit_material({"all": pixels}, {"all": labels[:1].repeat(1_000)})
    found = found_by(check_disjoint, material)
    assert [one.kind for one in found] == ["duplicate_exact"]
    assert found[0].effect == pytest.approx(0.999)


def test_two_images_are_too_few() -> None:
    images, labels = digits()
    material = audit_material({"all": images[:2, :, :, None]}, {"all": labels[:2]})
    assert any(isinstance(event, Unable) for event in said_by(check_disjoint, material))


@pytest.mark.shared
def test_clean_garments_give_notes_at_most() -> None:
    images, labels = fashion()
    triplet = drawn(images[..., None], labels, 1_000, 0)
    found = found_by(check_disjoint, audit_material(triplet.images, triplet.labels))
    assert {one.severity for one in found} <= {Severity.NOTE}


@pytest.mark.shared
def test_a_near_leak_of_photos_is_found_whole() -> None:
    images, labels = cifar(3_000)
    of = damage.leak_near(drawn(images, labels, 500, 0), 2, np.random.default_rng(0)).triplet
    found = found_by(check_disjoint, audit_material(of.images, of.labels))
    (leak,) = [one for one in found if one.kind == "leak_near" and one.severity == Severity.ERROR]
    assert leak.splits == ("train", "test")
    assert leak.effect == pytest.approx(0.2, abs=0.012)


def test_how_copies_were_turned_is_told_of_those_copies_alone() -> None:
    triplet = some_digits()
    test, validation = triplet.images["test"].copy(), triplet.images["validation"].copy()
    test[:20] = triplet.images["train"][40:60, :, ::-1]
    validation[:20] = np.minimum(triplet.images["train"][80:100].astype(int) + 9, 255)
    of = triplet.with_images("test", test).with_images("validation", validation)
    found = found_by(check_disjoint, audit_material(of.images, of.labels))
    said = {one.splits: one.sentence for one in found if one.kind == "leak_near"}
    assert "mirrored" in said["train", "test"]
    assert "mirrored" not in said["train", "validation"]


def test_one_copy_is_a_copy() -> None:
    triplet = some_digits()
    test = triplet.images["test"].copy()
    test[0] = triplet.images["train"][7]
    of = triplet.with_images("test", test)
    found = found_by(check_disjoint, audit_material(of.images, of.labels))
    (leak,) = [one for one in found if one.kind == "leak_exact"]
    assert "1 of the 300 images of test (0.3%) is exactly the same as images of train" in (
        leak.sentence
    )
