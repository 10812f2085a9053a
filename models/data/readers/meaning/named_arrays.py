"""The arrays of a source under their names: found by what a person typed, listed in messages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from models.data.readers.meaning.array_names import IMAGES, LABELS, meaning
from models.data.readers.meaning.array_shapes import holds_flat_images, holds_images
from models.data.readers.meaning.companions import prefixes, relative_names
from models.data.readers.source import StoredArray, Unusable
from models.data.readers.wording import places_in_words
from models.errors import DatasetError, Undecided
from models.types import OpenRequest

_LISTED = 12  # in a sentence; the window gets them all
HOW = "Say which with --images KEY --labels KEY --layout nhwc."


@dataclass(frozen=True)
class NamedArrays:
    """Everything found in the files of a request."""

    arrays: Sequence[StoredArray]
    unusable: Sequence[Unusable]
    request: OpenRequest
    where: str

    @classmethod
    def of_files(
        cls, found: Mapping[str, Sequence[StoredArray | Unusable]], request: OpenRequest
    ) -> NamedArrays:
        """What lies in each file; among several files the names of arrays tell the file too."""
        for arrays, prefix, file in zip(
            found.values(), prefixes(list(found)), relative_names(list(found)), strict=True
        ):
            for array in arrays:
                array.name = array.name.strip("/")
                if len(found) > 1 or not array.name:
                    array.name = f"{prefix}/{array.name}".rstrip("/")
                if isinstance(array, StoredArray):
                    array.file = file
        everything = [array for arrays in found.values() for array in arrays]
        return cls(
            [a for a in everything if isinstance(a, StoredArray) and a.shape],  # no single values
            [array for array in everything if isinstance(array, Unusable)],
            request,
            places_in_words(request.paths),
        )

    def called(self, name: str) -> list[StoredArray]:
        """The array of that name, or all that end in it ("images" in "train/images").

        Raises DatasetError if there is none, or it cannot be read.
        """
        wanted = name.strip("/")
        exact = [array for array in self.arrays if array.name == wanted]
        found = exact or [a for a in self.arrays if a.name.endswith(f"/{wanted}")]
        if found:
            return found
        for broken in self.unusable:
            if broken.name == wanted or broken.name.endswith(f"/{wanted}"):
                raise self.broken(broken)
        raise DatasetError(
            f"has no array “{wanted}”",
            self.where,
            f"It holds {listing(self.arrays) or 'no arrays'}.",
        )

    def broken(self, array: Unusable) -> DatasetError:
        return DatasetError(f"array “{array.name}” {array.why}", self.where, array.remedy)

    def undecided(self, what: str, remedy: str = HOW) -> Undecided:
        """The error that asks a person, with every array to choose from."""
        return Undecided(what, self.where, remedy, arrays=[self._described(a) for a in self.arrays])

    def _described(self, array: StoredArray) -> dict[str, Any]:
        return {
            "name": array.name,
            "shape": [int(side) for side in array.shape],
            "dtype": str(array.dtype),
            "role": possible_role(array),
        }


def is_column(array: StoredArray) -> bool:
    """Whether an array may hold one label a row: (n,), (n, k) or with further axes of 1."""
    return (
        len(array.shape) >= 1
        and array.dtype.kind in "buifUS"
        and array.shape[1:2] != (0,)
        and all(side == 1 for side in array.shape[2:])
    )


def possible_role(array: StoredArray) -> str:
    """What a person may choose an array for: "images", "labels" or ""."""
    role = meaning(array.name).role
    numbers = array.dtype.kind in "buif"
    if numbers and holds_images(array.shape):
        return IMAGES
    if role == LABELS and is_column(array):
        return LABELS
    is_flat = holds_flat_images(array.shape)
    if numbers and (is_flat if role == "" else role == IMAGES and len(array.shape) > 1):
        return IMAGES
    return LABELS if is_column(array) else ""


def listing(arrays: Sequence[StoredArray | Unusable]) -> str:
    """Arrays with shape and type, for a message."""
    shown = [described(array) for array in arrays[:_LISTED]]
    more = [f"and {len(arrays) - _LISTED} more"] if len(arrays) > _LISTED else []
    return ", ".join(shown + more)


def described(array: StoredArray | Unusable) -> str:
    """For example “x_train” (60000, 28, 28) uint8."""
    shape = tuple(map(int, array.shape))
    if isinstance(array, Unusable):
        return f"“{array.name}” {shape}"
    kind = "text" if array.dtype.kind in "US" else str(array.dtype)
    return f"“{array.name}” {shape} {kind}"
