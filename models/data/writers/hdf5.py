"""Writes corrected.h5 and full HDF5 exports: one schema, readable by plain h5py.

    /                   attrs: format "winnow", format_version, uuid, created, app_version,
                        h5py_version, numpy_version, last_seq, source_name, source_format,
                        source_size, fingerprint (JSON), n_images
    /class_names        (c,) string, position = code
    /images             (n, h, w, c); of mixed sizes a group instead: blob (bytes,) u1,
                        offsets (n + 1,) i8, shape (n, 3) i4, attrs encoding "png" or "raw", dtype
    /image_ref          (n,) in place of images: relative path, or position in the source; where
                        the project undoes something in images, attr undo (JSON): what, by split
                        of the source
    /samples/           split (n,) u1, names in an attribute; source_id (n,) i8;
                        content_hash (n, 16) u1, zeros = not known
    /labels/            given, corrected (n,) i4; status (n,) u1, names in an attribute
    /review/            log (m,) of LOG_DTYPE, sample = source_id; reviewers (r,) string;
                        notes (k,) of seq u8, text string
Datasets are checksummed (fletcher32). The default libver keeps older HDF5 able to read them.
"""

from __future__ import annotations

import io
import json
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from models.data.writers.material import images_at_a_time
from models.data.writers.snapshot import Snapshot, replays_to, storable
from models.errors import ProjectError
from models.review.decisions import Action, Status
from models.types import Pixels

FORMAT, FORMAT_VERSION = "winnow", 1
_TEXT = h5py.string_dtype()
_CHUNK_ROWS = 1 << 16
_BYTES_PER_SAMPLE = 50  # of everything but images, index and checksums included
_BYTES_PER_ROW = 64
_BYTES_PER_CHUNK = 160  # what HDF5 keeps of a chunk beside its data


def labels_bytes(snapshot: Snapshot) -> int:
    """About what a file without images takes on disk."""
    names = sum(map(len, snapshot.class_names)) + sum(map(len, snapshot.notes.values()))
    return (
        (1 << 20)
        + len(snapshot) * _BYTES_PER_SAMPLE
        + len(snapshot.log) * _BYTES_PER_ROW
        + 4 * names
        + 64 * (len(snapshot.class_names) + len(snapshot.notes))
    )


def image_bytes(pixels: Pixels) -> int:
    """About what an image takes on disk."""
    return pixels.nbytes + _BYTES_PER_CHUNK


class Hdf5Writer:
    """A new HDF5 file: images first, batch by batch, then the labels and the review.

    Not a context manager on purpose: closing a file that could not be written ends the
    process (HDF5 2.0, full disk), so after an error it is left as it is.
    """

    def __init__(self, path: Path) -> None:
        self._file = h5py.File(path, "x")

    def start_images(self, shape: tuple[int, int, int] | None, dtype: np.dtype[Any]) -> None:
        """Make room for images of one size, or of any if there is no one shape."""
        if shape is None:
            self._start_mixed_images(dtype)
            return
        self._file.create_dataset(
            "images",
            (0, *shape),
            dtype,
            maxshape=(None, *shape),
            chunks=(1, *shape),
            fletcher32=True,
        )

    def _start_mixed_images(self, dtype: np.dtype[Any]) -> None:
        group = self._file.create_group("images")
        group.attrs["encoding"] = "png" if dtype == np.uint8 else "raw"
        group.attrs["dtype"] = dtype.str
        self._growing(group, "blob", (), np.uint8, 1 << 20)
        self._growing(group, "offsets", (), np.int64, _CHUNK_ROWS)
        self._growing(group, "shape", (3,), np.int32, _CHUNK_ROWS)
        _append(group["offsets"], np.zeros(1, np.int64))

    def add_images(self, images: Sequence[Pixels]) -> None:
        if not images:
            return
        found = self._file["images"]
        if isinstance(found, h5py.Dataset):
            _append(found, np.stack(images))
        else:
            blobs = [_encoded(image, found.attrs["encoding"]) for image in images]
            ends = found["offsets"][-1] + np.cumsum([len(blob) for blob in blobs])
            _append(found["blob"], np.frombuffer(b"".join(blobs), np.uint8))
            _append(found["offsets"], ends)
            _append(found["shape"], np.array([image.shape for image in images], np.int32))

    def add_references(
        self, references: Sequence[str] | NDArray[np.int64], undone: Mapping[str, Any]
    ) -> None:
        if isinstance(references, np.ndarray):
            made = self._put("image_ref", references)
        else:
            made = self._put_text("image_ref", references)
        if undone:
            made.attrs["undo"] = json.dumps(undone)

    def finish(self, snapshot: Snapshot) -> None:
        """Write everything but the images, and close the file."""
        self._describe(snapshot)
        self._put_text("class_names", snapshot.class_names)
        split = self._put("samples/split", snapshot.splits)
        split.attrs["names"] = storable(snapshot.split_names)
        self._put("samples/source_id", snapshot.sample_ids)
        self._put("samples/content_hash", snapshot.content_hash)
        self._put("labels/given", snapshot.given)
        self._put("labels/corrected", snapshot.corrected)
        status = self._put("labels/status", snapshot.status)
        status.attrs["names"] = [state.name.lower() for state in Status]
        log = self._put("review/log", snapshot.log)
        log.attrs["actions"] = [action.name.lower() for action in Action]
        self._put_text("review/reviewers", snapshot.reviewers)
        notes = np.empty(len(snapshot.notes), np.dtype([("seq", "<u8"), ("text", _TEXT)]))
        notes["seq"] = list(snapshot.notes)
        notes["text"] = storable(list(snapshot.notes.values()))
        self._file.create_dataset("review/notes", data=notes)
        self._file.close()

    def _describe(self, snapshot: Snapshot) -> None:
        source = snapshot.source
        self._file.attrs.update(
            {
                "format": FORMAT,
                "format_version": FORMAT_VERSION,
                "uuid": str(uuid.uuid4()),
                "created": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
                "app_version": version("winnow"),
                "h5py_version": h5py.__version__,
                "numpy_version": np.__version__,
                "last_seq": snapshot.last_seq,
                "source_name": storable([source["name"]])[0],
                "source_format": source["kind"],
                "source_size": sum(part["size"] for part in source["fingerprint"]["parts"]),
                "fingerprint": json.dumps(source["fingerprint"]),
                "n_images": len(snapshot),
            }
        )

    def _put(self, name: str, values: NDArray[Any]) -> h5py.Dataset:
        chunk = (min(len(values), _CHUNK_ROWS), *values.shape[1:])
        checked = {"chunks": chunk, "fletcher32": True} if len(values) else {}
        return self._file.create_dataset(name, data=values, **checked)

    def _put_text(self, name: str, texts: Sequence[str]) -> h5py.Dataset:
        values = np.array(storable(texts), object)
        return self._file.create_dataset(name, data=values, dtype=_TEXT)

    @staticmethod
    def _growing(
        group: h5py.Group, name: str, shape: tuple[int, ...], dtype: Any, chunk: int
    ) -> None:
        group.create_dataset(
            name,
            (0, *shape),
            dtype,
            maxshape=(None, *shape),
            chunks=(chunk, *shape),
            fletcher32=True,
        )


def verify(path: Path, expected: Snapshot) -> None:
    """Read a finished file back: it must hold this snapshot, and its log must replay to it.

    Raises ProjectError if it does not.
    """
    with h5py.File(path, "r") as file:
        given, corrected = file["labels/given"][:], file["labels/corrected"][:]
        status, ids = file["labels/status"][:], file["samples/source_id"][:]
        log = file["review/log"][:]
        is_whole = (
            np.array_equal(given, expected.given)
            and np.array_equal(corrected, expected.corrected)
            and np.array_equal(status, expected.status)
            and np.array_equal(ids, expected.sample_ids)
            and np.array_equal(file["samples/content_hash"][:], expected.content_hash)
            and list(file["class_names"].asstr()) == storable(expected.class_names)
            and log.tobytes() == expected.log.tobytes()
        )
    if not is_whole or not replays_to(log, ids, given, corrected, status):
        raise ProjectError(
            "what was written does not read back as it should, so it was not published",
            str(path.parent),
            "Check the disk and try again; every decision is kept.",
        )


def stored_images(path: Path, batch: int = 64) -> Iterator[list[Pixels]]:
    """Images of a finished file, in batches of so many, or of fewer large ones."""
    with h5py.File(path, "r") as file:
        found = file["images"]
        if isinstance(found, h5py.Dataset):
            size = images_at_a_time(int(np.prod(found.shape[1:])) * found.dtype.itemsize, batch)
            for start in range(0, len(found), size):
                yield list(found[start : start + size])
            return
        offsets, shapes = found["offsets"][:], found["shape"][:]
        sizes = shapes.prod(axis=1, dtype=np.int64) * np.dtype(found.attrs["dtype"]).itemsize
        start = 0
        while start < len(shapes):
            largest = int(sizes[start : start + batch].max())
            stop = min(start + images_at_a_time(largest, batch), len(shapes))
            blob = found["blob"][offsets[start] : offsets[stop]]
            cuts = offsets[start + 1 : stop] - offsets[start]
            yield [
                _decoded(part, shape, found.attrs)
                for part, shape in zip(np.split(blob, cuts), shapes[start:stop], strict=True)
            ]
            start = stop


def is_ours(path: Path) -> bool:
    """Whether a file is one that Winnow wrote."""
    try:
        with h5py.File(path, "r") as file:
            return bool(file.attrs.get("format") == FORMAT)
    except OSError:
        return False


@dataclass(frozen=True, eq=False)
class Stand:
    """What a project's own file depends on."""

    last_seq: int
    fingerprint: Mapping[str, Any]
    split_names: tuple[str, ...]
    splits: NDArray[np.uint8]
    undone: Mapping[str, Any]


def is_current(path: Path, now: Stand) -> bool:
    """Whether a file of ours already holds the newest decision about this source, its splits and
    what is undone in its images."""
    with h5py.File(path, "r") as file:
        split = file["samples/split"]
        return bool(
            file.attrs["last_seq"] == now.last_seq
            and file.attrs["fingerprint"] == json.dumps(now.fingerprint)
            and list(split.attrs["names"]) == storable(now.split_names)
            and np.array_equal(split[:], now.splits)
            and "image_ref" in file
            and json.loads(file["image_ref"].attrs.get("undo", "{}")) == now.undone
        )


def _append(dataset: h5py.Dataset, values: NDArray[Any]) -> None:
    before = len(dataset)
    dataset.resize(before + len(values), axis=0)
    dataset[before:] = values


def _encoded(image: Pixels, encoding: str) -> bytes:
    if encoding == "raw":
        return np.ascontiguousarray(image).tobytes()
    file = io.BytesIO()
    Image.fromarray(image[..., 0] if image.shape[2] == 1 else image).save(file, "png")
    return file.getvalue()


def _decoded(blob: NDArray[np.uint8], shape: NDArray[np.int32], attrs: Any) -> Pixels:
    if attrs["encoding"] == "raw":
        pixels: Pixels = blob.view(np.dtype(attrs["dtype"])).reshape(shape)
        return pixels
    with Image.open(io.BytesIO(blob.tobytes()), formats=["png"]) as image:
        return np.asarray(image).reshape(shape)
