"""Large datasets for the benchmarks, made in the forms they are shipped in."""

from __future__ import annotations

import gzip
import io
import struct
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

SIDE_PX, N_CLASSES = 28, 10
_BLOCK = 10_000  # images; deflate does not look back as far as that, so they may repeat
_PHOTO_PX = (96, 128)
_DISTINCT_PHOTOS = 200
_FOLDERS = 100

Maker = Callable[[Path, int], list[str]]  # writes n images into an empty folder


def blocks(n: int) -> Iterator[NDArray[np.uint8]]:
    """Grey images that compress about as well as those of clothes do. (m, 28, 28)"""
    rng = np.random.default_rng(0)
    coarse = rng.integers(0, 200, (_BLOCK, 7, 7), np.uint8).repeat(4, 1).repeat(4, 2)
    images = coarse + rng.integers(0, 16, coarse.shape, np.uint8)
    images[:, :, :7] = 0
    for start in range(0, n, _BLOCK):
        yield images[: n - start]


def labels(n: int) -> NDArray[np.int32]:
    return np.random.default_rng(n).integers(0, N_CLASSES, n, dtype=np.int32)


def npy(folder: Path, n: int) -> list[str]:
    for name, write in (("images", _write_images), ("labels", _write_labels)):
        with open(folder / f"{name}.npy", "xb") as file:
            write(file, n)
    return [str(folder / "images.npy"), str(folder / "labels.npy")]


def npz(folder: Path, n: int, method: int = zipfile.ZIP_STORED) -> list[str]:
    path = folder / "data.npz"
    with zipfile.ZipFile(path, "x", method, compresslevel=1) as archive:
        for name, write in (("images", _write_images), ("labels", _write_labels)):
            with archive.open(f"{name}.npy", "w", force_zip64=True) as member:
                write(member, n)
    return [str(path)]


def npz_compressed(folder: Path, n: int) -> list[str]:
    return npz(folder, n, zipfile.ZIP_DEFLATED)


def idx(folder: Path, n: int) -> list[str]:
    return _idx(folder, n, lambda path: open(path, "xb"), "")


def idx_gz(folder: Path, n: int) -> list[str]:
    return _idx(folder, n, lambda path: gzip.open(path, "xb", compresslevel=1), ".gz")


def hdf5_contiguous(folder: Path, n: int) -> list[str]:
    return _hdf5(folder, n)


def hdf5_gzip(folder: Path, n: int) -> list[str]:
    return _hdf5(folder, n, chunks=(64, SIDE_PX, SIDE_PX), compression="gzip", compression_opts=1)


def photo_folders(folder: Path, n: int) -> list[str]:
    """JPEG files, so many of them distinct that no cache of a decoder can help."""
    photos = list(_photos())
    for number in range(_FOLDERS):
        (folder / f"class {number:03}").mkdir()
    for i in range(n):
        place = folder / f"class {i % _FOLDERS:03}" / f"{i:06}.jpg"
        place.write_bytes(photos[i % len(photos)])
    return [str(folder)]


def parquet(folder: Path, n: int) -> list[str]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    photos = list(_photos())
    path = folder / "data.parquet"
    image = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
    schema = pa.schema([("image", image), ("label", pa.int64())])
    with pq.ParquetWriter(path, schema) as writer:
        for start in range(0, n, 1_000):
            ids = range(start, min(start + 1_000, n))
            cells = [{"bytes": photos[i % len(photos)], "path": f"{i}.jpg"} for i in ids]
            given = [i % N_CLASSES for i in ids]
            writer.write_table(pa.table({"image": cells, "label": given}, schema=schema))
    return [str(path)]


def _write_images(file: IO[bytes], n: int) -> None:
    _write_header(file, (n, SIDE_PX, SIDE_PX), "|u1")
    for block in blocks(n):
        file.write(block.tobytes())


def _write_labels(file: IO[bytes], n: int) -> None:
    _write_header(file, (n,), "<i4")
    file.write(labels(n).tobytes())


def _write_header(file: IO[bytes], shape: tuple[int, ...], descr: str) -> None:
    described = {"descr": descr, "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(file, described)


def _idx(folder: Path, n: int, create: Callable[[Path], Any], suffix: str) -> list[str]:
    images = folder / f"train-images-idx3-ubyte{suffix}"
    given = folder / f"train-labels-idx1-ubyte{suffix}"
    with create(images) as file:
        file.write(struct.pack(">IIII", 0x803, n, SIDE_PX, SIDE_PX))
        for block in blocks(n):
            file.write(block.tobytes())
    with create(given) as file:
        file.write(struct.pack(">II", 0x801, n))
        file.write(labels(n).astype(np.uint8).tobytes())
    return [str(images), str(given)]


def _hdf5(folder: Path, n: int, **stored: Any) -> list[str]:
    import h5py

    path = folder / "data.h5"
    with h5py.File(path, "x") as file:
        images = file.create_dataset("images", (n, SIDE_PX, SIDE_PX), "u1", **stored)
        at = 0
        for block in blocks(n):
            images[at : at + len(block)] = block
            at += len(block)
        file["labels"] = labels(n)
    return [str(path)]


def _photos() -> Iterator[bytes]:
    rng = np.random.default_rng(1)
    for _ in range(_DISTINCT_PHOTOS):
        coarse = Image.fromarray(rng.integers(0, 256, (6, 8, 3), np.uint8))
        file = io.BytesIO()
        coarse.resize(_PHOTO_PX[::-1], Image.Resampling.BICUBIC).save(file, "JPEG", quality=90)
        yield file.getvalue()
