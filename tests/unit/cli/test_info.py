"""What the command line tells of a dataset, and how it says that something is wrong."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from models import auditing
from qtapp import cli
from tests.helpers import sources
from tests.helpers.projects import N_SAMPLES, small_npz, small_project
from tests.unit.cli.conftest import Capture, run


def test_info_in_words_and_as_json(tmp_path: Path, capsys: Capture) -> None:
    source = small_npz(tmp_path)
    assert run("info", source) == 0
    said = capsys.readouterr().out.splitlines()
    assert [line.split() for line in said[-3:]] == [["ant", "4"], ["bee", "4"], ["cat", "4"]]
    assert run("info", source, "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["n"], found["splits"], found["image_shape"]) == (12, {"all": 12}, [8, 8, 1])
    assert found["class_counts"] == {"all": {"ant": 4, "bee": 4, "cat": 4}}


def test_info_leaves_no_project_behind(tmp_path: Path) -> None:
    assert run("info", small_npz(tmp_path)) == 0
    assert [path.name for path in tmp_path.iterdir()] == ["insects.npz"]


def test_info_of_a_project_is_that_of_its_source(tmp_path: Path, capsys: Capture) -> None:
    assert run("info", small_project(tmp_path), "--json") == 0
    assert json.loads(capsys.readouterr().out)["n"] == N_SAMPLES


def test_folders_are_told_about_and_audited_as_splits(
    tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(auditing, "_needs_a_run", lambda _: False)  # training takes long
    sources.folder(tmp_path / "photos", splits=("train", "val", "test"))
    parts = [tmp_path / "photos" / split for split in ("train", "val", "test")]
    shutil.rmtree(parts[2] / "bee")
    assert run("info", *parts[:2]) == 0
    assert "24 colour images of 8x8 in 2 splits (train 12, val 12)" in capsys.readouterr().out
    assert run("audit", *parts, "--quick", "--checks", "balance", "--json") == 0
    result = json.loads(capsys.readouterr().out)
    assert result["splits"] == {"train": 12, "val": 12, "test": 8}
    small = {f["splits"][0]: f["classes"] for f in result["findings"] if f["check"] == "balance"}
    assert small["train"] == ["ant", "bee", "cat"]
    assert small["test"] == ["ant", "cat"]


def test_an_error_is_one_line_on_stderr(tmp_path: Path, capsys: Capture) -> None:
    assert run("info", tmp_path / "lost.npz", "--json") == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert "lost.npz" in err


def test_a_bug_is_one_line_too(
    tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cli, "describing", lambda *_, **__: 1 / 0)
    assert run("info", tmp_path) == 1
    assert "Traceback" not in capsys.readouterr().err
    monkeypatch.setenv("WINNOW_DEBUG", "1")
    assert run("info", tmp_path) == 1
    assert "Traceback" in capsys.readouterr().err


def test_a_source_that_was_moved_is_told_with_what_to_do(
    scored: Path, tmp_path: Path, capsys: Capture
) -> None:
    (tmp_path / "insects.npz").rename(tmp_path / "elsewhere.npz")
    for words in (
        *(["rank", scored], ["export", scored, tmp_path / "out.csv"], ["agreement", scored]),
        *(["classes", scored], ["info", scored], ["report", scored, "-o", tmp_path / "p.html"]),
    ):
        assert run(*words) == 1
        out, err = capsys.readouterr()
        assert (out, err.count("\n")) == ("", 1)
        assert "insects.npz: the dataset is no longer where it was. Put it back, or say" in err
        assert f"`winnow train DATASET -o {scored}`" in err
