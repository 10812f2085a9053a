"""What is kept of an audit, and what the command line asks for."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models import auditing as whole
from models.data.audits import is_kept, kept_audit
from models.opening import request_for
from models.processes import auditing
from models.processes.auditing import AuditRequest, audit
from models.processes.child import Controls
from models.types import ChecksBegun, DatasetInfo, Events, Finished, Found
from qtapp.audit_text import audit_lines
from qtapp.terminal import finished_on_interrupt
from tests.helpers.findings import message
from tests.helpers.projects import add_run, small_project
from tests.helpers.spaces import N_SAMPLES, dataset_info

LABELS, EVERY = np.zeros(N_SAMPLES, np.int32), np.ones(N_SAMPLES, bool)


def result(name: str, *, partial: bool = False) -> dict[str, Any]:
    return {
        "schema": 1,
        "name": name,
        "splits": {"all": 24},
        "findings": [message("blur:all", effect_in_words="")],
        "partial": partial,
        "unfinished": ["disjoint", "gaps"] if partial else [],
        "not_checked": [],
    }


@pytest.fixture
def child(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the auditor child will say."""
    says: dict[str, Any] = {}
    monkeypatch.setattr(auditing, "run_in_child", lambda *_: iter([Finished(says["result"])]))
    return says


def test_a_part_never_replaces_a_whole_audit(tmp_path: Path, child: dict[str, Any]) -> None:
    request = AuditRequest(tmp_path, {}, LABELS, EVERY, ("ant",))

    def kept_after(**said: Any) -> Any:
        child["result"] = result(**said)
        list(audit(request, dataset_info()))
        kept = kept_audit(tmp_path, dataset_info(), LABELS, EVERY)
        return kept and kept.result["name"]

    assert not is_kept(tmp_path)
    assert kept_after(name="a part", partial=True) == "a part"
    assert kept_after(name="whole") == "whole"
    assert kept_after(name="another part", partial=True) == "whole"
    assert kept_after(name="whole again") == "whole again"


def test_the_checks_get_what_is_left_of_the_minutes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = small_project(tmp_path)
    add_run(project)
    asked: list[AuditRequest] = []

    def instead(request: AuditRequest, _: DatasetInfo, __: Controls | None) -> Events:
        asked.append(request)
        yield Finished(result("insects"))

    monkeypatch.setattr(whole, "audit", instead)
    events = list(whole.auditing(request_for([project]), minutes=3))
    assert any(isinstance(event, ChecksBegun) for event in events)
    list(whole.auditing(request_for([project]), minutes=0))
    assert 120 < asked[0].seconds < 180
    assert asked[1].seconds == 1.0  # 0 would be for as long as it takes


def test_one_ctrl_c_asks_for_what_was_found_and_the_next_ends_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    controls, before = Controls(), signal.getsignal(signal.SIGINT)

    def checking() -> Events:
        yield ChecksBegun()
        yield Found(message("blur:all"))
        yield Finished(result("insects"))

    events = finished_on_interrupt(checking(), controls)
    next(events)
    signal.raise_signal(signal.SIGINT)
    assert list(controls.drain()) == ["finish"]
    assert "Ctrl+C again stops at once" in capsys.readouterr().err
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)
    events.close()
    assert signal.getsignal(signal.SIGINT) == before


def test_before_the_checks_ctrl_c_ends_it() -> None:
    controls = Controls()

    def training() -> Events:
        yield Found(message("blur:all"))

    next(finished_on_interrupt(training(), controls))
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)


def test_a_part_is_called_so_in_the_terminal() -> None:
    def says_so(*, partial: bool) -> bool:
        lines = audit_lines(result("insects", partial=partial))
        return any(line.startswith("Only a part was checked") for line in lines)

    assert says_so(partial=True)
    assert not says_so(partial=False)
