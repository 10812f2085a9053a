"""Downloads of published files: from good servers, bad ones and none at all."""

from __future__ import annotations

import hashlib
import shutil
import socket
import ssl
import subprocess
from contextlib import ExitStack
from pathlib import Path

import pytest

from models.data.downloads import Downloader, Published
from models.errors import DatasetError
from models.types import Progress
from tests.helpers.servers import FileServer, serving

CONTENT = bytes(i * 7 % 251 for i in range(5_000))
NAME = "train-images-idx3-ubyte.gz"


@pytest.fixture
def servers():
    """Makes servers by their manner: servers("cuts", ...)."""
    with ExitStack() as running:

        def start(*manners: str) -> list[FileServer]:
            return [running.enter_context(serving({NAME: CONTENT}, m)) for m in manners]

        yield start


def published(*servers: FileServer) -> Published:
    checksum = hashlib.sha256(CONTENT).hexdigest()
    return Published(NAME, len(CONTENT), checksum, [server.address for server in servers])


def download(folder: Path, *servers: FileServer) -> list[Progress]:
    downloader = Downloader(folder, schemes=("http",), stall_s=0.3)
    return list(downloader.download(published(*servers)))


def is_complete(folder: Path) -> bool:
    return (folder / NAME).read_bytes() == CONTENT and list(folder.iterdir()) == [folder / NAME]


def test_a_good_server_gives_the_file_and_says_how_far_it_is(tmp_path, servers):
    steps = download(tmp_path, *servers(""))
    assert is_complete(tmp_path)
    loading = [step.done for step in steps if step.doing == f"downloading {NAME}"]
    assert loading == sorted(loading)
    assert loading[-1] == len(CONTENT)


def test_what_is_there_is_not_downloaded_again(tmp_path, servers):
    (server,) = servers("")
    download(tmp_path, server)
    download(tmp_path, server)
    assert len(server.asked) == 1


def test_a_damaged_file_is_downloaded_again(tmp_path, servers):
    (tmp_path / NAME).write_bytes(CONTENT[::-1])
    download(tmp_path, *servers(""))
    assert is_complete(tmp_path)


def test_a_server_that_cuts_is_asked_for_the_rest_until_all_is_there(tmp_path, servers):
    (server,) = servers("cuts")
    download(tmp_path, server)
    assert is_complete(tmp_path)
    assert server.asked == ["", *(f"bytes={n}-" for n in range(1_000, 5_000, 1_000))]


def test_a_later_run_goes_on_where_an_earlier_one_ended(tmp_path, servers):
    (tmp_path / f"{NAME}.part").write_bytes(CONTENT[:3_210])
    (server,) = servers("")
    download(tmp_path, server)
    assert is_complete(tmp_path)
    assert server.asked == ["bytes=3210-"]


def test_a_server_without_ranges_sends_all_of_it_again(tmp_path, servers):
    (tmp_path / f"{NAME}.part").write_bytes(CONTENT[:3_210])
    download(tmp_path, *servers("knows no ranges"))
    assert is_complete(tmp_path)


@pytest.mark.parametrize("leftover", [b"other" * 600, CONTENT + b"more", b"x" * len(CONTENT)])
def test_a_wrong_beginning_is_thrown_away(tmp_path, servers, leftover):
    (tmp_path / f"{NAME}.part").write_bytes(leftover)
    download(tmp_path, *servers(""))
    assert is_complete(tmp_path)


BAD = {
    "wrong bytes": "localhost sends other bytes than were published",
    "lies about length": "localhost has a file of 5007 bytes, not of 5000",
    "endless": "localhost sends more bytes than were published",
    "stalls": "localhost sends nothing",
    "drips": "localhost sends next to nothing",
    "has nothing": "localhost answers 404 Not Found",
    "redirects": "localhost leads on to https, which is not trusted",
}


@pytest.mark.parametrize("manner", BAD)
def test_a_bad_server_is_refused_in_words_and_leaves_no_file(tmp_path, servers, manner):
    bad = servers(manner)
    bad[0].piece = 0 if manner == "stalls" else 1_000
    with pytest.raises(DatasetError) as refused:
        download(tmp_path, *bad)
    assert BAD[manner] in str(refused.value)
    assert not (tmp_path / NAME).exists()


@pytest.mark.parametrize("manner", BAD)
def test_after_a_bad_server_comes_the_next(tmp_path, servers, manner):
    bad, good = servers(manner, "")
    bad.piece = 0 if manner == "stalls" else 1_000
    download(tmp_path, bad, good)
    assert is_complete(tmp_path)


def test_a_part_that_does_not_begin_where_it_was_asked_for_is_not_taken(tmp_path, servers):
    (tmp_path / f"{NAME}.part").write_bytes(CONTENT[:1_000])
    with pytest.raises(DatasetError, match=r"another part than was asked for \(bytes 999-4999"):
        download(tmp_path, *servers("wrong range"))


def test_without_a_network_one_sentence_says_so(tmp_path):
    with socket.socket() as taken:  # bound but not listening: every connection is refused
        taken.bind(("127.0.0.1", 0))
        nobody = FileServer({}, address=f"http://127.0.0.1:{taken.getsockname()[1]}/")
        with pytest.raises(DatasetError) as refused:
            download(tmp_path, nobody)
    assert str(refused.value) == (
        f"{NAME}: could not be downloaded, for none of its servers can be reached. "
        "Check the connection to the network, and run the same line again."
    )


def test_a_folder_that_may_not_be_written_is_no_fault_of_the_server(tmp_path, servers):
    (tmp_path / f"{NAME}.part").mkdir()
    with pytest.raises(DatasetError, match=r"part: cannot be written \(Is a directory\)"):
        download(tmp_path, *servers(""))


def test_only_https_is_used_unless_a_test_says_otherwise(tmp_path, servers):
    (server,) = servers("")
    with pytest.raises(DatasetError, match="has no address in https"):
        list(Downloader(tmp_path).download(published(server)))
    assert server.asked == []


@pytest.mark.skipif(not shutil.which("openssl"), reason="makes its certificate with openssl")
def test_a_certificate_nobody_vouches_for_is_refused(tmp_path):
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    command += ["-nodes", "-days", "2", "-subj", "/CN=localhost", "-out", str(certificate)]
    subprocess.run([*command, "-keyout", str(key)], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    folder = tmp_path / "data"
    folder.mkdir()
    with serving({NAME: CONTENT}, tls=context) as server:
        with pytest.raises(DatasetError) as refused:
            list(Downloader(folder, stall_s=1).download(published(server)))
        assert server.asked == []
    assert "is not who it says it is" in str(refused.value)
