"""Settles how the axes of the image arrays lie: by answers, shapes, and at last by the pixels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from models.data.readers.meaning.array_shapes import LAYOUTS, View, clearest, is_doubtful, views
from models.data.readers.meaning.named_arrays import NamedArrays, described
from models.data.readers.source import StoredArray
from models.errors import DatasetError

_SAY_SHAPE = "Say their size with --shape HEIGHTxWIDTH or HEIGHTxWIDTHxCHANNELS."


def possible_views(arrays: Sequence[StoredArray], found: NamedArrays) -> list[list[View]]:
    """The ways each array can be seen as images, going by shapes alone: one or two.

    Raises
    ------
    Undecided
        If there is none, or pixels could not tell which.
    """
    return [_possible(array, found) for array in arrays]


def settled(
    arrays: Sequence[StoredArray], ways: Sequence[Sequence[View]], found: NamedArrays
) -> list[View]:
    """One view for each array; rows of the same length are seen alike. The pixels decide.

    Raises Undecided if they do not.
    """
    chosen: dict[tuple[int, ...], str] = {}  # the layout, by the shape of rows
    for array, among in zip(arrays, ways, strict=True):
        if array.shape[1:] not in chosen and (view := _told_by_pixels(array, among)):
            chosen[array.shape[1:]] = view.layout
    for array in arrays:
        if array.shape[1:] not in chosen:
            raise _channels_unknown(array, found)
    return [
        next(view for view in among if view.layout == chosen[array.shape[1:]])
        for array, among in zip(arrays, ways, strict=True)
    ]


def _told_by_pixels(array: StoredArray, among: Sequence[View]) -> View | None:
    return among[0] if len(among) == 1 else clearest(array, among)


def _possible(array: StoredArray, found: NamedArrays) -> list[View]:
    request = found.request
    ways = views(array.shape, request)
    if not ways and request.layout and views(array.shape, replace(request, layout="")):
        raise found.undecided(
            f"array {described(array)} cannot have the layout {request.layout}",
            f"Choose one of {', '.join(LAYOUTS)}; 1, 3 or 4 channels.",
        )
    if not ways and request.shape:
        shape = "x".join(map(str, request.shape))
        raise found.undecided(
            f"array {described(array)} does not hold images of {shape}", _SAY_SHAPE
        )
    if not ways and not array.shape[0]:
        raise DatasetError(f"array “{array.name}” holds no images", found.where)
    if not ways:
        raise found.undecided(f"array {described(array)} does not tell the size", _SAY_SHAPE)
    if is_doubtful(array.shape, request):
        height, width = array.shape[:2]
        raise found.undecided(
            f"array {described(array)} could be one photo of {width}x{height} pixels, or "
            f"{height:,} grey images that are 3 pixels wide",
            "Open a photo as a file in a folder of images; for grey images say --layout nhw.",
        )
    if len(ways) > 1 and array.shape == ways[0].shape:
        raise _channels_unknown(array, found)  # too small for the pixels to tell
    return ways


def _channels_unknown(array: StoredArray, found: NamedArrays) -> DatasetError:
    return found.undecided(
        f"array {described(array)} could have its channels first or last",
        "Say which with --layout nhwc or --layout nchw.",
    )
