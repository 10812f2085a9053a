"""What the pixels of each image say: its size, darkest, brightest and mean value, or why none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from models.types import Mask, Pixels, SampleIds

_COLUMNS = ("sample_ids", "sizes", "lows", "highs", "means", "n_bytes", "blank")


@dataclass(frozen=True)
class Facts:
    """Facts of m samples, in the order of `sample_ids`.

    A sample in `unreadable` has no pixels: its size and bytes are 0, its values NaN.
    """

    sample_ids: SampleIds
    sizes: NDArray[np.int32]  # (m, 2) height and width
    lows: NDArray[np.float32]
    highs: NDArray[np.float32]
    means: NDArray[np.float32]
    n_bytes: SampleIds  # decoded, in the dataset's dtype
    blank: Mask  # every pixel has the same value
    unreadable: dict[int, str] = field(default_factory=dict)  # sample_id -> why

    def __len__(self) -> int:
        return len(self.sample_ids)

    def to_message(self) -> dict[str, Any]:
        columns = {name: getattr(self, name) for name in _COLUMNS}
        return {**columns, "unreadable": list(self.unreadable.items())}

    @classmethod
    def from_message(cls, message: Mapping[str, Any]) -> Self:
        why = {int(sample_id): str(reason) for sample_id, reason in message["unreadable"]}
        return cls(**{name: message[name] for name in _COLUMNS}, unreadable=why)


def image_facts(sample_ids: SampleIds, images: NDArray[Any] | Sequence[Pixels | str]) -> Facts:
    """Measure images.

    Parameters
    ----------
    sample_ids : int64 (m,)
    images : any real dtype (m, h, w, c), or m items
        One stack, or one image (h, w, c) an item and in the place of an image the reason why
        there is none.
    """
    if isinstance(images, np.ndarray):
        return _of_stack(sample_ids, images)
    parts = [
        _of_none(sample_ids[i : i + 1], image)
        if isinstance(image, str)
        else _of_stack(sample_ids[i : i + 1], image[np.newaxis])
        for i, image in enumerate(images)
    ]
    return joined(parts)


def joined(parts: Sequence[Facts]) -> Facts:
    """The facts of several shards, one after another."""
    if not parts:
        return _of_stack(np.empty(0, np.int64), np.empty((0, 0, 0, 1), np.uint8))
    columns = {name: np.concatenate([getattr(part, name) for part in parts]) for name in _COLUMNS}
    why = {sample_id: reason for part in parts for sample_id, reason in part.unreadable.items()}
    return Facts(**columns, unreadable=why)


def _of_stack(sample_ids: SampleIds, stack: NDArray[Any]) -> Facts:
    m, height, width = stack.shape[:3]
    values = stack.reshape(m, int(np.prod(stack.shape[1:])))
    if not values.size:
        lows = highs = np.full(m, np.nan)
        means = lows
    else:
        lows, highs = values.min(axis=1), values.max(axis=1)
        means = values.mean(axis=1, dtype=np.float64)  # float16 would overflow
    return Facts(
        sample_ids,
        np.tile(np.array([height, width], np.int32), (m, 1)),
        lows.astype(np.float32),
        highs.astype(np.float32),
        means.astype(np.float32),
        np.full(m, values.shape[1] * stack.itemsize, np.int64),
        lows == highs,
    )


def _of_none(sample_id: SampleIds, why: str) -> Facts:
    nothing = np.full(1, np.nan, np.float32)
    return Facts(
        sample_id,
        np.zeros((1, 2), np.int32),
        *(nothing, nothing, nothing),
        np.zeros(1, np.int64),
        np.zeros(1, bool),
        {int(sample_id[0]): why},
    )
