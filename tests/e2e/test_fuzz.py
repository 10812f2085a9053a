"""Whatever a person does: no error, no warning of Qt, and every decision is in the journal."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from tests.e2e.fuzzing import Fuzz
from tests.helpers.screens import undress

QUICK, FULL = 50, 2_500  # events of each seed


SOAK = pytest.mark.soak


@pytest.mark.timeout(3_600)
@pytest.mark.parametrize(  # each begins with another dataset
    "seed", [0, 1, pytest.param(2, marks=SOAK), pytest.param(3, marks=SOAK)]
)
def test_nothing_that_a_person_does_breaks_the_window(
    seed: int, qapp: QApplication, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    fuzz = Fuzz(qapp, tmp_path / "fuzz", seed)
    try:
        fuzz.run(FULL if request.config.getoption("--soak") else QUICK)
    finally:
        fuzz.close()
        undress(qapp)
