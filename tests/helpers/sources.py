"""Makes tiny sources on disk, one function a format, and opens them in this process."""

from __future__ import annotations

import io
from collections.abc import Sequence
from contextlib import AbstractContextManager, closing
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from models.data.readers import Source, open_source
from models.types import OpenRequest, Pixels

N, CLASSES = 24, 3


def images(n: int = N, shape: tuple[int, ...] = (8, 8), seed: int = 0) -> NDArray[np.uint8]:
    """uint8 (n, *shape), every image another."""
    return np.random.default_rng(seed).integers(0, 256, (n, *shape), dtype=np.uint8)


def labels(n: int = N, classes: int = CLASSES) -> NDArray[np.int64]:
    """int64 (n,): sample i is given class i % classes."""
    return np.arange(n) % classes


def one_hot(n: int, classes: int) -> NDArray[np.float32]:
    """float32 (n, classes): the labels as columns."""
    return np.eye(classes, dtype=np.float32)[np.arange(n) % classes]


def request(*paths: Path, **answers: str) -> OpenRequest:
    """What a person asks for who names these paths."""
    return OpenRequest(tuple(map(str, paths)), **answers)


def npz(path: Path, *, compressed: bool = False, **arrays: Any) -> OpenRequest:
    """An .npz of the arrays given, or of 24 grey 8x8 images in 3 classes."""
    save = np.savez_compressed if compressed else np.savez
    save(path, allow_pickle=True, **(arrays or {"images": images(), "labels": labels()}))
    return OpenRequest((str(path),))


def npy(folder: Path, **arrays: Any) -> OpenRequest:
    """One .npy file an array, all of them asked for together."""
    paths = []
    for name, array in (arrays or {"images": images(), "labels": labels()}).items():
        paths.append(str(folder / f"{name}.npy"))
        np.save(paths[-1], array)
    return OpenRequest(tuple(paths))


def hdf5(path: Path, *, stored: dict[str, Any] | None = None, **arrays: Any) -> OpenRequest:
    """An HDF5 file; "__" in a name is a step into a group. `stored`: options of image arrays."""
    with h5py.File(path, "x") as file:
        for name, array in (arrays or {"images": images(), "labels": labels()}).items():
            options = stored or {} if np.ndim(array) > 2 else {}
            file.create_dataset(name.replace("__", "/"), data=array, **options)
    return OpenRequest((str(path),))


def idx_bytes(array: NDArray[Any]) -> bytes:
    """An array as IDX: its dtype must be one that IDX knows, big-endian."""
    codes = {"u1": 0x08, "i1": 0x09, "i2": 0x0B, "i4": 0x0C, "f4": 0x0D, "f8": 0x0E}
    header = bytes([0, 0, codes[array.dtype.str[1:]], array.ndim])
    return header + np.array(array.shape, ">u4").tobytes() + array.tobytes()


def folder(
    root: Path,
    classes: Sequence[str] = ("ant", "bee", "cat"),
    splits: Sequence[str] = ("",),
    per_class: int = 4,
    sizes: Sequence[tuple[int, int]] = ((8, 8),),
) -> OpenRequest:
    """PNG files in root/split/class; `sizes` (height, width) are taken in turn."""
    made = 0
    for split in splits:
        for name in classes:
            where = root / split / name
            where.mkdir(parents=True)
            for i in range(per_class):
                pixels = images(1, (*sizes[made % len(sizes)], 3), seed=made)[0]
                Image.fromarray(pixels).save(where / f"{i:03}.png")
                made += 1
    return OpenRequest((str(root),))


def opened(request: OpenRequest) -> AbstractContextManager[Source]:
    """The source of a request, read in this process."""
    *_, source = open_source(request)
    assert isinstance(source, Source)
    return closing(source)


def grey(source: Source, sample_ids: Sequence[int] | None = None) -> Pixels:
    """The first channel of these images, or of all: (n, h, w)."""
    ids = np.arange(source.info.n) if sample_ids is None else np.array(sample_ids)
    return source.stack(ids)[..., 0]


def encoded(n: int = N, side: int = 8, kind: str = "PNG", seed: int = 0) -> list[bytes]:
    """n encoded colour images, every one another."""
    files = []
    for pixels in images(n, (side, side, 3), seed):
        stream = io.BytesIO()
        Image.fromarray(pixels).save(stream, kind)
        files.append(stream.getvalue())
    return files
