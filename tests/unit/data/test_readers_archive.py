"""Archives: what is in them opens as it would unpacked, and nothing gets out of bounds."""

from __future__ import annotations

import inspect
import io
import os
import stat
import struct
import tarfile
import zipfile
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.data.fingerprint import fingerprint
from models.data.readers import Source, open_source, scratch
from models.data.readers.archives import archive_cache, member_writer
from models.data.readers.archives.archive import ArchivedSource
from models.data.readers.archives.member_writer import Unpacked, safe_parts
from models.data.readers.archives.unpacking import unpack
from models.errors import DatasetError
from models.types import OpenRequest
from tests.helpers import sources
from tests.helpers.sources import opened


def zipped(path: Path, members: dict[str, bytes]) -> OpenRequest:
    with zipfile.ZipFile(path, "x", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return OpenRequest((str(path),))


def tarred(path: Path, members: dict[str, bytes | tarfile.TarInfo]) -> OpenRequest:
    mode = {"gz": "x:gz", "bz2": "x:bz2", "xz": "x:xz"}.get(path.suffix[1:], "x:")
    with tarfile.open(path, mode) as archive:  # type: ignore[call-overload]
        for name, content in members.items():
            if isinstance(content, tarfile.TarInfo):
                archive.addfile(content)
                continue
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return OpenRequest((str(path),))


def special(name: str, kind: bytes, target: str = "") -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, target
    return member


def files_below(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture
def photos(tmp_path: Path) -> dict[str, bytes]:
    sources.folder(tmp_path / "photos", splits=("train", "test"), per_class=2)
    return files_below(tmp_path / "photos")


@pytest.fixture
def cache(own_home: Path) -> Path:
    return own_home / "cache" / "winnow" / "archives"


def kept_folders(cache: Path) -> list[Path]:
    return [path for path in cache.iterdir() if path.is_dir()]


@pytest.mark.parametrize("suffix", [".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz"])
def test_a_folder_in_an_archive_is_that_folder(tmp_path, photos, suffix):
    members = {f"photos/{name}": content for name, content in photos.items()}
    make = zipped if suffix == ".zip" else tarred
    name = f"animals{suffix if suffix != '.tgz' else '.tar.gz'}"
    request = make(tmp_path / name, members)
    if suffix == ".tgz":
        os.rename(tmp_path / name, tmp_path / "animals.tgz")
        request = OpenRequest((str(tmp_path / "animals.tgz"),))
    with opened(request) as source, opened(OpenRequest((str(tmp_path / "photos"),))) as plain:
        assert source.info.splits == plain.info.splits == {"test": 6, "train": 6}
        assert source.info.class_names == plain.info.class_names
        assert source.info.name == "animals"
        assert source.info.fingerprint == fingerprint(request.paths)
        assert OpenRequest.from_message(source.info.request) == request
        for i in range(source.info.n):
            assert source.path(i) == plain.path(i)
            assert source.original(i) == plain.original(i) == photos[plain.path(i)]
            assert np.array_equal(source.read(i), plain.read(i))


def test_it_is_unpacked_once_and_again_when_the_archive_changes(tmp_path, photos, cache):
    request = zipped(tmp_path / "a.zip", photos)
    with opened(request):
        pass
    (first,) = kept_folders(cache)
    made = first.stat().st_ino
    with opened(request) as source:
        assert source.info.n == 12
    assert [path.stat().st_ino for path in kept_folders(cache)] == [made]
    (tmp_path / "a.zip").unlink()
    with opened(zipped(tmp_path / "a.zip", dict(list(photos.items())[:4]))) as source:
        assert source.info.n == 4
    assert len(kept_folders(cache)) == 2


@pytest.mark.parametrize("damage", ["deleted", "emptied"])
def test_a_cache_that_lost_files_is_made_again(tmp_path, photos, cache, damage):
    request = zipped(tmp_path / "a.zip", photos)
    with opened(request):
        pass
    victim = next(kept_folders(cache)[0].rglob("*.png"))
    victim.unlink() if damage == "deleted" else victim.write_bytes(b"")
    with opened(request) as source:
        assert source.info.n == 12
        assert all(source.read(i).shape == (8, 8, 3) for i in range(12))


def test_arrays_in_a_zip(tmp_path):
    sources.npz(tmp_path / "d.npz")
    os.rename(tmp_path / "d.npz", tmp_path / "d.zip")
    with opened(OpenRequest((str(tmp_path / "d.zip"),))) as source:
        assert source.info.n == sources.N
        assert np.array_equal(source.read(3)[..., 0], sources.images()[3])
    sources.npz(tmp_path / "e.npz")
    content = {"data/e.npz": (tmp_path / "e.npz").read_bytes()}
    with opened(zipped(tmp_path / "e.zip", content)) as source:
        assert source.info.kind == "npz"
        assert source.path(3) == "e.npz[3]"


def test_several_archives_are_one_dataset(tmp_path, photos):
    parts: dict[str, dict[str, bytes]] = {"train": {}, "test": {}}
    for name, content in photos.items():
        split, _, rest = name.partition("/")
        parts[split][rest] = content
    train = zipped(tmp_path / "train.zip", parts["train"])
    test = tarred(tmp_path / "test.tar.gz", parts["test"])
    with opened(OpenRequest((*train.paths, *test.paths))) as source:
        assert source.info.splits == {"test": 6, "train": 6}


@pytest.mark.parametrize("wrapped", [False, True])
@pytest.mark.parametrize("names", [("part1", "part2"), ("berlin", "paris")])
def test_archives_with_folders_of_the_same_classes_are_no_classes(tmp_path, photos, names, wrapped):
    of_train = {k.partition("/")[2]: v for k, v in photos.items() if k.startswith("train")}
    paths: list[str] = []
    for name in names:
        above = f"{name}/" if wrapped else ""
        members = {above + member: content for member, content in of_train.items()}
        paths += zipped(tmp_path / f"{name}.zip", members).paths
    with opened(OpenRequest(tuple(paths))) as source:
        assert source.info.class_names == tuple(sorted({os.path.dirname(k) for k in of_train}))
        assert source.info.splits == {"all": 12}
        assert source.info.unlabelled == 0
        told = f"names, not taken for classes: {', '.join(names)}."
        assert [told in warning for warning in source.info.warnings] == [True] * ("paris" in names)


def test_archives_of_a_class_each_stay_classes(tmp_path, photos):
    images = list(photos.values())
    ant = zipped(tmp_path / "ant.zip", {"1.png": images[0], "2.png": images[1]})
    bee = zipped(tmp_path / "bee.zip", {"1.png": images[2]})
    with opened(OpenRequest((*ant.paths, *bee.paths))) as source:
        assert source.info.class_names == ("ant", "bee")


@pytest.mark.parametrize("inside", ["images", "{0}/images", "train", "test/photos"])
def test_archives_of_a_class_each_stay_classes_also_with_one_folder_in_each(
    tmp_path, photos, inside
):
    paths: list[str] = []
    for name, images in zip(("ant", "bee"), np.array_split(list(photos.values()), 2), strict=True):
        folder = inside.format(name)
        members = {f"{folder}/{i}.png": bytes(image) for i, image in enumerate(images)}
        paths += zipped(tmp_path / f"{name}.zip", members).paths
    with opened(OpenRequest(tuple(paths))) as source:
        assert source.info.class_names == ("ant", "bee")
        assert source.info.unlabelled == 0


@pytest.mark.parametrize("names", [("train", "test"), ("Train", "Test"), ("training_set", "test1")])
def test_archives_with_a_split_each_keep_the_splits(tmp_path, photos, names):
    paths: list[str] = []
    for archive, split, name in zip("ab", ("train", "test"), names, strict=True):
        members = {k.replace(split, name, 1): v for k, v in photos.items() if k.startswith(split)}
        paths += zipped(tmp_path / f"{archive}.zip", members).paths
    with opened(OpenRequest(tuple(paths))) as source:
        assert source.info.splits == {"train": 6, "test": 6}
        assert source.info.class_names == tuple(sorted({k.split("/")[1] for k in photos}))


def test_numbered_archives_of_nothing_but_images_are_no_classes(tmp_path, photos):
    images = list(photos.values())
    paths: list[str] = []
    for number in (1, 2):
        members = {f"images/{number}.png": images[number]}
        paths += zipped(tmp_path / f"images_00{number}.zip", members).paths
    with opened(OpenRequest(tuple(paths))) as source:
        assert source.info.class_names == ()


def test_folders_of_a_zip_as_windows_may_write_them(tmp_path, photos):
    folders = {f"{os.path.dirname(name)}/" for name in photos} | {"train/", "test/"}
    members = dict.fromkeys(sorted(folders), b"") | photos
    request = zipped(tmp_path / "a.zip", {})
    with zipfile.ZipFile(request.paths[0], "a") as archive:
        for name, content in members.items():
            archive.writestr(name.replace("/", "\\"), content)
    with opened(request) as source:
        assert source.info.splits == {"test": 6, "train": 6}


def test_archives_of_one_name_in_the_folders_of_their_splits(tmp_path, photos):
    requests = []
    for split in ("train", "test"):
        (tmp_path / split).mkdir()
        members = {k.partition("/")[2]: v for k, v in photos.items() if k.startswith(split)}
        requests.append(zipped(tmp_path / split / "images.zip", members))
    paths = tuple(path for request in requests for path in request.paths)
    with opened(OpenRequest(paths)) as source:
        assert source.info.splits == {"train": 6, "test": 6}
    with pytest.raises(DatasetError, match=r"train/images\.zip: was given twice"):
        list(open_source(OpenRequest(paths[:1] * 2)))


@pytest.mark.parametrize(
    "name",
    ["../evil.png", "a/../../evil.png", "/evil.png", "..\\evil.png", "C:\\evil.png", "C:/evil.png"],
)
@pytest.mark.parametrize("make", [zipped, tarred])
def test_names_that_lead_out_are_refused(tmp_path, name, make, cache):
    path = tmp_path / ("a.zip" if make is zipped else "a.tar.gz")
    with pytest.raises(DatasetError, match="whose path leads out"):
        list(open_source(make(path, {"ok.png": b"x", name: b"x"})))
    assert not list(tmp_path.rglob("*evil*"))
    assert kept_folders(cache) == []


def test_a_name_with_a_hidden_part_is_refused(tmp_path):
    path = tmp_path / "a.zip"
    zipped(path, {"goodXevil.png": b"x"})
    path.write_bytes(path.read_bytes().replace(b"goodXevil", b"good\0evil"))
    with pytest.raises(DatasetError, match="whose name hides a part"):
        list(open_source(OpenRequest((str(path),))))


def test_links_and_devices_are_left_out_and_said(tmp_path, photos):
    secret = tmp_path / "outside"
    secret.mkdir()
    members: dict[str, bytes | tarfile.TarInfo] = {
        "link": special("link", tarfile.SYMTYPE, str(secret)),
        "link/through.png": next(iter(photos.values())),
        "hard": special("hard", tarfile.LNKTYPE, "link/through.png"),
        "device": special("device", tarfile.CHRTYPE),
        "pipe": special("pipe", tarfile.FIFOTYPE),
        **photos,
    }
    with opened(tarred(tmp_path / "a.tar.gz", members)) as source:
        said = " ".join(source.info.warnings)
        assert "left out: link, hard, device, ... (4 in all)" in said
        assert source.info.n == 13
    assert list(secret.iterdir()) == []


def test_links_in_a_zip_are_left_out(tmp_path, photos):
    path = tmp_path / "a.zip"
    zipped(path, photos)
    with zipfile.ZipFile(path, "a") as archive:
        link = zipfile.ZipInfo("train/ant/link.png")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    with opened(OpenRequest((str(path),))) as source:
        assert source.info.n == 12
        assert "left out: train/ant/link.png." in " ".join(source.info.warnings)


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("second", ["a.png", "./a.png", "a.png/b.png"])
def test_twice_the_same_name_is_refused(tmp_path, second):
    path = tmp_path / "a.zip"
    zipped(path, {"a.png": b"1"})
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(second, b"2")
    with pytest.raises(DatasetError, match="twice, or as a file and a folder"):
        list(open_source(OpenRequest((str(path),))))


def test_bombs_are_refused_before_they_are_unpacked(tmp_path, monkeypatch, cache):
    monkeypatch.setattr(member_writer, "SMALL_BYTES", 1000)
    monkeypatch.setattr(member_writer, "MOST_RATIO", 50)
    request = zipped(tmp_path / "a.zip", {"a.npy": bytes(1 << 20)})
    with pytest.raises(DatasetError, match=r"“a.npy” in it unpacks to more than 50 times its size"):
        list(open_source(request))
    request = tarred(tmp_path / "a.tar.gz", {"a.npy": bytes(1 << 20)})
    with pytest.raises(DatasetError, match="unpacks to more than 50 times its size"):
        list(open_source(request))
    assert kept_folders(cache) == []


def test_members_that_share_their_bytes_are_refused(tmp_path):
    path = tmp_path / "a.zip"
    zipped(path, {"a": os.urandom(3000)})
    content = path.read_bytes()
    end = content.index(b"PK\x05\x06")
    start = content.index(b"PK\x01\x02")
    entry = content[start:end]
    tail = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, 9, 9, 9 * len(entry), start, 0)
    path.write_bytes(content[:start] + 9 * entry + tail)
    with pytest.raises(DatasetError, match="share the same bytes"):
        list(open_source(OpenRequest((str(path),))))


@pytest.mark.parametrize("make", [zipped, tarred])
def test_too_many_members_are_refused_whatever_the_directory_says(tmp_path, monkeypatch, make):
    monkeypatch.setattr(member_writer, "MOST_MEMBERS", 5)
    path = tmp_path / ("a.zip" if make is zipped else "a.tar.gz")
    make(path, {f"{i}.png": b"x" for i in range(6)})
    if make is zipped:
        content = path.read_bytes()
        end = content.index(b"PK\x05\x06")
        path.write_bytes(content[: end + 8] + b"\1\0\1\0" + content[end + 12 :])
    with pytest.raises(DatasetError, match="holds more than 5 files"):
        list(open_source(OpenRequest((str(path),))))


def test_a_full_disk_is_said_before_it_happens(tmp_path, monkeypatch, photos):
    request = zipped(tmp_path / "a.zip", photos)
    packed = tarred(tmp_path / "a.tar.gz", dict(photos))
    monkeypatch.setattr(scratch, "SPARE_BYTES", 1 << 60)
    monkeypatch.setattr(member_writer, "SPARE_BYTES", 1 << 60)
    for each in (request, packed):
        with pytest.raises(DatasetError, match=r"needs 0.0 GB to unpack, .* GB are free"):
            list(open_source(each))


def test_encrypted_archives_are_refused(tmp_path):
    path = tmp_path / "a.zip"
    zipped(path, {"a.png": b"x" * 100})
    content = bytearray(path.read_bytes())
    content[content.index(b"PK\x03\x04") + 6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(content)
    with pytest.raises(DatasetError, match="is encrypted"):
        list(open_source(OpenRequest((str(path),))))


@pytest.mark.parametrize("suffix", ["zip", "tar", "tar.gz"])
def test_truncated_archives_are_refused_and_leave_nothing(tmp_path, photos, suffix, cache):
    path = tmp_path / f"a.{suffix}"
    make = zipped if suffix == "zip" else tarred
    make(path, dict(photos))
    content = path.read_bytes()
    for n_bytes in (len(content) // 3, len(content) // 1024 * 512, 100):
        path.write_bytes(content[:n_bytes])
        with pytest.raises(DatasetError, match=r"damaged or incomplete (zip|tar) archive"):
            list(open_source(OpenRequest((str(path),))))
    assert kept_folders(cache) == []


def test_archives_in_archives_are_mentioned(tmp_path, photos):
    inner = zipped(tmp_path / "inner.zip", photos)
    content = Path(inner.paths[0]).read_bytes()
    with pytest.raises(DatasetError, match="holds nothing but other archives"):
        list(open_source(zipped(tmp_path / "a.zip", {"inner.zip": content})))
    with opened(zipped(tmp_path / "b.zip", {**photos, "more/inner.zip": content})) as source:
        assert "not unpacked: more/inner.zip." in " ".join(source.info.warnings)


def test_errors_name_the_archive(tmp_path):
    request = zipped(tmp_path / "a.zip", {"x/a.npy": b"no array", "x/b.npy": b"no array"})
    with pytest.raises(DatasetError) as refused:
        list(open_source(request))
    assert str(tmp_path / "a.zip" / "x") in refused.value.where
    assert "cache" not in str(refused.value)


def test_old_folders_are_removed_but_none_in_use(tmp_path, monkeypatch, photos, cache):
    requests = [zipped(tmp_path / f"{i}.zip", {**photos, "no.txt": bytes([i])}) for i in range(3)]
    with opened(requests[0]) as in_use:
        with opened(requests[1]):
            pass
        monkeypatch.setattr(archive_cache, "MOST_BYTES", 1)
        (cache / ("0" * 32 + ".part")).mkdir()
        with opened(requests[2]):
            assert len(kept_folders(cache)) == 2
            assert in_use.read(0).shape == (8, 8, 3)
    with opened(requests[1]):
        assert len(kept_folders(cache)) == 1
    assert not list(cache.glob("*.part"))


def test_who_comes_second_waits_and_shares(tmp_path, photos, cache):
    request = zipped(tmp_path / "a.zip", photos)
    first, second = open_source(request), open_source(request)
    while not next(first).doing.startswith("unpacking"):  # type: ignore[union-attr]
        pass
    step = next(second)
    assert not isinstance(step, Source)
    assert step.doing == "waiting for another process that unpacks it"
    *_, one = first
    *_, two = second
    assert isinstance(one, Source)
    assert isinstance(two, Source)
    assert np.array_equal(one.read(5), two.read(5))
    assert len(kept_folders(cache)) == 1
    one.close()
    two.close()


def test_who_stops_half_way_leaves_nothing_and_the_next_one_goes_on(tmp_path, photos, cache):
    request = zipped(tmp_path / "a.zip", photos)
    with closing(open_source(request)) as opening:
        while not next(opening).doing.startswith("unpacking"):  # type: ignore[union-attr]
            pass
    assert kept_folders(cache) == []
    with opened(request) as source:
        assert source.info.n == 12


def test_nothing_of_a_source_is_forgotten():
    def public(kind: type) -> set[str]:
        return {name for name in dir(kind) if not name.startswith("_")}

    forwarded = set(vars(ArchivedSource)) | set(
        inspect.getsource(ArchivedSource.__init__).replace("self.", " ").replace(",", " ").split()
    )
    assert public(Source) <= forwarded


names = st.lists(
    st.text(st.characters(codec="utf-8", exclude_characters="/\\\0"), min_size=1, max_size=8),
    min_size=1,
    max_size=4,
).map("/".join)


@given(name=st.one_of(names, st.text(max_size=30)))
@settings(max_examples=100, deadline=None)
def test_no_name_leads_out(name):
    try:
        parts = safe_parts(name, "a.zip")
    except DatasetError:
        return
    joined = os.path.normpath(os.path.join("/root/of/it", *parts))
    assert joined == "/root/of/it" or joined.startswith("/root/of/it/")


@pytest.mark.slow
@given(
    content=st.dictionaries(
        st.from_regex(r"[a-c]{1,2}(/[d-f]{1,2}){0,2}", fullmatch=True),
        st.binary(max_size=50),
        max_size=6,
    )
)
@settings(max_examples=25, deadline=None)
def test_what_comes_out_is_what_python_unpacks(tmp_path_factory, content):
    folder = tmp_path_factory.mktemp("x")
    clashing = any(other.startswith(f"{name}/") for name in content for other in content)
    for make, name in ((zipped, "a.zip"), (tarred, "a.tar.gz")):
        request = make(folder / name, content)
        inner = folder / f"{name}.out"
        inner.mkdir()
        if clashing:
            with pytest.raises(DatasetError, match="as a file and a folder"):
                list(unpack(request.paths[0], str(inner), Unpacked()))
        else:
            done = Unpacked()
            list(unpack(request.paths[0], str(inner), done))
            assert files_below(inner) == content
            assert done.n_bytes == sum(map(len, content.values()))
