"""What an audit found, as text for the terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from typing import Any

_WIDTH = 100
_CLEAN = "Nothing found that costs accuracy or trust."


def audit_lines(result: Mapping[str, Any]) -> Iterator[str]:
    """Every finding with what it means and what to do; then what could not be checked."""
    splits = ", ".join(f"{name} {n:,}" for name, n in result["splits"].items())
    yield f"{result['name']}: {splits}"
    if all(one["severity"] == "note" for one in result["findings"]):
        yield _CLEAN
    for finding in result["findings"]:
        yield ""
        mark = "follows" if finding["explained_by"] else finding["severity"]
        yield from _wrapped(f"{mark.upper()} {finding['kind']}: ", finding["sentence"])
        if finding["explained_by"]:
            yield from _wrapped("  because of ", finding["explained_by"])
            continue
        yield from _wrapped("  as when: ", finding["real_world"])
        yield from _wrapped("  to do: ", finding["remedy"])
        if finding["samples"]:
            ids = ", ".join(map(str, finding["samples"][:8]))
            yield f"  images: {ids}{' ...' if finding['n_samples'] > 8 else ''}"
    for one in result["not_checked"]:
        yield ""
        yield from _wrapped(f"Not checked ({one['check']}): ", one["why"])


def _wrapped(head: str, text: str) -> Iterator[str]:
    yield from textwrap.wrap(head + text, _WIDTH, subsequent_indent="    ")
