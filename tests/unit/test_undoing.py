"""What was done to a split is undone: everybody sees and exports the new images, until it is
taken back."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

import h5py
import numpy as np
import pytest
from PIL import Image
from scipy.ndimage import gaussian_filter

from models.audit.session import auditing_session
from models.data.audits import keep_audit, kept_audit
from models.data.project import Project
from models.data.property_files import keep_properties, kept_properties
from models.data.rematch import stored_hashes
from models.data.run_writer import RunWriter
from models.data.runs import EpochTraces, list_runs, load_scores
from models.data.undoing import BYTES, applied
from models.errors import ProjectError
from models.labelling import labelling
from models.opening import open_review, request_for, to_read
from models.processes.auditing import AuditRequest
from models.processes.folding import export, rematch
from models.processes.reading import ReaderClient
from models.review.properties import Properties, unmeasured
from models.splitting import SplitWish, splitting
from models.types import UNLABELLED, DatasetInfo, Finished, OpenRequest
from models.undoing import (
    keep_undoing,
    taking_back,
    undoing_processing,
    undoings,
)
from tests.helpers.local import open_here

N = 80  # of each split
BGR = {"name": "channels", "order": [2, 1, 0]}
INVERT = {"name": "invert"}
TEST = np.arange(2 * N) >= N


def photos(n: int, seed: int) -> np.ndarray:
    """Reddish above, darker below, each a little different: (n, 12, 12, 3)."""
    rng = np.random.default_rng(seed)
    base = np.array([190.0, 120.0, 60.0]) - 4.0 * np.arange(12)[:, None, None]
    images = base + rng.normal(0, 12, (n, 1, 1, 3)) + rng.normal(0, 6, (n, 12, 12, 3))
    return np.clip(images, 0, 255).astype(np.uint8)


TRUE = np.concatenate([photos(N, 0), photos(N, 1)])


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project of two splits; that of test was stored as BGR."""
    return opened(tmp_path / "photos.npz", applied(TRUE[N:], [BGR], BYTES))


def opened(path: Path, test: np.ndarray) -> Path:
    labels = np.arange(N) % 2
    np.savez(path, x_train=TRUE[:N], y_train=labels, x_test=test, y_test=labels)
    review = open_here(request_for([path]))
    review.close()
    return review.project.path


def result(events):
    return [event.result for event in events if isinstance(event, Finished)][-1]


def seen(project: Path) -> tuple[DatasetInfo, np.ndarray]:
    request, _ = to_read(request_for([project]))
    with closing(ReaderClient()) as reader:
        info = DatasetInfo.from_message(reader.open(request).info)
        return info, np.stack(reader.read(np.arange(info.n)))


def audited(project: Path) -> list[dict]:
    request, _ = to_read(request_for([project]))
    labels = np.tile(np.arange(N, dtype=np.int32) % 2, 2)
    every = np.ones(2 * N, bool)
    asked = AuditRequest(
        project, request.to_message(), labels, every, ("0", "1"), checks=("distribution",)
    )
    return result(auditing_session(asked))["findings"]


def a_run(project: Path) -> int:
    """A run with scores of all images."""
    writer = RunWriter.create(project / "runs", {"curves": []})
    n, k = 2 * N, 2
    ones = np.ones(n, np.float32)
    arrays = {
        **dict.fromkeys(("suspicion", "loss", "confidence", "margin", "anomaly"), ones),
        "probabilities": np.full((n, k), 0.5, np.float32),
        "embedding": np.ones((n, 3), np.float32),
        "held_out": np.ones(n, bool),
        "suggested": np.ones(n, np.int32),
        "labels": np.zeros(n, np.int32),
        "transition": np.eye(k, dtype=np.float32),
        "neighbours": np.zeros((n, 4), np.int32),
    }
    writer.save_array("epochs/0001", np.zeros(n, [("probability", "f4"), ("prediction", "i4")]))
    writer.save_scores(1, True, arrays)
    writer.save_details(state="ended")
    return writer.run


@pytest.mark.slow
def test_what_an_audit_finds_is_undone_and_not_found_again(project):
    (finding,) = audited(project)
    assert finding["kind"] == "channel_order"
    action = finding["action"]
    assert action == {"name": "undo_processing", "split": "test", "undo": BGR}
    done = result(undoing_processing(project, action["split"], action["undo"]))
    assert done == {"project": str(project), "undone": {"test": [BGR]}}
    info, images = seen(project)
    np.testing.assert_array_equal(images, TRUE)
    assert info.undone == {"test": [BGR]}
    assert info.sentence.endswith("those of test are in the order of channels 3, 2, 1.")
    assert audited(project) == []
    assert result(taking_back(project, "test"))["undone"] == {}
    info, images = seen(project)
    np.testing.assert_array_equal(images[N:], TRUE[N:, ..., ::-1])
    assert not info.undone
    assert not info.request["undone"]


@pytest.mark.slow
def test_what_was_blurred_cannot_be_undone(tmp_path):
    project = opened(tmp_path / "blurred.npz", gaussian_filter(TRUE[N:], (0, 1, 1, 0)))
    (finding,) = audited(project)
    assert finding["kind"] in ("blur", "resampled")
    assert finding["action"] is None
    assert "anew from its originals" in finding["remedy"]


def test_whoever_opens_the_source_sees_it_too(project, tmp_path):
    with Project(project) as known:
        keep_undoing(known, "test", BGR)
    review = open_review(request_for([tmp_path / "photos.npz"]))
    with closing(review):
        assert review.info.undone == {"test": [BGR]}
        ids = np.array([0, 2 * N - 1])
        for image, small, true in zip(
            review.reader.read(ids), review.reader.thumbnails(ids, 32), TRUE[ids], strict=True
        ):
            np.testing.assert_array_equal(image, true)
            np.testing.assert_array_equal(small, true)
        facts = review.reader.facts(ids)
        assert facts.means == pytest.approx(TRUE[ids].mean(axis=(1, 2, 3)))


def test_steps_follow_one_another_and_a_step_back_takes_the_last_away(project):
    with Project(project) as known:
        keep_undoing(known, "test", BGR)
        keep_undoing(known, "test", INVERT)
        keep_undoing(known, "train", INVERT)
        assert undoings(known) == {"test": [BGR, INVERT], "train": [INVERT]}
        np.testing.assert_array_equal(seen(project)[1], 255 - TRUE)
        keep_undoing(known, "test", INVERT)
        keep_undoing(known, "train", None)
        keep_undoing(known, "train", None)
        assert undoings(known) == {"test": [BGR]}


def test_what_cannot_be_undone_is_refused(project):
    with Project(project) as known:
        with pytest.raises(ProjectError, match="no split “valid”"):
            keep_undoing(known, "valid", BGR)
        with pytest.raises(ProjectError, match="cannot be undone"):
            keep_undoing(known, "test", {"name": "blur", "radius": 1.0})
        assert undoings(known) == {}


def test_new_splits_keep_what_was_undone_and_no_more_is_undone_by_their_names(project):
    with Project(project) as known:
        keep_undoing(known, "test", BGR)
    result(splitting(project, SplitWish({})))
    info, images = seen(project)
    assert list(info.splits) == ["train", "validation", "test"]
    np.testing.assert_array_equal(images, TRUE)
    with Project(project) as known, pytest.raises(ProjectError, match="put into other splits"):
        keep_undoing(known, "test", INVERT)
    with Project(project) as known:
        keep_undoing(known, "test", None)
    np.testing.assert_array_equal(seen(project)[1][N:], TRUE[N:, ..., ::-1])


def test_exports_hold_undone_images_and_lists_say_what_to_undo(project, tmp_path):
    result(undoing_processing(project, "test", BGR))

    def manifest(name):
        return json.loads((tmp_path / f"{name}.manifest.json").read_text())

    result(export(project, tmp_path / "all.npz", "npz"))
    with np.load(tmp_path / "all.npz") as stored:
        np.testing.assert_array_equal(stored["x_test"], TRUE[N:])
    assert manifest("all.npz")["undone"] == {"test": [BGR]}

    result(export(project, tmp_path / "all.h5", "h5"))
    with h5py.File(tmp_path / "all.h5") as stored:
        np.testing.assert_array_equal(stored["images"][:], TRUE)

    result(export(project, tmp_path / "all.csv", "csv"))
    listed = manifest("all.csv")
    assert listed["to_undo"] == {"test": [BGR]}
    assert "undone" not in listed


def test_the_published_labels_say_what_to_undo_in_their_images(project):
    def published():
        with h5py.File(project / "corrected.h5") as file:
            hashes = file["samples/content_hash"][:]
            return file["image_ref"].attrs.get("undo"), hashes[TEST].any()

    with Project(project) as known:
        request = known.request()
    with closing(open_review(request_for([project]))):
        pass
    result(undoing_processing(project, "test", BGR))
    assert json.loads(published()[0]) == {"test": [BGR]}
    result(taking_back(project, "test"))
    assert published() == (None, False)
    assert request.undone == {}


def test_files_are_written_anew_and_links_are_refused(tmp_path):
    folder = tmp_path / "photos"
    for split, image in (("test", TRUE[0][..., ::-1]), ("train", TRUE[1])):
        for name in ("a", "b"):
            (folder / split / name).mkdir(parents=True)
            Image.fromarray(np.ascontiguousarray(image)).save(folder / split / name / "x.png")
    review = open_review(request_for([folder]))
    review.close()
    project = review.project.path
    before = (folder / "test" / "a" / "x.png").read_bytes()
    result(undoing_processing(project, "test", BGR))

    with pytest.raises(ProjectError, match="link"):
        result(export(project, tmp_path / "linked", "folder", files="link"))
    result(export(project, tmp_path / "copied", "folder"))
    (made,) = (tmp_path / "copied" / "test" / "a").iterdir()
    with Image.open(made) as image:
        np.testing.assert_array_equal(np.asarray(image), TRUE[0])
    untouched = tmp_path / "copied" / "train" / "a" / "x.png"
    assert untouched.read_bytes() == (folder / "train" / "a" / "x.png").read_bytes()
    assert (folder / "test" / "a" / "x.png").read_bytes() == before


def test_a_run_says_nothing_of_images_it_saw_otherwise(project):
    first = a_run(project)
    runs = project / "runs"
    with Project(project) as known:
        keep_undoing(known, "test", BGR)
    second = a_run(project)
    scores = load_scores(runs, first)
    for values in (*scores.by_name.values(), scores.probabilities, scores.embedding):
        assert np.isnan(values[TEST]).all()
        assert np.isfinite(values[~TEST]).all()
    assert (scores.suggested[TEST] == UNLABELLED).all()
    assert (scores.evidence.neighbours[TEST] == -1).all()
    assert not scores.held_out[TEST].any()
    traces = EpochTraces(runs, first)
    assert (len(traces.of(0)[0]), len(traces.of(N)[0])) == (1, 0)
    assert [run.seen_otherwise for run in list_runs(runs)] == [0, N]
    assert np.isfinite(load_scores(runs, second).by_name["loss"]).all()

    with Project(project) as known:
        keep_undoing(known, "test", None)
    assert [run.seen_otherwise for run in list_runs(runs)] == [N, 0]
    assert np.isfinite(load_scores(runs, first).by_name["loss"]).all()


def test_what_was_found_out_about_the_old_images_is_no_longer_believed(project):
    info, _ = seen(project)
    labels, every = np.zeros(2 * N, np.int32), np.ones(2 * N, bool)
    with Project(project) as known:
        keep_properties(project, info, Properties(unmeasured(info.n), info.n))
        keep_audit(project, info, {"schema": 1}, labels, every, quick=True)
        np.save(known.content_hash_path, np.ones((2 * N, 16), np.uint8))
        keep_undoing(known, "test", BGR)
        assert np.array_equal(stored_hashes(known, 2 * N).any(axis=1), ~TEST)
    info, _ = seen(project)
    assert kept_properties(project, info) is None
    assert kept_audit(project, info, labels, every).since == {"test"}


@pytest.mark.parametrize("put_right", [False, True])
def test_decisions_follow_images_that_were_undone_into_a_changed_source(
    project, tmp_path, put_right
):
    result(undoing_processing(project, "test", BGR))
    decisions = tmp_path / "decisions.csv"
    decisions.write_text(f"sample_id,action,label\n{N},set,1\n3,exclude,\n")
    result(labelling(project, decisions))
    test = TRUE[N:] if put_right else TRUE[N:, ..., ::-1]
    labels = np.arange(N) % 2
    path = tmp_path / "photos.npz"
    np.savez(path, x_train=TRUE[1:N], y_train=labels[1:], x_test=test, y_test=labels)
    with Project(project) as known:
        done = result(rematch(known, OpenRequest((str(path),))))
        assert done == {"carried": 2, "lost": []}
        assert undoings(known) == ({} if put_right else {"test": [BGR]})
    np.testing.assert_array_equal(seen(project)[1], TRUE[1:])
