"""The sentence that says what was understood of a dataset."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


def images_in_words(
    n: int, shape: tuple[int, int, int] | None, channels: int, exact: bool = True
) -> str:
    """For example "60,000 grey images of 28x28". Not exact: not all sizes are known."""
    kind = "grey" if channels == 1 else "colour"
    noun = "image" if n == 1 else "images"
    if shape is None:
        return f"{n:,} {kind} {noun}" + (" of mixed sizes" if exact else "")
    height, width = shape[:2]
    order = "" if height == width else " (wide x high)"
    return f"{n:,} {kind} {noun} of {width}x{height}{order}"


def splits_in_words(splits: Mapping[str, int]) -> str:
    """For example " in 2 splits (train 60,000, test 10,000)"; empty for a single one."""
    if list(splits) == ["all"]:
        return ""
    listed = ", ".join(f"{name} {size:,}" for name, size in splits.items())
    return f" in {len(splits)} split{'s' * (len(splits) > 1)} ({listed})"


def some_of(items: Sequence[str]) -> str:
    """The first three of a list, and how many there are if there are more."""
    more = f", ... ({len(items):,} in all)" if len(items) > 3 else ""
    return ", ".join(items[:3]) + more


def classes_in_words(n_classes: int) -> str:
    return "1 class" if n_classes == 1 else f"{n_classes:,} classes"


def arrays_in_words(names: Sequence[str]) -> str:
    """For example "arrays “x_train” and “x_test”"."""
    quoted = [f"“{name}”" for name in dict.fromkeys(names)]
    joined = " and ".join([", ".join(quoted[:-1]), quoted[-1]] if len(quoted) > 1 else quoted)
    return f"array{'s' * (len(quoted) > 1)} {joined}"
