"""HDF5 files: any layout reads exactly, hostile and damaged ones are refused in words."""

from __future__ import annotations

import re
import zlib

import h5py
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.data.readers.arrays import hdf5_filters
from models.errors import DatasetError, Undecided
from models.types import OpenRequest
from tests.helpers import sources
from tests.helpers.sources import images, labels, opened

COLOUR = images(50, (12, 10, 3)) // 8  # compressible
STORED = [
    {},
    {"chunks": (1, 12, 10, 3), "fletcher32": True},
    {"chunks": (16, 5, 4, 2), "compression": "gzip", "shuffle": True, "fletcher32": True},
    {"chunks": (7, 12, 10, 3), "compression": "lzf", "shuffle": True},
]


@pytest.mark.parametrize("stored", STORED)
@pytest.mark.parametrize("dtype", ["u1", "<f4", ">u2"])
def test_every_way_of_storing_reads_exactly(tmp_path, stored, dtype):
    pixels = COLOUR.astype(dtype)
    request = sources.hdf5(tmp_path / "a.h5", stored=stored, deep__down__images=pixels)
    with opened(request) as source:
        shuffled = np.random.default_rng(1).permutation(50)
        assert np.array_equal(source.stack(shuffled), pixels[shuffled])
        assert np.array_equal(source.read(49), pixels[49])
        assert source.info.kind == "hdf5"


def test_groups_named_train_and_test_are_splits(tmp_path):
    request = sources.hdf5(
        tmp_path / "a.h5",
        train__images=images(),
        train__labels=labels(),
        test__images=images(6),
        test__labels=labels(6),
    )
    with opened(request) as source:
        assert source.info.splits == {"train": 24, "test": 6}
        assert source.info.labelled == 30


def test_variable_length_text_labels(tmp_path):
    names = np.array(["cat", "ant", "bée"], object)[labels()]
    with opened(sources.hdf5(tmp_path / "a.h5", images=images(), labels=names)) as source:
        assert source.info.class_names == ("ant", "bée", "cat")
        assert source.given[:3].tolist() == [2, 0, 1]


def test_no_lock_stays_on_the_file(tmp_path):
    path = tmp_path / "a.h5"
    with opened(sources.hdf5(path)) as source, h5py.File(path, "r+"):
        assert source.read(0).shape == (8, 8, 1)


@pytest.mark.parametrize(
    ("link", "said"),
    [
        (h5py.SoftLink("/real"), "is a link to another place in the file"),
        (h5py.ExternalLink("other.h5", "/images"), "is a link to another file"),
    ],
)
@pytest.mark.parametrize("at", ["images", "group/images"])
def test_links_are_not_followed(tmp_path, link, said, at):
    sources.hdf5(tmp_path / "other.h5")
    path = tmp_path / "a.h5"
    with h5py.File(path, "x") as file:
        file["labels"] = labels()
        file[at] = link
    with pytest.raises(DatasetError, match=f"array “{at}” {said}"):
        opened(OpenRequest((str(path),)))


def test_a_linked_group_on_the_way_is_not_followed(tmp_path):
    sources.hdf5(tmp_path / "other.h5", g__images=images())
    path = tmp_path / "a.h5"
    with h5py.File(path, "x") as file:
        file["g"] = h5py.ExternalLink("other.h5", "/g")
    with pytest.raises(DatasetError, match="array “g” is a link to another file"):
        opened(OpenRequest((str(path),), images="g"))


def test_values_in_another_file_are_refused(tmp_path):
    secret = tmp_path / "secret"
    secret.write_bytes(bytes(24 * 64))
    path = tmp_path / "a.h5"
    with h5py.File(path, "x") as file:
        file.create_dataset("images", (24, 8, 8), "u1", external=[(str(secret), 0, 24 * 64)])
        file["labels"] = labels()
    with pytest.raises(DatasetError, match="keeps its values in another file"):
        opened(OpenRequest((str(path),)))


def test_virtual_datasets_are_refused(tmp_path):
    path = tmp_path / "a.h5"
    layout = h5py.VirtualLayout((24, 8, 8), "u1")
    layout[:] = h5py.VirtualSource("gone.h5", "images", (24, 8, 8))
    with h5py.File(path, "x") as file:
        file.create_virtual_dataset("images", layout)
    with pytest.raises(DatasetError, match="is virtual"):
        opened(OpenRequest((str(path),)))


def test_more_declared_than_stored_is_refused(tmp_path):
    path = tmp_path / "a.h5"
    with h5py.File(path, "x") as file:
        file.create_dataset("images", (10**9, 1000, 1000), "u1", chunks=(1, 1000, 1000))
    with pytest.raises(DatasetError, match="declares 1,000,000,000,000,000 bytes"):
        opened(OpenRequest((str(path),)))


def _with_first_chunk(path, packed, **stored):
    """An otherwise good file whose first image's chunk holds these bytes."""
    sources.hdf5(path, stored={"chunks": (1, 8, 8), **stored})
    with h5py.File(path, "r+") as file:
        file["images"].id.write_direct_chunk((0, 0, 0), packed)
    return OpenRequest((str(path),))


@pytest.mark.parametrize(
    ("packed", "stored"),
    [
        (zlib.compress(bytes(10)), {"compression": "gzip"}),
        (zlib.compress(bytes(1 << 24)), {"compression": "gzip"}),
        (zlib.compress(bytes(64))[:-6], {"compression": "gzip"}),
        (b"\x00", {"compression": "lzf"}),
        (bytes(68), {"fletcher32": True}),
    ],
)
def test_a_chunk_that_is_not_what_it_says_costs_only_its_own_image(tmp_path, packed, stored):
    if "fletcher32" in stored:
        packed = packed[:-1] + b"\1"
    with opened(_with_first_chunk(tmp_path / "a.h5", packed, **stored)) as source:
        assert source.info.unreadable == 1
        with pytest.raises(DatasetError, match="damaged piece"):
            source.read(0)
        assert np.array_equal(source.read(1)[..., 0], images()[1])


def test_an_unknown_filter_is_refused(tmp_path):
    path = tmp_path / "a.h5"
    sources.hdf5(path, stored={"chunks": (1, 8, 8), "scaleoffset": 0})
    with pytest.raises(DatasetError, match=r"a filter Winnow does not read \(number 6\)"):
        opened(OpenRequest((str(path),)))


def test_cycles_of_groups_end(tmp_path):
    path = tmp_path / "a.h5"
    with h5py.File(path, "x") as file:
        inner = file.create_group("a/b")
        inner["back"] = file["a"]
        file["images"], file["labels"] = images(), labels()
    with opened(OpenRequest((str(path),))) as source:
        assert source.info.n == 24


@pytest.mark.parametrize("kept", [0, 8, 500, 2000, -1])
def test_a_truncated_hdf5_is_refused(tmp_path, kept):
    path = tmp_path / "a.h5"
    request = sources.hdf5(path)
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(DatasetError, match=re.escape(str(path))):
        opened(request)


@given(st.binary(max_size=200), st.integers(0, 300))
def test_lzf_never_yields_more_than_allowed_nor_any_other_error(packed, limit):
    try:
        assert len(hdf5_filters.lzf_decoded(packed, limit)) <= limit
    except ValueError as refused:
        assert str(refused)  # noqa: PT017 - either outcome is right


@given(st.binary(max_size=300))
def test_fletcher32_is_the_sum_of_sums(data):
    low = high = 0
    padded = data + b"\0" * (len(data) % 2)
    for word in zip(padded[::2], padded[1::2], strict=True):
        low = (low + word[0] * 256 + word[1]) % 65535
        high = (high + low) % 65535
    assert hdf5_filters.fletcher32(data) == (low, high)


@pytest.mark.parametrize("values", [(0, 1, 2), (10, 20, 30)])
def test_an_enumeration_names_the_classes(tmp_path, values):
    path = tmp_path / "a.h5"
    names = dict(zip(("wasp", "ant", "bee"), values, strict=True))
    with h5py.File(path, "x") as file:
        file["images"] = images()
        stored = np.array(values, np.uint8)[labels()]
        file.create_dataset("labels", data=stored, dtype=h5py.enum_dtype(names, "u1"))
    with opened(OpenRequest((str(path),))) as source:
        assert source.info.class_names == ("wasp", "ant", "bee")
        assert np.array_equal(source.given, labels())


def test_a_value_outside_an_enumeration_is_no_class(tmp_path):
    path = tmp_path / "a.h5"
    with h5py.File(path, "x") as file:
        file["images"] = images(3)
        data, kind = np.array([10, 99, 20], np.uint8), h5py.enum_dtype({"a": 10, "b": 20}, "u1")
        file.create_dataset("labels", data=data, dtype=kind)
    with opened(OpenRequest((str(path),))) as source:
        assert source.given.tolist() == [0, -1, 1]
        assert "(for example “99”)" in source.info.warnings[0]


def test_class_names_in_a_text_dataset(tmp_path):
    names = np.array(["ant", "bée", "cat"], object)
    request = sources.hdf5(tmp_path / "a.h5", images=images(), labels=labels(), class_names=names)
    with opened(request) as source:
        assert source.info.class_names == ("ant", "bée", "cat")


def test_what_is_unsure_lists_every_candidate_with_shape_and_type(tmp_path):
    request = sources.hdf5(tmp_path / "a.h5", a=images(), deep__b=images(), y=labels())
    with pytest.raises(Undecided, match=r"“a” \(24, 8, 8\) uint8, “deep/b” \(24, 8, 8\)") as asked:
        opened(request)
    assert [(a["name"], a["dtype"], a["role"]) for a in asked.value.arrays] == [
        ("a", "uint8", "images"),
        ("y", "int64", "labels"),
        ("deep/b", "uint8", "images"),
    ]
