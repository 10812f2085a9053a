"""Where the bars of a chart lie."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.audit.charts import bar_chart


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
