"""Runs on disk: what the writer writes is what the readers read."""

from __future__ import annotations

import json
import math
import shutil
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.data.journal import SPLIT
from models.data.project import Project
from models.data.run_writer import RunWriter
from models.data.runs import (
    EVIDENCE_SCORES,
    SCORE_NAMES,
    TRACE_DTYPE,
    EpochTraces,
    delete_run,
    list_runs,
    load_scores,
    newest_run,
    run_details,
    run_numbers,
    split_digest,
)
from models.errors import ProjectError
from models.types import Evidence, OpenRequest, SplitAssignment


def a_score_set(n: int = 5, k: int = 3, value: float = 0.5) -> dict[str, Any]:
    return {
        "probabilities": np.full((n, k), 1 / k, np.float32),
        "embedding": np.zeros((n, 4), np.float32),
        "held_out": np.zeros(n, bool),
        "suggested": np.zeros(n, np.int32),
        "transition": np.eye(k, dtype=np.float32),
        "prior": np.eye(k, dtype=np.float32),
        "labels": np.zeros(n, np.int32),
        **{name: np.full(n, value, np.float32) for name in SCORE_NAMES},
    }


@pytest.fixture
def runs_dir(tmp_path: Path) -> Path:
    return tmp_path / "runs"


def test_no_runs_yet(runs_dir: Path) -> None:
    assert list_runs(runs_dir) == []
    assert newest_run(runs_dir) is None


def test_scores_come_back_as_they_were_written(runs_dir: Path) -> None:
    writer = RunWriter.create(runs_dir, {})
    assert load_scores(runs_dir, writer.run) is None
    writer.save_scores(3, False, a_score_set(value=0.25))
    scores = load_scores(runs_dir, writer.run)
    assert scores is not None
    assert scores.epoch == 3
    assert set(scores.by_name) == set(SCORE_NAMES)
    assert (scores.by_name["suspicion"] == 0.25).all()


def test_runs_from_before_evidence_was_kept_have_none(runs_dir: Path) -> None:
    writer = RunWriter.create(runs_dir, {})
    writer.save_scores(3, True, a_score_set())
    scores = load_scores(runs_dir, writer.run)
    assert scores is not None
    assert (scores.evidence.copy_group == -1).all()
    assert not scores.evidence.queue.any()
    assert scores.evidence.neighbours.shape == (5, 0)
    assert scores.evidence.by_name == {}


def test_evidence_comes_back_as_it_was_written(runs_dir: Path) -> None:
    writer = RunWriter.create(runs_dir, {})
    kept = {
        "copy_group": np.array([0, 0, -1, -1, -1], np.int32),
        "queue": np.arange(5, dtype=np.uint8),
        "neighbours": np.ones((5, 10), np.int32),
        "neighbour_distance": np.full((5, 10), 0.5, np.float32),
        **{name: np.full(5, 0.25, np.float32) for name in EVIDENCE_SCORES},
    }
    writer.save_scores(3, True, {**a_score_set(), **kept})
    scores = load_scores(runs_dir, writer.run)
    assert scores is not None
    found = {**vars(scores.evidence), **scores.evidence.by_name}
    for name, values in kept.items():
        np.testing.assert_array_equal(found[name], values)
    assert set(scores.evidence.by_name) == set(EVIDENCE_SCORES)


def test_a_newer_set_takes_the_place_of_the_older(runs_dir: Path) -> None:
    writer = RunWriter.create(runs_dir, {})
    writer.save_scores(0, False, a_score_set(value=0.1))
    held_open = load_scores(runs_dir, writer.run)
    writer.save_scores(8, True, a_score_set(value=0.9))
    now = load_scores(runs_dir, writer.run)
    assert held_open is not None
    assert now is not None
    assert held_open.by_name["loss"][0] == np.float32(0.1)
    assert now.by_name["loss"][0] == np.float32(0.9)
    assert len(list(writer.folder.glob("scores-*"))) == 1


def test_what_did_not_change_is_not_written_again(runs_dir: Path) -> None:
    writer, arrays = RunWriter.create(runs_dir, {}), a_score_set(value=0.1)
    writer.save_scores(0, False, arrays)
    before = (writer.folder / "scores-0001" / "embedding.npy").stat().st_ino
    writer.save_scores(1, False, {**arrays, **a_score_set(value=0.9)}, same={"embedding"})
    assert (writer.folder / "scores-0002" / "embedding.npy").stat().st_ino == before
    now = writer.load_scores()
    assert now is not None
    assert now.keys() == arrays.keys()
    assert now["loss"][0] == np.float32(0.9)
    np.testing.assert_array_equal(now["embedding"], arrays["embedding"])


def test_runs_from_before_a_prior_was_kept_use_the_transition(runs_dir: Path) -> None:
    writer, arrays = RunWriter.create(runs_dir, {}), a_score_set()
    del arrays["prior"]
    writer.save_scores(0, False, arrays)
    scores = load_scores(runs_dir, writer.run)
    assert scores is not None
    np.testing.assert_array_equal(scores.prior, scores.transition)


def test_what_was_decided_when_a_run_began_is_known_and_of_older_ones_what_they_learnt(
    runs_dir: Path,
) -> None:
    writer = RunWriter.create(runs_dir, {})
    writer.save_scores(0, False, a_score_set())
    n = len(a_score_set()["labels"])
    labels, included = np.arange(n, dtype=np.int32), np.arange(n) != 1

    def evidence() -> Evidence:
        scores = load_scores(runs_dir, writer.run)
        assert scores is not None
        return scores.evidence

    assert (evidence().decided, evidence().learnt) == (None, None)
    writer.save_array("labels", labels)
    writer.save_array("included", included)
    learnt = evidence().learnt
    assert learnt is not None
    np.testing.assert_array_equal(learnt, np.where(included, labels, -1))
    writer.save_array("decided", ~included)
    np.testing.assert_array_equal(evidence().decided, ~included)
    assert evidence().learnt is None


def test_a_set_that_was_cut_off_is_not_seen(runs_dir: Path) -> None:
    writer = RunWriter.create(runs_dir, {})
    writer.save_scores(0, False, a_score_set())
    torn = writer.folder / ".scores-0002.new"
    torn.mkdir()
    (torn / "suspicion.npy").write_bytes(b"half")
    scores = load_scores(runs_dir, writer.run)
    assert scores is not None
    assert scores.epoch == 0
    RunWriter.reopen(runs_dir, writer.run).save_scores(1, False, a_score_set())
    assert not torn.exists()


def test_newest_run_is_the_last_with_scores(runs_dir: Path) -> None:
    RunWriter.create(runs_dir, {}).save_scores(0, True, a_score_set())
    RunWriter.create(runs_dir, {})
    assert newest_run(runs_dir) == 1
    assert [run.run for run in list_runs(runs_dir)] == [2, 1]


def a_run_with_scores(runs_dir: Path, epoch: int, *, final: bool) -> int:
    writer = RunWriter.create(runs_dir, {})
    writer.save_scores(epoch, final, a_score_set())
    return writer.run


def test_a_run_broken_off_after_its_first_look_does_not_hide_a_finished_one(
    runs_dir: Path,
) -> None:
    finished = a_run_with_scores(runs_dir, 12, final=True)
    for epoch in (0, 5):
        a_run_with_scores(runs_dir, epoch, final=False)
    assert newest_run(runs_dir) == finished
    longer = a_run_with_scores(runs_dir, 16, final=False)
    a_run_with_scores(runs_dir, 0, final=False)
    assert newest_run(runs_dir) == longer
    shorter = a_run_with_scores(runs_dir, 6, final=True)
    assert newest_run(runs_dir) == shorter


def test_of_first_looks_alone_the_last_is_shown(runs_dir: Path) -> None:
    for _ in range(2):
        a_run_with_scores(runs_dir, 0, final=False)
    assert newest_run(runs_dir) == 2


def test_the_number_of_a_deleted_run_is_not_given_again(runs_dir: Path) -> None:
    for _ in range(2):
        RunWriter.create(runs_dir, {})
    delete_run(runs_dir, 2)
    assert RunWriter.create(runs_dir, {}).run == 3
    delete_run(runs_dir, 3)
    delete_run(runs_dir, 1)
    assert run_numbers(runs_dir) == []
    assert RunWriter.create(runs_dir, {}).run == 4
    shutil.rmtree(runs_dir)  # by hand
    assert RunWriter.create(runs_dir, {}).run == 5


def test_projects_that_keep_no_number_yet_count_from_their_runs(runs_dir: Path) -> None:
    for _ in range(2):
        RunWriter.create(runs_dir, {})
    kept = runs_dir.with_name("last_run")
    kept.unlink()
    delete_run(runs_dir, 2)
    assert RunWriter.create(runs_dir, {}).run == 3
    kept.write_bytes(b"\xff")
    assert RunWriter.create(runs_dir, {}).run == 4


def test_a_run_on_other_splits_cannot_go_on(tmp_path: Path) -> None:
    made = [SplitAssignment.of(["train", "test"], np.array(codes)) for codes in ([0, 1], [1, 0])]
    with Project(tmp_path / "p.winnow", create=True) as project:
        for assignment in (None, *made):
            RunWriter.create(project.runs_dir, {"split": split_digest(assignment)})
        RunWriter.create(project.runs_dir, {})  # of a time when that was not written down
        with project.journal() as journal:
            journal.set_meta("request", OpenRequest(("/x.npz",)).to_message())
            for assignment, able in ((None, {1, 4}), (made[0], {2, 4}), (made[1], {3, 4})):
                journal.set_meta(SPLIT, assignment and {"assignment": asdict(assignment)})
                runs = list_runs(project.runs_dir)
                assert {run.run for run in runs if run.resumable} == able


def test_a_killed_run_can_go_on_and_an_ended_one_cannot(runs_dir: Path) -> None:
    RunWriter.create(runs_dir, {})
    RunWriter.create(runs_dir, {}).save_details(state="ended")
    RunWriter.create(runs_dir, {}).save_details(state="stopped")
    stopped = RunWriter.create(runs_dir, {})
    stopped.save_file("checkpoint.pt", lambda file: file.write(b"x"))
    stopped.save_details(state="stopped")
    resumable = {run.run: run.resumable for run in list_runs(runs_dir)}
    assert resumable == {1: True, 2: False, 3: False, 4: True}


def test_nan_is_null_in_json(runs_dir: Path) -> None:
    writer = RunWriter.create(runs_dir, {})
    writer.save_details(curves=[{"held_out_accuracy": math.nan}])
    text = (writer.folder / "run.json").read_text()
    assert json.loads(text, parse_constant=pytest.fail)["curves"] == [{"held_out_accuracy": None}]
    assert math.isnan(list_runs(runs_dir)[0].held_out_accuracy)


def test_a_trace_goes_through_the_epochs(runs_dir: Path) -> None:
    writer = RunWriter.create(runs_dir, {})
    for epoch in (1, 2, 10):
        writer.save_array(
            f"epochs/{epoch:04d}", np.array([(0.0, 0), (epoch / 10, epoch)], TRACE_DTYPE)
        )
    probability, prediction = EpochTraces(runs_dir, writer.run).of(1)
    assert probability.tolist() == pytest.approx([0.1, 0.2, 1.0])
    assert prediction.tolist() == [1, 2, 10]


def test_a_run_without_epochs_has_an_empty_trace(runs_dir: Path) -> None:
    RunWriter.create(runs_dir, {})
    probability, prediction = EpochTraces(runs_dir, 1).of(0)
    assert len(probability) == len(prediction) == 0


def test_damaged_description_is_said_and_listed(runs_dir: Path) -> None:
    writer = RunWriter.create(runs_dir, {})
    (writer.folder / "run.json").write_text("{")
    with pytest.raises(ProjectError, match="cannot be read"):
        run_details(runs_dir, writer.run)
    assert list_runs(runs_dir)[0].state == "failed"


def test_deleting_a_run_leaves_nothing(runs_dir: Path) -> None:
    writer = RunWriter.create(runs_dir, {})
    delete_run(runs_dir, writer.run)
    assert not writer.folder.exists()
    delete_run(runs_dir, writer.run)
