"""Opening a dataset for review: project, journal and labels in one step, or nothing of it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from models.data.journal import AUDIT, BLIND
from models.data.project import is_project
from models.describing import describing
from models.errors import DatasetError, ProjectError, TrainingError, Undecided
from models.opening import Review, open_review, request_for
from models.processes.folding import export
from models.processes.training import TrainRequest
from models.review.blind import BlindSession
from models.review.decisions import Action, Seen, Status, decide
from models.review.stopping import AuditedQueue
from models.training_run import read_config, training_run
from models.types import Events
from tests.helpers import sources
from tests.helpers.projects import GIVEN, N_SAMPLES, small_npz, small_project


def exclude(review: Review, sample_id: int) -> None:
    known = review.labelling
    edit = decide(
        Action.EXCLUDE,
        np.array([sample_id]),
        given=known.given,
        labels=known.labels,
        status=known.status,
        seen=Seen.nothing(1),
        step=known.next_step,
        time_ns=1,
        reviewer=review.reviewer,
    )
    with review.project.journal() as journal:
        journal.append(edit)


def test_a_new_dataset_gets_a_project_beside_it(tmp_path: Path) -> None:
    source = small_npz(tmp_path)
    review = open_review(request_for([source]))
    review.close()
    assert review.project.path == tmp_path / "insects.winnow"
    assert review.labelling.class_names == ("ant", "bee", "cat")
    assert review.labelling.given.tolist() == GIVEN.tolist()
    assert (review.labelling.next_step, review.labelling.n_decisions) == (1, 0)


def test_decisions_are_there_again_after_a_restart(tmp_path: Path) -> None:
    project = small_project(tmp_path)
    review = open_review(request_for([project]))
    exclude(review, 5)
    review.close()
    again = open_review(request_for([project]))
    again.close()
    assert again.labelling.status[5] == Status.EXCLUDED
    assert (again.labelling.done, again.labelling.n_decisions) == (1, 1)
    assert again.labelling.next_step == 2


def test_audit_and_blind_images_are_known_again_and_the_trainer_is_told_of_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = small_project(tmp_path)
    blind = BlindSession("2026-01-01T00:00:00Z", shown=[7, 1, 7], weights=[4.0] * 3)
    queue = AuditedQueue(seed=5, shown=31, audits=[4, 9, 2], passed={9})
    review = open_review(request_for([project]))
    with review.project.journal() as journal:
        journal.set_metas({AUDIT: queue.to_message(), BLIND: [blind.to_message()]})
    review.close()
    again = open_review(request_for([project]))
    again.close()
    assert again.labelling.audit == queue
    assert again.labelling.blind == (blind,)
    asked: list[TrainRequest] = []

    def remember(request: TrainRequest) -> Events:
        asked.append(request)
        yield from ()

    monkeypatch.setattr("models.training_run.train", remember)
    list(training_run(request_for([project])))
    assert asked[0].audited.tolist() == [1, 2, 4, 7, 9]


def test_a_new_project_draws_its_own_audit_images(tmp_path: Path) -> None:
    seeds = set()
    for name in "ab":
        (tmp_path / name).mkdir()
        review = open_review(request_for([small_npz(tmp_path / name)]))
        review.close()
        seeds.add(review.labelling.audit.seed)
    assert len(seeds) == 2


def test_how_a_dataset_was_read_is_remembered(tmp_path: Path) -> None:
    path = str(tmp_path / "two.npz")
    images = np.arange(4 * 8 * 8, dtype=np.uint8).reshape(4, 8, 8)
    np.savez(path, a=images, b=images[::-1], y=np.array([0, 1, 0, 1]))
    with pytest.raises(Undecided) as refused:
        open_review(request_for([path]))
    assert {array["name"] for array in refused.value.arrays} >= {"a", "b"}
    open_review(request_for([path], images="b", labels="y")).close()
    again = open_review(request_for([path]))
    assert again.info.request["images"] == "b"
    again.close()


def test_an_unreadable_dataset_leaves_no_project(tmp_path: Path) -> None:
    (tmp_path / "torn.npz").write_bytes(b"PK\x03\x04 and no more")
    with pytest.raises(DatasetError):
        open_review(request_for([tmp_path / "torn.npz"]))
    assert [path.name for path in tmp_path.iterdir() if is_project(path)] == []


def test_a_name_too_long_for_the_system_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="cannot be read"):
        open_review(request_for([str(tmp_path / ("x" * 300))]))


def test_a_failed_opening_frees_the_project(tmp_path: Path) -> None:
    project = small_project(tmp_path)
    source, moved = tmp_path / "insects.npz", tmp_path / "elsewhere.npz"
    source.rename(moved)
    with pytest.raises(DatasetError):
        open_review(request_for([project]))
    moved.rename(source)
    open_review(request_for([project])).close()


def test_a_moved_dataset_can_be_located(tmp_path: Path) -> None:
    project = small_project(tmp_path)
    moved = tmp_path / "elsewhere.npz"
    (tmp_path / "insects.npz").rename(moved)
    open_review(request_for([moved]), project).close()
    review = open_review(request_for([project]))
    review.close()
    assert list(review.info.request["paths"]) == [str(moved)]


def test_another_dataset_is_not_taken_for_the_moved_one(tmp_path: Path) -> None:
    project = small_project(tmp_path)
    other = tmp_path / "other.npz"
    np.savez(other, images=np.zeros((N_SAMPLES, 8, 8), np.uint8), labels=GIVEN)
    with pytest.raises(ProjectError):
        open_review(request_for([other]), project)
    open_review(request_for([project])).close()


def test_a_list_of_classes_that_was_reordered_does_not_rename_decisions(tmp_path: Path) -> None:
    for name, array in (("images-idx3", sources.images()), ("labels-idx1", sources.labels())):
        (tmp_path / f"train-{name}-ubyte").write_bytes(sources.idx_bytes(array.astype("u1")))
    request = request_for([tmp_path / "train-images-idx3-ubyte"])
    listed = tmp_path / "classes.txt"
    listed.write_text("ant\nbee\ncat\n")
    first = open_review(request)
    first.close()
    project = first.project.path
    listed.write_text("bee\nant\ncat\n")
    refusal = r"numbered otherwise .* Put its list of classes back"
    with pytest.raises(ProjectError, match=refusal):
        open_review(request)
    with pytest.raises(ProjectError, match=refusal):
        list(describing(request_for([project]), quick=True))
    listed.write_text("ant\nbee\ncat\n")
    open_review(request).close()


def test_the_decisions_in_an_export_go_on_in_its_project(tmp_path: Path) -> None:
    project = small_project(tmp_path)
    review = open_review(request_for([project]))
    exclude(review, 0)
    review.close()
    out = tmp_path / "cleaned.h5"
    every = tuple(status.name.lower() for status in Status)
    list(export(project, out, only=every))
    again = open_review(request_for([out]))
    again.close()
    assert again.labelling.status[0] == Status.EXCLUDED
    assert again.labelling.done == 1


def test_a_project_is_held_by_one_at_a_time(tmp_path: Path) -> None:
    review = open_review(request_for([small_npz(tmp_path)]))
    try:
        with pytest.raises(ProjectError):
            open_review(request_for([review.project.path]))
    finally:
        review.close()


def test_nothing_to_resume_is_said(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="no run that was stopped"):
        list(training_run(request_for([small_npz(tmp_path)]), resume=True))


def test_weights_come_from_a_project_with_a_run(tmp_path: Path) -> None:
    project = small_project(tmp_path)
    with pytest.raises(ProjectError, match="no trained weights yet"):
        list(training_run(request_for([project]), weights_from=project))
    with pytest.raises(ProjectError, match="neither"):
        list(training_run(request_for([project]), weights_from=tmp_path / "nothing"))


@pytest.mark.parametrize("text", ['{"config": {"seed": 3}, "state": "ended"}', '{"seed": 3}'])
def test_settings_of_a_run(tmp_path: Path, text: str) -> None:
    (tmp_path / "run.json").write_text(text)
    assert read_config(tmp_path / "run.json") == {"seed": 3}


@pytest.mark.parametrize("text", ["", "[1]", '{"config": 3}', "{"])
def test_settings_that_are_none_are_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "run.json").write_text(text)
    with pytest.raises(TrainingError, match=r"run\.json"):
        read_config(tmp_path / "run.json")
