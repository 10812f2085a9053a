"""When scores are published while a run goes on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.training import planning, publishing, run
from models.types import ScoresReady
from tests.helpers.training import FAST, bars, only, request_for, scores_of, session

pytestmark = pytest.mark.slow


def change_the_looks(monkeypatch: pytest.MonkeyPatch, **changes: Any) -> None:
    looks = run.look_recipes
    monkeypatch.setattr(
        run, "look_recipes", lambda *about: [replace(look, **changes) for look in looks(*about)]
    )


def test_a_second_look_is_published_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    images, labels = bars()
    found = []
    for name, at_least in (("once", 10**9), ("twice", 0)):
        monkeypatch.setattr(planning, "_SECOND_LOOK_FROM", at_least)
        events = list(session(request_for(tmp_path / name, labels), images))
        found.append([event.final for event in only(events, ScoresReady)])
    assert found == [[False, True], [False, False, True]]
    final = [scores_of(tmp_path / name).probabilities for name in ("once", "twice")]
    assert final[0].shape == final[1].shape
    assert not np.isnan(final[1]).any()


def test_the_average_is_published_after_each_epoch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publishing, "_BETWEEN_SCORES_S", -1.0)
    monkeypatch.setattr(publishing, "_SHARE_FOR_SCORES", np.inf)
    change_the_looks(monkeypatch, learning_rate=1e-9)
    images, labels = bars()
    config = {**FAST, "epochs": 4}
    events = list(session(request_for(tmp_path, labels, config=config), images))
    assert [event.epoch for event in only(events, ScoresReady)] == [0, 1, 2, 3, 4]


def test_averages_that_know_less_than_the_first_look_do_not_undo_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    images, labels = bars()
    config = {**FAST, "epochs": 1, "learning_rate": 1e-9}  # the main net learns nothing
    change_the_looks(monkeypatch, learning_rate=1e-2, schedule=(8,))
    seen = []
    for event in session(request_for(tmp_path, labels, config=config), images):
        if isinstance(event, ScoresReady):
            seen.append(np.array(scores_of(tmp_path).probabilities))
    assert len(seen) == 2
    np.testing.assert_array_equal(seen[1].argmax(axis=1), seen[0].argmax(axis=1))
