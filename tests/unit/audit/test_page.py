"""The page of an audit, and of several side by side: valid, whole in itself, and complete."""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models import auditing as auditing_module
from models import auditing_each as each_module
from models.audit.charts import bar_chart
from models.audit.finding import Finding, Plot, Remedy, Severity, in_order
from models.audit.page import Dataset, Shown, audit_page, writing_audit_page
from models.audit.verdict import verdict
from models.auditing import auditing
from models.auditing_each import auditing_each, each_page
from models.data.pages import picture
from models.data.readers.several import datasets_in
from models.errors import DatasetError, WinnowError
from models.opening import open_review, request_for
from models.types import Event, Events, Finished, OpenRequest
from qtapp import cli
from qtapp.arguments import parse
from qtapp.audit_text import each_lines
from tests.helpers import sources
from tests.helpers.pages import Page
from tests.helpers.projects import GIVEN, small_npz

TEXTS = st.text(max_size=12)


def finding(kind: str = "leak_exact", severity: Severity = Severity.ERROR, **more: Any) -> Finding:
    told: dict[str, Any] = {
        "sentence": f"There is {kind} here.",
        "real_world": "As it happened once.",
        "remedy": Remedy("Take it out."),
        "splits": ("train", "test"),
        "samples": np.arange(8),
        "effect": 0.125,
        "ci95": (0.1, 0.15),
    }
    return Finding("disjoint", kind, severity, 0.98, **{**told, **more})


def result_of(*findings: Finding, **more: Any) -> dict[str, Any]:
    worst = max((one.severity for one in findings), default=None)
    return {
        "schema": 1,
        "name": "insects",
        "splits": {"train": 8, "test": 4},
        "checks": ["disjoint"],
        "run": None,
        "quick": False,
        "partial": False,
        "unfinished": [],
        "worst": None if worst is None else worst.word,
        "findings": [one.to_message() for one in in_order(findings)],
        "not_checked": [],
        **more,
    }


def shown(n: int = 8, side: int = 6) -> dict[int, Shown]:
    made = {}
    for i, pixels in enumerate(sources.images(n, (side, side, 3))):
        made[i] = Shown(i, f"a[{i}]", "ant", picture(pixels))
    return made


CLEAN = "Nothing found that costs accuracy or trust"


def test_a_finding_is_told_with_everything_that_is_known_of_it() -> None:
    plot = Plot("Accuracy of each split", ("train", "test"), {"accuracy": (0.99, 0.5)})
    page = Page(audit_page(result_of(finding(plot=plot)), shown()))
    for words in ("There is leak_exact here.", "As it happened once.", "Take it out.", "98%"):
        assert words in page.text
    assert "12.5% of the images of test 95% interval 10.0% to 15.0%" in page.text
    assert len(page.images) == 8
    assert page.images[3]["alt"] == "sample 3, ant"
    assert page.images[3]["width"] == "96"  # every pixel 16 wide
    assert "99%" in page.text  # the value stands beside its bar


def test_a_symptom_stands_after_its_cause_and_both_point_at_each_other() -> None:
    cause = finding()
    symptom = finding("too_good", Severity.WARNING).because_of(cause)
    page = Page(audit_page(result_of(symptom, cause), {}))
    assert page.targets.count("finding-1") == 2  # from the list, and from the symptom
    assert page.targets.count("finding-2") == 1  # from its cause
    assert "Explains Too good to be true" in page.text


def test_a_symptom_has_nothing_to_do_and_few_images() -> None:
    cause = finding(samples=np.arange(30), remedy=Remedy("Take them out."))
    symptom = finding("too_good", samples=np.arange(30), remedy=Remedy("Look at it."))
    page = Page(audit_page(result_of(symptom.because_of(cause), cause), shown(30)))
    assert page.text.count("Take them out.") == 2  # among the steps, and with the finding
    assert "Look at it." not in page.text
    assert len(page.images) == 24 + 8


def test_the_same_thing_to_do_is_one_step_for_all_findings_it_mends() -> None:
    findings = [finding(), finding("leak_near"), finding("jpeg", Severity.NOTE)]
    page = Page(audit_page(result_of(*findings), {}))
    assert page.text.count("Take it out.") == 1 + 3
    assert [page.targets.count(f"finding-{number}") for number in (1, 2, 3)] == [1, 1, 1]


def test_copies_stand_together_by_the_remedy_or_by_their_looks() -> None:
    images = shown(6)
    images[1] = replace(images[1], picture=images[0].picture)
    groups = {"groups": [[2, 3], [4, 5]]}
    near = finding("leak_near", samples=np.arange(2, 6), remedy=Remedy("x", "group", groups))
    exact = finding(samples=np.array([0, 1, 2]))
    html = audit_page(result_of(exact, near), images)
    assert Page(html).tags.count("ul") > 0
    assert html.count('<li class="set">') == 1 + 2


def test_an_image_says_its_split_its_label_and_what_it_looks_like() -> None:
    image = Shown(4, "train/ant/a b.jpg", "ant", picture("is cut off"), "train", "bee")
    one = finding("label_noise", samples=np.array([4]))
    for check, words in (("labels", "looks like bee"), ("disjoint", "ant train · 4 a b.jpg")):
        said = replace(one, check=check)
        page = Page(audit_page(result_of(said), {4: image}))
        assert words in page.text
    assert "bee" not in page.text


def test_a_remedy_that_winnow_carries_out_is_told_with_its_command() -> None:
    one = finding(remedy=Remedy("Leave them out.", "exclude", {"samples": [1]}))
    page = Page(audit_page(result_of(one, project="/home/ada/my ants.winnow"), {}))
    assert "winnow remedy 'my ants.winnow' leak_exact:train+test" in page.text
    assert "/home/ada" not in page.text


def test_an_audit_that_was_stopped_says_what_is_missing() -> None:
    page = Page(audit_page(result_of(partial=True, unfinished=["disjoint", "gaps"]), {}))
    assert "Not finished: copies and leaks, differences in accuracy." in page.text


def test_what_could_not_be_checked_is_said_and_a_clean_dataset_is_called_so() -> None:
    why = [{"check": "gaps", "why": "There is one split."}]
    page = Page(audit_page(result_of(not_checked=why), {}))
    assert f"{CLEAN}, as far as it could be checked." in page.text
    assert "There is one split." in page.text


@pytest.mark.parametrize(
    ("findings", "words"),
    [
        ((), f"{CLEAN}. No findings at all."),
        ((finding("jpeg", Severity.NOTE),), f"{CLEAN}. 1 note to know about."),
        (
            (finding("blur", Severity.WARNING), finding()),
            "A figure of this dataset cannot be trusted. 1 error and 1 warning; first of all "
            "“Leak, exact copies” in train and test.",
        ),
    ],
)
def test_the_verdict_is_one_sentence(findings: tuple[Finding, ...], words: str) -> None:
    assert verdict(result_of(*findings)) == words


@settings(max_examples=30, deadline=None)
@given(words=TEXTS, name=TEXTS, split=TEXTS)
def test_no_name_or_sentence_breaks_the_page(words: str, name: str, split: str) -> None:
    plot = Plot(words, (name, split), {split: (1.0, float("nan")), name + "2": (2, 3)})
    one = finding(sentence=words, classes=(name,), splits=(split,), plot=plot)
    symptom = finding("too_good", sentence=words).because_of(one)
    result = result_of(one, symptom, name=name, splits={split: 3})
    image = Shown(0, words, name, picture("cannot be read"))
    Page(audit_page(result, {0: image}))


def test_markup_in_names_stays_text() -> None:
    page = Page(audit_page(result_of(name="<script>alert(1)</script>"), {}))
    assert "<script>alert(1)</script>" in page.text


def test_a_page_of_many_findings_stays_small() -> None:
    noise = shown(200, 96)
    findings = [
        finding(splits=(f"part {i}",), samples=np.roll(np.arange(200), i)) for i in range(60)
    ]
    html = audit_page(result_of(*findings), noise)
    assert 1e6 < len(html.encode()) < 5e6
    assert Page(html).images


def test_bars_are_as_long_as_their_values() -> None:
    series = {"train": [0.5, float("nan"), -0.25], "test": [1.0, 0.0, 0.25]}
    chart = bar_chart({"title": "Share of each class", "labels": list("abc"), "series": series})
    assert chart.values_axis == "Share"
    assert [key.name for key in chart.legend] == ["train", "test"]
    widths = [[bar.width for bar in row.bars] for row in chart.rows]
    assert widths[0][1] == pytest.approx(2 * widths[0][0], abs=0.2)
    assert widths[1] == [0, 0]
    assert widths[2][0] == pytest.approx(widths[2][1], abs=0.2)
    assert chart.rows[1].bars[0].text == "not known"
    assert chart.rows[2].bars[0].text == "-25%"


def test_of_many_names_those_that_tell_most_are_drawn() -> None:
    names = [str(i) for i in range(1_000)]
    one = bar_chart({"title": "Images", "labels": names, "series": {"n": list(range(1_000))}})
    assert [row.name for row in one.rows] == [str(i) for i in (*range(18), *range(982, 1_000))]
    series = {"train": [0.0] * 1_000, "test": [0.5 if i == 500 else 0.0 for i in range(1_000)]}
    two = bar_chart({"title": "Share of each class", "labels": names, "series": series})
    assert "500" in [row.name for row in two.rows]
    assert two.left_out == "the 18 that differ most, of 1,000"
    assert two.height < 900  # a printed page


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(allow_nan=True, allow_infinity=True, width=32), min_size=1, max_size=60))
def test_any_values_fit_into_a_chart(values: list[float]) -> None:
    names = [str(i) for i in range(len(values))]
    chart = bar_chart({"title": "t", "labels": names, "series": {"s": values}})
    assert len(chart.rows) == min(len(values), 36)
    assert 2 <= len(chart.ticks) <= 12
    for row in chart.rows:
        for bar in row.bars:
            assert bar.x >= chart.left - 0.1
            assert bar.x + bar.width <= chart.width - 60


# -- with a source ----------------------------------------------------------------------
def test_the_page_is_written_with_the_images_of_the_source(tmp_path: Path) -> None:
    request = request_for([small_npz(tmp_path)])
    out = tmp_path / "page.html"
    out.write_text("before")
    about = Dataset(request, GIVEN.astype(np.int32), ("ant", "bee", "cat"))
    list(writing_audit_page(out, result_of(finding()), about))
    page = Page(out.read_text("utf-8"))
    assert [image["alt"] for image in page.images[:2]] == ["sample 0, ant", "sample 1, bee"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["insects.npz", "page.html"]


@pytest.mark.parametrize("name", ["gone/page.html", "table.csv"])
def test_a_place_for_no_page_is_refused_before_any_work(tmp_path: Path, name: str) -> None:
    (tmp_path / "table.csv").write_text("a")
    with pytest.raises(WinnowError):
        next(iter(auditing(request_for([small_npz(tmp_path)]), page=tmp_path / name)))
    assert (tmp_path / "table.csv").read_text() == "a"


def test_an_audit_writes_its_page_before_it_is_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(auditing_module, "shown_run", lambda _: 1)  # nothing to train
    monkeypatch.setattr(auditing_module, "audit", lambda *_: iter([Finished(result_of(finding()))]))
    out = tmp_path / "page.html"
    *_, last = auditing(request_for([small_npz(tmp_path)]), page=out)
    assert isinstance(last, Finished)
    assert last.result["page"] == str(out)
    assert len(Page(out.read_text("utf-8")).images) == 8


# -- each -------------------------------------------------------------------------------
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
    row |= {"findings": found["findings"], "not_checked": []}
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
    assert "1 with errors; 1 without a finding" in capsys.readouterr().out
    with pytest.raises(SystemExit):
        parse(["audit", "a", "b", "--each"])
