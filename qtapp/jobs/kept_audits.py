"""The last audit that a project keeps, and what became of its findings, read and written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from models.data.audits import (
    OF_COPIES,
    KeptAudit,
    keep_rechecks,
    kept_audit,
    kept_rechecks,
    related_by,
)
from models.review.remedies import Outcome
from models.types import DatasetInfo, Event, Events, Heartbeat, LabelVector, Mask
from qtapp.state.audit_findings import CHANGED_SINCE, AuditReport, Recheck, ordered


@dataclass(frozen=True, eq=False)
class Kept(Event):
    """What the project knows of its last audit."""

    report: AuditReport
    rechecks: tuple[Recheck, ...]


def recalling(project: Path, info: DatasetInfo, labels: LabelVector, included: Mask) -> Events:
    """Read it; nothing comes where there is none, or none that can be understood."""
    kept = kept_audit(project, info, labels, included)
    if kept is None:
        return
    about = AuditReport(
        labels=_as_audited(kept, info, labels),
        included=None if kept.included_changed else included,
        is_quick=kept.quick,
        moved=kept.moved,
        created=kept.created,
    )
    with suppress(KeyError, TypeError, ValueError):  # written by another version, or by hand
        yield Kept(told(kept.result, about), tuple(_rechecks(project)))


def _rechecks(project: Path) -> Iterator[Recheck]:
    for finding_id, said in kept_rechecks(project).items():
        with suppress(KeyError, TypeError, ValueError):
            left = tuple(map(str, said["left"]))
            yield Recheck(finding_id, Outcome(said["outcome"]), left, str(said["why"]))


def keeping(project: Path, rechecks: Mapping[str, Recheck]) -> Events:
    """Write what became of its findings."""
    said = {
        name: {"outcome": one.outcome, "left": list(one.left), "why": one.why}
        for name, one in rechecks.items()
    }
    with suppress(OSError):  # what was found is worth more than that it is kept
        keep_rechecks(project, said)
    yield Heartbeat()


def _as_audited(kept: KeptAudit, info: DatasetInfo, labels: LabelVector) -> LabelVector:
    """The labels of then, as far as they are those of now."""
    changed = [code for code, name in enumerate(info.splits) if name in kept.since]
    then: LabelVector = np.where(np.isin(info.split_codes(), changed), CHANGED_SINCE, labels)
    return then.astype(np.int32)


def told(result: Mapping[str, Any], about: AuditReport) -> AuditReport:
    """The report of a result as `winnow audit --json` prints it."""
    is_partial = bool(result.get("partial"))
    n = len(about.labels)
    return replace(
        about,
        findings=ordered(result["findings"]),
        not_checked=tuple((one["check"], one["why"]) for one in result["not_checked"]),
        has_model=result["run"] is not None,
        is_partial=is_partial,
        near_copies=about.near_copies
        if is_partial
        else related_by(result["findings"], n, OF_COPIES),
    )
