"""What a run says in the classes as they stand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from models.review import standing
from models.review.classes import ClassList
from models.review.rescore import judged
from models.review.standing import Judge, in_classes
from models.types import UNLABELLED, LabelVector, Probs
from tests.helpers.verdicts import Said

NAMES = ("ant", "bee", "cat")
PRIOR = np.array([[0.8, 0.15, 0.05], [0.1, 0.7, 0.2], [0.05, 0.15, 0.8]], np.float32)


def codes(*now: int) -> LabelVector:
    return np.array(now, np.int32)


def said(*rows: tuple[float, ...], prior: Probs = PRIOR) -> Said:
    return Said(np.array(rows, np.float32), prior)


def some(n: int, seed: int = 0) -> Said:
    return Said(np.random.default_rng(seed).dirichlet(np.ones(3), n).astype(np.float32), PRIOR)


def test_classes_that_are_one_now_are_added_up_and_those_that_are_gone_left_out() -> None:
    rows = np.array([[0.5, 0.3, 0.2], [0.1, 0.1, 0.8]], np.float32)
    assert in_classes(rows, codes(0, 1, 2), 3) is rows
    added = in_classes(rows, codes(3, UNLABELLED, 3), 4)
    np.testing.assert_allclose(added, [[0, 0, 0, 0.7], [0, 0, 0, 0.9]], rtol=1e-6)
    assert not in_classes(rows, codes(-1, -1, -1), 2).any()


def test_a_merged_class_is_no_rival_of_the_one_it_went_into() -> None:
    run = said((0.85, 0.1, 0.05))
    own, every = codes(1), np.array([0])
    before = Judge.of(run, ClassList.of(NAMES)).judged(every, own)
    after = Judge.of(run, ClassList(NAMES, {0: 1})).judged(every, own)
    assert before[0]["suspicion"][0] > 0.5 > 0.1 > after[0]["suspicion"][0]
    assert (before[1][0], after[1][0]) == (0, 1)


def test_merging_leaves_what_a_model_of_fewer_classes_would_say() -> None:
    run, labels = some(50), np.tile(codes(1, 2), 25)
    two = Said(
        np.stack([run.probabilities[:, :2].sum(1), run.probabilities[:, 2]], axis=1),
        np.array([[0.875, 0.125], [0.2, 0.8]], np.float32),
    )
    scores, suggested = Judge.of(run, ClassList(NAMES, {0: 1})).judged(np.arange(50), labels)
    expected, of_two = judged(two.probabilities, two.prior, labels - 1)
    for name, values in expected.items():
        np.testing.assert_allclose(scores[name], values, rtol=1e-4, atol=1e-6)
    np.testing.assert_array_equal(suggested, of_two + 1)


def test_a_class_of_the_run_under_a_new_name_is_judged_as_before() -> None:
    run, renamed = some(20), Judge.of(some(20), ClassList((*NAMES, "wasp"), {0: 3}))
    before = judged(run.probabilities, PRIOR, np.zeros(20, np.int32))
    after = renamed.judged(np.arange(20), np.full(20, 3, np.int32))
    for name, values in before[0].items():
        np.testing.assert_allclose(after[0][name], values, rtol=1e-4, atol=1e-6)
    np.testing.assert_array_equal(after[1], np.where(before[1] == 0, 3, before[1]))


def test_labels_a_run_cannot_judge_have_no_scores() -> None:
    classes = replace(ClassList.of((*NAMES[:2], "none", "wasp")), not_of_dataset=2)
    run = some(4)
    run.probabilities[1] = 0.9, 0.1, 0
    judge = Judge.of(run, classes)
    scores, suggested = judge.judged(np.arange(4), codes(0, 2, 3, -1))
    assert np.isnan(scores["suspicion"]).tolist() == [False, True, True, True]
    assert suggested[1] == 2
    assert (suggested[2:] == some(4).probabilities[2:].argmax(axis=1)).all()
    assert judge.learnable(codes(4)) == UNLABELLED  # added at this moment


def test_many_images_are_judged_a_few_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    judge, labels = Judge.of(some(50), ClassList(NAMES, {0: 1})), np.tile(codes(1, 2), 25)
    at_once = judge.judged(np.arange(50), labels)
    monkeypatch.setattr(standing, "_BLOCK_VALUES", 7)
    in_parts = judge.judged(np.arange(50), labels)
    np.testing.assert_array_equal(in_parts[0]["suspicion"], at_once[0]["suspicion"])
    np.testing.assert_array_equal(in_parts[1], at_once[1])


def test_scores_are_outdated_by_another_label_and_by_what_went_into_their_class() -> None:
    scored, labels = codes(0, 1, 2, 2), codes(1, 1, 2, 0)
    merged = Judge.of(some(4), ClassList(NAMES, {0: 1}))
    whole = Judge.of(some(4), ClassList.of(NAMES))
    assert merged.outdated(scored, codes(1, 1, 2, 2)).tolist() == [0, 1]
    assert whole.outdated(scored, labels).tolist() == [0, 3]
    assert whole.differing(merged).tolist() == merged.differing(whole).tolist() == [0, 1]
    assert not len(whole.differing(whole))
