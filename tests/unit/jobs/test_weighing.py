"""Runs on disk are compared when one ended, and while somebody looks."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QObject

from models.data.runs import run_folder
from models.review.blind import BlindSession
from models.types import LabelVector
from qtapp.jobs.weighing import Weigher
from tests.helpers.projects import add_scores
from tests.helpers.spaces import dataset_info, workspace

N = 240


def add_run(
    project: Path, run: int, learnt: LabelVector, says: LabelVector, role: int = 2, begun: int = 0
) -> None:
    """A run with everything that comparing reads; no image was trained on unless `role` says so."""
    add_scores(project, says.astype(np.int64), 3, given=learnt.astype(np.int64), run=run)
    folder = run_folder(project / "runs", run)
    np.save(folder / "labels.npy", learnt)
    np.save(folder / "included.npy", np.ones(N, bool))
    np.save(folder / "roles.npy", np.full(N, role, np.uint8))
    details = json.loads((folder / "run.json").read_text())
    details["weights_from"] = str(run_folder(project / "runs", begun)) if begun else ""
    (folder / "run.json").write_text(json.dumps(details))


class Desk(QObject):
    """A hundred and twenty images were judged blind; twelve of their labels are wrong."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.project = folder / "tiny.winnow"
        self.space = space = workspace(self, n=N)
        space.session.open(dataset_info(N), str(self.project))
        self.given = space.labels.given
        self.truth = self.given.copy()
        self.truth[:12] = (self.truth[:12] + 1) % 3
        shown = list(range(120))
        answers = self.truth[:120].tolist()
        blind = BlindSession("", shown, [1.0] * 120, answers=answers, ended=True)
        space.blind.load([blind])
        self.weigher = Weigher(
            space.session, space.labels, space.audit, space.blind, space.review_session,
            space.worth, self,
        )  # fmt: skip
        self.failures: list[object] = []
        self.weigher.failed.connect(self.failures.append)

    def weigh(self, qtbot):  # type: ignore[no-untyped-def]
        with qtbot.waitSignal(self.space.worth.changed):
            self.weigher.weigh()
        return self.space.worth.worth


@pytest.fixture
def desk(qapp, tmp_path):  # type: ignore[no-untyped-def]
    desk = Desk(tmp_path)
    yield desk
    desk.weigher.stop()
    assert desk.failures == []


def test_a_run_on_the_given_and_one_on_the_corrected_labels(qtbot, desk) -> None:  # type: ignore[no-untyped-def]
    add_run(desk.project, 1, desk.given, desk.given)
    add_run(desk.project, 2, desk.truth, desk.truth, begun=1)
    worth = desk.weigh(qtbot)
    assert (worth.before, worth.after, worth.is_known, worth.is_continued) == (1, 2, True, True)
    assert (worth.trusted.before, worth.trusted.after, worth.trusted.n) == (108, 120, 120)


def test_a_run_is_known_however_its_folder_was_spelled(qtbot, desk) -> None:  # type: ignore[no-untyped-def]
    add_run(desk.project, 1, desk.given, desk.given)
    add_run(desk.project, 2, desk.truth, desk.truth)
    file = run_folder(desk.project / "runs", 2) / "run.json"
    spelled = str(desk.project / "runs" / ".." / "runs" / "0001")
    file.write_text(json.dumps({**json.loads(file.read_text()), "weights_from": spelled}))
    assert desk.weigh(qtbot).is_continued


def test_what_a_run_trained_on_is_left_out(qtbot, desk) -> None:  # type: ignore[no-untyped-def]
    add_run(desk.project, 1, desk.given, desk.given, role=3)
    add_run(desk.project, 2, desk.truth, desk.truth)
    worth = desk.weigh(qtbot)
    assert (worth.n_trusted, worth.trusted.n) == (120, 0)


def test_a_run_that_goes_on_or_is_damaged_is_as_if_not_there(qtbot, desk) -> None:  # type: ignore[no-untyped-def]
    for run in (1, 2, 3):
        add_run(desk.project, run, desk.given, desk.given)
    (run_folder(desk.project / "runs", 2) / "roles.npy").unlink()
    unfinished = run_folder(desk.project / "runs", 3) / "run.json"
    unfinished.write_text(unfinished.read_text().replace("ended", "running"))
    assert desk.weigh(qtbot).before == 1


def test_without_runs_it_says_how_many_images_there_are(qtbot, desk) -> None:  # type: ignore[no-untyped-def]
    worth = desk.weigh(qtbot)
    assert (worth.before, worth.after, worth.n_trusted) == (0, 0, 120)


def test_out_of_sight_nothing_is_weighed_but_when_runs_changed(qtbot, desk) -> None:  # type: ignore[no-untyped-def]
    desk.space.labels.saved_changed.emit()
    qtbot.waitUntil(lambda: desk.weigher.is_idle)
    assert desk.space.worth.worth is None
    with qtbot.waitSignal(desk.space.worth.changed):
        desk.space.review_session.watch(True)
