"""The page of an audit: valid, whole in itself, and complete."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models import auditing as auditing_module
from models.audit.finding import Finding, Plot, Remedy, Severity
from models.audit.page import Dataset, Shown, audit_page, writing_audit_page
from models.audit.verdict import verdict
from models.auditing import auditing
from models.data.pages import picture
from models.errors import WinnowError
from models.opening import request_for
from models.types import Finished
from tests.helpers import sources
from tests.helpers.audit_results import finding, result_of
from tests.helpers.pages import Page
from tests.helpers.projects import GIVEN, small_npz

TEXTS = st.text(max_size=12)


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
    kept = result_of(one, project="/home/ada/my ants.winnow", kept=True)
    page = Page(audit_page(kept, {}))
    assert "winnow remedy 'my ants.winnow' leak_exact:train+test" in page.text
    assert "winnow remedy" not in Page(audit_page({**kept, "kept": False}, {})).text
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


@pytest.mark.slow
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
