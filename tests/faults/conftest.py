"""How often each fault is tried: a few times with every test run, in full with --soak."""

from __future__ import annotations

import pytest

_ROUNDS = {  # fault: (default, soak)
    "kill while labelling": (5, 100),
    "kill while merging": (3, 100),
    "kill while folding": (3, 100),
    "kill while exporting": (3, 100),
    "kill of the fold child": (2, 50),
    "power cut": (10, 200),
    "fsync error": (2, 20),
    "mutant": (10, 2000),  # of each format
    "mutant in the reader": (1, 20),
}


@pytest.fixture
def rounds(request: pytest.FixtureRequest) -> dict[str, int]:
    """How often to try each fault."""
    in_full = bool(request.config.getoption("--soak"))
    return {fault: counts[in_full] for fault, counts in _ROUNDS.items()}
