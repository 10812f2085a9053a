"""What an audit found, as text for the terminal."""

from __future__ import annotations

import shlex
import textwrap
from collections.abc import Iterator, Mapping
from typing import Any

from models.audit.names import kind_name
from models.audit.verdict import (
    MARKS,
    found_in_all,
    headline,
    many,
    not_checked,
    place,
    stopped,
)
from models.auditing_each import each_verdict, worst_first
from qtapp.page_text import cut, table

_WIDTH = 80
_IDS = 8

Found = Mapping[str, Any]  # a finding, as the JSON has it


def audit_lines(result: Mapping[str, Any]) -> Iterator[str]:
    """The verdict, every finding with what it means and what to do, and what was not checked."""
    splits = ", ".join(f"{name} {n:,}" for name, n in result["splits"].items())
    yield from _wrapped(f"{result['name']}: {many(sum(result['splits'].values()), 'image')}")
    yield from _wrapped(splits)
    yield ""
    yield from _wrapped(headline(result))
    yield from _wrapped(found_in_all(result))
    yield from _wrapped(stopped(result))
    project = result["project"] if result.get("kept") else None  # remedies are of what is kept
    names = {one["id"]: kind_name(one["kind"]) for one in result["findings"]}
    serious = [one for one in result["findings"] if one["severity"] != "note"]
    notes = [one for one in result["findings"] if one["severity"] == "note"]
    for finding in serious:
        yield ""
        yield from _told(finding, names, project)
    if notes:
        yield ""
        yield "Notes (true, but they cost nothing measurable):"
    for finding in notes:
        yield from _noted(finding, project)
    if result["not_checked"]:
        yield ""
        yield "What could not be checked:"
    for checks, why in not_checked(result):
        yield from _wrapped(f"- {checks}: {why}", hang="  ")
    yield from _page(result)


def each_lines(result: Mapping[str, Any]) -> Iterator[str]:
    """The datasets of a folder side by side; then those judged in part, or not at all."""
    yield from _wrapped(each_verdict(result))
    yield ""
    rows = [["dataset", "images", "errors", "warnings", "notes", "first of all"]]
    for one in worst_first(result["each"]):
        if not one["error"]:
            counts = [str(one["counts"][word]) for word in ("error", "warning", "note")]
            nothing = "nothing so far" if one["partial"] else "nothing"
            first = kind_name(one["top"]) if one["top"] else nothing
            rows.append([cut(one["path"]), f"{sum(one['splits'].values()):,}", *counts, first])
    yield from table(rows, left=True)
    for one in result["each"]:
        if one["partial"]:
            yield from _wrapped(f"{one['path']}: {stopped(one)}", hang="  ")
        if one["error"]:
            yield from _wrapped(f"Not judged: {one['path']}: {one['error']}", hang="  ")
    yield from _page(result)


def _told(finding: Found, names: Mapping[str, str], project: str | None) -> Iterator[str]:
    head = f"{MARKS[finding['severity']]} {finding['severity'].upper()}  {_named(finding)}"
    if finding["explained_by"]:
        cause = names.get(finding["explained_by"], finding["explained_by"])
        yield from _wrapped(head, "  ", "  ")
        yield from _wrapped(finding["sentence"], "    ")
        yield from _wrapped(f"Follows from: {cause}. Gone once that is.", "    ")
        return
    yield from _wrapped(head, hang="  ")
    yield from _wrapped(finding["sentence"], "  ")
    if finding["effect_in_words"]:
        yield from _wrapped(f"Size: {finding['effect_in_words']}", "  ")
    yield from _wrapped(f"To do: {finding['remedy']}", "  ")
    yield from _remedy(finding, project)
    yield from _wrapped(f"As when: {finding['real_world']}", "  ")
    if finding["samples"]:
        ids = ", ".join(map(str, finding["samples"][:_IDS]))
        more = f" and {finding['n_samples'] - _IDS:,} more" if finding["n_samples"] > _IDS else ""
        yield from _wrapped(f"Images: {ids}{more}", "  ")


def _noted(finding: Found, project: str | None) -> Iterator[str]:
    yield from _wrapped(f"{MARKS['note']} {_named(finding)}: {finding['sentence']}", hang="  ")
    yield from _remedy(finding, project)


def _named(finding: Found) -> str:
    where = place(finding)
    return f"{kind_name(finding['kind'])} ({where})" if where else kind_name(finding["kind"])


def _remedy(finding: Found, project: str | None) -> Iterator[str]:
    """The command, on a line of its own however long, so that it can be copied."""
    if finding["action"] and project and not finding["explained_by"]:
        yield f"    {shlex.join(('winnow', 'remedy', project, finding['id']))}"


def _page(result: Mapping[str, Any]) -> Iterator[str]:
    if "page" in result:
        yield ""
        yield f"As a page: {result['page']}"


def _wrapped(text: str, indent: str = "", hang: str = "") -> Iterator[str]:
    """Lines of a paragraph, indented; those after the first by `hang` more."""
    yield from textwrap.wrap(
        text,
        _WIDTH,
        initial_indent=indent,
        subsequent_indent=indent + hang,
        break_on_hyphens=False,
    )
