"""Findings: their order, and the messages they become."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np

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
