"""What the map looks like, pixel by pixel."""

from __future__ import annotations

import numpy as np
import pytest

from models.review.positions import Positions
from qtapp.jobs import map_drawing
from qtapp.jobs.map_drawing import SHAPES, Frame, Ink, draw

FRAME = Frame((0.0, 0.0, 10.0, 10.0), 100, 100)
RED, BLUE = (255.0, 0.0, 0.0), (0.0, 0.0, 255.0)


def ink(*colours: tuple[float, float, float], shape: int = 0) -> Ink:
    table = np.array([(128.0, 128.0, 128.0), *colours], np.float32)
    ones = np.ones(len(table), np.float32)
    return Ink(table, ones, np.full(len(table), shape, np.uint8), 3.0, 2)


def drawn(places, codes, selected=(), colours=(RED, BLUE), shape=0):  # type: ignore[no-untyped-def]
    positions = Positions(np.array(places, np.float32))
    mask = np.zeros(len(places), bool)
    mask[list(selected)] = True
    about = (np.array(codes, np.uint16), mask, len(selected))
    return draw(positions, *about, FRAME, ink(*colours, shape=shape))


@pytest.fixture(params=["points", "density"])
def manner(request, monkeypatch):
    monkeypatch.setattr(map_drawing, "POINTS_MOST", 10_000 if request.param == "points" else 0)
    return request.param


def test_an_image_is_where_it_lies_and_in_its_colour(manner) -> None:
    canvas, as_points = drawn([(2, 9), (8, 1)], [1, 2])
    assert as_points == (manner == "points")
    blue, _, red, alpha = canvas[10, 20]
    assert (blue, red) == (0, alpha)
    assert canvas[90, 80][0] > 100
    assert not canvas[50, 50].any()


def test_what_lies_outside_is_not_drawn(manner) -> None:
    canvas, _ = drawn([(-5, 5), (5, 40), (11, -3)], [1, 1, 2])
    assert not canvas.any()


def test_what_is_not_selected_is_faint(manner) -> None:
    canvas, _ = drawn([(2, 5), (8, 5)], [1, 1], selected=[1])
    assert 0 < canvas[50, 20, 3] < canvas[50, 80, 3]


def test_many_selected_images_cover_the_faint_rest_of_their_cell(monkeypatch) -> None:
    monkeypatch.setattr(map_drawing, "POINTS_MOST", 0)
    places, codes = [(2, 5), (2, 5), (8, 5)], [1, 2, 1]
    (alone, _), (both, _) = drawn(places[1:2], codes[1:2]), drawn(places, codes, selected=[1])
    blue, _, red, alpha = both[50, 20].tolist()
    assert blue >= alone[50, 20, 0]
    assert 0 < red < blue  # the image below it shines through
    assert alone[50, 20, 3] < alpha <= 255


def test_where_more_images_lie_it_is_denser(monkeypatch) -> None:
    monkeypatch.setattr(map_drawing, "POINTS_MOST", 0)
    canvas, _ = drawn([(2, 5)] + 30 * [(8, 5)], 31 * [1])
    assert canvas[50, 20, 3] < canvas[50, 80, 3]


def test_shapes_differ() -> None:
    outlines = {drawn([(5, 5)], [1], shape=shape)[0].tobytes() for shape in range(len(SHAPES))}
    assert len(outlines) == len(SHAPES)


def test_an_image_at_the_rim_is_cut_off_and_not_wrapped_around() -> None:
    canvas, _ = drawn([(0, 5), (10, 5)], [1, 2])
    assert canvas[50, 0, 2] > 0
    assert canvas[50, 0, 0] == 0
    assert canvas[50, 99, 0] > 0
