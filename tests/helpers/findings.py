"""Findings as `winnow audit --json` prints them, made up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from models.types import LabelVector
from qtapp.state.audit_findings import AuditReport, ordered


def message(finding_id: str, severity: str = "warning", **fields: Any) -> dict[str, Any]:
    """One finding of the kind that its id begins with."""
    kind, *places = finding_id.split(":")
    samples = fields.pop("samples", [])
    return {
        "id": finding_id,
        "check": "disjoint",
        "kind": kind,
        "severity": severity,
        "confidence": 0.9,
        "splits": places[0].split("+") if places else [],
        "classes": [],
        "effect": 0.05,
        "ci95": [0.02, 0.09],
        "effect_in_words": "5.0% of something",
        "explained_by": None,
        "sentence": f"This is what {kind} means.",
        "real_world": "It happened to others.",
        "remedy": "Do something.",
        "action": None,
        "samples": samples,
        "n_samples": len(samples),
        "plot": None,
        **fields,
    }


def report(labels: LabelVector, messages: Sequence[dict[str, Any]], **about: Any) -> AuditReport:
    """An audit of these labels, nothing left out."""
    return AuditReport(labels.copy(), np.ones(len(labels), bool), ordered(list(messages)), **about)


def leak(samples: Sequence[int]) -> dict[str, Any]:
    """Images that one split has from another, to be left out."""
    action = {"name": "exclude", "samples": list(samples)}
    return message("leak_exact:train+test", "error", samples=list(samples), action=action)


def swap(split: str, becomes: dict[str, str]) -> dict[str, Any]:
    """Classes that changed places in a split."""
    action = {"name": "relabel", "split": split, "becomes": becomes}
    return message(f"class_swap:{split}", "error", samples=[1], action=action)
