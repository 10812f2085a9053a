"""Merging two projects on disk: what is checked first, what is written, what is left alone."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from dataclasses import replace
from pathlib import Path

import h5py
import numpy as np
import pytest

from models.data.journal import Journal
from models.data.project import Project
from models.errors import ProjectError
from models.merging import merging
from models.opening import request_for
from models.processes.folding import fold
from models.review.causes import Remark
from models.review.decisions import Action
from models.review.replay import replay
from models.types import Finished
from qtapp import cli
from qtapp.arguments import parse
from tests.helpers.journals import Reviewer
from tests.helpers.local import open_here
from tests.helpers.projects import add_run, small_npz

Capture = pytest.CaptureFixture[str]


Decisions = dict[int, tuple[Action, int]]


def project_of(source: Path, path: Path, who: str, decisions: Decisions, note: str = "") -> Path:
    """A project in which somebody decided on some images, with a note on the last of them."""
    review = open_here(request_for([source]), path)
    with review.project.journal() as journal:
        person = Reviewer(review.labelling.given.copy())
        person.who = journal.reviewer_id(who)
        person.steps = [None] * (journal.next_step() - 1)  # type: ignore[list-item]
        for sample, (action, label) in decisions.items():
            edit = person.decide(action, [sample], label=label)
            journal.append(replace(edit, time_ns=edit.time_ns + person.who))
        if note:
            edit = person.remark([sample], Remark(note=note))
            journal.append(replace(edit, reviewer=person.who))
    review.close()
    return path


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return small_npz(tmp_path)


@pytest.fixture
def anna(source: Path, tmp_path: Path) -> Path:
    """Given are ant, bee, cat, ant, ..."""
    decisions = {0: (Action.SET, 1), 1: (Action.KEEP, 0), 2: (Action.SET, 0)}
    return project_of(source, tmp_path / "anna.winnow", "Anna", decisions)


@pytest.fixture
def ben(source: Path, tmp_path: Path) -> Path:
    decisions = {0: (Action.SET, 2), 1: (Action.KEEP, 0), 3: (Action.EXCLUDE, 0)}
    return project_of(source, tmp_path / "ben.winnow", "Ben", decisions, note="too dark")


def run(*words: str | Path) -> int:
    return cli.run(parse([str(word) for word in words]))


def result(project: Path, other: Path) -> dict[str, object]:
    *_, last = merging(project, other)
    assert isinstance(last, Finished)
    return last.result


def everything_in(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def counts(done: dict[str, object]) -> list[object]:
    return [done[key] for key in ("merged", "agreed", "conflicts")]


def test_two_projects_become_one_and_the_other_stays_as_it_was(anna: Path, ben: Path) -> None:
    before = everything_in(ben)
    done = result(anna, ben)
    assert counts(done) == [1, 1, 1]
    assert (done["project"], done["other"]) == (str(anna), str(ben))
    assert (done["skipped"], done["classes_added"], done["classes_merged"]) == ([], [], [])
    assert everything_in(ben) == before
    with h5py.File(anna / "corrected.h5") as file:
        assert file["labels/corrected"][:4].tolist() == [1, 1, 0, 0]
        assert file["labels/status"][:4].tolist() == [2, 1, 2, 3]
        log, given = file["review/log"][:], file["labels/given"][:]
        assert (replay(log, given)[0] == file["labels/corrected"][:]).all()
    backup = max((anna / "backups").glob("*.db"))
    with Journal(backup, read_only=True) as journal:
        assert journal.last_seq() == 3  # as it was before


@pytest.mark.slow
def test_merging_again_writes_nothing(anna: Path, ben: Path) -> None:
    result(anna, ben)
    with Project(anna, read_only=True).journal() as journal:
        last = journal.last_seq()
    assert counts(result(anna, ben)) == [0, 0, 0]
    with Project(anna, read_only=True).journal() as journal:
        assert journal.last_seq() == last
    assert counts(result(ben, anna)) == [1, 1, 1]
    assert counts(result(anna, ben)) == [0, 0, 0]


@pytest.mark.slow
def test_the_command_says_it_in_words_and_in_json(anna: Path, ben: Path, capsys: Capture) -> None:
    add_run(anna)
    assert run("merge", anna, ben) == 0
    assert "1 image decided differently" in capsys.readouterr().out
    assert run("rank", anna, "--queue", "disagreeing-reviewers", "--json") == 0
    rows = json.loads(capsys.readouterr().out)["rows"]
    assert [row["sample_id"] for row in rows] == [0]
    assert run("agreement", anna, "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["shared"], found["agreed"]) == (2, 1)
    project_of(anna, anna, "Anna", {0: (Action.KEEP, 0)})
    assert run("rank", anna, "--where", "queue == disagreeing-reviewers", "--json") == 0
    assert json.loads(capsys.readouterr().out)["rows"] == []
    assert run("rank", anna, "--where", 'note ~ "DARK"', "--json") == 0
    assert [row["sample_id"] for row in json.loads(capsys.readouterr().out)["rows"]] == [3]
    assert run("merge", anna, ben, "--json") == 0
    assert json.loads(capsys.readouterr().out)["merged"] == 0


def test_a_copy_of_the_dataset_elsewhere_is_the_same(anna: Path, source: Path) -> None:
    away = source.parent / "away"
    away.mkdir()
    copied = Path(shutil.copy(source, away / "same.npz"))
    os.utime(copied, (1, 1))
    ben = project_of(copied, away / "ben.winnow", "Ben", {5: (Action.SET, 0)})
    copied.unlink()  # it need not be there
    assert counts(result(anna, ben)) == [1, 0, 0]


def test_images_of_a_rewritten_dataset_are_found_by_content(anna: Path, source: Path) -> None:
    with np.load(source) as kept:
        images, labels = kept["images"][2:][::-1], kept["labels"][2:][::-1]
    images[0] = 7  # it was number 11
    np.savez(source.with_name("turned.npz"), images=images, labels=labels)
    decisions = {0: (Action.EXCLUDE, 0), 8: (Action.KEEP, 0), 9: (Action.KEEP, 0)}
    turned = source.with_name("turned.winnow")
    ben = project_of(source.with_name("turned.npz"), turned, "Ben", decisions)
    list(fold(ben))
    done = result(anna, ben)
    assert counts(done) == [1, 0, 1]
    (skipped,) = done["skipped"]  # type: ignore[misc]
    assert skipped == {"sample_id": 0, "why": "its image is not in this dataset"}
    review = open_here(request_for([anna]))
    review.close()
    assert np.flatnonzero(review.labelling.status).tolist() == [0, 1, 2, 3]


def test_another_dataset_is_refused_and_nothing_written(anna: Path, source: Path) -> None:
    np.savez(source.with_name("b.npz"), images=np.zeros((4, 8, 8), np.uint8), labels=[0, 1, 0, 1])
    decisions = {0: (Action.EXCLUDE, 0)}
    other = project_of(source.with_name("b.npz"), source.with_name("b.winnow"), "Ben", decisions)
    before = everything_in(anna)
    with pytest.raises(ProjectError, match="holds no record of what its images look like"):
        result(anna, other)
    list(fold(other))
    with pytest.raises(ProjectError, match="none of its images is in this one"):
        result(anna, other)
    assert everything_in(anna)["journal.db"] == before["journal.db"]


def test_a_project_is_not_merged_with_itself_or_with_what_is_none(anna: Path, source: Path) -> None:
    with pytest.raises(ProjectError, match="cannot be merged with itself"):
        result(anna, anna)
    with pytest.raises(ProjectError, match="is not a Winnow project"):
        result(anna, source)


def test_a_project_in_use_is_refused(anna: Path, ben: Path) -> None:
    with Project(anna), pytest.raises(ProjectError, match="in use"):
        result(anna, ben)
    with Project(ben):  # reading asks nobody
        assert counts(result(anna, ben)) == [1, 1, 1]
