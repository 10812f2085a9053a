"""Lines of tiles and headers of groups, in pixels."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from qtapp.state.lines import Lines
from qtapp.views.grid.places import Places

SIZES = st.lists(st.integers(1, 9), min_size=1, max_size=6)


def places_of(sizes: list[int], columns: int, line_px: int, header_px: int) -> Places:
    starts = np.cumsum([0, *sizes])[:-1].astype(np.int64)
    return Places(Lines(starts, sum(sizes), columns), line_px, header_px)


def stacked(sizes: list[int], columns: int, line_px: int, header_px: int) -> list[int | None]:
    """The line at each pixel from top to bottom; None on a header."""
    pixels: list[int | None] = []
    line = 0
    for size in sizes:
        pixels += [None] * header_px
        for _ in range(-(-size // columns)):
            pixels += [line] * line_px
            line += 1
    return pixels


@given(SIZES, st.integers(1, 4), st.integers(1, 7), st.integers(0, 5), st.data())
@settings(deadline=None, max_examples=80)
def test_lines_and_headers_lie_below_each_other(
    sizes: list[int], columns: int, line_px: int, header_px: int, data: st.DataObject
) -> None:
    places = places_of(sizes, columns, line_px, header_px)
    pixels = stacked(sizes, columns, line_px, header_px)
    assert places.height == len(pixels)
    assert [places.line_at(y) for y in range(len(pixels))] == pixels
    for line in range(places.lines.n_lines):
        assert places.top_of(line) == pixels.index(line)
    top, bottom = sorted(data.draw(st.tuples(*[st.integers(0, len(pixels))] * 2)))
    seen = {line for line in pixels[top:bottom] if line is not None}
    assert set(places.lines_between(top, bottom)) == seen


def test_nothing_has_no_height() -> None:
    places = Places(Lines(np.empty(0, np.int64), 0, 3), 10, 20)
    assert places.height == 0
    assert places.line_at(0) is None
    assert len(places.lines_between(0, 100)) == 0
