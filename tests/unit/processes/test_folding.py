"""corrected.h5 and exports: complete or not there, and readable by plain h5py."""

import csv
import hashlib
import json
import os
from contextlib import closing

import h5py
import numpy as np
import pytest

from models.data.project import Project
from models.errors import ProjectError
from models.processes.folding import export, fold
from models.review.decisions import LOG_DTYPE, Action, Seen, Status, decide
from models.review.replay import replay
from models.types import Finished, Progress
from tests.helpers.datasets import folder_source, npz_source, reviewed

pytestmark = pytest.mark.slow

in_this_process = pytest.mark.usefixtures("here")  # what is written is what the test is about


@pytest.fixture
def review(tmp_path):
    with closing(reviewed(npz_source(tmp_path / "digits.npz"))) as review:
        yield review


def press(review, action, ids, label=-1, added_class=""):
    known, ids = review.labelling, np.array(ids, np.int64)
    with review.project.journal() as journal:
        edit = decide(
            action,
            ids,
            given=known.given,
            labels=known.labels,
            status=known.status,
            seen=Seen.nothing(len(ids)),
            step=journal.next_step(),
            time_ns=1,
            label=label,
            added_class=added_class,
        )
        journal.append(edit)
    edit.apply(known.labels, known.status)


def result_of(events):
    *_, last = events
    assert isinstance(last, Finished)
    return last.result


def test_the_fold_holds_labels_states_and_log(review):
    press(review, Action.SET, [0, 3], label=1)
    press(review, Action.EXCLUDE, [5])
    press(review, Action.KEEP, [1])
    result = result_of(fold(review.project.path))
    with h5py.File(review.project.corrected_path, "r") as file:
        labels, status = file["labels/corrected"][:], file["labels/status"][:]
        np.testing.assert_array_equal(labels, review.labelling.labels)
        np.testing.assert_array_equal(status, review.labelling.status)
        replayed = replay(file["review/log"][:], file["labels/given"][:])
        np.testing.assert_array_equal(replayed, (labels, status))
        assert file["review/log"].dtype == LOG_DTYPE
        assert file.attrs["format"] == "winnow"
        assert file.attrs["n_images"] == 24
        assert file.attrs["last_seq"] == 4
        assert list(file["labels/status"].attrs["names"])[Status.CHANGED] == "changed"
        assert file["image_ref"][:].tolist() == list(range(24))
        assert file["class_names"].asstr()[:].tolist() == list(review.labelling.class_names)
    assert result == {"path": str(review.project.corrected_path), "last_seq": 4}


@in_this_process
def test_folding_again_replaces_the_file(review):
    list(fold(review.project.path))
    press(review, Action.SET, [0], label=1)
    list(fold(review.project.path))
    with h5py.File(review.project.corrected_path, "r") as file:
        assert file["labels/corrected"][0] == 1


@in_this_process
def test_nothing_new_leaves_the_file_as_it_is(review):
    list(fold(review.project.path))
    before = review.project.corrected_path.stat()
    list(fold(review.project.path))
    after = review.project.corrected_path.stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


@in_this_process
def test_a_folder_names_its_images_and_its_new_class(tmp_path):
    with closing(reviewed(folder_source(tmp_path / "animals"))) as review:
        press(review, Action.SET, [2], label=3, added_class="owl\0")
        list(fold(review.project.path))
        with h5py.File(review.project.corrected_path, "r") as file:
            paths = file["image_ref"].asstr()[:].tolist()
            assert file["class_names"].asstr()[3] == "owl\\0"
            assert json.loads(file["review/notes"]["text"][0])["name"] == "owl\0"
    assert len(paths) == 12
    assert all((tmp_path / "animals" / path).is_file() for path in paths)


def test_a_changed_source_is_refused_and_decisions_are_kept(review, tmp_path):
    press(review, Action.SET, [0], label=1)
    npz_source(tmp_path / "digits.npz", n=25)
    with pytest.raises(ProjectError, match=r"source has changed.*they are kept"):
        list(fold(review.project.path))
    assert not review.project.corrected_path.exists()
    with review.project.journal() as journal:
        assert journal.last_seq() == 1


@in_this_process
def test_a_foreign_file_is_never_replaced(review):
    review.project.corrected_path.write_bytes(b"thesis")
    with pytest.raises(ProjectError, match="not a file that Winnow wrote"):
        list(fold(review.project.path))
    assert review.project.corrected_path.read_bytes() == b"thesis"


def test_an_export_holds_the_pixels_and_leaves_excluded_ones_out(review, tmp_path):
    press(review, Action.SET, [0], label=1)
    press(review, Action.EXCLUDE, [5])
    out = tmp_path / "clean.h5"
    result = result_of(export(review.project.path, out))
    assert (result["n"], result["left_out"]) == (23, 1)
    kept = np.delete(np.arange(24), 5)
    with np.load(tmp_path / "digits.npz") as source, h5py.File(out, "r") as file:
        np.testing.assert_array_equal(file["images"][:], source["images"][kept])
        assert file["images"].dtype == np.uint8
        assert file["images"].chunks == (1, 6, 5, 3)
        assert file["images"].fletcher32
        np.testing.assert_array_equal(file["samples/source_id"][:], kept)
        assert file["labels/corrected"][0] == 1
        assert 5 not in file["review/log"]["sample"]
        assert file["samples/content_hash"][:].any(axis=1).all()


@in_this_process
def test_the_manifest_says_what_was_left_out_and_why(review, tmp_path):
    press(review, Action.EXCLUDE, [5])
    out = tmp_path / "clean.h5"
    list(export(review.project.path, out))
    manifest = json.loads((tmp_path / "clean.h5.manifest.json").read_text())
    assert manifest["left_out"] == {"excluded": [5], "unreadable": []}
    columns, (row,) = manifest["left_out_log"]["columns"], manifest["left_out_log"]["rows"]
    assert row[columns.index("sample")] == 5
    assert row[columns.index("suspicion")] is None
    assert manifest["sha256"] == hashlib.sha256(out.read_bytes()).hexdigest()
    assert manifest["counts_before"]["excluded"] == 1


@in_this_process
def test_float_images_keep_their_type(tmp_path):
    with closing(reviewed(npz_source(tmp_path / "f.npz", dtype="float32"))) as review:
        list(export(review.project.path, tmp_path / "out.h5"))
    with np.load(tmp_path / "f.npz") as source, h5py.File(tmp_path / "out.h5", "r") as file:
        assert file["images"].dtype == np.float32
        np.testing.assert_array_equal(file["images"][:], source["images"])


@in_this_process
def test_images_of_mixed_sizes_are_packed_and_unreadable_ones_listed(tmp_path):
    source = folder_source(tmp_path / "animals")
    (source / "cat" / "0.png").write_bytes(b"\x89PNG\r\n\x1a\n broken")
    with closing(reviewed(source)) as review:
        result = result_of(export(review.project.path, tmp_path / "out.h5"))
        project = review.project.path
    assert (result["n"], result["unreadable"]) == (11, 1)
    with h5py.File(tmp_path / "out.h5", "r") as file:
        assert file["images"].attrs["encoding"] == "png"
        assert len(file["images/offsets"]) == 12
        assert file["images/shape"][0].tolist() == [5, 7, 3]
    manifest = json.loads((tmp_path / "out.h5.manifest.json").read_text())
    (left_out,) = manifest["left_out"]["unreadable"]
    assert "0.png" in left_out["why"]
    assert np.load(project / "content_hash.npy").any(axis=1).sum() == 11


@in_this_process
def test_an_export_opens_again_with_its_review(review, tmp_path):
    press(review, Action.SET, [0, 7], label=1)
    press(review, Action.SET, [8], label=3, added_class="owl")
    press(review, Action.EXCLUDE, [5])
    list(export(review.project.path, tmp_path / "clean.h5"))
    kept = np.delete(np.arange(24), 5)
    with closing(reviewed(tmp_path / "clean.h5")) as again:
        known = again.labelling
        np.testing.assert_array_equal(known.given, review.labelling.given[kept])
        np.testing.assert_array_equal(known.labels, review.labelling.labels[kept])
        np.testing.assert_array_equal(known.status, review.labelling.status[kept])
        assert known.class_names == (*review.labelling.class_names, "owl")
        list(fold(again.project.path))
        with h5py.File(again.project.corrected_path, "r") as file:
            assert file["class_names"].asstr()[:].tolist() == list(known.class_names)


@in_this_process
@pytest.mark.parametrize(
    ("only", "ids"), [(("changed",), [0, 3]), (("kept", "excluded"), [1, 5]), (("pending",), None)]
)
def test_only_the_states_asked_for_are_written(review, tmp_path, only, ids):
    press(review, Action.SET, [0, 3], label=2)
    press(review, Action.CLEAR, [3])
    press(review, Action.SET, [3], label=1)
    press(review, Action.KEEP, [1])
    press(review, Action.EXCLUDE, [5])
    ids = ids or np.setdiff1d(np.arange(24), [0, 1, 3, 5]).tolist()
    list(export(review.project.path, tmp_path / "out.h5", only=only))
    with h5py.File(tmp_path / "out.h5", "r") as file:
        assert file["samples/source_id"][:].tolist() == ids


@in_this_process
def test_nothing_to_write_is_an_empty_file(review, tmp_path):
    result = result_of(export(review.project.path, tmp_path / "out.h5", only=("second_look",)))
    assert result["n"] == 0
    with h5py.File(tmp_path / "out.h5", "r") as file:
        assert file["images"].shape == (0, 6, 5, 3)


@in_this_process
def test_csv_holds_names_and_codes_safe_for_a_spreadsheet(tmp_path):
    with closing(reviewed(folder_source(tmp_path / "animals"))) as review:
        press(review, Action.SET, [0], label=2)
        press(review, Action.EXCLUDE, [1])
        list(export(review.project.path, tmp_path / "out.csv", "csv"))
        names = review.labelling.class_names
    with open(tmp_path / "out.csv", encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    assert [line["sample_id"] for line in lines] == [str(i) for i in range(12) if i != 1]
    assert lines[0]["status"] == "changed"
    assert lines[0]["corrected"] == names[2]
    assert lines[0]["corrected_code"] == "2"
    assert lines[0]["split"] == "all"
    formulas = [line for line in lines if line["given"].endswith("=cmd")]
    assert {line["given"] for line in formulas} == {"'=cmd"}
    assert all(line["path"].startswith("'=cmd/") for line in formulas)


@in_this_process
@pytest.mark.parametrize("name", ["out.h5", "out.h5.manifest.json"])
def test_nothing_that_is_there_is_overwritten(review, tmp_path, name):
    (tmp_path / name).write_bytes(b"thesis")
    with pytest.raises(ProjectError, match="nothing is ever overwritten"):
        list(export(review.project.path, tmp_path / "out.h5"))
    assert (tmp_path / name).read_bytes() == b"thesis"


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"as_format": "docx"}, "no format called 'docx'"),
        ({"only": ("nice",)}, "no review state called 'nice'"),
        ({"out": "missing/out.h5"}, "no such folder"),
    ],
)
def test_what_cannot_be_exported_is_said_in_words(review, tmp_path, values, words):
    out = tmp_path / values.pop("out", "out.h5")
    with pytest.raises(ProjectError, match=words):
        list(export(review.project.path, out, **values))


def test_cancelling_leaves_nothing_behind(review, tmp_path):
    before = sorted(os.listdir(tmp_path))
    events = export(review.project.path, tmp_path / "out.h5")
    for event in events:
        if isinstance(event, Progress) and event.doing == "writing images":
            break
    events.close()
    assert sorted(os.listdir(tmp_path)) == before


def test_leftovers_of_a_killed_fold_are_removed(review):
    project = review.project.path
    leftover = project / f".corrected.h5.{2**22 + 1}.winnow-tmp"  # no process has such a pid
    leftover.write_bytes(b"half")
    list(fold(project))
    assert not leftover.exists()


def test_a_project_in_use_can_be_exported_by_another_reader(review, tmp_path):
    with pytest.raises(ProjectError, match="in use"):
        Project(review.project.path)
    assert result_of(export(review.project.path, tmp_path / "out.csv", "csv"))["n"] == 24


def test_the_source_is_not_touched(review, tmp_path):
    source = tmp_path / "digits.npz"
    before = source.read_bytes(), source.stat().st_mtime_ns
    press(review, Action.SET, [0], label=1)
    list(fold(review.project.path))
    list(export(review.project.path, tmp_path / "out.h5"))
    assert (source.read_bytes(), source.stat().st_mtime_ns) == before
