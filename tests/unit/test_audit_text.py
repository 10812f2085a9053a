"""What `winnow audit` prints."""

from __future__ import annotations

import numpy as np

from models.audit.finding import Remedy, Severity
from qtapp.audit_text import audit_lines
from tests.helpers.audit_results import finding, result_of

LONG = tuple(f"a class with quite a long name, number {i}" for i in range(40))


def test_a_newcomer_reads_the_verdict_first_and_then_what_to_do() -> None:
    lines = list(audit_lines(result_of(finding())))
    assert lines == [
        "insects: 12 images",
        "train 8, test 4",
        "",
        "A figure of this dataset cannot be trusted.",
        "1 error; first of all “Leak, exact copies” in train and test.",
        "",
        "■ ERROR  Leak, exact copies (train, test)",
        "  There is leak_exact here.",
        "  Size: 12.5% of the images of test (95% interval 10.0% to 15.0%)",
        "  To do: Take it out.",
        "  As when: As it happened once.",
        "  Images: 0, 1, 2, 3, 4, 5, 6, 7",
    ]


def test_a_symptom_stands_below_its_cause_with_nothing_to_do() -> None:
    cause = finding()
    symptom = finding("too_good", Severity.WARNING).because_of(cause)
    text = "\n".join(audit_lines(result_of(symptom, cause)))
    assert text.count("To do:") == 1
    assert "\n    Follows from: Leak, exact copies. Gone once that is." in text


def test_notes_come_last_in_a_few_lines_each() -> None:
    note = finding("jpeg", Severity.NOTE, splits=("train",))
    lines = list(audit_lines(result_of(note, finding())))
    assert lines[-2:] == [
        "Notes (true, but they cost nothing measurable):",
        "○ JPEG traces (train): There is jpeg here.",
    ]


def test_every_line_fits_into_a_terminal_but_commands_which_are_copied_whole() -> None:
    remedy = Remedy("Do this. " * 40, "exclude", {"samples": [1]})
    one = finding(classes=LONG, sentence="word " * 80, samples=np.arange(900), remedy=remedy)
    result = result_of(one, project="/a/long way to/" + "x" * 60, kept=True, not_checked=[])
    lines = list(audit_lines(result))
    commands = [line for line in lines if line.lstrip().startswith("winnow remedy ")]
    assert len(commands) == 1
    assert max(len(line) for line in lines if line not in commands) <= 80
    assert "and 35 more" in " ".join(lines)


def test_no_command_is_told_for_findings_that_are_not_kept() -> None:
    one = finding(remedy=Remedy("Do this.", "exclude", {"samples": [1]}))
    result = result_of(one, finding("jpeg", Severity.NOTE), project="p.winnow", kept=False)
    assert "winnow remedy" not in "\n".join(audit_lines(result))


def test_what_was_not_checked_or_not_finished_is_said() -> None:
    missing = [{"check": "gaps", "why": "There is one split."}]
    about = {"not_checked": missing, "partial": True, "unfinished": ["gaps"]}
    lines = list(audit_lines(result_of(**about)))
    assert "Only a part was checked. Not finished: differences in accuracy." in lines
    assert lines[-1] == "- Differences in accuracy: There is one split."
