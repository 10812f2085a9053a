"""Text as a spreadsheet may show it: never run as a formula."""

from __future__ import annotations

_RUNS_AS_FORMULA = tuple("=+-@\t\r")


def guarded(text: str) -> str:
    """A cell of a CSV: what a spreadsheet would run as a formula gets a leading '."""
    text = text.replace("\0", "\\0")
    return f"'{text}" if text.startswith(_RUNS_AS_FORMULA) else text


def unguarded(cell: str) -> str:
    """The text that `guarded` was given."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(_RUNS_AS_FORMULA) else cell
