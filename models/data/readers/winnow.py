"""Winnow's own HDF5 files: labels as given, and the review that was already done."""

from __future__ import annotations

import io
import os
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from models.data.names import displayed
from models.data.readers import wording
from models.data.readers.arrays import hdf5
from models.data.readers.arrays.array_source import ArraySource, described
from models.data.readers.arrays.hdf5_arrays import array_of
from models.data.readers.arrays.image_array import MAX_PIXELS, ImageArray, ImageRows
from models.data.readers.meaning.labels import to_codes
from models.data.readers.source import (
    EarlierReview,
    OpenFile,
    Opening,
    StoredArray,
    begins_with,
)
from models.errors import DatasetError
from models.review.classes import ClassChange
from models.review.decisions import LOG_DTYPE, NO_SAMPLE, Action
from models.review.remarks import remarks_after
from models.review.replay import class_names_after, live_rows, replay
from models.types import (
    UNLABELLED,
    DatasetInfo,
    LabelVector,
    LogRows,
    OpenRequest,
    SplitAssignment,
)

_FORMAT, _VERSION = "winnow", 1
_NOTE_NAMES = ("seq", "text")


def claims(paths: Sequence[str]) -> bool:
    if len(paths) != 1 or not begins_with(paths[0], hdf5.SIGNATURE):
        return False
    try:
        with hdf5.opened(paths[0]) as file:
            said = file.attrs.get("format")
    except DatasetError:
        return False  # the reader of any HDF5 file says what is wrong
    return isinstance(said, str) and said == _FORMAT


def opening(request: OpenRequest) -> Opening:
    """Open an export of ours. Raises DatasetError if it holds no images or was damaged."""
    with ExitStack() as kept, hdf5.opened(request.paths[0]) as file:
        pixels = OpenFile(request.paths[0])
        kept.callback(pixels.close)
        parts = _Parts(file, pixels)
        if file.attrs.get("format_version", 0) > _VERSION:
            raise parts.error("was written by a newer Winnow", "Update Winnow to open it.")
        images = _images(parts)
        if isinstance(images, ImageArray):
            yield from parts.array("images").preparing()
        review, class_names = _review(parts, len(images))
        given = to_codes(
            parts.column("labels/given", len(images)), class_names, "labels/given", pixels.shown
        )
        splits, assignment = _splits(parts, len(images))
        warnings = []
        if not _same_labels(review, given.codes):
            warnings.append("Its log does not lead to its corrected labels; the log is believed.")
        info = yield from described("winnow", request, [images], splits, given, warnings)
        classes = wording.classes_in_words(len(class_names))
        sentence = f"{info.sentence}, {classes}, from Winnow with {len(review.log):,} decisions."
        info = replace(info, sentence=sentence, assignment=assignment)
        yield WinnowSource(info, given.codes, images, review, kept.pop_all())


class WinnowSource(ArraySource):
    """An export of ours; the decisions in it go on in the next project."""

    def __init__(
        self,
        info: DatasetInfo,
        given: LabelVector,
        images: ImageRows,
        review: EarlierReview,
        resources: ExitStack,
    ) -> None:
        file = displayed(os.path.basename(info.request["paths"][0]))
        super().__init__(info, given, [images], [file], resources)
        self._review = review

    def earlier_review(self) -> EarlierReview:
        return self._review


class PackedImages(ImageRows):
    """Images of mixed sizes: one blob, PNG or plain bytes, and where each begins."""

    shape = None

    def __init__(
        self,
        blob: StoredArray,
        offsets: NDArray[np.int64],
        shapes: NDArray[np.int32],
        dtype: np.dtype[Any] | None,
        where: str,
    ) -> None:
        self._blob, self._offsets, self._shapes = blob, offsets, shapes
        self._raw_dtype, self._where = dtype, where
        self.dtype = dtype or np.dtype(np.uint8)
        self.channels = int(shapes[:, 2].max())
        self.image_bytes = int(np.diff(offsets).max())

    def __len__(self) -> int:
        return len(self._shapes)

    def rows(self, start: int, stop: int) -> NDArray[Any]:
        assert stop == start + 1
        height, width, channels = map(int, self._shapes[start])
        begin, end = map(int, self._offsets[start : start + 2])
        if not 0 <= begin <= end <= self._blob.shape[0] or not 0 < height * width <= MAX_PIXELS:
            raise self._damaged(start)
        packed = self._blob.rows(begin, end)
        try:
            if self._raw_dtype is not None:
                image = packed.view(self._raw_dtype)
            else:
                with Image.open(io.BytesIO(packed.tobytes()), formats=["png"]) as png:
                    image = np.asarray(png)
            return image.reshape(1, height, width, channels)
        except (OSError, ValueError, SyntaxError) as error:
            raise self._damaged(start) from error

    def _damaged(self, place: int) -> DatasetError:
        return DatasetError("is damaged", f"{self._where}[{place}]", "Export the dataset again.")


class _Parts:
    """Datasets of the file by name, none of them behind a link."""

    def __init__(self, file: h5py.File, pixels: OpenFile) -> None:
        self._file, self._pixels = file, pixels
        self._arrays: dict[str, StoredArray] = {}

    def dataset(self, name: str) -> Any:
        """A group or dataset, None if it is not there."""
        found = self._file
        for step in name.split("/"):
            link = found.get(step, getlink=True) if isinstance(found, h5py.Group) else None
            if link is None:
                return None
            if not isinstance(link, h5py.HardLink):
                raise self.error(f"holds a link in the place of “{name}”")
            found = found[step]
        return found

    def array(self, name: str) -> StoredArray:
        if name not in self._arrays:
            dataset = self.dataset(name)
            if not isinstance(dataset, h5py.Dataset):
                raise self.error(f"holds no “{name}”")
            found = array_of(name, dataset, self._pixels, record=LOG_DTYPE)
            if not isinstance(found, StoredArray):
                raise self.error(f"holds “{name}”, which {found.why}")
            self._arrays[name] = found
        return self._arrays[name]

    def values(self, name: str) -> NDArray[Any]:
        """All rows of an array that is not large."""
        array = self.array(name)
        for _ in array.preparing():
            pass
        return array.rows(0, array.shape[0])

    def column(self, name: str, n: int) -> NDArray[Any]:
        """One integer for each of n images."""
        values = self.values(name)
        if values.shape != (n,) or values.dtype.kind not in "iu":
            raise self.error(f"holds “{name}” that does not fit its {n:,} images")
        return values

    def attribute(self, name: str, key: str) -> Any:
        return self.dataset(name).attrs.get(key)

    def notes(self) -> dict[int, str]:
        """Texts by seq; only HDF5 itself can find them."""
        dataset = self.dataset("review/notes")
        if not isinstance(dataset, h5py.Dataset) or dataset.dtype.names != _NOTE_NAMES:
            raise self.error("holds no “review/notes”")
        if dataset.external or dataset.is_virtual:
            raise self.error("keeps its notes in another file")
        rows = dataset[()]
        texts = (text.decode("utf-8", "backslashreplace") for text in rows["text"])
        return dict(zip(rows["seq"].tolist(), texts, strict=True))

    def error(self, what: str, remedy: str = "Export the dataset again.") -> DatasetError:
        return DatasetError(what, self._pixels.shown, remedy)


def _images(parts: _Parts) -> ImageRows:
    found = parts.dataset("images")
    if found is None:
        raise parts.error(
            "holds the decisions of a project but no images",
            "Open the project or its dataset; `winnow export` writes a file with images.",
        )
    where = parts.error("").where
    if isinstance(found, h5py.Dataset):
        return ImageArray(parts.array("images"), "nhwc", where)
    offsets, shapes = parts.values("images/offsets"), parts.values("images/shape")
    if shapes.shape != (len(offsets) - 1, 3) or not len(shapes):
        raise parts.error("holds a damaged list of images")
    blob = parts.array("images/blob")
    for _ in blob.preparing():
        pass
    is_raw = parts.attribute("images", "encoding") == "raw"
    dtype = np.dtype(parts.attribute("images", "dtype")) if is_raw else None
    return PackedImages(blob, offsets, shapes, dtype, where)


def _review(parts: _Parts, n: int) -> tuple[EarlierReview, tuple[str, ...]]:
    """The review in ids of this file, and the classes as they were before it."""
    log, notes = parts.values("review/log"), parts.notes()
    corrected = parts.column("labels/corrected", n).astype(np.int32)
    names = tuple(str(name) for name in parts.values("class_names"))
    source_ids = parts.column("samples/source_id", n)
    if log.dtype != LOG_DTYPE or log.ndim != 1:
        raise parts.error("holds a log that cannot be understood")
    mine = _renumbered(log, source_ids)
    try:
        added = class_names_after(mine, notes, ())
        remarks_after(mine, notes, n)
    except (KeyError, ValueError, TypeError) as error:
        raise parts.error("holds a log that cannot be understood") from error
    base, live = len(names) - len(added), mine[live_rows(mine)]
    if _most(live) >= len(names) or _most(mine) >= base + _n_ever_added(mine, notes):
        raise parts.error("holds a log about classes it does not have")
    if added and names[-len(added) :] == added:
        names = names[: -len(added)]
    reviewers = [str(name) for name in parts.values("review/reviewers")]
    return EarlierReview(mine, notes, corrected, reviewers), names


def _most(log: LogRows) -> int:
    """The highest code of a class in some rows."""
    return max(int(log["new"].max(initial=UNLABELLED)), int(log["old"].max(initial=UNLABELLED)))


def _n_ever_added(log: LogRows, notes: Mapping[int, str]) -> int:
    """How many classes were added, counting those of which that was undone."""
    seqs = log["seq"][log["action"] == Action.CLASS].tolist()
    return sum(bool(ClassChange.from_note(notes[seq]).name) for seq in seqs)


def _renumbered(log: LogRows, source_ids: NDArray[np.int64]) -> LogRows:
    """The rows about samples of this file, with its own sample ids."""
    order = np.argsort(source_ids, kind="stable")
    place = np.searchsorted(source_ids, log["sample"], sorter=order)
    ids = order[np.minimum(place, len(order) - 1)]
    about_all = log["sample"] == NO_SAMPLE
    mine = log.copy()
    mine["sample"] = np.where(about_all, NO_SAMPLE, ids)
    kept: LogRows = mine[about_all | (source_ids[ids] == log["sample"])]
    return kept


def _same_labels(review: EarlierReview, given: LabelVector) -> bool:
    return np.array_equal(replay(review.log, given)[0], review.corrected)


def _splits(parts: _Parts, n: int) -> tuple[dict[str, int], SplitAssignment | None]:
    codes = parts.column("samples/split", n)
    names = [str(name) for name in parts.attribute("samples/split", "names")]
    if codes.min() < 0 or codes.max() >= len(names):
        raise parts.error("holds splits without a name")
    if len(set(names)) < len(names):
        raise parts.error("holds two splits of one name")
    used, at, sizes = np.unique(codes, return_inverse=True, return_counts=True)
    found = {names[code]: size for code, size in zip(used.tolist(), sizes.tolist(), strict=True)}
    if (np.diff(at) >= 0).all():
        return found, None
    return found, SplitAssignment.of(tuple(found), at.astype(np.uint8))
