"""What a new split came to, as text for the terminal."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from typing import Any


def split_lines(done: Mapping[str, Any]) -> Iterator[str]:
    """Sizes, how even it is, what stays together and what could not."""
    if "seed" not in done:
        yield from _sizes(done)
        yield "The splits are those of the source again."
        return
    yield from division_lines(done)
    yield f"Take it back: winnow split {shlex.quote(done['project'])} --as-given"


def division_lines(done: Mapping[str, Any]) -> Iterator[str]:
    """What a split comes to, whether it is made or would be."""
    yield from _sizes(done)
    if done["left_out"]:
        yield f"{_images(done['left_out'])} left out of these counts: excluded or not readable"
    if off := done["deviation"]:
        before = "" if off["before"] is None else f"; before, {off['before']:.2%}"
        yield (
            f"Largest deviation of a class share: {off['after']:.2%} "
            f"({off['class']} in {off['split']}{before})"
        )
    if n_missing := done["n_missing"]:
        one = done["missing"][0]
        more = f", and {n_missing - 1:,} more" if n_missing > 1 else ""
        yield f"No image of {one['class']} in {one['split']}{more}: too few for every split"
    if entering := done["unlabelled_into"]:
        where = ", ".join(f"{n:,} into {name}" for name, n in entering.items())
        yield f"Images without a label come into splits that had none: {where}"
    yield from _groups(done["groups"], done["leaks"])


def _sizes(done: Mapping[str, Any]) -> Iterator[str]:
    for name, n in done["splits"].items():
        yield f"{n:>9,}  {name}{'  as it was' if name in done.get('kept', ()) else ''}"


def _groups(groups: Mapping[str, int], leaks: Mapping[str, Mapping[str, int]]) -> Iterator[str]:
    if not groups["n"]:
        yield "No image has a copy."
        return
    yield (
        f"{_images(groups['images'])} in {groups['n']:,} group{'s' * (groups['n'] != 1)} of copies "
        f"or related ones, the largest of {groups['largest']:,}"
    )
    if groups["too_large"]:
        yield f"  {groups['too_large']:,} of them larger than the smallest new split"
    before, after = leaks["before"]["images"], leaks["after"]["images"]
    yield f"  in groups torn across splits: {before:,} before, {after:,} now"
    if after:
        yield "  these have a copy in a split that was kept; exclude them, or keep fewer splits"


def _images(n: int) -> str:
    return f"{n:,} image{'s' * (n != 1)}"
