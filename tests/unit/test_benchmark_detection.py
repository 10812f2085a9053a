"""The benchmark of detection: what it counts, and that it goes on where it stopped."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score

import benchmarks.detection as detection
from benchmarks import __main__ as command
from benchmarks import scores as scores_benchmark
from benchmarks.detection.folds import cross_validated
from benchmarks.detection.judging import judged
from benchmarks.detection.options import parse
from benchmarks.detection.precision import (
    _Sorted,
    average_precision,
    intervals,
    looked_at_until,
)
from benchmarks.detection.rows import overall, rows_of
from benchmarks.detection.running import Published, Trained, followed, keep
from benchmarks.detection.settings import Noisy, Promises, Setting, settings
from benchmarks.results import Key, Results
from models.scoring.label_noise import label_noise, label_scores
from models.types import Evidence
from tests.helpers.training import bars, request_for, session

pytestmark = pytest.mark.slow

KEY = Key("run", "bars", 0, 2.0)


def some_noisy(n: int = 900, k: int = 3) -> Noisy:
    rng = np.random.default_rng(0)
    true = rng.integers(0, k, n).astype(np.int32)
    wrong = rng.random(n) < 0.2
    labels = np.where(wrong, (true + 1) % k, true).astype(np.int32)
    return Noisy(np.eye(k)[true], labels, wrong)  # of its images the truth can be read


def some_published(noisy: Noisy, *, seconds: float = 1.0, final: bool = True) -> Published:
    rng = np.random.default_rng(1)
    logits = rng.normal(size=noisy.images.shape) + 2 * noisy.images
    probs = np.exp(logits).astype(np.float32)
    probs /= probs.sum(axis=1, keepdims=True)
    noise = label_noise(probs, noisy.labels)
    by_name = label_scores(probs, noisy.labels, noise.prior)[0]
    by_name["anomaly"] = np.zeros(len(probs), np.float32)
    nothing = Evidence.none(len(probs))
    return Published(seconds, 2.0, 3, final, probs, noise.transition, noise.prior, nothing, by_name)


def some_line(minutes: float = 2.0) -> dict[str, Any]:
    noisy = some_noisy()
    run = Trained([some_published(noisy)], {"seed": 0}, {"device": "CPU"})
    return {**vars(KEY), "minutes": minutes, **judged(run, noisy, 0)}


def some_setting(noisy: Noisy, **more: Any) -> Setting:
    return Setting("bars", 2.0, lambda seed: noisy, **more)


# -- precision -------------------------------------------------------------------------------
@given(st.integers(0, 10_000))
def test_weighted_precision_is_scikit_learns_ties_included(seed: int) -> None:
    rng = np.random.default_rng(seed)
    wrong = rng.random(60) < 0.3
    wrong[0] = True
    order, times = rng.integers(0, 12, 60).astype(np.float32), rng.integers(0, 4, 60)
    times[0] = 1
    expected = average_precision_score(wrong, order, sample_weight=times)
    assert _Sorted.of(wrong, order).precision(times) == pytest.approx(expected)


def test_intervals_hold_the_figure_and_the_lead_is_of_the_same_draws() -> None:
    rng = np.random.default_rng(0)
    wrong = rng.random(2_000) < 0.2
    good, poor = rng.normal(size=2_000) + 3 * wrong, rng.normal(size=2_000) + wrong
    found = intervals(wrong, {"ours": good, "theirs": poor})
    low, high = found["ours"]
    assert low < average_precision(wrong, good) < high
    assert high - low < 0.1
    difference = average_precision(wrong, good) - average_precision(wrong, poor)
    assert found["lead"][0] < difference < found["lead"][1]
    assert intervals(wrong, {"ours": good, "theirs": poor}) == found
    assert "lead" not in intervals(wrong, {"ours": good})


def test_images_without_a_score_come_last() -> None:
    wrong = np.array([True, False, True])
    order = np.array([1.0, 0.5, np.nan], np.float32)
    assert average_precision(wrong, order) == pytest.approx(1 / 2 + 1 / 2 * 2 / 3)


def test_images_looked_at_until_most_errors_are_found() -> None:
    wrong = np.array([False, True, True, False, True])
    order = np.array([5, 4, 3, 2, 1], np.float32)
    assert looked_at_until(wrong, order, 0.6) == 3
    assert looked_at_until(wrong, order, 1.0) == 5


# -- a run -----------------------------------------------------------------------------------
def test_a_run_is_judged_against_cleanlab_and_after_verdicts() -> None:
    line = json.loads(json.dumps(some_line()))
    (order,) = line["orders"]
    assert order["ap"]["suspicion"] > order["cleanlab"]["self_confidence"] > 0.5
    assert order["cleanlab"]["self_confidence"] == pytest.approx(order["ap"]["loss"], abs=1e-4)
    assert order["cleanlab"]["normalized_margin"] == pytest.approx(order["ap"]["margin"], abs=1e-4)
    assert line["interval"]["suspicion"][0] < order["ap"]["suspicion"]
    assert line["wrong"] == some_noisy().wrong.sum()
    never, sometimes = line["taught"]
    assert (never["verdicts"], never["reviewer_error"]) == (300, 0.0)
    assert sometimes["found_wrong"] != never["found_wrong"]
    assert set(never["ap"]) == {"taught", "untaught", "self_confidence", "normalized_margin"}


def test_copies_under_two_labels_are_left_out_of_the_comparison() -> None:
    noisy = some_noisy()
    published = some_published(noisy)
    copied = (
        np.flatnonzero(noisy.labels == 0)[:1].tolist()
        + np.flatnonzero(noisy.labels == 1)[:1].tolist()
    )
    published.evidence.copy_group[copied] = min(copied)
    run = Trained([published], {}, {"device": "CPU"})
    assert judged(run, noisy, 0)["compared"] == 898


def test_every_order_of_a_run_is_followed(tmp_path: Path) -> None:
    images, labels = bars()
    run = followed(session(request_for(tmp_path, labels), images), tmp_path / "runs")
    assert [published.final for published in run.published][-1]
    assert run.config["seed"] == 0
    seconds = [published.seconds for published in run.published]
    assert seconds == sorted(seconds)
    assert run.published[-1].probabilities.shape == (120, 3)
    keep(run, Noisy(np.zeros(120), labels, labels == 0), tmp_path / "kept")
    with np.load(tmp_path / "kept" / "00.npz") as kept:
        assert np.array_equal(kept["labels"], labels)
        assert np.array_equal(kept["probabilities"], run.published[0].probabilities)


def test_folds_give_every_image_probabilities_of_a_net_that_did_not_see_it() -> None:
    images, labels = bars(200)
    probs, epochs = cross_validated(np.stack(images), labels, time.monotonic(), 0)
    assert epochs == 1
    np.testing.assert_allclose(probs.sum(axis=1), 1, rtol=1e-3)


# -- the file of results ---------------------------------------------------------------------
def test_what_was_measured_is_found_again(tmp_path: Path) -> None:
    results = Results(tmp_path / "new" / "r.jsonl")
    assert results.find(KEY) is None
    added = results.add(KEY, {"ap": 0.5})
    assert Results(results.path).find(KEY) == added
    for other in (Key("peer", "bars", 0, 2.0), Key("run", "bars", 1, 2.0), Key("run", "x", 0, 2.0),
                  Key("run", "bars", 0, 3.0)):  # fmt: skip
        assert results.find(other) is None


def test_a_line_that_was_cut_off_is_measured_again(tmp_path: Path) -> None:
    results = Results(tmp_path / "r.jsonl")
    results.add(Key("run", "first", 0, 1.0), {"ap": 0.25})
    with results.path.open("a") as file:
        file.write('{"what": "run", "setting": "bars", "se')
    assert results.find(KEY) is None
    results.add(KEY, {"ap": 0.75})
    assert results.find(KEY)["ap"] == 0.75  # type: ignore[index]
    assert results.find(Key("run", "first", 0, 1.0))["ap"] == 0.25  # type: ignore[index]


def test_a_finished_setting_is_not_trained_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    noisy, trainings = some_noisy(), []

    def trained(noisy: Noisy, minutes: float, seed: int) -> Trained:
        trainings.append((minutes, seed))
        return Trained([some_published(noisy)], {}, {"device": "CPU"})

    monkeypatch.setattr(detection, "settings", lambda: {"bars": some_setting(noisy)})
    monkeypatch.setattr(detection, "trained", trained)
    asked = ["--only", "bars", "--results", str(tmp_path / "r.jsonl")]
    rows = detection.measure(asked)
    assert detection.measure(asked) == rows
    assert trainings == [(2.0, 0)]
    detection.measure([*asked, "--seed", "1", "--minutes", "0.5", "--keep", str(tmp_path / "k")])
    assert trainings == [(2.0, 0), (0.5, 1)]
    assert (tmp_path / "k" / "bars-1-0.5min" / "00.npz").exists()


def test_a_setting_without_its_data_is_skipped_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    setting = some_setting(some_noisy(), data=tmp_path / "absent")
    monkeypatch.setattr(detection, "settings", lambda: {"bars": setting})
    (row,) = detection.measure(["--only", "bars"])
    assert row.met is None
    assert "../shared" in row.note


# -- rows and options ------------------------------------------------------------------------
def test_nothing_is_promised_of_a_shorter_run() -> None:
    setting = some_setting(some_noisy(), promises=Promises(final=1.1, first_s=20))
    whole, shorter = (rows_of(setting, some_line(minutes), None) for minutes in (2.0, 0.1))
    assert [row.met for row in whole[:3]] == [False, True, True]
    assert [row.met for row in shorter[:3]] == [None, True, None]
    assert "untouched" in whole[0].what


def test_the_peer_stands_beside_it() -> None:
    peer = {
        "folds": 4,
        "seconds": 120.0,
        "processor_s": 200.0,
        "cleanlab": {"self_confidence": 0.5, "normalized_margin": 0.625},
    }
    row = rows_of(some_setting(some_noisy()), some_line(), peer)[-1]
    assert row.value == 0.625
    assert "4 folds in 120 s" in row.what


def test_all_settings_together() -> None:
    lines = [some_line(), some_line()]
    lead, looked_at = overall(lines)
    assert lead.must == ">= 0.01"
    assert looked_at.must == "<= 0.9 x"
    assert overall(lines[:1]) == []


def test_the_settings_to_tune_on_are_the_four_that_were_named() -> None:
    tuned = [name for name, setting in settings().items() if setting.tuned]
    by_fashion = ["fashion-symmetric", "fashion-asymmetric", "fashion-instance"]
    assert tuned == [*by_fashion, "cifar10n-aggregate"]
    assert all(name == setting.name for name, setting in settings().items())


def test_the_small_setting_needs_no_download() -> None:
    noisy = settings()["digits-next-class-10"].noisy(0)
    assert noisy.wrong.mean() == pytest.approx(0.1, abs=0.02)


def test_options() -> None:
    found = parse(["--only", "a", "--only", "b", "--minutes", "0.1", "--peer"], ["a", "b", "c"])
    assert (found.only, found.minutes, found.peer, found.seed) == (("a", "b"), 0.1, True, 0)
    with pytest.raises(SystemExit):
        parse(["--only", "d"], ["a"])


@pytest.mark.parametrize("asked", [["keys", "--seed", "1"], ["scores", "detection", "--seed", "1"]])
def test_options_go_to_one_benchmark_that_has_them(
    asked: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["benchmarks", *asked])
    with pytest.raises(SystemExit):
        command.main()
    assert "unknown: --seed" in capsys.readouterr().err


def test_options_reach_the_benchmark(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["benchmarks", "detection", "--json", "--only", "bars"])
    monkeypatch.setattr(detection, "measure", lambda arguments=(): [])
    assert command.main() == 0
    assert json.loads(capsys.readouterr().out)["name"] == "detection"


# -- scores ----------------------------------------------------------------------------------
def test_scores_are_measured_beside_cleanlab(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scores_benchmark, "_SIZES", ((400, 4, 1e9),))
    rows = scores_benchmark.measure()
    assert [row.met for row in rows[:1]] == [True]
    assert len(rows) == 4
