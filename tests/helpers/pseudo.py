"""A language that nobody speaks: longer, and marked, so that what is not translated shows.

It knows what Qt's own tool finds in the source: a text the tool does not find stays English here,
as it would in every translation.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Collection
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from xml.etree import ElementTree

import PySide6
from PySide6.QtCore import QObject, QTranslator

import qtapp

_LETTERS = "acdeghijklnorstuwyzACDEGHIJKLNORSTUWYZ"
_ACCENTS = str.maketrans(_LETTERS, "áćďéğĥíĵķĺńóŕśťúŵýžÁĆĎÉĞĤÍĴĶĹŃÓŔŚŤÚŴÝŽ")
_KEPT = re.compile(r"(\{[^}]*\}|%L?\d+|%n|&(?=\w))")  # what is filled in, and accelerators
_LONGER = 0.4


def pseudo(text: str) -> str:
    """A text as this language has it, 40% longer."""
    parts = _KEPT.split(text)
    words = "".join(parts[::2])
    if not any(map(str.isalpha, words)):
        return text
    accented = "".join(
        part if at % 2 else part.translate(_ACCENTS) for at, part in enumerate(parts)
    )
    more = max(1, round(len(words) * _LONGER) - 2)
    # Breaks into lines where the words do, and is one word where there is one.
    longer = (" ~~~~~" * (more // 6 + 1))[:more] if " " in text else "~" * more
    return f"«{accented}{longer}»"


def untranslated(text: str, data: Collection[str] = ()) -> list[str]:
    """The words of a text that this language would have written with accents, but for data."""
    words = (word for word in re.findall(r"[^\W\d_]+", text) if word not in data)
    return [word for word in words if len(word) > 1 and set(word) & set(_LETTERS)]


@cache
def found_by_qt() -> frozenset[tuple[str, str]]:
    """(context, text) of everything that lupdate would hand to a translator."""
    sources = map(str, Path(qtapp.__path__[0]).rglob("*.py"))
    with TemporaryDirectory() as folder:
        listed = Path(folder, "texts.ts")
        tool = Path(PySide6.__path__[0], "lupdate")
        subprocess.run([tool, "-silent", *sources, "-ts", listed], check=True, capture_output=True)
        contexts = ElementTree.parse(listed).iter("context")  # noqa: S314 - just written
        return frozenset(
            (context.findtext("name") or "", message.findtext("source") or "")
            for context in contexts
            for message in context.iter("message")
        )


class PseudoLanguage(QTranslator):
    """Stands in for a translation. Names of keys stay: they are printed on the keyboard."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._found = found_by_qt()

    def isEmpty(self) -> bool:
        return False

    def translate(
        self, context: str, text: str, disambiguation: str | None = None, n: int = -1
    ) -> str:
        is_qts = context.startswith("Q") and context != "QShortcut"
        return pseudo(text) if is_qts or (context, text) in self._found else text
