"""One tiny good source of each format, as the bytes of its files, for the mutators to damage."""

from __future__ import annotations

import gzip
import io
import json
import pickle
import tarfile
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import h5py
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image

from tests.faults.fuzzing import CANARY
from tests.helpers.exports import COLOUR as COLOUR_OF_EXPORT
from tests.helpers.exports import MIXED, export
from tests.helpers.sources import images, labels

N = 12
GREY, CODES = images(N), labels(N).astype(np.uint8)
Wrap = Callable[[bytes], bytes]


def _same(data: bytes) -> bytes:
    return data


@dataclass(frozen=True)
class Seed:
    """Files by their path below a root, what is opened, and which file is damaged.

    `wrap` packs the damaged bytes, so that damage reaches what is inside an archive whose own
    checksums would otherwise stop it.
    """

    files: dict[str, bytes]
    damaged: str
    opened: tuple[str, ...]
    wrap: Wrap = field(default=_same)

    def write(self, root: Path, damaged: bytes | None = None) -> list[Path]:
        """Write the files, one of them with other bytes; what to open.

        A neighbour that nobody asked for lies beside them.
        """
        root.mkdir(parents=True, exist_ok=True)
        (root / "neighbour").write_bytes(CANARY * 100)
        for name, data in self.files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            other = damaged is not None and name == self.damaged
            path.write_bytes(self.wrap(damaged if other and damaged is not None else data))
        return [root / name for name in self.opened]


def _file(name: str, data: bytes, wrap: Wrap = _same) -> Seed:
    return Seed({name: data}, name, (name,), wrap)


def _npy(array: np.ndarray) -> bytes:
    out = io.BytesIO()
    np.save(out, array)
    return out.getvalue()


def _npz(compressed: bool) -> bytes:
    out = io.BytesIO()
    save = np.savez_compressed if compressed else np.savez
    save(out, images=GREY, labels=CODES, class_names=np.array(["a", "b", "c"]))
    return out.getvalue()


def _zipped(members: dict[str, bytes], compression: int = zipfile.ZIP_STORED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


def _tarred(members: dict[str, bytes], mode: str = "w") -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode) as archive:  # type: ignore[call-overload]
        for name, data in members.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return out.getvalue()


def _hdf5(**stored: object) -> bytes:
    out = io.BytesIO()
    with h5py.File(out, "x") as file:
        file.create_dataset("images", data=GREY, **stored)
        file["labels"] = CODES
        file["class_names"] = ["a", "b", "c"]
        file["deep/down/texts"] = np.array(["a", "bc"] * 6, "S2")
    return out.getvalue()


def _texts_in_hdf5() -> bytes:
    """Text of variable length lies in a heap of its own, and only HDF5 can find it there."""
    out = io.BytesIO()
    names = np.array(["ant", "bee", "größe"], object)[CODES]
    with h5py.File(out, "x") as file:
        file["images"] = GREY
        file.create_dataset("labels", data=names, chunks=(5,), compression="gzip")
    return out.getvalue()


def _winnow_export(mixed: bool) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.h5"
        export(path, MIXED if mixed else COLOUR_OF_EXPORT, mixed)
        return path.read_bytes()


def _image(form: str, mode: str = "RGB", **options: object) -> bytes:
    out = io.BytesIO()
    picture = Image.fromarray(images(1, (16, 12, 3))[0])
    if mode == "I;16":
        picture = Image.fromarray(np.arange(192, dtype=np.uint16).reshape(16, 12))
    else:
        picture = picture.convert(mode)
    picture.save(out, form, **options)  # type: ignore[arg-type]
    return out.getvalue()


def _animated() -> bytes:
    out = io.BytesIO()
    frames = [Image.fromarray(frame) for frame in images(3, (16, 12))]
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:])
    return out.getvalue()


def _folder(suffix: str, data: bytes) -> Seed:
    other = _image("PNG")
    files = {f"d/ant/0.{suffix}": data, "d/ant/1.png": other, "d/bee/0.png": other}
    return Seed(files, f"d/ant/0.{suffix}", ("d",))


def _idx(array: np.ndarray) -> bytes:
    sides = b"".join(side.to_bytes(4, "big") for side in array.shape)
    return bytes((0, 0, 8, array.ndim)) + sides + array.tobytes()


def _idx_pair(wrap: Wrap = _same, suffix: str = "") -> Seed:
    pictures, codes = f"t-images-idx3-ubyte{suffix}", f"t-labels-idx1-ubyte{suffix}"
    return Seed({pictures: _idx(GREY), codes: _idx(CODES)}, pictures, (pictures, codes), wrap)


def _gz(data: bytes) -> bytes:
    return gzip.compress(data, mtime=0)


def _cifar() -> bytes:
    pixels = images(N, (3072,))
    return np.concatenate([CODES[:, None], pixels], axis=1).tobytes()


def _pixel_csv() -> bytes:
    head = ",".join(["label", *(f"pixel{i}" for i in range(64))])
    rows = [",".join(map(str, [c, *g.ravel()])) for c, g in zip(CODES, GREY, strict=True)]
    return "\n".join([head, *rows, ""]).encode()


def _pickled(protocol: int) -> bytes:
    inner = {"data": images(N, (1, 8, 8)), "labels": np.eye(3, dtype=np.float32)[CODES]}
    bare = {"unlabeled_data": images(40, (1, 8, 8)), "labeled_data": inner}
    return pickle.dumps({**bare, "names": ["a", "b", "c"]}, protocol)


def _torch() -> bytes:
    import torch

    out = io.BytesIO()
    torch.save({"images": torch.from_numpy(GREY), "labels": torch.from_numpy(CODES)}, out)
    return out.getvalue()


def _torch_pickle() -> tuple[bytes, Wrap]:
    """The pickle in a file of torch.save, and how to put another in its place."""
    with zipfile.ZipFile(io.BytesIO(_torch())) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    (name,) = [name for name in members if name.endswith("data.pkl")]
    return members[name], lambda data: _zipped({**members, name: data})


def _parquet() -> bytes:
    encoded = [{"bytes": _image("PNG"), "path": f"{i}.png"} for i in range(N)]
    out = io.BytesIO()
    pq.write_table(pa.table({"image": encoded, "label": CODES.astype(np.int64)}), out)
    return out.getvalue()


def _webdataset() -> bytes:
    samples = ((f"{i:04}", _image("PNG"), str(CODES[i]).encode()) for i in range(N))
    return _tarred({f"{k}.{e}": d for k, png, c in samples for e, d in (("png", png), ("cls", c))})


def _class_folders() -> dict[str, bytes]:
    return {f"{name}/{i}.png": _image("PNG") for name in ("ant", "bee") for i in range(3)}


def _coco() -> Seed:
    pictures = [{"id": i, "file_name": f"{i}.png", "height": 16, "width": 12} for i in range(4)]
    boxes = [
        {"id": i, "image_id": i, "category_id": 1 + i % 2, "bbox": [1, 2, 5, 6]} for i in range(4)
    ]
    kinds = [{"id": 1, "name": "ant"}, {"id": 2, "name": "bee"}]
    page = json.dumps({"images": pictures, "annotations": boxes, "categories": kinds}).encode()
    files = {f"d/{i}.png": _image("PNG") for i in range(4)}
    return Seed({**files, "d/annotations.json": page}, "d/annotations.json", ("d",))


def _label_table() -> Seed:
    rows = "".join(f"{i}.png,{'ab'[i % 2]}\n" for i in range(4))
    files = {f"d/{i}.png": _image("PNG") for i in range(4)}
    table = f"file,label\n{rows}".encode()
    return Seed({**files, "d/labels.csv": table}, "d/labels.csv", ("d",))


def seeds() -> dict[str, Seed]:
    """A seed of every format, by name."""
    pickle_in_torch, torch_again = _torch_pickle()
    found = {
        "npy": Seed(
            {"images.npy": _npy(GREY), "labels.npy": _npy(CODES)},
            "images.npy",
            ("images.npy", "labels.npy"),
        ),
        "npz stored": _file("a.npz", _npz(compressed=False)),
        "npz compressed": _file("a.npz", _npz(compressed=True)),
        "npz inside": _file(
            "a.npz", _npy(GREY), lambda data: _zipped({"x.npy": data}, zipfile.ZIP_DEFLATED)
        ),
        "hdf5 contiguous": _file("a.h5", _hdf5()),
        "hdf5 gzip": _file("a.h5", _hdf5(chunks=(5, 8, 8), compression="gzip", shuffle=True)),
        "hdf5 lzf": _file("a.h5", _hdf5(chunks=(1, 8, 8), compression="lzf", fletcher32=True)),
        "hdf5 text": _file("a.h5", _texts_in_hdf5()),
        "winnow": _file("a.h5", _winnow_export(mixed=False)),
        "winnow mixed": _file("a.h5", _winnow_export(mixed=True)),
        "idx": _idx_pair(),
        "idx.gz": _idx_pair(_gz, ".gz"),
        "idx.gz outside": _file("t-images-idx3-ubyte.gz", _gz(_idx(GREY))),
        "cifar binary": _file("data_batch_1.bin", _cifar()),
        "pixel csv": _file("a.csv", _pixel_csv()),
        "pickle 0": _file("a.pkl", _pickled(0)),
        "pickle 2": _file("a.pkl", _pickled(2)),
        "pickle 4": _file("a.pkl", _pickled(4)),
        "pickle 5": _file("a.pkl", _pickled(5)),
        "torch": _file("a.pt", _torch()),
        "torch inside": _file("a.pt", pickle_in_torch, torch_again),
        "parquet": _file("a.parquet", _parquet()),
        "webdataset": _file("a.tar", _webdataset()),
        "zip": _file("a.zip", _zipped(_class_folders(), zipfile.ZIP_DEFLATED)),
        "tar.gz": _file("a.tar.gz", _tarred(_class_folders(), "w:gz")),
        "tar.gz inside": _file("a.tar.gz", _tarred(_class_folders()), _gz),
        "coco": _coco(),
        "label table": _label_table(),
    }
    pictures = {
        "png": _image("PNG"),
        "png grey 16": _image("PNG", "I;16"),
        "png palette": _image("PNG", "P"),
        "png alpha": _image("PNG", "RGBA"),
        "jpg": _image("JPEG", quality=80),
        "jpg progressive": _image("JPEG", progressive=True, exif=_exif()),
        "jpg cmyk": _image("JPEG", "CMYK"),
        "bmp": _image("BMP"),
        "webp": _image("WEBP"),
        "webp lossless": _image("WEBP", lossless=True),
        "gif": _animated(),
        "tif": _image("TIFF"),
        "tif lzw": _image("TIFF", compression="tiff_lzw"),
        "tif deflate": _image("TIFF", compression="tiff_adobe_deflate"),
        "ppm": _image("PPM"),
        "pgm": _image("PPM", "L"),
        "pbm": _image("PPM", "1"),
    }
    for name, data in pictures.items():
        found[name] = _folder(name.split()[0], data)
    return found


def _exif() -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned
    return exif
