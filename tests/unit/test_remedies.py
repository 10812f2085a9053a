"""What each kind of remedy leaves alone, when it is refused, and what it brings back."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.errors import ProjectError
from models.opening import request_for
from models.remedying import Do, remedying
from models.review.decisions import Status
from models.splitting import SplitWish, splitting
from models.undoing import undoings
from qtapp.remedy_text import remedy_lines
from tests.helpers.findings import leak
from tests.helpers.remedied import (
    FINDINGS,
    LEAK,
    N_TRAIN,
    ask_nobody,
    decide,
    insects,
    keep,
    now,
    result,
    with_review,
)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return insects(tmp_path)


@pytest.fixture
def found_next(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What the check of a finding finds when it is run again, in place of the auditor child."""
    return ask_nobody(monkeypatch)


def test_labels_that_somebody_gave_are_not_exchanged(
    project: Path, found_next: list[dict[str, Any]], tmp_path: Path
) -> None:
    decide(project, tmp_path, "0,keep", "1,keep")
    before = now(project).labelling.labels
    done = result(remedying(project, "class_swap:train"))
    assert (done["preview"]["images"], done["preview"]["left_alone"]) == (N_TRAIN - 2, 2)
    after = now(project).labelling.labels
    np.testing.assert_array_equal(after[:2], before[:2])
    assert (after[2:N_TRAIN] == 1 - before[2:N_TRAIN]).all()
    assert "2 more stay as they are" in " ".join(remedy_lines(done))


def test_what_is_in_other_splits_by_now_is_not_left_out(project: Path) -> None:
    result(splitting(project, SplitWish({}, seed=3)))
    with pytest.raises(ProjectError, match=r"other images now.* Audit again"):
        result(remedying(project, LEAK))
    assert not now(project).labelling.edits


def test_images_without_a_label_are_left_out_without_a_name(tmp_path: Path) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (12, 8, 8), dtype=np.uint8)
    arrays = {"x_train": pixels[:8], "y_train": np.arange(8) % 2, "x_unlabeled": pixels[8:]}
    np.savez(tmp_path / "some.npz", **arrays)
    with_review(request_for([tmp_path / "some.npz"]), lambda x: keep(x, [leak([3, 9])]))
    preview = result(remedying(tmp_path / "some.winnow", LEAK, Do.PREVIEW))["preview"]
    assert [bool(name) for name in preview["now"]] == [True, False]


@pytest.mark.slow
def test_the_split_before_comes_back_then_that_of_the_source(
    project: Path, found_next: list[dict[str, Any]]
) -> None:
    result(splitting(project, SplitWish({"train": 0.5, "test": 0.5}, seed=3)))
    own = now(project).info.split_codes()
    result(remedying(project, "order:train+test"))
    assert (now(project).info.split_codes() != own).any()
    result(remedying(project, "order:train+test", Do.TAKE_BACK))
    np.testing.assert_array_equal(now(project).info.split_codes(), own)
    result(remedying(project, "order:train+test", Do.TAKE_BACK))
    assert now(project).info.assignment is None


def test_class_weights_are_previewed_for_what_is_trained_on(project: Path, tmp_path: Path) -> None:
    decide(project, tmp_path, "0,exclude", "2,exclude")
    with_review(request_for([project]), lambda x: keep(x, [{**FINDINGS[4], "splits": ["test"]}]))
    classes = result(remedying(project, "imbalance:train", Do.PREVIEW))["preview"]["classes"]
    assert {name: one["images"] for name, one in classes.items()} == {
        "ant": N_TRAIN // 2 - 2,
        "bee": N_TRAIN // 2,
        "Ants": 0,
    }


@pytest.mark.slow
@pytest.mark.parametrize(
    ("finding", "is_back"),
    [
        (LEAK, lambda review: not (review.labelling.status == Status.EXCLUDED).any()),
        ("inverted:test", lambda review: not undoings(review.project)),
        ("imbalance:train", lambda review: review.labelling.class_weights == "none"),
        ("order:train+test", lambda review: review.info.assignment is None),
    ],
)
def test_what_a_later_audit_does_not_find_any_more_can_be_taken_back(
    project: Path, found_next: list[dict[str, Any]], finding: str, is_back: Any
) -> None:
    result(remedying(project, finding))
    assert not is_back(now(project))
    for _ in range(2):
        with_review(request_for([project]), lambda review: keep(review, []))
    with pytest.raises(ProjectError, match="has no finding"):
        result(remedying(project, finding))
    with pytest.raises(ProjectError, match=f"taken back: {re.escape(finding)}\\."):
        result(remedying(project, "nonsense", Do.TAKE_BACK))
    done = result(remedying(project, finding, Do.TAKE_BACK))
    assert done["outcome"] is None
    assert list(remedy_lines(done)) == ["Taken back."]
    assert is_back(now(project))
    with pytest.raises(ProjectError):
        result(remedying(project, finding, Do.TAKE_BACK))
    with pytest.raises(ProjectError, match=r"has no finding “nonsense”.*Nothing can be"):
        result(remedying(project, "nonsense", Do.TAKE_BACK))
