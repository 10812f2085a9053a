"""File names as bytes the system knows, and as text a person can read."""

from __future__ import annotations

import os


def displayed(path: str) -> str:
    """A path for the screen: undecodable bytes and control characters are escaped."""
    text = os.fsencode(path).decode("utf-8", "backslashreplace")
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
