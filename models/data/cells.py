"""Text as a spreadsheet may show it: never run as a formula."""

from __future__ import annotations

import re

_NUMBER = re.compile(r"[+-]\d+(\.\d+)?", re.ASCII)  # runs nothing, and -1 is a usual class
_RUNS_AS_FORMULA = tuple("=+-@\t\r\n")


def guarded(text: str) -> str:
    """A cell of a CSV: what a spreadsheet would run as a formula gets a leading '."""
    text = text.replace("\0", "\\0")
    runs = text.startswith(_RUNS_AS_FORMULA) and not _NUMBER.fullmatch(text)
    return f"'{text}" if runs else text


def unguarded(cell: str) -> str:
    """The text that `guarded` was given."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(_RUNS_AS_FORMULA) else cell
