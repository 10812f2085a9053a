"""The page that shows what is in a dataset and judges nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.data.maps import keep_map
from models.errors import WinnowError
from models.opening import request_for
from models.reporting import reporting
from models.types import Finished, MapLaidOut, OpenRequest
from qtapp import cli
from qtapp.arguments import parse
from tests.helpers import sources
from tests.helpers.pages import Page
from tests.helpers.projects import N_SAMPLES, add_run, small_project


def report(request: OpenRequest, path: Path) -> tuple[dict[str, Any], Page]:
    *_, last = reporting(request, path)
    assert isinstance(last, Finished)
    return last.result, Page(path.read_text("utf-8"))


def run(*words: str | Path) -> int:
    return cli.run(parse([str(word) for word in words]))


def test_classes_are_counted_by_split_and_shown(tmp_path: Path) -> None:
    request = sources.npz(
        tmp_path / "a.npz",
        x_train=sources.images()[:20],
        y_train=sources.labels()[:20],
        x_test=sources.images()[20:],
        y_test=sources.labels()[20:],
    )
    before = sorted(tmp_path.iterdir())
    figures, page = report(request, tmp_path / "page.html")
    assert [(one["name"], one["counts"]) for one in figures["classes"]] == [
        *[("0", [7, 1]), ("1", [7, 1]), ("2", [6, 2])]
    ]
    assert len(page.images) == 8 + 8 + 8
    assert "0 7 1 8" in page.text  # a row of the table
    assert figures["confused"] == figures["changed"] == []
    assert sorted(tmp_path.iterdir()) == sorted([*before, tmp_path / "page.html"])


def test_a_project_also_shows_changes_pairs_and_its_map(tmp_path: Path) -> None:
    project = small_project(tmp_path)
    add_run(project)
    layout = np.random.default_rng(0).normal(size=(N_SAMPLES, 2)).astype(np.float32)
    keep_map(project, MapLaidOut(layout, 0, 0, N_SAMPLES, final=True))
    edits = tmp_path / "edits.csv"
    edits.write_text("sample_id,action,label\n0,set,bee\n3,set,bee\n1,exclude,\n")
    assert run("label", project, "--from", edits) == 0
    figures, page = report(request_for([project]), tmp_path / "page.html")
    assert figures["changed"] == [{"from": "ant", "to": "bee", "n": 2}]
    assert figures["states"]["changed"] == 2
    assert figures["confused"][0] == {"label": "bee", "predicted": "ant", "n": 2, "of": 5}
    assert "svg" in page.tags
    assert "Most confused pairs" in page.text
    assert len(page.images) == N_SAMPLES - 1


@pytest.mark.slow
def test_many_classes_still_make_a_small_page(tmp_path: Path) -> None:
    pixels = sources.images(900, (32, 32, 3))
    request = sources.npz(tmp_path / "a.npz", images=pixels, labels=np.arange(900) % 300)
    _, page = report(request, tmp_path / "page.html")
    assert len(page.images) == 900
    assert (tmp_path / "page.html").stat().st_size < 5e6


@pytest.mark.parametrize("named", [{}, {"class_names": np.array(["ant", "bee"])}])
def test_without_labels_some_images_are_shown(tmp_path: Path, named: dict[str, Any]) -> None:
    nothing = {"labels": np.full(sources.N, -1), **named} if named else {}
    request = sources.npz(tmp_path / "a.npz", images=sources.images(), **nothing)
    _, page = report(request, tmp_path / "p.html")
    assert len(page.images) == 10
    assert "Drawn at random." in page.text
    assert "10 of each class" not in page.text


def test_of_one_image_it_speaks_as_of_one(tmp_path: Path) -> None:
    request = sources.npz(tmp_path / "a.npz", images=sources.images(1), labels=np.zeros(1, int))
    _, page = report(request, tmp_path / "p.html")
    assert ", 1 image. Nothing here is judged." in page.text


def test_names_are_text_whatever_is_in_them(tmp_path: Path) -> None:
    request = sources.folder(tmp_path / "d", classes=("<b>a", "ב & é", "c" * 60), per_class=1)
    _, page = report(request, tmp_path / "page.html")
    assert "<b>a" in page.text
    assert "ב & é" in page.text


def test_what_is_no_page_is_never_replaced(tmp_path: Path) -> None:
    request = sources.npz(tmp_path / "a.npz")
    with pytest.raises(WinnowError, match="is no page"):
        report(request, tmp_path / "a.npz")


def test_the_command_line_says_where_the_page_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sources.npz(tmp_path / "a.npz")
    assert run("report", tmp_path / "a.npz", "-o", tmp_path / "page.html") == 0
    assert capsys.readouterr().out == f"a, 24 images: {tmp_path / 'page.html'}\n"
    assert run("report", tmp_path / "a.npz", "-o", tmp_path / "no" / "page.html") == 1
