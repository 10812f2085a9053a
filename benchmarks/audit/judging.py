"""Whether an audit said what was done to a triplet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from benchmarks.damage import Damaged
from benchmarks.results import Line

Message = dict[str, Any]  # of a finding, as `winnow audit --json` prints it


def judged(result: Message, damages: Sequence[Damaged]) -> Line:
    """What an audit said, and whether that is right.

    `right`: the first finding above a note is of a right kind, in the split that was damaged; of
    several damages, each is said somewhere above a note and not as the symptom of another.
    `named`: it says the class or the parameter too; None where there is none to be said.
    `accused`: kinds above a note, of a clean draw each a false alarm.
    """
    serious = [one for one in result["findings"] if one["severity"] != "note"]
    own = [one for one in serious if one["explained_by"] is None]
    candidates = own[:1] if len(damages) == 1 else own
    said = [[one for one in candidates if _is_right(one, damage)] for damage in damages]
    return {
        "right": all(said),
        "named": _named(said[0], damages[0]) if len(damages) == 1 else None,
        "accused": [one["kind"] for one in serious],
        "top": serious[0]["id"] if serious else "",
        "sentence": serious[0]["sentence"] if serious else "",
    }


def _is_right(finding: Message, damage: Damaged) -> bool:
    return finding["kind"] in damage.kinds and damage.splits <= set(finding["splits"])


def _named(said: Sequence[Message], damage: Damaged) -> bool | None:
    if not (damage.classes or damage.parameter):
        return None
    classes = {str(code) for code in damage.classes}
    return any(
        classes <= set(one["classes"]) and damage.parameter in one["sentence"] for one in said
    )
