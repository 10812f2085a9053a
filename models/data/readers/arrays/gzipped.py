"""Files that may be packed with gzip, whatever their names say."""

from __future__ import annotations

import gzip
import io
import os
import struct
import zlib
from typing import IO, cast

from models.data.readers.source import OpenFile
from models.errors import DatasetError

ERRORS = (OSError, EOFError, zlib.error, struct.error)  # what reading a damaged one raises
BEST_RATIO = 1032  # deflate packs nothing better, so more than this cannot be in one
_SIGNATURE = b"\x1f\x8b"


def is_packed(file: OpenFile) -> bool:
    return file.size > len(_SIGNATURE) and file.read(len(_SIGNATURE), 0) == _SIGNATURE


def content_of(file: OpenFile) -> IO[bytes]:
    """What is in a file, from its beginning. One reader at a time: they share a position."""
    stored = io.FileIO(file.fd, closefd=False)
    stored.seek(0)
    content = gzip.GzipFile(fileobj=stored, mode="rb") if is_packed(file) else stored
    return cast(IO[bytes], content)


def position(file: OpenFile) -> int:
    """How far the reader of its content has come in the file itself."""
    return os.lseek(file.fd, 0, os.SEEK_CUR)


def damaged(file: OpenFile, error: Exception) -> DatasetError:
    return DatasetError(
        "is a damaged or incomplete .gz file", file.shown, "Copy or download it again.", str(error)
    )
