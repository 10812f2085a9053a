"""Whole audits as `winnow audit --json` prints them, of findings made up."""

from __future__ import annotations

from typing import Any

import numpy as np

from models.audit.finding import Finding, Remedy, Severity, in_order


def finding(kind: str = "leak_exact", severity: Severity = Severity.ERROR, **more: Any) -> Finding:
    told: dict[str, Any] = {
        "sentence": f"There is {kind} here.",
        "real_world": "As it happened once.",
        "remedy": Remedy("Take it out."),
        "splits": ("train", "test"),
        "samples": np.arange(8),
        "effect": 0.125,
        "ci95": (0.1, 0.15),
    }
    return Finding("disjoint", kind, severity, 0.98, **{**told, **more})


def result_of(*findings: Finding, **more: Any) -> dict[str, Any]:
    worst = max((one.severity for one in findings if not one.explained_by), default=None)
    return {
        "schema": 1,
        "name": "insects",
        "splits": {"train": 8, "test": 4},
        "checks": ["disjoint"],
        "run": None,
        "quick": False,
        "partial": False,
        "unfinished": [],
        "worst": None if worst is None else worst.word,
        "findings": [one.to_message() for one in in_order(findings)],
        "not_checked": [],
        **more,
    }
