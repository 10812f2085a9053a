"""Rows in lines, with groups that begin on lines of their own."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from qtapp.state.lines import Lines

SIZES = st.lists(st.integers(1, 9), max_size=6)


def lines_of(sizes, columns):
    return Lines(np.cumsum([0, *sizes])[:-1].astype(np.int64), sum(sizes), columns)


def drawn_by_hand(sizes, columns):
    """Every line as the list of its rows."""
    drawn, row = [], 0
    for size in sizes:
        rows = list(range(row, row + size))
        drawn += [rows[at : at + columns] for at in range(0, size, columns)]
        row += size
    return drawn


@given(SIZES, st.integers(1, 5))
@settings(deadline=None, max_examples=60)
def test_rows_lie_where_one_would_write_them(sizes, columns):
    lines, by_hand = lines_of(sizes, columns), drawn_by_hand(sizes, columns)
    assert lines.n_lines == len(by_hand)
    for at, rows in enumerate(by_hand):
        assert lines.span(at) == (rows[0], rows[-1] + 1)
        assert [lines.place(row) for row in rows] == [(at, column) for column in range(len(rows))]
        assert lines.row_at(at, columns) == rows[-1]


@given(SIZES, st.integers(1, 5), st.tuples(*[st.integers(-2, 20)] * 4))
@settings(deadline=None, max_examples=60)
def test_a_block_is_cut_out_of_the_lines(sizes, columns, ends):
    lines, by_hand = lines_of(sizes, columns), drawn_by_hand(sizes, columns)
    down, across = (range(*sorted(pair)) for pair in (ends[:2], ends[2:]))
    expected = [
        row
        for at, rows in enumerate(by_hand)
        for column, row in enumerate(rows)
        if at in down and column in across
    ]
    assert lines.block(down, across).tolist() == expected


def test_beyond_the_ends_a_line_is_empty():
    lines = lines_of([5, 2], 4)
    assert lines.span(-1) == (0, 0)
    assert lines.span(3) == (7, 7)
