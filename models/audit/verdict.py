"""The outcome of an audit in one sentence, from its JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from models.audit.finding import Severity
from models.audit.names import check_name, kind_name
from models.audit.wording import listed

Result = Mapping[str, Any]  # the JSON of `winnow audit`

MARKS = {"error": "■", "warning": "▲", "note": "○"}  # severities without their colours
MEANINGS = {
    "error": "a figure of this dataset cannot be trusted",
    "warning": "touches 1% of a split, a whole class, or a point of accuracy",
    "note": "true, but costs nothing measurable",
}


def verdict(result: Result) -> str:
    """What to make of it, and why."""
    return f"{headline(result)} {found_in_all(result)}"


def headline(result: Result) -> str:
    """What to make of it. Symptoms do not count, as they are gone with their cause."""
    counts = counts_of(result)
    if counts["error"]:
        return "A figure of this dataset cannot be trusted."
    if counts["warning"]:
        return "Some of this dataset costs accuracy, or touches whole classes."
    limit = ", as far as it could be checked" if result["not_checked"] else ""
    return f"Nothing found that costs accuracy or trust{limit}."


def found_in_all(result: Result) -> str:
    """ "1 error and 2 warnings; first of all “Wrong labels” in train." """
    counts = counts_of(result)
    told = [many(n, word) for word, n in counts.items() if n]
    if not told:
        return "No findings at all."
    if not counts["error"] and not counts["warning"]:
        return f"{told[0]} to know about."
    first = next(one for one in result["findings"] if not one["explained_by"])
    where = f" in {listed(first['splits'])}" if first["splits"] else ""
    return f"{listed(told)}; first of all “{kind_name(first['kind'])}”{where}."


def stopped(result: Result) -> str:
    """What an audit that was stopped, or ran out of time, left undone; else ""."""
    if not result["partial"]:
        return ""
    return f"Only a part was checked. Not finished: {in_a_row(result['unfinished'])}."


def not_checked(result: Result) -> list[tuple[str, str]]:
    """What could not be told: checks, and why, each reason once."""
    checks: dict[str, list[str]] = {}
    for one in result["not_checked"]:
        checks.setdefault(one["why"], []).append(one["check"])
    named = [(in_a_row(list(dict.fromkeys(names))), why) for why, names in checks.items()]
    return [(names[:1].upper() + names[1:], why) for names, why in named]


def in_a_row(checks: Sequence[str]) -> str:
    """Checks by their names, within a sentence: "labels, copies and leaks"."""
    return ", ".join(check_name(check).lower() for check in checks)


def place(finding: Mapping[str, Any]) -> str:
    """Its splits, then its classes, as many as can be read."""
    named = listed(finding["classes"]) if finding["classes"] else ""
    return " · ".join(filter(None, (", ".join(finding["splits"]), named)))


def counts_of(result: Result) -> dict[str, int]:
    """How many causes there are of each severity, the worst first."""
    met = Counter(one["severity"] for one in result["findings"] if not one["explained_by"])
    return {severity.word: met[severity.word] for severity in reversed(Severity)}


def many(n: int, what: str) -> str:
    """1 image, 2,000 images"""
    return f"{n:,} {what}" if n == 1 else f"{n:,} {what}s"
