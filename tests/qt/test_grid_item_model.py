"""The grid as a table: what lies where, and what a screen reader says of it."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QModelIndex, QObject, Qt
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from models.review.decisions import Status
from models.review.stopping import AuditedQueue
from qtapp.jobs.thumbnails import Thumbnails
from qtapp.state.selection import NOTHING
from qtapp.state.workspace import Workspace
from qtapp.views.grid.item_model import TileItemModel
from tests.helpers.spaces import score_set, workspace


@pytest.fixture
def space(owner: QObject) -> Workspace:
    return workspace(owner, n=10)


@pytest.fixture
def tiles(owner: QObject, space: Workspace) -> TileItemModel:
    thumbnails = Thumbnails(owner)
    return TileItemModel(space.labels, space.scores, space.order, space.view, thumbnails, owner)


def spoken(tiles: TileItemModel, sample_id: int) -> str:
    text = tiles.data(tiles.index_of(sample_id), Qt.ItemDataRole.AccessibleTextRole)
    assert isinstance(text, str)
    return text


def test_it_is_a_proper_item_model(
    qtmodeltester: ModelTester, tiles: TileItemModel, space: Workspace
) -> None:
    qtmodeltester.check(tiles)
    space.order.accept(np.array([3, 1, 2]), 10)
    space.order.accept(np.empty(0, np.int64), 10)
    space.order.accept(np.arange(10), 10)


def test_a_row_of_the_list_is_a_row_of_the_order(tiles: TileItemModel, space: Workspace) -> None:
    space.order.accept(np.array([9, 7, 5, 3, 1]), 10)
    assert tiles.rowCount() == 5
    assert tiles.sample_at(tiles.index(4)) == 1
    assert tiles.sample_at(QModelIndex()) == NOTHING
    assert tiles.index_of(3).row() == 3
    assert not tiles.index_of(2).isValid()
    assert tiles.flags(QModelIndex()) == Qt.ItemFlag.NoItemFlags


def test_a_tile_speaks_its_caption_in_order(tiles: TileItemModel, space: Workspace) -> None:
    assert spoken(tiles, 1) == "given bee"
    scores = score_set(space.labels.labels)
    scores.values["loss"][1], scores.values["confidence"][1] = 2.1, 0.93
    space.scores.show(scores)
    space.labels.labels[1], space.labels.status[1] = 0, Status.CHANGED
    assert spoken(tiles, 1) == (
        "predicted cat, given bee, loss 2.10, probability 0.93, changed to ant"
    )
    space.labels.status[1] = Status.SECOND_LOOK
    assert spoken(tiles, 1).endswith("probability 0.93, second look")


def test_hidden_predictions_are_not_spoken_either(tiles: TileItemModel, space: Workspace) -> None:
    space.scores.show(score_set(space.labels.labels))
    space.view.hide_predictions(True)
    assert spoken(tiles, 1) == "given bee"
    assert tiles.tile(1).value == ""


def test_a_sample_without_label_says_so(tiles: TileItemModel, space: Workspace) -> None:
    space.labels.given[2] = space.labels.labels[2] = -1
    assert spoken(tiles, 2) == "no given label"


@pytest.mark.parametrize(
    ("sort_by", "shown"), [("suspicion", "0.250"), ("loss", "0.25"), ("source", "")]
)
def test_the_value_on_a_tile_is_what_it_is_sorted_by(
    tiles: TileItemModel, space: Workspace, sort_by: str, shown: str
) -> None:
    scores = score_set(space.labels.labels)
    for values in scores.values.values():
        values[4] = 0.25
    space.scores.show(scores)
    space.order.sort_by(sort_by)
    assert tiles.tile(4).value == shown


def test_only_what_changed_is_told(qtbot: QtBot, tiles: TileItemModel, space: Workspace) -> None:
    space.order.accept(np.arange(9), 10)
    told: list[tuple[QModelIndex, QModelIndex]] = []
    tiles.dataChanged.connect(lambda first, last: told.append((first, last)))
    space.labels.changed.emit(np.array([4, 9]))  # 9 is not shown
    assert [first.row() for first, _ in told] == [4]
    told.clear()
    space.labels.changed.emit(np.arange(10).repeat(100))
    assert [(first.row(), last.row()) for first, last in told] == [(0, 8)]


def test_the_tile_of_an_audit_image_tells_no_more_than_the_image(
    tiles: TileItemModel, space: Workspace
) -> None:
    space.scores.show(score_set(space.labels.labels))
    space.audit.load(AuditedQueue(0, audits=[4]))
    assert spoken(tiles, 4) == "given bee"
    assert tiles.tile(4).value == ""
    assert spoken(tiles, 5).startswith("predicted ")
