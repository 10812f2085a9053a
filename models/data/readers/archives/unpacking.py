"""Unpacks zip and tar archives, as far as their members are plain files."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import stat
import zipfile
import zlib
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import IO, Any

from models.data.names import displayed
from models.data.places import common_folder
from models.data.readers.archives.member_writer import (
    BLOCK_BYTES,
    BOMB,
    SUFFIXES,
    MemberWriter,
    Unpacked,
    safe_parts,
)
from models.data.readers.images.tar_members import members, tar_errors
from models.data.readers.images.webdataset import GLANCED_AT, has_samples
from models.data.readers.scratch import check_room
from models.data.readers.source import cannot_open
from models.errors import DatasetError
from models.types import Progress

_DECOMPRESSORS: dict[bytes, Callable[[IO[bytes]], Any]] = {  # by signature
    b"\x1f\x8b": lambda raw: gzip.GzipFile(fileobj=raw),
    b"BZh": bz2.BZ2File,
    b"\xfd7zXZ": lzma.LZMAFile,
}
_REMEDY = "Copy or download it again."


def stem_of(path: str) -> str:
    """The name of an archive without its suffix, for display."""
    name = os.path.basename(path)
    suffix = max((s for s in SUFFIXES if name.lower().endswith(s)), key=len, default="")
    return displayed(name[: len(name) - len(suffix)])


def stems_of(paths: Sequence[str]) -> list[str]:
    """What to call the folder of each of several archives: more of its path where stems clash.

    Raises DatasetError if two are called the same even so.
    """
    stems = list(map(stem_of, paths))
    if len(set(stems)) == len(stems):
        return stems
    common = common_folder(paths)
    folders = [displayed(os.path.relpath(os.path.dirname(path), common)) for path in paths]
    # A folder of ours that is hidden would be passed over.
    shown = [[step.lstrip(".") for step in folder.split(os.sep)] for folder in folders]
    names = [os.path.join(*steps, stem) for steps, stem in zip(shown, stems, strict=True)]
    for place, name in enumerate(names):
        if name in names[:place]:
            raise DatasetError(
                "was given twice, or another archive beside it has the same name",
                displayed(paths[place]),
                "Give each archive once; rename one of two that are called the same.",
            )
    return names


def unpack(path: str, folder: str, done: Unpacked) -> Generator[Progress, None, None]:
    """Unpack an archive into a folder that is empty and ours; `done` counts on.

    Links, devices and hidden files are left out. A packed WebDataset becomes one plain tar.

    Raises
    ------
    DatasetError
        If the archive is damaged, encrypted, too large, or a name leads out of the folder.
    """
    writer = MemberWriter(path, folder, done)
    if path.lower().endswith(".zip"):
        yield from _unpack_zip(path, writer)
    else:
        yield from _unpack_tar(path, writer)


def _unpack_zip(path: str, writer: MemberWriter) -> Generator[Progress, None, None]:
    doing = f"unpacking {os.path.basename(writer.shown)}"
    with _zip_errors(path), zipfile.ZipFile(path) as archive:
        found = archive.infolist()
        total = _check_zip(found, os.path.getsize(path), writer)
        check_room(writer.folder, total, writer.shown)
        written = 0
        for member in found:
            yield Progress(written, total, doing)
            kind = stat.S_IFMT(member.external_attr >> 16)
            if member.is_dir() or member.orig_filename.endswith("\\"):  # as Windows may write it
                safe_parts(member.filename, writer.shown)
            elif kind not in (0, stat.S_IFREG):
                writer.leave_out(member.filename)
            else:
                with archive.open(member) as packed:
                    for n_bytes in writer.write(member.orig_filename, member.file_size, packed):
                        written += n_bytes
                        yield Progress(written, total, doing)


def _check_zip(found: list[zipfile.ZipInfo], archive_bytes: int, writer: MemberWriter) -> int:
    """What a zip unpacks to, by its directory, which zipfile does not let a member exceed."""
    writer.count(len(found))
    if any(member.flag_bits & 0x41 for member in found):
        raise DatasetError(
            "is encrypted", writer.shown, "Unpack it with its password and open the folder."
        )
    if sum(member.compress_size for member in found) > archive_bytes:
        raise DatasetError("holds members that share the same bytes", writer.shown, BOMB)
    for member in found:
        writer.check_ratio(member.file_size, member.compress_size, member.filename)
    total = sum(member.file_size for member in found)
    writer.check(total)
    return total


def _unpack_tar(path: str, writer: MemberWriter) -> Generator[Progress, None, None]:
    doing, total = f"unpacking {os.path.basename(writer.shown)}", os.path.getsize(path)
    if _is_packed_webdataset(path):
        yield from _unpack_one(path, stem_of(path) + ".tar", writer, doing)
        return
    with _opened(path) as (raw, stream), tar_errors(writer.shown):
        for archive, member in members(stream, writer.shown, packed=True):
            yield Progress(raw.tell(), total, doing)
            writer.count()
            if member.isdir():
                safe_parts(member.name, writer.shown)
                continue
            packed = archive.extractfile(member) if member.isreg() else None
            if packed is None or member.issparse():
                writer.leave_out(member.name)
                continue
            for _ in writer.write(member.name, member.size, packed):
                yield Progress(raw.tell(), total, doing)
        stream.read(BLOCK_BYTES)  # a packed one that was cut off says so only at its end


def _unpack_one(
    path: str, name: str, writer: MemberWriter, doing: str
) -> Generator[Progress, None, None]:
    """Unpack the tar itself, but not what is in it."""
    total = os.path.getsize(path)
    with _opened(path) as (raw, stream), tar_errors(writer.shown):
        writer.count()
        with writer.create(os.path.join(writer.folder, name)) as file:
            while block := stream.read(BLOCK_BYTES):
                writer.check(file.tell() + len(block))
                writer.put(block, file)
                yield Progress(raw.tell(), total, doing)


def _is_packed_webdataset(path: str) -> bool:
    with _opened(path) as (raw, stream):
        if stream is raw:
            return False
        walk = members(stream, displayed(path), packed=True)
        return has_samples(m.name for _, m in islice(walk, GLANCED_AT) if m.isreg())


@contextmanager
def _opened(path: str) -> Iterator[tuple[IO[bytes], IO[bytes]]]:
    """A tar as it lies on the disk, and what it is without its compression."""
    try:
        raw = io.BufferedReader(io.FileIO(path))
    except OSError as error:
        raise cannot_open(path, error) from error
    with raw:
        head = raw.peek(8)
        for signature, decompress in _DECOMPRESSORS.items():
            if head.startswith(signature):
                with decompress(raw) as stream:
                    yield raw, stream
                return
        yield raw, raw


@contextmanager
def _zip_errors(path: str) -> Iterator[None]:
    """Whatever is raised on a damaged zip is a DatasetError."""
    shown = displayed(path)
    try:
        yield
    except MemoryError as error:
        raise DatasetError("lists more files than fit into memory", shown, BOMB) from error
    except NotImplementedError as error:
        raise DatasetError(
            f"is packed in a way Winnow cannot unpack ({error})",
            shown,
            "Unpack it and open the folder.",
        ) from error
    except (
        *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError),
        *(ValueError, OverflowError, RuntimeError, IndexError),
    ) as error:
        raise DatasetError(
            "is a damaged or incomplete zip archive", shown, _REMEDY, details=repr(error)
        ) from error
