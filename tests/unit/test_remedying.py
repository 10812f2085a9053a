"""Remedies from the command line's side: previewed, carried out, checked again, taken back."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models import remedying as module
from models.audit.finding import BY_CLASSIFIER
from models.auditing import audit_request
from models.data.audits import kept_rechecks
from models.data.project import Project
from models.data.runs import run_folder
from models.errors import ProjectError
from models.processes.auditing import AuditRequest
from models.remedying import Do, Rechecked, rechecking, remedying
from models.review.decisions import Status
from models.review.remedies import Outcome
from models.training_run import training_request
from models.types import DatasetInfo, Event, Events, Finished, Found, Unable
from models.undoing import undoings
from qtapp import cli
from qtapp.arguments import parse
from qtapp.remedy_text import remedy_lines
from tests.helpers.findings import message, swap
from tests.helpers.remedied import (
    FINDINGS,
    LEAK,
    LEAKED,
    N_TEST,
    N_TRAIN,
    ask_nobody,
    decide,
    insects,
    now,
    result,
)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return insects(tmp_path)


@pytest.fixture
def found_next(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What the check of a finding finds when it is run again, in place of the auditor child."""
    return ask_nobody(monkeypatch)


@pytest.mark.slow
def test_a_leak_is_previewed_and_left_out_and_its_check_says_that_it_is_gone(
    project: Path,
) -> None:
    preview = result(remedying(project, LEAK, Do.PREVIEW))
    assert preview["preview"]["images"] == len(LEAKED)
    assert preview["preview"]["splits"] == {"test": len(LEAKED)}
    assert preview["outcome"] is None
    assert not now(project).labelling.edits
    done = result(remedying(project, LEAK))
    assert done["outcome"] == "gone"
    assert done["left"] == []
    known = now(project).labelling
    assert np.flatnonzero(known.status == Status.EXCLUDED).tolist() == LEAKED
    assert known.edits[-1].remedy == LEAK
    assert kept_rechecks(project) == {LEAK: {"outcome": "gone", "left": [], "why": ""}}
    with pytest.raises(ProjectError, match="applied already"):
        result(remedying(project, LEAK))


def test_what_was_left_out_comes_back_and_is_found_again(
    project: Path, found_next: list[dict[str, Any]]
) -> None:
    result(remedying(project, LEAK))
    found_next.append(FINDINGS[0])
    back = result(remedying(project, LEAK, Do.TAKE_BACK))
    assert back["outcome"] == "there"
    assert back["left"] == [FINDINGS[0]["sentence"]]
    assert kept_rechecks(project) == {}
    assert not (now(project).labelling.status == Status.EXCLUDED).any()
    assert json.loads((project / "audit.json").read_text())["findings"][0]["id"] == LEAK
    with pytest.raises(ProjectError, match="nothing can be taken back"):
        result(remedying(project, LEAK, Do.TAKE_BACK))


@pytest.mark.slow
def test_classes_are_exchanged_once(project: Path, found_next: list[dict[str, Any]]) -> None:
    swapped = "class_swap:train"
    before = now(project).labelling.labels
    done = result(remedying(project, swapped))
    assert done["preview"]["images"] == N_TRAIN
    after = now(project).labelling.labels
    assert (after[:N_TRAIN] == 1 - before[:N_TRAIN]).all()
    assert (after[N_TRAIN:] == before[N_TRAIN:]).all()
    with pytest.raises(ProjectError, match="applied already"):
        result(remedying(project, swapped))
    result(remedying(project, swapped, Do.TAKE_BACK))
    np.testing.assert_array_equal(now(project).labelling.labels, before)


def test_classes_of_other_names_are_merged_in_one_step(
    project: Path, found_next: list[dict[str, Any]]
) -> None:
    mismatch = "label_set_mismatch:train+test"
    done = result(remedying(project, mismatch))
    known = now(project).labelling
    assert done["preview"]["images"] == N_TEST / 2
    assert not (known.labels == 2).any()
    assert known.classes.merged == {2: 0}
    assert known.edits[-1].remedy == mismatch
    result(remedying(project, mismatch, Do.TAKE_BACK))
    assert now(project).labelling.classes.merged == {}


def test_what_came_later_is_taken_back_first(
    project: Path, found_next: list[dict[str, Any]], tmp_path: Path
) -> None:
    result(remedying(project, LEAK))
    decide(project, tmp_path, "7,exclude")
    with pytest.raises(ProjectError, match="before 1 other decision"):
        result(remedying(project, LEAK, Do.TAKE_BACK))


@pytest.mark.slow
def test_a_new_split_has_the_sizes_of_the_one_before(
    project: Path, found_next: list[dict[str, Any]]
) -> None:
    found_next.append(message("order:test+train", "note", check="labels"))
    done = result(remedying(project, "order:train+test"))
    report = done["preview"]
    assert report["splits"] == {"train": N_TRAIN, "test": N_TEST}
    assert report["leaks"]["before"]["groups"] == len(LEAKED)
    assert report["leaks"]["after"]["groups"] == 0
    assert done["outcome"] == "lesser"  # a split has another id, but is of the same kind
    assert now(project).info.assignment is not None
    result(remedying(project, "order:train+test", Do.TAKE_BACK))
    assert now(project).info.assignment is None
    with pytest.raises(ProjectError, match="splits of its source"):
        result(remedying(project, "order:train+test", Do.TAKE_BACK))


def test_class_weights_hold_for_the_trainings_after_them(project: Path) -> None:
    done = result(remedying(project, "imbalance:train"))
    assert done["outcome"] is None
    assert done["preview"]["classes"]["ant"] == {"images": N_TRAIN // 2, "weight": 1.0}
    review = now(project)
    assert training_request(review, {}).config["class_weights"] == "balanced"
    assert training_request(review, {"class_weights": "none"}).config["class_weights"] == "none"
    result(remedying(project, "imbalance:train", Do.TAKE_BACK))
    assert now(project).labelling.class_weights == "none"


def test_what_was_done_to_a_split_is_undone_and_comes_back(
    project: Path, found_next: list[dict[str, Any]]
) -> None:
    done = result(remedying(project, "inverted:test"))
    assert done["preview"] == {"split": "test", "images": N_TEST, "undo": {"name": "invert"}}
    assert done["outcome"] == "gone"
    assert undoings(Project(project, read_only=True)) == {"test": [{"name": "invert"}]}
    with pytest.raises(ProjectError, match="applied already"):
        result(remedying(project, "inverted:test"))
    result(remedying(project, "inverted:test", Do.TAKE_BACK))
    assert undoings(Project(project, read_only=True)) == {}


@pytest.mark.parametrize(
    ("finding", "said"),
    [
        ("gap_unexplained:test", "no remedy that Winnow can carry out.* Do something"),
        ("leak_exact", "has no finding “leak_exact”.*leak_exact:train.test.*imbalance:train"),
    ],
)
def test_what_cannot_be_done_is_said(project: Path, finding: str, said: str) -> None:
    with pytest.raises(ProjectError, match=said):
        result(remedying(project, finding))


def test_without_an_audit_there_is_nothing_to_remedy(project: Path) -> None:
    (project / "audit.json").unlink()
    with pytest.raises(ProjectError, match="no audit yet"):
        result(remedying(project, LEAK))


# -- whether the check could tell ------------------------------------------------------------
SWAP = {**swap("train", {}), "check": "labels"}
NO_WITNESS = Unable("labels", "Nothing says what a label should be.", BY_CLASSIFIER)
ELSEWHERE = Unable("distribution", "test has too few images.")
OTHERWISE = Unable("labels", "test has too few images.", ("class_swap:test", "label_noise:train"))


def checked_again(
    project: Path, monkeypatch: pytest.MonkeyPatch, *says: Event, labels: Any = None
) -> tuple[Rechecked, int]:
    """What became of a class swap, with a run that learnt from the first split, once its check
    `says` something; and which run was asked."""
    review, asked = now(project), []
    folder = run_folder(project / "runs", 1)
    folder.mkdir(parents=True)
    n = review.info.n
    np.save(folder / "labels.npy", review.labelling.labels)
    np.save(folder / "included.npy", np.ones(n, bool))
    np.save(folder / "roles.npy", np.where(np.arange(n) < N_TRAIN, 3, 1).astype(np.uint8))

    def audit(request: AuditRequest, info: DatasetInfo) -> Events:
        assert request.checks == ("distribution", "labels")
        asked.append(request.run)
        yield from says
        found = [event.finding for event in says if isinstance(event, Found)]
        yield Finished({"findings": found, "not_checked": []})

    monkeypatch.setattr(module, "audit", audit)
    request = replace(audit_request(review), run=1)
    if labels is not None:
        request = replace(request, labels=labels)
    *_, event = rechecking(request, review.info, SWAP)
    assert isinstance(event, Rechecked)
    return event, *asked


@pytest.mark.parametrize(
    ("says", "came_of"),
    [
        ([], Outcome.GONE),
        ([OTHERWISE], Outcome.GONE),
        ([ELSEWHERE], Outcome.GONE),
        ([NO_WITNESS], Outcome.UNKNOWN),
        ([OTHERWISE, Found(SWAP)], Outcome.THERE),
        ([NO_WITNESS, Found(SWAP)], Outcome.THERE),
    ],
)
def test_what_a_check_cannot_say_counts_if_it_is_about_the_finding(
    project: Path, monkeypatch: pytest.MonkeyPatch, says: Sequence[Event], came_of: Outcome
) -> None:
    event, run = checked_again(project, monkeypatch, *says)
    assert (event.outcome, run) == (came_of, 1)
    assert event.why == (NO_WITNESS.sentence if came_of is Outcome.UNKNOWN else "")


@pytest.mark.parametrize(("changed", "asked"), [(0, 0), (-1, 1)])
def test_a_model_that_learnt_other_labels_of_the_split_is_not_asked(
    project: Path, monkeypatch: pytest.MonkeyPatch, changed: int, asked: int
) -> None:
    labels = now(project).labelling.labels.copy()
    labels[changed] = 1 - labels[changed] % 2
    event, run = checked_again(project, monkeypatch, labels=labels)
    assert (event.outcome, run) == (Outcome.GONE, asked)


def test_where_nobody_else_can_be_asked_the_model_has_to_learn_anew(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    labels = now(project).labelling.labels.copy()
    labels[0] = 1
    event, run = checked_again(project, monkeypatch, NO_WITNESS, labels=labels)
    assert (event.outcome, run) == (Outcome.UNKNOWN, 0)
    assert "train on them as they are now" in event.why


# -- the command line ------------------------------------------------------------------------
def run(*words: str | Path) -> int:
    return cli.run(parse([str(word) for word in words]))


def test_without_a_word_nothing_is_changed_where_nobody_can_be_asked(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("remedy", project, LEAK) == 0
    said = capsys.readouterr()
    assert "3 images left out: 3 of test" in said.out
    assert "--yes" in said.err
    assert not now(project).labelling.edits
    assert run("remedy", project, "nonsense") == 1
    assert "imbalance:train" in capsys.readouterr().err
    with pytest.raises(SystemExit) as wrong:
        run("remedy", project, LEAK, "--yes", "--preview")
    assert wrong.value.code == 2


def test_yes_carries_it_out_and_says_how_to_go_back(
    project: Path, found_next: list[dict[str, Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("remedy", project, LEAK, "--yes") == 0
    said = capsys.readouterr().out
    assert "The finding is gone." in said
    assert f"winnow remedy {project} {LEAK} --take-back" in said
    assert run("remedy", project, LEAK, "--take-back", "--json") == 0
    done = json.loads(capsys.readouterr().out)
    assert (done["do"], done["preview"], done["outcome"]) == ("take_back", None, "gone")


def lines_of(**fields: Any) -> list[str]:
    done = {"project": "p", "finding": "f", "kind": "k", "sentence": "s.", "remedy": "r.",
            "do": "apply", "preview": None, "outcome": None, "left": [], "why": ""}  # fmt: skip
    return list(remedy_lines({**done, **fields}))


def test_every_outcome_is_said() -> None:
    def told(outcome: str, left: Sequence[str] = (), why: str = "") -> str:
        return " ".join(lines_of(outcome=outcome, left=left, why=why))

    assert "is gone." in told("gone")
    assert "costs less:   Two." in told("lesser", ["Two."])
    assert "still there:   All." in told("there", ["All."])
    assert "cannot be told:   It learnt." in told("unknown", why="It learnt.")


WEIGHTS = {"class_weights": "balanced", "classes": {"ant": {"images": 3, "weight": 2.5}}}
UNDO = {"split": "test", "images": 3, "undo": {"name": "invert"}}


@pytest.mark.parametrize(("preview", "said"), [(WEIGHTS, "2.5  ant"), (UNDO, "3 images of test")])
def test_previews_of_settings_are_said(preview: Mapping[str, Any], said: str) -> None:
    assert said in " ".join(lines_of(preview=preview, do="preview"))
