"""Which dataset and project are open."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from models.types import DatasetInfo, LabelVector


class SessionState(QObject):
    """The open project, or none."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.info: DatasetInfo | None = None
        self.project_path = ""
        self.reviewer = 0
        self.truth: LabelVector | None = None  # of the demo alone

    @property
    def is_open(self) -> bool:
        return self.info is not None

    def open(
        self,
        info: DatasetInfo,
        project_path: str,
        reviewer: int = 0,
        truth: LabelVector | None = None,
    ) -> None:
        """Say that a project is open; the other states must be loaded before."""
        self.info, self.project_path = info, project_path
        self.reviewer, self.truth = reviewer, truth
        self.changed.emit()

    def set_reviewer(self, reviewer: int) -> None:
        """Somebody else decides from now on."""
        self.reviewer = reviewer

    def close(self) -> None:
        if self.is_open:
            self.info, self.project_path, self.truth = None, "", None
            self.changed.emit()
