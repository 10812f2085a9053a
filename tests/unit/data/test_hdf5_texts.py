"""Text of variable length in HDF5: the same as h5py reads, and no damage makes it hang."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Any

import h5py
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.data.readers.arrays import hdf5
from models.data.readers.source import StoredArray, Unusable
from models.errors import DatasetError

TEXT = st.text(st.characters(blacklist_characters="\0", blacklist_categories=["Cs"]), max_size=40)
STORED: tuple[dict[str, Any], ...] = (
    {},
    {"chunks": (3,), "maxshape": (None,)},
    {"chunks": (5,), "maxshape": (None,), "compression": "gzip", "shuffle": True},
    {"chunks": (64,), "maxshape": (None,)},
)


def read(path: Path) -> Any:
    with ExitStack() as kept, ExitStack() as opening:
        (array,) = hdf5.arrays(str(path), kept, opening)
        if isinstance(array, Unusable):
            raise DatasetError(array.why)
        assert isinstance(array, StoredArray)
        list(array.preparing())
        return array.rows(0, array.shape[0])


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    texts=st.lists(TEXT, min_size=1, max_size=30),
    stored=st.sampled_from(STORED),
    libver=st.sampled_from([None, "latest"]),
    userblock=st.sampled_from([0, 512]),
)
def test_texts_are_those_that_h5py_reads(tmp_path, texts, stored, libver, userblock):
    path = Path(tmp_path) / "a.h5"
    path.unlink(missing_ok=True)
    with h5py.File(path, "x", libver=libver, userblock_size=userblock) as file:
        file.create_dataset("texts", data=texts, dtype=h5py.string_dtype(), **stored)
        expected = file["texts"].asstr()[:].tolist()
    assert read(path).tolist() == expected


def test_long_and_many_texts(tmp_path):
    texts = ["x" * 5_000, "", *(f"{i:05}" for i in range(2_000))]
    with h5py.File(tmp_path / "a.h5", "x") as file:
        file["texts"] = texts
    assert read(tmp_path / "a.h5").tolist() == texts


def test_one_text_of_a_megabyte_among_labels_is_refused(tmp_path):
    with h5py.File(tmp_path / "a.h5", "x") as file:
        file["texts"] = ["x" * 10**6, *("y" for _ in range(1_000))]
    with pytest.raises(DatasetError, match="holds texts too long to be labels"):
        read(tmp_path / "a.h5")


def test_undecodable_text_is_escaped(tmp_path):
    with h5py.File(tmp_path / "a.h5", "x") as file:
        file.create_dataset("texts", data=[b"caf\xe9"], dtype=h5py.string_dtype())
    assert read(tmp_path / "a.h5").tolist() == [r"caf\xe9"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"GCOL", b"LOCG"),
        (b"GCOL\x01\0\0\0\x00\x10", b"GCOL\x01\0\0\0\x00\x00"),  # a heap of no bytes
        (b"GCOL\x01\0\0\0\x00\x10\0\0", b"GCOL\x01\0\0\0\xff\xff\xff\xff"),
        (b"\x01\0\0\0\0\0\0\0\x03\0", b"\x01\0\0\0\0\0\0\0\x00\0"),  # an object of no bytes
        (b"\x01\0\0\0\0\0\0\0\x03\0\0\0", b"\x01\0\0\0\0\0\0\0\xff\xff\xff\xff"),
        (b"\x01\0\0\0\0\0\0\0\x03\0", b"\x07\0\0\0\0\0\0\0\x03\0"),  # not the one referred to
    ],
)
def test_a_damaged_heap_is_refused(tmp_path, old, new):
    path = tmp_path / "a.h5"
    with h5py.File(path, "x") as file:
        file["texts"] = ["ant", "bee"]
    data = path.read_bytes()
    at = data.index(old, data.index(b"GCOL"))
    path.write_bytes(data[:at] + new + data[at + len(new) :])
    with pytest.raises(DatasetError, match="texts that are not where it says"):
        read(path)


def test_texts_that_were_never_written_are_refused(tmp_path):
    with h5py.File(tmp_path / "a.h5", "x") as file:
        file.create_dataset("texts", (10**9,), h5py.string_dtype(), chunks=(10**6,))
    with pytest.raises(DatasetError, match="declares 16,000,000,000 bytes where 0 are stored"):
        read(tmp_path / "a.h5")
