"""What a run is asked to train on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QObject

from models.processes.training import TrainRequest
from models.review.decisions import Status
from models.review.remedies import Settled
from qtapp.commands.runs import Runs
from qtapp.jobs.trainer import ScoresLoaded
from qtapp.jobs.worker import StartEvents
from tests.helpers.projects import add_scores
from tests.helpers.spaces import dataset_info, score_set, workspace


class Desk(QObject):
    """One label is corrected, one image excluded; requests are kept, none is trained."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        super().__init__()
        self.space = space = workspace(self)
        space.labels.labels[3], space.labels.status[3] = 1, Status.CHANGED
        space.labels.status[5] = Status.EXCLUDED
        self.runs = Runs(
            space.session, space.labels, space.scores, space.order, space.audit, space.blind,
            space.training, space.remedying, self,
        )  # fmt: skip
        self.asked: list[TrainRequest] = []
        monkeypatch.setattr(self.runs._trainer, "begin_training", self.asked.append)


def test_a_run_is_on_the_labels_as_they_stand(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk(monkeypatch)
    desk.runs.start()
    (request,) = desk.asked
    np.testing.assert_array_equal(request.labels, desk.space.labels.labels)
    assert np.flatnonzero(~request.included).tolist() == [5]
    assert request.decided.tolist() == [3, 5]


def test_classes_are_weighed_as_the_project_says(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk(monkeypatch)
    desk.space.remedying.settle(Settled("balanced"))
    desk.runs.start()
    (request,) = desk.asked
    assert request.config == {"class_weights": "balanced"}


def test_a_run_that_was_chosen_stays_so_until_another_is_begun(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    desk = Desk(monkeypatch)
    monkeypatch.setattr(desk.runs, "_do", lambda _: None)  # there is nothing to load
    desk.runs.use(2)
    assert desk.runs.chosen == 2
    desk.runs.start()
    assert desk.runs.chosen == 0


def test_a_run_in_training_does_not_replace_the_one_that_was_chosen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    desk = Desk(monkeypatch)
    monkeypatch.setattr(desk.runs, "_do", lambda _: None)
    scores, given = desk.space.scores, desk.space.labels.given
    desk.runs.start()
    training = desk.space.training.begin()
    desk.runs.use(1)
    for number, run, shown in ((0, 1, 1), (training, 2, 1)):
        desk.runs._take(number, ScoresLoaded(score_set(given, run=run), final=False))
        assert scores.run == shown
    desk.runs.use(2)
    desk.runs._take(training, ScoresLoaded(score_set(given, run=2), final=True))
    assert scores.run == 2


def test_the_scores_of_a_deleted_run_give_way_to_those_of_another(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    desk = Desk(monkeypatch)
    space, runs = desk.space, desk.runs
    space.session.open(dataset_info(), str(tmp_path))
    for run in (1, 2):
        add_scores(tmp_path, space.labels.given.astype(np.int64), 3, run=run)

    def at_once(start: StartEvents) -> None:
        for event in start():
            runs._take(0, event)

    monkeypatch.setattr(runs, "_do", at_once)
    runs.use(2)
    runs.delete(1)
    assert space.scores.run == 2
    add_scores(tmp_path, space.labels.given.astype(np.int64), 3, run=1)
    runs.delete(2)
    assert (space.scores.run, runs.chosen) == (1, 0)
    runs.delete(1)
    assert space.scores.shown is None


def test_the_run_to_compare_with_is_on_the_labels_as_given(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk(monkeypatch)
    desk.runs.baseline()
    (request,) = desk.asked
    np.testing.assert_array_equal(request.labels, desk.space.labels.given)
    assert request.included.all()
    assert not len(request.decided)  # it learns nothing of any decision
