"""docs/audit.md says what the program understands."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from models.audit.finding import KINDS
from models.audit.verdict import MARKS
from qtapp.arguments import parse

TEXT = (Path(__file__).parents[3] / "docs" / "audit.md").read_text(encoding="utf-8")
COMMANDS = [line.strip() for line in TEXT.splitlines() if line.strip().startswith("winnow ")]


@pytest.mark.parametrize("line", COMMANDS)
def test_every_command_can_be_typed(line: str) -> None:
    _, *words = shlex.split(line, comments=True)
    assert parse(words).command == words[0]


def test_every_check_and_severity_is_explained() -> None:
    assert set(re.findall(r"^\| `(\w+)`", TEXT, re.M)) == set(KINDS)
    assert all(f"| {mark} {word} |" in TEXT for word, mark in MARKS.items())
