"""What is shown, in which order, and the counts beside the filters."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.review.columns import Columns
from models.review.ordering import (
    Arrangement,
    Filters,
    QueueCount,
    arrange,
    count,
    filtered,
)
from models.review.queues import Queue


def columns(n=12, copy_group=(), **scores):
    return Columns(
        labels=(np.arange(n) % 3 - 1).astype(np.int32),
        status=(np.arange(n) % 5).astype(np.uint8),
        splits=(np.arange(n) >= n // 2).astype(np.uint8),
        scores={name: np.asarray(values, np.float32) for name, values in scores.items()},
        selected=np.zeros(n, bool),
        copy_group=np.array(copy_group, np.int32),
    )


def test_the_most_suspicious_come_first_and_the_unscored_last():
    order = arrange(Arrangement(), columns(4, suspicion=[0.1, np.nan, 0.9, 0.5]))
    assert list(order) == [2, 3, 0, 1]


def test_unscored_images_stay_last_when_the_order_is_turned_round():
    turned = Arrangement(reverse=True)
    assert list(arrange(turned, columns(4, suspicion=[0.1, np.nan, 0.9, 0.5]))) == [0, 3, 2, 1]


def test_low_confidence_is_the_suspicious_end():
    by_confidence = Arrangement(sort_by="confidence")
    assert list(arrange(by_confidence, columns(3, confidence=[0.9, 0.2, 0.5]))) == [1, 2, 0]


def test_ties_keep_source_order():
    assert list(arrange(Arrangement(), columns(5, suspicion=np.ones(5)))) == [0, 1, 2, 3, 4]


def test_without_scores_the_order_is_that_of_the_source():
    assert list(arrange(Arrangement(), columns(3))) == [0, 1, 2]


def test_filters_of_different_kinds_are_all_required():
    look = columns(12, loss=np.arange(12))
    filters = Filters(
        statuses=frozenset({0, 1}), splits=frozenset({1}), ranges={"loss": (6.0, 10.0)}
    )
    assert list(np.flatnonzero(filtered(filters, look))) == [6, 10]


def test_an_unscored_image_passes_no_range():
    look = columns(3, loss=[np.nan, 1, 2])
    assert list(filtered(Filters(ranges={"loss": (0.0, 9.0)}), look)) == [False, True, True]


@pytest.mark.slow
@given(st.lists(st.floats(0, 1, width=32) | st.just(float("nan")), min_size=1, max_size=60))
def test_counts_agree_with_what_is_shown(values):
    look = columns(len(values), suspicion=values)
    arrangement = Arrangement(tab="filtered", filters=Filters(ranges={"suspicion": (0.25, 0.75)}))
    facets = count(arrangement, look)
    shown = arrange(arrangement, look)
    assert facets.n_filtered == len(shown)
    assert len(np.unique(shown)) == len(shown)
    assert sum(facets.classes.values()) == len(values)
    assert sum(facets.statuses.values()) == len(values)
    for histogram in facets.histograms.values():
        assert histogram.shown.sum() == len(shown)
        assert histogram.every.sum() == np.isfinite(look.scores["suspicion"]).sum()
        assert (histogram.shown <= histogram.every).all()


def test_copies_under_different_labels_come_before_the_most_suspicious():
    look = columns(6, copy_group=[1, 1, -1, -1, -1, -1], suspicion=[0.2, 0.1, 0.9, 1, 0, np.nan])
    look.labels[:2] = 0, 1
    look.status[:] = 0
    assert list(arrange(Arrangement(), look)) == [0, 1, 3, 2, 4, 5]
    assert list(arrange(Arrangement(reverse=True), look)) == [4, 2, 3, 1, 0, 5]
    look.labels[1] = 0
    assert list(arrange(Arrangement(), look)) == [3, 2, 0, 1, 4, 5]


def test_images_whose_label_cannot_be_suspected_come_last_the_strangest_first():
    look = columns(4, suspicion=[np.nan, 0.2, np.nan, 0.4], anomaly=[0.1, 0.9, 0.3, 0.0])
    assert list(arrange(Arrangement(), look)) == [3, 1, 2, 0]
    look.scores["suspicion"][:] = np.nan
    assert list(arrange(Arrangement(), look)) == [1, 2, 0, 3]


def test_what_was_learned_is_an_order_of_suspects_too():
    look = columns(4, copy_group=[-1, 1, 1, -1], learned=[0.9, 0.2, 0.3, np.nan], anomaly=[0.0] * 4)
    look.labels[:] = 0, 1, 2, 0
    assert list(arrange(Arrangement(sort_by="learned"), look)) == [2, 1, 0, 3]


def test_until_something_is_learned_the_suspicion_stands_in_for_it():
    look = columns(3, suspicion=[0.1, 0.9, 0.5])
    assert list(arrange(Arrangement(sort_by="learned"), look)) == [1, 2, 0]
    assert list(arrange(Arrangement(sort_by="learned", reverse=True), look)) == [0, 2, 1]
    assert list(arrange(Arrangement(sort_by="learned"), columns(3))) == [0, 1, 2]


def test_copies_keep_their_place_in_other_orders():
    look = columns(3, copy_group=[0, 0, -1], loss=[0.2, 0.1, 0.9])
    look.labels[:2] = 0, 1
    assert list(arrange(Arrangement(sort_by="loss"), look)) == [2, 0, 1]


def test_queues_filter_and_are_counted_with_what_is_decided():
    look = replace(
        columns(10, suspicion=np.linspace(0, 1, 10)),
        queue=np.array([0, 1, 2, 3, 4, 4, 0, 0, 0, 0], np.uint8),
    )
    fits_none = Filters(queues=frozenset({Queue.NO_CLASS_FITS}))
    assert list(np.flatnonzero(filtered(fits_none, look))) == [4, 5]
    either = Filters(queues=frozenset({Queue.NO_CLASS_FITS, Queue.SECOND_LOOK}))
    assert list(np.flatnonzero(filtered(either, look))) == [4, 5, 9]
    counted = count(Arrangement(), look).queues
    assert counted[Queue.NO_CLASS_FITS] == QueueCount(2, 0)  # 4 waits for a second look
    assert counted[Queue.LIKELY_MISLABELLED] == QueueCount(5, 3)
    assert Queue.COPIES_DIFFER not in counted
    assert Queue.SECOND_OPINION not in counted


def test_in_labelling_order_what_has_a_label_comes_last():
    look = columns(6, labelling=[0.5, np.nan, np.nan, 1.0, 0.9, np.nan])  # labels -1, 0, 1, ...
    look.labels[0] = 2  # labelled since the run
    assert list(arrange(Arrangement(sort_by="labelling"), look)) == [3, 0, 1, 2, 4, 5]


@pytest.mark.slow
@given(st.lists(st.integers(0, 39), min_size=1, max_size=60), st.randoms())
def test_histograms_count_as_those_of_the_library(bins, random):
    values = np.array([0.0, *((np.array(bins) + 0.5) / 40), 1.0, np.nan], np.float32)
    passes = np.array([random.random() < 0.5 for _ in values])
    histogram = count(Arrangement(), columns(len(values), loss=values), passes).histograms["loss"]
    assert (histogram.low, histogram.high) == (0.0, 1.0)
    known = np.isfinite(values)
    assert list(histogram.every) == list(np.histogram(values[known], 40, (0, 1))[0])
    assert list(histogram.shown) == list(np.histogram(values[known & passes], 40, (0, 1))[0])
