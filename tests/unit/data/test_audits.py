"""The audit that a project keeps, and which splits it is still about."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.data.audits import (
    keep_audit,
    keep_rechecks,
    kept_audit,
    kept_rechecks,
    related_by,
    related_images,
)
from tests.helpers.spaces import dataset_info

INFO = replace(dataset_info(6), splits={"train": 4, "test": 2})
RESULT: dict[str, Any] = {"schema": 1, "name": "tiny", "run": None, "findings": []}


COPIES = {"check": "disjoint", "action": {"name": "exclude", "groups": [[0, 4], [1, 5]]}}
SERIES = {"check": "related", "action": {"name": "group", "groups": [[1, 2]]}}


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


def test_it_says_which_images_belong_together(tmp_path: Path, labels: Any) -> None:
    assert related_images(tmp_path, INFO).tolist() == [-1] * 6
    found = {**RESULT, "findings": [COPIES, SERIES, {"check": "gaps", "action": None}]}
    keep_audit(tmp_path, INFO, found, labels, np.ones(6, bool), quick=False)
    assert related_images(tmp_path, INFO).tolist() == [0, 1, 1, -1, 0, 1]
    assert related_by(found["findings"], 6, "disjoint").tolist() == [0, 1, -1, -1, 0, 1]


def test_what_belongs_together_stays_so_when_a_later_audit_does_not_find_it(
    tmp_path: Path, labels: Any
) -> None:
    every = np.ones(6, bool)
    for findings, quick in (([COPIES], False), ([], True), ([SERIES], False), ([], False)):
        keep_audit(tmp_path, INFO, {**RESULT, "findings": findings}, labels, every, quick=quick)
    divided = replace(INFO, splits={"train": 3, "test": 3})
    assert related_images(tmp_path, divided).tolist() == [0, 1, 1, -1, 0, 1]
    others = replace(INFO, fingerprint={"parts": [{"size": 7}]})
    keep_audit(tmp_path, others, RESULT, labels, every, quick=False)
    assert related_images(tmp_path, others).tolist() == [-1] * 6


def test_what_was_audited_of_other_files_says_nothing(tmp_path: Path, labels: Any) -> None:
    found, included = {**RESULT, "findings": [COPIES]}, np.ones(6, bool)
    keep_audit(tmp_path, INFO, found, labels, included, quick=False)
    others = replace(INFO, fingerprint={"parts": [{"size": 7}]})
    assert related_images(tmp_path, others).tolist() == [-1] * 6
    assert kept_audit(tmp_path, others, labels, included) is None


@pytest.mark.parametrize(
    "groups", [[1, 2, 3], 5, None, [[1, 9]], [[-1, 2]], [[3]], [["a", "b"]], [[[1], [2]]], "ab"]
)
def test_groups_that_are_none_are_passed_over(groups: Any) -> None:
    found = [{"check": "disjoint", "action": {"groups": groups}}, "no finding", COPIES]
    assert related_by(found, 6).tolist() == [0, 1, -1, -1, 0, 1]


@pytest.mark.parametrize("text", ["", "[]", '{"source": 3}', '{"groups": 3}', "3"])
def test_a_damaged_list_of_groups_puts_nothing_together(
    tmp_path: Path, labels: Any, text: str
) -> None:
    (tmp_path / "audit_earlier.json").write_text(text)
    assert related_images(tmp_path, INFO).tolist() == [-1] * 6
    found = {**RESULT, "findings": [COPIES]}
    keep_audit(tmp_path, INFO, found, labels, np.ones(6, bool), quick=False)
    assert related_images(tmp_path, INFO).tolist() == [0, 1, -1, -1, 0, 1]


def test_what_became_of_findings_is_kept_until_the_next_audit(tmp_path: Path, labels: Any) -> None:
    every = np.ones(len(labels), bool)
    said = {"leak_exact:train+test": {"outcome": "gone", "left": [], "why": ""}}
    assert kept_rechecks(tmp_path) == {}
    keep_rechecks(tmp_path, said)
    assert kept_rechecks(tmp_path) == said
    keep_audit(tmp_path, INFO, RESULT, labels, every, quick=False)
    assert kept_rechecks(tmp_path) == {}


@pytest.mark.parametrize("text", ["", "[1]", '{"leak": 3}', "\xff"])
def test_a_damaged_file_of_what_became_of_findings_says_nothing(tmp_path: Path, text: str) -> None:
    (tmp_path / "audit_rechecks.json").write_bytes(text.encode("latin1"))
    assert kept_rechecks(tmp_path) == {}
