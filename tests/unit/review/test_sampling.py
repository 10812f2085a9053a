"""Batches of a random montage."""

from dataclasses import replace

import numpy as np

from models.review.sampling import Sample, drawn

LABELS = (np.arange(1000) % 7 - 1).astype(np.int32)
EVERY = np.arange(1000)


def test_a_batch_is_of_its_size_without_repeats_and_comes_back_the_same():
    first = drawn(Sample(60), EVERY, LABELS)
    assert len(np.unique(first)) == 60
    second = drawn(Sample(60, batch=1), EVERY, LABELS)
    assert set(first) != set(second)
    np.testing.assert_array_equal(drawn(Sample(60), EVERY, LABELS), first)


def test_images_are_drawn_from_what_is_shown_and_no_more_than_there_are():
    shown = np.array([5, 900, 17])
    assert sorted(drawn(Sample(60), shown, LABELS)) == [5, 17, 900]
    assert len(drawn(Sample(60), np.empty(0, np.int64), LABELS)) == 0


def test_where_one_image_is_no_longer_shown_the_others_stay():
    before = drawn(Sample(60, batch=3), EVERY, LABELS)
    after = drawn(Sample(60, batch=3), np.setdiff1d(EVERY, before[10]), LABELS)
    assert set(before) - set(after) == {before[10]}


def test_every_image_has_its_chance():
    often = np.zeros(1000, int)
    for batch in range(200):
        often[drawn(Sample(100, batch), EVERY, LABELS)] += 1
    assert 3 < often.min() <= often.max() < 45  # 20 on average, 4.2 of spread


def test_a_sheet_has_so_many_of_each_class_or_all_it_has():
    labels = LABELS.copy()
    labels[labels == 5] = 4
    labels[3] = 5
    sheet = Sample(10, each_class=True)
    rows = drawn(sheet, EVERY, labels)
    found, counts = np.unique(labels[rows], return_counts=True)
    assert dict(zip(found.tolist(), counts.tolist(), strict=True)) == {
        **dict.fromkeys(range(-1, 5), 10),
        5: 1,
    }
    assert set(rows) != set(drawn(replace(sheet, batch=1), EVERY, labels))
