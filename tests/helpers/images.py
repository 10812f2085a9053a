"""A reader that needs no child process: image i is filled with the grey value i % 256."""

from __future__ import annotations

import threading

import numpy as np

from models.errors import ChildDied
from models.processes.reading import ReaderClient, Unreadable, UnreadableYet
from models.types import Pixels, SampleIds


class FakeReader(ReaderClient):
    """Counts what it is asked for, and can be told to break or to hang."""

    def __init__(self, side: int = 8, broken: frozenset[int] = frozenset()) -> None:
        super().__init__()
        self.side, self.broken = side, broken
        self.asked: list[list[int]] = []
        self.sizes: list[int] = []
        self.gate = threading.Event()  # cleared: reading waits for it
        self.gate.set()
        self.not_yet: set[int] = set()
        self.error: Exception | None = None
        self.was_aborted = False

    @property
    def asked_ids(self) -> list[int]:
        """Every sample a thumbnail was asked of, in order."""
        return [sample_id for batch in self.asked for sample_id in batch]

    def thumbnails(
        self, sample_ids: SampleIds, size_px: int, *, wait: bool = True
    ) -> list[Pixels | Unreadable]:
        self.asked.append(sample_ids.tolist())
        self.sizes.append(size_px)
        self._wait()
        return [self._image(i, min(self.side, size_px)) for i in sample_ids.tolist()]

    def read(self, sample_ids: SampleIds, *, wait: bool = True) -> list[Pixels | Unreadable]:
        self._wait()
        return [self._image(i, self.side) for i in sample_ids.tolist()]

    def paths(self, sample_ids: SampleIds) -> list[str]:
        return [f"tiny.npz[{i}]" for i in sample_ids.tolist()]

    def abort(self) -> None:
        self.was_aborted = True
        self.error = ChildDied("the reader process was ended")
        self.gate.set()

    def _wait(self) -> None:
        self.gate.wait()
        if self.error is not None:
            raise self.error

    def _image(self, sample_id: int, side: int) -> Pixels | Unreadable:
        if sample_id in self.broken:
            return Unreadable(f"tiny.npz[{sample_id}]: is cut short.")
        if sample_id in self.not_yet:
            return UnreadableYet("is still being unpacked.")
        return np.full((side, side, 1), sample_id % 256, np.uint8)
