"""The children are real here, except where a test asks for `here`."""

from __future__ import annotations

import pytest

from tests.helpers.here import run_without_children


@pytest.fixture(autouse=True, scope="module")
def children_work_here() -> None:
    """Not by itself."""


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    run_without_children(monkeypatch)
