"""Series of images torn across splits: told by names and looks together, never by names alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.audit.finding import Severity
from models.audit.material import AuditMaterial
from models.audit.related import check_related, series_name
from models.types import Unable
from tests.helpers.audits import audit_material, found_by, said_by

SERIES, LENGTH = 40, 6


def frames(
    names: list[str], seed: int = 0, alike: bool = True, labelled: bool = True
) -> AuditMaterial:
    """Series of images after one another, dealt out to two splits at random."""
    rng = np.random.default_rng(seed)
    n = SERIES * LENGTH
    scenes = rng.uniform(0, 255, (SERIES if alike else n, 16, 16, 3))
    images = np.repeat(scenes, n // len(scenes), axis=0) + rng.normal(0, 10, (n, 16, 16, 3))
    images = images.clip(0, 255).astype(np.uint8)
    labels = np.arange(n) // LENGTH % 4
    order = rng.permutation(n)
    train, test = np.sort(order[: n // 2]), np.sort(order[n // 2 :])
    parts = {"train": train, "test": test}
    made = audit_material(
        {split: images[part] for split, part in parts.items()},
        {split: labels[part] for split, part in parts.items()},
        names=("cow", "horse", "dog", "cat"),
    )
    paths = [f"{split}/{names[i]}" for split, part in parts.items() for i in part]
    none = np.full(n, -1, np.int32)
    return replace(made, paths=tuple(paths), labels=made.labels if labelled else none)


BY_COUNTER = [f"IMG_{2_000 + i}.jpg" for i in range(SERIES * LENGTH)]
BY_STEM = [f"scene{i // LENGTH}_{7 * (i % LENGTH):03d}.png" for i in range(SERIES * LENGTH)]
BY_FOLDER = [f"walk{i // LENGTH}/{i % LENGTH:04d}.png" for i in range(SERIES * LENGTH)]
BY_TIME = [
    f"20240312_{10 + i // LENGTH // 30:02d}{i // LENGTH * 2 % 60:02d}{i % LENGTH * 5:02d}.jpg"
    for i in range(SERIES * LENGTH)
]


@pytest.mark.parametrize("names", [BY_COUNTER, BY_STEM, BY_FOLDER, BY_TIME])
@pytest.mark.parametrize("labelled", [True, False])
def test_a_torn_series_is_found_by_its_names(names: list[str], labelled: bool) -> None:
    material = frames(names, labelled=labelled)
    (found,) = found_by(check_related, material)
    assert (found.kind, found.splits) == ("related", ("train", "test"))
    assert found.severity == Severity.ERROR
    assert found.effect > 0.9
    assert found.ci95 is not None
    assert found.ci95[0] < found.effect <= found.ci95[1]


def test_the_remedy_groups_images_as_the_series_are() -> None:
    material = frames(BY_STEM)
    (found,) = found_by(check_related, material)
    assert found.remedy.action == "group"
    groups = found.remedy.arguments["groups"]
    assert [i for group in groups for i in group] == found.samples.tolist()
    scenes = [{material.paths[i].split("/")[1].split("_")[0] for i in group} for group in groups]
    assert all(len(scene) == 1 for scene in scenes)
    assert len(set.union(*scenes)) == len(groups)


@pytest.mark.parametrize("names", [BY_COUNTER, BY_STEM, BY_FOLDER, BY_TIME])
@pytest.mark.parametrize("labelled", [True, False])
def test_numbers_of_unrelated_photos_are_nothing(names: list[str], labelled: bool) -> None:
    assert not found_by(check_related, frames(names, alike=False, labelled=labelled))


def test_numbers_without_names_are_nothing_even_where_neighbours_are_alike() -> None:
    material = frames([str(i) for i in range(SERIES * LENGTH)])
    assert not found_by(check_related, material)
    (said,) = said_by(check_related, material)
    assert isinstance(said, Unable)


def test_images_sorted_by_class_are_no_series() -> None:
    rng = np.random.default_rng(0)
    labels = np.repeat([0, 1, 2, 3], 60)
    looks = rng.uniform(0, 255, (4, 16, 16, 1))[labels] + rng.normal(0, 40, (240, 16, 16, 1))
    images = looks.clip(0, 255).astype(np.uint8)
    made = audit_material(
        {"train": images[::2], "test": images[1::2]}, {"train": labels[::2], "test": labels[1::2]}
    )
    paths = [f"img_{i:05d}.png" for i in (*range(0, 240, 2), *range(1, 240, 2))]
    named = replace(made, paths=tuple(paths))
    assert not found_by(check_related, named)
    assert not found_by(check_related, replace(named, labels=np.full(240, -1, np.int32)))


def test_one_split_tears_nothing() -> None:
    images, labels = np.zeros((3, 8, 8, 1), np.uint8), np.zeros(3)
    (said,) = said_by(check_related, audit_material({"all": images}, {"all": labels}))
    assert isinstance(said, Unable)


@pytest.mark.parametrize(
    ("path", "name", "number"),
    [
        ("test/cow/IMG_2031.jpg", "cow/img", 2031),
        ("cow_012.jpg", "cow", 12),
        ("photo (7).png", "photo", 7),
        ("walk3/0012.png", "walk3/", 12),
        ("2024-03-12/IMG_20240312_101502.jpg", "2024-03-12/img_20240312", 36902 // 20),
        ("train/cow/0012.png", "", 0),
        ("0012.png", "", 0),
        ("7", "", 0),
        ("images.npz[12]", "", 0),
        ("cow/portrait.jpg", "", 0),
    ],
)
def test_what_a_path_says(path: str, name: str, number: int) -> None:
    assert series_name(path, {"cow"}) == (name, number)


@given(st.text(max_size=40))
@settings(max_examples=50, deadline=None)
def test_any_path_has_a_name_or_none(path: str) -> None:
    name, number = series_name(path)
    assert number >= 0
    assert name or not number
