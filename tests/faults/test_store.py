"""No decision that was acknowledged is lost: kills, power cuts, failing and full disks."""

import numpy as np
import pytest

from models.data.journal import Journal, is_sound
from models.data.project import Project
from tests.faults.power import Disk, tracer
from tests.faults.processes import acknowledged, killed_after, said, start
from tests.faults.victim import MERGED_STEPS, edit_number

pytestmark = pytest.mark.timeout(1800)  # the full counts take minutes


def check_log(rows, at_least):
    """The log is a whole number of steps, each as it was decided, up to the acknowledged one."""
    assert len(rows) >= at_least
    assert rows["seq"].tolist() == list(range(1, len(rows) + 1))
    if len(rows) == 0:
        return
    edits = [edit_number(step) for step in range(1, int(rows["step"][-1]) + 1)]
    sizes = [len(edit) for edit in edits]
    assert rows["step"].tolist() == np.repeat(np.arange(1, len(edits) + 1), sizes).tolist()
    assert rows["sample"].tolist() == np.concatenate([e.sample_ids for e in edits]).tolist()
    assert rows["new"].tolist() == np.concatenate([e.new_labels for e in edits]).tolist()


def test_killed_while_labelling_at_full_speed(tmp_path, rounds, rng):
    path, total = tmp_path / "p.winnow", 0
    for _ in range(rounds["kill while labelling"]):
        total = acknowledged(killed_after(start("label", path), rng.uniform(0, 0.3))) or total
        with Project(path) as project, project.journal() as journal:
            assert project.notice == ""
            check_log(journal.rows(), total)
            total = journal.last_seq()
    assert total


def test_killed_while_merging_leaves_whole_merges(tmp_path, rounds, rng):
    path, total = tmp_path / "p.winnow", 0
    for _ in range(rounds["kill while merging"]):
        total = acknowledged(killed_after(start("merge", path), rng.uniform(0, 0.3))) or total
        with Project(path) as project, project.journal() as journal:
            assert project.notice == ""
            check_log(journal.rows(), total)
            assert (journal.next_step() - 1) % MERGED_STEPS == 0
            assert len(journal.notes()) == (journal.next_step() - 1) // MERGED_STEPS
            assert journal.reviewers() == (["Anna", "Ben"] if journal.notes() else [])
            total = journal.last_seq()
    assert total


def test_power_cuts_lose_nothing_acknowledged(tmp_path, rounds, rng):
    under = tracer(tmp_path / "trace")
    if under is None:
        pytest.skip("strace is not installed")
    path = tmp_path / "p.winnow"
    process = start("label", path, under=under)
    lines = []
    while acknowledged(lines) < 60_000:  # several times through the write-ahead log
        lines.append(process.stdout.readline().decode())
    process.stdout.close()  # ends the victim; strace would leave it running
    process.wait()
    disk = Disk(tmp_path / "trace", path)
    for round_ in range(rounds["power cut"]):
        cut = tmp_path / f"cut-{round_}"
        cut.mkdir()
        at = int(rng.integers(disk.first_write, len(disk.calls)))
        shown = disk.cut_at(at, rng, cut)
        assert is_sound(cut / "journal.db")
        with Journal(cut / "journal.db") as journal:
            check_log(journal.rows(), shown)


def test_an_fsync_that_fails_once_is_not_believed(tmp_path, rounds, rng):
    under = tracer(tmp_path / "trace")
    if under is None:
        pytest.skip("strace is not installed")
    for round_ in range(rounds["fsync error"]):
        path = tmp_path / f"{round_}.winnow"
        when = int(rng.integers(30, 90))
        inject = ["-e", f"inject=fdatasync:error=EIO:when={when}"]
        lines = said(start("label", path, under=[*under, *inject]))
        assert "could not be saved" in lines[-1]
        with Project(path) as project, project.journal() as journal:
            check_log(journal.rows(), acknowledged(lines))
            assert journal.last_seq() == acknowledged(lines)  # nor is the failed one there


def test_a_full_disk_while_labelling_is_one_sentence(tmp_path):
    path = tmp_path / "p.winnow"
    lines = said(start("label", path, file_bytes=1 << 20))
    assert lines[-1].startswith("error ")
    assert "could not be saved" in lines[-1]
    assert "everything saved before is safe" in lines[-1]
    with Project(path) as project, project.journal() as journal:
        check_log(journal.rows(), acknowledged(lines))
        assert journal.last_seq() == acknowledged(lines) > 0
        before = journal.last_seq()
        assert journal.append(edit_number(journal.next_step())) > before  # there is room again
        np.testing.assert_array_less(0, journal.rows()["seq"])
