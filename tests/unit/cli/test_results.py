"""Exports and runs on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import h5py

from models.data.locking import LOCK
from models.data.project import Project
from models.data.runs import delete_run
from models.ranking import shown_run
from tests.helpers.projects import N_SAMPLES, add_run
from tests.unit.cli.conftest import Capture, run


def test_export_goes_by_the_name(scored: Path, tmp_path: Path, capsys: Capture) -> None:
    assert run("export", scored, tmp_path / "clean.csv", "--json") == 0
    assert json.loads(capsys.readouterr().out)["as"] == "csv"
    assert run("export", scored, tmp_path / "clean.h5", "--json") == 0
    assert json.loads(capsys.readouterr().out)["n"] == N_SAMPLES
    with h5py.File(tmp_path / "clean.h5") as file:
        assert file["images"].shape == (N_SAMPLES, 8, 8, 1)


def test_predictions_and_work_list_are_asked_for(
    scored: Path, tmp_path: Path, capsys: Capture
) -> None:
    (tmp_path / "sample.csv").write_text("id,label\n5,\n2,\n")
    words = ["--as", "predictions", "--sample", tmp_path / "sample.csv"]
    assert run("export", scored, tmp_path / "out.csv", *words) == 0
    assert (tmp_path / "out.csv").read_text() == "id,label\n5,cat\n2,cat\n"
    assert "ids by sample id, class names" in capsys.readouterr().out
    assert run("export", scored, tmp_path / "todo", "--as", "worklist", "--top", "2", "--json") == 0
    assert json.loads(capsys.readouterr().out)["n"] == 2


def test_runs_are_listed_and_deleted(scored: Path, capsys: Capture) -> None:
    assert run("runs", scored, "--json") == 0
    assert [one["run"] for one in json.loads(capsys.readouterr().out)["runs"]] == [1]
    assert run("runs", scored, "delete", "7") == 1
    assert "has no run 7. `winnow runs " in capsys.readouterr().err
    assert run("runs", scored, "delete", "1") == 0
    assert "No runs yet" in capsys.readouterr().out


def test_a_run_that_nobody_trains_any_more_was_broken_off(scored: Path, capsys: Capture) -> None:
    details = scored / "runs" / "0001" / "run.json"
    details.write_text(json.dumps({**json.loads(details.read_text()), "state": "running"}))
    assert run("runs", scored) == 0
    assert "run 1: broken off" in capsys.readouterr().out
    with Project(scored):  # as a training holds it
        assert run("runs", scored) == 0
    assert "run 1: running" in capsys.readouterr().out


def test_whether_a_run_is_trained_where_nobody_may_lock_is_not_known(
    scored: Path, capsys: Capture
) -> None:
    details = scored / "runs" / "0001" / "run.json"
    details.write_text(json.dumps({**json.loads(details.read_text()), "state": "running"}))
    (scored / LOCK).unlink(missing_ok=True)
    (scored / LOCK).mkdir()
    assert run("runs", scored) == 0
    assert "run 1: running" in capsys.readouterr().out


def test_a_damaged_run_can_be_deleted_as_its_error_says(scored: Path, capsys: Capture) -> None:
    add_run(scored, 2)
    (scored / "runs" / "0002" / "run.json").write_text("damaged")
    assert run("runs", scored, "use", "2") == 1
    assert "Delete this run" in capsys.readouterr().err
    assert run("runs", scored, "delete", "2") == 0
    assert "run 1: " in capsys.readouterr().out


def test_the_run_in_use_is_the_one_that_is_ranked(scored: Path) -> None:
    add_run(scored, 2)
    assert run("runs", scored, "use", "1") == 0
    with Project(scored) as project:
        assert shown_run(project) == 1
        delete_run(project.runs_dir, 1)
        assert shown_run(project) == 2


def test_of_one_thing_nobody_speaks_as_of_several(
    scored: Path, tmp_path: Path, capsys: Capture
) -> None:
    edits = tmp_path / "edits.csv"
    edits.write_text("sample_id,action,label\n4,set,cat\n")
    about = scored / "runs" / "0001" / "run.json"
    about.write_text(json.dumps({**json.loads(about.read_text()), "curves": [{}]}))
    for words, said in (
        (["label", scored, "--from", edits], "1 decision applied and saved, 0 rows skipped\n"),
        (["export", scored, tmp_path / "one.csv", "--only", "changed"], "1 sample in "),
        (["rank", scored, "--top", "1", "--csv", tmp_path / "top.csv"], "1 row in "),
        (["runs", scored], "run 1: ended, 1 epoch, "),
    ):
        capsys.readouterr()
        assert run(*words) == 0
        assert capsys.readouterr().out.startswith(said)
