"""One image at a time, and the peek over the grid."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QColor, QFontMetrics
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from models.review.decisions import Status
from models.review.likeness import neighbourhood
from models.review.stopping import AuditedQueue
from qtapp.commands.edits import Edits
from qtapp.commands.first_answers import FirstAnswers
from qtapp.commands.registry import Registry
from qtapp.jobs.thumbnails import Thumbnails
from qtapp.state.selection import NOTHING
from qtapp.state.view import SINGLE
from qtapp.state.workspace import Workspace
from qtapp.views import theme as look
from qtapp.views.caption import Caption
from qtapp.views.grid.empty import EmptyOrder
from qtapp.views.parts import CommandButton
from qtapp.views.peek import Peek
from qtapp.views.single import SingleView
from qtapp.views.theme import Theme
from tests.helpers.images import FakeReader
from tests.helpers.screens import recording_registry
from tests.helpers.seen import painted
from tests.helpers.spaces import score_set, workspace


@pytest.fixture
def space(owner: QObject) -> Workspace:
    return workspace(owner)


@pytest.fixture
def thumbnails(owner: QObject) -> Iterator[Thumbnails]:
    made = Thumbnails(owner)
    made.attach(FakeReader(broken=frozenset({5})))
    yield made
    made.close()


@pytest.fixture
def recorded(owner: QObject) -> tuple[Registry, list[str]]:
    return recording_registry(owner)


@pytest.fixture
def answers(owner: QObject, space: Workspace) -> FirstAnswers:
    edits = Edits(space.session, space.labels, space.scores, space.selection, parent=owner)
    return FirstAnswers(space.labels, space.scores, space.selection, space.view, edits, owner)


@pytest.fixture
def single(
    qtbot: QtBot,
    space: Workspace,
    thumbnails: Thumbnails,
    recorded: tuple[Registry, list[str]],
    answers: FirstAnswers,
) -> SingleView:
    view = SingleView(
        space.session, space.labels, space.scores, space.selection, space.order, space.view,
        space.audit, answers, space.image_look, thumbnails, recorded[0], Theme("light"),
    )  # fmt: skip
    qtbot.addWidget(view)
    view.resize(700, 500)
    return view


def said(caption: Caption) -> str:
    """Every text of a caption that can be seen."""
    labels = caption.findChildren(QLabel)
    return " | ".join(label.text() for label in labels if label.isVisible() and label.text())


def shade(view: QWidget, x: int, y: int) -> int:
    return QColor(view.grab().toImage().pixel(x, y)).red()


def test_it_shows_the_current_image_and_reads_the_next_one(
    qtbot: QtBot, single: SingleView, space: Workspace, thumbnails: Thumbnails
) -> None:
    space.order.accept(np.array([20, 9, 5, 1]), 24)
    space.selection.set_current(20)
    single.show()
    qtbot.waitUntil(lambda: thumbnails.full(9) is not None)
    assert shade(single.image, single.image.width() // 2, single.image.height() // 2) == 20
    assert single.place.text() == "1 of 4"
    space.selection.set_current(5)
    qtbot.waitUntil(lambda: thumbnails.full(1) is not None)
    assert single.place.text() == "3 of 4"
    assert thumbnails.full(5) == "tiny.npz[5]: is cut short."


def test_an_image_that_the_order_leaves_out_is_shown_too(
    qtbot: QtBot, single: SingleView, space: Workspace, thumbnails: Thumbnails
) -> None:
    space.order.accept(np.array([20, 9, 5]), 24)
    space.selection.set_current(20)
    single.show()
    assert single.place.isVisible()
    space.selection.set_current(1)  # a neighbour beside it was clicked
    qtbot.waitUntil(lambda: thumbnails.full(1) is not None)
    assert shade(single.image, single.image.width() // 2, single.image.height() // 2) == 1
    assert not single.place.isVisible()


def test_where_no_image_passes_the_filters_the_last_one_is_no_longer_shown(
    qtbot: QtBot, single: SingleView, space: Workspace
) -> None:
    space.selection.set_current(4)
    single.show()
    empty = single.findChild(EmptyOrder)
    assert empty is not None
    assert not empty.isVisible()
    space.order.accept(np.empty(0, np.int64), 24)
    space.selection.set_current(NOTHING)  # as Moving does
    assert empty.isVisible()
    assert empty.geometry() == single.rect()
    space.selection.set_current(6)  # by a click on the map
    assert not empty.isVisible()


def test_nothing_is_read_while_nobody_looks(
    single: SingleView, space: Workspace, thumbnails: Thumbnails, qtbot: QtBot
) -> None:
    with qtbot.assertNotEmitted(thumbnails.full_arrived, wait=20):
        space.selection.set_current(3)


def test_the_caption_says_what_the_tile_says(
    qtbot: QtBot, single: SingleView, space: Workspace
) -> None:
    space.selection.set_current(1)
    single.show()
    assert said(single.caption) == "bee | undecided"
    scores = score_set(space.labels.labels)
    scores.values["loss"][1], scores.values["confidence"][1] = 2.1, 0.93
    space.scores.show(scores)
    assert said(single.caption) == "cat | bee | loss 2.10   p 0.93 | undecided"
    space.labels.labels[1], space.labels.status[1] = 2, Status.CHANGED
    space.labels.changed.emit(np.array([1]))
    assert said(single.caption).startswith("cat | bee | cat | loss ")
    space.view.hide_predictions(True)
    assert said(single.caption) == "bee | cat | changed"


def test_an_audit_image_is_shown_with_its_given_label_alone_until_it_is_decided(
    single: SingleView, space: Workspace
) -> None:
    space.scores.show(score_set(space.labels.labels))
    space.audit.load(AuditedQueue(0, audits=[1]))
    space.selection.set_current(1)
    single.show()
    assert said(single.caption) == "bee | undecided"
    assert single.badge.isVisible()
    assert single.badge.text() == "random audit image: judged without a suggestion"
    assert not single.place.isVisible()  # the row would tell how suspect it is
    space.labels.status[1] = Status.KEPT
    space.labels.changed.emit(np.array([1]))
    assert said(single.caption).startswith("cat | bee | loss ")
    assert not single.badge.isVisible()
    assert single.place.isVisible()


def test_the_suggestion_is_hidden_until_the_person_answered(
    single: SingleView, space: Workspace, answers: FirstAnswers
) -> None:
    space.scores.show(score_set(space.labels.labels))
    space.view.set_mode(SINGLE)
    space.selection.set_current(1)
    single.show()
    assert single.answer.text() == ""
    answers.wish(True)
    assert said(single.caption) == "bee | undecided"
    assert single.answer.toolTip() == "Answer first; then the suggestion shows"
    answers.set_class(1)
    assert said(single.caption).startswith("cat | bee | loss ")
    assert single.answer.toolTip() == "Your answer: bee; the next key decides"
    answers.set_class(1)
    assert space.labels.status[1] == Status.KEPT
    assert single.answer.text() == ""


def test_a_name_of_any_length_does_not_widen_the_window(
    qtbot: QtBot, owner: QObject, thumbnails: Thumbnails
) -> None:
    space = workspace(owner, class_names=("x" * 4000, "y"))
    caption = Caption(space.labels, space.scores, space.view, Theme("light"))
    qtbot.addWidget(caption)
    caption.show_sample(0)
    assert caption.sizeHint().width() < 500


def test_its_buttons_are_the_commands(
    qtbot: QtBot, single: SingleView, recorded: tuple[Registry, list[str]]
) -> None:
    single.show()
    for button in single.findChildren(CommandButton):
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert recorded[1] == [
        *("look.grid", "move.previous", "move.next", "decide.keep", "decide.accept"),
        *("decide.exclude", "decide.second_look", "decide.clear"),
    ]


def test_peeking_covers_the_grid_while_it_lasts_and_follows(
    qtbot: QtBot, space: Workspace, thumbnails: Thumbnails
) -> None:
    page = QWidget()
    qtbot.addWidget(page)
    page.resize(600, 400)
    page.show()
    peek = Peek(
        space.session, space.labels, space.scores, space.selection, space.order, space.view,
        space.neighbours, space.image_look, thumbnails, Theme("light"), page,
    )  # fmt: skip
    space.view.peek(True)
    assert not peek.isVisible()  # there is no current image
    space.view.peek(False)
    space.selection.set_current(7)
    with qtbot.waitSignal(thumbnails.full_arrived):
        space.view.peek(True)
    assert peek.geometry() == page.rect()
    assert shade(peek.image, peek.image.width() // 2, peek.image.height() // 2) == 7
    with qtbot.waitSignal(thumbnails.full_arrived):
        space.selection.set_current(8)
    assert said(peek.caption).startswith("cat")
    with qtbot.waitSignal(thumbnails.full_arrived):
        space.view.point_at(3)  # a neighbour under the pointer
    assert shade(peek.image, peek.image.width() // 2, peek.image.height() // 2) == 3
    assert said(peek.caption).startswith("ant")
    space.view.peek(False)
    assert not peek.isVisible()


def test_an_image_that_the_order_leaves_out_is_peeked_at_too(
    qtbot: QtBot, space: Workspace, thumbnails: Thumbnails
) -> None:
    page = QWidget()
    qtbot.addWidget(page)
    peek = Peek(
        space.session, space.labels, space.scores, space.selection, space.order, space.view,
        space.neighbours, space.image_look, thumbnails, Theme("light"), page,
    )  # fmt: skip
    page.show()
    space.order.accept(np.arange(5), 24)
    space.selection.set_current(7)  # by a click on a neighbour
    space.view.peek(True)
    assert peek.isVisible()
    assert peek._beside() == ("in the order", [])


@pytest.mark.parametrize("height", [300, 425, 700, 1300])
def test_what_lies_beside_a_peek_stands_under_its_title(
    qtbot: QtBot, space: Workspace, thumbnails: Thumbnails, height: int
) -> None:
    page = QWidget()
    qtbot.addWidget(page)
    peek = Peek(
        space.session, space.labels, space.scores, space.selection, space.order, space.view,
        space.neighbours, space.image_look, thumbnails, Theme("light"), page,
    )  # fmt: skip
    peek.resize(746, height)
    line = QFontMetrics(peek.font()).height()
    boxes = [peek._box(place) for place in range(6)]
    assert min(box.top() for box in boxes) >= look.space_4 + line
    assert max(box.bottom() + line for box in boxes) < height


def test_beside_a_peek_lie_the_nearest_and_until_they_are_known_the_next_in_the_order(
    qtbot: QtBot, space: Workspace, thumbnails: Thumbnails
) -> None:
    page = QWidget()
    qtbot.addWidget(page)
    peek = Peek(
        space.session, space.labels, space.scores, space.selection, space.order, space.view,
        space.neighbours, space.image_look, thumbnails, Theme("light"), page,
    )  # fmt: skip
    space.selection.set_current(1)
    in_the_order = [(-1, ""), (-1, ""), (0, ""), (2, ""), (3, ""), (4, "")]
    assert peek._beside() == ("in the order", in_the_order)
    scores = score_set(space.labels.labels)
    space.scores.show(scores)
    ids, distance = np.arange(24), np.abs(np.arange(24) - 1.0).astype(np.float32) / 10
    space.neighbours.show(
        neighbourhood(1, ids, distance, space.labels.labels, space.labels.status, 2)
    )
    title, beside = peek._beside()
    assert title == "nearest by look"
    assert beside[:3] == [(0, "0.100"), (2, "0.100"), (3, "0.200")]
    assert len(beside) == 6
    space.audit.load(AuditedQueue(0, audits=[1]))
    space.neighbours.show(None)
    assert peek._beside() == ("", [])


def test_beside_a_narrow_peek_names_go_before_distances_and_the_title_is_cut_as_names_are(
    qtbot: QtBot, space: Workspace, thumbnails: Thumbnails
) -> None:
    page = QWidget()
    qtbot.addWidget(page)
    peek = Peek(
        space.session, space.labels, space.scores, space.selection, space.order, space.view,
        space.neighbours, space.image_look, thumbnails, Theme("light"), page,
    )  # fmt: skip
    space.selection.set_current(1)
    space.scores.show(score_set(space.labels.labels))
    ids, distance = np.arange(24), np.abs(np.arange(24) - 1.0).astype(np.float32) / 10
    space.neighbours.show(
        neighbourhood(1, ids, distance, space.labels.labels, space.labels.status, 2)
    )
    for width, has_distances in ((900, True), (430, False)):
        peek.resize(width, 420)
        said = [line.text for line in painted(peek)]
        assert {"ant", "cat"} <= set(said)
        assert ("0.100" in said) is has_distances
        assert ("nearest by look" in said) is has_distances
        assert said[0].startswith("n")
