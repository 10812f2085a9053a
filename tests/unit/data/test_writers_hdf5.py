"""The HDF5 schema: what is written reads back, and what does not is noticed."""

import dataclasses

import h5py
import numpy as np
import pytest
from hypothesis import given as for_any
from hypothesis import strategies as st

from models.data.writers.hdf5 import Hdf5Writer, is_ours, stored_images, verify
from models.data.writers.snapshot import Snapshot, replays_to
from models.errors import ProjectError
from tests.helpers.journals import random_review

NAMES = ("cat", "naïve \0 name", "猫", "\udcff")


def snapshot_of(review, names=NAMES):
    n = len(review.given)
    return Snapshot(
        source={"name": "a", "kind": "npz", "fingerprint": {"parts": [{"size": 1}]}},
        class_names=names,
        split_names=("train", "test"),
        sample_ids=np.arange(n),
        splits=(np.arange(n) % 2).astype(np.uint8),
        given=review.given,
        corrected=review.labels,
        status=review.status,
        content_hash=np.zeros((n, 16), np.uint8),
        log=review.log,
        notes=review.notes,
        reviewers=["Ada"],
        last_seq=len(review.log),
    )


def write(path, snapshot):
    writer = Hdf5Writer(path)
    writer.add_references(snapshot.sample_ids, {})
    writer.finish(snapshot)


@pytest.fixture
def snapshot():
    return snapshot_of(random_review(seed=6, n_samples=9, n_steps=40))


def test_what_was_written_is_verified(tmp_path, snapshot):
    write(tmp_path / "a.h5", snapshot)
    verify(tmp_path / "a.h5", snapshot)
    assert is_ours(tmp_path / "a.h5")


def test_names_that_hdf5_cannot_hold_are_escaped(tmp_path, snapshot):
    write(tmp_path / "a.h5", snapshot)
    with h5py.File(tmp_path / "a.h5") as file:
        names = file["class_names"].asstr()[:].tolist()
    assert names == ["cat", "naïve \\0 name", "猫", "\\udcff"]


@pytest.mark.parametrize("name", ["labels/given", "labels/corrected", "labels/status"])
def test_a_label_that_changed_on_the_disk_is_noticed(tmp_path, snapshot, name):
    write(tmp_path / "a.h5", snapshot)
    with h5py.File(tmp_path / "a.h5", "r+") as file:
        file[name][0] += 1
    with pytest.raises(ProjectError, match="does not read back"):
        verify(tmp_path / "a.h5", snapshot)


def test_labels_the_log_does_not_explain_are_noticed(tmp_path, snapshot):
    wrong = dataclasses.replace(snapshot, corrected=snapshot.corrected + 1)
    write(tmp_path / "a.h5", wrong)
    with pytest.raises(ProjectError, match="does not read back"):
        verify(tmp_path / "a.h5", wrong)


@pytest.mark.slow
@for_any(
    st.builds(random_review, st.integers(0, 2**32), st.just(8), st.integers(0, 30)),
    st.lists(st.booleans(), min_size=8, max_size=8),
)
def test_every_part_of_a_project_replays_by_itself(review, keep):
    part = snapshot_of(review).take(np.array(keep))
    assert replays_to(part.log, part.sample_ids, part.given, part.corrected, part.status)


def test_rows_about_samples_that_are_not_there_do_not_replay(snapshot):
    part = snapshot.take(snapshot.status == 0)
    states = (part.given, part.corrected, part.status)
    assert not replays_to(snapshot.log, part.sample_ids, *states)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
def test_images_of_mixed_sizes_come_back(tmp_path, snapshot, rng, dtype):
    shapes = [(3 + i, 4, 1 if i % 2 else 3) for i in range(9)]
    images = [(rng.random(shape) * 250).astype(dtype) for shape in shapes]
    writer = Hdf5Writer(tmp_path / "a.h5")
    writer.start_images(None, np.dtype(dtype))
    writer.add_images(images[:5])
    writer.add_images([])
    writer.add_images(images[5:])
    writer.finish(snapshot)
    found = [image for batch in stored_images(tmp_path / "a.h5", 4) for image in batch]
    for image, stored in zip(images, found, strict=True):
        assert stored.dtype == image.dtype
        np.testing.assert_array_equal(stored, image)


@pytest.mark.slow
def test_many_classes_are_no_problem(tmp_path, snapshot):
    names = tuple(f"class number {i}" for i in range(10_000))
    many = dataclasses.replace(snapshot, class_names=names)
    write(tmp_path / "a.h5", many)
    verify(tmp_path / "a.h5", many)


def test_another_file_is_not_ours(tmp_path):
    (tmp_path / "a.h5").write_text("thesis")
    assert not is_ours(tmp_path / "a.h5")
    with h5py.File(tmp_path / "b.h5", "x") as file:
        file["images"] = [1]
    assert not is_ours(tmp_path / "b.h5")
