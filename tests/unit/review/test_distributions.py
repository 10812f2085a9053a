"""Bars and clouds count each image once, and what is chosen in them holds just those images."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from models.review.classes import ClassList
from models.review.columns import Columns
from models.review.distributions import (
    EVERYTHING,
    N_BARS,
    Bins,
    ValuesAsked,
    bars,
    cloud,
    filters_for,
    inside,
    without_range,
)
from models.review.ordering import Filters, filtered

VALUES = arrays.arrays(
    np.float32,
    st.integers(1, 40),
    elements=st.floats(-50, 50, width=32) | st.just(float("nan")),
)


def columns(values, **more):
    n = len(values)
    known = {
        "labels": np.arange(n, dtype=np.int32) % 3,
        "status": np.zeros(n, np.uint8),
        "splits": (np.arange(n) % 2).astype(np.uint8),
        "scores": {"loss": np.asarray(values, np.float32)},
        "selected": np.zeros(n, bool),
        "copy_group": np.empty(0, np.int32),
        "classes": ClassList.of(("ant", "bee", "cat")),
        "split_names": ("train", "test"),
    }
    return Columns(**{**known, **more})


@pytest.mark.slow
@given(VALUES, st.data())
@settings(deadline=None, max_examples=60)
def test_a_range_of_bars_filters_just_the_images_it_counts(values, data):
    look = columns(values)
    by = data.draw(st.sampled_from(["", "split", "class", "state"]))
    asked = ValuesAsked("loss", by)
    found = bars(asked, look, np.ones(len(values), bool))
    assert found.every.sum() == np.isfinite(values).sum() == len(values) - found.n_unscored
    if not len(found.codes):
        return
    group = data.draw(st.integers(0, len(found.codes) - 1))
    first, last = sorted(data.draw(st.tuples(*[st.integers(0, N_BARS - 1)] * 2)))
    wanted = filters_for(asked, found.bins.range(first, last), found.codes[group], Filters())
    assert filtered(wanted, look).sum() == found.every[group, first : last + 1].sum()
    assert without_range(asked, wanted) == Filters()


@given(VALUES, st.data())
@settings(deadline=None, max_examples=40)
def test_a_box_holds_just_the_images_of_its_cells(values, data):
    other = np.asarray(
        data.draw(arrays.arrays(np.float32, len(values), elements=st.floats(0, 1, width=32)))
    )
    look = columns(values, scores={"loss": values, "margin": other})
    found = cloud(ValuesAsked("loss", against="margin"), look, np.ones(len(values), bool))
    left, right = sorted(data.draw(st.tuples(*[st.integers(0, len(found.across) - 1)] * 2)))
    bottom, top = sorted(data.draw(st.tuples(*[st.integers(0, len(found.up) - 1)] * 2)))
    box = {"loss": found.across.range(left, right), "margin": found.up.range(bottom, top)}
    ids = inside(look.scores, box)
    assert len(ids) == found.every[bottom : top + 1, left : right + 1].sum()


def test_what_is_shown_and_what_is_selected_is_counted_apart():
    selected = np.array([True, False, False, False])
    look = columns([0, 1, 2, 3], selected=selected)
    look = columns(
        [0, 1, 2, 3], selected=selected, scores={**look.scores, "margin": look.scores["loss"]}
    )
    shown = np.array([True, True, False, False])
    found = cloud(ValuesAsked("loss", against="margin"), look, shown)
    assert [found.every.sum(), found.shown.sum(), found.selected.sum()] == [4, 2, 1]
    counted = bars(ValuesAsked("loss"), look, shown)
    assert [counted.every.sum(), counted.shown.sum()] == [4, 2]


def test_groups_without_images_have_no_row_and_images_without_a_label_the_last():
    look = columns([1, 2, 3], labels=np.array([2, -1, 2], np.int32))
    found = bars(ValuesAsked("loss", "class"), look, np.ones(3, bool))
    assert found.codes == (2, -1)


def test_the_outermost_bars_have_no_end():
    bins = Bins.of(np.array([0, 1], np.float32), 10)
    assert bins.range(0, 9) == EVERYTHING
    assert bins.held_by((0.25, float("inf"))) == (2, 9)
    assert bins.held_by((2.0, 3.0)) is None


def test_a_score_that_there_is_not_has_no_distribution():
    look, shown = columns([1.0]), np.ones(1, bool)
    assert bars(ValuesAsked("learned"), look, shown) is None
    assert cloud(ValuesAsked("loss", against="learned"), look, shown) is None


def test_values_that_are_all_alike_are_in_one_bar_with_all_of_them():
    look = columns(np.full(9, -49.3, np.float32))
    found = bars(ValuesAsked("loss"), look, np.ones(9, bool))
    (at,) = np.flatnonzero(found.every[0])
    wanted = filters_for(found.asked, found.bins.range(at, at), 0, Filters())
    assert filtered(wanted, look).sum() == found.every[0, at] == 9
