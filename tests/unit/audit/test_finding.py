"""Findings: their order, and the messages they become."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from models.audit.causes import explained
from models.audit.finding import SHOWN, Finding, Plot, Remedy, Severity, in_order


def finding(kind: str = "blur", severity: Severity = Severity.WARNING, **about: object) -> Finding:
    made = Finding("distribution", kind, severity, 0.9, "So it is.", "As when.", Remedy("Mend it."))
    return replace(made, **about)  # type: ignore[arg-type]


def test_the_most_serious_comes_first_and_a_symptom_after_its_cause() -> None:
    note = finding("jpeg", Severity.NOTE)
    cause = finding("class_swap", Severity.WARNING, splits=("test",))
    symptom = finding("label_noise", Severity.ERROR, splits=("test",)).because_of(cause)
    other = finding("inverted", Severity.ERROR)
    assert in_order([note, symptom, cause, other]) == [other, cause, symptom, note]


def test_a_symptom_of_what_was_not_found_stands_alone() -> None:
    lonely = finding(explained_by="class_swap:test")
    assert in_order([lonely]) == [lonely]


def test_every_finding_is_told_once_whatever_explains_what() -> None:
    a, b = finding("blur"), finding("noise")
    circle = [a.because_of(b), b.because_of(a), finding("jpeg").because_of(finding("jpeg"))]
    assert sorted(one.kind for one in in_order(circle)) == ["blur", "jpeg", "noise"]
    twice = [finding("blur"), finding("blur"), finding("noise").because_of(finding("blur"))]
    assert len(in_order(twice)) == 3


def test_causes_explain_what_follows_in_the_same_split() -> None:
    cause = finding("class_swap", splits=("test",))
    here, elsewhere = (finding("label_noise", splits=(split,)) for split in ("test", "train"))
    first, second, third = explained([cause, here, elsewhere])
    assert (first.explained_by, third.explained_by) == ("", "")
    assert second.explained_by == cause.id == "class_swap:test"


def test_a_message_is_json_and_of_bounded_size() -> None:
    made = finding(
        samples=np.arange(5_000),
        plot=Plot("How many", ("a", "b"), {"train": [1, 2]}),
        ci95=(0.1, 0.2),
        effect=0.15,
        remedy=Remedy("Undo it.", "undo_processing", {"split": "test"}),
    )
    message = json.loads(json.dumps(made.to_message(), allow_nan=False))
    assert len(message["samples"]) == SHOWN
    assert message["n_samples"] == 5_000
    assert message["action"] == {"name": "undo_processing", "split": "test"}
    assert message["plot"]["series"] == {"train": [1.0, 2.0]}
    assert finding().to_message()["effect"] is None


def test_a_class_that_is_rare_in_one_split_is_a_shift_and_rare_in_all_is_too_small() -> None:
    small = finding("class_too_small", splits=("test",), classes=("cat",))
    shift = finding("label_shift", splits=("train", "test"), classes=("dog", "cat"))
    assert explained([shift, small])[1].explained_by == shift.id
    assert explained([small])[0].explained_by == ""


@pytest.mark.parametrize(
    ("cause", "symptom"), [("foreign_images", "label_noise"), ("imbalance", "class_too_small")]
)
def test_something_small_does_not_explain_something_serious(cause: str, symptom: str) -> None:
    small, large = finding(cause, Severity.NOTE), finding(symptom, Severity.WARNING)
    assert explained([small, large])[1].explained_by == ""
    worse = replace(small, severity=Severity.WARNING)
    assert explained([small, worse, large])[2].explained_by == worse.id


def test_what_was_done_to_a_whole_split_may_cost_more_than_anybody_measured() -> None:
    inverted = finding("inverted", splits=("test",))
    swap = finding("class_swap", Severity.ERROR, splits=("test",))
    assert explained([inverted, swap])[1].explained_by == inverted.id


def test_what_makes_images_hard_to_see_does_not_swap_two_classes() -> None:
    noise, turned = (finding(kind, splits=("test",)) for kind in ("noise", "rotated"))
    swap = finding("class_swap", splits=("test",))
    assert explained([noise, swap])[1].explained_by == ""
    assert explained([turned, swap])[1].explained_by == turned.id


def test_a_class_with_traces_of_what_a_whole_split_went_through_is_a_symptom() -> None:
    contrast = finding("contrast", splits=("test",))
    values = finding("shortcut", classes=("sandal",), topic="values")
    mark = finding("shortcut", classes=("sandal",), topic="mark")
    _, symptom, own = explained([contrast, values, mark])
    assert symptom.explained_by == contrast.id
    assert own.explained_by == ""


def test_a_class_whose_labels_went_elsewhere_is_rare_for_that() -> None:
    shuffled = finding("class_shuffled", splits=("train", "test"), classes=("cat",))
    small = finding("class_too_small", splits=("test",), classes=("cat",))
    assert explained([shuffled, small])[1].explained_by == shuffled.id
