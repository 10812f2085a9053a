"""What a remedy would do or did, and what became of its finding, as text for the terminal."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from typing import Any

from qtapp.page_text import cut
from qtapp.split_text import division_lines

_IDS, _CLASSES = 8, 12
_OUTCOMES = {
    "gone": "The finding is gone.",
    "lesser": "The finding is still there, but costs less:",
    "there": "The finding is still there:",
    "unknown": "Whether the finding is gone cannot be told:",
}


def remedy_lines(done: Mapping[str, Any]) -> Iterator[str]:
    """What was done, what it changed, and whether it helped."""
    if done["preview"]:
        yield from preview_lines(done)
    if done["do"] == "preview":
        return
    yield "Taken back." if done["do"] == "take_back" else "Done and saved."
    if done["outcome"]:
        yield _OUTCOMES[done["outcome"]]
        yield from (f"  {sentence}" for sentence in (*done["left"], *filter(None, (done["why"],))))
    if done["do"] == "apply":
        words = shlex.join((done["project"], done["finding"]))
        yield f"Take it back: winnow remedy {words} --take-back"


def preview_lines(done: Mapping[str, Any]) -> Iterator[str]:
    """What the remedy changes, by its kind."""
    yield f"{done['kind']}: {done['sentence']}"
    yield f"Remedy: {done['remedy']}"
    preview = done["preview"]
    if "images" in preview and "samples" in preview:
        yield from _on_labels(preview)
    elif "classes" in preview:
        yield from _weights(preview["classes"])
    elif "undo" in preview:
        yield f"  undone in the {preview['images']:,} images of {preview['split']}, wherever read"
        yield "  the source stays as it is; views, training, audits and exports see them so"
    else:
        yield from (f"  {line}" for line in division_lines(preview))


def _on_labels(preview: Mapping[str, Any]) -> Iterator[str]:
    n, where = preview["images"], preview["splits"]
    what = "left out" if preview["excluded"] else "get another label"
    places = ", ".join(f"{count:,} of {name}" for name, count in where.items())
    yield f"  {n:,} image{'s' * (n != 1)} {what}: {places}"
    for old, new in list((preview["becomes"] or {}).items())[:_CLASSES]:
        yield f"    {cut(old)} becomes {cut(new)}"
    if n_left := preview["left_alone"]:
        yield f"  {n_left:,} more stay as they are: somebody decided on them one by one"
    ids = ", ".join(map(str, preview["samples"][:_IDS]))
    yield f"  images: {ids}{' ...' if n > _IDS else ''}"


def _weights(classes: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    yield "  from the next training on, an image counts for"
    for name, one in list(classes.items())[:_CLASSES]:
        yield f"    {one['weight']:>9.3g}  {cut(name)}, {one['images']:,} images"
    if len(classes) > _CLASSES:
        yield f"    ... and {len(classes) - _CLASSES:,} more classes"
