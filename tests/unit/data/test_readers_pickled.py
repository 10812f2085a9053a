"""Pickles of arrays, lists and dictionaries: the same as Python reads, in another way."""

from __future__ import annotations

import pickle
from collections import OrderedDict
from collections.abc import Generator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays_of

from models.data.readers.arrays import numpy_pickle, pickled
from models.data.readers.arrays.numpy_pickle import PickledArray
from models.data.readers.arrays.safe_pickle import read_pickle
from models.data.readers.source import FlatArray, OpenFile, StoredArray
from models.errors import DatasetError
from models.types import OpenRequest
from tests.helpers.sources import images, labels, opened

PROTOCOLS = range(6)
KEYS = st.one_of(st.text(max_size=5), st.integers(-(2**40), 2**40), st.binary(max_size=5))
PLAIN = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**64 - 1),
    st.floats(allow_nan=False),
    st.text(max_size=20),
    st.binary(max_size=20),
    st.sets(st.integers(0, 9)),
)
ARRAYS = arrays_of.arrays(
    st.one_of(
        arrays_of.integer_dtypes(),
        arrays_of.unsigned_integer_dtypes(endianness=">"),
        arrays_of.floating_dtypes(sizes=(16, 32, 64)),
        arrays_of.boolean_dtypes(),
        arrays_of.unicode_string_dtypes(max_len=4),
        arrays_of.byte_string_dtypes(max_len=4),
    ),
    arrays_of.array_shapes(max_dims=4, max_side=4),
)
TREES = st.recursive(
    st.one_of(PLAIN, ARRAYS, ARRAYS.map(np.asfortranarray)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.lists(inner, max_size=4).map(tuple),
        st.dictionaries(KEYS, inner, max_size=4),
        st.dictionaries(KEYS, inner, max_size=4).map(OrderedDict),
    ),
    max_leaves=12,
)


def written(path: Path, content: object, protocol: int = 4) -> OpenRequest:
    path.write_bytes(pickle.dumps(content, protocol))
    return OpenRequest((str(path),))


def read(path: Path) -> dict[str, object]:
    """Every array of a pickle by its name: its values, or why it has none."""
    with ExitStack() as kept, ExitStack() as opening:
        found = pickled.arrays(str(path), kept, opening)
        return {
            array.name: array.rows(0, array.shape[0])
            if isinstance(array, StoredArray)
            else array.why
            for array in found
            if not hasattr(array, "doing")
        }


def result(work: Generator[object, None, Any]) -> Any:
    while True:
        try:
            next(work)
        except StopIteration as end:
            return end.value


def assert_same(got: Any, expected: object, file: OpenFile) -> None:
    if isinstance(expected, np.ndarray):
        assert isinstance(got, PickledArray)
        if expected.dtype.itemsize == 0:
            assert got.why
            return
        values = got.whole(file)
        assert values.dtype == expected.dtype.newbyteorder("=")
        np.testing.assert_array_equal(values, expected)
    elif isinstance(expected, dict):
        assert list(got) == list(expected)
        for key in expected:
            assert_same(got[key], expected[key], file)
    elif isinstance(expected, list | tuple):
        assert type(got) is type(expected)
        assert len(got) == len(expected)
        for inner, wanted in zip(got, expected, strict=True):
            assert_same(inner, wanted, file)
    else:
        assert got == expected


@pytest.mark.slow
@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(tree=TREES, protocol=st.sampled_from(PROTOCOLS))
def test_any_data_is_read_as_python_reads_it(tmp_path, tree, protocol):
    path = tmp_path / "a.pkl"
    written(path, tree, protocol)
    file = OpenFile(str(path))
    try:
        assert_same(result(read_pickle(file, 0, file.size, numpy_pickle.WORDS)), tree, file)
    finally:
        file.close()


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_arrays_are_named_by_their_path(tmp_path, protocol):
    path = tmp_path / "a.pkl"
    content = {
        "x": images(),
        b"inner": {"y": labels(), 3: np.arange(3), "note": "left out", "n": 7},
        "pair": (images(4), [0, 1, 1, 0]),
    }
    written(path, content, protocol)
    found = read(path)
    assert list(found) == ["x", "inner/y", "inner/3", "pair/0", "pair/1"]
    np.testing.assert_array_equal(found["x"], images())
    assert found["pair/1"].tolist() == [0, 1, 1, 0]


@pytest.mark.parametrize("protocol", [3, 4, 5])
def test_large_arrays_stay_in_the_file(tmp_path, protocol):
    path = tmp_path / "a.pkl"
    written(path, {"images": images(100), "labels": labels(100)}, protocol)
    with ExitStack() as kept, ExitStack() as opening:
        first, _ = pickled.arrays(str(path), kept, opening)
        assert isinstance(first, FlatArray)
        np.testing.assert_array_equal(first.rows(40, 42), images(100)[40:42])


def test_a_list_of_equal_images_is_one_array(tmp_path):
    path = tmp_path / "a.pkl"
    written(path, {"images": list(images()), "labels": labels().tolist()})
    found = read(path)
    np.testing.assert_array_equal(found["images"], images())
    np.testing.assert_array_equal(found["labels"], labels())


@pytest.mark.parametrize(
    "records",
    [
        list(zip(images(), labels().tolist(), strict=True)),
        [{0: image, 1: label} for image, label in zip(images(), labels(), strict=True)],
    ],
)
def test_a_list_of_records_is_one_array_a_field(tmp_path, records):
    path = tmp_path / "a.pkl"
    written(path, records)
    found = read(path)
    np.testing.assert_array_equal(found["0"], images())
    np.testing.assert_array_equal(found["1"], labels())


def test_lists_of_labels(tmp_path):
    path = tmp_path / "a.pkl"
    content = {
        "text": ["cat", "ant"],
        "bytes": [b"cat", b"\xff"],
        "missing": [1, None],
        "one_hot": np.eye(3, dtype=int)[labels()].tolist(),
        "huge": [2**100],
    }
    written(path, content)
    found = read(path)
    assert found["text"].tolist() == ["cat", "ant"]
    assert found["bytes"].tolist() == ["cat", r"\xff"]
    assert np.isnan(found["missing"][1])
    np.testing.assert_array_equal(found["one_hot"], np.eye(3)[labels()])
    assert found["huge"] == "holds whole numbers of more than 64 bits"


def test_what_is_no_plain_array_says_why(tmp_path):
    path = tmp_path / "a.pkl"
    content = {
        "objects": np.array([{}, []], object),
        "records": np.zeros(3, [("a", "u1")]),
        "dates": np.zeros(3, "M8[s]"),
        "mixed": [np.zeros((n, 3)) for n in range(1, 20)],
    }
    written(path, content)
    found = read(path)
    assert found["objects"] == "holds Python objects"
    assert found["records"] == "holds V1 values"
    assert found["dates"] == "holds M8 values"
    assert "different shapes" in found["mixed"]


def test_an_empty_array_of_impossible_sides_does_not_keep_the_others_from_opening(tmp_path):
    content = pickle.dumps({"empty": np.zeros((0, 1 << 40)), "x": images()}, 2)
    side, impossible = (pickle.dumps(1 << bits, 2)[2:-1] for bits in (40, 61))
    assert content.count(side) == 1
    (tmp_path / "a.pkl").write_bytes(content.replace(side, impossible))
    found = read(tmp_path / "a.pkl")
    assert found["empty"] == "is of an impossible shape"
    assert np.array_equal(found["x"], images())


def test_a_list_that_holds_itself_ends(tmp_path):
    content: dict[str, object] = {"images": images()}
    content["again"] = [content, [content]]
    written(tmp_path / "a.pkl", content)
    assert list(read(tmp_path / "a.pkl")) == ["images"]


def test_shared_lists_are_not_walked_again_and_again(tmp_path):
    shared: object = []
    for _ in range(25):
        shared = [(shared, shared)] * 20
    written(tmp_path / "a.pkl", shared)
    with pytest.raises(DatasetError, match="too many dictionaries and lists"):
        read(tmp_path / "a.pkl")


def python_2_batch() -> bytes:
    """{"data": uint8 (24, 64), "labels": [0, 1, ...]} as Python 2 wrote CIFAR's batches."""
    raw = images().tobytes()
    minus_one = b"J\xff\xff\xff\xff"
    state = b"(K\x03U\x01|NNN" + 2 * minus_one + b"K\x00tb"
    dtype = b"cnumpy\ndtype\nq\x04(U\x02u1K\x00K\x01tRq\x05" + state
    array = (
        b"cnumpy.core.multiarray\n_reconstruct\nq\x02cnumpy\nndarray\nq\x03K\x00\x85U\x01b\x87R"
        b"(K\x01K\x18K@\x86" + dtype + b"\x89T" + len(raw).to_bytes(4, "little") + raw + b"tb"
    )
    codes = b"](" + b"".join(b"K" + bytes([label]) for label in labels().tolist()) + b"e"
    return b"\x80\x02}q\x01(U\x04dataq\x06" + array + b"U\x06labels" + codes + b"u."


def test_cifars_python_2_batches_without_a_suffix(tmp_path):
    path = tmp_path / "data_batch_1"
    path.write_bytes(python_2_batch())
    assert pickled.recognises(str(path))
    found = read(path)
    np.testing.assert_array_equal(found["data"], images().reshape(24, 64))
    np.testing.assert_array_equal(found["labels"], labels())


@pytest.mark.parametrize(
    "text", [b"", b"\x80", b"\x80\x02", b"\x80\x02}.x", b"a text.", b"(lp0\n."]
)
def test_other_files_without_a_suffix_are_not_claimed(tmp_path, text):
    path = tmp_path / "README"
    path.write_bytes(text)
    assert not pickled.recognises(str(path))


def test_a_pickle_opens_as_a_dataset(tmp_path):
    request = written(tmp_path / "a.pkl", {"images": images(), "labels": labels().tolist()})
    with opened(request) as source:
        assert source.info.kind == "pickled"
        np.testing.assert_array_equal(source.given, labels())
        np.testing.assert_array_equal(source.read(5)[..., 0], images()[5])


@pytest.mark.parametrize("kept", [1, 2, 30, -1])
def test_a_truncated_pickle_is_refused(tmp_path, kept):
    path = tmp_path / "a.pkl"
    request = written(path, {"images": images(100), "labels": labels(100)})
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(DatasetError, match="is not a whole pickle, or is damaged"):
        opened(request)


def test_labels_lie_beside_their_images_in_nested_tuples(tmp_path):
    """As Keras returns it and mnist.pkl holds it: ((x, y), (x, y))."""
    content = ((images(24), labels()), (images(9), labels(9)[::-1].copy()))
    with opened(written(tmp_path / "d.pkl", content)) as source:
        assert source.info.labelled == 33
        assert source.given.tolist() == [*labels(), *labels(9)[::-1]]
        assert np.array_equal(source.read(24)[..., 0], images(9)[0])
