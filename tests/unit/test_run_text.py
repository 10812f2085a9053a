"""What `winnow train` prints of a run."""

from __future__ import annotations

from typing import Any

from qtapp.run_text import run_lines


def figures(name: str, share: float | None, n: int = 30) -> dict[str, Any]:
    known = share is not None
    return {
        "class": name,
        "n": n,
        "recall": share,
        "recall_ci95": [0.5, 0.9] if known else [None, None],
        "n_predicted": 20,
        "precision": share,
        "precision_ci95": [0.6, 1.0] if known else [None, None],
    }


def result(**more: Any) -> dict[str, Any]:
    return {
        "run": 2,
        "project": "a.winnow",
        "epochs": 5,
        "device": "CPU",
        "splits": {
            "train": {"n": 90, "accuracy": 0.9, "ci95": [0.8, 0.95]},
            "test": {"n": 0, "accuracy": None, "ci95": [None, None]},
        },
        "judged": {
            "n": 60,
            "not_trained_on": True,
            "majority_class": "cat",
            "majority_accuracy": 0.5,
        },
        "per_class": [figures("cat", 0.8), figures("dog", 0.7)],
        "findings": [],
        "remarks": [],
        **more,
    }


def test_accuracy_by_split_and_class_beside_the_baseline() -> None:
    assert list(run_lines(result())) == [
        "Run 2 in a.winnow: 5 epochs, CPU",
        "  train: accuracy 90.0% (80.0% to 95.0%) on 90 images",
        "  test: no labels to measure accuracy by",
        "By class, on 60 images not trained on (always answering cat: 50.0%):",
        "  class  images       recall = accuracy  predicted                precision",
        "  dog        30  70.0% (50.0% to 90.0%)         20  70.0% (60.0% to 100.0%)",
        "  cat        30  80.0% (50.0% to 90.0%)         20  80.0% (60.0% to 100.0%)",
    ]


def test_findings_and_remarks_follow() -> None:
    told = list(run_lines(result(findings=[{"sentence": "Swapped."}], remarks=["Never."])))
    assert told[-2:] == ["Finding: Swapped.", "Note: Never."]


def test_of_many_classes_those_that_fare_worst_are_shown() -> None:
    many = [figures(f"class {i}", i / 50) for i in range(49, -1, -1)]
    told = list(run_lines(result(per_class=[*many, figures("empty", None)])))
    assert told[5].split()[:2] == ["class", "0"]
    assert told[-1] == "  ... and 21 more classes (--json lists all)"


def test_without_labels_there_is_no_table() -> None:
    assert len(list(run_lines(result(judged={"n": 0}, per_class=[])))) == 3
