"""Pickles that would run code, exhaust memory or never end: none runs, none loads."""

from __future__ import annotations

import os
import pickle
import time
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.errors import DatasetError
from models.types import OpenRequest
from tests.helpers.sources import images, opened

LIMIT_S, LIMIT_BYTES = 3.0, 64 << 20
PROTOCOL_4 = b"\x80\x04"


class Calls:
    """Pickles as a call of something."""

    def __init__(self, what: Any, *arguments: Any) -> None:
        self.reduced = (what, arguments)

    def __reduce__(self) -> Any:
        return self.reduced


def text(value: str) -> bytes:
    raw = value.encode()
    return b"X" + len(raw).to_bytes(4, "little") + raw


def call(module: str, name: str, *arguments: bytes) -> bytes:
    """A call of a name with arguments that are pickled already."""
    return b"".join([PROTOCOL_4, text(module), text(name), b"\x93(", *arguments, b"tR."])


def sized(code: bytes, size: int, width: int) -> bytes:
    return PROTOCOL_4 + code + size.to_bytes(width, "little") + b"x."


def array(shape: bytes, values: bytes = b"C\x00", kind: bytes = b"cnumpy\nndarray\n") -> bytes:
    """An array as numpy pickles it, with a shape and values that are pickled already."""
    dtype = b"cnumpy\ndtype\n(X\x02\x00\x00\x00u1\x89\x88tR"
    made = b"cnumpy._core.multiarray\n_reconstruct\n(" + kind + b"(K\x00tC\x01btR"
    return PROTOCOL_4 + made + b"(K\x01" + shape + dtype + b"\x89" + values + b"tb."


TOUCH = "touch"  # replaced by the command that leaves the sentinel
RUNS = {  # module and name that a plain load would call with one text
    "os.system": ("os", "system"),
    "its real module": ("posix", "system"),
    "a name with dots": ("os", "path.os.system"),
    "eval": ("builtins", "eval"),
    "exec": ("builtins", "exec"),
    "of Python 2": ("__builtin__", "eval"),
    "a function of numpy that runs code": ("numpy.testing._private.utils", "runstring"),
    "a module that numpy imported": ("numpy.f2py", "os.system"),
    "a new process": ("subprocess", "Popen"),
    "a shell": ("subprocess", "getoutput"),
    "an import": ("builtins", "__import__"),
    "an attribute of anything": ("builtins", "getattr"),
    "a method caller": ("operator", "methodcaller"),
    "a partial call": ("functools", "partial"),
    "a timer": ("timeit", "timeit"),
    "a browser": ("webbrowser", "open"),
    "a file": ("io", "open"),
    "a codec table": ("_codecs", "lookup"),
    "an old object": ("copyreg", "_reconstructor"),
    "another unpickler": ("pickle", "loads"),
    "numpy's loader": ("numpy", "load"),
    "a table of pandas": ("pandas.core.frame", "DataFrame"),
}
DEEP = 100_000
SAMPLES = {
    **{name: call(*what, text(TOUCH)) for name, what in RUNS.items()},
    "INST": b"(S'" + TOUCH.encode() + b"'\nios\nsystem\n.",
    "OBJ": b"(cos\nsystem\nS'touch'\no.",
    "NEWOBJ": PROTOCOL_4 + b"cos\nsystem\n)\x81.",
    "NEWOBJ of an allowed name": PROTOCOL_4 + b"cnumpy\nndarray\n)\x81.",
    "NEWOBJ_EX": PROTOCOL_4 + b"cnumpy\nndarray\n)}\x92.",
    "an extension code": PROTOCOL_4 + b"\x82\x01.",
    "a persistent id": b"Pstorage\n.",
    "a binary persistent id": PROTOCOL_4 + b"K\x01Q.",
    "a buffer elsewhere": b"\x80\x05\x97.",
    "protocol 9": b"\x80\x09N.",
    "a class in the place of a function": PROTOCOL_4 + b"cnumpy\nndarray\n(K\x01tR.",
    "attributes of an allowed name": PROTOCOL_4 + b"cnumpy\ndtype\n}X\x04\x00\x00\x00makeNsb.",
    "an array of another class": array(b"(K\x00t", kind=b"ccollections\nOrderedDict\n"),
    "a codec that unpacks": call("_codecs", "encode", text("x"), text("zip")),
    "1 TiB of bytes": sized(b"\x8e", 1 << 40, 8),
    "1 TiB of changeable bytes": sized(b"\x96", 1 << 40, 8),
    "1 TiB of text": sized(b"\x8d", 1 << 40, 8),
    "1 TiB of array": array(b"(J\xff\xff\xff\x7fM\x00\x02t"),
    "1 TiB constructed": call(
        "builtins", "bytearray", b"\x8a\x06" + (1 << 40).to_bytes(6, "little")
    ),
    "an array of negative size": array(b"(J\xff\xff\xff\xffJ\xff\xff\xff\xfftC\x01x"[:-3]),
    "an array of a thousand axes": array(b"(" + 1000 * b"K\x01" + b"t", b"C\x01x"),
    "a number of a gigabyte": PROTOCOL_4 + b"\x8b\x00\x00\x00\x40\x01.",
    "a number of a million digits": b"L" + b"9" * 10**6 + b"L\n.",
    "lists in lists": PROTOCOL_4 + b"]" * DEEP + b"a" * (DEEP - 1) + b".",
    "a deep tuple as a key": PROTOCOL_4 + b"})" + b"\x85" * DEEP + b"Ns.",
    "a wide tuple as a key": PROTOCOL_4 + b"})" + b"2\x86" * 60 + b"Ns.",
    "a wide tuple in a set": PROTOCOL_4 + b"\x8f()" + b"2\x86" * 60 + b"\x90.",
    "keys that all hash alike": PROTOCOL_4
    + b"}("
    + b"".join(
        b"\x8a\x0e" + (n * (2**61 - 1)).to_bytes(14, "little") + b"N" for n in range(1, 10_000)
    )
    + b"u.",
    "marks without end": PROTOCOL_4 + b"(" * DEEP,
    "an empty stack": PROTOCOL_4 + b"a.",
    "no such step": PROTOCOL_4 + b"\xff.",
    "no end": PROTOCOL_4 + b"}",
}


@pytest.mark.parametrize("sample", SAMPLES.values(), ids=SAMPLES)
def test_it_neither_runs_nor_loads(tmp_path, sample):
    sentinel, path = tmp_path / "ran", tmp_path / "a.pkl"
    command = f"touch {sentinel}"
    path.write_bytes(sample.replace(text(TOUCH), text(command)))
    began = time.process_time()  # a busy machine makes nobody late
    tracemalloc.start()
    with pytest.raises(DatasetError) as refused:
        opened(OpenRequest((str(path),)))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert refused.value.where == str(path)
    assert refused.value.remedy
    assert peak < LIMIT_BYTES + 3 * len(sample)
    assert time.process_time() - began < LIMIT_S
    assert not sentinel.exists()


def test_what_is_refused_is_named(tmp_path):
    path = tmp_path / "a.pkl"
    path.write_bytes(SAMPLES["os.system"])
    with pytest.raises(DatasetError, match=r"asks to run or build “os\.system”"):
        opened(OpenRequest((str(path),)))


def test_the_sample_is_hostile_to_a_plain_load(tmp_path):
    path = tmp_path / "a.pkl"
    path.write_bytes(
        pickle.dumps({"images": images(), "more": Calls(os.mkdir, str(tmp_path / "d"))})
    )
    with pytest.raises(DatasetError, match=r"posix\.mkdir"):
        opened(OpenRequest((str(path),)))
    assert not (tmp_path / "d").exists()
    pickle.loads(path.read_bytes())  # noqa: S301 - it makes a folder, nothing worse
    assert (tmp_path / "d").exists()


@pytest.mark.parametrize("protocol", range(6))
def test_code_in_an_array_of_objects_does_not_run(tmp_path, protocol):
    path = tmp_path / "a.pkl"
    hidden = np.array([Calls(os.mkdir, str(tmp_path / "d"))], object)
    path.write_bytes(pickle.dumps({"images": images(), "labels": hidden}, protocol))
    with pytest.raises(DatasetError, match=r"posix\.mkdir"):
        opened(OpenRequest((str(path),)))
    assert not (tmp_path / "d").exists()


def test_the_same_in_a_file_of_torch(tmp_path):
    import zipfile

    path = Path(tmp_path / "a.pt")
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a/data.pkl", SAMPLES["os.system"])
    with pytest.raises(DatasetError, match=r"asks to run or build “os\.system”"):
        opened(OpenRequest((str(path),)))
