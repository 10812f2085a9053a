"""Scores on the command line follow labels and classes, as those in the window do."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from models.ranking import ScoresNow, scores_now
from models.review.classes import ClassList
from models.types import LabelVector, Scores
from tests.helpers.projects import GIVEN, N_CLASSES, N_SAMPLES, add_scores

NAMES = ("ant", "bee", "cat")


@pytest.fixture
def runs_dir(tmp_path: Path) -> Path:
    """A run that takes every bee for an ant."""
    best = np.where(GIVEN == 1, 0, GIVEN)
    add_scores(tmp_path, best, N_CLASSES, given=GIVEN)
    return tmp_path / "runs"


def now(runs_dir: Path, labels: LabelVector, classes: ClassList) -> ScoresNow:
    found = scores_now(runs_dir, 1, labels.astype(np.int32), classes)
    assert found is not None
    return found


def suspicion(runs_dir: Path, labels: LabelVector, classes: ClassList) -> Scores:
    return now(runs_dir, labels, classes).by_name["suspicion"]


def test_after_a_merge_neither_class_is_suspected_for_the_other(runs_dir: Path) -> None:
    given, is_one = GIVEN.astype(np.int32), GIVEN < 2
    assert (suspicion(runs_dir, given, ClassList.of(NAMES))[GIVEN == 1] == np.float32(0.9)).all()
    merged = ClassList(NAMES, {0: 1})
    scores = now(runs_dir, merged.standing(given), merged)
    assert (scores.by_name["suspicion"][is_one] < 0.1).all()
    assert (scores.suggested[is_one] == 1).all()
    assert (scores.by_name["suspicion"][~is_one] == np.float32(0.1)).all()


def test_a_class_merged_into_a_new_one_is_still_known(runs_dir: Path) -> None:
    merged = ClassList((*NAMES, "insect"), {0: 3, 1: 3})
    scores = now(runs_dir, merged.standing(GIVEN.astype(np.int32)), merged)
    assert (scores.by_name["suspicion"][GIVEN < 2] < 0.1).all()
    assert (scores.suggested[GIVEN < 2] == 3).all()


def test_an_image_decided_to_be_of_no_class_has_no_suspicion(runs_dir: Path) -> None:
    classes = replace(ClassList.of(NAMES), not_of_dataset=2)
    labels = GIVEN.astype(np.int32)
    labels[0] = 2
    scores = now(runs_dir, labels, classes)
    assert np.isnan(scores.by_name["suspicion"][0])
    assert scores.suggested[0] == 2
    assert not np.isnan(scores.by_name["suspicion"][1:N_SAMPLES]).any()
