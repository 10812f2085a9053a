"""What the command line understands, and what it makes of it."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from models.types import TrainingEnded
from qtapp import cli
from qtapp.arguments import parse, request_of
from tests.unit.cli.conftest import Capture, run


@pytest.mark.parametrize(
    ("words", "command", "opens_window"),
    [
        ([], "", True),
        (["demo"], "demo", True),
        (["data.npz"], "", True),
        (["./info"], "", True),
        (["--images", "x", "data.npz"], "", True),
        (["info", "data.npz"], "info", False),
        (["rank", "p.winnow"], "rank", False),
    ],
)
def test_what_is_a_command_and_what_a_path(
    words: list[str], command: str, opens_window: bool
) -> None:
    arguments = parse(words)
    assert (arguments.command, arguments.opens_window) == (command, opens_window)


@pytest.mark.parametrize(
    ("words", "settings", "more"),
    [
        ([], {"schedule": [3, 3], "epochs": 3, "seed": 7}, {"again": False}),
        (["--nets", "4"], {"epochs": 3, "nets": 4, "seed": 7}, {"again": False}),
        (["--minutes", "2", "--seed", "1"], {"minutes": 2.0, "seed": 1}, {}),
        (["--minutes", "2", "--nets", "2"], {"minutes": 2.0, "nets": 2, "seed": 7}, {}),
        (["--preset", "quick"], {"preset": "quick", "seed": 7}, {}),
        (["--again"], {"schedule": [3, 3], "epochs": 3, "seed": 7}, {"again": True}),
    ],
)
def test_train_takes_the_settings_of_another_run_but_for_those_given(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    words: list[str],
    settings: dict[str, object],
    more: dict[str, object],
) -> None:
    asked: list[tuple[dict[str, object], dict[str, object]]] = []

    def training(_source: object, _output: object, config: dict[str, object], **rest: object):  # type: ignore[no-untyped-def]
        asked.append((config, rest))
        yield TrainingEnded(1, {})

    monkeypatch.setattr(cli, "training_run", training)
    path = tmp_path / "run.json"
    path.write_text(json.dumps({"config": {"schedule": [3, 3], "epochs": 3, "seed": 7}}))
    assert run("train", "data.npz", "--config", path, "--json", *words) == 0
    ((config, rest),) = asked
    assert config == settings
    assert rest.items() >= more.items()


def test_a_run_begins_with_one_thing(capsys: Capture) -> None:
    for words in (["--again", "--resume"], ["--again", "--from", "p.winnow"]):
        with pytest.raises(SystemExit):
            parse(["train", "p.winnow", *words])
        assert "not allowed with" in capsys.readouterr().err


def test_a_run_that_goes_on_takes_no_other_settings(capsys: Capture) -> None:
    for words in (["--epochs", "0"], ["--device", "cuda"], ["--config", "run.json"]):
        with pytest.raises(SystemExit) as ended:
            parse(["train", "p.winnow", "--resume", *words])
        assert ended.value.code == 2
        assert f"settings its run began with; leave out {words[0]}" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        parse(["train", "p.winnow", "--resume", "--seed", "3", "--class-weights", "none"])
    assert "leave out --seed, --class-weights" in capsys.readouterr().err
    assert parse(["train", "p.winnow", "--resume", "-o", "p2.winnow"]).resume


def test_start_without_a_path_opens_no_dataset() -> None:
    assert request_of(parse([])) is None


def test_answers_about_the_arrays_reach_the_request() -> None:
    asked = request_of(parse(["a.npz", "--images", "x", "--layout", "nchw"]))
    assert asked is not None
    assert (asked.paths, asked.images, asked.layout) == ((os.path.abspath("a.npz"),), "x", "nchw")


@pytest.mark.parametrize(
    "words",
    [
        ["info"],
        ["rank", "p.winnow", "--top", "0"],
        ["rank", "p.winnow", "--by", "beauty"],
        ["label", "p.winnow"],
        ["export", "p.winnow", "out.h5", "--only", "kept,lost"],
        ["export", "p.winnow", "out.zip"],
        ["export", "p.winnow", "out.h5", "--files", "link"],
        ["export", "p.winnow", "out.parquet", "--files", "link"],
        ["export", "p.winnow", "out.csv", "--sample", "s.csv"],
        ["export", "p.winnow", "out", "--top", "5"],
        ["export", "p", "o.csv", "--as", "predictions", "--sample", "s", "--only", "kept"],
        ["runs", "p.winnow", "delete"],
        *(["audit", "p.npz", "--minutes", minutes] for minutes in ("-1", "0", "nan", "inf", "two")),
        ["train", "p.npz", "--minutes", "nan"],
        ["split", "p.winnow", "--train", "0"],
    ],
)
def test_wrong_usage_is_2(words: list[str], capsys: Capture) -> None:
    with pytest.raises(SystemExit) as ended:
        parse(words)
    assert ended.value.code == 2
    assert capsys.readouterr().err.startswith("usage: winnow")


@pytest.mark.parametrize(
    ("words", "names", "into"),
    [
        (["merge", "--into", "cat", "dog", "cow"], ["dog", "cow"], "cat"),
        (["--json", "merge", "dog", "--into", "cat", "cow"], ["dog", "cow"], "cat"),
        (["merge", "-1", "--into", "-2"], ["-1"], "-2"),
        (["merge", "--into=-cat", "--", "-dog", "--json"], ["-dog", "--json"], "-cat"),
        (["--into", "cat", "--", "merge", "-dog"], ["-dog"], "cat"),
        (["--json"], [], ""),
    ],
)
def test_classes_are_named_before_and_after_options(
    words: list[str], names: list[str], into: str
) -> None:
    asked = parse(["classes", "p.winnow", *words])
    assert (asked.names, asked.into, asked.action == "merge") == (names, into, bool(names))


def test_files_whose_names_begin_with_a_dash_are_given_after_two() -> None:
    for words in (["info"], ["train", "--seed", "1"], []):
        asked = request_of(parse([*words, "--", "-a.npz", "--json"]))
        assert asked is not None
        assert asked.paths == (os.path.abspath("-a.npz"), os.path.abspath("--json"))


def test_options_may_stand_between_the_files_of_a_dataset() -> None:
    for words in (["info"], ["train"], ["audit"], []):
        asked = request_of(parse([*words, "a.npz", "--images", "x", "b.npz"]))
        assert asked is not None
        assert asked.paths == (os.path.abspath("a.npz"), os.path.abspath("b.npz"))


@pytest.mark.parametrize(
    ("name", "as_format"),
    [
        *(("a.h5", "h5"), ("a.HDF5", "h5"), ("a.npz", "npz"), ("a.csv", "csv")),
        *(("a.parquet", "parquet"), ("a", "folder")),
    ],
)
def test_the_format_follows_from_the_name(name: str, as_format: str) -> None:
    assert parse(["export", "p.winnow", name]).as_format == as_format
