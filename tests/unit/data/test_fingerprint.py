"""Fingerprints tell a changed source from a moved one."""

from __future__ import annotations

import os

import numpy as np
import pytest

from models.data.fingerprint import content_hash, fingerprint, same
from models.errors import DatasetError
from tests.helpers import sources


@pytest.fixture
def large(tmp_path):
    path = tmp_path / "large.bin"
    path.write_bytes(np.random.default_rng(0).bytes(1_000_000))
    return path


def test_a_moved_file_is_the_same(large):
    before = fingerprint([str(large)])
    moved = large.rename(large.with_name("elsewhere.bin"))
    assert same(before, fingerprint([str(moved)]))


@pytest.mark.parametrize("at", [0, 999_999])
def test_a_changed_byte_at_either_end_is_seen(large, at):
    before = fingerprint([str(large)])
    facts = large.stat()
    with open(large, "r+b") as file:
        file.seek(at)
        byte = file.read(1)
        file.seek(at)
        file.write(bytes([byte[0] ^ 1]))
    os.utime(large, ns=(facts.st_atime_ns, facts.st_mtime_ns))
    assert not same(before, fingerprint([str(large)]))


def test_a_newer_date_matters_where_not_all_bytes_were_hashed(large, tmp_path):
    small = tmp_path / "small.bin"
    small.write_bytes(b"hello")
    before_large, before_small = fingerprint([str(large)]), fingerprint([str(small)])
    for path in (large, small):
        os.utime(path, ns=(0, 0))
    assert not same(before_large, fingerprint([str(large)]))
    assert same(before_small, fingerprint([str(small)]))


def test_a_folder_is_its_list_of_files(tmp_path):
    root = tmp_path / "d"
    request = sources.folder(root)
    before = fingerprint(request.paths)
    (root / ".DS_Store").write_bytes(b"x")
    (root / "d.winnow").mkdir()
    (root / "d.winnow" / "journal.db").write_bytes(b"x")
    assert same(before, fingerprint(request.paths))
    (root / "ant" / "000.png").rename(root / "bee" / "900.png")
    assert not same(before, fingerprint(request.paths))


@pytest.mark.parametrize("name", ["report.html", "a/Thumbs.db", "desktop.ini", ".DS_Store"])
def test_what_no_reader_opens_makes_no_other_folder_of_it(tmp_path, name):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "1.png").write_bytes(b"one")
    before = fingerprint([str(tmp_path)])
    (tmp_path / name).write_bytes(b"put there later")
    assert fingerprint([str(tmp_path)]) == before


def test_several_files_have_one_part_each(tmp_path):
    request = sources.npy(tmp_path)
    assert len(fingerprint(request.paths)["parts"]) == 2


def test_a_missing_file_is_said_in_words(tmp_path):
    with pytest.raises(DatasetError, match="cannot be read"):
        fingerprint([str(tmp_path / "gone.npz")])


def test_content_hash_is_of_type_shape_and_pixels():
    pixels = sources.images(1, (4, 6, 3))[0]
    assert len(content_hash(pixels)) == 16
    assert content_hash(pixels) == content_hash(np.asfortranarray(pixels))
    assert content_hash(pixels.astype(">u2")) == content_hash(pixels.astype("<u2"))
    others = [pixels.reshape(6, 4, 3), pixels.astype("i1"), pixels[::-1]]
    assert len({content_hash(pixels), *map(content_hash, others)}) == 4
