"""What the benchmarks share: turns, promises, and how both are printed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.bare_sqlite import commit_ms
from benchmarks.report import Row, to_json, to_words
from benchmarks.timing import alternating, compared, percentile, rss_mb


def test_turns_alternate() -> None:
    turns: list[str] = []

    def measure(name: str, figure: float) -> float:
        turns.append(name)
        return figure

    found = alternating(5, lambda: measure("a", 3.0), lambda: measure("b", 2.0))
    assert "".join(turns) == "abbaabbaab"
    assert (found.median_a, found.median_b, found.ratio) == (3.0, 2.0, 1.5)


def test_few_rounds_tell_nothing() -> None:
    with pytest.raises(ValueError, match="at least 5"):
        alternating(4, lambda: 1.0, lambda: 1.0)


def test_spread_is_of_single_rounds() -> None:
    assert compared([1.0, 2.0, 4.0], [1.0, 1.0, 1.0]).spread == (1.0, 4.0)


def test_percentile() -> None:
    assert percentile([float(i) for i in range(100)], 0.95) == 95.0
    assert percentile([1.0], 0.95) == 1.0


def test_memory_of_this_process() -> None:
    assert 1 < rss_mb() < 10_000


def test_a_missed_promise_shows() -> None:
    slow = Row.ratio_of("frames", compared([3.0], [2.0]), "ms", at_most=1.15)
    fine = Row.value_of("precision", 0.97, "", at_least=0.96)
    assert (slow.met, slow.must, fine.met, fine.must) == (False, "<= 1.15x", True, ">= 0.96")
    assert "**no**" in to_words("frames", [slow])


def test_the_result_is_json() -> None:
    rows = [Row.skipped("fashion", "the data is not here"), Row.value_of("a", 1.0, "s")]
    found = json.loads(json.dumps(to_json("ranking", rows)))
    assert found["name"] == "ranking"
    assert found["rows"][1]["value"] == 1.0
    assert found["machine"]["cores"] >= 1


def test_bare_commits_are_timed(tmp_path: Path) -> None:
    assert len(commit_ms(tmp_path, 3, 0.0)) == 3
    assert list(tmp_path.iterdir()) == []


def test_a_named_figure_stands_by_itself_as_well() -> None:
    rows = [Row.value_of("restart", 1.5, "s"), Row("same", True, "", met=True, name="identical")]
    found = to_json("session", rows)
    assert found["identical"] is True
    assert "" not in found
