"""What an audit finds: what, where, how much, how sure, and what could be done about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import IntEnum
from typing import Any

import numpy as np

from models.audit.measures import effect_in_words
from models.types import SampleIds

BY_CLASSIFIER = (
    *("label_noise", "class_swap", "label_offset", "class_shuffled", "labels_random"),
    *("class_absorbed", "misaligned"),
)
"""Kinds told by what a classifier, which learnt from labels, says that they should be."""

KINDS: Mapping[str, tuple[str, ...]] = {
    "gaps": ("gap_unexplained", "too_good"),
    "labels": (*BY_CLASSIFIER, "label_set_mismatch", "order"),
    "distribution": (
        *("label_shift", "class_missing", "brightness", "contrast", "blur", "noise", "grey"),
        *("channel_order", "inverted", "flipped", "rotated", "scaling", "resampled", "jpeg"),
        "border",
    ),
    "foreign": ("foreign_images",),
    "disjoint": (
        *("duplicate_exact", "duplicate_near", "duplicate_conflict"),
        *("leak_exact", "leak_near"),
    ),
    "related": ("related",),
    "balance": ("imbalance", "class_too_small"),
    "shortcuts": ("shortcut",),
    "quality": ("quality", "unreadable"),
}
"""Check -> the kinds of findings it makes."""

_CLASSES_IN_ID = 5
SHOWN = 200  # images that prove a finding are kept at most


class Severity(IntEnum):
    """NOTE: true, and costs nothing measurable. WARNING: touches at least 1% of a split or a
    whole class, or at least 1 point of accuracy. ERROR: a figure of this dataset can't be
    trusted."""

    NOTE = 0
    WARNING = 1
    ERROR = 2

    @property
    def word(self) -> str:
        return self.name.lower()


@dataclass(frozen=True)
class Plot:
    """A small picture of a finding: bars of each series over the same labels."""

    title: str
    labels: tuple[str, ...]
    series: Mapping[str, Sequence[float]]  # name -> one value a label


@dataclass(frozen=True)
class Remedy:
    """What could be done. `action` names what Winnow can do itself; empty: a person has to."""

    words: str
    action: str = ""
    arguments: Mapping[str, Any] = field(default_factory=dict)  # JSON values


@dataclass(frozen=True, eq=False)
class Finding:
    """One cause. What `effect` is a measure of: `measures.py`."""

    check: str
    kind: str
    severity: Severity
    confidence: float  # 0..1, that it is there
    sentence: str
    real_world: str
    remedy: Remedy
    splits: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    effect: float = float("nan")
    ci95: tuple[float, float] | None = None
    samples: SampleIds = field(default_factory=lambda: np.empty(0, np.int64))  # most telling first
    plot: Plot | None = None
    explained_by: str = ""  # id of the finding that is the cause of this one
    topic: str = ""  # what tells it from others of its kind in the same place: "mark", "dark"

    @property
    def id(self) -> str:
        """The same in every audit of the same data: "leak_near:train+test:Coat"."""
        classes = self.classes[:_CLASSES_IN_ID]
        if len(self.classes) > len(classes):
            classes = (*classes, f"{len(self.classes) - len(classes)} more")
        where = ("+".join(self.splits), "+".join(classes))
        return ":".join((self.kind, *filter(None, (self.topic, *where))))

    def because_of(self, cause: Finding) -> Finding:
        """The same as a symptom of another one: true, but nothing of its own."""
        return replace(self, explained_by=cause.id)

    def to_message(self) -> dict[str, Any]:
        """As `winnow audit --json` prints it; fields may be added, never renamed."""
        known = self.effect == self.effect
        return {
            "id": self.id,
            "check": self.check,
            "kind": self.kind,
            "severity": self.severity.word,
            "confidence": round(self.confidence, 4),
            "splits": list(self.splits),
            "classes": list(self.classes),
            "effect": self.effect if known else None,
            "ci95": list(self.ci95) if self.ci95 else None,
            "effect_in_words": effect_in_words(
                self.kind, self.topic, self.splits, self.effect, self.ci95
            ),
            "explained_by": self.explained_by or None,
            "sentence": self.sentence,
            "real_world": self.real_world,
            "remedy": self.remedy.words,
            "action": {"name": self.remedy.action, **self.remedy.arguments}
            if self.remedy.action
            else None,
            "samples": self.samples[:SHOWN].tolist(),
            "n_samples": len(self.samples),
            "plot": self.plot
            and {
                "title": self.plot.title,
                "labels": list(self.plot.labels),
                "series": {name: list(map(float, v)) for name, v in self.plot.series.items()},
            },
        }


def in_order(findings: Sequence[Finding]) -> list[Finding]:
    """Most serious first, the surer first among equals, each symptom after its cause."""
    ranked = sorted(findings, key=lambda one: (-one.severity, -one.confidence, one.id))
    symptoms: dict[str, list[Finding]] = {one.id: [] for one in ranked}
    first: list[Finding] = []
    for one in ranked:
        symptoms.get(one.explained_by, first).append(one)
    placed: dict[int, Finding] = {}  # by identity: two may share an id, or explain each other
    waiting = [*reversed(ranked), *reversed(first)]
    while waiting:
        one = waiting.pop()
        if id(one) not in placed:
            placed[id(one)] = one
            waiting += reversed(symptoms[one.id])
    return list(placed.values())
