"""Labels and suspicions that follow from a property are found, and lead to their images."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.review.bias import (
    ENDS,
    EVERY,
    MOST_BINS,
    SUSPECTS,
    Report,
    Reviewed,
    associations,
    ends,
    query_for,
    query_for_end,
    report,
    round_edges,
    spread,
)
from models.review.classes import ClassChange, ClassList
from models.review.columns import Columns
from models.review.decisions import Status
from models.review.ordering import Filters, filtered
from models.review.properties import PROPERTIES, Properties, unmeasured
from models.review.wholesale import Remedied, wholesale

N, NAMES = 600, ("ant", "bee", 'a "cat"')
LABELS = (np.arange(N) % 3).astype(np.int32)


def properties(**columns: np.ndarray) -> Properties:
    table = unmeasured(N)
    for name, values in columns.items():
        table[PROPERTIES.index(name)] = values
    return Properties(table, N)


def reviewed(**about: object) -> Reviewed:
    labels = about.pop("labels", LABELS)
    known = {
        "given": LABELS,
        "status": np.zeros(N, np.uint8),
        "suspicion": np.zeros(N, np.float32),
        "classes": ClassList.of(NAMES),
        "wholesale": np.zeros(N, bool),
        **about,
    }
    return Reviewed(np.asarray(labels), **known)  # type: ignore[arg-type]


def reported(one: Reviewed, found: Properties) -> Report:
    return report(one, found, list(associations(one, found)))


@pytest.fixture
def noise() -> np.ndarray:
    return np.random.default_rng(0).random(N).astype(np.float32)


def columns_of(one: Reviewed, found: Properties) -> Columns:
    assert one.suspicion is not None
    return Columns(
        one.labels, one.status, np.zeros(N, np.uint8), {"suspicion": one.suspicion},
        np.zeros(N, bool), np.empty(0, np.int32), given=one.given, classes=one.classes,
        wholesale=one.wholesale,        properties=found.columns,
    )  # fmt: skip


def test_a_class_that_is_dark_is_told_and_chance_is_not(noise):
    dark = noise - 0.5 * (LABELS == 1)
    found = reported(reviewed(), properties(brightness=dark, warmth=noise))
    assert {(one.name, one.group) for one in found.classes} == {("brightness", c) for c in range(3)}
    strongest = found.strongest()
    assert strongest is not None
    assert (strongest.group, strongest.area < 0.2) == (1, True)
    assert found.n_tested == 6
    assert not found.tests_suspects


def test_the_dark_ones_are_mislabelled_is_told_within_classes(noise):
    """The classes differ in brightness too, and that alone does not make suspects dark."""
    brightness = noise + LABELS
    suspicion = np.where(noise < 0.15, 0.9, 0.1).astype(np.float32)
    one = reviewed(suspicion=suspicion)
    found = reported(one, properties(brightness=brightness, warmth=brightness[::-1].copy()))
    assert [(told.name, told.group) for told in found.suspects] == [("brightness", SUSPECTS)]
    assert found.suspects[0].area < 0.1
    assert found.strongest() is found.suspects[0]


def test_who_is_suspected():
    suspicion = np.zeros(N, np.float32)
    suspicion[:4] = 0.9
    suspicion[6] = np.nan
    status, labels = np.zeros(N, np.uint8), LABELS.copy()
    status[1], status[2] = Status.KEPT, Status.EXCLUDED
    labels[5] = (labels[5] + 1) % 3
    status[5] = Status.CHANGED
    one = reviewed(suspicion=suspicion, status=status, labels=labels)
    assert np.flatnonzero(one.suspects).tolist() == [0, 3, 5]


def test_a_label_that_changed_among_many_is_nobody_s_finding():
    labels = np.where(LABELS == 1, 0, LABELS).astype(np.int32)
    status = np.where(LABELS == 1, Status.CHANGED, 0).astype(np.uint8)
    assert not reviewed(labels=labels, status=status, wholesale=LABELS == 1).suspects.any()


def test_what_was_excluded_is_not_looked_at(noise):
    status = np.where(LABELS == 2, Status.EXCLUDED, 0).astype(np.uint8)
    found = properties(brightness=noise)
    one = reviewed(status=status)
    assert spread(one, found, "brightness").every.sum() == 400
    assert 2 not in {told.group for told in reported(one, found).classes}
    assert (LABELS[ends(one, found, "brightness", EVERY).lowest] != 2).all()


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.floats(-1e4, 1e4, width=32), min_size=1, max_size=50),
    st.sampled_from([1.0, 1e-3]),
)
def test_edges_are_few_round_and_around_nearly_all(values, scale):
    numbers = (np.array(values) * scale).astype(np.float32)
    edges = round_edges(numbers)
    assert 1 <= len(edges) - 1 <= MOST_BINS + 2
    assert (np.diff(edges) > 0).all()
    step = edges[1] - edges[0]
    low, high = np.quantile(numbers, (0.005, 0.995))
    assert edges[0] <= low + step * 1e-3
    assert edges[-1] >= high - step * 1e-3


@pytest.mark.parametrize("group", [EVERY, SUSPECTS, 0, 2])
@pytest.mark.parametrize("has_excluded", [False, True])
def test_a_bar_shows_just_the_images_it_counts(noise, group: int, has_excluded: bool):
    status = np.zeros(N, np.uint8)
    status[:50] = Status.EXCLUDED if has_excluded else Status.KEPT
    suspicion = np.random.default_rng(1).random(N).astype(np.float32)
    one, found = reviewed(status=status, suspicion=suspicion), properties(brightness=noise)
    seen = spread(one, found, "brightness")
    columns = columns_of(one, found)
    last = len(seen.every) - 1
    for first, to in ((0, 0), (2, 2), (3, 6), (last, last), (0, last)):
        low = None if first == 0 else seen.edges[first]
        high = None if to == last else seen.edges[to + 1]
        query = query_for(seen, (low, high), group, one.classes)
        shown = filtered(Filters(query=query), columns) if query else np.ones(N, bool)
        assert np.count_nonzero(shown) == seen.counts(group)[first : to + 1].sum()


@pytest.mark.parametrize(
    "changes", [[ClassChange(merged=(1,), into=2)], [ClassChange(merged=(1, 3), into=(2, 0))]]
)
def test_images_whose_class_was_merged_are_not_shown_as_suspects(noise, changes: list[ClassChange]):
    read = (np.arange(N) % 4).astype(np.int32)
    classes = ClassList.of((*NAMES, "ants"), changes)
    labels = classes.standing(read).copy()
    labels[:40] = 0  # by hand
    status = np.where(labels != read, Status.CHANGED, Status.PENDING).astype(np.uint8)
    status[100:120] = Status.SECOND_LOOK
    suspicion = np.random.default_rng(1).random(N).astype(np.float32)
    one = reviewed(
        labels=labels, given=read, status=status, suspicion=suspicion, classes=classes,
        wholesale=wholesale(read, labels, status, classes, ()),
    )  # fmt: skip
    found = properties(brightness=noise)
    seen = spread(one, found, "brightness")
    query = query_for(seen, (None, seen.edges[5]), SUSPECTS, classes)
    shown = filtered(Filters(query=query), columns_of(one, found))
    assert np.count_nonzero(shown) == seen.suspects[:5].sum() < np.count_nonzero(labels != read)


def test_what_a_remedy_relabelled_is_not_shown_among_the_suspects(noise):
    labels, status = LABELS.copy(), np.zeros(N, np.uint8)
    labels[:90], status[:90] = (LABELS[:90] + 1) % 3, Status.CHANGED
    made = Remedied(np.arange(60), labels[:60].copy(), status[:60].copy())
    classes = ClassList.of(NAMES)
    at_once = wholesale(LABELS, labels, status, classes, [made])
    one, found = reviewed(labels=labels, status=status, wholesale=at_once), properties(border=noise)
    seen = spread(one, found, "border")
    query = query_for(seen, (None, None), SUSPECTS, classes)
    shown = filtered(Filters(query=query), columns_of(one, found))
    assert np.count_nonzero(shown) == seen.suspects.sum() == 30


@pytest.mark.parametrize("group", [EVERY, SUSPECTS, 1])
def test_all_bars_of_a_group_show_no_image_that_was_not_measured(noise, group: int):
    noise[::5] = np.nan
    one, found = reviewed(suspicion=noise[::-1].copy()), properties(brightness=noise - 0.5)
    seen = spread(one, found, "brightness")
    query = query_for(seen, (None, None), group, one.classes)
    shown = filtered(Filters(query=query), columns_of(one, found))
    assert np.count_nonzero(shown) == seen.counts(group).sum()


@pytest.mark.parametrize("group", [EVERY, SUSPECTS, 1])
def test_both_ends_are_the_outermost_and_their_query_shows_them(noise, group: int):
    suspicion = np.random.default_rng(1).random(N).astype(np.float32)
    one, found = reviewed(suspicion=suspicion), properties(brightness=noise)
    seen = ends(one, found, "brightness", group)
    inside = {EVERY: np.ones(N, bool), SUSPECTS: suspicion > 0.5, 1: LABELS == 1}[group]
    ordered = np.flatnonzero(inside)[np.argsort(noise[inside])]
    assert seen.lowest.tolist() == ordered[:ENDS].tolist()
    assert seen.highest.tolist() == ordered[::-1][:ENDS].tolist()
    for highest, ids in ((False, seen.lowest), (True, seen.highest)):
        query = query_for_end(seen, one.classes, 0, highest=highest)
        shown = np.flatnonzero(filtered(Filters(query=query), columns_of(one, found)))
        assert shown.tolist() == sorted(ids.tolist())


def test_the_spread_counts_each_class(noise):
    found = properties(brightness=noise)
    seen = spread(reviewed(), found, "brightness")
    assert seen.classes.sum(axis=1).tolist() == [200, 200, 200]
    np.testing.assert_array_equal(seen.classes.sum(axis=0), seen.every)
    expected = np.histogram(noise[LABELS == 1], np.array(seen.edges, np.float32))[0]
    np.testing.assert_array_equal(seen.counts(1), expected)


def test_widths_get_bins_of_whole_numbers():
    widths = np.where(LABELS == 0, 32, 48).astype(np.float32)
    edges = spread(reviewed(), properties(width=widths), "width").edges
    assert all(edge == int(edge) for edge in edges)
