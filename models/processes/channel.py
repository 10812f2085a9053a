"""Framed messages over a pair of pipes: JSON with numpy arrays beside it, never a pickle.

A frame is `<II` (bytes of JSON, number of arrays), the JSON envelope, then the arrays' bytes.
Both directions have a deadline, so that a stopped process can be told from a busy one.
"""

from __future__ import annotations

import json
import math
import os
import select
import struct
import time
from typing import Any

import numpy as np
from numpy.lib import format as npy_format
from numpy.typing import NDArray

Message = dict[str, Any]

_HEADER = struct.Struct("<II")
_ARRAY_KEY = "$array"
_MAX_FRAME_BYTES = 1 << 31  # a child gone wrong must not make its parent allocate more
_MAX_ARRAYS = 1 << 20


class ChannelClosed(Exception):
    """The other end of the pipe is gone."""


class ChannelTimeout(Exception):
    """The other end did not answer, or did not read, before the deadline."""


class Channel:
    """One end of a two-way pipe. Not thread-safe, except that one thread may send while
    another receives."""

    def __init__(self, read_fd: int, write_fd: int) -> None:
        self._read_fd, self._write_fd = read_fd, write_fd
        os.set_blocking(read_fd, False)
        os.set_blocking(write_fd, False)

    def send(self, message: Message, timeout_s: float | None = None) -> None:
        """Write one frame. Arrays may stand anywhere in `message`; object arrays may not."""
        deadline = _deadline(timeout_s)
        for part in _frame(message):
            self._write(part, deadline)

    def receive(self, timeout_s: float | None = None) -> Message | None:
        """Read one frame, or return None if none begins within `timeout_s`.

        Once a frame has begun it must be complete within 5 s or the timeout, whichever is
        longer; otherwise ChannelTimeout.
        """
        if not self._readable(_deadline(timeout_s)):
            return None
        deadline = _deadline(None if timeout_s is None else max(timeout_s, 5.0))
        json_bytes, n_arrays = _HEADER.unpack(self._read(_HEADER.size, deadline))
        if json_bytes > _MAX_FRAME_BYTES or n_arrays > _MAX_ARRAYS:
            raise ChannelClosed("a frame of impossible size")
        envelope = json.loads(bytes(self._read(json_bytes, deadline)))
        arrays = [self._read_array(descr, shape, deadline) for descr, shape in envelope["arrays"]]
        message: Message = _with_arrays(envelope["message"], arrays)
        return message

    def close(self) -> None:
        """Close both ends; safe to call twice."""
        for fd in {self._read_fd, self._write_fd} - {-1}:
            os.close(fd)
        self._read_fd = self._write_fd = -1

    def _readable(self, deadline: float) -> bool:
        return bool(select.select([self._read_fd], [], [], _left(deadline))[0])

    def _read(self, n_bytes: int, deadline: float) -> memoryview:
        buffer = memoryview(bytearray(n_bytes))
        self._read_into(buffer, deadline)
        return buffer

    def _read_into(self, buffer: memoryview, deadline: float) -> None:
        filled = 0
        while filled < len(buffer):
            if not self._readable(deadline):
                raise ChannelTimeout("a frame broke off")
            n_read = os.readv(self._read_fd, [buffer[filled:]])
            if n_read == 0:
                raise ChannelClosed("end of file")
            filled += n_read

    def _read_array(self, descr: Any, shape: list[int], deadline: float) -> NDArray[Any]:
        dtype = npy_format.descr_to_dtype(_tuples(descr))
        if dtype.hasobject or math.prod(shape) * dtype.itemsize > _MAX_FRAME_BYTES:
            raise ChannelClosed("an array of impossible kind or size")
        array = np.empty(shape, dtype)
        self._read_into(array.reshape(-1).view(np.uint8).data, deadline)
        return array

    def _write(self, data: memoryview, deadline: float) -> None:
        while data:
            if not select.select([], [self._write_fd], [], _left(deadline))[1]:
                raise ChannelTimeout("the other end does not read")
            try:
                data = data[os.write(self._write_fd, data) :]
            except BlockingIOError:
                continue
            except BrokenPipeError as error:
                raise ChannelClosed("broken pipe") from error


def _frame(message: Message) -> list[memoryview]:
    arrays: list[NDArray[Any]] = []

    def set_aside(value: Any) -> Any:
        if isinstance(value, np.ndarray):
            if value.dtype.hasobject:
                raise TypeError("object arrays cannot cross a pipe")
            arrays.append(np.ascontiguousarray(value).reshape(value.shape))
            return {_ARRAY_KEY: len(arrays) - 1}
        if isinstance(value, np.generic):
            return value.item()
        raise TypeError(f"{type(value).__name__} cannot cross a pipe")

    text = json.dumps(message, default=set_aside)
    described = json.dumps([[npy_format.dtype_to_descr(a.dtype), a.shape] for a in arrays])
    envelope = f'{{"arrays": {described}, "message": {text}}}'.encode()
    header = _HEADER.pack(len(envelope), len(arrays))
    pixels = (a.reshape(-1).view(np.uint8).data for a in arrays if a.size)
    return [memoryview(header + envelope), *pixels]


def _with_arrays(value: Any, arrays: list[NDArray[Any]]) -> Any:
    if isinstance(value, dict):
        if value.keys() == {_ARRAY_KEY}:
            return arrays[value[_ARRAY_KEY]]
        return {key: _with_arrays(item, arrays) for key, item in value.items()}
    if isinstance(value, list):
        return [_with_arrays(item, arrays) for item in value]
    return value


def _tuples(descr: Any) -> Any:
    """JSON turned the tuples of a structured dtype into lists; numpy wants them back."""
    return [tuple(field) for field in descr] if isinstance(descr, list) else descr


def _deadline(timeout_s: float | None) -> float:
    return math.inf if timeout_s is None else time.monotonic() + timeout_s


def _left(deadline: float) -> float | None:
    return None if math.isinf(deadline) else max(0.0, deadline - time.monotonic())
