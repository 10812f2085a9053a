"""The outcome of an audit in one sentence, from its JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from models.audit.finding import Severity
from models.audit.wording import listed

Result = Mapping[str, Any]  # the JSON of `winnow audit`

MARKS = {"error": "■", "warning": "▲", "note": "○"}  # severities without their colours


def verdict(result: Result) -> str:
    """What to make of it. Symptoms do not count, as they are gone with their cause."""
    counts = counts_of(result)
    n_errors, n_warnings, n_notes = counts["error"], counts["warning"], counts["note"]
    if not n_errors and not n_warnings:
        limit = ", as far as it could be checked" if result["not_checked"] else ""
        beside = f"; {_many(n_notes, 'note')} to know about" if n_notes else ""
        return f"Nothing found that costs accuracy or trust{limit}{beside}."
    found = listed([_many(counts[word], word) for word in ("error", "warning") if counts[word]])
    first = next(one for one in result["findings"] if not one["explained_by"])
    where = f" in {listed(first['splits'])}" if first["splits"] else ""
    about = f"{found}, first of all {in_words(first['kind'])}{where}."
    if n_errors:
        return f"A figure of this dataset cannot be trusted: {about}"
    return f"Some of this dataset costs accuracy, or touches whole classes: {about}"


def counts_of(result: Result) -> dict[str, int]:
    """How many causes there are of each severity, the worst first."""
    met = Counter(one["severity"] for one in result["findings"] if not one["explained_by"])
    return {severity.word: met[severity.word] for severity in reversed(Severity)}


def in_words(kind: str) -> str:
    return kind.replace("_", " ")


def _many(n: int, what: str) -> str:
    return f"{n:,} {what}" if n == 1 else f"{n:,} {what}s"
