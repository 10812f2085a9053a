"""The benchmark of audits: what it makes, what counts as right, and that it goes on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import benchmarks.audit as audit
from benchmarks.audit.cases import Case, Draws, Wanted, every_case
from benchmarks.audit.judging import judged
from benchmarks.audit.options import parse
from benchmarks.audit.rows import rows_of
from benchmarks.damage import SPLITS, Damaged, Triplet
from benchmarks.results import Key, Results

NOTHING = Triplet({}, {}, 10)


def finding(kind: str, *splits: str, **about: Any) -> dict[str, Any]:
    usual = {"severity": "error", "classes": [], "explained_by": None, "sentence": "So it is."}
    made = {"id": f"{kind}:{'+'.join(splits)}", "kind": kind, "splits": list(splits)}
    return {**usual, **made, **about}


def result(*findings: dict[str, Any]) -> dict[str, Any]:
    return {"findings": list(findings)}


def line(case: Case, *findings: dict[str, Any], damages: tuple[Damaged, ...] = ()) -> Any:
    about = {**case.to_line(), "setting": case.name, "seconds": 1.0}
    return {**about, **judged(result(*findings), damages)}


BLUR = Damaged(NOTHING, frozenset({"blur"}), frozenset({"test"}), parameter="1.0")
SWAP = Damaged(NOTHING, frozenset({"class_swap"}), frozenset({"test"}), frozenset({2, 3}))


# -- cases -------------------------------------------------------------------------------
def test_a_case_is_the_same_whenever_it_is_made() -> None:
    case = Case("digits", 50, 1, ("label_noise",), "middle")
    (first, _), (again, _) = case.made(Draws()), case.made(Draws())
    for split in SPLITS:
        np.testing.assert_array_equal(first.images[split], again.images[split])
        np.testing.assert_array_equal(first.labels[split], again.labels[split])


def test_every_kind_that_the_dataset_can_have_is_there() -> None:
    kinds = {case.damages for case in every_case("digits", Wanted())}
    assert {("class_swap",), ("leak_near", "brightness"), ()} <= kinds
    assert not {("grey",), ("foreign_images",)} & kinds
    assert {("grey",), ("foreign_images",)} <= {
        case.damages for case in every_case("cifar10", Wanted())
    }


def test_cases_have_names_of_their_own() -> None:
    names = [case.name for case in every_case("cifar10", Wanted())]
    assert len(names) == len(set(names))


def test_both_damages_of_a_pair_are_done() -> None:
    case = Case("digits", 60, 1, ("leak_near", "brightness"), "middle")
    triplet, done = case.made(Draws())
    assert [damage.kinds for damage in done] == [{"leak_near"}, {"brightness"}]
    assert triplet.images["test"].mean() > triplet.images["train"].mean() + 15


# -- what is right -------------------------------------------------------------------------
def test_the_first_finding_above_a_note_decides() -> None:
    note, right = finding("jpeg", severity="note"), finding("blur", "test")
    assert judged(result(note, right), [BLUR])["right"]
    assert not judged(result(finding("noise", "test"), right), [BLUR])["right"]
    assert not judged(result(finding("blur", "train")), [BLUR])["right"]


def test_class_and_parameter_have_to_be_named() -> None:
    with_radius = finding("blur", "test", sentence="blurred (radius 1.0 px)")
    assert judged(result(with_radius), [BLUR])["named"]
    assert judged(result(finding("blur", "test")), [BLUR])["named"] is False
    assert judged(result(finding("class_swap", "test", classes=["2", "3"])), [SWAP])["named"]
    assert judged(result(finding("class_swap", "test", classes=["2"])), [SWAP])["named"] is False


def test_of_two_damages_both_are_named_and_neither_as_a_symptom() -> None:
    swap, blur = finding("class_swap", "test"), finding("blur", "test")
    assert judged(result(swap, blur), [BLUR, SWAP])["right"]
    assert not judged(result({**swap, "explained_by": "blur:test"}, blur), [BLUR, SWAP])["right"]


# -- rows ----------------------------------------------------------------------------------
def test_shares_and_what_was_missed() -> None:
    case = Case("digits", 1_000, 1, ("blur",), "middle")
    said = finding("blur", "test", sentence="radius 1.0 px")
    lines = [line(case, said, damages=(BLUR,)), line(case, damages=(BLUR,))]
    rows = {row.what: row for row in rows_of(lines)}
    first = rows["n = 1,000, middle: the right kind first (of 2)"]
    assert (first.value, first.must, first.met) == (0.5, ">= 0.9", False)
    assert rows["n = 1,000, middle: class or parameter named (of 2)"].value == 0.5
    assert rows["missed: digits-1000-middle-blur"].note == "nothing"


def test_any_finding_above_a_note_on_clean_data_is_a_false_alarm() -> None:
    cases = [Case("digits", 1_000, 1, draw=draw) for draw in range(2)]
    noted = line(cases[0], finding("jpeg", severity="note"))
    rows = {row.what: row for row in rows_of([noted, line(cases[1], finding("blur", "test"))])}
    assert rows["clean draws with a finding above a note (of 2)"].value == 0.5
    assert rows["false alarm: digits-1000-clean-1"].note == "blur"


# -- the whole -----------------------------------------------------------------------------
@pytest.mark.slow
def test_what_was_audited_is_not_audited_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = ["--quick", "--dataset", "digits", "--only", "imbalance"]
    options += ["--results", str(tmp_path / "audit.jsonl")]
    rows = audit.measure(options)
    assert rows[0].value == 1.0
    known = Results(tmp_path / "audit.jsonl").find(Key("audit", "digits-300-middle-imbalance", 1))
    assert known is not None
    monkeypatch.setattr(audit, "audited", None)
    assert audit.measure(options) == rows


def test_options() -> None:
    options = parse(["--only", "grey", "--only", "clean", "--dataset", "cifar10", "--quick"])
    assert (options.only, options.datasets, options.quick) == (
        ("grey", "clean"),
        ("cifar10",),
        True,
    )
    assert options.seed == 1
    with pytest.raises(SystemExit):
        parse(["--only", "nothing"])
