"""Audits by a run of earlier on: classes and labels may have changed since."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks.trained import digits
from models.audit.learnt import (
    LEARNT_OTHERWISE,
    LEARNT_UNKNOWN,
    learnt_otherwise,
    probabilities_now,
    relabelled,
)
from models.audit.session import auditing_session
from models.auditing import audit_request
from models.data.runs import run_folder
from models.opening import request_for
from models.processes.auditing import AuditRequest
from models.training.roles import Role
from models.types import Finished, LabelVector
from tests.helpers.audits import seeing
from tests.helpers.local import open_here
from tests.helpers.projects import add_scores

pytestmark = pytest.mark.slow

NAN = float("nan")
NAMES = ("ant", "bee", "cat")


def asked(
    project: Path,
    learnt: Sequence[int],
    now: Sequence[int],
    names: Sequence[str] = NAMES,
    merged: Mapping[int, int] | None = None,
    *,
    then: Sequence[str] = NAMES,
    trained: Any = True,
) -> AuditRequest:
    """An audit of labels by a run that learnt others."""
    n = len(learnt)
    write_run(project, np.array(learnt), then, np.full(n, trained) if trained is True else trained)
    labels, every = np.array(now, np.int32), np.ones(n, bool)
    return AuditRequest(project, {}, labels, every, tuple(names), merged or {}, run=1)


def write_run(project: Path, labels: Any, names: Sequence[str], trained: Any) -> None:
    add_scores(project, labels, len(names), given=labels)
    folder = run_folder(project / "runs", 1)
    details = json.loads((folder / "run.json").read_text())
    (folder / "run.json").write_text(json.dumps({**details, "class_names": list(names)}))
    np.save(folder / "labels.npy", labels.astype(np.int32))
    np.save(folder / "included.npy", np.ones(len(labels), bool))
    np.save(folder / "roles.npy", np.where(trained, Role.TRAINED, Role.SCORED).astype(np.uint8))


def told(request: AuditRequest, *rows: Sequence[float]) -> Any:
    return probabilities_now(request, np.array(rows, np.float32))


def test_where_nothing_changed_a_run_says_what_it_said(tmp_path: Path) -> None:
    request = asked(tmp_path, [0, 1], [0, 1])
    rows = [[0.9, 0.1, 0], [0.2, 0.8, 0]]
    np.testing.assert_array_equal(told(request, *rows), np.array(rows, np.float32))


def test_of_a_class_added_since_a_run_says_nothing(tmp_path: Path) -> None:
    request = asked(tmp_path, [0, 1], [0, 3], (*NAMES, "wasp"), trained=np.array([True, False]))
    now = told(request, [0.9, 0.1, 0], [0.2, 0.8, 0])
    np.testing.assert_allclose(now, [[0.9, 0.1, 0, 0], [NAN] * 4], rtol=1e-6)


def test_a_merged_class_counts_for_the_one_it_went_into(tmp_path: Path) -> None:
    request = asked(tmp_path, [0, 1, 2], [0, 0, 2], merged={1: 0})
    now = told(request, [0.9, 0.1, 0], [0.2, 0.7, 0.1], [0, 0, 1])
    np.testing.assert_allclose(now, [[1, 0, 0], [0.9, 0, 0.1], [0, 0, 1]], rtol=1e-6)
    assert not relabelled(request).any()


def test_a_class_that_was_made_of_others_since_is_known_by_these(tmp_path: Path) -> None:
    request = asked(tmp_path, [0, 1], [3, 3], (*NAMES, "insect"), {0: 3, 1: 3})
    now = told(request, [0.6, 0.3, 0.1], [0.2, 0.8, 0])
    np.testing.assert_allclose(now, [[0, 0, 0.1, 0.9], [0, 0, 0, 1]], rtol=1e-6)


@pytest.mark.parametrize("names", [("ant", "bee"), ("ant", "bee", "wasp")])
def test_a_class_that_was_undone_since_has_no_say(tmp_path: Path, names: Sequence[str]) -> None:
    request = asked(tmp_path, [0, 1], [0, 1], names)
    now = told(request, [0.6, 0.2, 0.2], [0.1, 0.1, 0.8])
    np.testing.assert_allclose(now[0, :2], [0.75, 0.25], rtol=1e-6)
    assert (now[0, 2:] == 0).all()
    assert np.isnan(now[1]).all()


def test_an_image_that_was_learnt_under_another_label_is_not_judged(tmp_path: Path) -> None:
    trained = np.array([True, True, False])
    request = asked(tmp_path, [0, 0, 0], [0, 1, 1], trained=trained)
    now = told(request, [0.9, 0.1, 0], [0.9, 0.1, 0], [0.2, 0.8, 0])
    assert np.isnan(now[:, 0]).tolist() == [False, True, False]


def test_an_excluded_image_does_not_count_as_relabelled(tmp_path: Path) -> None:
    request = asked(tmp_path, [0, 0], [1, 0])
    assert relabelled(request).tolist() == [True, False]
    assert not relabelled(replace(request, included=np.array([False, True]))).any()


@pytest.mark.parametrize(
    ("n_changed", "n", "is_other"),
    [(5, 30, False), (6, 30, True), (100, 1_000, False), (101, 1_000, True), (0, 30, False)],
)
def test_single_corrections_leave_a_model_its_say_and_a_tenth_of_a_class_does_not(
    tmp_path: Path, n_changed: int, n: int, is_other: bool
) -> None:
    then = [0] * n + [1] * 5_000  # either class may have lost or gained them
    now = [1] * n_changed + [0] * (n - n_changed) + [1] * 5_000
    assert learnt_otherwise(asked(tmp_path / "lost", then, now)) is is_other
    assert learnt_otherwise(asked(tmp_path / "gained", now, then)) is (n_changed > 5 and is_other)


def test_a_few_images_of_a_class_added_since_leave_a_model_its_say(tmp_path: Path) -> None:
    then = [0] * 200
    request = asked(tmp_path, then, [3] * 12 + then[12:], (*NAMES, "wasp"))
    assert not learnt_otherwise(request)


def test_many_small_classes_learnt_otherwise_are_many_images(tmp_path: Path) -> None:
    names = [str(code) for code in range(20)]
    then = list(range(20)) * 2
    now = [(code + 1) % 20 for code in then]
    assert learnt_otherwise(asked(tmp_path, then, now, names, then=names))


def test_without_a_record_of_its_labels_a_run_is_believed(tmp_path: Path) -> None:
    request = asked(tmp_path, [0] * 20, [1] * 20)
    assert learnt_otherwise(request)
    assert not learnt_otherwise(replace(request, run=0))
    (run_folder(tmp_path / "runs", 1) / "labels.npy").unlink()
    assert not learnt_otherwise(request)


# -- whole audits ----------------------------------------------------------------------------
SPLITS = {"train": 400, "val": 200, "test": 200}
TRAIN = np.arange(800) < 400
DIGITS = tuple(map(str, range(10)))


@pytest.fixture
def request_of(tmp_path: Path) -> AuditRequest:
    """Of digits in three splits, labelled well, by a run that learnt train and sees all well."""
    images, labels = (array[:800] for array in digits())
    ends = np.cumsum(list(SPLITS.values()))
    arrays = {}
    for split, x, y in zip(SPLITS, np.split(images, ends), np.split(labels, ends), strict=False):
        arrays |= {f"x_{split}": x, f"y_{split}": y}
    np.savez(tmp_path / "digits.npz", **arrays)
    review = open_here(request_for([tmp_path / "digits.npz"]))
    review.close()
    return replace(audit_request(review, checks=("labels", "gaps")), run=1)


def audited(
    request: AuditRequest, says: LabelVector, names: Sequence[str] = DIGITS, learnt: Any = None
) -> dict[str, Any]:
    """By a run that had these classes, says these, and learnt what it says unless told."""
    folder = run_folder(request.project / "runs", 1)
    write_run(request.project, says if learnt is None else learnt, names, TRAIN)
    probabilities = seeing(says, TRAIN, len(names)).probabilities
    np.save(folder / "scores-0001" / "probabilities.npy", probabilities)
    *_, last = auditing_session(request)
    assert isinstance(last, Finished)
    return last.result


def test_an_audit_goes_on_where_a_class_was_added_since_the_run(request_of: AuditRequest) -> None:
    labels = request_of.labels.copy()
    labels[np.flatnonzero(labels == 9)[-4:]] = 10
    now = replace(request_of, labels=labels, class_names=(*request_of.class_names, "wasp"))
    result = audited(now, request_of.labels)
    assert result["run"] == 1
    assert not result["findings"]


def test_classes_that_were_merged_since_the_run_are_no_wrong_labels(
    request_of: AuditRequest,
) -> None:
    labels = np.where(request_of.labels == 9, 8, request_of.labels).astype(np.int32)
    now = replace(request_of, labels=labels, merged={9: 8})
    result = audited(now, request_of.labels)
    assert result["run"] == 1
    assert not result["findings"]


def test_a_run_that_knew_no_classes_is_no_model_to_audit_by(request_of: AuditRequest) -> None:
    write_run(request_of.project, request_of.labels, DIGITS, TRAIN)
    folder = run_folder(request_of.project / "runs", 1) / "scores-0001"
    np.save(folder / "probabilities.npy", np.empty((len(TRAIN), 0), np.float32))
    *_, last = auditing_session(request_of)
    assert isinstance(last, Finished)
    assert last.result["run"] is None


def test_a_run_that_lost_what_it_learnt_from_is_not_asked(request_of: AuditRequest) -> None:
    write_run(request_of.project, request_of.labels, DIGITS, TRAIN)
    (run_folder(request_of.project / "runs", 1) / "roles.npy").unlink()
    *_, last = auditing_session(request_of)
    assert isinstance(last, Finished)
    assert last.result["run"] is None
    said = {one["check"] for one in last.result["not_checked"] if one["why"] == LEARNT_UNKNOWN}
    assert said == {"labels", "gaps"}


def test_once_swapped_labels_are_mended_the_model_that_learnt_them_accuses_nobody(
    request_of: AuditRequest,
) -> None:
    swapped = request_of.labels.copy()
    swapped[request_of.labels == 3], swapped[request_of.labels == 8] = 8, 3
    learnt = np.where(TRAIN, swapped, request_of.labels)
    result = audited(request_of, swapped, learnt=learnt)
    assert result["run"] is None
    assert not result["findings"]
    said = {one["check"] for one in result["not_checked"] if one["why"] == LEARNT_OTHERWISE}
    assert said == {"labels", "gaps"}
