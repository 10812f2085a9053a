"""What an audit found, as text for the terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from typing import Any

from models.auditing_each import each_verdict
from qtapp.page_text import cut, table

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
    yield from _page(result)


def each_lines(result: Mapping[str, Any]) -> Iterator[str]:
    """The datasets of a folder side by side; then those that could not be judged."""
    rows = [["dataset", "splits", "errors", "warnings", "notes", "most serious"]]
    for one in result["each"]:
        if not one["error"]:
            splits = ", ".join(f"{name} {n:,}" for name, n in one["splits"].items())
            counts = [str(one["counts"][word]) for word in ("error", "warning", "note")]
            rows.append([cut(one["path"]), cut(splits), *counts, one["top"] or "nothing"])
    yield each_verdict(result)
    yield ""
    yield from table(rows, left=True)
    for one in result["each"]:
        if one["error"]:
            yield from _wrapped(f"Not judged: {one['path']}: ", one["error"])
    yield from _page(result)


def _page(result: Mapping[str, Any]) -> Iterator[str]:
    if "page" in result:
        yield ""
        yield f"As a page: {result['page']}"


def _wrapped(head: str, text: str) -> Iterator[str]:
    yield from textwrap.wrap(head + text, _WIDTH, subsequent_indent="    ")
