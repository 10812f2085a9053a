"""corrected.h5 is written when it may lack a decision, and not when it surely lacks none."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QObject

from models.errors import ProjectError
from models.types import Event, Finished
from qtapp.jobs import publishing
from qtapp.jobs.publishing import Publisher
from tests.helpers.spaces import workspace


class Bench:
    def __init__(self, owner: QObject, monkeypatch: pytest.MonkeyPatch) -> None:
        self.space = workspace(owner)
        self.publisher = Publisher(self.space.session, self.space.labels, self.space.folding, owner)
        self.refusal: ProjectError | None = None
        monkeypatch.setattr(publishing, "fold", self._fold)

    def _fold(self, project: object) -> Iterator[Event]:
        if self.refusal is not None:
            raise self.refusal
        yield Finished({})

    def open_again(self, n_decisions: int) -> None:
        labels = self.space.labels
        now = (labels.given, labels.labels, labels.status, labels.classes)
        labels.load(*now, n_decisions + 1, n_decisions)


@pytest.fixture
def bench(qtbot, monkeypatch):
    owner = QObject()
    made = Bench(owner, monkeypatch)
    made.owner = owner  # it owns the states; without it they are gone
    yield made
    made.publisher.stop()


def folded(qtbot, bench):
    with qtbot.waitSignal(bench.space.folding.ended):
        bench.publisher.fold()


def test_without_decisions_there_is_nothing_to_write(bench):
    bench.open_again(0)
    assert not bench.publisher.is_needed


def test_what_was_decided_before_is_looked_at_once(qtbot, bench):
    bench.open_again(7)
    assert bench.publisher.is_needed
    folded(qtbot, bench)
    assert not bench.publisher.is_needed


def test_a_fold_that_failed_is_wanted_again(qtbot, bench):
    bench.open_again(7)
    folded(qtbot, bench)
    bench.space.labels.n_decisions += 1
    bench.refusal = ProjectError("no space left on the disk")
    folded(qtbot, bench)
    assert bench.publisher.is_needed
    bench.refusal = None
    folded(qtbot, bench)
    assert not bench.publisher.is_needed
