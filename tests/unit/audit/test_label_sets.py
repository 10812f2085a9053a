"""Classes that go by another name in another split: by spelling, by what a model sees, or not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from models.audit.distribution import check_distribution
from models.audit.label_sets import in_words, same_classes, spelled_alike
from models.audit.labels import check_labels
from models.audit.material import AuditMaterial
from tests.helpers.audits import audit_material, found_by, seeing

N = 120


@pytest.mark.parametrize(
    ("name", "others", "alike"),
    [
        ("Cat", ["cat", "dog"], "cat"),
        ("T-shirt/top", ["tshirt top", "Trouser"], "tshirt top"),
        ("I.T.", ["IT", "HR"], "IT"),
        ("tshirts", ["T-shirt", "Trouser"], "T-shirt"),
        ("level 1 2", ["level 12", "level 3"], ""),
        ("t_shirt_top", ["T-shirt/top", "Trouser"], "T-shirt/top"),
        ("ankle boots", ["Ankle boot", "Bag"], "Ankle boot"),
        ("boot, ankle", ["Ankle boot", "Bag"], "Ankle boot"),
        ("café", ["cafe", "tea"], "cafe"),
        ("seven", ["7", "1"], "7"),
        ("07", ["7", "70"], "7"),
        ("glioma_tumour", ["glioma tumor", "meningioma tumor"], "glioma tumor"),
        ("class 1", ["class 2", "class 3"], ""),
        ("class 11", ["class 12"], ""),
        ("cat", ["car", "cab"], ""),
        ("bus", ["bush"], ""),
        ("Cat", ["cat", "CAT"], ""),
        ("horse", ["zebra", "mule"], ""),
        ("", ["cat"], ""),
        ("cat", [], ""),
    ],
)
def test_another_spelling_is_seen_and_another_word_is_not(
    name: str, others: list[str], alike: str
) -> None:
    assert spelled_alike(name, others) == alike


def two_splits(names: tuple[str, ...], of_test: list[int]) -> AuditMaterial:
    """Train has classes 0, 1 and 2, test those given; all images are alike."""
    pixels = np.random.default_rng(0).integers(0, 255, (2 * N, 8, 8, 1), dtype=np.uint8)
    test = np.resize(np.array(of_test), N)
    return audit_material(
        {"train": pixels[:N], "test": pixels[N:]},
        {"train": np.arange(N) % 3, "test": test},
        names=names,
    )


def test_classes_that_no_split_has_both_of_are_one_by_their_spelling() -> None:
    material = two_splits(("cat", "dog", "bird", "Cats", "DOG", "birds"), [3, 4, 5])
    assert same_classes(material) == {"Cats": "cat", "DOG": "dog", "birds": "bird"}


def test_classes_that_one_split_has_both_of_are_two() -> None:
    material = two_splits(("cat", "dog", "bird", "Cat", "x", "y"), [0, 3])
    assert same_classes(material) == {}


def test_two_names_of_one_split_are_not_both_the_same_class() -> None:
    material = two_splits(("cat", "dog", "bird", "Cat", "CAT", "y"), [3, 4, 1])
    assert same_classes(material) == {}


def test_a_model_tells_what_a_foreign_word_means() -> None:
    material = two_splits(("cat", "dog", "bird", "chat", "chien", "oiseau"), [3, 4, 5])
    assert same_classes(material) == {}
    learnt = np.arange(2 * N) < N
    seen = np.concatenate([np.arange(N) % 3, np.resize([0, 1, 2], N)]).astype(np.int32)
    known = replace(material, predictions=seeing(seen, learnt, 6))
    assert same_classes(known) == {"chat": "cat", "chien": "dog", "oiseau": "bird"}
    unsure = replace(material, predictions=seeing(np.roll(seen, 60) * 0, learnt, 6))
    assert same_classes(unsure) == {}


@pytest.mark.parametrize("of_test", [[3], [3, 4], [0, 3, 4], [3, 4, 4, 5]])
def test_a_class_that_a_model_never_met_is_not_what_it_takes_it_for(of_test: list[int]) -> None:
    """As in splits cut from a file that was sorted by class."""
    material = two_splits(("cat", "dog", "bird", "fox", "hen", "cow"), of_test)
    taken_for = np.array([0, 1, 2, 0, 1, 1])[material.labels].astype(np.int32)
    known = replace(material, predictions=seeing(taken_for, np.arange(2 * N) < N, 6))
    assert same_classes(known) == {}


def test_splits_with_other_names_are_told_to_use_one_name_each() -> None:
    material = two_splits(("cat", "dog", "bird", "Cat", "Dog", "Bird"), [3, 4, 5])
    (finding,) = (one for one in found_by(check_labels, material) if "mismatch" in one.kind)
    assert finding.remedy.action == "map_classes"
    assert finding.remedy.arguments["becomes"] == {"Cat": "cat", "Dog": "dog", "Bird": "bird"}
    assert "“Cat” → “cat”" in finding.remedy.words


def test_a_class_that_is_missing_by_its_name_alone_is_found() -> None:
    material = two_splits(("cat", "dog", "bird", "Birds", "y", "z"), [0, 1, 3])
    missing = [one for one in found_by(check_distribution, material) if one.kind == "class_missing"]
    assert {one.splits for one in missing} == {("train",), ("test",)}
    assert all(one.remedy.arguments["becomes"] == {"Birds": "bird"} for one in missing)


def test_what_cannot_be_mapped_is_split_anew() -> None:
    material = two_splits(("cat", "dog", "bird", "car", "bus", "ship"), [3, 4, 5])
    (finding,) = (one for one in found_by(check_labels, material) if "mismatch" in one.kind)
    assert finding.remedy.action == "split"


def test_a_long_mapping_is_cut_in_words() -> None:
    assert in_words({"A": "a"}) == "“A” → “a”"
    assert in_words(dict(zip("ABCDE", "abcde", strict=True)), 2).endswith("and 3 more")
