"""Audits every dataset in a folder or an archive, and puts them side by side."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Generator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

from models.audit.finding import Severity
from models.audit.names import kind_name
from models.audit.verdict import MARKS, counts_of, many, not_checked, stopped, verdict
from models.auditing import auditing
from models.data.pages import check_page, render, write_page
from models.data.project import SUFFIX
from models.errors import DatasetError, WinnowError
from models.opening import request_for
from models.processes.listing import list_datasets
from models.types import Event, Events, Finished

_OF_AN_AUDIT = ("splits", "worst", "findings", "not_checked", "partial", "unfinished")
_HAVE = (
    ("error", "with errors"),
    ("warning", "with warnings"),
    ("note", "with notes alone"),
    (None, "without a finding"),
)


def auditing_each(
    path: Path,
    projects: Path | None = None,
    *,
    minutes: float = 2.0,
    quick: bool = False,
    checks: Sequence[str] = (),
    page: Path | None = None,
) -> Events:
    """Audit each dataset in a folder or an archive as `auditing` does, one after another.

    Nothing is written beside the sources: their projects, and what an archive is unpacked to, go
    into the folder `projects`, or without one into a temporary folder that is gone afterwards.

    Yields what `auditing` yields, at last Finished with the result of `winnow audit --each`. A
    dataset that cannot be judged is listed with the reason in "error".

    Raises
    ------
    DatasetError
        If nothing in there can be opened.
    """
    if page is not None:
        check_page(page)
    with _folder(projects) as place:
        found = yield from list_datasets(path, Path(place))
        rows = []
        for source in found:
            row = yield from _judged(
                source, Path(place), minutes=minutes, quick=quick, checks=checks
            )
            rows.append(row)
    if all(row["error"] for row in rows):
        raise DatasetError(
            "holds no dataset that could be judged",
            str(path),
            f"The first: {rows[0]['error']}",
        )
    worst = max((Severity[row["worst"].upper()] for row in rows if row["worst"]), default=None)
    result = {
        "schema": 1,
        "name": path.name,
        "worst": None if worst is None else worst.word,
        "each": rows,
    }
    if page is not None:
        write_page(page, each_page(result))
        result["page"] = str(page)
    yield Finished(result)


def each_page(result: Mapping[str, Any]) -> str:
    """The table of all, and what was found in each, as HTML."""
    return render(
        "each.html",
        name=result["name"],
        verdict=each_verdict(result),
        worst=result["worst"] if result["worst"] in ("error", "warning") else "clean",
        rows=worst_first(result["each"]),
        marks=MARKS,
        kind_name=kind_name,
        not_checked=not_checked,
        stopped=stopped,
    )


def worst_first(rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Rows by how many errors, then warnings, then notes they have; last those not judged."""
    return sorted(rows, key=lambda row: (bool(row["error"]), [-n for n in row["counts"].values()]))


def each_verdict(result: Mapping[str, Any]) -> str:
    """ "3 datasets judged, 1 of them in part: 2 with errors; 1 without a finding; 1 could not be
    judged." """
    judged = [row["worst"] for row in result["each"] if not row["error"]]
    n_left = len(result["each"]) - len(judged)
    n_partial = sum(row["partial"] for row in result["each"])
    in_part = f", {n_partial:,} of them in part" if n_partial else ""
    told = [f"{judged.count(worst):,} {words}" for worst, words in _HAVE if worst in judged]
    beside = [f"{n_left:,} could not be judged"] if n_left else []
    return f"{many(len(judged), 'dataset')} judged{in_part}: {'; '.join(told + beside)}."


def _judged(source: Path, place: Path, **how: Any) -> Generator[Event, None, dict[str, Any]]:
    """One row of the table."""
    row: dict[str, Any] = {"path": source.name, "splits": {}, "worst": None, "top": None}
    row |= {"sentence": None, "verdict": None, "counts": {}, "findings": [], "not_checked": []}
    row |= {"partial": False, "unfinished": []}
    try:
        for event in auditing(request_for([source]), place / f"{source.name}{SUFFIX}", **how):
            if isinstance(event, Finished):
                found = event.result
                first = found["findings"][0] if found["findings"] else {}
                return {
                    **row,
                    **{name: found[name] for name in _OF_AN_AUDIT},
                    "top": first.get("kind"),
                    "sentence": first.get("sentence"),
                    "verdict": verdict(found),
                    "counts": counts_of(found),
                    "error": None,
                }
            yield event
    except WinnowError as error:
        why = str(error).removeprefix(f"{source}: ").replace(f"{source.parent}{os.sep}", "")
        return {**row, "error": why}
    raise AssertionError("an audit ends with Finished or an error")


def _folder(named: Path | None) -> AbstractContextManager[str | Path]:
    """A folder that stays, or one that goes."""
    if named is None:
        return tempfile.TemporaryDirectory(prefix="winnow-")
    try:
        named.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WinnowError(f"cannot be made ({error.strerror})", str(named)) from error
    return nullcontext(named)
