"""The paths of all images, ready to be searched for a part of them."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from models.types import Mask


class Paths:
    """Without capitals and joined into one array of bytes, so that no loop goes over images."""

    def __init__(self, paths: Iterable[str]) -> None:
        lines = [path.casefold().encode("utf-8", "surrogatepass") for path in paths]
        self._ends = np.cumsum([len(line) + 1 for line in lines], dtype=np.int64)
        self._bytes: NDArray[np.uint8] = np.frombuffer(b"\0".join([*lines, b""]), np.uint8)

    def __len__(self) -> int:
        return len(self._ends)

    def holding(self, part: str) -> Mask:
        """Which paths hold a text, capitals or not. (n,)"""
        wanted = part.casefold().encode("utf-8", "surrogatepass")
        found: Mask = np.full(len(self), not wanted)
        n_places = len(self._bytes) - len(wanted) + 1
        if wanted and b"\0" not in wanted and n_places > 0:
            places = np.flatnonzero(self._bytes[:n_places] == wanted[0])
            for offset, byte in enumerate(wanted[1:], 1):
                places = places[self._bytes[places + offset] == byte]
            found[np.searchsorted(self._ends, places, side="right")] = True
        return found
