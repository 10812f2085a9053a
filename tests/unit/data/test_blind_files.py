"""The result of a blind session as files: both or an error, nothing overwritten."""

import csv
import json

import pytest

from models.data.blind_files import exporting_blind
from models.errors import ProjectError

LINES = [("sample_id", "answer"), (3, "=cmd()"), (4, "größe")]


def test_figures_and_answers_are_written_side_by_side(tmp_path):
    (done,) = exporting_blind(tmp_path / "result", {"kappa": 0.5}, LINES)
    assert json.loads((tmp_path / "result.json").read_text()) == {"kappa": 0.5}
    with open(tmp_path / "result.csv", encoding="utf-8", newline="") as file:
        assert list(csv.reader(file)) == [["sample_id", "answer"], ["3", "'=cmd()"], ["4", "größe"]]
    assert done.result == {
        "json": str(tmp_path / "result.json"),
        "csv": str(tmp_path / "result.csv"),
    }


def test_a_name_with_a_dot_in_it_stays_whole(tmp_path):
    for name in ("ada v1.2", "ada v1.3.json"):
        list(exporting_blind(tmp_path / name, {}, LINES))
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        *("ada v1.2.csv", "ada v1.2.json", "ada v1.3.csv", "ada v1.3.json")
    ]


@pytest.mark.parametrize("there", ["result.json", "result.csv"])
def test_nothing_is_overwritten(tmp_path, there):
    (tmp_path / there).write_text("mine")
    with pytest.raises(ProjectError, match="nothing is ever overwritten"):
        list(exporting_blind(tmp_path / "result.json", {}, LINES))
    assert [path.name for path in tmp_path.iterdir()] == [there]
    assert (tmp_path / there).read_text() == "mine"
