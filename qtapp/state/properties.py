"""What was measured of the images, and the measuring of them."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QObject, Signal

from models.errors import WinnowError
from models.review.properties import Measured, Properties
from models.types import Event, Scores
from qtapp.state.activity import ActivityState


class PropertyState(ActivityState):
    """The properties as far as they are known; what was measured stays when it is stopped."""

    measured = Signal()  # properties

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.properties: Properties | None = None

    @property
    def columns(self) -> Mapping[str, Scores]:
        """By name, (n,); empty while nothing is known."""
        return self.properties.columns if self.properties else {}

    @property
    def varying(self) -> Mapping[str, Scores]:
        """Those of them that are not the same of all images."""
        return self.properties.varying if self.properties else {}

    @property
    def is_complete(self) -> bool:
        return self.properties is not None and self.properties.is_complete

    @property
    def problem(self) -> WinnowError | None:
        """What ended the measuring, if it was neither finished nor stopped."""
        return self.error if isinstance(self.error, WinnowError) else None

    def reset(self) -> None:
        """Another dataset, or none."""
        self.number += 1  # what is still to come is about the dataset before
        self.is_running, self.progress, self.error = False, None, None
        self.properties = None
        self.measured.emit()
        self.changed.emit()

    def _take(self, event: Event) -> None:
        super()._take(event)
        if isinstance(event, Measured):
            self.properties = event.properties
            self.measured.emit()
