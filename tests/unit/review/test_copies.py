"""Exact copies: who belongs together, and who contradicts whom."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from models.review.copies import (
    NO_COPY,
    _Rivals,
    beside,
    conflicting,
    conflicts_first,
    copy_groups,
    joined,
    named_groups,
    rival_copies,
)
from models.review.decisions import Status

PENDING, EXCLUDED = Status.PENDING, Status.EXCLUDED


def hashes(names):
    made = np.zeros((len(names), 16), np.uint8)
    made[:, 0] = names
    made[:, 15] = [255 - name for name in names]
    return made


def vectors(labels, excluded=()):
    status = np.full(len(labels), PENDING, np.uint8)
    status[list(excluded)] = EXCLUDED
    return np.array(labels, np.int32), status


def test_a_group_is_named_by_its_first_image():
    groups = copy_groups(hashes([7, 3, 7, 5, 3, 7]), np.ones(6, bool))
    assert groups.tolist() == [0, 1, 0, NO_COPY, 1, 0]


def test_unreadable_images_are_no_copies_of_each_other():
    known = np.array([True, False, False, True])
    assert copy_groups(hashes([1, 1, 1, 1]), known).tolist() == [0, NO_COPY, NO_COPY, 0]
    assert copy_groups(hashes([1, 1]), np.zeros(2, bool)).tolist() == [NO_COPY, NO_COPY]
    assert len(copy_groups(np.empty((0, 16), np.uint8), np.empty(0, bool))) == 0


def test_sets_that_share_an_image_are_one():
    groups = named_groups([np.array([7, 9]), np.array([9, 1, 4]), np.array([5, 6])], 10)
    assert groups.tolist() == [NO_COPY, 1, NO_COPY, NO_COPY, 1, 5, 5, 1, NO_COPY, 1]
    assert (named_groups([], 3) == NO_COPY).all()


def test_sets_of_two_kinds_are_joined_through_chains():
    exact, near = np.full((2, 10), NO_COPY, np.int32)
    exact[[2, 7]] = 2
    near[[1, 4, 7]], near[[5, 6]] = 1, 5
    expected = [NO_COPY, 1, 1, NO_COPY, 1, 5, 5, 1, NO_COPY, NO_COPY]
    assert joined(exact, near).tolist() == expected
    assert joined(near, exact).tolist() == expected
    assert joined(exact, np.full(10, NO_COPY, np.int32)).tolist() == exact.tolist()


@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(st.integers(0, 29), min_size=2, max_size=4), max_size=25))
def test_sets_are_the_connected_components(related):
    groups = [np.array(ids) for ids in related]
    whole = named_groups(groups, 30)
    halves = [named_groups(some, 30) for some in (groups[::2], groups[1::2])]
    sets = [{i} for i in range(30)]
    for ids in related:
        one = set().union(*(sets[i] for i in ids))
        for i in one:
            sets[i] = one
    expected = [min(one) if len(one) > 1 else NO_COPY for one in sets]
    assert whole.tolist() == expected
    assert joined(*halves).tolist() == expected


def test_hashes_that_differ_in_either_half_are_different():
    made = np.zeros((4, 16), np.uint8)
    made[1, 15], made[2, 0] = 1, 1
    assert copy_groups(made, np.ones(4, bool)).tolist() == [0, NO_COPY, NO_COPY, 0]


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 5), st.integers(-1, 2), st.booleans()), max_size=20))
def test_rivals_and_conflicts_are_those_found_one_by_one(images):
    names = [name for name, _, _ in images]
    labels, status = vectors(
        [label for _, label, _ in images], [i for i, image in enumerate(images) if image[2]]
    )
    groups = copy_groups(hashes(names), np.ones(len(images), bool))

    def rivals_of(i):
        if status[i] == EXCLUDED:
            return []
        return [
            j
            for j in range(len(images))
            if names[j] == names[i] and status[j] != EXCLUDED and labels[j] not in (-1, labels[i])
        ]

    every = np.arange(len(images))
    first = [min(rivals_of(i), default=-1) for i in every]
    assert rival_copies(every, groups, labels, status).tolist() == first
    contradicted = [i for i in every if rivals_of(i) and labels[i] >= 0]
    assert conflicting(groups, labels, status).tolist() == contradicted


def test_the_rival_of_one_image_is_looked_for_among_its_copies_alone(monkeypatch):
    n = 10_000
    groups = np.repeat(np.arange(0, n, 2), 2).astype(np.int32)
    labels, status = vectors(np.arange(n) % 3)
    looked_at, among = [], _Rivals.among
    monkeypatch.setattr(
        _Rivals, "among", lambda ids, *rest: looked_at.append(len(ids)) or among(ids, *rest)
    )
    assert rival_copies(np.array([7]), groups, labels, status).tolist() == [6]
    assert looked_at == [2]


def test_copies_of_the_most_suspect_stand_first_and_together():
    groups = np.array([0, 1, 0, 1, -1, 5, 5], np.int32)
    labels, status = vectors([0, 0, 1, 1, 0, 2, 2])
    suspicion = np.array([0.1, 0.3, 0.2, np.nan, 1.0, 0.9, 0.8], np.float32)
    keys = conflicts_first(suspicion, groups, labels, status)
    assert np.argsort(-keys, kind="stable").tolist() == [1, 3, 2, 0, 4, 5, 6]
    assert suspicion[0] == np.float32(0.1)  # the scores themselves stay


def test_once_the_labels_agree_nothing_is_lifted():
    groups = np.array([0, -1, 0], np.int32)
    suspicion = np.array([0.1, 0.5, 0.2], np.float32)
    for labels, status in (
        vectors([1, 0, 1]),
        vectors([1, 0, 2], excluded=[2]),
        vectors([1, 0, -1]),
    ):
        keys = conflicts_first(suspicion, groups, labels, status)
        np.testing.assert_array_equal(keys, suspicion)


def test_an_image_beside_some_is_a_copy_of_one_of_them():
    groups = np.array([0, -1, 0, -1, 4, 4], np.int32)
    which = np.array([False, True, True, False, False, False])
    assert beside(groups, which).tolist() == [True, False, True, False, False, False]
