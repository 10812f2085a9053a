"""Files made to attack, of every format but pickles: refused in words, and nothing leaks.

What a unit test of a reader tries already (links, external and virtual datasets, chunks that
are not what they say, cycles, truncation) is not repeated here; docs/safety.md lists it all.
"""

from __future__ import annotations

import gzip
import io
import os
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import h5py
import numpy as np
import pytest
from PIL import Image

from models.data.readers.arrays.image_array import MAX_PIXELS
from models.opening import open_review, request_for
from models.processes.folding import export
from models.types import Finished, OpenRequest
from tests.faults.fuzzing import CANARY, Fuzzer, Outcome
from tests.helpers import sources
from tests.helpers.sources import images, opened

MAX_MEGABYTES = 300
HUGE = 10**15


@pytest.fixture(scope="module")
def fuzzer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fuzzer]:
    with closing(Fuzzer(tmp_path_factory.mktemp("cache"))) as warm:
        yield warm


def npy(header: str, data: bytes = b"") -> bytes:
    text = header.encode() + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text + data


def npy_of(shape: str, descr: str = "'|u1'") -> bytes:
    return npy(f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}}}")


def with_lie_about_size(path: Path, size: int) -> bytes:
    """A compressed .npz whose directory says another size than its member has."""
    sources.npz(path, compressed=True, images=images())
    data = bytearray(path.read_bytes())
    at = data.rindex(b"PK\x01\x02")
    data[at + 24 : at + 28] = size.to_bytes(4, "little")
    return bytes(data)


def png(width: int, height: int, *chunks: tuple[bytes, bytes]) -> bytes:
    """A PNG that promises any size, with any chunks after its header."""
    head = (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    body = b""
    for name, data in (head, *chunks, (b"IEND", b"")):
        body += struct.pack(">I", len(data)) + name + data
        body += struct.pack(">I", zlib.crc32(name + data))
    return b"\x89PNG\r\n\x1a\n" + body


ZEROS = zlib.compress(bytes(1 << 26), 9)  # 64 MB in 65 KB
ARRAY_FILES: dict[str, tuple[str, bytes | Callable[[Path], bytes], str]] = {
    "npy nested without end": ("a.npy", npy("(" * 9000), "not a valid .npy"),
    "npy negated without end": ("a.npy", npy("-" * 9000 + "1"), "not a valid .npy"),
    "npy calls": ("a.npy", npy("__import__('os').getpid()"), "not a valid .npy"),
    "npy of objects": ("a.npy", npy_of("(9, 8, 8)", "'|O'"), "holds Python objects"),
    "npy of records": ("a.npy", npy_of("(9,)", "[('a', '|u1')]"), "neither numbers nor text"),
    "npy of nothing": ("a.npy", npy_of(f"({HUGE}, 8, 8)", "'|S0'"), "holds"),
    "npy of empty images": ("a.npy", npy_of(f"({HUGE}, 0, 8)"), "holds no image array"),
    "npy of 1 TiB": ("a.npy", npy_of("(1099511627776, 8, 8)"), "is cut short"),
    "npy of a negative size": ("a.npy", npy_of("(-4, 8, 8)"), "impossible shape|not a valid"),
    "npy of 100 axes": ("a.npy", npy_of(f"({'1, ' * 100})"), "holds|cut short|not a valid"),
    "npz that says less": ("a.npz", lambda p: with_lie_about_size(p, 200), "damaged|bytes"),
    "npz that says more": ("a.npz", lambda p: with_lie_about_size(p, 2**31), "bytes"),
    "npz in a password": ("a.npz", lambda p: encrypted(p), "is encrypted"),
    "idx of 4 billion": ("a-idx3-ubyte", b"\0\0\x08\3" + b"\xff" * 12 + b"abc", "promises"),
    "idx.gz of 1 GB": (
        "a-idx3-ubyte.gz",
        gzip.compress(b"\0\0\x08\3" + struct.pack(">III", 1, 8, 8) + bytes(1 << 26)),
        "damaged|promises",
    ),
    "torch that promises 1 TiB": ("a.pt", b"PK\3\4" + b"\xff" * 60, "damaged or incomplete"),
}


def encrypted(path: Path) -> bytes:
    sources.npz(path)
    data = bytearray(path.read_bytes())
    at = 0
    while (at := data.find(b"PK\x01\x02", at)) >= 0:
        data[at + 8] |= 1
        at += 4
    return bytes(data)


@pytest.mark.parametrize(("name", "made", "said"), ARRAY_FILES.values(), ids=ARRAY_FILES)
def test_a_hostile_array_file_is_refused(
    fuzzer: Fuzzer, tmp_path: Path, name: str, made: bytes | Callable[[Path], bytes], said: str
) -> None:
    path = tmp_path / name
    path.write_bytes(made if isinstance(made, bytes) else made(path))
    assert_refused(fuzzer.outcome(path), said)


IMAGES = {
    "png of 10 billion pixels": png(100_000, 100_000, (b"IDAT", zlib.compress(b"\0"))),
    "png with a bomb in its text": png(8, 8, (b"zTXt", b"a\0\0" + ZEROS), (b"IDAT", b"")),
    "png with a bomb in its profile": png(8, 8, (b"iCCP", b"a\0\0" + ZEROS), (b"IDAT", b"")),
    "png with more pixels than it says": png(8, 8, (b"IDAT", ZEROS)),
    "bmp of a billion pixels": b"BM"
    + struct.pack("<IIIIiiHHIIIIII", 70, 0, 54, 40, 32_000, 32_000, 1, 24, 0, 0, 0, 0, 0, 0),
    "gif of 4 billion pixels": b"GIF89a\xff\xff\xff\xff\x00\x00\x00,"
    + struct.pack("<HHHH", 0, 0, 65_535, 65_535)
    + b"\x00\x08\x00;",
    "ppm of 10 billion pixels": b"P6 100000 100000 255\n",
    "pgm of 2 to the 31": b"P5 2147483647 2147483647 255\n",
    "webp of 268 million pixels": b"RIFF\x1e\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0\xff\x3f\0\xff\x3f\0",
    "tif whose directory is itself": b"II*\0\x08\0\0\0\0\0\x08\0\0\0",
    "postscript called png": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(x) print\n",
    "svg called png": b'<svg xmlns="http://www.w3.org/2000/svg"/>',
}


@pytest.mark.parametrize("data", IMAGES.values(), ids=IMAGES)
def test_a_hostile_image_costs_only_itself(
    fuzzer: Fuzzer, tmp_path: Path, data: bytes, request: pytest.FixtureRequest
) -> None:
    sources.folder(tmp_path / "d", per_class=1)
    suffix = ".png" if not data.startswith(b"P") else ".ppm"
    (tmp_path / "d" / "ant" / f"bad{suffix}").write_bytes(data)
    outcome = fuzzer.outcome(tmp_path / "d")
    assert outcome.how == "opened"
    assert outcome.megabytes < MAX_MEGABYTES
    assert all(line.startswith(f"ant/bad{suffix}") for line in outcome.said.splitlines())
    assert outcome.said or "more pixels" in request.node.name


def test_an_image_of_the_largest_size_allowed_still_fits(fuzzer: Fuzzer, tmp_path: Path) -> None:
    side = int(MAX_PIXELS**0.5)
    sources.folder(tmp_path / "d", per_class=1)
    Image.new("L", (side, side)).save(tmp_path / "d" / "ant" / "wide.png")
    outcome = fuzzer.outcome(tmp_path / "d")
    assert (outcome.how, outcome.said) == ("opened", "")


def short_chunk(file: h5py.File, data: bytes, **stored: object) -> None:
    """Images whose first chunk holds fewer bytes than it should."""
    file.create_dataset("images", data=images(), chunks=(4, 8, 8), **stored)
    file["images"].id.write_direct_chunk((0, 0, 0), data)


def neighbour(file: h5py.File) -> None:
    beside = Path(file.filename).with_name("neighbour")
    file.create_dataset("images", (24, 8, 8), "u1", external=[(str(beside), 0, 24 * 64)])


def deep(file: h5py.File) -> None:
    group = file
    for _ in range(100):
        group = group.create_group("g")


def unwritten_names(file: h5py.File) -> None:
    file["images"] = images()
    file.create_dataset("class_names", (10**9,), h5py.string_dtype(), chunks=(10**6,))


HDF5: dict[str, tuple[Callable[[h5py.File], None], str]] = {
    # Its size is not in the file, so what follows it there is shown: nothing of anyone else.
    "a short chunk": (lambda f: short_chunk(f, b"ab"), "^$"),
    "a short chunk under gzip": (
        lambda f: short_chunk(f, zlib.compress(b"ab"), compression="gzip"),
        "damaged piece",
    ),
    "a chunk of 64 MB for 256 bytes": (
        lambda f: short_chunk(f, ZEROS, compression="gzip"),
        "damaged piece|impossible size",
    ),
    "another file's bytes": (neighbour, "keeps its values in another file"),
    "groups in groups": (deep, "too many groups"),
    "a billion names that are not there": (unwritten_names, "^$"),
}


@pytest.mark.parametrize(("build", "said"), HDF5.values(), ids=HDF5)
def test_hdf5_shows_no_bytes_that_are_not_its_own(
    fuzzer: Fuzzer, tmp_path: Path, build: Callable[[h5py.File], None], said: str
) -> None:
    (tmp_path / "neighbour").write_bytes(CANARY * 1000)
    path = tmp_path / "a.h5"
    with h5py.File(path, "x") as file:
        build(file)
    outcome = fuzzer.outcome(path)
    assert outcome.how in ("opened", "refused"), outcome.said
    assert re.search(said, outcome.said), outcome.said
    assert outcome.megabytes < MAX_MEGABYTES


@pytest.mark.parametrize("as_format", ["h5", "npz"])
def test_what_lay_in_memory_is_never_exported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, as_format: str
) -> None:
    monkeypatch.setenv("CANARY", (CANARY * 1000).decode())  # into the memory of every child
    path = tmp_path / "a.h5"
    with h5py.File(path, "x") as file:
        short_chunk(file, zlib.compress(b"ab"), compression="gzip")
    with closing(open_review(request_for([path]))) as review:
        *_, finished = export(review.project.path, tmp_path / f"out.{as_format}", as_format)
    assert isinstance(finished, Finished)
    assert finished.result["unreadable"] == 4
    written = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(written) > 3
    assert not [path for path in written if CANARY in path.read_bytes()]


NAMES = (
    "../../evil",
    "/absolute",
    "C:\\evil",
    "a\nb",
    "CON",
    "con",
    "=1+1",
    "\u202egnp",
    "a" * 200,
)


@pytest.mark.parametrize("name", NAMES)
def test_names_in_a_file_are_only_names(tmp_path: Path, name: str) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    buffer = io.BytesIO()
    np.save(buffer, images())
    with zipfile.ZipFile(inner / "a.npz", "w") as archive:
        archive.writestr(f"{name}.npy", buffer.getvalue())
    before = sorted(os.walk(tmp_path))
    with opened(OpenRequest((str(inner / "a.npz"),))) as source:
        assert np.array_equal(source.stack(np.arange(24))[..., 0], images())
    assert [step for step in sorted(os.walk(tmp_path)) if "home" not in step[0]] == before


def assert_refused(outcome: Outcome, said: str) -> None:
    assert outcome.how == "refused", outcome.said
    assert re.search(said, outcome.said), outcome.said
    assert outcome.megabytes < MAX_MEGABYTES
