"""What a check says that it cannot find: those findings, and no others."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

from models.audit.checks import CHECKS
from models.audit.finding import BY_CLASSIFIER, KINDS
from models.audit.material import AuditMaterial
from models.types import Unable
from tests.helpers.audits import audit_material, said_by

UNLABELLED = -1


def some(sizes: Mapping[str, int], k: int = 2, sure: float | None = None) -> AuditMaterial:
    """Splits of noise of these sizes with k classes in turn; of none, without labels."""
    rng = np.random.default_rng(0)
    images = {split: rng.integers(0, 256, (n, 8, 8, 1), np.uint8) for split, n in sizes.items()}
    labels = {
        split: np.arange(n) % k if k else np.full(n, UNLABELLED) for split, n in sizes.items()
    }
    return audit_material(images, labels, sure=sure)


def unable(check: str, material: AuditMaterial) -> list[Unable]:
    return [event for event in said_by(CHECKS[check], material) if isinstance(event, Unable)]


def about(check: str, material: AuditMaterial) -> set[str]:
    return {name for one in unable(check, material) for name in one.about}


@pytest.mark.slow
@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize(
    "material",
    [
        some({"all": 2}),
        some({"train": 20, "test": 10}),
        some({"train": 60, "test": 60}, k=0),
        some({"train": 120, "test": 45}, sure=0.9),
    ],
    ids=["two images", "few images", "no labels", "a small test split"],
)
def test_a_check_names_kinds_of_its_own(check: str, material: AuditMaterial) -> None:
    assert {name.split(":")[0] for name in about(check, material)} <= set(KINDS[check])


def test_splits_without_a_model_leave_their_order_to_be_told() -> None:
    (said,) = unable("labels", some({"train": 20, "test": 10}))
    assert said.about == BY_CLASSIFIER
    assert not {"order", "label_set_mismatch"} & set(said.about)


def test_of_a_small_split_nothing_is_known_but_of_that_one() -> None:
    told = about("labels", some({"train": 120, "test": 45}, sure=0.9))
    assert {"class_swap:test", "label_noise:test"} <= told
    assert "class_swap:train" not in told
    assert about("balance", some({"train": 40, "test": 5})) == {"imbalance:test"}


def test_without_a_model_a_split_is_judged_only_by_others_that_make_sense() -> None:
    rng = np.random.default_rng(0)
    images = {split: rng.integers(0, 100, (120, 8, 8, 1), np.uint8) for split in ("train", "test")}
    labels = np.arange(120) % 2
    images["train"][labels == 1, :, 4:] += 150  # what test shows has nothing to do with labels
    material = audit_material(images, {"train": labels, "test": labels}, names="ab")
    told = about("labels", material)
    assert {"class_swap:train", "label_noise:train"} <= told
    assert not {"class_swap:test", "label_noise:test"} & told


def test_that_no_split_can_be_compared_says_nothing_of_classes() -> None:
    told = about("distribution", some({"train": 20, "test": 10}))
    assert told == set(KINDS["distribution"]) - {"label_shift", "class_missing"}


def test_few_images_can_be_empty_but_not_unusual() -> None:
    told = about("quality", some({"train": 20}))
    assert "quality:dark" in told
    assert not {"quality", "quality:empty", "quality:not numbers", "unreadable"} & told
