"""What is kept of an audit, and what the command line asks for."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models import auditing as whole
from models.data.audits import is_kept, kept_audit
from models.data.runs import run_folder
from models.opening import request_for
from models.processes import auditing
from models.processes.auditing import AuditRequest, audit
from models.processes.child import Controls
from models.processes.training import TrainRequest
from models.training.roles import Role
from models.types import ChecksBegun, DatasetInfo, Events, Finished, Found
from qtapp.audit_text import audit_lines
from qtapp.terminal import finished_on_interrupt
from tests.helpers.audit_results import finding, result_of
from tests.helpers.findings import message
from tests.helpers.projects import GIVEN, add_run, add_scores, small_project
from tests.helpers.spaces import N_SAMPLES, dataset_info

pytestmark = pytest.mark.usefixtures("here")

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
        (event,) = audit(request, dataset_info())
        kept = kept_audit(tmp_path, dataset_info(), LABELS, EVERY)
        assert isinstance(event, Finished)
        assert event.result["kept"] == bool(kept and kept.result == event.result)
        return kept and kept.result["name"]

    assert not is_kept(tmp_path)
    assert kept_after(name="a part", partial=True) == "a part"
    assert kept_after(name="whole") == "whole"
    assert kept_after(name="another part", partial=True) == "whole"
    assert kept_after(name="whole again") == "whole again"


def test_what_some_checks_found_is_not_kept_and_says_so(
    tmp_path: Path, child: dict[str, Any]
) -> None:
    child["result"] = result("insects")
    request = AuditRequest(tmp_path, {}, LABELS, EVERY, ("ant",), checks=("disjoint",))
    (event,) = audit(request, dataset_info())
    assert isinstance(event, Finished)
    assert not event.result["kept"]
    assert not is_kept(tmp_path)


def test_the_child_is_told_which_classes_were_merged(tmp_path: Path) -> None:
    request = AuditRequest(tmp_path, {}, LABELS, EVERY, ("ant", "bee"), {1: 0})
    message = {**request.to_message(), "labels": [], "included": []}
    again = AuditRequest.from_message(json.loads(json.dumps(message)))
    assert again.classes == request.classes


@pytest.mark.parametrize("learnt_others", [False, True])
def test_a_model_that_learnt_other_labels_gives_way_to_a_new_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, learnt_others: bool
) -> None:
    project = small_project(tmp_path)
    add_run(project)
    folder, n = run_folder(project / "runs", 1), len(GIVEN)
    np.save(folder / "labels.npy", (np.roll(GIVEN, 1) if learnt_others else GIVEN).astype(np.int32))
    np.save(folder / "included.npy", np.ones(n, bool))
    np.save(folder / "roles.npy", np.full(n, Role.TRAINED, np.uint8))
    trained: list[TrainRequest] = []
    monkeypatch.setattr(whole, "train", lambda request: iter(trained.append(request) or ()))
    monkeypatch.setattr(whole, "audit", lambda *_: iter([Finished(result("insects"))]))
    list(whole.auditing(request_for([project])))
    assert len(trained) == learnt_others


def test_a_page_names_no_class_that_was_undone_since_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = small_project(tmp_path)
    add_scores(project, np.full(len(GIVEN), 3), 4)  # there are three classes now
    said = result_of(finding("label_noise", samples=np.array([0])), run=1)
    monkeypatch.setattr(whole, "audit", lambda *_: iter([Finished(said)]))
    monkeypatch.setattr(whole, "_needs_a_run", lambda _: False)
    page = tmp_path / "audit.html"
    list(whole.auditing(request_for([project]), page=page))
    assert "looks like" not in page.read_text("utf-8")


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


@pytest.fixture
def interruptible() -> Iterator[None]:
    """What runs in the background of a script is started with Ctrl+C switched off."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("interruptible")
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


@pytest.mark.usefixtures("interruptible")
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
