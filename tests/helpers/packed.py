"""A packed stream that stops, or breaks, where a test wants it to."""

from __future__ import annotations

import io
import threading
from typing import Any

import numpy as np
from numpy.typing import NDArray


class StoppingStream(io.BytesIO):
    """Stops at a place until it may go on, or breaks there. Opened again, it begins anew."""

    def __init__(self, content: bytes, stop_at: int | None = None, fails: bool = False) -> None:
        super().__init__(content)
        self.stop_at, self.fails, self.may_go_on = stop_at, fails, threading.Event()
        self.times_opened = 0

    def opened(self) -> StoppingStream:
        self.times_opened += 1
        self.seek(0)
        return self

    def read(self, n_bytes: int | None = -1) -> bytes:
        if self.stop_at is not None and self.tell() >= self.stop_at:
            if self.fails:
                raise EOFError("cut off")
            assert self.may_go_on.wait(20)
        return super().read(n_bytes)

    def close(self) -> None:
        """It can be opened again."""


def npy_bytes(array: NDArray[Any]) -> bytes:
    """What numpy.save writes."""
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()
