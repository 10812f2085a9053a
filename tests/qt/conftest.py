"""What every test of a view takes for granted."""

from __future__ import annotations

import pytest

from qtapp.views.parts import Later


@pytest.fixture(autouse=True)
def draws_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Panels that draw when the event loop comes round draw now; when is a matter of the window."""
    monkeypatch.setattr(Later, "ask", lambda self: self._timer.timeout.emit())
