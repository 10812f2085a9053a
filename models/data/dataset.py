"""What a dataset is, in words and numbers, without its pixels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from models.types import SampleIds


@dataclass(frozen=True)
class OpenRequest:
    """What a person asked to open, with the answers to what could not be guessed.

    `paths` are absolute. Empty strings mean "guess"; layout is "nhwc", "nchw" or "nhw".
    """

    paths: tuple[str, ...]
    images: str = ""
    labels: str = ""
    layout: str = ""

    def to_message(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_message(cls, message: Mapping[str, Any]) -> OpenRequest:
        return cls(**{**message, "paths": tuple(message["paths"])})


@dataclass(frozen=True)
class DatasetInfo:
    """What was understood of a source; `to_message` and back is the pipe's form of it.

    Sample ids count samples in source order, splits one after another, so `splits` (name
    and size, in that order) tells the split of every sample.
    """

    kind: str  # "npz", "hdf5", "winnow", "folder", ...
    name: str  # short, for the title bar: "fashion-mnist"
    n: int  # counts unreadable items
    splits: dict[str, int]
    class_names: tuple[str, ...]
    image_shape: tuple[int, int, int] | None  # (h, w, c), None if mixed
    dtype: str  # of the pixels, "uint8"
    value_range: tuple[float, float]  # measured on a sample of images
    labelled: int
    unlabelled: int
    unreadable: int
    sentence: str  # "Read as 1,797 grey images of 8x8 (array x) with 10 classes (array y)."
    warnings: tuple[str, ...] = ()
    fingerprint: dict[str, Any] = field(default_factory=dict)
    request: dict[str, Any] = field(default_factory=dict)  # OpenRequest that opens it again

    def to_message(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_message(cls, message: Mapping[str, Any]) -> DatasetInfo:
        shape = message["image_shape"]
        return cls(
            **{
                **message,
                "class_names": tuple(message["class_names"]),
                "image_shape": tuple(shape) if shape else None,
                "value_range": tuple(message["value_range"]),
                "warnings": tuple(message["warnings"]),
            }
        )

    def contract(self) -> dict[str, Any]:
        """The JSON of `winnow info`; fields may be added, never renamed."""
        shown = self.to_message()
        for internal in ("name", "fingerprint", "request"):
            shown.pop(internal)
        return shown

    def split_names_of(self, sample_ids: SampleIds) -> list[str]:
        """The split of each sample."""
        names, ends = list(self.splits), np.cumsum(list(self.splits.values()))
        return [names[i] for i in np.searchsorted(ends, sample_ids, side="right")]

    def split_codes(self) -> np.ndarray[tuple[int], np.dtype[np.uint8]]:
        """(n,) position of each sample's split in `splits`."""
        return np.repeat(np.arange(len(self.splits), dtype=np.uint8), list(self.splits.values()))
