"""The window's, trainer's and fold's way to pixels: a reader child behind plain methods."""

from __future__ import annotations

from models.data.dataset import OpenRequest
from models.types import DatasetOpened, Events, LabelVector, LogRows, Pixels, SampleIds


class Unreadable(str):
    """Why a sample has no pixels, in words; stands in the place of its image."""


class ReaderClient:
    """Opens a source in a child process and reads images from it by id.

    Blocking, and for one thread: the window uses one from a worker thread, the trainer and
    the fold each own another. A child that dies or does not answer within its deadline
    (5 s an image, 60 s without progress while opening) is replaced, at most three times for
    the same sample; that sample is then Unreadable and the next one works.
    """

    def opening(self, request: OpenRequest) -> Events:
        """Open a source: yields Progress and Heartbeat, at last DatasetOpened.

        Raises DatasetError if it is not a dataset that can be read.
        """
        raise NotImplementedError

    def open(self, request: OpenRequest) -> DatasetOpened:
        """Open a source and wait for it."""
        raise NotImplementedError

    def read(self, sample_ids: SampleIds) -> list[Pixels | Unreadable]:
        """Full images (h, w, c) in the source's dtype, in the order asked."""
        raise NotImplementedError

    def thumbnails(self, sample_ids: SampleIds, size_px: int) -> list[Pixels | Unreadable]:
        """uint8 images (h, w, 1 or 3) for a screen: larger ones reduced (Lanczos) until both
        sides are at most `size_px`, smaller ones as they are; floats scaled by the dataset's
        value range."""
        raise NotImplementedError

    def paths(self, sample_ids: SampleIds) -> list[str]:
        """Display path of each sample: relative path in a folder, "file.npz[17]" in an array."""
        raise NotImplementedError

    def earlier_review(self) -> tuple[LogRows, dict[int, str], LabelVector, list[str]] | None:
        """For a Winnow export: its log with sample ids of this file, notes by seq, corrected
        labels and reviewers; None for any other source."""
        raise NotImplementedError

    def close(self) -> None:
        """End the child."""
        raise NotImplementedError
