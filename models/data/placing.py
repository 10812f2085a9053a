"""Puts a finished file in its place whole: temporary, synced, renamed."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from models.errors import ProjectError

_SUFFIX = ".winnow-tmp"
_RESERVE_BYTES = 16 << 20  # left free beside whatever is written: HDF5 dies on a full disk


@contextmanager
def temporary_for(path: Path) -> Iterator[Path]:
    """A new name beside `path` for a file or a folder, gone again unless it is published."""
    remove_leftovers(path.parent)
    temporary = path.with_name(f".{path.name}.{os.getpid()}{_SUFFIX}")
    _remove(temporary)
    try:
        yield temporary
    except (OSError, RuntimeError) as error:  # h5py raises either when a write fails
        errno = getattr(error, "errno", None)
        raise ProjectError(
            f"could not be written ({os.strerror(errno).lower()})"
            if errno
            else "could not be written",
            str(path),
            "Check that the disk is there, has room and may be written; every decision is kept.",
            details=str(error),  # HDF5 tells several lines
        ) from error
    finally:
        _remove(temporary)


def remove_leftovers(folder: Path) -> None:
    """Remove temporaries of processes that are gone."""
    for found in folder.glob(f".*{_SUFFIX}"):
        pid = found.name.removesuffix(_SUFFIX).rpartition(".")[2]
        if pid.isdecimal() and not _is_running(int(pid)):
            _remove(found)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    elif os.path.lexists(path):  # on a disk that is only read even what is not there is refused
        path.unlink(missing_ok=True)


def check_new(path: Path) -> None:
    """Refuse to write where something is already."""
    if os.path.lexists(path):
        raise ProjectError(
            "is there already, and nothing is ever overwritten", str(path), "Choose a new name."
        )


def check_apart(path: Path, sources: Iterable[str]) -> None:
    """Refuse to write over a dataset, or into a folder of which all files are part of it."""
    place = os.path.realpath(path if path.is_dir() else path.parent)
    for source in map(os.path.realpath, sources):
        inside = os.path.isdir(source) and os.path.commonpath([source, place]) == source
        if inside or source == os.path.realpath(path):
            raise ProjectError(
                f"{'lies in the folder of' if inside else 'is'} the dataset itself, which is "
                "never written to",
                str(path),
                "Choose a place outside it.",
            )


def check_space(folder: Path, n_bytes: float) -> None:
    """Refuse to begin what the disk cannot take, with a tenth to spare."""
    free = shutil.disk_usage(folder).free
    needed = int(n_bytes * 1.1) + _RESERVE_BYTES
    if free < needed:
        raise ProjectError(
            f"the disk has {_megabytes(free)} left and {_megabytes(needed)} are needed",
            str(folder),
            "Free some space or choose another disk; every decision is kept.",
        )


def sync_file(path: Path) -> None:
    fd = os.open(path, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def publish(temporary: Path, path: Path) -> None:
    """Give a finished file or folder its name, which must be new."""
    if temporary.is_dir():
        _publish_folder(temporary, path)
        return
    sync_file(temporary)
    try:
        os.link(temporary, path)  # unlike a rename, it never replaces what appeared meanwhile
    except FileExistsError:
        check_new(path)
    except OSError:  # a file system without hard links
        check_new(path)
        os.rename(temporary, path)
    with suppress(FileNotFoundError):
        temporary.unlink()
    sync_folder(path.parent)


def _publish_folder(temporary: Path, path: Path) -> None:
    """The files in it were synced by whoever wrote them."""
    for folder, _, _ in os.walk(temporary):
        sync_folder(Path(folder))
    try:
        os.mkdir(path)  # claims the name: a rename alone would replace an empty folder
    except FileExistsError:
        check_new(path)
    os.rename(temporary, path)
    sync_folder(path.parent)


def republish(temporary: Path, path: Path) -> None:
    """Give a finished file its name, in place of the one before."""
    sync_file(temporary)
    os.replace(temporary, path)
    sync_folder(path.parent)


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _megabytes(n_bytes: int) -> str:
    return f"{n_bytes / 1e6:,.0f} MB"


def sync_folder(folder: Path) -> None:
    """Make what was created, renamed or removed in a folder durable."""
    fd = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def replace_text(path: Path, text: str) -> None:
    """Write a small file whole: what was there before, or all of `text`, never a part."""
    replace_file(path, lambda file: file.write(text.encode()))


def replace_file(path: Path, write: Callable[[BinaryIO], object]) -> None:
    """Write a file whole: what was there before, or all that `write` writes, never a part."""
    new = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        with open(new, "wb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(new, path)
    finally:
        new.unlink(missing_ok=True)
    sync_folder(path.parent)
