"""Writes the key list of README.md from the registry: python -m tests.helpers.readme"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from PySide6.QtWidgets import QApplication

from qtapp.app import Application
from qtapp.commands.registry import Registry
from qtapp.settings import Settings

README = Path(__file__).parents[2] / "README.md"
BEGIN, END = "<!-- keys -->\n", "<!-- /keys -->"
_SECTIONS = {"decide": "Decide", "move": "Move", "look": "Look", "file": "File", "help": "Help"}
_STEPS = ("left", "right", "up", "down", "page_up", "page_down", "home", "end")
_SAID_IN_ONE_LINE = {f"move.{kind}{step}" for kind in ("", "extend_") for step in _STEPS}


def key_list(registry: Registry) -> str:
    """One table: every command that has a key, and the digits as one line."""
    lines = ["| | key | does |", "|---|---|---|"]
    described = registry.described()
    for section, title in _SECTIONS.items():
        of_section = [line for line in described if line.section == section and line.keys]
        if section == "move":
            of_section = [line for line in of_section if line.id not in _SAID_IN_ONE_LINE]
            lines.append("| **Move** | arrows, `PgUp`, `PgDown`, `Home`, `End` | Move |")
            lines.append("| | `Shift` with any of these | Extend the selection |")
        for place, line in enumerate(of_section):
            keys = ", ".join(f"`{key}`" for key in line.keys)
            head = f" **{title}** " if not place and section != "move" else " "
            lines.append(f"|{head}| {keys} | {line.text} |")
        if section == "decide":
            lines.append("| | `1` … `9`, `0` | Set the class that shows this key |")
    return "\n".join(lines) + "\n"


def readme_keys() -> str:
    """What stands between the markers now."""
    text = README.read_text(encoding="utf-8")
    return text[text.index(BEGIN) + len(BEGIN) : text.index(END)]


def main() -> None:
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    qt = QApplication([])
    with tempfile.TemporaryDirectory() as folder:
        application = Application(qt, Settings(), Path(folder, "settings.json"))
        text = README.read_text(encoding="utf-8")
        before, after = text.split(BEGIN)[0], text.split(END)[1]
        README.write_text(before + BEGIN + key_list(application.registry) + END + after, "utf-8")


if __name__ == "__main__":
    main()
