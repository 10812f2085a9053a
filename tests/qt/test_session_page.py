"""The session page, the list of causes and the line in the inspector, over real states."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from models.review.causes import Remark
from models.review.classes import ClassList
from models.review.columns import Columns
from models.review.decisions import Action
from models.review.ordering import filtered
from models.review.remarks import remark_on
from models.review.remedies import Step
from models.review.session import BREAK_S, causes_among_errors, session_of
from models.review.worth import Rise, Worth
from qtapp.state.causes import CauseState
from qtapp.state.review_session import ReviewSessionState
from qtapp.state.view import DATA, GRID
from qtapp.state.worth import WorthState
from qtapp.views.dialogs.cause_picker import CausePicker
from qtapp.views.panels.remarks import RemarkLine
from qtapp.views.plots.spans import ticks_up_to
from qtapp.views.review_session.page import SessionPage
from qtapp.views.review_session.wording import change_query
from qtapp.views.review_session.worth import WorthCard
from tests.helpers.journals import Reviewer
from tests.qt.states import Review


@pytest.fixture
def review(qapp: object) -> Review:
    return Review()


def page_of(
    qtbot: QtBot, review: Review, reviewer: Reviewer
) -> tuple[SessionPage, ReviewSessionState]:
    state = ReviewSessionState()
    page = SessionPage(
        *(review.labels, review.audit, review.selection, review.order, review.view, state),
        *(WorthState(), review.registry, review.theme),
    )
    qtbot.addWidget(page)
    classes = ClassList.of(review.class_names)
    marks = np.zeros(len(review.given), np.uint32)
    marks[0] = 1
    page.ask()
    state.accept(
        session_of(reviewer.log, {}, review.given, classes),
        causes_among_errors(
            marks, ("blurred",), review.given, reviewer.status, np.zeros(len(marks), bool)
        ),
    )
    return page, state


def reviewed(review: Review) -> Reviewer:
    reviewer = Reviewer(review.given)
    reviewer.decide(Action.SET, [0, 3], label=1)
    reviewer.decide(Action.EXCLUDE, [1])
    reviewer.decide(Action.KEEP, [2, 4])
    return reviewer


def test_without_a_decision_it_says_what_will_be_here(qtbot: QtBot, review: Review) -> None:
    page, _ = page_of(qtbot, review, Reviewer(review.given))
    assert page.empty.isVisible()
    assert not page.changes.isVisible()


def test_it_is_read_while_it_is_in_sight(qtbot: QtBot, review: Review) -> None:
    page, state = page_of(qtbot, review, reviewed(review))
    assert state.in_sight
    page.close_button.click()
    assert not state.in_sight
    page.scope.activated.emit(1)
    assert not state.newest_only


def test_what_changed_is_a_table_whose_lines_filter(qtbot: QtBot, review: Review) -> None:
    page, _ = page_of(qtbot, review, reviewed(review))
    cells = [[page.changes.item(row, c).text() for c in range(3)] for row in range(2)]
    assert cells == [["cat", "dog", "2"], ["dog", "excluded", "1"]]
    review.view.set_mode(DATA)
    page.changes.setCurrentCell(0, 0)
    QTest.keyClick(page.changes, Qt.Key.Key_Return)
    assert review.order.wanted.filters.query == change_query("cat", "dog")
    assert review.view.mode == GRID
    page.changes.cellClicked.emit(1, 0)
    assert review.order.wanted.filters.query == change_query("dog", None)


def test_a_line_of_what_changed_shows_no_image_that_was_excluded_or_put_off_since(
    qtbot: QtBot, review: Review
) -> None:
    reviewer = Reviewer(review.given)
    reviewer.decide(Action.SET, [0, 3, 6], label=1)
    reviewer.decide(Action.EXCLUDE, [3])
    reviewer.decide(Action.SECOND_LOOK, [6])
    page, _ = page_of(qtbot, review, reviewer)
    columns = Columns(
        reviewer.labels, reviewer.status, np.zeros(len(review.given), np.uint8), {},
        review.selection.mask, np.empty(0, np.int32), given=review.given,
        classes=ClassList.of(review.class_names),
    )  # fmt: skip
    for row in range(page.changes.rowCount()):
        page.changes.cellClicked.emit(row, 0)
        n = page.changes.item(row, 2).text()
        assert filtered(review.order.wanted.filters, columns).sum() == int(n) == 1


def test_a_line_of_this_session_shows_no_image_of_the_sessions_before(
    qtbot: QtBot, review: Review
) -> None:
    page, state = page_of(qtbot, review, reviewed(review))
    reviewer = reviewed(review)
    reviewer.decide(Action.SET, [6, 9], label=1)
    log = reviewer.log
    log["time_ns"][np.isin(log["sample"], [6, 9])] += int((BREAK_S + 60) * 1e9)
    assert state.causes is not None
    state.accept(session_of(log, {}, review.given, ClassList.of(review.class_names)), state.causes)
    assert page.changes.item(0, 2).text() == "2"
    page.changes.cellClicked.emit(0, 0)
    assert sorted(review.selection.sample_ids.tolist()) == [6, 9]
    assert review.order.wanted.tab == "selected"
    assert review.view.mode == GRID


def test_a_line_of_what_changed_leaves_out_what_a_remedy_changed(
    qtbot: QtBot, review: Review
) -> None:
    reviewer = reviewed(review)
    edit = reviewer.remedy(Step(np.array([6, 9]), np.array([1, 1], np.int32)))
    review.labels.apply(edit)
    page, _ = page_of(qtbot, review, reviewer)
    columns = Columns(
        reviewer.labels, reviewer.status, np.zeros(len(review.given), np.uint8), {},
        review.selection.mask, np.empty(0, np.int32), wholesale=review.labels.wholesale,
        given=review.given, classes=ClassList.of(review.class_names),
    )  # fmt: skip
    page.changes.cellClicked.emit(0, 0)
    shown = np.flatnonzero(filtered(review.order.wanted.filters, columns))
    assert shown.tolist() == [0, 3]


def test_a_class_that_is_taken_back_while_the_journal_is_read_does_no_harm(
    qtbot: QtBot, review: Review
) -> None:
    reviewer = Reviewer(review.given)
    reviewer.decide(Action.SET, [0], label=len(review.class_names), added_class="fish")
    reviewer.decide(Action.EXCLUDE, [1])
    page, state = page_of(qtbot, review, Reviewer(review.given))
    assert state.causes is not None
    with_it = ClassList.of((*review.class_names, "fish"))
    state.accept(session_of(reviewer.log, reviewer.notes, review.given, with_it), state.causes)
    assert [page.changes.item(row, 1).text() for row in range(page.changes.rowCount())] == [
        "excluded"
    ]
    page.changes.cellClicked.emit(0, 0)
    assert review.order.wanted.filters.query == change_query("dog", None)


def test_figures_are_read_aloud_with_what_they_mean(qtbot: QtBot, review: Review) -> None:
    page, _ = page_of(qtbot, review, reviewed(review))
    assert page.errors.accessibleName() == "Errors per 100 looked at: 60.0. 3 of 5 images"
    assert "no suggestion" in page.agreement.accessibleName()
    assert page.left.accessibleName().startswith("Errors left: –")


NO_RISE = Rise(0, 0, 0, -1.0, 1.0)


@pytest.mark.parametrize(
    ("worth", "sentence", "remark", "has_baseline"),
    [
        (Worth(0, 0, 12, NO_RISE, NO_RISE), "Not enough yet: 12 of 100", "12 so far", False),
        (Worth(1, 0, 140, NO_RISE, NO_RISE), "Not known yet", "train again", False),
        (Worth(0, 2, 140, NO_RISE, NO_RISE), "Not known yet", "labels as given", True),
        (
            Worth(1, 2, 140, Rise(9, 10, 13, -0.1, 0.2), NO_RISE),
            *("Not enough yet: 13 of 100", "140 images were judged", True),
        ),
        (
            Worth(1, 2, 140, Rise(120, 126, 140, 0.005, 0.08), NO_RISE, is_continued=True),
            "85.7% right before, 90.0% after: +4.3 points (+0.5 to +8.0, 95%)",
            *("It went on from that run", False),
        ),
    ],
)
def test_the_worth_of_the_work_or_what_is_missing_to_know_it(
    qtbot: QtBot, review: Review, worth: Worth, sentence: str, remark: str, has_baseline: bool
) -> None:
    state = WorthState()
    card = WorthCard(state, review.registry, review.theme)
    qtbot.addWidget(card)
    card.show()
    state.accept(worth)
    assert sentence in card.sentence.text()
    assert remark in card.remark.text()
    assert card.baseline.isVisible() == has_baseline
    card.export.click()
    assert review.pressed == ["file.export_worklist"]


def test_causes_stand_with_the_most_they_can_give_back(qtbot: QtBot, review: Review) -> None:
    page, _ = page_of(qtbot, review, reviewed(review))
    assert [page.causes.item(0, c).text() for c in range(3)] == [
        "blurred",
        "1",
        "4.17% (0.74 to 20.24)",
    ]
    assert page.causes.item(1, 0).text() == "no cause named"
    assert page.bound.isVisible()


def test_a_query_is_quoted_where_it_must_be() -> None:
    said = 'given == "T-shirt/top" and label == "coat" and state == "changed"'
    assert change_query("T-shirt/top", "coat") == said


@pytest.mark.parametrize("value", [0.0, 0.03, 1.0, 7.0, 60.0, 99.9, 12_345.0])
def test_ticks_are_few_and_round(value: float) -> None:
    ticks = ticks_up_to(value)
    assert ticks[0] == 0
    assert ticks[-1] <= value + 1e-9
    assert len(ticks) <= 8


# -- naming causes ---------------------------------------------------------------------------
def picker_of(qtbot: QtBot, review: Review) -> tuple[CausePicker, CauseState]:
    causes = CauseState(review.labels)
    review.selection.set_current(4)
    picker = CausePicker(causes, review.selection, review.theme)
    qtbot.addWidget(picker)
    picker.ask()
    return picker, causes


def remark(review: Review, sample_id: int, said: Remark) -> None:
    labels = review.labels
    ids = np.array([sample_id])
    labels.apply(
        remark_on(
            ids, said, labels=labels.labels, status=labels.status, step=labels.next_step, time_ns=0
        )
    )


def test_a_digit_takes_the_cause_that_shows_it(qtbot: QtBot, review: Review) -> None:
    picker, _ = picker_of(qtbot, review)
    with qtbot.waitSignal(picker.chosen) as chosen:
        QTest.keyClicks(picker.field, "2")
    assert chosen.args == ["cropped"]
    assert not picker.isVisible()


def test_a_digit_in_a_name_is_typed(qtbot: QtBot, review: Review) -> None:
    picker, _ = picker_of(qtbot, review)
    QTest.keyClicks(picker.field, "seen 2 times")
    assert picker.field.text() == "seen 2 times"
    with qtbot.waitSignal(picker.chosen) as chosen:
        QTest.keyClick(picker.field, Qt.Key.Key_Return)
    assert chosen.args == ["seen 2 times"]


def test_typing_finds_a_cause_and_offers_a_note_last(qtbot: QtBot, review: Review) -> None:
    picker, _ = picker_of(qtbot, review)
    QTest.keyClicks(picker.field, "two")
    assert [c.text for c in picker.item_model.choices] == [
        "two objects",
        "Add cause “two”",
        "Note on this image: “two”",
    ]
    with qtbot.waitSignal(picker.noted) as noted:
        QTest.keyClick(picker.field, Qt.Key.Key_PageDown)
        QTest.keyClick(picker.field, Qt.Key.Key_Return)
    assert noted.args == ["two"]


def test_what_is_said_already_is_marked_and_a_note_can_go(qtbot: QtBot, review: Review) -> None:
    picker, _ = picker_of(qtbot, review)
    picker.reject()
    remark(review, 4, Remark("blurred"))
    remark(review, 4, Remark(note="ask again"))
    picker.ask()
    assert [c.note for c in picker.item_model.choices[:2]] == ["✓ named", ""]
    assert picker.item_model.choices[-1].text == "Take the note on this image away"


def test_an_address_in_a_note_does_not_widen_the_inspector(qtbot: QtBot, review: Review) -> None:
    causes = CauseState(review.labels)
    line = RemarkLine(causes, review.selection, review.registry, review.theme)
    qtbot.addWidget(line)
    line.resize(300, 80)
    line.show()
    review.selection.set_current(2)
    before = line.minimumSizeHint().width()
    remark(review, 2, Remark(note="see https://nowhere/" + "a" * 200))
    assert line.note.isVisible()
    assert line.minimumSizeHint().width() == before


def test_the_inspector_shows_causes_and_note_of_the_current_image(
    qtbot: QtBot, review: Review
) -> None:
    causes = CauseState(review.labels)
    line = RemarkLine(causes, review.selection, review.registry, review.theme)
    qtbot.addWidget(line)
    line.resize(300, 80)
    line.show()
    review.selection.set_current(2)
    assert not line.note.isVisible()
    remark(review, 2, Remark("two objects"))
    remark(review, 2, Remark("glare"))
    remark(review, 2, Remark(note="see <b>left</b>"))
    assert line.causes.accessibleName() == "two objects, glare"
    assert (line.note.text(), line.note.isVisible()) == ("see <b>left</b>", True)
    assert line.note.toolTip() == "<qt>see &lt;b&gt;left&lt;/b&gt;</qt>"
    review.selection.set_current(3)
    assert line.causes.accessibleName() == ""
    line.button.click()
    assert review.pressed == ["decide.tag"]
