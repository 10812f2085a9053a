"""WebDataset shards: read in place, labels from the texts beside the images."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from models.data.readers import open_source
from models.data.readers.images import webdataset
from models.errors import DatasetError
from models.types import OpenRequest
from tests.helpers import sources
from tests.helpers.sources import opened

FILES = sources.encoded()
LABELS = sources.labels().tolist()


def shard(path: Path, members: Sequence[tuple[str, bytes]], mode: str = "x") -> OpenRequest:
    with tarfile.open(path, mode) as archive:  # type: ignore[call-overload]
        for name, content in members:
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return OpenRequest((str(path),))


def samples(start: int = 0, stop: int = 24, suffix: str = "cls") -> list[tuple[str, bytes]]:
    return [
        member
        for i in range(start, stop)
        for member in ((f"{i:04}.{suffix}", b"%d" % LABELS[i]), (f"{i:04}.png", FILES[i]))
    ]


def test_images_are_read_in_place(tmp_path, own_home):
    with opened(shard(tmp_path / "d.tar", samples())) as source:
        assert source.info.kind == "webdataset"
        assert source.info.class_names == ("0", "1", "2")
        assert source.given.tolist() == LABELS
        for i in (23, 0, 7):
            assert np.array_equal(source.read(i), np.asarray(Image.open(io.BytesIO(FILES[i]))))
            assert source.original(i) == FILES[i]
            assert source.path(i) == f"{i:04}.png"
            assert source.thumbnail(i, 4).shape == (4, 4, 3)
    assert not (own_home / "cache").exists()


def test_what_macos_puts_into_a_tar_is_no_sample(tmp_path):
    members = [(f"./{name}", content) for name, content in samples()]
    hidden = [(f"./._{name[2:]}", b"\0\5\x16\7") for name, _ in members]
    mixed = [member for pair in zip(hidden, members, strict=True) for member in pair]
    with opened(shard(tmp_path / "d.tar", mixed)) as source:
        assert source.given.tolist() == LABELS
        assert (source.info.unreadable, source.info.warnings) == (0, ())


def test_shards_and_splits(tmp_path):
    for name, start, stop in (("val-000000", 0, 4), ("train-10", 14, 24), ("train-9", 4, 14)):
        shard(tmp_path / f"{name}.tar", samples(start, stop))
    with opened(OpenRequest((str(tmp_path),))) as source:
        assert source.info.splits == {"train": 20, "val": 4}
        assert source.original(0) == FILES[4]
        assert source.path(10) == "train-10.tar/0014.png"
        assert source.given.tolist() == LABELS[4:] + LABELS[:4]


def test_names_come_from_a_list_of_classes(tmp_path):
    listed = [("classes.txt", b"ant\nbee\r\ncat\n"), *samples()]
    with opened(shard(tmp_path / "d.tar", listed)) as source:
        assert source.info.class_names == ("ant", "bee", "cat")
        assert source.given.tolist() == LABELS


def test_shards_that_number_their_classes_differently_are_joined_by_name(tmp_path):
    shard(tmp_path / "train.tar", [("classes.txt", b"ant\nbee\ncat"), *samples(0, 12)])
    shard(tmp_path / "val.tar", [*samples(12, 24), ("classes.txt", b"cat\nant\nbee")])
    with opened(OpenRequest((str(tmp_path),))) as source:
        assert source.info.class_names == ("ant", "bee", "cat")
        assert source.given[:12].tolist() == LABELS[:12]
        assert source.given[12:].tolist() == [(2, 0, 1)[label] for label in LABELS[12:]]
        assert "number their classes differently" in source.info.warnings[0]


def test_a_list_in_one_shard_is_that_of_all(tmp_path):
    shard(tmp_path / "train.tar", samples(0, 12))
    shard(tmp_path / "val.tar", [*samples(12, 24), ("classes.txt", b"cat\nant\nbee")])
    with opened(OpenRequest((str(tmp_path),))) as source:
        assert source.info.class_names == ("cat", "ant", "bee")
        assert source.given.tolist() == LABELS


def test_names_come_from_texts_that_agree_with_the_codes(tmp_path):
    named = [
        (f"{i:04}.txt", ("cat", "ant", "bee")[label].encode()) for i, label in enumerate(LABELS)
    ]
    with opened(shard(tmp_path / "d.tar", samples() + named)) as source:
        assert source.info.class_names == ("cat", "ant", "bee")
        assert source.given.tolist() == LABELS


NAMES = ("ant", "bee", "cat")


def named(start: int, stop: int, *, with_code: bool) -> list[tuple[str, bytes]]:
    """Samples with the name of their class, and some with its number as well."""
    names = [(f"{i:04}.txt", NAMES[LABELS[i]].encode()) for i in range(start, stop)]
    images = [(f"{i:04}.png", FILES[i]) for i in range(start, stop)]
    return names + (samples(start, stop) if with_code else images)


def test_a_shard_of_names_beside_one_of_numbers_with_names_is_labelled(tmp_path):
    a = shard(tmp_path / "a.tar", named(0, 12, with_code=True))
    b = shard(tmp_path / "b.tar", named(12, 24, with_code=False))
    with opened(OpenRequest((*a.paths, *b.paths))) as source:
        assert source.info.class_names == NAMES
        assert source.given.tolist() == LABELS
        assert source.info.warnings == ()


def test_names_in_one_shard_are_found_in_the_list_of_classes_of_another(tmp_path):
    a = shard(tmp_path / "a.tar", [("classes.txt", b"ant\nbee\ncat"), *samples(0, 12)])
    b = shard(tmp_path / "b.tar", named(12, 24, with_code=False))
    with opened(OpenRequest((*a.paths, *b.paths))) as source:
        assert source.given.tolist() == LABELS


def test_names_of_which_nothing_says_the_number_are_told_to_be_unlabelled(tmp_path):
    a = shard(tmp_path / "a.tar", samples(0, 12))
    b = shard(tmp_path / "b.tar", named(12, 24, with_code=False))
    with opened(OpenRequest((*a.paths, *b.paths))) as source:
        assert source.given.tolist() == LABELS[:12] + [-1] * 12
        (warning,) = source.info.warnings
        assert warning.startswith("Samples with a text but no number of a class: 12.")


def test_captions_beside_codes_are_no_names(tmp_path):
    captions = [(f"{i:04}.txt", b"photo %d" % i) for i in range(24)]
    with opened(shard(tmp_path / "d.tar", samples() + captions)) as source:
        assert source.info.class_names == ("0", "1", "2")


@pytest.mark.parametrize("key", ["label", "class_name"])
def test_labels_in_json(tmp_path, key):
    members = [
        member
        for i, file in enumerate(FILES)
        for member in (
            (f"x/{i}.JPG", file),
            (f"x/{i}.json", json.dumps({"id": i, key: "cab"[LABELS[i]]}).encode()),
        )
    ]
    with opened(shard(tmp_path / "d.tar", members)) as source:
        assert source.info.class_names == ("a", "b", "c")
        assert source.given[:3].tolist() == [2, 0, 1]
        assert source.path(3) == "x/3.JPG"


def test_whole_numbers_with_a_point_and_impossible_ones_in_json(tmp_path):
    said = [1.0, float("nan"), 0.5, -(10**30), 0.0]
    members = [(f"{i}.png", FILES[i]) for i in range(5)]
    members += [
        (f"{i}.json", json.dumps({"label": value}).encode()) for i, value in enumerate(said)
    ]
    with opened(shard(tmp_path / "d.tar", members)) as source:
        assert source.info.class_names == ("0", "1")
        assert source.given.tolist() == [1, -1, -1, -1, 0]


def test_half_a_character_in_a_json_is_shown_escaped(tmp_path):
    texts = [(f"{i}.json", b'{"class_name": "bee\\ud83d"}') for i in range(2)]
    images = [(f"{i}.png", FILES[i]) for i in range(2)]
    with opened(shard(tmp_path / "d.tar", [*texts, *images])) as source:
        assert source.info.class_names == ("bee\\ud83d",)


def test_other_facts_beside_a_label_are_no_unclear_label(tmp_path):
    facts = [(f"{i:04}.json", b'{"width": 8}') for i in range(24)]
    with opened(shard(tmp_path / "d.tar", samples() + facts)) as source:
        assert source.given.tolist() == LABELS
        assert source.info.warnings == ()


@pytest.mark.parametrize("text", [b"", b"[[1, 2]]", b"{", b"[" * 5000, b'{"label": [0, 1]}'])
def test_odd_texts_leave_their_sample_unlabelled(tmp_path, text):
    members = [("0000.json", text), ("0000.png", FILES[0]), *samples(1)]
    with opened(shard(tmp_path / "d.tar", members)) as source:
        assert source.given[0] == -1
        assert source.given[1:].tolist() == LABELS[1:]
        assert "Label texts that name no class, or several: 1." in source.info.warnings


def test_many_different_texts_are_captions(tmp_path, monkeypatch):
    members = [(f"{i:04}.txt", b"photo %d" % i) for i in range(24)]
    members += [(f"{i:04}.png", file) for i, file in enumerate(FILES)]
    monkeypatch.setattr("models.data.readers.images.sample_labels._FEW", 5)
    with opened(shard(tmp_path / "d.tar", sorted(members))) as source:
        assert source.info.labelled == 0
        assert "captions, not classes" in " ".join(source.info.warnings)


def test_other_members_are_left_out_and_said(tmp_path):
    odd = tarfile.TarInfo("0001.jpg")
    odd.type, odd.linkname = tarfile.SYMTYPE, "/etc/passwd"
    path = tmp_path / "d.tar"
    shard(path, [*samples(), ("0000.seg.npy", b"x")])
    with tarfile.open(path, "a") as archive:
        archive.addfile(odd)
    with opened(OpenRequest((str(path),))) as source:
        assert source.info.n == 24
        assert "0000.seg.npy, 0001.jpg" in " ".join(source.info.warnings)


def test_a_packed_shard_is_unpacked_into_a_plain_one(tmp_path):
    with opened(shard(tmp_path / "d-train.tar.gz", samples(), "x:gz")) as source:
        assert source.info.kind == "webdataset"
        assert source.info.name == "d-train"
        assert source.given.tolist() == LABELS
        assert source.original(5) == FILES[5]


def test_a_tar_of_folders_is_none(tmp_path):
    request = shard(tmp_path / "d.tar", [(f"ant/{i}.png", FILES[i]) for i in range(4)])
    assert not webdataset.claims(request.paths)
    with opened(request) as source:
        assert source.info.kind == "folder"


@pytest.mark.parametrize("left", [0.3, 0.6, 0.9])
def test_a_shard_that_is_cut_off_is_refused(tmp_path, left):
    request = shard(tmp_path / "d.tar", samples(), "x:")
    path = Path(request.paths[0])
    content = path.read_bytes()[: 24 * 4 * 512]
    path.write_bytes(content[: int(left * len(content))])
    with pytest.raises(DatasetError, match="damaged or incomplete tar archive"):
        list(open_source(request))


def test_a_shard_cut_off_later_is_an_error_of_its_last_images(tmp_path):
    request = shard(tmp_path / "d.tar", samples(), "x:")
    with opened(request) as source:
        path = Path(request.paths[0])
        path.write_bytes(path.read_bytes()[:10_000])
        assert source.read(0).shape == (8, 8, 3)
        with pytest.raises(DatasetError, match="is shorter than it says it is"):
            source.original(23)
