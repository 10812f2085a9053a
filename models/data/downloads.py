"""Downloads one published file over https: resumed if it was cut, checked before it counts.

urllib is enough here. pooch, the usual library for this, does not resume, knows one address a
file and brings requests along; nothing else in Winnow speaks http.
"""

from __future__ import annotations

import hashlib
import http.client
import ssl
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import (
    HTTPRedirectHandler,
    HTTPSHandler,
    OpenerDirector,
    Request,
    build_opener,
)

from models.data.placing import republish
from models.errors import DatasetError
from models.types import Progress

_BLOCK_BYTES = 256 << 10
_HASHED_BYTES = 4 << 20
_TRIES = 2  # of one server in a row that bring next to nothing new
_WORTH_IT = 100  # less than this part of the file is next to nothing
_SLOWEST = 1_000  # bytes a second, over the time of a stall
_NETWORK_ERRORS = (OSError, http.client.HTTPException)  # URLError, time-outs and TLS are OSErrors


@dataclass(frozen=True)
class Published:
    """A file as its authors published it, and the servers that have it."""

    name: str
    size: int
    sha256: str
    servers: Sequence[str]  # addresses of folders, with the slash at the end


class Downloader:
    """Fetches published files into a folder.

    Parameters
    ----------
    folder : Path
        Where files go; NAME.part beside them is what came so far, and is gone on from.
    schemes : sequence of str
        What an address, and any it leads on to, may begin with.
    stall_s : float
        A server that sends nothing, or next to nothing, for so long is given up; the
        generator says nothing meanwhile.
    """

    def __init__(
        self, folder: Path, schemes: Sequence[str] = ("https",), stall_s: float = 20.0
    ) -> None:
        self._folder, self._schemes, self._stall_s = folder, schemes, stall_s
        trusted = ssl.create_default_context()  # checks certificates and names
        self._opener: OpenerDirector = build_opener(
            HTTPSHandler(context=trusted), _Redirects(schemes)
        )

    def download(self, file: Published) -> Iterator[Progress]:
        """Have the file in the folder, from the first server that gives the right bytes.

        Raises DatasetError if none does, or the file cannot be written.
        """
        final = self._folder / file.name
        part = final.with_name(f"{file.name}.part")
        failures: dict[str, _Failure] = {}
        if (yield from _is_right(final, file)):
            return
        for server in file.servers:
            try:
                yield from self._from(server, part, file)
            except _Failure as failure:
                failures[urlsplit(server).hostname or server] = failure
                continue
            try:
                republish(part, final)
            except OSError as error:
                raise _cannot_write(final, error) from error
            return
        raise _failed(file, failures)

    def _from(self, server: str, part: Path, file: Published) -> Iterator[Progress]:
        """Complete the part with what one server sends; what is right then stays. _Failure."""
        tries = _TRIES
        while tries:
            begun_with = _size(part)
            try:
                yield from self._append(server, part, file)
            except _NETWORK_ERRORS as error:
                came = _size(part) - begun_with
                tries = _TRIES if came * _WORTH_IT > file.size else tries - 1
                cut = _Failure(_in_words(error))
                continue
            if (yield from _is_right(part, file)):
                return
            part.unlink()
            if not begun_with:
                raise _Failure("sends other bytes than were published")
            # What was there before may have been the wrong part: once more without it.
        raise cut

    def _append(self, server: str, part: Path, file: Published) -> Iterator[Progress]:
        have = _size(part)
        if have >= file.size:
            return
        response = self._answer(server + file.name, have)
        with response:
            start = _start_of(response, have, file.size)
            with _written(part, start) as write:
                for block in self._blocks(response):
                    start += len(block)
                    if start > file.size:
                        part.unlink()
                        raise _Failure("sends more bytes than were published")
                    write(block)
                    yield Progress(start, file.size, f"downloading {file.name}")
        if start < file.size:
            raise ConnectionError("the server stops before the end")

    def _answer(self, url: str, have: int) -> Any:
        """A response to a request for a file without its first bytes."""
        if urlsplit(url).scheme not in self._schemes:
            raise _Failure(f"has no address in {' or '.join(self._schemes)}")
        # No validator goes along: the published checksum tells whether the pieces fit.
        wanted = {"Range": f"bytes={have}-"} if have else {}
        headers = {"User-Agent": "winnow", **wanted}
        request = Request(url, headers=headers)  # noqa: S310 - its scheme was just checked
        try:
            return self._opener.open(request, timeout=self._stall_s)
        except HTTPError as error:
            error.close()
            raise _Failure(f"answers {error.code} {error.reason}") from error
        except URLError as error:
            answered = isinstance(error.reason, ssl.SSLError)
            raise _Failure(_in_words(error), reached=answered) from error

    def _blocks(self, response: Any) -> Iterator[bytes]:
        """What comes, as it comes. Raises _Failure if that is next to nothing for long."""
        since, counted = time.monotonic(), 0
        while block := response.read1(_BLOCK_BYTES):
            yield block
            counted += len(block)
            seconds = time.monotonic() - since
            if seconds > self._stall_s:
                if counted < _SLOWEST * seconds:
                    raise _Failure("sends next to nothing")
                since, counted = time.monotonic(), 0


class _Redirects(HTTPRedirectHandler):
    """Follows no redirect out of the schemes allowed, least of all from https to http."""

    def __init__(self, schemes: Sequence[str]) -> None:
        self._schemes = schemes

    def redirect_request(
        self,
        req: Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: http.client.HTTPMessage,
        newurl: str,
    ) -> Request | None:
        scheme = urlsplit(newurl).scheme
        if scheme not in self._schemes:
            fp.close()
            raise _Failure(f"leads on to {scheme}, which is not trusted")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


class _Failure(Exception):
    """What one server did wrong, as a clause. `reached`: it answered at all."""

    def __init__(self, what: str, reached: bool = True) -> None:
        super().__init__(what)
        self.reached = reached


def _start_of(response: Any, have: int, size: int) -> int:
    """Where in the file the bytes that come belong. Raises _Failure if sizes disagree."""
    if response.status == http.client.PARTIAL_CONTENT:
        said = response.headers.get("Content-Range", "")
        if said != f"bytes {have}-{size - 1}/{size}":
            raise _Failure(f"sends another part than was asked for ({said or 'not named'})")
        return have
    declared = response.headers.get("Content-Length", str(size))
    if declared != str(size):
        raise _Failure(f"has a file of {declared} bytes, not of {size}")
    return 0  # it knows no ranges, so that all of it comes again


def _is_right(path: Path, file: Published) -> Generator[Progress, None, bool]:
    """Whether a file is the published one."""
    if _size(path) != file.size:
        return False
    digest = hashlib.sha256()
    with open(path, "rb") as content:
        while block := content.read(_HASHED_BYTES):
            digest.update(block)
            yield Progress(content.tell(), file.size, f"checking {file.name}")
    return digest.hexdigest() == file.sha256


@contextmanager
def _written(part: Path, start: int) -> Iterator[Callable[[bytes], None]]:
    """A function that appends to a file from a place on. Its errors are no network errors."""
    try:
        out = open(part, "r+b" if start else "wb", buffering=0)  # noqa: SIM115
    except OSError as error:
        raise _cannot_write(part, error) from error

    def write(block: bytes) -> None:
        try:
            while block:
                block = block[out.write(block) :]
        except OSError as error:
            raise _cannot_write(part, error) from error

    with out:
        out.seek(start)
        yield write


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def _in_words(error: Exception) -> str:
    reason = error.reason if isinstance(error, URLError) else error
    if isinstance(reason, TimeoutError):
        return "sends nothing"
    if isinstance(reason, ssl.SSLError):
        return f"is not who it says it is ({getattr(reason, 'verify_message', '') or reason})"
    text = getattr(reason, "strerror", None) or str(reason) or type(reason).__name__
    return f"cannot be reached or stops ({text})"


def _failed(file: Published, failures: Mapping[str, _Failure]) -> DatasetError:
    listed = "; ".join(f"{host} {failure}" for host, failure in failures.items())
    if any(failure.reached for failure in failures.values()):
        return DatasetError(
            f"could not be downloaded: {listed}",
            file.name,
            "Try again later; what has come so far is kept.",
        )
    return DatasetError(
        "could not be downloaded, for none of its servers can be reached",
        file.name,
        "Check the connection to the network, and run the same line again.",
        details=listed,
    )


def _cannot_write(path: Path, error: OSError) -> DatasetError:
    return DatasetError(
        f"cannot be written ({error.strerror})", str(path), "Choose another folder with -o."
    )
