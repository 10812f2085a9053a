"""Frames carry JSON and arrays, whole or not at all, and every wait has an end."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from models.processes.channel import Channel, ChannelClosed, ChannelTimeout
from models.review.decisions import LOG_DTYPE

DTYPES = st.sampled_from([np.dtype(t) for t in ("u1", "<i4", "<i8", "<f4", "?")] + [LOG_DTYPE])


@pytest.fixture
def ends() -> Iterator[tuple[Channel, Channel]]:
    (read_a, write_a), (read_b, write_b) = os.pipe(), os.pipe()
    pair = Channel(read_a, write_b), Channel(read_b, write_a)
    yield pair
    for end in pair:
        end.close()


def test_a_message_arrives_as_it_was_sent(ends: tuple[Channel, Channel]) -> None:
    here, there = ends
    values = {"text": "größe \ud800", "numbers": [1, 2.5, None, True], "empty": np.empty((0, 3))}
    here.send(values)
    received = there.receive(1.0)
    assert received is not None
    assert received["text"] == values["text"]
    assert received["numbers"] == values["numbers"]
    assert received["empty"].shape == (0, 3)


@given(DTYPES.flatmap(lambda t: arrays.arrays(t, arrays.array_shapes(max_dims=3, min_side=0))))
def test_arrays_of_any_shape_arrive_bit_for_bit(array: np.ndarray) -> None:
    (read_a, write_a), (read_b, write_b) = os.pipe(), os.pipe()
    here, there = Channel(read_a, write_b), Channel(read_b, write_a)
    try:
        sender = threading.Thread(target=here.send, args=({"values": [array]},))
        sender.start()
        received = there.receive(5.0)
        sender.join()
    finally:
        here.close()
        there.close()
    assert received is not None
    assert received["values"][0].dtype == array.dtype
    assert received["values"][0].shape == array.shape
    assert received["values"][0].tobytes() == array.tobytes()


def test_object_arrays_never_cross(ends: tuple[Channel, Channel]) -> None:
    with pytest.raises(TypeError, match="object arrays"):
        ends[0].send({"bad": np.array([print], dtype=object)})


def test_silence_is_none_and_a_closed_pipe_is_an_error(ends: tuple[Channel, Channel]) -> None:
    here, there = ends
    assert there.receive(0.01) is None
    here.close()
    with pytest.raises(ChannelClosed):
        there.receive(1.0)


def test_nobody_reading_is_noticed(ends: tuple[Channel, Channel]) -> None:
    with pytest.raises(ChannelTimeout):
        ends[0].send({"much": np.zeros(1 << 20)}, timeout_s=0.05)
