"""Finds image files by what a table calls them."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterable, Sequence
from functools import cached_property

SEVERAL = -1  # in place of a file: the name fits more than one


class FileIndex:
    """Files by what a table may call them: relative path, file name, or name without suffix.

    `scope` holds the positions of the files it could speak of; paths may also be relative to
    the folder `below`, which they all lie in.
    """

    KINDS = ("path", "name", "stem")

    def __init__(self, files: Sequence[str], scope: Sequence[int], below: str) -> None:
        self.n = len(scope)
        self._paths = {i: _normal(files[i]) for i in scope}
        self._below = len(_normal(below))

    def find(self, cell: str, kind: str) -> int | None:
        """The file a cell names, None if none, SEVERAL if it cannot be told which."""
        key = _normal(cell.replace("\\", "/")).removeprefix("./")
        if kind == "path" and "/" in key:
            return self._by_path.get(key)
        name = key.rpartition("/")[2]
        if kind == "stem":
            return self._by_stem.get(name)
        found = self._by_path.get(name) if kind == "path" else None
        return self._by_name.get(name) if found is None else found

    @cached_property
    def _by_path(self) -> dict[str, int]:
        from_table = {path[self._below :]: i for i, path in self._paths.items()}
        return from_table | {path: i for i, path in self._paths.items()}

    @cached_property
    def _by_name(self) -> dict[str, int]:
        return _unambiguous((path.rpartition("/")[2], i) for i, path in self._paths.items())

    @cached_property
    def _by_stem(self) -> dict[str, int]:
        named = self._by_name.items()
        return _unambiguous((os.path.splitext(name)[0], i) for name, i in named)


def _unambiguous(named: Iterable[tuple[str, int]]) -> dict[str, int]:
    found: dict[str, int] = {}
    for name, i in named:
        found[name] = i if name not in found else SEVERAL
    return found


def _normal(path: str) -> str:
    return path if path.isascii() else unicodedata.normalize("NFC", path)
