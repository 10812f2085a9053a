"""Tells whether a source is still the one that was opened, and names an image by its pixels."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from models.errors import DatasetError
from models.types import Pixels

_BLOCK_BYTES = 4096
_BLOCKS = 64
_DIGEST_BYTES = 16
NEVER_READ = (".html", "thumbs.db", "desktop.ini")
_FILE_SYSTEM = sys.getfilesystemencoding(), sys.getfilesystemencodeerrors()  # as os.fsencode does


def fingerprint(paths: Sequence[str], beside: Iterable[str] = ()) -> dict[str, Any]:
    """Size, mtime and a hash of 64 evenly spaced 4 KiB blocks of each file.

    A folder is hashed as the sorted list of (relative path, size, mtime_ns) of its files. Files
    `beside` the paths, which are named in them, are hashed as their list of (size, mtime_ns).

    Raises
    ------
    DatasetError
        If a path cannot be read.
    """
    try:
        parts = [_of_folder(p) if os.path.isdir(p) else _of_file(p) for p in paths]
    except OSError as error:
        raise DatasetError(
            f"cannot be read ({error.strerror})",
            str(error.filename),
            "Check that it is still there and that you may read it.",
        ) from error
    listed = list(beside)
    return {"parts": parts, **({"beside": _of_list(listed)} if listed else {})}


def same(a: dict[str, Any], b: dict[str, Any]) -> bool:
    """Whether two fingerprints are of the same data, wherever it lies.

    A newer date alone does not make a file another one if all of its bytes were hashed. What
    lies beside them counts if both know of it: older projects do not.
    """
    if len({found["beside"] for found in (a, b) if "beside" in found}) > 1:
        return False
    parts_a, parts_b = a.get("parts", []), b.get("parts", [])
    return len(parts_a) == len(parts_b) and all(map(_same_part, parts_a, parts_b))


def undated(fingerprint: dict[str, Any]) -> dict[str, Any]:
    """A fingerprint of the paths alone without dates, which a copy to another place does not
    keep."""
    return {
        "parts": [
            {key: value for key, value in part.items() if key != "mtime_ns"}
            for part in fingerprint.get("parts", [])
        ]
    }


def content_hash(pixels: Pixels) -> bytes:
    """16 bytes that name an image: BLAKE2b of its dtype, shape and pixels.

    Parameters
    ----------
    pixels : any dtype (h, w, c)
    """
    native = np.ascontiguousarray(pixels, pixels.dtype.newbyteorder("<"))
    digest = hashlib.blake2b(
        f"{native.dtype.str}{native.shape}".encode(), digest_size=_DIGEST_BYTES
    )
    digest.update(native.tobytes())
    return digest.digest()


def folder_entries(folder: str) -> Iterator[os.DirEntry[str]]:
    """Everything under a folder that could belong to a dataset, links not followed.

    Hidden entries, Winnow's own project folders and what is put there unasked are none of it: a
    page of a report, or a preview, makes no other dataset of it.
    """
    waiting = [folder]
    while waiting:
        with os.scandir(waiting.pop()) as entries:
            for entry in entries:
                if entry.name.startswith(".") or entry.name.lower().endswith(NEVER_READ):
                    continue
                if not entry.is_dir(follow_symlinks=False):
                    yield entry
                elif not entry.name.endswith(".winnow"):
                    waiting.append(entry.path)


def _same_part(a: dict[str, Any], b: dict[str, Any]) -> bool:
    if a["size"] != b["size"] or a["sha256"] != b["sha256"]:
        return False
    wholly_hashed: bool = a["size"] <= _BLOCKS * _BLOCK_BYTES
    return a.get("mtime_ns") == b.get("mtime_ns") or wholly_hashed


def _of_file(path: str) -> dict[str, Any]:
    digest = hashlib.sha256()
    with open(path, "rb", buffering=0) as file:
        facts = os.fstat(file.fileno())
        if facts.st_size <= _BLOCKS * _BLOCK_BYTES:
            digest.update(file.read())
        else:
            for offset in np.linspace(0, facts.st_size - _BLOCK_BYTES, _BLOCKS).astype(np.int64):
                digest.update(os.pread(file.fileno(), _BLOCK_BYTES, int(offset)))
    return {"size": facts.st_size, "mtime_ns": facts.st_mtime_ns, "sha256": digest.hexdigest()}


def _of_folder(folder: str) -> dict[str, Any]:
    digest, total = hashlib.sha256(), 0
    start = len(os.path.join(folder, ""))
    for entry in sorted(folder_entries(folder), key=lambda entry: entry.path):
        facts = entry.stat(follow_symlinks=False)
        total += facts.st_size
        name = entry.path[start:].encode(*_FILE_SYSTEM)
        digest.update(b"%b\0%d\0%d\0" % (name, facts.st_size, facts.st_mtime_ns))
    return {"size": total, "sha256": digest.hexdigest()}


def _of_list(paths: Sequence[str]) -> str:
    digest = hashlib.sha256()
    for path in paths:
        try:
            facts = os.stat(path)
            digest.update(b"%d\0%d\0" % (facts.st_size, facts.st_mtime_ns))
        except (OSError, ValueError):  # not there, or a name no system has: the reader tells
            digest.update(b"\0")
    return digest.hexdigest()
