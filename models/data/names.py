"""Names of files as bytes the system knows and as text a person can read; of classes, unique."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Sequence

# Names Windows keeps for devices, whatever follows a dot.
_DEVICES = frozenset(
    ("con", "prn", "aux", "nul", *(f"{port}{i}" for port in ("com", "lpt") for i in range(10)))
)
# These make others stand in another order ("\u202egnp.exe" looks like "exe.png"), or mark a file.
_NO_TEXT = frozenset(map(chr, (*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0xFEFF)))
CLASS_LIST = "classes.txt"
_LONGEST_BYTES = 120  # of a name; file systems take 255, and a number may follow


def displayed(path: str) -> str:
    """A path for the screen and for lists, which are to lead to the file again: only undecodable
    bytes and what is no text (control characters, what turns others round) are escaped."""
    text = os.fsencode(path).decode("utf-8", "backslashreplace")
    if text.isprintable():  # as good as always, and there may be a million of them
        return text
    return "".join(c if is_text(c) else c.encode("unicode_escape").decode() for c in text)


def is_text(character: str) -> bool:
    """Whether a character is a part of words: also spaces of any kind and what joins signs, as in
    names of screenshots, in Persian and in emoji."""
    if character.isprintable():
        return True
    return unicodedata.category(character) in ("Zs", "Cf") and character not in _NO_TEXT


def safe_name(text: str) -> str:
    """A text as the name of a file on any system: never a path, hidden, reserved or too long."""
    shown = "".join(c if is_text(c) else "_" for c in unicodedata.normalize("NFC", text))
    name = re.sub(r'[<>:"/\\|?*\ud800-\udfff]', "_", shown).strip(" ")
    name = name.encode()[:_LONGEST_BYTES].decode(errors="ignore").rstrip(". ")
    if name.startswith(".") or not name or name.partition(".")[0].strip().casefold() in _DEVICES:
        name = f"_{name}"
    return name


def safe_folder_name(text: str) -> str:
    """A class or split as the name of a folder. A project's suffix would hide it from readers, and
    a list of classes may lie beside it."""
    name = safe_name(text.removesuffix(".winnow") + "_" if text.endswith(".winnow") else text)
    return f"{name}_" if folded(name) == CLASS_LIST else name


def folder_names(texts: Sequence[str]) -> list[str]:
    """A folder for each name; those no system could tell apart are numbered: "cat", "Cat-2"."""
    taken: set[str] = set()
    return [_untaken(safe_folder_name(text), taken) for text in texts]


def told_apart(names: Sequence[str]) -> tuple[str, ...]:
    """Names of classes, of which equal ones are numbered: "crane", "crane (2)"."""
    taken, last = set(names), dict.fromkeys(names, 0)
    apart = []
    for name in names:
        last[name] += 1
        shown = name
        while last[name] > 1 and (shown := f"{name} ({last[name]})") in taken:
            last[name] += 1
        taken.add(shown)
        apart.append(shown)
    return tuple(apart)


def _untaken(name: str, taken: set[str]) -> str:
    """The name, or the first numbered form of it that is free; it is taken from now on."""
    candidate, number = name, 1
    while folded(candidate) in taken:
        number += 1
        candidate = f"{name}-{number}"
    taken.add(folded(candidate))
    return candidate


def folded(name: str) -> str:
    """What two names share that some file system takes for the same one."""
    return unicodedata.normalize("NFC", name.casefold())
