"""A project folder: one holder, a source that is checked, backups, repair."""

import json
import os
import subprocess
import sys
from dataclasses import asdict, replace

import numpy as np
import pytest

from models.data import project as project_module
from models.data.fingerprint import fingerprint
from models.data.journal import SPLIT
from models.data.project import (
    BACKUPS_KEPT,
    Project,
    is_project,
    project_path_for,
    source_splits_in,
    splits_in,
)
from models.errors import ProjectError
from models.review.decisions import Action
from models.types import DatasetInfo, OpenRequest, SplitAssignment
from tests.helpers.journals import Reviewer


def info_of(*paths, n=4, labels="", names=("cat", "dog")):
    paths = tuple(map(str, paths))
    return DatasetInfo(
        kind="npz",
        name="a",
        n=n,
        splits={"all": n},
        class_names=names,
        image_shape=(8, 8, 1),
        dtype="uint8",
        value_range=(0, 255),
        labelled=n,
        unlabelled=0,
        unreadable=0,
        sentence="",
        fingerprint=fingerprint(paths),
        request=OpenRequest(paths, labels=labels).to_message(),
    )


def split_info_of(path):
    assignment = SplitAssignment.of(["train", "test"], np.array([0, 1, 0, 0], np.uint8))
    return replace(info_of(path), splits={"train": 3, "test": 1}, assignment=assignment)


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "data" / "digits.npz"
    path.parent.mkdir()
    path.write_bytes(os.urandom(300_000))  # more than the fingerprint hashes
    return path


@pytest.fixture
def path(tmp_path):
    return tmp_path / "p.winnow"


@pytest.fixture
def project(path):
    with Project(path, create=True) as project:
        yield project


def decide(project, n=1):
    review = Reviewer(np.zeros(10_000, np.int32))
    with project.journal() as journal:
        first = journal.next_step() - 1
        review.steps = [None] * first
        journal.append(review.decide(Action.KEEP, range(n)))


def test_a_source_and_its_project_lie_side_by_side(source):
    request = OpenRequest((str(source),))
    assert project_path_for(request) == source.parent / "digits.winnow"


def test_two_sources_of_one_name_have_two_projects(source):
    other = source.with_suffix(".h5")
    other.write_bytes(b"x" * 10)
    with Project(source.with_suffix(".winnow"), create=True) as project:
        project.attach(info_of(source))
    assert project_path_for(OpenRequest((str(source),))).name == "digits.winnow"
    assert project_path_for(OpenRequest((str(other),))).name == "digits.h5.winnow"


def test_a_triplet_is_named_after_its_folder(source):
    paths = tuple(str(source.with_name(f"{split}.npz")) for split in ("train", "test"))
    assert project_path_for(OpenRequest(paths)) == source.parent / "data.winnow"


@pytest.mark.parametrize("why", ["read-only", "network"])
def test_where_it_may_not_lie_beside_the_source_it_lies_with_the_user(
    source, tmp_path, monkeypatch, why
):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home"))
    if why == "read-only":
        monkeypatch.setattr(project_module.os, "access", lambda *_: False)
    else:
        monkeypatch.setattr(project_module, "is_on_network", lambda _: True)
    first = project_path_for(OpenRequest((str(source),)))
    other = project_path_for(OpenRequest((str(source.parent / "b" / "digits.npz"),)))
    assert first.is_relative_to(tmp_path / "home")
    assert first.name.startswith("digits-")
    assert first != other


def test_a_folder_without_a_journal_is_no_project(tmp_path):
    assert not is_project(tmp_path)
    with pytest.raises(ProjectError, match="not a Winnow project"):
        Project(tmp_path)


def test_a_second_opener_is_told_who_has_it(path, project):
    with pytest.raises(ProjectError, match=rf"in use by .*process {os.getpid()} on .*since 20"):
        Project(path)


def test_a_project_can_be_opened_again_after_closing(path, project):
    project.close()
    Project(path).close()


def test_the_lock_of_a_killed_process_is_taken_over(path, project):
    project.close()
    holder = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sys, pathlib, models.data.project as p\n"
            "held = p.Project(pathlib.Path(sys.argv[1]))\nprint('held', flush=True)\n"
            "sys.stdin.read()",
            str(path),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert holder.stdout.readline() == b"held\n"
    with pytest.raises(ProjectError, match=f"process {holder.pid}"):
        Project(path)
    holder.kill()
    holder.communicate()
    Project(path).close()


def test_a_reader_needs_no_lock_and_writes_nothing(path, project):
    decide(project)
    reader = Project(path, read_only=True)
    with reader.journal() as journal:
        assert len(journal.rows()) == 1
        with pytest.raises(ProjectError, match="for reading alone"):
            journal.set_meta("n", 1)


def test_the_first_attach_remembers_the_source(project, source):
    assert project.request() is None
    project.attach(info_of(source))
    assert project.request() == OpenRequest((str(source),))
    assert project.meta("class_names") == ["cat", "dog"]
    assert project.meta("n") == 4


def test_the_same_source_attaches_again(project, source):
    project.attach(info_of(source))
    project.attach(info_of(source))


def test_another_source_is_refused(project, source):
    project.attach(info_of(source))
    source.write_bytes(os.urandom(300_000))
    with pytest.raises(ProjectError, match=r"changed since .* they are kept"):
        project.attach(info_of(source))


def test_splits_that_an_earlier_version_did_not_see_are_those_of_the_project(project, source):
    project.attach(info_of(source))
    project.attach(split_info_of(source))
    with project.journal() as journal:
        names, codes = splits_in(journal)
        assert (names, codes.tolist()) == (("train", "test"), [0, 1, 0, 0])
        made = SplitAssignment.of(["a", "b"], np.array([0, 0, 1, 1], np.uint8))
        journal.set_meta(SPLIT, {"assignment": asdict(made)})
    project.attach(replace(split_info_of(source), splits={"a": 2, "b": 2}, assignment=made))
    with project.journal() as journal:
        assert source_splits_in(journal)[0] == ("train", "test")


def test_a_source_of_another_length_is_refused(project, source):
    project.attach(info_of(source))
    with pytest.raises(ProjectError, match="changed since"):
        project.attach(info_of(source, n=5))


def test_a_moved_source_can_be_located_again(project, source, tmp_path):
    project.attach(info_of(source))
    moved = tmp_path / "elsewhere.npz"
    moved.write_bytes(source.read_bytes())  # a copy, with another date
    source.unlink()
    os.utime(moved, ns=(1, 1))
    project.attach(info_of(moved))
    assert project.request().paths == (str(moved),)
    project.attach(info_of(moved))


def test_a_changed_file_elsewhere_is_no_moved_source(project, source, tmp_path):
    project.attach(info_of(source))
    other = tmp_path / "elsewhere.npz"
    other.write_bytes(os.urandom(300_000))
    with pytest.raises(ProjectError, match="changed since"):
        project.attach(info_of(other))


def test_another_label_array_is_refused(project, source):
    project.attach(info_of(source, labels="y"))
    with pytest.raises(ProjectError, match=r"'y'.*'z'"):
        project.attach(info_of(source, labels="z"))


@pytest.mark.parametrize("names", [("dog", "cat"), ("cat",), ("ant", "cat", "dog")])
def test_a_list_of_classes_in_another_order_is_refused(project, source, names):
    project.attach(info_of(source))
    with pytest.raises(ProjectError, match="classes are numbered otherwise"):
        project.attach(info_of(source, names=names))
    project.attach(info_of(source))


def test_a_class_that_is_spelt_anew_is_the_same_class(project, source):
    project.attach(info_of(source, names=("cat ", "dog")))
    project.attach(info_of(source))
    with pytest.raises(ProjectError, match="numbered otherwise"):
        project.attach(info_of(source, names=("dog", "cat ")))


def test_a_project_of_when_two_classes_could_have_one_name_opens(project, source):
    project.attach(info_of(source, names=("crane", "ant", "crane")))
    project.attach(info_of(source, names=("crane", "ant", "crane (2)")))


def test_a_longer_list_of_classes_must_not_name_one_that_a_person_added(project, source):
    project.attach(info_of(source, names=("cat",)))
    project.attach(info_of(source))
    assert project.meta("class_names") == ["cat", "dog"]
    review = Reviewer(np.zeros(4, np.int32))
    with project.journal() as journal:
        journal.append(review.decide(Action.SET, [1], label=2, added_class="fox"))
    project.attach(info_of(source))
    with pytest.raises(ProjectError, match="numbered otherwise"):
        project.attach(info_of(source, names=("cat", "dog", "cow")))


def test_a_fingerprint_of_before_knows_nothing_of_what_lies_beside(project, source):
    older = info_of(source)
    now = replace(older, fingerprint={**older.fingerprint, "beside": "a"})
    project.attach(older)
    project.attach(now)
    with pytest.raises(ProjectError, match="changed since"):
        project.attach(replace(now, fingerprint={**older.fingerprint, "beside": "b"}))


def test_settings_survive(project):
    assert project.settings() == {}
    project.save_settings({"tile_px": 64})
    assert project.settings() == {"tile_px": 64}
    assert sorted(p.name for p in project.path.glob("*settings*")) == ["settings.json"]


def test_damaged_settings_are_forgotten(project):
    (project.path / "settings.json").write_text("[1,")
    assert project.settings() == {}


def test_a_backup_is_made_when_something_changed(path, project):
    assert project.back_up("x") is None
    decide(project)
    made = project.back_up("before a bulk change")
    assert made.name.endswith("-1-before-a-bulk-change.db")
    assert project.back_up("x") is None


def test_opening_makes_a_backup_if_there_are_new_decisions(path, project):
    decide(project)
    project.close()
    with Project(path) as again:
        assert len(list((path / "backups").iterdir())) == 1
        decide(again)
    Project(path).close()
    Project(path).close()
    assert len(list((path / "backups").iterdir())) == 2


def test_ten_backups_are_kept(project):
    for _ in range(BACKUPS_KEPT + 2):
        decide(project)
        project.back_up("x")
    seqs = sorted(int(p.name.split("-")[1]) for p in (project.path / "backups").iterdir())
    assert seqs == list(range(3, BACKUPS_KEPT + 3))


def damage(path, at, n_bytes=4096):
    with open(path / "journal.db", "r+b") as file:
        file.seek(at)
        file.write(b"\xa5" * n_bytes)


def test_a_damaged_journal_is_repaired_and_said_so(path, project):
    for _ in range(5):
        decide(project, n=1_000)
    project.close()
    size = (path / "journal.db").stat().st_size
    damage(path, at=size // 2 // 4096 * 4096)
    with Project(path) as again:
        assert "The journal was damaged" in again.notice
        assert "numbers 1 to " in again.notice
        with again.journal() as journal:
            kept = journal.rows()
    assert 1_000 < len(kept) < 5_000
    assert kept["seq"][0] == 1
    assert kept["seq"][-1] == 5_000  # read from the other end
    assert list(path.glob("journal.damaged-*.db"))
    assert Project(path, read_only=True).notice == ""


def test_what_a_damaged_journal_lost_comes_from_its_backup(path, project):
    project.attach(info_of(__file__))
    decide(project, n=5_000)
    project.back_up("x")
    decide(project, n=1)
    project.close()
    damage(path, at=0)
    with Project(path) as again:
        assert "5,000 of them from backups" in again.notice
        assert again.request() == OpenRequest((__file__,))
        with again.journal() as journal:
            assert len(journal.rows()) == 5_000


def test_a_large_step_that_was_damaged_comes_from_its_backup(path, project):
    decide(project, n=1)
    decide(project, n=5_000)
    decide(project, n=1)
    project.back_up("x")
    with project.journal() as journal:
        kept = journal.rows()
    project.close()
    content = (path / "journal.db").read_bytes()
    at = content.index(b'{"n": 5000')
    damage(path, at=at, n_bytes=5)
    with Project(path) as again:
        assert "5,002 rows of decisions are kept (numbers 1 to 5,002), 5,000 of" in again.notice
        with again.journal() as journal:
            assert journal.rows().tobytes() == kept.tobytes()


def test_a_newer_project_is_refused(path, project):
    with project.journal() as journal:
        journal._db.execute("PRAGMA user_version = 99")
    project.close()
    with pytest.raises(ProjectError, match="newer version"):
        Project(path)
    with pytest.raises(ProjectError, match="newer version"):
        Project(path, read_only=True).request()


def test_the_lock_says_who_in_json(path, project):
    who = json.loads((path / "lock").read_text())
    assert who["pid"] == os.getpid()


def test_a_full_disk_does_not_keep_anyone_from_opening(path, project, monkeypatch):
    decide(project)
    project.close()

    def refuse(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(project_module.Journal, "back_up_to", refuse)
    with Project(path) as again:
        assert "could not be backed up (No space left" in again.notice
