"""The evidence strip: the nearest images on both sides, and nothing that should be hidden."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import QObject, Qt
from pytestqt.qtbot import QtBot

from models.review.likeness import neighbourhood
from models.review.stopping import AuditedQueue
from models.types import UNLABELLED
from qtapp.jobs.thumbnails import Thumbnails
from qtapp.state.selection import NOTHING
from qtapp.views.panels.evidence import EvidenceStrip
from tests.helpers.images import FakeReader
from tests.qt.states import Review


@pytest.fixture
def review() -> Review:
    review = Review()
    review.score()
    return review


@pytest.fixture
def strip(qtbot: QtBot, review: Review) -> Iterator[EvidenceStrip]:
    owner = QObject()
    thumbnails = Thumbnails(owner)
    thumbnails.attach(FakeReader())
    strip = EvidenceStrip(
        *(review.labels, review.scores, review.selection, review.view, review.neighbours),
        *(thumbnails, review.theme),
    )
    qtbot.addWidget(strip)
    strip.resize(270, 200)
    strip.show()
    yield strip
    thumbnails.close()


def find(review: Review, sample_id: int, rival: int) -> None:
    """What a worker would find: images are as far from each other as their ids."""
    ids = np.arange(24)
    distance = (np.abs(ids - sample_id) / 100).astype(np.float32)
    review.selection.set_current(sample_id)
    review.neighbours.show(
        neighbourhood(
            *(sample_id, ids, distance, review.labels.labels, review.labels.status), rival
        )
    )


def test_without_scores_it_says_so(qtbot: QtBot, strip: EvidenceStrip, review: Review) -> None:
    review.selection.set_current(4)
    review.scores.show(None)
    assert strip.nothing.isVisible()
    assert strip.nothing.text() == "No scores yet."
    assert not strip.given.isVisible()


def test_both_sides_with_distance_and_label(strip: EvidenceStrip, review: Review) -> None:
    find(review, 4, rival=2)
    assert strip.given.title.toolTip() == "dog"
    assert strip.rivals.title.toolTip() == "bird"
    tile = strip.rivals.tiles[0]
    assert (tile.sample_id, tile.distance) == (5, pytest.approx(0.01))
    assert tile.accessibleName() == "image 5, bird, distance 0.010"
    assert [t.sample_id for t in strip.given.tiles] == [1, 7, 10, 13, 16]


def test_a_click_goes_to_the_image_and_so_does_return(
    qtbot: QtBot, strip: EvidenceStrip, review: Review
) -> None:
    find(review, 4, rival=2)
    qtbot.mouseClick(strip.given.tiles[1], Qt.MouseButton.LeftButton)
    assert review.selection.current == 7
    find(review, 4, rival=2)
    qtbot.keyClick(strip.given.tiles[0], Qt.Key.Key_Return)
    assert review.selection.current == 1


def test_the_tile_with_the_keyboard_is_what_a_peek_shows(
    strip: EvidenceStrip, review: Review
) -> None:
    find(review, 4, rival=2)
    strip.given.tiles[0].pointed.emit(1)
    assert review.view.pointed == 1
    strip.given.tiles[0].pointed.emit(NOTHING)
    assert review.view.pointed == NOTHING


def test_hiding_predictions_hides_the_suggested_side_alone(
    strip: EvidenceStrip, review: Review
) -> None:
    find(review, 4, rival=2)
    height = strip.sizeHint().height()
    review.view.hide_predictions(True)
    assert strip.given.isVisible()
    assert not strip.rivals.isVisible()
    assert strip.sizeHint().height() == height
    review.view.hide_predictions(False)
    assert strip.rivals.isVisible()


def test_of_an_undecided_audit_image_nothing_is_shown(strip: EvidenceStrip, review: Review) -> None:
    review.audit.load(AuditedQueue(0, audits=[4]))
    review.neighbours.show(None)
    review.selection.set_current(4)
    assert not strip.isVisible()
    find(review, 5, rival=0)
    assert strip.isVisible()


def test_where_the_model_agrees_other_labels_are_named(
    strip: EvidenceStrip, review: Review
) -> None:
    find(review, 4, rival=1)
    assert strip.rivals.title.toolTip() == "other labels: cat · bird"


def test_a_side_without_images_says_why(strip: EvidenceStrip, review: Review) -> None:
    review.labels.labels[:] = 0
    review.labels.labels[4] = 1
    find(review, 4, rival=2)
    assert strip.given.title.toolTip() == "no other image is labelled dog"
    assert strip.rivals.title.toolTip() == "no other image is labelled bird"
    assert not any(tile.isVisible() for tile in strip.given.tiles)
    review.labels.labels[4] = UNLABELLED
    find(review, 4, rival=0)
    assert strip.given.title.toolTip() == "this image has no label"
    assert strip.rivals.title.toolTip() == "cat"
