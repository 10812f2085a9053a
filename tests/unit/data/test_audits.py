"""The audit that a project keeps, and which splits it is still about."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.data.audits import keep_audit, kept_audit
from tests.helpers.spaces import dataset_info

INFO = replace(dataset_info(6), splits={"train": 4, "test": 2})
RESULT: dict[str, Any] = {"schema": 1, "name": "tiny", "run": None, "findings": []}


@pytest.fixture
def labels() -> Any:
    return np.array([0, 1, 2, 0, 1, 2], np.int32)


def test_it_comes_back_with_what_it_is_about(tmp_path: Path, labels: Any) -> None:
    included = np.ones(6, bool)
    assert kept_audit(tmp_path, INFO, labels, included) is None
    keep_audit(tmp_path, INFO, RESULT, labels, included, quick=True)
    kept = kept_audit(tmp_path, INFO, labels, included)
    assert kept is not None
    assert kept.result == RESULT
    assert (kept.quick, kept.since, kept.included_changed) == (True, frozenset(), False)
    assert kept.created.endswith("+00:00")


def test_it_tells_which_splits_have_changed_since(tmp_path: Path, labels: Any) -> None:
    included = np.ones(6, bool)
    keep_audit(tmp_path, INFO, RESULT, labels, included, quick=False)
    labels[5], included[0] = 0, False
    kept = kept_audit(tmp_path, INFO, labels, included)
    assert kept is not None
    assert kept.since == {"test"}
    assert kept.included_changed


def test_other_splits_are_a_change(tmp_path: Path, labels: Any) -> None:
    included = np.ones(6, bool)
    keep_audit(tmp_path, INFO, RESULT, labels, included, quick=False)
    others = replace(INFO, splits={"train": 3, "test": 3})
    kept = kept_audit(tmp_path, others, labels, included)
    assert kept is not None
    assert kept.since == {"train", "test"}


@pytest.mark.parametrize("text", ["", "{", "[]", '{"schema": 1}', '{"schema": 2, "about": {}}'])
def test_a_file_that_says_nothing_is_as_if_not_there(
    tmp_path: Path, labels: Any, text: str
) -> None:
    (tmp_path / "audit.json").write_text(text)
    assert kept_audit(tmp_path, INFO, labels, np.ones(6, bool)) is None
