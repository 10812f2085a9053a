"""Audits of every dataset in a folder or an archive, side by side."""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models import auditing_each as each_module
from models.audit.verdict import verdict
from models.auditing_each import auditing_each, each_page
from models.data.readers.several import datasets_in
from models.errors import DatasetError
from models.opening import open_review
from models.types import Event, Events, Finished, OpenRequest
from qtapp import cli
from qtapp.arguments import parse
from qtapp.audit_text import each_lines
from tests.helpers import sources
from tests.helpers.audit_results import finding, result_of
from tests.helpers.pages import Page

TEXTS = st.text(max_size=12)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two datasets, a text, and a project that is none of them."""
    place = tmp_path / "cases"
    place.mkdir()
    sources.npz(place / "a.npz")
    sources.folder(place / "b")
    (place / "notes.txt").write_text("not a dataset")
    (place / "a.winnow").mkdir()
    return place


def names_in(path: Path, place: Path) -> list[str]:
    events = datasets_in(str(path), str(place))
    while True:
        try:
            next(events)
        except StopIteration as ended:
            return [os.path.basename(one) for one in ended.value]


def test_every_file_and_folder_may_be_a_dataset(folder: Path, tmp_path: Path) -> None:
    assert names_in(folder, tmp_path) == ["a.npz", "b", "notes.txt"]
    assert names_in(folder.parent, tmp_path) == ["a.npz", "b", "notes.txt"]  # one folder in it


def test_folders_called_like_splits_are_one_dataset(tmp_path: Path) -> None:
    sources.folder(tmp_path / "d", splits=("train", "val", "test"), per_class=1)
    assert names_in(tmp_path / "d", tmp_path) == ["d"]


def test_the_page_of_an_audit_before_is_not_judged(folder: Path, tmp_path: Path) -> None:
    before = names_in(folder, tmp_path)
    (folder / "each.html").write_text("<p>")
    assert names_in(folder, tmp_path) == before


def test_an_archive_is_unpacked_elsewhere(folder: Path, tmp_path: Path) -> None:
    packed = tmp_path / "cases.zip"
    with zipfile.ZipFile(packed, "x") as archive:
        archive.write(folder / "a.npz", "cases/a.npz")
        archive.write(folder / "notes.txt", "cases/notes.txt")
    place = tmp_path / "place"
    place.mkdir()
    assert names_in(packed, place) == ["a.npz", "notes.txt"]
    assert (place / "cases" / "cases" / "a.npz").is_file()
    with pytest.raises(DatasetError, match="there already"):
        names_in(packed, place)


def test_a_single_file_has_no_datasets_in_it(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="neither a folder nor an archive"):
        names_in(folder / "a.npz", tmp_path)


def opened_only(request: OpenRequest, project: Path | None = None, **_: Any) -> Iterator[Event]:
    """An audit that finds a leak in a, and nothing else."""
    review = open_review(request, project)
    review.close()
    found = [finding()] if review.info.name == "a" else []
    yield Finished(result_of(*found, splits=review.info.splits))


def last_of(events: Events) -> dict[str, Any]:
    *_, last = events
    assert isinstance(last, Finished)
    return last.result


def test_datasets_are_put_side_by_side_and_nothing_is_left_beside_them(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(each_module, "auditing", opened_only)
    before = sorted(folder.iterdir())
    result = last_of(auditing_each(folder, page=tmp_path / "each.html"))
    assert [(row["path"], row["worst"], row["top"]) for row in result["each"]] == [
        ("a.npz", "error", "leak_exact"),
        ("b", None, None),
        ("notes.txt", None, None),
    ]
    assert result["each"][1]["splits"] == {"all": 12}
    assert "format" in result["each"][2]["error"]
    assert str(folder) not in result["each"][2]["error"]
    assert result["worst"] == "error"
    assert sorted(folder.iterdir()) == before
    page = Page((tmp_path / "each.html").read_text("utf-8"))
    assert "Not judged: is in no format" in page.text
    lines = list(each_lines(result))
    assert any(line.split()[:5] == ["a.npz", "24", "1", "0", "0"] for line in lines)
    assert any(line.startswith("Not judged: notes.txt") for line in lines)


def test_a_dataset_whose_audit_ran_out_of_time_is_not_shown_as_clean(
    folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def ran_out(request: OpenRequest, project: Path | None = None, **_: Any) -> Iterator[Event]:
        open_review(request, project).close()
        is_part = request.paths[0].endswith("b")
        unfinished = ["labels", "gaps"] if is_part else []
        yield Finished(result_of(partial=is_part, unfinished=unfinished))

    monkeypatch.setattr(each_module, "auditing", ran_out)
    result = last_of(auditing_each(folder, page=tmp_path / "each.html"))
    _, b, _ = result["each"]
    assert (b["partial"], b["unfinished"]) == (True, ["labels", "gaps"])
    text = "\n".join(each_lines(result))
    assert text.startswith("2 datasets judged, 1 of them in part: 2 without a finding")
    assert "nothing so far" in text
    assert "b: Only a part was checked. Not finished: labels, differences in" in text
    page = Page((tmp_path / "each.html").read_text("utf-8"))
    assert page.text.count("Only a part was checked. Not finished: labels") == 1


def test_projects_are_kept_where_a_folder_is_named_for_them(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(each_module, "auditing", opened_only)
    last_of(auditing_each(folder, tmp_path / "projects"))
    kept = sorted(path.name for path in (tmp_path / "projects").iterdir())
    assert kept == ["a.npz.winnow", "b.winnow"]


def test_a_folder_without_any_dataset_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(each_module, "auditing", opened_only)
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "a.txt").write_text("a")
    with pytest.raises(DatasetError, match="no dataset that could be judged"):
        last_of(auditing_each(tmp_path / "notes"))


@settings(max_examples=20, deadline=None)
@given(name=TEXTS, why=TEXTS)
def test_the_table_of_all_is_a_valid_page(name: str, why: str) -> None:
    row = {"path": name, "splits": {name: 3}, "worst": "error", "top": "leak_exact", "error": None}
    found = result_of(finding(sentence=why))
    row |= {"sentence": why, "verdict": verdict(found), "counts": {"error": 1, "warning": 0}}
    row["counts"]["note"] = 0
    row |= {"findings": found["findings"], "not_checked": [], "partial": False}
    bad = {**row, "worst": None, "error": why or "bad", "path": name + "2"}
    Page(each_page({"name": name, "worst": "error", "each": [row, bad]}))


def test_the_command_line_takes_pages_and_folders_of_datasets(
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    asked: list[dict[str, Any]] = []

    def audited(_source: OpenRequest, _project: Path | None, **how: Any) -> Iterator[Event]:
        asked.append(how)
        yield Finished(result_of(finding()))

    monkeypatch.setattr(cli, "auditing", audited)
    for name in ("--html", "-o"):
        assert cli.run(parse(["audit", "a.npz", name, str(tmp_path / "p.html")])) == 0
        assert asked.pop()["page"] == tmp_path / "p.html"
    kept = tmp_path / "found.json"
    assert cli.run(parse(["audit", "a.npz", "--json-file", str(kept)])) == 0
    assert json.loads(kept.read_text())["findings"][0]["kind"] == "leak_exact"
    assert cli.run(parse(["audit", "a.npz", "--json-file", str(tmp_path)])) == 1
    monkeypatch.setattr(each_module, "auditing", opened_only)
    assert cli.run(parse(["audit", str(folder), "--each", "--fail-on", "error"])) == 3
    assert cli.run(parse(["audit", str(folder), "--each"])) == 1  # notes.txt was not judged
    (folder / "notes.txt").unlink()
    assert cli.run(parse(["audit", str(folder), "--each"])) == 0
    assert "1 with errors; 1 without a finding" in capsys.readouterr().out
    with pytest.raises(SystemExit):
        parse(["audit", "a", "b", "--each"])
