"""Has Python's interpreter hold up the window as little as it can."""

from __future__ import annotations

import gc
import sys

from PySide6.QtCore import QObject

from qtapp.commands.desk import Desk

# How long a thread that computes keeps the window's waiting; Python takes 5 ms by itself. What it
# did while a million labels are rescored and written: docs/benchmarks.md, "views".
_SWITCH_S = 0.0005


class WindowFirst(QObject):
    """Lets the window's thread in soon, and spares what stays: the program once it is built, and
    a dataset once it is open.

    Now and then Python looks through every object there is for garbage in circles, on whatever
    thread made the last one, and no thread runs meanwhile. After the start there are 97,000 of
    them, 53 ms of a processor and several times that beside a training: it was the longest stall
    of a session. What a review makes from then on is looked through in one or two.
    """

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        sys.setswitchinterval(_SWITCH_S)
        desk.opened.connect(self._spare)
        desk.closed.connect(self._look_through_all)
        self._spare()

    def _spare(self) -> None:
        gc.freeze()

    def _look_through_all(self) -> None:
        """What of the dataset was spared may be garbage now, and nobody is at the keys."""
        gc.unfreeze()
        gc.collect()
        gc.freeze()
