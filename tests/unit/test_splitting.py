"""A new split of a project: kept, taken back, and what everybody else then sees."""

from __future__ import annotations

import json
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import h5py
import numpy as np
import pytest

from models.data.audits import keep_audit
from models.data.project import Project
from models.describing import describing
from models.errors import ProjectError
from models.labelling import labelling
from models.opening import open_review, request_for, to_read
from models.processes.folding import export, rematch
from models.processes.reading import ReaderClient
from models.splitting import (
    SHARES,
    SplitWish,
    folds,
    proposing,
    splitting,
    taking_back,
    usual_wish,
)
from models.types import DatasetInfo, Finished, OpenRequest
from tests.helpers.local import open_here

N_TRAIN, N_TEST = 40, 20
COPY, ITS_TWIN = 3, 45  # the same pixels in train and in test
SERIES = [0, 1, 2, 10]
EXCLUDED = 5


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Two splits with a copy between them; one image excluded, one without a label."""
    rng = np.random.default_rng(0)
    n = N_TRAIN + N_TEST
    images = rng.integers(0, 255, (n, 8, 8, 3), dtype=np.uint8)
    images[ITS_TWIN] = images[COPY]
    labels = np.arange(n) % 2
    np.savez(
        tmp_path / "things.npz",
        x_train=images[:N_TRAIN],
        y_train=labels[:N_TRAIN],
        x_test=images[N_TRAIN:],
        y_test=labels[N_TRAIN:],
    )
    review = open_here(request_for([tmp_path / "things.npz"]))
    review.close()
    decisions = tmp_path / "decisions.csv"
    decisions.write_text(f"sample_id,action\n{EXCLUDED},exclude\n")
    result(labelling(review.project.path, decisions))
    return review.project.path


def result(events):
    return [event.result for event in events if isinstance(event, Finished)][-1]


def returned(events):
    """What a generator yields, and at last what it returns."""
    yield (yield from events)


def split(project: Path, seed=0):
    return result(splitting(project, SplitWish({}, seed=seed)))


def info_of(project: Path) -> DatasetInfo:
    request, _ = to_read(request_for([project]))
    with closing(ReaderClient()) as reader:
        return DatasetInfo.from_message(reader.open(request).info)


def test_everybody_sees_the_new_split_until_it_is_taken_back(project):
    done = split(project)
    assert list(done["splits"]) == ["train", "validation", "test"]
    assert sum(done["splits"].values()) == 59
    assert done["left_out"] == 1
    assert done["leaks"]["before"] == {"groups": 1, "images": 2}
    assert done["leaks"]["after"] == {"groups": 0, "images": 0}
    assert done["deviation"]["after"] < 0.1
    info = info_of(project)
    codes = info.split_codes()
    assert sum(info.splits.values()) == 60
    assert codes[COPY] == codes[ITS_TWIN]
    names = info.split_names_of(np.arange(60))
    assert names == [list(info.splits)[code] for code in codes.tolist()]
    page = result(describing(request_for([project]), quick=True))
    assert page["splits"] == info.splits
    assert list(page["class_counts"]) == ["train", "validation", "test"]
    assert "assignment" not in page
    assert result(taking_back(project))["splits"] == {"train": N_TRAIN, "test": N_TEST}
    assert info_of(project).split_codes().tolist() == [0] * N_TRAIN + [1] * N_TEST


def test_splits_that_are_only_proposed(project):
    """Kept ones, folds, another seed and groups of an audit, for one opened project."""
    with closing(open_review(request_for([project]))) as review:

        def proposed(shares=None, kept=(), seed=0):
            wish = SplitWish(shares or {}, tuple(kept), seed)
            *_, new = returned(proposing(review.project, review.info, review.labelling, wish))
            return new.assignment.names, new.assignment.codes(), new.report

        _, codes, _ = proposed()
        np.testing.assert_array_equal(codes, proposed()[1])
        assert (codes != proposed(seed=5)[1]).any()

        names, codes, report = proposed(kept=["test"])
        assert names == ("train", "validation", "test")
        assert np.flatnonzero(codes == 2).tolist() == list(range(N_TRAIN, 60))
        assert report["leaks"]["after"]["images"] == 2
        assert report["leaking"] == [COPY, ITS_TWIN]
        assert np.bincount(codes)[1] == pytest.approx(N_TRAIN / 9, abs=1)

        names, codes, _ = proposed(folds(5))
        assert names == ("fold1", "fold2", "fold3", "fold4", "fold5")
        assert set(np.bincount(codes).tolist()) <= {11, 12, 13}

        action = {"name": "split", "groups": [SERIES, [1, 11], [7, 10_000], [8]]}
        found = {"schema": 1, "findings": [{"action": action}, {"action": None}]}
        about = review.info, found, review.labelling.labels, np.ones(review.info.n, bool)
        keep_audit(project, *about, quick=False)
        _, codes, report = proposed()
        assert report["groups"] == {"n": 2, "images": 7, "largest": 5, "too_large": 0}
        assert len(np.unique(codes[[*SERIES, 11]])) == 1
        (project / "audit_earlier.json").write_text("damaged")
        assert proposed()[2]["groups"]["n"] == 1

        for shares, kept, said in (
            ({}, ("dev",), "no split “dev”"),
            ({"test": 0.5, "train": 0.5}, ("test",), "kept and made anew"),
            ({"train": 1.0}, (), "two splits"),
            ({}, ("train", "test"), "no image outside"),
        ):
            with pytest.raises(ProjectError, match=said):
                proposed(shares, kept)
    assert info_of(project).assignment is None  # proposing changes nothing


def test_splits_without_labels_stay_as_they_are_unless_all_are_asked_for(tmp_path):
    rng = np.random.default_rng(0)
    sizes = {"train": 20, "test": 30, "unlabeled": 150}
    arrays = {f"x_{name}": rng.integers(0, 255, (n, 8, 8, 3), np.uint8)
              for name, n in sizes.items()}  # fmt: skip
    labels = {f"y_{name}": np.arange(n) % 2 for name, n in sizes.items() if name != "unlabeled"}
    np.savez(tmp_path / "few.npz", **arrays, **labels)
    with closing(open_here(request_for([tmp_path / "few.npz"]))) as review:
        info, known = review.info, review.labelling
        assert info.splits == sizes
        usual = usual_wish(info, known.given)
        assert (usual.shares, usual.kept) == ({"train": 0.4, "test": 0.6}, ("unlabeled",))

        def proposed(wish):
            *_, new = returned(proposing(review.project, info, known, wish))
            return new.report

        assert proposed(usual)["splits"] == {"train": 20, "unlabeled": 150, "test": 30}
        by_default = proposed(SplitWish({"train": 0.0, "test": 0.0}))
        assert by_default["kept"] == ["unlabeled"]
        assert by_default["splits"]["unlabeled"] == 150
        assert proposed(SplitWish(folds(2)))["splits"]["unlabeled"] == 150
        assert by_default["unlabelled_into"] == {}
        everything = proposed(SplitWish({"train": 0.5, "test": 0.5}, ()))
        assert everything["unlabelled_into"] == {"train": 75, "test": 75}
        assert usual_wish(info, np.full(200, -1)).kept == ()
        no_test = replace(info, splits={"train": 50, "train-unlabeled": 150, "test": 0})
        usual = usual_wish(no_test, known.given)
        assert (usual.shares, usual.kept) == (SHARES, ("train-unlabeled",))


@pytest.mark.slow
def test_exports_hold_the_new_split_and_open_with_it(project, tmp_path):
    split(project)
    codes, names = info_of(project).split_codes(), np.array(["train", "validation", "test"])
    kept = np.delete(np.arange(60), EXCLUDED)
    result(export(project, tmp_path / "out.h5"))
    with h5py.File(tmp_path / "out.h5") as file:
        np.testing.assert_array_equal(file["samples/split"][:], codes[kept])
    again = open_review(request_for([tmp_path / "out.h5"]))
    again.close()
    assert again.info.split_names_of(np.arange(59)) == names[codes[kept]].tolist()
    result(export(again.project.path, tmp_path / "twice.h5"))
    with h5py.File(tmp_path / "twice.h5") as file:
        np.testing.assert_array_equal(file["samples/split"][:], codes[kept])
    result(export(project, tmp_path / "out.npz", "npz"))
    with np.load(tmp_path / "out.npz") as arrays:
        sizes = np.bincount(codes[kept])
        assert [len(arrays[key]) for key in ("x_train", "x_test")] == [sizes[0], sizes[2]]
        assert len(arrays["images_validation"]) == sizes[1]


def test_the_split_stays_with_a_source_that_was_moved(project, tmp_path):
    split(project, seed=2)
    before = info_of(project)
    moved = tmp_path / "elsewhere" / "things.npz"
    moved.parent.mkdir()
    (tmp_path / "things.npz").rename(moved)
    review = open_review(request_for([moved]), project)
    review.close()
    assert review.info.splits == before.splits
    np.testing.assert_array_equal(info_of(project).split_codes(), before.split_codes())


def test_the_split_follows_the_images_of_a_source_that_changed(project, tmp_path):
    split(project, seed=2)
    codes = info_of(project).split_codes()
    with np.load(tmp_path / "things.npz") as arrays:
        changed = dict(arrays)
    new = np.full((1, 8, 8, 3), 7, np.uint8)
    changed["x_train"] = np.concatenate([new, changed["x_train"][1:]])[::-1]
    np.savez(tmp_path / "things.npz", **changed)
    with Project(project) as held:
        source = replace(held.request(), paths=(str(tmp_path / "things.npz"),))
        result(rematch(held, source))
    now = info_of(project)
    assert now.split_names_of(np.array([N_TRAIN - 1])) == ["train"]  # the new image
    np.testing.assert_array_equal(now.split_codes()[: N_TRAIN - 1], codes[1:N_TRAIN][::-1])
    np.testing.assert_array_equal(now.split_codes()[N_TRAIN:], codes[N_TRAIN:])


def test_a_request_carries_the_split_to_other_processes(project):
    split(project)
    request = Project(project, read_only=True).request()
    assert OpenRequest.from_message(json.loads(json.dumps(request.to_message()))) == request
    assert "assignment" not in request.answers()


def test_what_was_published_before_is_written_anew_with_a_new_split(project):
    def published():
        with h5py.File(project / "corrected.h5") as file:
            return list(file["samples/split"].attrs["names"])

    result(taking_back(project))
    assert published() == ["train", "test"]
    split(project)
    assert published() == ["train", "validation", "test"]
