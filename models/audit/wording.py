"""Words that findings share."""

from __future__ import annotations

from collections.abc import Sequence

_LISTED = 5


def within(split: str, splits: Sequence[str], sentence: str) -> str:
    """A sentence about a split, "in train, ..." where there are several; it begins lower case."""
    said = f"in {split}, {sentence}" if len(splits) > 1 else sentence
    return said[:1].upper() + said[1:]


def listed(names: Sequence[str]) -> str:
    """ "Coat, Shirt and 3 more" """
    shown = list(names[:_LISTED])
    if len(names) > _LISTED:
        shown.append(f"{len(names) - _LISTED:,} more")
    return " and ".join(filter(None, [", ".join(shown[:-1]), *shown[-1:]]))
