"""How several reviewers agree, as text for the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from qtapp.page_text import cut, table

_SHOWN = 30


def agreement_lines(found: Mapping[str, Any]) -> Iterator[str]:
    """Who decided on how much, how often they agree, and where to ask one more."""
    n, images = found["shared"], found["images"]
    yield f"{_counted(images, 'image')} looked at, {n:,} of them by two people or more."
    if n:
        low, high = found["ci95"]
        yield (
            f"On {found['agreed']:,} of these {n:,} all say the same: {found['agreement']:.1%} "
            f"({low:.1%} to {high:.1%})."
        )
    rows = [["  reviewer", "decided", "with others", "as all together"]]
    for one in found["reviewers"]:
        counts = [f"{one[key]:,}" for key in ("verdicts", "shared", "as_combined")]
        rows.append([f"  {cut(one['reviewer'])}", *counts])
    yield from table(rows)
    differing = [image for image in found["shared_images"] if not image["agree"]]
    yield from _listed("They differ on", differing)
    yield from _listed("Another opinion is wanted on", found["second_opinions"])


def _listed(title: str, images: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    if not images:
        return
    yield f"{title} {_counted(len(images), 'image')}:"
    rows = [["  image", "they say", "all together"]]
    for image in images[:_SHOWN]:
        said = ", ".join(f"{cut(who)}: {cut(name)}" for who, name in image["verdicts"].items())
        combined = f"{cut(image['combined'])} ({image['probability']:.0%})"
        rows.append([f"  {image['path'] or '#' + str(image['sample_id'])}", said, combined])
    yield from table(rows, left=True)
    if len(images) > _SHOWN:
        yield f"  ... and {len(images) - _SHOWN:,} more (--json lists all)"


def _counted(n: int, what: str) -> str:
    return f"{n:,} {what}{'s' * (n != 1)}"
