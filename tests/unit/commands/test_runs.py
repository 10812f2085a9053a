"""What a run is asked to train on."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QObject

from models.processes.training import TrainRequest
from models.review.decisions import Status
from models.review.remedies import Settled
from qtapp.commands.runs import Runs
from tests.helpers.spaces import workspace


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


def test_the_run_to_compare_with_is_on_the_labels_as_given(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk(monkeypatch)
    desk.runs.baseline()
    (request,) = desk.asked
    np.testing.assert_array_equal(request.labels, desk.space.labels.given)
    assert request.included.all()
    assert not len(request.decided)  # it learns nothing of any decision
