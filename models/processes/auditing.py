"""Supervises the auditor child, which looks for what is wrong with a dataset."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from models.data.audits import is_kept, keep_audit
from models.processes.channel import Message
from models.processes.child import Controls, run_in_child
from models.review.classes import ClassList
from models.types import DatasetInfo, Events, Finished, LabelVector, Mask


@dataclass(frozen=True)
class AuditRequest:
    """What an audit needs to know."""

    project: Path
    source: dict[str, Any]  # OpenRequest.to_message()
    labels: LabelVector  # (n,) current labels, UNLABELLED where none
    included: Mask  # (n,) False for excluded samples: nothing looks at them
    class_names: tuple[str, ...]
    merged: Mapping[int, int] = field(default_factory=dict)  # as ClassList has it
    run: int = 0  # whose predictions and embedding to use; 0: none
    checks: tuple[str, ...] = ()  # empty: all
    quick: bool = False
    seconds: float = 0.0  # how long it may take; 0: as long as it needs

    @property
    def classes(self) -> ClassList:
        """As they stand."""
        return ClassList(self.class_names, self.merged)

    def to_message(self) -> Message:
        merged = list(map(list, self.merged.items()))  # the keys of JSON are texts
        return {**vars(self), "project": str(self.project), "merged": merged}

    @classmethod
    def from_message(cls, message: Message) -> AuditRequest:
        as_tuples = {name: tuple(message[name]) for name in ("class_names", "checks")}
        known = {"project": Path(message["project"]), "merged": dict(message["merged"])}
        return cls(**{**message, **as_tuples, **known})


def audit(request: AuditRequest, info: DatasetInfo, controls: Controls | None = None) -> Events:
    """Run the auditor child: Progress, Found and Unable as they come, at last Finished with all
    of it in order, which is kept in the project; "kept" says whether it was, as remedies are of
    findings that are kept. Closing the generator ends it; what was found so far stays with whoever
    listened. Controls: "finish" (end with what was found so far). What is partial is not kept in
    place of a whole one, nor what was found by some checks alone."""
    for event in run_in_child("auditor", request.to_message(), controls):
        if isinstance(event, Finished):
            event = Finished({**event.result, "kept": _kept(request, info, event.result)})
        yield event


def _kept(request: AuditRequest, info: DatasetInfo, result: Mapping[str, Any]) -> bool:
    """Keep a result if it is worth it, and say whether it is kept."""
    if request.checks or (result["partial"] and is_kept(request.project)):
        return False
    about, kept = (request.labels, request.included), {**result, "kept": True}
    try:
        keep_audit(request.project, info, kept, *about, quick=request.quick)
    except OSError:  # what was found is worth more than that it is kept
        return False
    return True
