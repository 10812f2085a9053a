"""Where readers put what they have to unpack, and whether there is room for it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import platformdirs

from models.data.names import displayed
from models.errors import DatasetError

SPARE_BYTES = 1 << 30  # left free beside what is unpacked


def cache_folder(name: str = "") -> str:
    """A folder of the person's cache, made if it is not there."""
    folder = os.path.join(platformdirs.user_cache_dir("winnow"), name)
    with writing(folder):
        os.makedirs(folder, mode=0o700, exist_ok=True)
    return folder


def check_room(folder: str, n_bytes: int, where: str) -> None:
    """Refuse what would not leave SPARE_BYTES free."""
    free = shutil.disk_usage(folder).free
    if n_bytes + SPARE_BYTES > free:
        raise DatasetError(
            f"needs {n_bytes / 1e9:.1f} GB to unpack, {free / 1e9:.1f} GB are free in "
            f"{displayed(folder)}",
            where,
            "Free some space on that disk.",
        )


@contextmanager
def writing(where: str) -> Iterator[None]:
    """What the system refuses to write is a DatasetError that says why."""
    try:
        yield
    except OSError as error:
        raise DatasetError(
            f"cannot be written ({error.strerror or error})",
            displayed(where),
            "Free some space on that disk, and check that you may write there.",
        ) from error
