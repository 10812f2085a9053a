"""Rankings on the command line: order, reasons, queues, queries."""

from __future__ import annotations

import csv
import json
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from models import opening
from models.data.runs import run_folder
from models.opening import request_for
from models.review.queues import Queue
from tests.helpers.local import open_here
from tests.helpers.projects import (
    GIVEN,
    N_CLASSES,
    N_SAMPLES,
    UNSCORED,
    WRONG,
    add_run,
    add_scores,
    small_project,
)
from tests.helpers.verdicts import judgeable, judgeable_project
from tests.unit.cli.conftest import Capture, run


def test_rank_without_a_run_says_what_to_do(tmp_path: Path, capsys: Capture) -> None:
    assert run("rank", small_project(tmp_path)) == 1
    assert "winnow train" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "command"),
    [
        (["rank", "{}"], "winnow train"),
        (["rank", "{}", "--run", "3"], "winnow runs"),
        (["export", "{}", "out.csv", "--as", "predictions"], "winnow train"),
        (["export", "{}", "todo", "--as", "worklist"], "winnow train"),
        (["remedy", "{}", "leak_exact:train+test", "--preview"], "winnow audit"),
        (["train", "{}", "--again"], "winnow train"),
    ],
)
def test_what_an_error_says_to_run_can_be_copied_whatever_the_folder_is_called(
    words: list[str], command: str, tmp_path: Path, capsys: Capture
) -> None:
    project = small_project(tmp_path).rename(tmp_path / "my insects.winnow")
    assert run(*(word.format(project) for word in words)) == 1
    assert f"`{command} '{project}'`" in capsys.readouterr().err


def test_a_run_that_is_not_there_has_no_ranking(scored: Path, capsys: Capture) -> None:
    assert run("rank", scored, "--run", "7") == 1
    assert "has no scores of run 7. See `winnow runs" in capsys.readouterr().err


@pytest.mark.slow
def test_a_decision_is_never_shown_beside_another_image_once_the_source_changed(
    scored: Path, tmp_path: Path, capsys: Capture
) -> None:
    edits = tmp_path / "edits.csv"
    edits.write_text("sample_id,action,label\n4,set,cat\n")
    assert run("label", scored, "--from", edits) == 0
    source = tmp_path / "insects.npz"
    kept = dict(np.load(source))
    for changed in (
        {name: np.roll(values, 1, axis=0) for name, values in kept.items()},
        {name: np.concatenate([values[:1], values]) for name, values in kept.items()},
    ):
        np.savez(source, **changed)
        for words in (
            *(["rank", scored], ["rank", scored, "--json"], ["agreement", scored]),
            *(["info", scored], ["report", scored, "-o", tmp_path / "page.html"]),
            ["classes", scored],
        ):
            capsys.readouterr()
            assert run(*words) == 1
            out, err = capsys.readouterr()
            assert out == ""
            assert "the source has changed since this project was made" in err
    assert not (tmp_path / "page.html").exists()


def test_rank_lists_every_sample_once_the_unscored_last(scored: Path, capsys: Capture) -> None:
    assert run("rank", scored) == 0
    rows = list(csv.DictReader(capsys.readouterr().out.splitlines()))
    ids = [int(row["sample_id"]) for row in rows]
    assert sorted(ids) == list(range(N_SAMPLES))
    assert (ids[0], ids[-1]) == (WRONG, UNSCORED)
    assert (rows[0]["given"], rows[0]["suggested"]) == ("bee", "cat")
    assert rows[0]["reasons"] == "looks like cat (96%)"
    assert (rows[-1]["suspicion"], rows[-1]["predicted"]) == ("", "")


def test_images_without_any_label_are_ranked_by_how_strange_they_are(
    tmp_path: Path, capsys: Capture
) -> None:
    np.savez(tmp_path / "bare.npz", images=np.arange(5 * 64, dtype=np.uint8).reshape(5, 8, 8))
    review = open_here(request_for([tmp_path / "bare.npz"]))
    review.close()
    project = review.project.path
    add_scores(project, np.full(5, -1, np.int64), 0)
    strange = np.array([0.1, 0.5, 0.3, 0.9, 0.2], np.float32)
    np.save(run_folder(project / "runs", 1) / "scores-0001" / "anomaly.npy", strange)
    assert run("rank", project) == 0
    rows = list(csv.DictReader(capsys.readouterr().out.splitlines()))
    assert [int(row["sample_id"]) for row in rows] == [3, 1, 2, 4, 0]
    assert {row["predicted"] + row["suggested"] + row["suspicion"] for row in rows} == {""}
    assert run("export", project, tmp_path / "todo", "--as", "worklist") == 0
    assert run("export", project, tmp_path / "out.csv", "--as", "predictions") == 1
    assert "Label images of two classes" in capsys.readouterr().err


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


@pytest.mark.slow
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
    assert run("rank", project, "--where", "labelling > 0.6", "--json") == 0
    rows = json.loads(capsys.readouterr().out)["rows"]
    assert sorted(row["sample_id"] for row in rows) == [7, 9, 11]


def test_a_query_about_clusters_finds_them(tmp_path: Path, capsys: Capture) -> None:
    project = small_project(tmp_path)
    clumps = np.zeros((N_SAMPLES, 2), np.float32)
    clumps[:8] = (5, 0)
    clumps[8:] = (0, 5)
    add_scores(project, GIVEN, N_CLASSES, embedding=clumps)
    for where, found in (("cluster == 1", range(8)), ("cluster == 2", range(8, N_SAMPLES))):
        assert run("rank", project, "--where", where, "--json") == 0
        rows = json.loads(capsys.readouterr().out)["rows"]
        assert sorted(row["sample_id"] for row in rows) == list(found)


def test_rank_to_a_file(scored: Path, tmp_path: Path, capsys: Capture) -> None:
    out = tmp_path / "suspects.csv"
    assert run("rank", scored, "--top", "2", "--csv", out, "--json") == 0
    assert json.loads(capsys.readouterr().out) == {"path": str(out), "n": 2, "by": "suspicion"}
    assert len(out.read_text().splitlines()) == 3


def test_a_list_opened_in_a_spreadsheet_runs_nothing_and_comes_back_as_decisions(
    tmp_path: Path, capsys: Capture
) -> None:
    source = tmp_path / "a.npz"
    names = np.array(["=1+1", "-1", "@cat"])[GIVEN]
    np.savez(
        source, images=np.arange(N_SAMPLES * 64, dtype=np.uint8).reshape(-1, 8, 8), labels=names
    )
    with closing(open_here(request_for([source]))) as review:
        add_run(review.project.path)
        project = review.project.path
    out = tmp_path / "suspects.csv"
    assert run("rank", project, "--csv", out) == 0
    with open(out, newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert {row["given"] for row in rows} == {"'=1+1", "-1", "'@cat"}
    capsys.readouterr()
    assert run("rank", project) == 0
    assert capsys.readouterr().out == out.read_text("utf-8")
    with open(out, "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, ["sample_id", "action", "label"], extrasaction="ignore")
        writer.writeheader()
        writer.writerows({**row, "action": "set", "label": row["given"]} for row in rows)
    assert run("label", project, "--from", out, "--json") == 0
    assert json.loads(capsys.readouterr().out) == {"applied": N_SAMPLES, "skipped": []}


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
