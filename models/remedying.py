"""Carries out the remedy of a finding, or takes it back, and says whether the finding is gone."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from shlex import quote
from typing import Any

import numpy as np

from models.audit.finding import BY_CLASSIFIER
from models.audit.learnt import relabelled
from models.auditing import audit_request
from models.data.audits import (
    KeptAudit,
    earlier_findings,
    keep_rechecks,
    kept_audit,
    kept_rechecks,
)
from models.errors import ProjectError
from models.opening import Review, project_review
from models.processes.auditing import AuditRequest, audit
from models.processes.folding import fold
from models.remedies import kind_of, stands
from models.review.decisions import Status
from models.review.remedies import WEIGHING, Outcome, found_again, outcome, why_untold
from models.types import DatasetInfo, Event, Events, Finished, Unable

_LEARNT_BEFORE = (
    "The model learnt from the labels as they were before: train on them as they are now, and "
    "audit again."
)
# Checks that others hear of first: a split that looks otherwise is judged by other means.
_TOLD_BY: Mapping[str, tuple[str, ...]] = {
    "labels": ("distribution",),
    "shortcuts": ("distribution",),
}


class Do(StrEnum):
    """What to do about a finding."""

    PREVIEW = "preview"
    APPLY = "apply"
    TAKE_BACK = "take_back"


@dataclass(frozen=True)
class Rechecked(Event):
    """What the check of a finding says after its remedy."""

    finding_id: str
    outcome: Outcome
    left: tuple[str, ...] = ()  # sentences of what is found again
    why: str = ""  # it cannot be told, where that is so


def remedying(project_path: Path, finding_id: str, do: Do = Do.APPLY) -> Events:
    """Preview, apply or take back the remedy of a finding of the last audit: Progress, at last
    Finished with

    {"project", "finding", "kind", "action", "remedy", "sentence", "do", "preview": {..} or null,
    "outcome": "gone|lesser|there|unknown" or null, "left": [sentences], "why"}

    The outcome is null where nothing was done, where the remedy changes no data, or where the last
    audit did not make the finding: the remedy of one made before can only be taken back.

    Raises
    ------
    ProjectError
        If the folder is no project or is in use, there is no such finding or no remedy of it that
        Winnow can carry out, or it means nothing now.
    """
    review = yield from project_review(project_path)
    try:
        review.reader.close()  # the children have readers of their own
        kept, finding = _finding(review, finding_id, do)
        kind, preview = kind_of(review, finding, kept), None
        if do == Do.TAKE_BACK:
            kind.take_back()
        else:
            preview = yield from kind.preview()
        if do == Do.APPLY:
            kind.apply()
        if do != Do.PREVIEW:
            for event in fold(project_path):
                if not isinstance(event, Finished):
                    yield event
    finally:
        review.close()
    said: dict[str, Any] = {"outcome": None, "left": [], "why": ""}
    if do != Do.PREVIEW and kept and finding["action"]["name"] != WEIGHING:
        again = yield from _checked_again(project_path, finding, kept, do)
        said = {"outcome": again.outcome, "left": list(again.left), "why": again.why}
    words = {name: finding[name] for name in ("kind", "remedy", "sentence")}
    action = finding["action"]["name"]
    about = {"project": str(project_path), "finding": finding_id, "action": action, "do": do}
    yield Finished({**about, **words, "preview": preview, **said})


def rechecking(request: AuditRequest, info: DatasetInfo, finding: Mapping[str, Any]) -> Events:
    """Run the check of a finding again, on what an AuditRequest names: Progress, at last
    Rechecked. A model that learnt other labels of its splits than these is not asked."""
    check = finding["check"]
    request = replace(request, checks=(*_TOLD_BY.get(check, ()), check))
    by_classifier = finding["kind"] in BY_CLASSIFIER
    learnt_before = by_classifier and _learnt_otherwise(request, info, finding["splits"])
    unable: list[Unable] = []
    for event in audit(replace(request, run=0) if learnt_before else request, info):
        if isinstance(event, Finished):
            again = found_again(finding, event.result["findings"])
            why = "" if again else why_untold(finding["id"], unable)
            came_of = outcome(finding, again, is_told=not why)
            left = tuple(one["sentence"] for one in again)
            why = _LEARNT_BEFORE if why and learnt_before else why
            yield Rechecked(finding["id"], came_of, left, why)
        else:
            if isinstance(event, Unable) and event.check == check:
                unable.append(event)
            yield event


def _finding(review: Review, finding_id: str, do: Do) -> tuple[KeptAudit | None, Mapping[str, Any]]:
    """A finding with the audit that made it, if that is the last one; what was done about those of
    earlier ones stands, and can be taken back."""
    known, path = review.labelling, review.project.path
    kept = kept_audit(path, review.info, known.labels, known.status != Status.EXCLUDED)
    findings: list[Mapping[str, Any]] = kept.result["findings"] if kept else []
    for finding in findings:
        if finding["id"] == finding_id:
            return kept, finding
    earlier = earlier_findings(path)
    if do == Do.TAKE_BACK and finding_id in earlier:
        return None, earlier[finding_id]
    if do == Do.TAKE_BACK:
        names = ", ".join(name for name, one in earlier.items() if stands(review, one))
        what = f"What can be taken back: {names}." if names else "Nothing can be taken back."
        raise ProjectError(f"has no finding “{finding_id}”", str(path), what)
    if kept is None:
        remedy = f"Run `winnow audit {quote(str(path))}` first."
        raise ProjectError("has no audit yet", str(path), remedy)
    names = ", ".join(dict.fromkeys(finding["id"] for finding in findings))
    there = f"There are: {names}." if names else "The last audit found nothing."
    raise ProjectError(f"has no finding “{finding_id}”", str(path), there)


def _checked_again(
    project_path: Path, finding: Mapping[str, Any], kept: KeptAudit, do: Do
) -> Generator[Event, None, Rechecked]:
    """Open the project as it is now, run the check of the finding, and keep what became of it; of
    what was taken back there is nothing to keep."""
    review = yield from project_review(project_path)
    try:
        review.reader.close()
        request = audit_request(review, quick=kept.quick)
        with closing(rechecking(request, review.info, finding)) as events:
            for event in events:
                if isinstance(event, Rechecked):
                    _keep(project_path, event, do)
                    return event
                yield event
    finally:
        review.close()
    raise AssertionError("rechecking ends with Rechecked or an error")


def _keep(project_path: Path, again: Rechecked, do: Do) -> None:
    rechecks = kept_rechecks(project_path)
    rechecks.pop(again.finding_id, None)
    if do == Do.APPLY:
        said = {"outcome": again.outcome, "left": list(again.left), "why": again.why}
        rechecks[again.finding_id] = said
    keep_rechecks(project_path, rechecks)


def _learnt_otherwise(request: AuditRequest, info: DatasetInfo, splits: Sequence[str]) -> bool:
    """Whether the run that is used learnt other labels of these splits than there are now."""
    codes = [code for code, split in enumerate(info.splits) if split in splits]
    return bool(relabelled(request)[np.isin(info.split_codes(), codes)].any())
