"""What commands act through."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from qtapp.commands.blinding import Blinding
from qtapp.commands.comparing import Comparing
from qtapp.commands.desk import Desk
from qtapp.commands.edits import Edits
from qtapp.commands.first_answers import FirstAnswers
from qtapp.commands.moving import Moving
from qtapp.commands.remedies import Remedies
from qtapp.commands.runs import Runs
from qtapp.jobs.auditing import Auditor

Run = Callable[..., None]


@dataclass(frozen=True)
class Actors:
    """Each does the commands of one kind."""

    edits: Edits
    answers: FirstAnswers
    moving: Moving
    comparing: Comparing
    blinding: Blinding
    desk: Desk
    runs: Runs
    auditor: Auditor
    remedies: Remedies


@dataclass(frozen=True)
class WindowCommands:
    """What only the window can do; each becomes a command."""

    open_files: Run
    open_folder: Run
    locate: Run
    locate_folder: Run
    export: Run
    export_worklist: Run
    merge: Run
    split: Run
    show_folder: Run
    pick_class: Run
    tag: Run
    show_session: Run
    query: Run
    palette: Run
    cheat_sheet: Run
    about: Run
    tour: Run
    preferences: Run
    manage_runs: Run
    toggle_dock: Callable[[str], None]
    show_dock: Callable[[str], None]
    full_screen: Run
    quit: Run
    save: Run


def tr(text: str) -> str:
    return QCoreApplication.translate("", text)  # lupdate files it under no class
