"""The sentence that says what was understood of a dataset."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from models.data.names import displayed
from models.review.shades import float_scale

_LISTED = 4  # arrays in a sentence


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


def places_in_words(paths: Sequence[str]) -> str:
    """One or two paths, or the first and how many more."""
    shown = [displayed(path) for path in paths]
    return " and ".join(shown if len(shown) < 3 else [shown[0], f"{len(shown) - 1} more"])


def classes_in_words(n_classes: int) -> str:
    return "1 class" if n_classes == 1 else f"{n_classes:,} classes"


def arrays_in_words(names: Sequence[str]) -> str:
    """For example "arrays “x_train” and “x_test”", or "6 arrays from “a_1” to “a_6”"."""
    quoted = [f"“{name}”" for name in dict.fromkeys(names)]
    if len(quoted) > _LISTED:
        return f"{len(quoted)} arrays from {quoted[0]} to {quoted[-1]}"
    joined = " and ".join([", ".join(quoted[:-1]), quoted[-1]] if len(quoted) > 1 else quoted)
    return f"array{'s' * (len(quoted) > 1)} {joined}"


def floats_in_words(low: float, high: float) -> str:
    """What the values of float images look like, for example "floats in 0..1"."""
    kind = float_scale(low, high)
    return f"floats in {kind[0]:g}..{kind[1]:g}" if kind else _unscaled(low, high)


def _unscaled(low: float, high: float) -> str:
    looks = "standardised floats" if low < 0 < high else "floats"
    return f"{looks}, {low:.3g} to {high:.3g}"
