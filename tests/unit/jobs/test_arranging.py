"""Orders and counts come from a thread; the newest wish wins."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QObject

from models.review.decisions import Action
from models.review.grouping import COPIES
from models.review.ordering import Filters
from models.types import Heartbeat
from qtapp.commands.edits import Edits
from qtapp.jobs import arranging
from qtapp.jobs.arranging import Arranger
from qtapp.state.scores import RESCORED_AT_ONCE
from tests.helpers.findings import report
from tests.helpers.spaces import score_set, workspace


class Desk(QObject):
    def __init__(self, n):
        super().__init__()
        self.space = space = workspace(self, n)
        self.arranger = Arranger(
            *(space.session, space.labels, space.scores, space.selection, space.order),
            *(space.opinions, space.paths, space.clusters, space.properties, space.causes),
            *(space.audit_findings, self),
        )


@pytest.fixture
def desk_for(qapp, qtbot):
    desks = []

    def make(n=24):
        desks.append(Desk(n))
        return desks[-1]

    yield make
    for desk in desks:
        desk.arranger.stop()


def test_new_scores_move_nothing_until_the_order_is_applied(qtbot, desk_for):
    space = desk_for().space
    space.scores.show(score_set(space.labels.labels))
    space.order.offer_newer()
    assert list(space.order.rows) == list(range(24))
    with qtbot.waitSignal(space.order.changed):
        space.order.apply_new()
    values = space.scores.values["suspicion"][space.order.rows]
    assert (np.diff(values) <= 0).all()


def test_copies_under_different_labels_come_first_until_the_labels_agree(qtbot, desk_for):
    desk = desk_for()
    space = desk.space
    edits = Edits(space.session, space.labels, space.scores, space.selection, parent=desk)
    scores = score_set(space.labels.labels)
    scores.evidence.copy_group[[3, 7]] = 3
    scores.values["suspicion"][[3, 7]] = 0.0, 0.01
    space.scores.show(scores)
    with qtbot.waitSignal(space.order.changed):
        space.order.apply_new()
    assert list(space.order.rows[:3]) == [7, 3, 0]
    space.selection.set_current(3)
    edits.set_class(1)
    assert list(space.order.rows[:2]) == [7, 3]
    with qtbot.waitSignal(space.order.changed):
        space.order.apply_new()
    assert space.order.rows[-1] == 7


def test_a_filter_shows_what_passes_and_counts_follow(qtbot, desk_for):
    space = desk_for().space
    with qtbot.waitSignals([space.order.changed, space.order.facets_changed]):
        space.order.filter_by(Filters(classes=frozenset({1})))
    assert (space.labels.labels[space.order.rows] == 1).all()
    assert space.order.facets.n_filtered == 8
    assert space.order.facets.classes == {0: 8, 1: 8, 2: 8}


def test_how_many_pass_is_known_with_the_rows_of_another_filter(qtbot, desk_for):
    desk = desk_for()
    order = desk.space.order
    order.filter_by(Filters(classes=frozenset({1})))
    qtbot.waitUntil(lambda: desk.arranger.is_idle)
    with qtbot.waitSignal(order.changed):
        order.filter_by(Filters(classes=frozenset({0, 1})))
    assert order.facets.n_filtered == len(order.rows) == 16


def test_of_many_wishes_the_last_one_is_answered(qtbot, desk_for):
    desk = desk_for()
    for label in (0, 1, 2):
        desk.space.order.filter_by(Filters(classes=frozenset({label})))
    qtbot.waitUntil(lambda: desk.arranger.is_idle)
    assert (desk.space.labels.labels[desk.space.order.rows] == 2).all()


def test_a_decision_leaves_the_order_alone_but_not_the_counts(qtbot, desk_for):
    desk = desk_for()
    space = desk.space
    edits = Edits(space.session, space.labels, space.scores, space.selection, parent=desk)
    with qtbot.waitSignal(space.order.facets_changed):  # the counts follow the rows
        space.order.filter_by(Filters(statuses=frozenset({0})))
    rows = space.order.rows
    space.selection.set_current(3)
    with qtbot.waitSignal(space.order.facets_changed):
        edits.decide(Action.EXCLUDE)
    assert space.order.rows is rows
    assert space.order.facets.statuses[3] == 1


def test_scores_of_a_bulk_change_are_stale_until_a_thread_rescored_them(qtbot, desk_for):
    desk = desk_for(4 * RESCORED_AT_ONCE)
    space = desk.space
    edits = Edits(space.session, space.labels, space.scores, space.selection, parent=desk)
    space.scores.show(score_set(space.labels.labels))
    space.selection.select(np.arange(2 * RESCORED_AT_ONCE))
    edits.set_class(2)
    assert space.scores.is_stale
    qtbot.waitUntil(lambda: desk.arranger.is_idle and not space.scores.is_stale)
    ids = np.arange(2 * RESCORED_AT_ONCE)
    expected = -np.log(space.scores.shown.probabilities[ids, 2])
    np.testing.assert_allclose(space.scores.values["loss"][ids], expected, rtol=1e-4)


def test_scores_are_stale_until_the_last_part_of_a_bulk_change_is_rescored(
    qtbot, desk_for, monkeypatch
):
    monkeypatch.setattr(arranging, "_RESCORED_AT_A_TIME", 100)
    monkeypatch.setattr(arranging, "_TOLD_AT_A_TIME", 300)
    n = 4 * RESCORED_AT_ONCE
    desk = desk_for(n)
    space = desk.space
    edits = Edits(space.session, space.labels, space.scores, space.selection, parent=desk)
    space.scores.show(score_set(space.labels.labels))
    told, stale_then = [], []
    space.scores.updated.connect(lambda ids: told.append(ids))
    space.scores.updated.connect(lambda _: stale_then.append(space.scores.is_stale))
    space.selection.select(np.arange(n))
    edits.set_class(2)
    qtbot.waitUntil(lambda: desk.arranger.is_idle and not space.scores.is_stale)
    assert [len(ids) for ids in told] == [300, 300, 300, n - 900]
    assert all(stale_then)
    expected = -np.log(space.scores.shown.probabilities[:, 2])
    np.testing.assert_allclose(space.scores.values["loss"], expected, rtol=1e-4)


def test_a_merge_is_followed_by_every_image_of_the_class_it_made(qtbot, desk_for):
    desk = desk_for(4 * RESCORED_AT_ONCE)
    space = desk.space
    edits = Edits(space.session, space.labels, space.scores, space.selection, parent=desk)
    space.scores.show(score_set(space.labels.labels))
    edits.merge_classes((0,), 1)
    assert space.scores.is_stale
    qtbot.waitUntil(lambda: desk.arranger.is_idle and not space.scores.is_stale)
    is_one = space.labels.labels == 1
    p = space.scores.shown.probabilities[is_one]
    loss = space.scores.values["loss"][is_one]
    np.testing.assert_allclose(loss, -np.log(p[:, 0] + p[:, 1]), rtol=1e-3, atol=1e-6)


def test_scores_of_one_image_follow_its_label_at_once(desk_for):
    desk = desk_for()
    space = desk.space
    edits = Edits(space.session, space.labels, space.scores, space.selection, parent=desk)
    space.scores.show(score_set(space.labels.labels))
    space.selection.set_current(5)
    edits.set_class(0)
    expected = -np.log(space.scores.shown.probabilities[5, 0])
    assert space.scores.values["loss"][5] == pytest.approx(expected, rel=1e-4)


def test_images_like_one_come_first_among_those_that_pass_the_filters(qtbot, desk_for):
    space = desk_for().space
    angles = np.linspace(0, 1, 24, dtype=np.float32)
    embedding = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    space.scores.show(replace(score_set(space.labels.labels), embedding=embedding))
    space.order.sort_by("loss")
    with qtbot.waitSignal(space.order.changed):
        space.order.filter_by(Filters(classes=frozenset({1})))
    with qtbot.waitSignal(space.order.changed):
        space.order.sort_by_likeness(10)
    assert list(space.order.rows[:3]) == [10, 7, 13]
    assert space.order.distance[10] == 0
    assert space.order.distance[7] == pytest.approx(1 - np.cos(angles[3]), rel=1e-3)
    with qtbot.waitSignal(space.order.changed):
        space.order.filter_by(Filters())
    assert list(space.order.rows[:3]) == [10, 9, 11]
    with qtbot.waitSignal(space.order.changed):
        space.order.leave_likeness()
    assert (space.order.wanted.sort_by, space.order.wanted.similar_to) == ("loss", -1)
    assert space.order.distance is None


def test_near_copies_of_a_later_audit_are_grouped_with_exact_ones(qtbot, desk_for):
    space = desk_for().space
    scores = score_set(space.labels.labels)
    scores.evidence.copy_group[[3, 7]] = 3
    space.scores.show(scores)
    with qtbot.waitSignal(space.order.changed):
        space.order.group_by(COPIES)
    assert space.order.groups.sizes.tolist() == [2, 22]
    near = np.full(24, -1, np.int32)
    near[[5, 7, 9]] = 5
    space.audit_findings.recall(report(space.labels.labels, [], near_copies=near))
    with qtbot.waitSignal(space.order.changed):
        space.order.apply_new()
    assert space.order.groups.sizes.tolist() == [4, 20]
    assert set(space.order.rows[:4]) == {3, 5, 7, 9}


def test_the_end_of_an_audit_moves_nothing_and_offers_other_copies_alone(qtbot, desk_for):
    desk = desk_for()
    space, state = desk.space, desk.space.audit_findings
    near = np.full(24, -1, np.int32)
    near[[5, 7, 9]] = 5
    with qtbot.waitSignal(space.order.changed):
        space.order.group_by(COPIES)
    rows = space.order.rows

    def audit():
        labels = space.labels.labels
        as_before = report(labels, [], near_copies=state.near_copies, is_partial=True)
        number = state.begin_audit(as_before)
        state.accept(number, report(labels, [], near_copies=near.copy()))
        state.end(number, None)
        qtbot.waitUntil(lambda: desk.arranger.is_idle)

    audit()
    assert space.order.has_newer
    assert space.order.rows is rows
    with qtbot.waitSignal(space.order.changed):
        space.order.apply_new()
    rows = space.order.rows
    audit()
    assert not space.order.has_newer
    assert space.order.rows is rows


def test_a_late_rescoring_is_not_written_into_newer_scores(qtbot, desk_for):
    n = 4 * RESCORED_AT_ONCE
    desk = desk_for(n)
    space = desk.space
    edits = Edits(space.session, space.labels, space.scores, space.selection, parent=desk)
    older, newer = (score_set(space.labels.labels, run=run, seed=run) for run in (1, 2))
    space.scores.show(older)
    space.selection.select(np.arange(n))
    edits.set_class(2)  # rescored on a thread, whose word comes later
    newer.labels[:] = 2
    as_published = newer.values["loss"].copy()
    space.scores.show(newer)
    qtbot.waitUntil(lambda: desk.arranger.is_idle and not space.scores.is_stale)
    np.testing.assert_array_equal(space.scores.values["loss"], as_published)


def test_what_waits_to_be_rescored_is_dropped_when_newer_scores_come(qtbot, desk_for, monkeypatch):
    n = 4 * RESCORED_AT_ONCE
    desk = desk_for(n)
    space = desk.space
    rescored = []

    def note(ids, *_):
        rescored.append(len(ids))
        yield Heartbeat()

    monkeypatch.setattr(arranging, "_rescoring", note)
    edits = Edits(space.session, space.labels, space.scores, space.selection, parent=desk)
    space.scores.show(score_set(space.labels.labels))
    for label in (0, 1, 2):
        space.selection.select(np.arange(n - label))
        edits.set_class(label)
    space.scores.show(score_set(space.labels.labels, run=2))
    qtbot.waitUntil(lambda: desk.arranger.is_idle)
    assert rescored == [n]  # that of the first change, which was under way
