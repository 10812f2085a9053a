"""Images side by side: what is under each, which one is framed, one zoom for all."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import QObject, QPointF, Qt
from PySide6.QtWidgets import QLabel, QStackedWidget, QWidget
from pytestqt.qtbot import QtBot

from models.review.decisions import Status
from models.review.stopping import AuditedQueue
from qtapp.jobs.thumbnails import Thumbnails
from qtapp.state.view import GRID
from qtapp.state.workspace import Workspace
from qtapp.views.compare import ComparedImage, CompareView, columns_for
from qtapp.views.parts import small_font
from qtapp.views.theme import Theme
from tests.helpers.images import FakeReader
from tests.helpers.screens import recording_registry, wheel
from tests.helpers.spaces import score_set, workspace


@pytest.fixture
def space(owner: QObject) -> Workspace:
    return workspace(owner)


@pytest.fixture
def compare(qtbot: QtBot, owner: QObject, space: Workspace) -> Iterator[CompareView]:
    thumbnails = Thumbnails(owner)
    thumbnails.attach(FakeReader(broken=frozenset({5})))
    registry, _ran = recording_registry(owner)
    view = CompareView(
        *(space.session, space.labels, space.scores, space.selection, space.view),
        *(space.image_look, thumbnails, registry, Theme("light")),
    )
    qtbot.addWidget(view)
    view.resize(700, 500)
    view.show()
    yield view
    thumbnails.close()


def begin(qtbot: QtBot, compare: CompareView, space: Workspace, *sample_ids: int) -> None:
    space.view.compare(sample_ids)
    space.selection.set_current(sample_ids[0])
    qtbot.waitUntil(lambda: all(image.has_image for image in compare.shown))


def said(image: ComparedImage) -> str:
    texts = [label.toolTip() for label in image.findChildren(QLabel)]
    return " | ".join(text for text in texts if text)


def test_as_many_columns_as_make_images_large() -> None:
    assert [columns_for(n, 900, 500) for n in (2, 3, 4, 5, 6, 9)] == [2, 3, 4, 5, 3, 5]
    assert columns_for(3, 300, 900) == 1


def test_the_figures_of_nine_in_a_narrow_window_are_not_cut(
    qtbot: QtBot, compare: CompareView, space: Workspace
) -> None:
    scores = score_set(space.labels.labels)
    scores.values["loss"][:], scores.values["confidence"][:] = 12.34, 0.93
    space.scores.show(scores)
    compare.resize(600, 330)
    begin(qtbot, compare, space, *(i for i in range(10) if i != 5))
    qtbot.waitUntil(lambda: space.view.compared_columns == 5)
    compare.grab()  # lays out
    for image in compare.shown:
        image._figures.text.setFont(small_font(compare.font()))  # as the style sheet has it
        image.redraw()
    shown = [label.text() for image in compare.shown for label in image.findChildren(QLabel)]
    assert shown.count("loss 12.34 · p 0.93") == 9


def test_each_says_label_suggestion_and_values(
    qtbot: QtBot, compare: CompareView, space: Workspace
) -> None:
    scores = score_set(space.labels.labels)
    scores.values["loss"][3], scores.values["confidence"][3] = 2.1, 0.93
    space.scores.show(scores)
    begin(qtbot, compare, space, 3, 4)
    first = compare.shown[0]
    assert said(first) == "ant | bee | loss 2.10 · p 0.93 | undecided · #3"
    space.labels.labels[3], space.labels.status[3] = 2, Status.CHANGED
    space.labels.changed.emit(np.array([3]))
    assert said(first).startswith("cat · was ant | bee | loss ")
    assert said(first).endswith(" | changed · #3")
    space.view.hide_predictions(True)
    assert said(first) == "cat · was ant | changed · #3"


def test_an_audit_image_is_shown_without_a_suggestion(
    qtbot: QtBot, compare: CompareView, space: Workspace
) -> None:
    space.scores.show(score_set(space.labels.labels))
    space.audit.load(AuditedQueue(0, audits=[3]))
    begin(qtbot, compare, space, 3, 4)
    assert said(compare.shown[0]) == "ant | undecided · #3"


def test_a_click_makes_an_image_the_current_one(
    qtbot: QtBot, compare: CompareView, space: Workspace
) -> None:
    begin(qtbot, compare, space, 3, 4, 8)
    qtbot.mouseClick(compare.shown[2].image, Qt.MouseButton.LeftButton)
    assert space.selection.current == 8
    qtbot.mouseClick(compare.shown[1], Qt.MouseButton.LeftButton)
    assert space.selection.current == 4


def test_the_current_one_is_framed(qtbot: QtBot, compare: CompareView, space: Workspace) -> None:
    begin(qtbot, compare, space, 3, 4)

    def frame(at: int) -> str:
        image = compare.shown[at]
        return image.grab().toImage().pixelColor(image.width() // 2, 1).name()

    framed, plain = frame(0), frame(1)
    assert framed != plain
    space.selection.set_current(4)
    assert (frame(0), frame(1)) == (plain, framed)


def test_it_says_what_a_key_decides_about(
    qtbot: QtBot, compare: CompareView, space: Workspace
) -> None:
    begin(qtbot, compare, space, 3, 4, 6)
    assert compare.hint.toolTip().startswith("A key decides about the framed image alone")
    space.selection.select(np.array([3, 4, 6]))
    assert compare.hint.toolTip().startswith("A key decides about the 3 selected images")
    space.selection.clear()
    assert compare.hint.toolTip().startswith("A key decides about the framed image alone")


def test_zoom_and_pan_are_shared(qtbot: QtBot, compare: CompareView, space: Workspace) -> None:
    begin(qtbot, compare, space, 3, 4)
    first, second = (image.image for image in compare.shown)
    middle = QPointF(first.rect().center())
    wheel(first, middle + QPointF(10, 0), notches=4)
    assert first.scale == second.scale
    assert first.image_point(middle) == second.image_point(middle)
    fitted = first.scale
    space.selection.set_current(4)
    assert first.scale == fitted  # moving to another of them changes nothing
    space.image_look.fit()
    assert first.scale == second.scale < fitted


def test_leaving_forgets_the_pixels_and_the_zoom(
    qtbot: QtBot, compare: CompareView, space: Workspace
) -> None:
    begin(qtbot, compare, space, 3, 4)
    space.image_look.zoom(4)
    space.view.set_mode(GRID)
    compare.hide()
    assert not any(image.has_image for image in compare.images)
    space.view.compare((4, 3))
    compare.show()
    qtbot.waitUntil(lambda: all(image.has_image for image in compare.shown))
    assert space.image_look.pose is None


def test_after_nine_were_compared_the_window_may_be_as_low_as_before(
    qtbot: QtBot, compare: CompareView, space: Workspace
) -> None:
    pages, grid = QStackedWidget(), QWidget()
    for page in (grid, compare):
        pages.addWidget(page)
    pages.resize(700, 500)
    pages.show()
    least = pages.minimumSizeHint().height()
    pages.setCurrentWidget(compare)
    begin(qtbot, compare, space, *(i for i in range(10) if i != 5))
    assert pages.minimumSizeHint().height() > least
    pages.setCurrentWidget(grid)
    assert pages.minimumSizeHint().height() == least
    pages.setCurrentWidget(compare)
    assert all(image.isVisible() for image in compare.shown)
    compare.setParent(None)  # it goes by itself


def test_what_cannot_be_read_says_so_among_others(
    qtbot: QtBot, compare: CompareView, space: Workspace
) -> None:
    begin(qtbot, compare, space, 4, 5)
    assert compare.shown[1].image._message == "tiny.npz[5]: is cut short."
