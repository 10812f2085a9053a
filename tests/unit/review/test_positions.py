"""Finding images on the map: what a lasso holds, and what is under the pointer."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPolygonF

from models.review.positions import Positions

SQUARE = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]])


def scattered(n: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, 1, (n, 2)).astype(np.float32)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.integers(3, 12))
def test_a_lasso_holds_what_qt_says_is_inside_its_polygon(seed: int, corners: int) -> None:
    layout = scattered(60, seed)
    polygon = np.random.default_rng(seed + 1).normal(0, 1.2, (corners, 2))
    drawn = QPolygonF([QPointF(x, y) for x, y in polygon.tolist()])
    inside = [
        i
        for i, (x, y) in enumerate(layout.tolist())
        if drawn.containsPoint(QPointF(x, y), Qt.FillRule.OddEvenFill)
    ]
    assert Positions(layout).inside(polygon).tolist() == inside


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.floats(0.001, 1.0))
def test_the_nearest_is_the_nearest_of_all_within_reach(seed: int, reach: float) -> None:
    layout = scattered(300, seed)
    x, y = np.random.default_rng(seed + 1).normal(0, 1.5, 2).tolist()
    distances = np.hypot(layout[:, 0] - x, layout[:, 1] - y)
    best = int(distances.argmin()) if distances.min() <= reach else None
    assert Positions(layout).nearest(x, y, reach) == best


def test_images_without_a_place_are_never_found() -> None:
    layout = scattered(10)
    layout[3] = np.nan
    positions = Positions(layout)
    everywhere = SQUARE * 100 - 50
    assert positions.inside(everywhere).tolist() == [0, 1, 2, 4, 5, 6, 7, 8, 9]
    assert positions.where(3) is None
    assert positions.where(11) is None
    assert positions.nearest(0, 0, 100) != 3


@pytest.mark.parametrize("layout", [np.empty((0, 2), "f4"), np.full((4, 2), np.nan, "f4")])
def test_a_map_of_nothing_can_be_asked(layout: np.ndarray) -> None:
    positions = Positions(layout)
    assert len(positions) == 0
    assert positions.nearest(0, 0, 1) is None
    assert not len(positions.inside(SQUARE))


def test_images_in_one_place_are_all_found() -> None:
    positions = Positions(np.full((5, 2), 0.5, np.float32))
    assert positions.inside(SQUARE).tolist() == [0, 1, 2, 3, 4]
    assert positions.nearest(0.5, 0.5, 0.1) is not None


def test_other_shapes_are_refused() -> None:
    with pytest.raises(ValueError, match="two coordinates"):
        Positions(np.zeros((3, 3), np.float32))
