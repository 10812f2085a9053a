"""The images that are shown fall into groups, and keep their order within them."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.review.classes import ClassList
from models.review.columns import Columns
from models.review.decisions import Status
from models.review.grouping import (
    AGREED,
    GROUP_KEYS,
    UNPREDICTED,
    clusters_wanted,
    decided_of,
    group,
)


def columns(labels, given=None, predicted=(), copy_group=(), splits=None, status=None, cluster=()):
    labels = np.asarray(labels, np.int32)
    n = len(labels)
    return Columns(
        labels=labels,
        status=np.zeros(n, np.uint8) if status is None else np.asarray(status, np.uint8),
        splits=np.zeros(n, np.uint8) if splits is None else np.asarray(splits, np.uint8),
        scores={},
        selected=np.zeros(n, bool),
        copy_group=np.asarray(copy_group, np.int32),
        given=labels if given is None else np.asarray(given, np.int32),
        predicted=np.asarray(predicted, np.int32),
        cluster=np.asarray(cluster, np.int32),
    )


def groups_of(rows, by, look):
    """{code: its rows, in order}, in the order of the groups."""
    rows, groups = group(np.asarray(rows), by, look)
    return {
        tuple(groups.codes[i].tolist()): rows[slice(*groups.span(i))].tolist()
        for i in range(len(groups))
    }


def test_classes_come_in_their_order_and_what_has_none_last():
    look = columns([1, -1, 0, 1])
    found = groups_of([3, 1, 2, 0], "class", look)
    assert list(found.items()) == [((0, 0), [2]), ((1, 1), [3, 0]), ((-1, -1), [1])]


def test_a_class_that_was_merged_is_not_confused_with_the_one_it_went_into():
    look = columns([0] * 4, given=[1, 0, 2, 1], predicted=[0, 1, 1, 2])
    merged = replace(look, classes=ClassList(("cat", "cats", "dog"), {1: 0}))
    found = groups_of(range(4), "pair", merged)
    assert found == {(0, 2): [3], (2, 0): [2], (AGREED, AGREED): [0, 1]}
    look = columns([0] * 3, given=[2, 3, 0], predicted=[0, 0, 1])
    merged = replace(look, classes=ClassList(("cat", "dog", "cats", "bird"), {0: 2}))
    assert groups_of(range(3), "pair", merged) == {(2, 1): [2], (3, 2): [1], (AGREED, AGREED): [0]}


def test_the_most_frequent_confusion_comes_first_and_agreement_after_all_of_them():
    look = columns([0] * 7, given=[0, 1, 1, 2, 2, -1, 0], predicted=[0, 0, 0, 2, 1, 1, -1])
    found = groups_of(range(7), "pair", look)
    assert list(found.items()) == [
        ((1, 0), [1, 2]),
        ((-1, 1), [5]),
        ((2, 1), [4]),
        ((AGREED, AGREED), [0, 3]),
        ((UNPREDICTED, UNPREDICTED), [6]),
    ]


def test_the_largest_set_of_copies_comes_first_and_single_images_last():
    look = columns([0] * 8, copy_group=[-1, 1, 1, -1, 4, 4, 4, -1])
    found = groups_of(range(8), "copies", look)
    assert list(found.values()) == [[4, 5, 6], [1, 2], [0, 3, 7]]


def test_near_copies_stand_with_exact_ones_and_it_is_known_which_sets_have_any():
    near = np.array([-1, 1, -1, 1, -1, -1, 6, 6], np.int32)
    look = replace(columns([0] * 8, copy_group=[-1, 1, 1, -1, 4, 4, -1, -1]), near_copies=near)
    rows, groups = group(np.arange(8), "copies", look)
    assert rows.tolist() == [1, 2, 3, 4, 5, 6, 7, 0]
    assert groups.codes.tolist() == [[1, 1], [4, 0], [6, 1], [-1, 0]]
    alone = replace(look, copy_group=np.empty(0, np.int32))  # before there is a run
    assert group(np.arange(8), "copies", alone)[1].codes[:, 0].tolist() == [1, 6, -1]


CLUSTERED = {"labels": [0, 1, 1, 0, -1, 2], "cluster": [2, 2, 2, 1, 1, 0]}


def test_the_most_suspect_cluster_comes_first_and_is_called_by_its_most_frequent_label():
    suspicion = np.array([0.1, 0.2, np.nan, 0.9, 0.8, 1.0], np.float32)
    rows, groups = group(np.arange(6), "cluster", columns(**CLUSTERED), -suspicion)
    assert rows.tolist() == [3, 4, 0, 1, 2, 5]  # those in no cluster come last all the same
    assert groups.codes.tolist() == [[1, -1], [2, 1], [0, 2]]
    assert groups.shares.tolist() == pytest.approx([0.5, 2 / 3, 1])


def test_without_a_score_to_go_by_the_largest_cluster_comes_first():
    numbered = {**CLUSTERED, "cluster": [1, 1, 1, 2, 2, 0]}
    rows, groups = group(np.array([5, 4, 3, 2, 1, 0]), "cluster", columns(**numbered))
    assert rows.tolist() == [2, 1, 0, 4, 3, 5]
    assert groups.codes[:, 0].tolist() == [1, 2, 0]


def test_there_are_some_clusters_for_each_class_but_not_of_a_few_images():
    assert clusters_wanted(2, 10, 60_000) == 20
    assert clusters_wanted(2, 0, 60_000) == 10
    assert clusters_wanted(5, 1_000, 1_000_000) == 2_000
    assert clusters_wanted(2, 10, 100) == 5
    assert clusters_wanted(1, 2, 3) == 2


@pytest.mark.parametrize("by", ["pair", "copies", "cluster"])
def test_without_a_run_everything_is_one_group(by):
    assert list(groups_of([2, 0, 1], by, columns([0, 1, 1])).values()) == [[2, 0, 1]]


def test_a_group_says_how_many_of_it_are_decided():
    status = [Status.KEPT, Status.PENDING, Status.SECOND_LOOK, Status.EXCLUDED]
    look = columns([0, 0, 1, 1], status=status)
    rows, groups = group(np.arange(4), "class", look)
    assert groups.decided.tolist() == [1, 1]
    look.status[:] = Status.CHANGED
    assert decided_of(rows, groups.starts, look.status).tolist() == [2, 2]


def test_nothing_shown_has_no_groups():
    rows, groups = group(np.empty(0, np.int64), "class", columns([0, 1]))
    assert len(rows) == len(groups) == 0


@pytest.mark.slow
@given(st.data())
@settings(deadline=None, max_examples=40)
def test_every_image_is_in_one_group_and_no_group_reorders(data):
    n = data.draw(st.integers(1, 30))
    codes = st.lists(st.integers(-1, 3), min_size=n, max_size=n)
    look = columns(
        *(data.draw(codes) for _ in range(4)),
        cluster=[code + 1 for code in data.draw(codes)],
        splits=[code + 1 for code in data.draw(codes)],
    )
    shown = np.array(data.draw(st.permutations(range(n))))
    rows, groups = group(shown, data.draw(st.sampled_from(GROUP_KEYS)), look)
    assert sorted(rows.tolist()) == list(range(n))
    assert groups.starts.tolist() == [0, *np.cumsum(groups.sizes)[:-1].tolist()]
    place = np.argsort(shown)  # of each sample in the order before
    for i in range(len(groups)):
        first, past_last = groups.span(i)
        assert (np.diff(place[rows[first:past_last]]) > 0).all()
        assert groups.of_row(first) == groups.of_row(past_last - 1) == i
