"""Walks through the members of a tar file without keeping them, and notices damage."""

from __future__ import annotations

import tarfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from lzma import LZMAError
from typing import IO

from models.errors import DatasetError

TarMember = tarfile.TarInfo


class _Strict(tarfile.TarInfo):
    """A member whose broken header is an error; tarfile would take it for the end."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> _Strict:
        try:
            return super().frombuf(buf, encoding, errors)
        except tarfile.HeaderError as error:
            if buf and buf.count(0) == len(buf):  # the mark at the end
                raise
            raise tarfile.ReadError("a header is broken, or the end is missing") from error


def members(
    file: IO[bytes], shown: str, packed: bool
) -> Iterator[tuple[tarfile.TarFile, TarMember]]:
    """Every member in file order, with the archive to read it from before the next is asked for.

    A plain tar (not `packed`) is walked by seeking; a packed one is read front to back.

    Raises
    ------
    DatasetError
        If the tar is damaged.
    """
    with (
        tar_errors(shown),
        tarfile.open(fileobj=file, mode="r|" if packed else "r:", tarinfo=_Strict) as archive,
    ):
        while (member := archive.next()) is not None:
            # A million of them would take more than a gigabyte.
            archive.members.clear()  # type: ignore[attr-defined]
            yield archive, member


@contextmanager
def tar_errors(shown: str) -> Iterator[None]:
    """Whatever is raised on a damaged tar is a DatasetError."""
    try:
        yield
    except (
        *(tarfile.TarError, zlib.error, LZMAError, EOFError),
        *(OSError, ValueError, OverflowError, IndexError),
    ) as error:
        raise DatasetError(
            "is a damaged or incomplete tar archive",
            shown,
            "Copy or download it again.",
            details=repr(error),
        ) from error
