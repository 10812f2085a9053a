"""The images of a run where its nets are, taken a batch at a time."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from models.types import Mask, SampleIds

_SHARE_OF_MEMORY = 0.5  # of what is free on a GPU; the nets need the rest


class Batches:
    """Images (n, h, w, c), uint8 or float16 scaled to [0, 1], for nets on one device.

    On a GPU they lie in its memory if they leave room for the nets: then a step copies nothing
    but the ids of its images.
    """

    def __init__(self, pixels: NDArray[Any], device: torch.device) -> None:
        self.device = device
        self._pixels = torch.from_numpy(pixels)
        if device.type == "cuda":
            free, _ = torch.cuda.mem_get_info(device)
            if pixels.nbytes <= _SHARE_OF_MEMORY * free:
                self._pixels = self._pixels.to(device)

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """(h, w, c)."""
        height, width, channels = self._pixels.shape[1:]
        return height, width, channels

    def take(
        self, ids: SampleIds, moves: NDArray[np.int64] | None = None, mirrored: Mask | None = None
    ) -> Tensor:
        """Some images, float32 (b, c, h, w), channels last, in [0, 1], on the device.

        Parameters
        ----------
        moves : (b, 2)
            Pixels by which each is moved up and left; its edge is repeated behind it.
        mirrored : (b,)
            Which have left and right exchanged, before they are moved.
        """
        wanted = self._at_home(ids)
        if moves is None and mirrored is None:
            batch = self._pixels[wanted]
        else:
            batch = self._changed(wanted, moves, mirrored)
        images = batch.to(self.device).permute(0, 3, 1, 2).float()
        return images.div_(255) if batch.dtype == torch.uint8 else images

    def _changed(
        self, ids: Tensor, moves: NDArray[np.int64] | None, mirrored: Mask | None
    ) -> Tensor:
        """Every change of place in one gathering of pixels, (b, h, w, c)."""
        height, width, channels = self.image_shape
        rows, columns = (self._at_home(np.arange(side))[None] for side in (height, width))
        if moves is not None:
            by = self._at_home(moves)
            rows = (rows + by[:, :1]).clamp_(0, height - 1)
            columns = (columns + by[:, 1:]).clamp_(0, width - 1)
        if mirrored is not None:
            columns = torch.where(self._at_home(mirrored)[:, None], width - 1 - columns, columns)
        places = (ids[:, None, None] * height + rows[:, :, None]) * width + columns[:, None]
        pixels = self._pixels.view(-1, channels)[places.flatten()]
        return pixels.view(len(ids), height, width, channels)

    def _at_home(self, values: NDArray[Any]) -> Tensor:
        return torch.from_numpy(values).to(self._pixels.device)
