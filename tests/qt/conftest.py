"""What every test of a view takes for granted."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from qtapp.jobs.thumbnails import Thumbnails
from qtapp.views.parts import Later


@pytest.fixture(autouse=True)
def draws_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Panels that draw when the event loop comes round draw now; when is a matter of the window."""
    monkeypatch.setattr(Later, "ask", lambda self: self._timer.timeout.emit())


@pytest.fixture
def owner(qtbot: QtBot) -> QObject:
    """The parent of what a test makes."""
    return QObject()


@pytest.fixture
def thumbnails(owner: QObject) -> Iterator[Thumbnails]:
    made = Thumbnails(owner)
    yield made
    made.close()
