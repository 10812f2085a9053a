"""Decisions on the command line: labels set, classes merged, reviewers compared."""

from __future__ import annotations

import io
import json
import os
import tarfile
from pathlib import Path

import h5py
import numpy as np
import pytest

from models import opening
from tests.helpers import sources
from tests.unit.cli.conftest import Capture, run


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


def test_label_takes_ids_where_shards_of_one_name_hold_files_of_one_name(
    tmp_path: Path, capsys: Capture
) -> None:
    """As img2dataset writes them: train/00000.tar and val/00000.tar."""
    for split in ("train", "val"):
        (tmp_path / "shards" / split).mkdir(parents=True)
        with tarfile.open(tmp_path / "shards" / split / "00000.tar", "x") as archive:
            for name, content in (("0.png", sources.encoded(1)[0]), ("0.cls", b"0")):
                member = tarfile.TarInfo(name)
                member.size = len(content)
                archive.addfile(member, io.BytesIO(content))
    review = opening.open_review(sources.request(tmp_path / "shards"))
    (path, twin), project = review.reader.paths(np.arange(2)), review.project.path
    review.close()
    edits = tmp_path / "edits.csv"
    edits.write_text(f"sample_id,path,action\n0,{path},keep\n1,{twin},exclude\n")
    assert run("label", project, "--from", edits, "--json") == 0
    assert json.loads(capsys.readouterr().out) == {"applied": 2, "skipped": []}
    edits.write_text(f"path,action\n{path},clear\n")
    assert run("label", project, "--from", edits) == 0
    assert f"several samples have the path '{path}'" in capsys.readouterr().out


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


def test_classes_are_listed_and_merged(scored: Path, capsys: Capture) -> None:
    assert run("classes", scored, "--json") == 0
    before = {c["class"]: c["n"] for c in json.loads(capsys.readouterr().out)["classes"]}
    names = list(before)
    named = (names[0], names[0])  # twice is no mistake worth refusing
    assert run("classes", scored, "merge", *named, "--into", names[1], "--json") == 0
    done = json.loads(capsys.readouterr().out)
    assert done["changed"] == before[names[0]]
    assert done["classes"][0] == {"class": names[0], "n": 0, "merged_into": names[1]}
    assert done["classes"][1]["n"] == before[names[0]] + before[names[1]]
    with h5py.File(scored / "corrected.h5") as file:
        assert 0 not in file["labels/corrected"][:]


def test_classes_are_listed_beside_an_open_window_and_merged_by_nobody_else(
    scored: Path, capsys: Capture
) -> None:
    review = opening.open_review(opening.request_for([scored]))
    try:
        assert run("classes", scored) == 0
        assert capsys.readouterr().out.split() == ["4", "ant", "4", "bee", "4", "cat"]
        assert run("classes", scored, "merge", "ant", "--into", "bee") == 1
    finally:
        review.close()
    assert str(os.getpid()) in capsys.readouterr().err
    assert run("classes", scored.parent) == 1
    assert "is not a Winnow project" in capsys.readouterr().err


def test_a_merged_class_is_set_and_kept_as_the_one_it_went_into(
    scored: Path, tmp_path: Path
) -> None:
    assert run("classes", scored, "merge", "ant", "--into", "bee") == 0
    edits = tmp_path / "edits.csv"
    edits.write_text("sample_id,action,label\n0,keep,\n1,set,ant\n2,clear,\n")
    assert run("label", scored, "--from", edits) == 0
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
