"""What is known of the open dataset beside its labels: sizes, values, what is broken."""

from __future__ import annotations

import math
import time
from typing import Any

from PySide6.QtCore import QObject

from models.types import Described, Event, Finished, Progress
from qtapp.state.activity import ActivityState

_SURE_AFTER_S = 1.0  # a rate measured for less is a guess


class DescribingState(ActivityState):
    """The data page of the open dataset; it grows while the images are looked at."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._forget()

    def reset(self) -> None:
        """Another dataset, or none."""
        self.number += 1  # what is still to come is about the dataset before
        self.is_running, self.progress, self.error = False, None, None
        self._forget()
        self.changed.emit()

    @property
    def seconds_left(self) -> float:
        """NaN while unknown."""
        if self.progress is None or not self.progress.done:
            return math.nan
        passed_s = time.monotonic() - self._began_s
        if passed_s < _SURE_AFTER_S:
            return math.nan
        return passed_s * (self.progress.total / self.progress.done - 1)

    def _forget(self) -> None:
        self.page: dict[str, Any] | None = None
        self.images: Described | None = None  # what is known of each image that was looked at
        self._began_s = math.nan

    def _take(self, event: Event) -> None:
        if isinstance(event, Described):
            if self.page is None:  # the source is open: from now on progress counts images
                self._began_s = time.monotonic()
                self.progress = None
            self.page, self.images = event.page, event
        elif isinstance(event, Finished):
            self.page = event.result
        elif isinstance(event, Progress):
            self.progress = event
