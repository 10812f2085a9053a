"""Reads the lists in a large JSON object element by element, never the whole."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import IO, Any

_BLOCK_CHARACTERS = 1 << 20
_LARGEST_VALUE = 64 << 20  # characters of one element
_OF_NUMBERS = frozenset(("", *"0123456789+-.eE"))
_BLANKS = re.compile(r"[ \t\r\n]*")


def elements(file: IO[str]) -> Iterator[tuple[str, Any]]:
    """Every (key, element) of the lists in a JSON object, and (key, value) of what is no list.

    Raises
    ------
    ValueError
        If it is not a JSON object, or is damaged or cut off.
    """
    text = _Text(file)
    text.expect("{")
    if text.take("}"):
        return
    while True:
        key = text.value()
        if not isinstance(key, str):
            raise ValueError("a key is no text")
        text.expect(":")
        if not text.take("["):
            yield key, text.value()
        elif not text.take("]"):
            yield key, text.value()
            while text.take(","):
                yield key, text.value()
            text.expect("]")
        if not text.take(","):
            text.expect("}")
            return


class _Text:
    """The characters of a file from where they have not been used yet."""

    def __init__(self, file: IO[str]) -> None:
        self._file, self._block, self._at, self._whole = file, "", 0, False
        self._decode = json.JSONDecoder().raw_decode

    def take(self, character: str) -> bool:
        """Pass over blanks and, if it comes next, over this character."""
        self._skip_blanks()
        taken = self._block.startswith(character, self._at)
        self._at += taken
        return taken

    def expect(self, character: str) -> None:
        if not self.take(character):
            raise ValueError(f"expected {character}")

    def value(self) -> Any:
        """The next JSON value, of any kind."""
        self._skip_blanks()
        wanted = _BLOCK_CHARACTERS
        while True:
            try:
                value, end = self._decode(self._block, self._at)
                goes_on = self._block[end : end + 1] in _OF_NUMBERS  # perhaps in the next block
                if self._whole or not goes_on:
                    self._at = end
                    return value
            except ValueError:
                if self._whole:
                    raise
            except RecursionError as error:
                raise ValueError("lists within lists without end") from error
            if len(self._block) - self._at > _LARGEST_VALUE:
                raise ValueError("a value is too long")
            self._more(wanted)
            wanted *= 2

    def _skip_blanks(self) -> None:
        while True:
            match = _BLANKS.match(self._block, self._at)
            self._at = match.end() if match else self._at
            if self._at < len(self._block) or self._whole:
                return
            self._more(_BLOCK_CHARACTERS)

    def _more(self, n_characters: int) -> None:
        new = self._file.read(n_characters)
        self._block, self._at = self._block[self._at :] + new, 0
        self._whole = not new
