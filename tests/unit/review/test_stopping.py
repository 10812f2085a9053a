"""Audit images, and the errors left by their word."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.coverage import REVIEWS, Review
from models.review.classes import ClassList
from models.review.decisions import Status
from models.review.stopping import (
    AUDIT_EVERY,
    AuditedQueue,
    ErrorsLeft,
    Shown,
    errors_left,
    errors_left_now,
)
from models.types import Mask, SampleIds


def walk(queue: AuditedQueue, order: SampleIds, seen: Mask, n: int) -> list[Shown]:
    shown = []
    for _ in range(n):
        image = queue.next_image(order, seen)
        if image is None:
            break
        seen[image.sample_id] = True
        shown.append(image)
    return shown


def test_every_tenth_image_is_drawn_at_random() -> None:
    order = np.arange(200)[::-1].copy()
    shown = walk(AuditedQueue(seed=1), order, np.zeros(200, bool), 60)
    assert [i for i, image in enumerate(shown, 1) if image.audit] == [10, 20, 30, 40, 50, 60]
    walked = [image.sample_id for image in shown if not image.audit]
    assert walked == sorted(walked, reverse=True)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 1_000), st.integers(0, 80))
def test_every_image_is_shown_once_and_the_same_seed_shows_the_same(seed: int, n: int) -> None:
    order = np.random.default_rng(seed).permutation(n)
    shown = walk(AuditedQueue(seed), order, np.zeros(n, bool), n + 5)
    assert sorted(image.sample_id for image in shown) == list(range(n))
    assert shown == walk(AuditedQueue(seed), order, np.zeros(n, bool), n + 5)


def test_another_order_draws_the_same_audit_images() -> None:
    order, seen = np.arange(100), np.zeros(100, bool)
    queue, other = AuditedQueue(seed=3, shown=9), AuditedQueue(seed=3, shown=9)
    assert queue.next_image(order, seen) == other.next_image(order[::-1].copy(), seen)


def test_audit_images_are_drawn_evenly() -> None:
    order = np.arange(20)
    seen = order < 10
    draws = [
        AuditedQueue(seed, shown=AUDIT_EVERY - 1).next_image(order, seen) for seed in range(1_000)
    ]
    counts = np.bincount([image.sample_id for image in draws if image], minlength=20)
    assert (counts[:10] == 0).all()
    assert (np.abs(counts[10:] - 100) < 40).all()


def test_an_audit_image_the_walk_has_come_by_speaks_for_nothing_any_more() -> None:
    queue, seen, order = AuditedQueue(seed=5), np.zeros(30, bool), np.arange(30)
    walk(queue, order, seen, 10)
    (drawn,) = queue.standing().tolist()
    while drawn in queue.standing() and queue.next_image(order, seen) is not None:
        seen[np.flatnonzero(~seen)[0]] = True
    assert seen[:drawn].all()


def test_nothing_audited_says_nothing() -> None:
    left = errors_left(0, 0, 500)
    assert (left.low, left.high) == (0, 500)
    assert "not known" in str(left)


def test_when_all_were_seen_none_are_left() -> None:
    assert errors_left(3, 30, 0).high == 0


def test_no_error_in_300_audits_leaves_few() -> None:
    left = errors_left(0, 300, 60_000)
    assert left.low == 0
    assert 0.01 < left.high / 60_000 < 0.025
    assert str(left).startswith("errors left: 0 to 1,")


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 300), st.integers(0, 5_000), st.data())
def test_the_interval_holds_what_was_counted(
    audited: int, unseen: int, data: st.DataObject
) -> None:
    wrong = data.draw(st.integers(0, audited))
    left = errors_left(wrong, audited, unseen)
    assert 0 <= left.low <= wrong / audited * unseen <= left.high <= unseen
    if wrong < audited:
        assert errors_left(wrong + 1, audited, unseen).high >= left.high


def test_few_images_left_are_known_better_than_as_many_of_a_large_dataset() -> None:
    of_all = [errors_left(20, 200, unseen) for unseen in (40, 20_000)]
    shares = [(left.high - left.low) / left.unseen for left in of_all]
    of_sample = [
        share * left.unseen / (left.unseen + 200)
        for share, left in zip(shares, of_all, strict=True)
    ]
    assert of_sample[0] < 0.6 * of_sample[1]
    assert errors_left(0, 200, 10).high == 1


def test_errors_that_were_found_are_not_left() -> None:
    left = errors_left(50, 100, 100)
    assert left.low + left.high == pytest.approx(100, abs=2)
    assert errors_left(90, 100, 100).high > 90


def test_what_is_locked_is_not_spoken_of() -> None:
    queue = AuditedQueue(0, audits=[0, 1, 2, 3])
    status = np.zeros(200, np.uint8)
    status[queue.audits] = Status.KEPT, Status.CHANGED, Status.KEPT, Status.CHANGED
    locked = np.arange(200) >= 100
    locked[[1, 2]] = True
    given_labels, classes = np.zeros(200, np.int32), ClassList.of(("a", "b"))
    left = errors_left_now(queue, given_labels, status, classes, locked)
    assert (left.audited, left.wrong, left.unseen) == (2, 1, 96)


def test_an_undecided_audit_image_the_walk_stepped_over_does_not_come_again_as_one() -> None:
    queue = AuditedQueue(seed=7, shown=9, audits=[3], passed={3})
    image = queue.next_image(np.arange(90), np.zeros(90, bool))
    assert image is not None
    assert image.audit
    assert image.sample_id != 3


def test_more_audits_tell_more() -> None:
    widths = [errors_left(n // 10, n, 10_000) for n in (20, 100, 400)]
    assert np.all(np.diff([left.high - left.low for left in widths]) < 0)


@pytest.mark.parametrize("counts", [(3, 2, 10), (-1, 2, 10), (0, 2, -1)])
def test_impossible_counts_are_refused(counts: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="no such audit"):
        errors_left(*counts)


@pytest.mark.slow
@pytest.mark.parametrize("review", REVIEWS.values(), ids=REVIEWS.keys())
def test_the_interval_holds_when_a_person_stops_on_it(review: Review) -> None:
    small = replace(review, n=800)
    assert np.mean([small.holds(seed) for seed in range(30)]) >= 0.93


@pytest.mark.soak
@pytest.mark.parametrize("review", REVIEWS.values(), ids=REVIEWS.keys())
def test_the_interval_holds_in_400_reviews(review: Review) -> None:
    assert np.mean([review.holds(seed) for seed in range(400)]) >= 0.93


def test_the_walk_goes_on_from_where_it_is_told_to_and_comes_round() -> None:
    order, seen = np.array([4, 2, 0, 3, 1]), np.zeros(5, bool)
    queue = AuditedQueue(seed=0)
    assert queue.next_image(order, seen, start=3) == Shown(3, audit=False)
    seen[[3, 1]] = True
    assert queue.next_image(order, seen, start=5) == Shown(4, audit=False)


def test_audit_images_the_walk_steps_over_are_passed_wherever_it_began() -> None:
    order, seen = np.arange(50), np.zeros(50, bool)
    queue = AuditedQueue(seed=0, shown=4, audits=[12, 30])
    seen[[12, 30]] = True
    assert queue.next_image(order, seen, start=12) == Shown(13, audit=False)
    assert queue.standing().tolist() == [30]


def test_only_images_that_can_be_wrong_are_drawn() -> None:
    seen, labelled = np.zeros(40, bool), np.arange(40) == 17
    queue = AuditedQueue(seed=2, shown=9)
    assert queue.next_image(np.arange(40), seen, among=labelled) == Shown(17, audit=True)
    seen[17] = True
    queue.shown = 19
    assert queue.next_image(np.arange(40), seen, among=labelled) == Shown(0, audit=False)


def test_an_audit_image_left_undecided_comes_again_before_another_is_drawn() -> None:
    queue, seen, order = AuditedQueue(seed=7, shown=9), np.zeros(90, bool), np.arange(90)
    first = queue.next_image(order, seen)
    queue.shown = 19
    assert first is not None
    assert first.audit
    assert queue.next_image(order, seen) == first
    assert queue.audits == [first.sample_id]


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 1_000), st.integers(0, 60))
def test_a_queue_goes_on_from_what_was_stored_of_it(seed: int, n: int) -> None:
    order, seen = np.random.default_rng(seed).permutation(80), np.zeros(80, bool)
    queue = AuditedQueue(seed)
    walk(queue, order, seen, n)
    stored = json.loads(json.dumps(queue.to_message()))
    again = AuditedQueue.from_message(stored)
    assert walk(again, order, seen.copy(), 20) == walk(queue, order, seen, 20)


def test_a_queue_follows_its_images_into_another_numbering() -> None:
    queue = AuditedQueue(3, 25, audits=[5, 0, 2], passed={0, 2})
    moved = queue.renumbered(np.array([9, 8, -1, 6, 5, 4]))
    assert (moved.audits, moved.passed, moved.shown) == ([4, 9], {9}, 25)


def now(queue: AuditedQueue, status: dict[int, Status], merged: dict[int, int]) -> ErrorsLeft:
    """The errors left of 200 images of four classes, i % 4, with image 199 unlabelled."""
    given_labels = np.arange(200, dtype=np.int32) % 4
    given_labels[199] = -1
    states = np.zeros(200, np.uint8)
    for sample_id, state in status.items():
        states[sample_id] = state
    return errors_left_now(queue, given_labels, states, ClassList(("a", "b", "c", "d"), merged))


def test_kept_is_right_changed_and_excluded_are_wrong_and_a_second_look_is_open() -> None:
    queue = AuditedQueue(0, audits=[0, 4, 8, 12, 16], passed={0})
    states = (Status.CHANGED, Status.KEPT, Status.CHANGED, Status.EXCLUDED, Status.SECOND_LOOK)
    left = now(queue, dict(zip(queue.audits, states, strict=True)), {})
    assert (left.audited, left.wrong, left.unseen) == (3, 2, 194)


def test_an_audit_image_of_a_class_that_was_merged_does_not_count() -> None:
    queue = AuditedQueue(0, audits=[0, 1, 2])
    kept = dict.fromkeys(queue.audits, Status.KEPT)
    assert now(queue, kept, {}).audited == 3
    assert now(queue, kept, {1: 2}).audited == 2


def test_an_audit_image_of_a_class_that_was_gone_through_does_not_speak_for_the_others() -> None:
    queue = AuditedQueue(0, audits=[0, 1, 2])
    kept = dict.fromkeys(queue.audits, Status.KEPT)
    of_a = dict.fromkeys(range(0, 200, 4), Status.KEPT)
    assert now(queue, kept | of_a, {}).audited == 2
    assert now(queue, kept | {i: Status.KEPT for i in of_a if i != 100}, {}).audited == 3
    assert now(queue, dict.fromkeys(range(199), Status.KEPT), {}).high == 0
    only_d = {i: Status.KEPT for i in range(199) if i % 4 != 3}
    assert str(now(queue, only_d, {})).endswith(
        "not known before the first random images of what is left"
    )


@pytest.mark.slow
def test_the_interval_holds_after_a_bad_class_was_gone_through_in_the_grid() -> None:
    assert np.mean([holds_after_a_class(seed) for seed in range(40)]) >= 0.93


def holds_after_a_class(seed: int, n: int = 3_000) -> bool:
    """Of five classes one is bad. A person reviews for a while, goes through that class in the
    grid, and goes on: whether the interval then holds the truth."""
    rng = np.random.default_rng(seed)
    given_labels = rng.integers(0, 5, n).astype(np.int32)
    wrong = rng.random(n) < np.where(given_labels == 0, 0.4, 0.02)
    order = np.argsort(-(rng.normal(size=n) + 1.5 * wrong))
    verdict = np.where(wrong, Status.CHANGED, Status.KEPT).astype(np.uint8)
    status, queue = np.zeros(n, np.uint8), AuditedQueue(seed)

    def review(images: int) -> None:
        for _ in range(images):
            image = queue.next_image(order, status != Status.PENDING)
            assert image is not None
            status[image.sample_id] = verdict[image.sample_id]

    review(600)
    status[given_labels == 0] = verdict[given_labels == 0]
    review(30)
    left = errors_left_now(queue, given_labels, status, ClassList.of(tuple("abcde")))
    return left.low <= int(wrong[status == Status.PENDING].sum()) <= left.high


def test_one_image_is_not_images() -> None:
    assert "from 1 random image)" in str(errors_left(0, 1, 500))
    assert "from 1,200 random images)" in str(errors_left(0, 1_200, 50_000))
