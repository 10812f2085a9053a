"""Images of no use are counted split by split; what is only unusual stays a note."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from models.audit.finding import Finding, Remedy, Severity
from models.audit.material import AuditMaterial
from models.audit.quality import check_quality
from models.types import Unable
from tests.helpers.audits import audit_material, found_by, said_by


def photos(n: int = 200) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    rng = np.random.default_rng(0)
    coarse = rng.normal(128, 40, (n, 8, 8, 3)).repeat(4, axis=1).repeat(4, axis=2)
    noisy = coarse + rng.normal(0, 20, coarse.shape)
    return np.clip(noisy, 0, 255).astype(np.uint8)


def material_of(train: np.ndarray, test: np.ndarray | None = None) -> AuditMaterial:  # type: ignore[type-arg]
    images = {"train": train, "test": photos() if test is None else test}
    return audit_material(images, {name: np.arange(len(x)) % 2 for name, x in images.items()})


def named(found: list[Finding]) -> dict[str, Finding]:
    return {one.topic: one for one in found}


@pytest.mark.parametrize(
    ("topic", "spoilt"),
    [
        ("empty", lambda x: x * 0 + 77),
        ("dark", lambda x: x // 20),
        ("bright", lambda x: 255 - x // 20),
        ("flat", lambda x: x // 60 + 120),
    ],
)
def test_images_of_no_use_are_found_in_their_split(topic, spoilt) -> None:  # type: ignore[no-untyped-def]
    test = photos()
    test[5:11] = spoilt(test[5:11])
    found = named(found_by(check_quality, material_of(photos(), test)))
    assert found[topic].splits == ("test",)
    assert found[topic].severity == Severity.WARNING
    assert sorted(found[topic].samples) == list(range(205, 211))
    assert "6 in test" in found[topic].sentence
    assert found[topic].remedy.action == "exclude"


def test_blurred_and_drawn_images_are_notes() -> None:
    train = photos()
    train[3] = np.linspace(0, 255, 32)[:, np.newaxis]
    train[9] = 255
    train[9, 14:18, 4:28] = 0
    found = named(found_by(check_quality, material_of(train)))
    assert found["blurred"].samples.tolist() == [3]
    assert found["little"].samples.tolist() == [9]
    assert {one.severity for one in found.values()} == {Severity.NOTE}


def test_good_images_are_nothing() -> None:
    assert not found_by(check_quality, material_of(photos()))


def test_one_bad_image_of_many_is_a_note() -> None:
    train = photos()
    train[0] = 0
    (found,) = found_by(check_quality, material_of(train))
    assert found.severity == Severity.NOTE


def test_a_dataset_of_empty_images_is_an_error() -> None:
    material = material_of(np.zeros((60, 8, 8, 1), np.uint8), np.zeros((60, 8, 8, 1), np.uint8))
    (found,) = found_by(check_quality, material)
    assert (found.topic, found.severity) == ("empty", Severity.ERROR)
    assert any(isinstance(event, Unable) for event in said_by(check_quality, material))


def test_unreadable_images_are_counted_with_their_reason() -> None:
    material = material_of(photos())
    material.images.readable[200:204] = False
    why = dict.fromkeys(range(200, 204), "The file ends too early.")
    material = replace(material, facts=replace(material.facts, unreadable=why))
    (found,) = found_by(check_quality, material)
    assert found.kind == "unreadable"
    assert found.samples.tolist() == [200, 201, 202, 203]
    assert found.effect == pytest.approx(4 / 200)
    assert found.severity == Severity.WARNING
    assert "The file ends too early." in found.sentence


def test_odd_sizes_and_types_of_files_are_notes() -> None:
    material = material_of(photos())
    sizes = np.full((material.n, 2), 300, np.int32)
    sizes[7] = 300, 1_200
    sizes[8] = 40, 40
    paths = tuple(
        f"{i}.{('jpg', 'jpeg', 'gif')[(i == 12) + 2 * (i == 11)]}" for i in range(material.n)
    )
    facts = replace(material.facts, sizes=sizes)
    found = named(found_by(check_quality, replace(material, facts=facts, paths=paths)))
    assert {topic: one.samples.tolist() for topic, one in found.items()} == {
        "aspect": [7],
        "size": [8],
        "type .gif": [11],
    }
    assert {one.severity for one in found.values()} == {Severity.NOTE}


def test_numbers_that_are_none_are_found() -> None:
    material = material_of(photos())
    means = material.facts.means.copy()
    means[:3] = np.nan
    found = found_by(check_quality, replace(material, facts=replace(material.facts, means=means)))
    assert [one.topic for one in found] == ["not numbers"]
    assert found[0].severity == Severity.WARNING


def of_test(check: str, kind: str) -> Finding:
    words = ("", "", Remedy(""))
    return Finding(check, kind, Severity.WARNING, 1.0, *words, splits=("test",))


def test_black_images_do_not_follow_from_other_shares_of_classes() -> None:
    test = photos()
    test[5:11] //= 20
    material = material_of(photos(), test)
    shares = of_test("distribution", "label_shift")
    assert not any(one.explained_by for one in found_by(check_quality, material, [shares]))
    darker = of_test("distribution", "brightness")
    dark = named(found_by(check_quality, material, [shares, darker]))["dark"]
    assert dark.explained_by == darker.id


def test_images_are_flat_beside_a_split_with_another_range_of_values() -> None:
    train = photos()
    train[5:11] = train[5:11] // 60 + 120
    scaled = of_test("distribution", "scaling")
    flat = named(found_by(check_quality, material_of(train), [scaled]))["flat"]
    assert (flat.splits, flat.explained_by) == (("train",), scaled.id)
