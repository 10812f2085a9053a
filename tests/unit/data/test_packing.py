"""Log rows packed into a blob come back bit for bit, or are known to be damaged."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.data.packing import is_whole, pack, unpack
from models.review.decisions import LOG_DTYPE

NUMBERS = st.builds(
    lambda n, seed, widths: (n, seed, widths),
    st.integers(1, 40),
    st.integers(0, 1_000),
    st.lists(st.sampled_from(["even", "narrow", "any"]), min_size=12, max_size=12),
)


def rows_of(n, seed, widths):
    """n rows whose columns grow evenly, hold little, or hold any bytes at all."""
    rng = np.random.default_rng(seed)
    rows = np.zeros(n, LOG_DTYPE)
    for name, width in zip(LOG_DTYPE.names, widths, strict=True):
        kind = LOG_DTYPE[name]
        if width == "any":
            column = np.frombuffer(rng.bytes(n * kind.itemsize), kind).copy()
            if kind == np.uint64:
                column >>= np.uint64(1)  # SQLite counts to 2**63 as well
            rows[name] = column
        elif width == "even":
            rows[name] = rng.integers(0, 5) + np.arange(n)
        else:
            rows[name] = rng.integers(0, 3, n)
    return rows


@settings(max_examples=60, deadline=None)
@given(NUMBERS)
def test_rows_come_back_bit_for_bit(made):
    rows = rows_of(*made)
    again = np.empty(len(rows) + 2, LOG_DTYPE)
    assert unpack(pack(rows), again) == len(rows)
    assert again[: len(rows)].tobytes() == rows.tobytes()


def test_a_step_of_many_samples_takes_few_bytes():
    rows = np.zeros(100_000, LOG_DTYPE)
    rows["seq"] = rows["sample"] = np.arange(100_000)
    rows["old"] = np.arange(100_000) % 10
    rows["suspicion"] = np.nan
    assert len(pack(rows)) < 101_000


@settings(max_examples=30, deadline=None)
@given(NUMBERS, st.floats(0, 1, exclude_max=True), st.integers(1, 255))
def test_damage_is_noticed(made, at, change):
    blob = bytearray(pack(rows_of(*made)))
    blob[int(at * len(blob))] ^= change
    assert not is_whole(bytes(blob))
    with pytest.raises(ValueError, match="sum"):
        unpack(bytes(blob), np.empty(made[0], LOG_DTYPE))
