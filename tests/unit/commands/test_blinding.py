"""What can be begun, what keys mean in a session, and that no label ever changes."""

import numpy as np
import pytest
from PySide6.QtCore import QObject

from models.errors import ProjectError
from models.review.blind import CANNOT_TELL
from models.review.classes import ClassChange
from models.review.decisions import Status
from qtapp.commands.blinding import Blinding
from qtapp.state.blind import ASKING, OFFER, RESULT
from qtapp.state.view import BLIND, DATA, GRID
from tests.helpers.spaces import score_set, workspace


class Bench(QObject):
    """A workspace of three classes with a clock that is set by hand."""

    def __init__(self, n=300, class_names=("ant", "bee", "cat")):
        super().__init__()
        self.space = space = workspace(self, n, class_names)
        self.now = 0.0
        self.blinding = Blinding(
            *(space.session, space.labels, space.scores, space.selection, space.order),
            *(space.view, space.blind),
            clock=lambda: self.now,
        )
        self.blind = space.blind

    def begin(self, n=12):
        self.blinding.toggle()
        self.blinding.start(n)

    def answer(self, code, seconds=2.0):
        self.blinding.note_seen()
        self.now += seconds
        self.blinding.answer(code)


@pytest.fixture(autouse=True)
def same_images(monkeypatch):
    monkeypatch.setattr("qtapp.commands.blinding.secrets.randbits", lambda _bits: 3)


@pytest.fixture
def bench(qapp):
    return Bench()


def test_what_is_offered_fits_the_dataset_and_says_how_sure_and_how_long(bench):
    (offer,) = bench.blinding.offers()
    assert (offer.n, offer.showings, offer.minutes) == (100, 105, 7)
    assert (round(offer.low, 3), round(offer.high, 3)) == (0.888, 0.978)


def test_minutes_follow_the_person(bench):
    bench.begin()
    while bench.blind.page == ASKING:
        bench.answer(0, seconds=20.0)
    assert bench.blinding.offers()[0].minutes == 35


def test_too_few_images_too_few_classes_or_too_many_taken_are_said(qapp):
    few = Bench(n=19)
    assert few.blinding.offers() == []
    assert "20 labelled images" in few.blinding.why_none()
    alike = Bench(class_names=("ant",))
    assert alike.blinding.offers() == []
    assert "one class" in alike.blinding.why_none()
    small = Bench(n=24)
    assert [offer.n for offer in small.blinding.offers()] == [12]
    small.begin()
    while small.blind.page == ASKING:
        small.answer(0)
    assert small.blinding.offers() == []
    assert "stays for training" in small.blinding.why_none()


def test_excluded_unlabelled_and_earlier_images_are_not_drawn(bench):
    labels = bench.space.labels
    labels.status[::2] = Status.EXCLUDED
    labels.given[1::4] = -1
    bench.begin(30)
    drawn = bench.blind.sample_ids
    assert (drawn % 4 == 3).all()
    bench.blind.answer(0, 1.0)
    bench.blind.end()
    bench.blinding.start(30)
    assert bench.blind.sessions[0].shown[0] not in bench.blind.sessions[1].shown


def test_an_image_is_answered_only_once_it_is_seen(bench):
    bench.begin()
    bench.blinding.answer(1)
    assert bench.blind.current.place == 0
    bench.answer(1, seconds=3.5)
    bench.blinding.answer(1)
    assert (bench.blind.current.answers, bench.blind.current.seconds) == ([1], [3.5])


def test_a_pause_is_not_counted_as_time(bench):
    bench.begin()
    bench.blinding.note_seen()
    bench.blinding.escape()
    bench.now += 1_000
    bench.blinding.toggle()
    bench.answer(0, seconds=2.0)
    assert bench.blind.current.seconds == [2.0]
    assert bench.blinding.seconds_so_far() == 2.0


def test_an_answer_with_a_class_that_was_added_is_kept_by_its_name_too(bench):
    bench.begin()
    labels = bench.space.labels
    labels.classes = labels.classes.after(ClassChange(name="fish"))
    bench.answer(len(labels.class_names) - 1)
    labels.classes = labels.classes.before(ClassChange(name="fish")).after(ClassChange(name="newt"))
    bench.answer(0)
    said = bench.blind.current.said(labels.class_names)
    assert said.tolist() == [CANNOT_TELL, 0]


def test_what_cannot_be_kept_is_not_asked(bench, qtbot):
    bench.begin()
    bench.space.labels.refuse(ProjectError("no space left on the disk"))
    with qtbot.waitSignal(bench.blinding.idle) as said:
        bench.answer(1)
    assert "no space" in said.args[0]
    assert bench.blind.current.place == 0


def test_no_answer_is_a_decision(bench):
    before = bench.space.labels.labels.copy()
    committed = []
    bench.space.labels.committing.connect(committed.append)
    bench.begin()
    bench.blinding.note_seen()
    bench.blinding.cannot_tell()
    while bench.blind.page == ASKING:
        bench.answer(2)
    assert bench.blind.sessions[0].answers[0] == CANNOT_TELL
    assert committed == []
    np.testing.assert_array_equal(bench.space.labels.labels, before)
    assert bench.space.labels.n_reviewed == 0


def test_b_goes_there_on_and_back_and_esc_leaves_step_by_step(bench):
    view, blind = bench.space.view, bench.blind
    bench.begin()
    bench.blinding.toggle()
    assert blind.page == ASKING
    bench.blinding.escape()
    assert (view.mode, blind.page) == (BLIND, OFFER)
    bench.blinding.toggle()
    assert blind.page == ASKING
    view.set_mode(DATA)
    assert blind.page == OFFER
    bench.blinding.toggle()
    assert (view.mode, blind.page) == (BLIND, ASKING)
    while blind.page == ASKING:
        bench.answer(0)
    assert blind.page == RESULT
    bench.blinding.escape()
    assert (view.mode, blind.page) == (BLIND, OFFER)
    bench.blinding.toggle()
    assert view.mode == GRID


def test_a_key_means_something_else_in_sight_of_a_session(bench):
    did = []
    run = bench.blinding.instead(lambda: did.append("label"), lambda: did.append("answer"))
    run()
    bench.blinding.toggle()
    run()
    assert did == ["label", "answer"]


def test_the_disagreements_become_the_selection(bench):
    bench.blinding.toggle()
    bench.blinding.show_images(np.array([7, 3]))
    space = bench.space
    assert space.selection.sample_ids.tolist() == [3, 7]
    assert (space.selection.current, space.view.mode) == (7, GRID)
    assert space.order.wanted.tab == "selected"


def test_what_is_exported_holds_the_model_beside_the_person(bench, qtbot):
    bench.space.scores.show(score_set(bench.space.labels.given))
    bench.begin()
    while bench.blind.page == ASKING:
        bench.answer(bench.space.labels.given[bench.blind.sample_id].item())
    with qtbot.waitSignal(bench.blinding.export_wanted) as asked:
        bench.blinding.export()
    message, lines = asked.args
    assert message["accuracy_given"]["value"] == 1
    assert message["model_given"]["value"] == 0
    assert message["paired"]["person_only"] == 12
    assert len(lines) == 1 + len(bench.blind.sessions[0].shown)
