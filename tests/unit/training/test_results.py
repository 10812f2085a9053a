"""The figures of a run: counts, intervals, the majority baseline, classes never predicted."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import precision_recall_fscore_support

from models.review.intervals import wilson
from models.training.results import accuracies
from models.training.roles import Role
from tests.helpers.training import material

K = 4


def result(
    labels: list[int],
    predicted: list[int],
    roles: list[Role] | None = None,
    **more: Any,
) -> dict[str, Any]:
    """Of a model that is sure of `predicted`; nothing is trained on unless roles say so."""
    given_roles = np.array(roles or [Role.HELD_OUT] * len(labels))
    of = material(np.array(labels, np.int32), given_roles, K, **more)
    return accuracies(of, np.eye(K, dtype=np.float32)[predicted])


def test_a_class_has_counts_recall_and_precision_with_intervals() -> None:
    labels, predicted = [0] * 10 + [1] * 10, [0] * 8 + [1] * 2 + [0] * 1 + [1] * 9
    first = result(labels, predicted)["per_class"][0]
    assert (first["class"], first["n"], first["n_predicted"], first["n_right"]) == (
        *("class 0", 10, 9, 8),
    )
    assert (first["recall"], first["accuracy"], first["precision"]) == (0.8, 0.8, 8 / 9)
    assert first["recall_ci95"] == list(wilson(8, 10))
    assert first["precision_ci95"] == list(wilson(8, 9))


def test_a_class_without_images_has_no_figures() -> None:
    last = result([0, 1, 0, 1], [0, 1, 0, 1])["per_class"][3]
    assert (last["n"], last["recall"], last["precision"]) == (0, None, None)
    assert last["recall_ci95"] == [None, None]


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(0, K - 1), st.integers(0, K - 1)), min_size=1, max_size=60))
def test_figures_agree_with_those_of_scikit_learn(pairs: list[tuple[int, int]]) -> None:
    labels, predicted = map(list, zip(*pairs, strict=True))
    precision, recall, _, support = precision_recall_fscore_support(
        labels, predicted, labels=range(K), zero_division=np.nan
    )
    for code, one in enumerate(result(labels, predicted)["per_class"]):
        assert one["n"] == support[code]
        assert one["recall"] is None if not one["n"] else one["recall"] == recall[code]
        if one["n_predicted"]:
            assert one["precision"] == precision[code]


def test_classes_are_judged_on_images_that_were_not_trained_on() -> None:
    roles = [Role.TRAINED] * 4 + [Role.HELD_OUT] * 2
    found = result([0, 1, 0, 1, 0, 1], [0, 1, 0, 1, 1, 1], roles)
    assert (found["train_accuracy"], found["heldout_accuracy"]) == (1.0, 0.5)
    assert [one["n"] for one in found["per_class"]] == [1, 1, 0, 0]
    assert found["judged"]["not_trained_on"]
    assert found["judged"]["n"] == 2


def test_a_class_that_is_never_predicted_is_named() -> None:
    found = result([0] * 50 + [1] * 50 + [2] * 3, [0] * 50 + [1] * 50 + [0] * 3)
    assert found["never_predicted"] == ["class 2"]
    said = "class 2 is never predicted: of the 103 images judged, 3 are labelled so."
    assert found["remarks"] == [said]


def test_several_classes_that_are_never_predicted_share_a_sentence() -> None:
    (said,) = result([0] * 50 + [1, 1, 2], [0] * 53)["remarks"][:1]
    assert said == (
        "Never predicted among the 53 images judged: class 1 (2 labelled so) and class 2 (1)."
    )


def test_a_rare_class_of_which_nothing_was_held_out_is_named_too() -> None:
    roles = [Role.HELD_OUT] * 40 + [Role.TRAINED] * 2
    found = result([0, 1] * 20 + [3, 3], [0, 1] * 20 + [0, 1], roles)
    said = "class 3 is never predicted: of the 40 images judged, none is labelled so."
    assert found["remarks"] == [said]


def test_a_class_nobody_uses_is_no_news() -> None:
    assert result([0, 1] * 20, [0, 1] * 20)["remarks"] == []


@pytest.mark.parametrize(
    ("predicted", "said"),
    [
        ([0] * 60 + [1] * 40, []),
        ([0] * 62 + [1] * 38, []),
        (
            [0] * 98 + [1] * 2,
            [
                "The accuracy of 62.0% (52.2% to 70.9% on 100 images) is not clearly above the "
                "60.0% of always answering class 0."
            ],
        ),
        (
            [1] * 60 + [0] * 40,
            [
                "The accuracy of 0.0% (0.0% to 3.7% on 100 images) is not above the 60.0% of "
                "always answering class 0."
            ],
        ),
    ],
)
def test_the_majority_baseline_is_named_if_accuracy_does_not_beat_it(
    predicted: list[int], said: list[str]
) -> None:
    found = result([0] * 60 + [1] * 40, predicted)
    assert found["remarks"] == said
    assert found["judged"]["majority_class"] == "class 0"
    assert found["majority_accuracy"] == found["judged"]["majority_accuracy"] == 0.6


def test_each_split_has_its_own_baseline() -> None:
    splits = {"val": 4, "test": 4}
    found = result([0, 0, 0, 1, 2, 2, 1, 1], [0, 0, 0, 1, 2, 2, 1, 1], splits=splits)["splits"]
    assert [one["majority_accuracy"] for one in found.values()] == [0.75, 0.5]


def test_images_of_one_class_alone() -> None:
    assert result([2] * 30, [2] * 30)["remarks"] == [
        "All 30 images judged are labelled class 2: accuracy says little."
    ]


def test_without_labels_there_is_nothing_to_say() -> None:
    found = result([-1, -1], [0, 1])
    assert (found["judged"]["n"], found["remarks"]) == (0, [])
    assert found["majority_accuracy"] is None


def test_the_class_of_images_that_belong_to_none_is_left_out() -> None:
    found = result([0, 1, 3] * 20, [0, 1, 0] * 20, not_of_dataset=3)
    assert [one["class"] for one in found["per_class"]] == ["class 0", "class 1", "class 2"]
    assert found["remarks"] == []
