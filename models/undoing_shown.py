"""Shows images of a split beside what they would be with one more thing undone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from models.data.readers.thumbnails import reduced
from models.data.undoing import applied, scale_of
from models.processes.reading import ReaderClient, Unreadable
from models.types import DatasetInfo, Pixels, SampleIds


def before_and_after(
    reader: ReaderClient,
    info: DatasetInfo,
    split: str,
    undo: Mapping[str, Any],
    n: int = 6,
    size_px: int = 128,
) -> list[tuple[int, Pixels, Pixels]]:
    """Some images of a split for a person to judge: sample id, as they are seen now, and with one
    more thing undone, both uint8 (h, w, c). Reads them through an open reader, and waits."""
    of_split: SampleIds = np.flatnonzero(info.split_codes() == list(info.splits).index(split))
    spread = of_split[np.unique(np.linspace(0, len(of_split) - 1, n).astype(np.int64))]
    shown = []
    for sample_id, image in zip(spread.tolist(), reader.read(spread), strict=True):
        if not isinstance(image, Unreadable):
            pair = image, applied(image, [undo], scale_of(info))
            small = [reduced(one, size_px, info.value_range) for one in pair]
            shown.append((sample_id, small[0], small[1]))
    return shown
