"""corrected.h5 is written when it may lack a decision, and not when it surely lacks none."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, QTimer

from models.errors import ProjectError
from models.review.decisions import Action
from models.types import Event, ExportOptions, Finished
from qtapp.commands.edits import Edits
from qtapp.jobs import publishing
from qtapp.jobs.publishing import Exporter, Publisher
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


def test_a_decision_on_its_way_to_the_disk_is_still_to_be_written(qtbot, bench):
    space = bench.space
    edits = Edits(space.session, space.labels, space.scores, space.selection, parent=bench.owner)
    space.selection.set_current(3)
    edits.decide(Action.EXCLUDE)
    folded(qtbot, bench)
    space.labels.acknowledge(1)
    assert bench.publisher.is_needed
    folded(qtbot, bench)
    assert not bench.publisher.is_needed


def test_what_a_killed_window_left_is_written_once_the_dataset_is_open(bench):
    space, info = bench.space, bench.space.session.info
    space.session.close()
    bench.open_again(7)
    space.session.open(info, "")
    assert bench.publisher._idle.isActive()


def test_an_export_holds_what_was_just_decided(qtbot, bench, monkeypatch):
    space, unsaved = bench.space, []

    def export(*_: object, **_options: object) -> Iterator[Event]:
        unsaved.append(space.labels.n_pending)
        yield Finished({})

    monkeypatch.setattr(publishing, "export", export)
    exporter = Exporter(space.labels, space.exporting, bench.owner)
    edits = Edits(space.session, space.labels, space.scores, space.selection, parent=bench.owner)
    space.selection.set_current(3)
    edits.decide(Action.EXCLUDE)
    with qtbot.waitSignal(space.exporting.ended):
        exporter.export(Path(), Path("out.h5"), "h5", ExportOptions())
        QTimer.singleShot(0, bench.owner, lambda: space.labels.acknowledge(1))
    exporter.stop()
    assert unsaved == [0]
