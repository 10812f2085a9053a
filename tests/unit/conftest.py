"""Unit tests start no children: what these would do is done in this process."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.helpers.here import run_without_children


@pytest.fixture(autouse=True, scope="module")
def children_work_here() -> Iterator[None]:
    """Where tests are about real children, a fixture of this name does nothing instead."""
    with pytest.MonkeyPatch.context() as patch:
        run_without_children(patch)
        yield
