"""The query line asks the order, says what is wrong where it is, and completes words."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from models.review.classes import ClassList
from models.review.ordering import Filters
from models.review.paths import Paths
from models.review.properties import Measured, Properties, unmeasured
from qtapp.state.causes import CauseState
from qtapp.state.paths import PathState
from qtapp.state.properties import PropertyState
from qtapp.state.queries import QueryState
from qtapp.views.query.bar import QueryBar
from tests.qt.states import Review


class Line(Review):
    """A review with its query line."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.score()
        self.paths, self.queries = PathState(), QueryState()
        self.causes, self.properties = CauseState(self.labels), PropertyState()
        self.bar = QueryBar(
            *(self.session, self.labels, self.scores, self.order, self.paths, self.properties),
            *(self.causes, self.queries, self.registry, self.theme),
        )

    @property
    def query(self) -> str:
        return self.order.wanted.filters.query


@pytest.fixture
def line(qtbot: QtBot) -> Line:
    line = Line()
    qtbot.addWidget(line.bar)
    line.bar.resize(700, 60)
    line.bar.open()
    qtbot.waitUntil(line.bar.isVisible)
    return line


def enter(qtbot: QtBot, line: Line, text: str) -> None:
    line.bar.field.selectAll()
    qtbot.keyClicks(line.bar.field, text)
    line.bar.field.popup.hide()
    qtbot.keyClick(line.bar.field, Qt.Key.Key_Return)


def test_enter_asks_at_once(qtbot: QtBot, line: Line) -> None:
    enter(qtbot, line, "given == cat  and loss>0.5")
    assert line.query == 'given == "cat" and loss > 0.5'
    assert line.order.wanted.tab == "filtered"
    assert line.bar.field.text() == "given == cat  and loss>0.5"
    line.count()
    assert line.bar.count.text() == "4 found"


def test_a_pause_in_typing_asks_too(qtbot: QtBot, line: Line) -> None:
    with qtbot.waitSignal(line.order.wanted_changed):
        qtbot.keyClicks(line.bar.field, "changed")
    assert line.query == "changed"


def test_what_is_wrong_is_said_under_its_word_and_the_last_query_stays(
    qtbot: QtBot, line: Line
) -> None:
    enter(qtbot, line, "changed")
    enter(qtbot, line, "given == cta")
    assert line.query == "changed"
    message, field = line.bar.message, line.bar.field
    assert message.isVisible()
    assert message.text() == 'There is no class "cta". Is it cat?'
    assert field.accessibleDescription() == message.text()
    assert field._wrong == (9, 12)
    assert message.contentsMargins().left() == field.x_of(9) > field.x_of(0)
    qtbot.keyClick(field, Qt.Key.Key_Backspace)
    assert message.text() == ""
    assert field._wrong is None
    assert message.isVisible()  # empty: the images below stay where they are
    enter(qtbot, line, "given == cat")
    assert not message.isVisible()


def test_the_mark_is_painted_under_the_word(qtbot: QtBot, line: Line) -> None:
    enter(qtbot, line, "given == cta")
    image = line.bar.field.grab().toImage()
    danger = line.theme.color("danger").rgb()
    ratio = image.devicePixelRatio()
    red = [
        x / ratio
        for x in range(image.width())
        if any(image.pixelColor(x, y).rgb() == danger for y in range(image.height()))
    ]
    assert line.bar.field.x_of(9) - 2 <= min(red)
    assert max(red) <= line.bar.field.x_of(12) + 2


def test_escape_leaves_and_puts_back_what_is_in_force(qtbot: QtBot, line: Line) -> None:
    enter(qtbot, line, "changed")
    enter(qtbot, line, "chang")
    with qtbot.waitSignal(line.bar.left):
        qtbot.keyClick(line.bar.field, Qt.Key.Key_Escape)
    assert line.bar.field.text() == "changed"
    assert line.bar.isVisible()
    line.bar.field.clear()
    assert line.query == ""
    qtbot.keyClick(line.bar.field, Qt.Key.Key_Escape)
    assert not line.bar.isVisible()


@pytest.mark.parametrize("before", ["", "changed"])
def test_what_was_typed_is_not_asked_of_the_next_dataset(
    qtbot: QtBot, line: Line, before: str
) -> None:
    enter(qtbot, line, before)
    qtbot.keyClicks(line.bar.field, " or id < 1")
    line.session.close()
    line.order.reset(24)
    line.session.open(line.info, "/nowhere/other.winnow")
    line.order.apply_new()
    assert line.bar.field.text() == ""
    assert not line.bar.isVisible()
    assert not line.bar._pause.isActive()
    line.scores.changed.emit()
    assert not line.bar._pause.isActive()
    assert line.query == ""


def test_a_name_in_what_is_wrong_stays_as_it_was_typed_and_widens_nothing(
    qtbot: QtBot, line: Line
) -> None:
    enter(qtbot, line, 'given == "<b>cow</b>"')
    message = line.bar.message
    assert message.text() == 'There is no class "<b>cow</b>".'
    assert message.textFormat() == Qt.TextFormat.PlainText
    least = line.bar.minimumSizeHint().width()
    enter(qtbot, line, f'given == "{"cow_in_a_meadow_" * 20}"')
    assert message.isVisible()
    assert line.bar.minimumSizeHint().width() == least
    assert message.accessibleName().count("cow_in_a_meadow") == 20


def test_what_others_ask_is_shown(line: Line) -> None:
    line.bar.hide()
    line.order.filter_by(Filters(query='given == "cat" and predicted == "dog"'))
    assert line.bar.isVisible()
    assert line.bar.field.text() == 'given == "cat" and predicted == "dog"'
    line.order.filter_by(Filters(query="given == cow"))
    assert line.bar.message.text() == 'There is no class "cow".'
    line.order.filter_by(Filters())
    assert line.bar.field.text() == ""
    assert not line.bar.message.isVisible()


def test_the_query_is_one_filter_beside_those_of_the_rail(qtbot: QtBot, line: Line) -> None:
    line.order.filter_by(Filters(classes=frozenset([1])))
    enter(qtbot, line, "id < 12")
    assert line.order.wanted.filters == Filters(classes=frozenset([1]), query="id < 12")
    line.order.filter_in_words(line.class_names, tuple(line.splits))
    assert line.order.wanted.filters == Filters(query='label == "dog" and id < 12')
    assert line.bar.field.text() == 'label == "dog" and id < 12'
    line.count()
    assert line.bar.count.text() == "4 found"


def test_a_class_taken_back_is_no_part_of_the_rails_filters_in_words(line: Line) -> None:
    line.order.filter_by(Filters(classes=frozenset([1, 2])))
    line.order.filter_in_words(("cat", "dog"), tuple(line.splits))
    assert line.order.wanted.filters == Filters(query='label == "dog"')


def test_a_class_taken_back_is_said_to_be_missing(qtbot: QtBot, line: Line) -> None:
    enter(qtbot, line, "given == bird")
    line.labels.classes = ClassList.of(("cat", "dog"))
    line.labels.classes_changed.emit()
    qtbot.waitUntil(line.bar.message.isVisible)
    assert line.bar.message.text() == 'There is no class "bird".'


def test_a_word_is_completed_by_tab_and_the_next_is_offered(qtbot: QtBot, line: Line) -> None:
    field = line.bar.field
    qtbot.keyClicks(field, "sus")
    assert field.popup.isVisible()
    qtbot.keyClick(field, Qt.Key.Key_Tab)
    assert field.text() == "suspicion "
    assert field._offered.stringList()[:3] == ["==", "!=", "<"]
    qtbot.keyClicks(field, "> 1 an")
    qtbot.keyClick(field, Qt.Key.Key_Tab)
    assert field.text() == "suspicion > 1 and "


def test_a_class_name_is_completed_with_its_quotes(qtbot: QtBot, line: Line) -> None:
    field = line.bar.field
    qtbot.keyClicks(field, 'given == "bi')
    qtbot.keyClick(field, Qt.Key.Key_Tab)
    assert field.text() == 'given == "bird" '
    field.popup.hide()
    qtbot.keyClicks(field, "or given == cat")
    assert not field.popup.isVisible()  # it says cat already


def test_queries_are_saved_used_and_removed(qtbot: QtBot, line: Line) -> None:
    menu = line.bar.menu
    assert not menu.save.isEnabled()
    enter(qtbot, line, 'given ~ "a & b"')
    menu.save.trigger()
    assert line.queries.saved == ('given ~ "a & b"',)
    assert not menu.save.isEnabled()
    enter(qtbot, line, "changed")
    menu.save.trigger()
    shown = [action.text() for action in menu.actions()]
    assert shown[-2:] == ['given ~ "a && b"', "changed"]
    menu.actions()[-2].trigger()
    assert line.query == 'given ~ "a & b"'
    menu.remove_menu.actions()[0].trigger()
    assert line.queries.saved == ("changed",)


def test_settings_that_hold_no_texts_do_no_harm() -> None:
    queries = QueryState()
    queries.load(["changed", 3, None, ""])
    assert queries.saved == ("changed",)


def test_paths_that_are_being_read_are_waited_for(qtbot: QtBot, line: Line) -> None:
    enter(qtbot, line, "path ~ b")
    assert line.bar.count.text() == "Reading the paths…"
    line.paths.accept(Paths(["a"] * 24))
    line.count()
    assert line.bar.count.text() == "0 found"


def test_what_is_not_measured_yet_is_said_so(qtbot: QtBot, line: Line) -> None:
    enter(qtbot, line, "brightness < 0.2")
    number = line.properties.begin()
    assert line.bar.count.text() == "Measuring the images…"
    line.properties.accept(number, Measured(Properties(unmeasured(24), 12)))
    line.properties.end(number, None)
    line.count()
    assert line.bar.count.text() == "0 found so far"
    line.properties.accept(line.properties.begin(), Measured(Properties(unmeasured(24), 24)))
    line.properties.end(line.properties.number, None)
    assert line.bar.count.text() == "0 found"


def test_paths_that_cannot_be_read_are_said_so(qtbot: QtBot, line: Line) -> None:
    enter(qtbot, line, "path ~ b")
    line.paths.refuse("tiny.npz: is gone.")
    assert line.bar.count.text() == "The paths could not be read"
    assert line.bar.count.toolTip() == "tiny.npz: is gone."


def test_every_control_has_a_name_and_is_reached_by_tab(line: Line) -> None:
    assert line.bar.field.accessibleName() == "Query"
    assert line.bar.button.text() == "Queries"
    assert line.bar.button.focusPolicy() & Qt.FocusPolicy.TabFocus
    assert line.bar.field.focusPolicy() & Qt.FocusPolicy.TabFocus
