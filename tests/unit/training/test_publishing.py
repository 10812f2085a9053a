"""When scores are published while a run goes on."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.data.run_writer import RunWriter
from models.processes.child import Controls
from models.training import planning, publishing, run
from models.training.averages import AveragedSoftmax
from models.training.fitting import Fit
from models.training.publishing import Publisher
from models.training.roles import Role
from models.training.steering import Steering
from models.types import ScoresReady
from tests.helpers.training import FAST, bars, material, only, request_for, scores_of, session

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


def published(project: Path, knows: float) -> tuple[Publisher, Fit]:
    """After a first look that was right on 60 of 100 held-out images, averages that are on a
    share of them."""
    labels = np.arange(100, dtype=np.int32) % 2
    of = material(labels, np.full(100, Role.HELD_OUT), 2)
    fit = Fit.__new__(Fit)
    fit.material, fit.average = of, AveragedSoftmax(100, 2)
    right = np.arange(100) < 100 * knows
    fit.average.add(np.arange(100), np.eye(2, dtype=np.float32)[labels ^ ~right], 1.0)
    publisher = Publisher(of, Steering(Controls()), RunWriter(project, 1, {}), 0)
    looked = np.eye(2, dtype=np.float32)[labels ^ (np.arange(100) >= 60)]
    publisher._keep_look(0.5 + (looked - 0.5) * 0.1, 1)
    return publisher, fit


@pytest.mark.parametrize(
    ("knows", "is_better"), [(0.9, True), (0.6, True), (0.57, True), (0.3, False)]
)
def test_averages_are_as_good_as_the_first_look_unless_they_clearly_know_less(
    tmp_path: Path, knows: float, is_better: bool
) -> None:
    publisher, fit = published(tmp_path, knows)
    publisher._look_counts = 0.0
    assert publisher._is_better(fit) == is_better


def test_the_longer_a_first_look_was_the_more_it_counts_beside_the_epochs(tmp_path: Path) -> None:
    publisher, fit = published(tmp_path, 1.0)
    shares = []
    for epochs in (1, 3):
        publisher._keep_look(np.tile(np.array([1, 0], np.float32), (100, 1)), epochs)
        shares.append(publisher._average(fit)[1, 0])  # of an image of class 1
    np.testing.assert_allclose(shares, [3 / 4, 27 / 28], rtol=1e-5)


def test_what_is_published_on_the_way_is_what_the_epochs_say(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publishing, "_BETWEEN_SCORES_S", -1.0)
    monkeypatch.setattr(publishing, "_SHARE_FOR_SCORES", np.inf)
    images, labels = bars()
    seen = []
    for event in session(request_for(tmp_path, labels, config={**FAST, "epochs": 3}), images):
        if isinstance(event, ScoresReady):
            scores = scores_of(tmp_path)
            seen.append(np.array(scores.probabilities))
            own = scores.probabilities[np.arange(len(labels)), labels]
            np.testing.assert_allclose(scores.by_name["loss"], -np.log(own), rtol=1e-4, atol=1e-5)
    assert all(not np.array_equal(a, b) for a, b in pairwise(seen))
