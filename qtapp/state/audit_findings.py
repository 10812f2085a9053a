"""What an audit found wrong with the dataset, which finding is looked at, and the auditing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from PySide6.QtCore import QObject, Signal

from models.errors import WinnowError
from models.review.remedies import Outcome
from models.types import Event, LabelVector, Mask, SampleIds
from qtapp.state.activity import ActivityState

ERROR, WARNING, NOTE = "error", "warning", "note"
SEVERITIES = (ERROR, WARNING, NOTE)  # the most serious first
CHANGED_SINCE = -2  # in place of a label that nobody knows any more
_NO_COPIES: LabelVector = np.empty(0, np.int32)


@dataclass(frozen=True)
class FindingPlot:
    """Bars of each series over the same labels."""

    title: str
    labels: tuple[str, ...]
    series: Mapping[str, Sequence[float]]


@dataclass(frozen=True, eq=False)
class Finding:
    """One finding as a person sees it; `depth` is how many causes stand above a symptom."""

    id: str
    check: str
    kind: str
    severity: str
    confidence: float
    splits: tuple[str, ...]
    classes: tuple[str, ...]
    effect: str  # in words, with its interval; empty where nothing was measured
    explained_by: str
    sentence: str
    real_world: str
    remedy: str
    action: str  # what Winnow can do itself; empty: a person has to
    becomes: Mapping[str, str]  # of "relabel" and "map_classes": class name -> class name
    undo: Mapping[str, Any]  # of "undo_processing": the step that undoes it
    spare: SampleIds  # of "exclude" and "keep_one": what is to be left out
    samples: SampleIds  # the most telling first
    n_samples: int
    plot: FindingPlot | None
    depth: int = 0

    @classmethod
    def of(cls, message: Mapping[str, Any], depth: int = 0) -> Finding:
        """From one of the `findings` of `winnow audit --json`."""
        action = message.get("action") or {}
        plot = message.get("plot")
        samples = np.array(message["samples"], np.int64)
        return cls(
            message["id"],
            message["check"],
            message["kind"],
            message["severity"],
            message["confidence"],
            tuple(message["splits"]),
            tuple(message["classes"]),
            message.get("effect_in_words", ""),  # audits of old versions have numbers alone
            message["explained_by"] or "",
            message["sentence"],
            message["real_world"],
            message["remedy"],
            action.get("name", ""),
            action.get("becomes", {}),
            action.get("undo", {}),
            np.array(action.get("samples", ()), np.int64),
            samples,
            message.get("n_samples", len(samples)),
            FindingPlot(plot["title"], tuple(plot["labels"]), plot["series"]) if plot else None,
            depth,
        )


def ordered(messages: Sequence[Mapping[str, Any]]) -> tuple[Finding, ...]:
    """Most serious first, each symptom after its cause and one step further in."""
    known = {message["id"] for message in messages}
    symptoms: dict[str, list[Mapping[str, Any]]] = {}
    first: list[Mapping[str, Any]] = []
    for message in sorted(messages, key=_rank):
        cause = message["explained_by"]
        is_symptom = cause in known and cause != message["id"]
        (symptoms.setdefault(cause, []) if is_symptom else first).append(message)
    placed: list[Finding] = []
    waiting = [(message, 0) for message in reversed(first)]
    while waiting:
        message, depth = waiting.pop()
        placed.append(Finding.of(message, depth))
        # Taken out, so that two findings that explain each other are shown once.
        below = symptoms.pop(message["id"], [])
        waiting += [(one, depth + 1) for one in reversed(below)]
    return tuple(placed)


def _rank(message: Mapping[str, Any]) -> tuple[int, float, str]:
    severity = message["severity"]
    place = SEVERITIES.index(severity) if severity in SEVERITIES else len(SEVERITIES)
    return place, -message["confidence"], message["id"]


@dataclass(frozen=True, eq=False)
class AuditReport(Event):
    """Findings, and the labels they are about."""

    labels: LabelVector  # (n,) as audited; CHANGED_SINCE where that is not known any more
    included: Mask | None  # (n,) likewise; None where it is not known any more
    findings: tuple[Finding, ...] = ()
    not_checked: tuple[tuple[str, str], ...] = ()  # check, why
    has_model: bool = True
    is_quick: bool = False
    is_partial: bool = False  # it was stopped, or goes on still
    moved: frozenset[str] = frozenset()  # splits that have other images since
    created: str = ""  # ISO 8601, UTC; empty: now
    # (n,) as `copy_groups` names them; of a partial report those of the one before.
    near_copies: LabelVector = field(default_factory=lambda: _NO_COPIES)

    def is_about(self, labels: LabelVector, included: Mask) -> bool:
        """Whether nothing changed that could make a difference to it."""
        return (
            self.included is not None
            and np.array_equal(self.labels, labels)
            and np.array_equal(self.included, included)
        )


@dataclass(frozen=True)
class Recheck(Event):
    """What became of a finding once its check was run again."""

    finding_id: str
    outcome: Outcome
    left: tuple[str, ...] = ()  # sentences of what is found again
    why: str = ""  # it cannot be told, where that is so


class AuditFindingsState(ActivityState):
    """The report that is shown: the last whole one, or what is found so far.

    An audit that was stopped before it found anything leaves the report before in its place.
    """

    reported = Signal()  # another report, more of it, or none
    chosen_changed = Signal()
    rechecked = Signal()  # a check runs again after a remedy, or has said what became of it

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.report: AuditReport | None = None
        self.chosen_id = ""
        self._is_wish = False  # the person chose it; else the most serious is looked at
        self._before: AuditReport | None = None
        self._rechecks_before: Mapping[str, Recheck] = {}
        self.checking = ""  # id of the finding whose check runs again
        self.rechecks: dict[str, Recheck] = {}  # by id, since the report was made

    @property
    def chosen(self) -> Finding | None:
        """The finding that is looked at."""
        findings = self.report.findings if self.report else ()
        return next((one for one in findings if one.id == self.chosen_id), None)

    @property
    def near_copies(self) -> LabelVector:
        """Near copies by the last whole audit, (n,); empty where there was none."""
        return self.report.near_copies if self.report else _NO_COPIES

    @property
    def problem(self) -> WinnowError | None:
        """What ended the audit, if it was neither finished nor stopped."""
        return self.error if isinstance(self.error, WinnowError) else None

    def begin_audit(self, empty: AuditReport) -> int:
        """An audit begins that has found nothing yet; what was found before gives way."""
        self._before, self._rechecks_before = self.report, dict(self.rechecks)
        self.rechecks.clear()
        number = self.begin()
        self._show(empty)
        return number

    def recall(self, report: AuditReport | None, rechecks: Sequence[Recheck] = ()) -> None:
        """Show what is kept of this dataset, and what became of its findings, unless something
        newer is shown or made."""
        if self.report is None and not self.is_running:
            self.rechecks.update({one.finding_id: one for one in rechecks})
            self._show(report)

    def choose(self, finding_id: str) -> None:
        """Look at this one, as long as it is among the findings."""
        self._is_wish = True
        self._look_at(finding_id)

    def _look_at(self, finding_id: str) -> None:
        if finding_id != self.chosen_id:
            self.chosen_id = finding_id
            self.chosen_changed.emit()

    def begin_recheck(self, finding_id: str) -> None:
        """The check of a finding runs again; what it said before is forgotten."""
        self.checking = finding_id
        self.rechecks.pop(finding_id, None)
        self.rechecked.emit()

    def end_recheck(self, found: Recheck | None) -> None:
        """It has run, or was stopped."""
        self.checking = ""
        if found is not None:
            self.rechecks[found.finding_id] = found
        self.rechecked.emit()

    def forget_recheck(self, finding_id: str) -> None:
        """What its remedy did was undone."""
        if self.rechecks.pop(finding_id, None) is not None:
            self.rechecked.emit()

    def end(self, number: int, error: BaseException | None) -> None:
        if number == self.number and self.is_running:
            report = self.report
            if report is not None and report.is_partial and not report.findings:
                self.rechecks.update(self._rechecks_before)
                self._show(self._before)
        super().end(number, error)

    def reset(self) -> None:
        """Another dataset, or none."""
        self.number += 1  # what is still to come is about the dataset before
        self.is_running, self.progress, self.error = False, None, None
        self._before = None
        self.rechecks.clear()
        self._show(None)
        self.changed.emit()

    def _take(self, event: Event) -> None:
        super()._take(event)
        if isinstance(event, AuditReport):
            self._show(event)

    def _show(self, report: AuditReport | None) -> None:
        self.report = report
        known = [one.id for one in report.findings] if report else []
        if not self._is_wish or self.chosen_id not in known:
            self._is_wish = False
            self._look_at(known[0] if known else "")
        self.reported.emit()
