"""What a merge of two projects came to, as text for the terminal."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from models.review.queues import Queue


def merge_lines(done: Mapping[str, Any]) -> Iterator[str]:
    """What was taken over, what agrees, and what is left to decide."""
    n_merged, n_agreed, n_conflicts = (done[key] for key in ("merged", "agreed", "conflicts"))
    yield f"{_images(n_merged)} decided as in {done['other']}"
    yield f"{_images(n_agreed)} decided in the same way in both"
    yield f"{_images(n_conflicts)} decided differently, left as they were here"
    if n_conflicts:
        queue = Queue.DISAGREEING_REVIEWERS.option
        yield f"  see them: winnow rank {shlex.quote(done['project'])} --queue {queue}"
    for name in done["classes_added"]:
        yield f"  class added: {name}"
    for one in done["classes_merged"]:
        yield f"  class merged: {one['class']} into {one['into']}"
    for why, n in Counter(one["why"] for one in done["skipped"]).items():
        yield f"{_images(n)} skipped: {why}"


def _images(n: int) -> str:
    return f"{n:,} image{'s' * (n != 1)}"
