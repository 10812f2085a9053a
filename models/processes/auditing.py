"""Supervises the auditor child, which looks for what is wrong with a dataset."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.data.audits import is_kept, keep_audit
from models.processes.channel import Message
from models.processes.child import Controls, run_in_child
from models.types import DatasetInfo, Events, Finished, LabelVector, Mask


@dataclass(frozen=True)
class AuditRequest:
    """What an audit needs to know."""

    project: Path
    source: dict[str, Any]  # OpenRequest.to_message()
    labels: LabelVector  # (n,) current labels, UNLABELLED where none
    included: Mask  # (n,) False for excluded samples: nothing looks at them
    class_names: tuple[str, ...]
    run: int = 0  # whose predictions and embedding to use; 0: none
    checks: tuple[str, ...] = ()  # empty: all
    quick: bool = False
    seconds: float = 0.0  # how long it may take; 0: as long as it needs

    def to_message(self) -> Message:
        return {**vars(self), "project": str(self.project)}

    @classmethod
    def from_message(cls, message: Message) -> AuditRequest:
        as_tuples = {name: tuple(message[name]) for name in ("class_names", "checks")}
        return cls(**{**message, **as_tuples, "project": Path(message["project"])})


def audit(request: AuditRequest, info: DatasetInfo, controls: Controls | None = None) -> Events:
    """Run the auditor child: Progress, Found and Unable as they come, at last Finished with all
    of it in order, which is kept in the project. Closing the generator ends it; what was found so
    far stays with whoever listened. Controls: "finish" (end with what was found so far). What is
    partial is not kept in place of a whole one."""
    for event in run_in_child("auditor", request.to_message(), controls):
        if isinstance(event, Finished) and not request.checks and _is_worth(request, event.result):
            about = request.labels, request.included
            with suppress(OSError):  # what was found is worth more than that it is kept
                keep_audit(request.project, info, event.result, *about, quick=request.quick)
        yield event


def _is_worth(request: AuditRequest, result: Mapping[str, Any]) -> bool:
    """Whether to keep a result."""
    return not (result["partial"] and is_kept(request.project))
