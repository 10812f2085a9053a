"""`winnow fetch`: a known dataset ends up in a folder that can be opened."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import re
import tarfile
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import pytest
from filelock import FileLock

from models.data.downloads import Published
from models.errors import DatasetError
from models.fetching import DATASETS, Dataset, fetching
from models.types import Finished, OpenRequest
from qtapp import cli
from qtapp.arguments import parse
from tests.helpers.servers import serving
from tests.helpers.sources import idx_bytes, images, labels, opened


def fetch(dataset: Dataset, folder: Path | None) -> Path:
    *_, done = fetching(
        "known", folder, datasets={"known": dataset}, schemes=("http",), stall_s=0.5
    )
    assert isinstance(done, Finished)
    return Path(done.result["path"])


@pytest.fixture
def publish():
    """Serves a file and describes it."""
    with ExitStack() as running:

        def start(name: str, content: bytes) -> Published:
            server = running.enter_context(serving({name: content}))
            checksum = hashlib.sha256(content).hexdigest()
            return Published(name, len(content), checksum, [server.address])

        yield start


def archive(**members: bytes) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        for name, content in members.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    return packed.getvalue()


def test_files_lie_beside_the_names_of_their_classes(tmp_path, publish):
    folder = fetch(Dataset((publish("a.gz", b"data"),), ("ant", "größe")), tmp_path / "new")
    assert (folder / "a.gz").read_bytes() == b"data"
    assert (folder / "classes.txt").read_text(encoding="utf-8") == "ant\ngröße\n"


def test_without_a_folder_it_lies_among_the_data_of_this_person(own_home, publish):
    folder = fetch(Dataset((publish("a.gz", b"data"),)), None)
    assert folder == own_home / "data" / "winnow" / "datasets" / "known"


def test_names_a_person_changed_stay(tmp_path, publish):
    (tmp_path / "classes.txt").write_text("mine\n")
    fetch(Dataset((publish("a.gz", b"data"),), ("theirs",)), tmp_path)
    assert (tmp_path / "classes.txt").read_text() == "mine\n"


def test_an_archive_is_unpacked_as_far_as_wanted_and_not_kept(tmp_path, publish):
    content = archive(**{"in/one.bin": b"1" * 9, "../two.bin": b"22", "in/readme.html": b"?"})
    dataset = Dataset((publish("known.tar.gz", content),), unpacked={"one.bin": 9, "two.bin": 2})
    folder = tmp_path / "here"
    fetch(dataset, folder)
    assert sorted(p.name for p in folder.iterdir() if p.name[0] != ".") == ["one.bin", "two.bin"]
    assert [p.name for p in tmp_path.iterdir() if p.suffix == ".bin"] == []


def test_an_archive_that_was_unpacked_is_not_downloaded_again(tmp_path, publish):
    dataset = Dataset((publish("a.tar.gz", archive(one=b"1")),), unpacked={"one": 1})
    fetch(dataset, tmp_path)
    elsewhere = Published("a.tar.gz", 1, "0" * 64, ["http://localhost:1/"])
    fetch(Dataset((elsewhere,), unpacked={"one": 1}), tmp_path)


def test_an_archive_without_what_is_wanted_is_refused(tmp_path, publish):
    dataset = Dataset((publish("a.tar.gz", archive(one=b"12")),), unpacked={"one": 1, "two": 1})
    with pytest.raises(DatasetError, match=r"a.tar.gz: does not hold one, two"):
        fetch(dataset, tmp_path)


def test_a_folder_is_filled_by_one_program_at_a_time(tmp_path, publish):
    dataset = Dataset((publish("a.gz", b"data"),))
    with FileLock(tmp_path / ".fetch.lock"), pytest.raises(DatasetError, match="another Winnow"):
        fetch(dataset, tmp_path)


def test_a_place_that_cannot_be_a_folder_is_refused(tmp_path, publish):
    (tmp_path / "file").touch()
    with pytest.raises(DatasetError, match=r"file: cannot be written .*-o"):
        fetch(Dataset(()), tmp_path / "file")


def test_the_command_line_prints_the_folder_to_open(tmp_path, publish, monkeypatch, capsys):
    four = [
        publish(f"{split}-{kind}-ubyte.gz", gzip.compress(idx_bytes(array)))
        for split in ("train", "t10k")
        for kind, array in (("images-idx3", images(6)), ("labels-idx1", labels(6).astype("u1")))
    ]
    known = {"mnist": Dataset(four, ("ant", "bee", "cat"))}
    monkeypatch.setattr(cli, "fetching", partial(fetching, datasets=known, schemes=("http",)))
    assert cli.run(parse(["fetch", "mnist", "-o", str(tmp_path / "my data")])) == 0
    said = capsys.readouterr()
    assert said.out == f"{tmp_path}/my data\n"
    assert said.err.endswith(f"Open it: winnow '{tmp_path}/my data'\n")
    assert cli.run(parse(["fetch", "mnist", "-o", str(tmp_path / "my data"), "--json"])) == 0
    assert json.loads(capsys.readouterr().out)["path"] == f"{tmp_path}/my data"
    with opened(OpenRequest((f"{tmp_path}/my data",))) as source:
        assert source.info.splits == {"train": 6, "test": 6}
        assert source.info.class_names == ("ant", "bee", "cat")


@pytest.mark.parametrize("name", DATASETS)
def test_what_is_known_of_the_datasets_is_well_formed(name):
    for file in DATASETS[name].files:
        assert re.fullmatch(r"[0-9a-f]{64}", file.sha256)
        assert all(re.fullmatch(r"https://\S+/", server) for server in file.servers)


@pytest.mark.shared
def test_fashion_mnist_is_what_its_checksums_say(shared_data):
    for file in DATASETS["fashion-mnist"].files:
        content = (shared_data / "fashion-mnist" / file.name).read_bytes()
        assert (len(content), hashlib.sha256(content).hexdigest()) == (file.size, file.sha256)
