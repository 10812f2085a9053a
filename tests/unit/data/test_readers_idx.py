"""IDX files: what is in them comes out; what is cut, stretched or made up is refused."""

from __future__ import annotations

import gzip
import struct
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from models.data.readers.arrays import idx
from models.errors import DatasetError
from models.types import OpenRequest
from tests.helpers.sources import idx_bytes, images, labels, opened

KINDS = ("images-idx3", "labels-idx1")
FILES = tuple(f"train-{what}-ubyte" for what in KINDS)
some_arrays = st.sampled_from(["u1", "i1", ">i2", ">i4", ">f4", ">f8"]).flatmap(
    lambda dtype: hnp.arrays(dtype, hnp.array_shapes(min_dims=1, max_dims=4, max_side=5))
)
quickly = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def read(path: Path) -> dict[str, np.ndarray]:
    """Every array of a file."""
    with ExitStack() as kept, ExitStack() as opening:
        found = list(idx.arrays(str(path), kept, opening))
        for array in found:
            list(array.preparing())
        return {array.name: array.rows(0, array.shape[0]) for array in found}


def pair(folder: Path, *, packed: bool = False) -> OpenRequest:
    paths = []
    for name, array in zip(FILES, (images(), labels().astype("u1")), strict=True):
        content = idx_bytes(array)
        path = folder / (name + ".gz" * packed)
        path.write_bytes(gzip.compress(content) if packed else content)
        paths.append(str(path))
    return OpenRequest(tuple(paths))


@pytest.mark.parametrize("packed", [False, True])
def test_a_pair_gives_every_image_and_label(tmp_path, packed):
    with opened(pair(tmp_path, packed=packed)) as source:
        assert np.array_equal(source.given, labels())
        assert np.array_equal(source.stack(np.arange(24)), images()[..., None])
        assert source.info.kind == "idx"


@quickly
@given(some_arrays, st.booleans())
def test_what_goes_in_comes_out(tmp_path, array, packed):
    path = tmp_path / "array"
    content = idx_bytes(array)
    path.write_bytes(gzip.compress(content) if packed else content)
    assert idx.recognises(str(path))
    found = read(path)[""]
    assert found.dtype == array.dtype.newbyteorder("=")
    np.testing.assert_array_equal(found, array)


@quickly
@given(some_arrays, st.data())
def test_a_file_that_lost_its_end_is_refused(tmp_path, array, data):
    content = idx_bytes(array)
    packed = data.draw(st.booleans())
    stored = gzip.compress(content) if packed else content
    path = tmp_path / "a-idx1-ubyte"
    path.write_bytes(stored[: data.draw(st.integers(0, len(stored) - 1))])
    with pytest.raises(DatasetError) as refused:
        read(path)
    assert str(path) in str(refused.value)


@quickly
@given(some_arrays, st.binary(min_size=1, max_size=9), st.booleans())
def test_a_file_that_is_longer_than_it_says_is_refused(tmp_path, array, more, packed):
    path = tmp_path / "array"
    content = idx_bytes(array) + more
    path.write_bytes(gzip.compress(content) if packed else content)
    with pytest.raises(DatasetError):
        read(path)


@quickly
@given(st.binary(max_size=40))
def test_no_file_is_taken_for_idx_that_could_not_be_one(tmp_path, content):
    assume(not (content[:2] == b"\0\0" and content[3:4] in (b"\1", b"\2", b"\3", b"\4")))
    path = tmp_path / "file"
    path.write_bytes(content)
    assert not idx.recognises(str(path))


@pytest.mark.parametrize("packed", [False, True])
def test_a_count_of_four_thousand_million_is_refused_at_once(tmp_path, packed):
    content = struct.pack(">4B3I", 0, 0, 8, 3, 4_000_000_000, 28, 28) + b"abc"
    path = tmp_path / "images-idx3-ubyte"
    path.write_bytes(gzip.compress(content) if packed else content)
    with pytest.raises(DatasetError, match=r"promises 4,000,000,000 x 28 x 28 values of uint8"):
        read(path)


@pytest.mark.parametrize("name", ["renamed.dat", "renamed.gz", "renamed.bin"])
@pytest.mark.parametrize("packed", [False, True])
def test_a_file_is_known_by_its_first_bytes(tmp_path, name, packed):
    content = idx_bytes(images())
    (tmp_path / name).write_bytes(gzip.compress(content) if packed else content)
    assert idx.recognises(str(tmp_path / name))
    assert np.array_equal(read(tmp_path / name)[""], images())


def test_a_file_with_the_name_alone_is_refused_in_words(tmp_path):
    path = tmp_path / "train-images-idx3-ubyte"
    path.write_bytes(b"<html>not found</html>")
    with pytest.raises(DatasetError, match="does not begin like an IDX file"):
        opened(OpenRequest((str(path),)))


@pytest.mark.parametrize("packed", [False, True])
def test_names_of_classes_lie_beside(tmp_path, packed):
    folder = tmp_path / "digits"
    folder.mkdir()
    request = pair(folder, packed=packed)
    (folder / "classes.txt").write_text("\ufeffant\r\nBiene\r\nKüken\r\n\r\n", encoding="utf-8")
    with opened(request) as source:
        assert source.info.class_names == ("ant", "Biene", "Küken")
    with opened(OpenRequest((str(folder),))) as source:
        assert source.info.class_names == ("ant", "Biene", "Küken")
        assert source.info.warnings == ()  # the list was used, not left out


def test_names_of_classes_that_are_counted_from_one(tmp_path):
    request = pair(tmp_path)
    Path(request.paths[1]).write_bytes(idx_bytes(labels().astype("u1") + 1))
    (tmp_path / "classes.txt").write_text("ant\nbee\ncat\n")
    with opened(request) as source:
        assert source.info.class_names == ("ant", "bee", "cat")
        assert np.array_equal(source.given, labels())


@pytest.mark.parametrize(
    "text",
    [
        b"ant\nbee\n",  # fewer than classes
        b"ant\nbee\nant\n",  # not names, for they repeat
        b"\n".join(b"line %d" % i for i in range(24)),  # another list altogether
        b"ant\nbee\n\xff\n",
        b"",
    ],
)
def test_a_text_that_does_not_fit_names_no_classes(tmp_path, text):
    request = pair(tmp_path)
    (tmp_path / "labels.txt").write_bytes(text)
    assert "class_names" not in read(Path(request.paths[1]))


def test_a_link_is_not_followed_for_names(tmp_path):
    folder = tmp_path / "data"
    folder.mkdir()
    request = pair(folder)
    (tmp_path / "secret").write_text("a\nb\nc\n")
    (folder / "classes.txt").symlink_to(tmp_path / "secret")
    assert "class_names" not in read(Path(request.paths[1]))


@pytest.mark.shared
def test_fashion_mnist_is_read_as_gzip_and_numpy_read_it(shared_data):
    paths = [shared_data / "fashion-mnist" / f"t10k-{what}-ubyte.gz" for what in KINDS]
    pixels, codes = (gzip.decompress(path.read_bytes()) for path in paths)
    with opened(OpenRequest(tuple(map(str, paths)))) as source:
        assert (source.info.n, source.info.image_shape) == (10_000, (28, 28, 1))
        assert source.given.astype("u1").tobytes() == codes[8:]
        assert (
            source.stack(np.arange(9_000, 9_100)).tobytes() == pixels[16:][9_000 * 784 :][:78_400]
        )
