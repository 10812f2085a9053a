"""The command line: what it understands, prints and returns."""

from __future__ import annotations

import csv
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import h5py
import numpy as np
import pytest

from models import auditing, opening
from models.data.project import Project
from models.data.runs import delete_run
from models.ranking import shown_run
from models.review.queues import Queue
from models.types import TrainingEnded
from qtapp import cli
from qtapp.arguments import parse, request_of
from tests.helpers import sources
from tests.helpers.projects import N_SAMPLES, UNSCORED, WRONG, add_run, small_npz, small_project
from tests.helpers.verdicts import judgeable, judgeable_project

Capture = pytest.CaptureFixture[str]


def run(*words: str | Path) -> int:
    return cli.run(parse([str(word) for word in words]))


@pytest.fixture
def scored(tmp_path: Path) -> Path:
    project = small_project(tmp_path)
    add_run(project)
    return project


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
        (["--minutes", "2", "--seed", "1"], {"epochs": 3, "minutes": 2.0, "seed": 1}, {}),
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
    ],
)
def test_wrong_usage_is_2(words: list[str], capsys: Capture) -> None:
    with pytest.raises(SystemExit) as ended:
        parse(words)
    assert ended.value.code == 2
    assert capsys.readouterr().err.startswith("usage: winnow")


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


def test_rank_without_a_run_says_what_to_do(tmp_path: Path, capsys: Capture) -> None:
    assert run("rank", small_project(tmp_path)) == 1
    assert "winnow train" in capsys.readouterr().err


def test_rank_lists_every_sample_once_the_unscored_last(scored: Path, capsys: Capture) -> None:
    assert run("rank", scored) == 0
    rows = list(csv.DictReader(capsys.readouterr().out.splitlines()))
    ids = [int(row["sample_id"]) for row in rows]
    assert sorted(ids) == list(range(N_SAMPLES))
    assert (ids[0], ids[-1]) == (WRONG, UNSCORED)
    assert (rows[0]["given"], rows[0]["suggested"]) == ("bee", "cat")
    assert rows[0]["reasons"] == "looks like cat (96%)"
    assert (rows[-1]["suspicion"], rows[-1]["predicted"]) == ("", "")


def test_copies_under_two_labels_are_ranked_first_until_the_labels_agree(
    scored: Path, tmp_path: Path, capsys: Capture
) -> None:
    copies = np.full(N_SAMPLES, -1, np.int32)
    copies[[2, 7]] = 2
    np.save(scored / "runs" / "0001" / "scores-0001" / "copy_group.npy", copies)

    def ranked() -> list[dict[str, str]]:
        capsys.readouterr()
        assert run("rank", scored) == 0
        return list(csv.DictReader(capsys.readouterr().out.splitlines()))

    rows = ranked()
    assert [int(row["sample_id"]) for row in rows[:3]] == [2, 7, WRONG]
    assert rows[0]["reasons"].split("; ")[0] == "same pixels as #7, which is labelled bee"
    assert rows[1]["reasons"].split("; ")[0] == "same pixels as #2, which is labelled cat"
    assert float(rows[0]["suspicion"]) == pytest.approx(0.1)
    edits = tmp_path / "edits.csv"
    edits.write_text("sample_id,action,label\n2,set,bee\n")
    assert run("label", scored, "--from", edits) == 0
    rows = ranked()
    assert 7 not in [int(row["sample_id"]) for row in rows[:3]]
    assert not any("same pixels" in row["reasons"] for row in rows)


def test_rank_by_what_decisions_taught(tmp_path: Path, capsys: Capture) -> None:
    data = judgeable()
    project = judgeable_project(tmp_path, data)
    decided, right = data.order[:200].tolist(), data.corrected()
    rows = [f"{i},set,{right[i]}" if data.wrong[i] else f"{i},keep," for i in decided]
    edits = tmp_path / "edits.csv"
    edits.write_text("\n".join(["sample_id,action,label", *rows[:90]]))
    assert run("label", project, "--from", edits) == 0
    capsys.readouterr()
    assert run("rank", project, "--by", "learned") == 1
    out, said = capsys.readouterr()
    assert not out
    assert "it takes 100 verdicts, 15 of each kind" in said
    edits.write_text("\n".join(["sample_id,action,label", *rows]))
    assert run("label", project, "--from", edits) == 0
    capsys.readouterr()
    assert run("rank", project, "--by", "learned") == 0
    ranked = list(csv.DictReader(capsys.readouterr().out.splitlines()))
    assert list(ranked[0])[-4:] == ["anomaly", "learned", "reasons", "queue"]
    rest = [int(row["sample_id"]) for row in ranked if row["status"] == "pending"]
    assert data.wrong[rest[:100]].mean() > 0.8
    assert {row["learned"] for row in ranked[-40:]} == {"0.0"}
    assert {row["status"] for row in ranked[-40:]} == {"changed"}


def test_rank_of_one_queue(scored: Path, capsys: Capture) -> None:
    found = np.zeros(N_SAMPLES, np.uint8)
    found[[1, WRONG, 7]] = Queue.NO_CLASS_FITS
    folder = scored / "runs" / "0001" / "scores-0001"
    np.save(folder / "queue.npy", found)
    np.save(folder / "anomaly.npy", np.arange(N_SAMPLES, dtype=np.float32))
    assert run("rank", scored, "--queue", "no-class-fits", "--json") == 0
    ranked = json.loads(capsys.readouterr().out)
    assert ranked["by"] == "anomaly"
    assert [row["sample_id"] for row in ranked["rows"]] == [7, WRONG, 1]
    assert ranked["rows"][1]["queue"] == "no-class-fits; likely-mislabelled"
    assert ranked["rows"][2]["queue"] == "no-class-fits"
    assert run("rank", scored, "--queue", "no-class-fits", "--by", "suspicion", "--json") == 0
    rows = json.loads(capsys.readouterr().out)["rows"]
    assert [row["sample_id"] for row in rows] == [WRONG, 1, 7]
    with pytest.raises(SystemExit) as ended:
        run("rank", scored, "--queue", "no-such-queue")
    assert ended.value.code == 2
    assert "sure-and-wrong" in capsys.readouterr().err


def test_a_ranking_of_nothing_is_its_header(scored: Path, capsys: Capture, tmp_path: Path) -> None:
    nothing = ("rank", scored, "--where", "loss > 1e9")
    assert run("rank", scored, "--top", 1) == 0
    header = capsys.readouterr().out.splitlines()[0]
    assert run(*nothing) == 0
    assert capsys.readouterr().out == f"{header}\n"
    assert run(*nothing, "--csv", tmp_path / "none.csv") == 0
    assert (tmp_path / "none.csv").read_text() == f"{header}\n"
    assert capsys.readouterr().out.startswith("0 rows")


def test_rank_of_what_a_query_asks_for(scored: Path, capsys: Capture) -> None:
    def ranked(query: str) -> list[int]:
        assert run("rank", scored, "--where", query, "--json") == 0
        return [row["sample_id"] for row in json.loads(capsys.readouterr().out)["rows"]]

    assert ranked("given == bee and suggested == cat") == [WRONG]
    assert ranked("given == bee and predicted == cat and split == all") == [WRONG]
    assert ranked(f'Path ~ "[{WRONG}]" or id == {UNSCORED}') == [WRONG, UNSCORED]
    dark = ranked("brightness < 0.5")
    assert 0 < len(dark) < N_SAMPLES
    assert sorted(dark + ranked("brightness >= 0.5")) == list(range(N_SAMPLES))
    assert run("rank", scored, "--where", "given == bea") == 1
    told = capsys.readouterr().err
    assert told == 'winnow: in "given == bea", at "bea": There is no class "bea". Is it bee?\n'


def test_rank_by_the_labelling_order(tmp_path: Path, capsys: Capture) -> None:
    project = small_project(tmp_path)
    add_run(project)
    assert run("rank", project, "--by", "labelling") == 1
    assert "has no labelling order" in capsys.readouterr().err
    source = tmp_path / "insects.npz"
    kept = dict(np.load(source))
    labels = np.array([-1 if i % 2 else i % 3 for i in range(N_SAMPLES)])
    np.savez(tmp_path / "half.npz", images=kept["images"], labels=labels)
    opening.open_review(opening.request_for([tmp_path / "half.npz"])).close()
    project = tmp_path / "half.winnow"
    add_run(project)
    order = np.where(labels < 0, np.linspace(0.1, 1, N_SAMPLES), np.nan).astype(np.float32)
    np.save(project / "runs" / "0001" / "scores-0001" / "labelling.npy", order)
    assert run("rank", project, "--by", "labelling", "--json") == 0
    rows = json.loads(capsys.readouterr().out)["rows"]
    assert [row["sample_id"] for row in rows] == [11, 9, 7, 5, 3, 1, 0, 2, 4, 6, 8, 10]
    assert rows[0]["labelling"] == 1.0
    assert rows[-1]["labelling"] is None


def test_how_reviewers_agree(scored: Path, tmp_path: Path, capsys: Capture) -> None:
    assert run("agreement", scored) == 1
    assert "has no decisions yet" in capsys.readouterr().err
    edits = tmp_path / "edits.csv"
    edits.write_text(
        "sample_id,action,label,reviewer\n"
        "0,keep,,Anna\n0,keep,,Ben\n1,set,ant,Anna\n1,set,cat,Anna\n1,set,ant,Ben\n2,keep,,Ben\n"
    )
    assert run("label", scored, "--from", edits) == 0
    capsys.readouterr()
    assert run("agreement", scored, "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["images"], found["shared"], found["agreed"]) == (3, 2, 1)
    anna = found["reviewers"][0]
    assert (anna["reviewer"], anna["verdicts"], anna["shared"]) == ("Anna", 2, 2)
    asked = {one["sample_id"]: one for one in found["second_opinions"]}
    assert asked[1]["verdicts"] == {"Anna": "cat", "Ben": "ant"}
    assert 0 not in asked
    assert run("agreement", scored) == 0
    said = capsys.readouterr().out
    assert "3 images looked at, 2 of them by two people or more." in said
    assert "Anna: cat, Ben: ant" in said
    assert run("rank", scored, "--queue", "second-opinion", "--json") == 0
    rows = json.loads(capsys.readouterr().out)["rows"]
    assert sorted(row["sample_id"] for row in rows) == sorted(asked)


def test_rank_to_a_file(scored: Path, tmp_path: Path, capsys: Capture) -> None:
    out = tmp_path / "suspects.csv"
    assert run("rank", scored, "--top", "2", "--csv", out, "--json") == 0
    assert json.loads(capsys.readouterr().out) == {"path": str(out), "n": 2, "by": "suspicion"}
    assert len(out.read_text().splitlines()) == 3


def test_rank_never_replaces_a_dataset(scored: Path, tmp_path: Path) -> None:
    source = tmp_path / "insects.npz"
    before = source.read_bytes()
    assert run("rank", scored, "--csv", source) == 1
    assert source.read_bytes() == before


def test_rank_while_a_window_has_the_project(scored: Path) -> None:
    review = opening.open_review(opening.request_for([scored]))
    try:
        assert run("rank", scored, "--json") == 0
    finally:
        review.close()


def test_classes_are_listed_and_merged(scored: Path, capsys: Capture) -> None:
    assert run("classes", scored, "--json") == 0
    before = {c["class"]: c["n"] for c in json.loads(capsys.readouterr().out)["classes"]}
    names = list(before)
    assert run("classes", scored, "merge", names[0], "--into", names[1], "--json") == 0
    done = json.loads(capsys.readouterr().out)
    assert done["changed"] == before[names[0]]
    assert done["classes"][0] == {"class": names[0], "n": 0, "merged_into": names[1]}
    assert done["classes"][1]["n"] == before[names[0]] + before[names[1]]
    with h5py.File(scored / "corrected.h5") as file:
        assert 0 not in file["labels/corrected"][:]


@pytest.mark.parametrize(
    ("names", "into", "said"),
    [(["nobody"], "cat", "no class “nobody”"), (["cat"], "cat", "merged into itself")],
)
def test_a_merge_that_makes_no_sense_is_refused(
    scored: Path, capsys: Capture, names: list[str], into: str, said: str
) -> None:
    assert run("classes", scored, "merge", *names, "--into", into) == 1
    assert said in capsys.readouterr().err


def test_label_applies_publishes_and_says_what_it_skipped(
    scored: Path, tmp_path: Path, capsys: Capture
) -> None:
    edits = tmp_path / "edits.csv"
    edits.write_text("sample_id,action,label\n4,accept,\n0,set,cat\n1,set,dog\n11,accept,\n")
    assert run("label", scored, "--from", edits, "--reviewer", "Ada", "--json") == 0
    done = json.loads(capsys.readouterr().out)
    assert done["applied"] == 2
    assert [skipped["row"] for skipped in done["skipped"]] == [4, 5]
    with h5py.File(scored / "corrected.h5") as file:
        assert file["labels/corrected"][[0, 1, 4]].tolist() == [2, 1, 2]


def test_label_is_refused_while_a_window_has_the_project(
    scored: Path, tmp_path: Path, capsys: Capture
) -> None:
    edits = tmp_path / "edits.csv"
    edits.write_text("sample_id,action\n4,keep\n")
    review = opening.open_review(opening.request_for([scored]))
    try:
        assert run("label", scored, "--from", edits) == 1
    finally:
        review.close()
    assert str(os.getpid()) in capsys.readouterr().err


def test_rank_scores_a_decided_sample_by_its_new_label(
    scored: Path, tmp_path: Path, capsys: Capture
) -> None:
    edits = tmp_path / "edits.csv"
    edits.write_text(f"sample_id,action\n{WRONG},accept\n")
    assert run("label", scored, "--from", edits) == 0
    capsys.readouterr()
    assert run("rank", scored, "--json") == 0
    rows = json.loads(capsys.readouterr().out)["rows"]
    (row,) = (row for row in rows if row["sample_id"] == WRONG)
    assert row["suspicion"] < 0.1
    assert (row["status"], row["reasons"]) == ("changed", "")


def test_export_goes_by_the_name(scored: Path, tmp_path: Path, capsys: Capture) -> None:
    assert run("export", scored, tmp_path / "clean.csv", "--json") == 0
    assert json.loads(capsys.readouterr().out)["as"] == "csv"
    assert run("export", scored, tmp_path / "clean.h5", "--json") == 0
    assert json.loads(capsys.readouterr().out)["n"] == N_SAMPLES
    with h5py.File(tmp_path / "clean.h5") as file:
        assert file["images"].shape == (N_SAMPLES, 8, 8, 1)


@pytest.mark.parametrize(
    ("name", "as_format"),
    [
        *(("a.h5", "h5"), ("a.HDF5", "h5"), ("a.npz", "npz"), ("a.csv", "csv")),
        *(("a.parquet", "parquet"), ("a", "folder")),
    ],
)
def test_the_format_follows_from_the_name(name: str, as_format: str) -> None:
    assert parse(["export", "p.winnow", name]).as_format == as_format


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
    assert run("runs", scored, "delete", "1") == 0
    assert "No runs yet" in capsys.readouterr().out


def test_the_run_in_use_is_the_one_that_is_ranked(scored: Path) -> None:
    add_run(scored, 2)
    assert run("runs", scored, "use", "1") == 0
    with Project(scored) as project:
        assert shown_run(project) == 1
        delete_run(project.runs_dir, 1)
        assert shown_run(project) == 2


def winnow(*words: str | Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "qtapp", *map(str, words)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # A shell that runs the tests in the background makes its programs ignore Ctrl+C.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )


def test_a_reader_of_the_list_may_stop_early(scored: Path) -> None:
    with winnow("rank", scored) as program:
        assert program.stdout is not None
        assert program.stderr is not None
        program.stdout.close()
        assert (program.wait(), program.stderr.read()) == (0, "")


SLEEPY = """
import sys, time
if "models.processes.reader" in sys.orig_argv:
    time.sleep(60)
"""


def test_ctrl_c_ends_it_and_its_children_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sitecustomize.py").write_text(SLEEPY)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with winnow("info", tmp_path) as program:
        assert program.stderr is not None
        _wait_for_a_child_of(program.pid)
        program.send_signal(signal.SIGINT)
        said = program.stderr.read()
        assert (program.wait(), said) == (130, "Stopped.\n")


def _wait_for_a_child_of(pid: int) -> None:
    children = Path(f"/proc/{pid}/task/{pid}/children")
    while not children.read_text().strip():
        time.sleep(0.01)
