"""Files of torch.save: tensors read without torch are the tensors torch reads."""

from __future__ import annotations

import zipfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from models.data.readers.arrays import torch_file
from models.data.readers.source import FlatArray, StoredArray
from models.errors import DatasetError
from models.types import OpenRequest
from tests.helpers.sources import images, labels, opened

PIXELS = torch.arange(24 * 3 * 4 * 5).reshape(24, 3, 4, 5)
SAME_IN_NUMPY = [
    *(torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64, torch.bool),
    *(torch.uint16, torch.uint32, torch.uint64, torch.float16, torch.float32, torch.float64),
]


def read(path: Path) -> dict[str, Any]:
    """Every array by its name: its values, or why it has none."""
    with ExitStack() as kept, ExitStack() as opening:
        return {
            array.name: array.rows(0, array.shape[0])
            if isinstance(array, StoredArray)
            else array.why
            for array in torch_file.arrays(str(path), kept, opening)
            if not hasattr(array, "doing")
        }


@pytest.mark.parametrize("dtype", SAME_IN_NUMPY, ids=str)
def test_every_number_type_reads_as_torch_reads_it(tmp_path, dtype):
    path = tmp_path / "a.pt"
    torch.save({"images": PIXELS.to(dtype)}, path)
    expected = torch.load(path, weights_only=True)["images"].numpy()
    got = read(path)["images"]
    assert got.dtype == expected.dtype
    np.testing.assert_array_equal(got, expected)


@pytest.mark.parametrize(
    "view",
    [
        PIXELS[5:9],
        PIXELS[:, 1:],
        PIXELS[::2],
        PIXELS.permute(0, 2, 3, 1),
        PIXELS.permute(3, 2, 1, 0),
        PIXELS[:, :1].expand(24, 3, 4, 5),
        PIXELS[0, 0, 0, :0],
        PIXELS.as_strided((20, 4), (1, 1), 7),
    ],
    ids=lambda view: f"{tuple(view.shape)} by {view.stride()}",
)
def test_views_read_as_torch_reads_them(tmp_path, view):
    path = tmp_path / "a.pt"
    torch.save([view], path)
    np.testing.assert_array_equal(read(path)["0"], view.numpy())


def test_a_tensor_in_one_piece_stays_in_the_file(tmp_path):
    path = tmp_path / "a.pt"
    torch.save((PIXELS, torch.arange(24)), path)
    with ExitStack() as kept, ExitStack() as opening:
        first, _ = torch_file.arrays(str(path), kept, opening)
        assert isinstance(first, FlatArray)
        np.testing.assert_array_equal(first.rows(7, 9), PIXELS[7:9].numpy())


def test_a_torch_file_opens_as_a_dataset(tmp_path):
    path = tmp_path / "a.pt"
    torch.save({"images": torch.from_numpy(images()), "labels": labels()}, path)
    with opened(OpenRequest((str(path),))) as source:
        np.testing.assert_array_equal(source.given, labels())
        np.testing.assert_array_equal(source.read(5)[..., 0], images()[5])


def test_numbers_numpy_does_not_have_and_repeated_ones_are_left_out(tmp_path):
    path = tmp_path / "a.pt"
    bare = {"b": torch.zeros(3).bfloat16(), "c": torch.zeros(3, dtype=torch.complex64)}
    torch.save({**bare, "wide": torch.zeros(1).expand(10**6)}, path)
    found = read(path)
    assert found["b"].startswith("holds BFloat16Storage numbers")
    assert found["c"].startswith("holds ComplexFloatStorage numbers")
    assert found["wide"] == "repeats few numbers many times"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (torch.nn.Conv2d(3, 8, 3).state_dict(), "holds the weights of a model"),
        ({"net": torch.nn.Conv2d(3, 8, 3).state_dict()}, "holds the weights of a model"),
        (torch.nn.Linear(2, 2), "asks to run or build “torch.nn.modules.linear.Linear”"),
        (torch.zeros(3).to_sparse(), "asks to run or build “torch._utils._rebuild_sparse_tensor”"),
    ],
    ids=["weights", "nested", "module", "sparse"],
)
def test_what_is_no_plain_tensor_is_refused(tmp_path, content, said):
    path = tmp_path / "a.pt"
    torch.save(content, path)
    with pytest.raises(DatasetError, match=said):
        read(path)


def test_files_of_before_version_1_6_are_refused(tmp_path):
    path = tmp_path / "a.pt"
    torch.save(PIXELS, path, _use_new_zipfile_serialization=False)
    with pytest.raises(DatasetError, match="is no zip archive, as torch"):
        read(path)


def test_programs_are_refused(tmp_path):
    path = tmp_path / "a.pt"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a/data.pkl", b"\x80\x02}.")
        archive.writestr("a/code/run.py", b"")
    with pytest.raises(DatasetError, match="is a program"):
        read(path)


def rewritten(path: Path, old: bytes, new: bytes, compression: int = zipfile.ZIP_STORED) -> None:
    """The archive again, with other bytes in its pickle."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, data in members.items():
            inside = data.replace(old, new) if name.endswith("data.pkl") else data
            assert inside != data or old == new or not name.endswith("data.pkl")
            archive.writestr(name, inside)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"K\x18K\x02\x86", b"K\x19K\x02\x86"),  # one row more than there is
        (b"K\x18K\x02\x86", b"K\x18J\xff\xff\xff\xff\x86"),  # a negative side
        (b"K\x02K\x01\x86", b"M\xff\xffK\x01\x86"),  # steps beyond the storage
        (b"X\x01\x00\x00\x000", b"X\x01\x00\x00\x009"),  # a storage that is not there
        (b"FloatStorage", b"ByteStorage_"),
    ],
)
def test_a_tensor_never_reaches_beyond_its_storage(tmp_path, old, new):
    path = tmp_path / "a.pt"
    torch.save(torch.zeros(24, 2), path)
    rewritten(path, old, new)
    with pytest.raises(DatasetError, match=r"damaged|asks to run"):
        read(path)


def test_compressed_members_are_refused(tmp_path):
    path = tmp_path / "a.pt"
    torch.save(torch.zeros(24, 2), path)
    rewritten(path, b"", b"", zipfile.ZIP_DEFLATED)
    with pytest.raises(DatasetError, match="damaged or incomplete torch file"):
        read(path)


@pytest.mark.parametrize("kept", [4, 100, -1])
def test_a_truncated_torch_file_is_refused(tmp_path, kept):
    path = tmp_path / "a.pt"
    torch.save(torch.zeros(24, 2), path)
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(DatasetError, match="damaged or incomplete torch file"):
        read(path)
