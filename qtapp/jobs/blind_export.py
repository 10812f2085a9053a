"""Writes the result of a blind session on a thread: the disk may be slow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from models.data.blind_files import exporting_blind
from models.types import Event, Finished
from qtapp.jobs.one_at_a_time import OneAtATime


class BlindExporter(QObject):
    """One at a time; a second wish while one is written is not heard."""

    written = Signal(str)  # path of the JSON
    failed = Signal(object)  # WinnowError

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._work = OneAtATime("blind export", self)
        self._work.arrived.connect(self._take)
        self._work.failed.connect(self.failed)

    def export(
        self, path: Path, message: Mapping[str, Any], lines: Sequence[Sequence[str | int | float]]
    ) -> None:
        if not self._work.is_busy:
            self._work.begin(lambda: exporting_blind(path, message, lines))

    def stop(self) -> None:
        self._work.stop()

    def _take(self, event: Event) -> None:
        if isinstance(event, Finished):
            self.written.emit(event.result["json"])
