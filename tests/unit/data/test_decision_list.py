"""Reading decisions from CSV files that people and programs write."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.data.decision_list import SEVERAL, read_decisions
from models.errors import DatasetError
from models.review.decisions import Action
from models.review.scripted import Instruction, Skipped


def no_paths() -> Mapping[str, int]:
    raise AssertionError("paths are asked for only where there is a column of them")


def read(path: Path, text: str | bytes) -> tuple[list[Instruction], list[Skipped]]:
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_decisions(path, 10, ("cat", "dog"), no_paths, "me")


def test_the_smallest_list(tmp_path: Path) -> None:
    read_rows, skipped = read(tmp_path / "e.csv", "sample_id,action\n3,keep\n")
    assert read_rows == [Instruction(2, 3, Action.KEEP, reviewer="me")]
    assert skipped == []


@pytest.mark.skipif(not os.path.exists("/dev/fd"), reason="no files that stand for pipes")
@pytest.mark.parametrize("ending", ["\n", "\r"])
def test_a_list_may_come_through_a_pipe(ending: str) -> None:
    reading, writing = os.pipe()
    os.write(writing, f"sample_id;action;label{ending}3;set;dog{ending}".encode())
    os.close(writing)
    try:
        rows, skipped = read_decisions(Path(f"/dev/fd/{reading}"), 10, ("cat", "dog"), no_paths)
    finally:
        os.close(reading)
    assert (rows, skipped) == ([Instruction(2, 3, Action.SET, 1)], [])


def test_every_column(tmp_path: Path) -> None:
    text = '\ufeffsample_id,action,label,reviewer,note\r\n3,set,dog,Ada,"two\nlines"\r\n'
    (row,), _ = read(tmp_path / "e.csv", text)
    assert row == Instruction(2, 3, Action.SET, 1, "Ada", "two\nlines")


def test_samples_may_be_named_by_path(tmp_path: Path) -> None:
    path = tmp_path / "e.csv"
    path.write_text("path,action\na/1.png,exclude\na/2.png,exclude\n")
    rows, skipped = read_decisions(path, 10, (), lambda: {"a/1.png": 7})
    assert [row.sample_id for row in rows] == [7]
    assert skipped == [Skipped(3, "no sample has the path 'a/2.png'")]


def test_accepted_is_what_the_list_suggested_and_no_newer_suggestion(tmp_path: Path) -> None:
    text = "sample_id,suggested,action\n3,dog,accept\n4,,accept\n5,mouse,accept\n"
    rows, skipped = read(tmp_path / "e.csv", text)
    assert rows == [Instruction(2, 3, Action.SET, 1, "me")]
    assert skipped == [
        Skipped(3, "the list has no suggestion for it to accept"),
        Skipped(4, "no class is called 'mouse'"),
    ]


def test_a_blank_line_is_a_row_like_in_a_spreadsheet(tmp_path: Path) -> None:
    rows, skipped = read(tmp_path / "e.csv", "sample_id,action\n3,keep\n\n10,keep\n4,keep\n")
    assert [row.row for row in rows] == [2, 5]
    assert [row.row for row in skipped] == [4]


def test_a_path_of_several_images_contradicts_no_id_and_names_none(tmp_path: Path) -> None:
    path = tmp_path / "e.csv"
    path.write_text("sample_id,path,action\n0,1.png,keep\n1,1.png,keep\n")
    rows, skipped = read_decisions(path, 10, (), lambda: {"1.png": SEVERAL})
    assert ([row.sample_id for row in rows], skipped) == ([0, 1], [])
    path.write_text("path,action\n1.png,keep\n")
    rows, skipped = read_decisions(path, 10, (), lambda: {"1.png": SEVERAL})
    assert (rows, skipped) == ([], [Skipped(2, "several samples have the path '1.png'")])


def test_a_list_from_before_the_dataset_grew_decides_on_no_other_image(tmp_path: Path) -> None:
    path = tmp_path / "e.csv"
    path.write_text("sample_id,path,action\n0,a/1.png,keep\n1,=a/3.png,keep\n2,renamed.png,keep\n")
    samples = {"a/1.png": 0, "a/2.png": 1, "=a/3.png": 2}
    rows, skipped = read_decisions(path, 10, (), lambda: samples)
    assert [row.sample_id for row in rows] == [0, 2]
    assert skipped == [Skipped(3, "sample 1 is another image; '=a/3.png' is sample 2")]


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("10,keep,", "there is no sample 10"),
        ("-1,keep,", "not a sample_id"),
        ("x,keep,", "not a sample_id"),
        ("9" * 5000 + ",keep,", "there is no sample"),
        ("1,undo,", "not an action"),
        ("1,set,Dogs", "no class is called 'Dogs'"),
        ("1,set", "no class is called ''"),
        ("1,,dog", "a label but no action"),
    ],
)
def test_a_row_that_cannot_be_followed_is_skipped(tmp_path: Path, row: str, why: str) -> None:
    rows, skipped = read(tmp_path / "e.csv", f"sample_id,action,label\n{row}\n2,keep,\n")
    assert [(one.row, why in one.why) for one in skipped] == [(2, True)]
    assert [one.sample_id for one in rows] == [2]


def test_rows_nobody_filled_in_are_passed_over(tmp_path: Path) -> None:
    rows, skipped = read(tmp_path / "e.csv", "sample_id,action,label\n1,,\n\n2\n3, ,\n4,keep,\n")
    assert [row.sample_id for row in rows] == [4]
    assert skipped == []


def test_capitals_and_spaces_of_a_person_who_types_are_understood(tmp_path: Path) -> None:
    text = "sample_id,action,label\n1,Keep,\n2,SET, Dog \n3,Second look,\n"
    rows, skipped = read(tmp_path / "e.csv", text)
    assert [row.action for row in rows] == [Action.KEEP, Action.SET, Action.SECOND_LOOK]
    assert (rows[1].label, skipped) == (1, [])


def test_capitals_count_where_two_classes_differ_in_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "e.csv"
    path.write_text("sample_id,action,label\n1,set,Cat\n2,set,cat\n3,set,CAT\n")
    rows, skipped = read_decisions(path, 10, ("Cat", "cat"), no_paths)
    assert [row.label for row in rows] == [0, 1]
    assert skipped == [Skipped(4, "no class is called 'CAT'")]


@pytest.mark.parametrize("comma", [",", ";", "\t"])
def test_a_spreadsheet_s_way_of_saving_is_understood(tmp_path: Path, comma: str) -> None:
    text = "\ufeffsample_id,action,label,reviewer,note\r\n3,set,'=cmd,Ada,'-see 4\r\n"
    (tmp_path / "e.csv").write_text(text.replace(",", comma), encoding="utf-8", newline="")
    rows, skipped = read_decisions(tmp_path / "e.csv", 10, ("cat", "=cmd"), no_paths)
    assert rows == [Instruction(2, 3, Action.SET, 1, "Ada", "-see 4")]
    assert skipped == []


def test_a_guarded_path_is_found(tmp_path: Path) -> None:
    (tmp_path / "e.csv").write_text("path,action\n'=a.png,keep\n'b.png,keep\n")
    rows, _ = read_decisions(tmp_path / "e.csv", 10, (), lambda: {"=a.png": 1, "'b.png": 2})
    assert [row.sample_id for row in rows] == [1, 2]


@pytest.mark.parametrize("text", ["", "sample_id\n1\n", "action\nkeep\n", b"\xff\xfe\x00", b"\x00"])
def test_a_file_that_is_no_list_is_refused_in_words(tmp_path: Path, text: str | bytes) -> None:
    with pytest.raises(DatasetError, match=r"e\.csv"):
        read(tmp_path / "e.csv", text)


def test_a_missing_file_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="cannot be read"):
        read_decisions(tmp_path / "none.csv", 1, (), no_paths)


@given(
    st.binary(max_size=200) | st.text(max_size=60).map(lambda s: f"sample_id,action\n{s}".encode())
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
def test_no_bytes_break_the_reader(tmp_path: Path, content: bytes) -> None:
    try:
        rows, _ = read(tmp_path / "e.csv", content)
    except DatasetError:
        return
    assert all(0 <= row.sample_id < 10 for row in rows)
