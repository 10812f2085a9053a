"""corrected.h5 and exports are old, new or not there, never half; the source stays as it was."""

import hashlib
import os
import shutil
import signal
import subprocess
import sys
from contextlib import closing

import h5py
import numpy as np
import pytest

from models.data import placing
from models.data.project import Project
from models.data.writers.fold import fold as fold_here
from models.errors import ProjectError, WinnowError
from models.opening import open_review, request_for
from models.processes.folding import export, fold
from models.processes.reading import ReaderClient, Unreadable
from models.review.decisions import Action
from models.review.replay import replay
from tests.faults.processes import (
    CHECKOUT,
    acknowledged,
    children_of,
    killed_after,
    start,
    wait_until_gone,
)
from tests.helpers.datasets import npz_source, reviewed
from tests.helpers.here import reader_here
from tests.helpers.journals import Reviewer

pytestmark = pytest.mark.timeout(1800)  # the full counts take minutes

FOLD = "models.processes.fold"
READER = "models.processes.reader"


@pytest.fixture
def source(tmp_path):
    """A dataset that must be the same afterwards, to the byte and the date."""
    path = npz_source(tmp_path / "digits.npz", n=2_000)
    before = hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_mtime_ns
    yield path
    assert (hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_mtime_ns) == before


@pytest.fixture
def path(source):
    with closing(reviewed(source)) as review, reader_here(), closing(ReaderClient()) as reader:
        list(fold_here(review.project, reader))
        return review.project.path


def decide(path, action=Action.EXCLUDE, ids=range(1_000)):
    with Project(path) as project, project.journal() as journal:
        person = Reviewer(np.zeros(2_000, np.int32))
        person.steps = [None] * (journal.next_step() - 1)
        journal.append(person.decide(action, list(ids)))


def check_corrected(path):
    """It opens with plain h5py and replays to what it says; the seq of its last decision."""
    with h5py.File(path, "r") as file:
        expected = replay(file["review/log"][:], file["labels/given"][:])
        np.testing.assert_array_equal(file["labels/corrected"][:], expected[0])
        np.testing.assert_array_equal(file["labels/status"][:], expected[1])
        return int(file.attrs["last_seq"])


def descendants(pid):
    return children_of(pid, FOLD) + children_of(pid, READER)


def leftovers(folder):
    return [name for name in os.listdir(folder) if name.endswith(".winnow-tmp")]


def wait_for_writers(folder):
    """A killed program's children end by themselves; until then their files are not leftovers."""
    endings = [name.removesuffix(".winnow-tmp").rpartition(".")[2] for name in leftovers(folder)]
    wait_until_gone([int(pid) for pid in endings])


def test_killed_while_folding(path, rounds, rng):
    total = 0
    for _ in range(rounds["kill while folding"]):
        victim = start("fold", path)
        total = max(total, acknowledged(killed_after(victim, rng.uniform(0.1, 1.0))))
        with Project(path) as project, project.journal() as journal:
            assert journal.last_seq() >= total
            assert check_corrected(project.corrected_path) <= journal.last_seq()
    wait_for_writers(path)
    list(fold(path))
    assert check_corrected(path / "corrected.h5") >= total
    assert not leftovers(path)


def test_no_child_outlives_a_killed_fold(path):
    victim = start("fold", path)
    while not (below := descendants(victim.pid)):
        pass
    victim.kill()
    victim.communicate()
    wait_until_gone(below)


def test_killed_while_exporting(path, tmp_path, rounds, rng):
    for round_ in range(rounds["kill while exporting"]):
        out = tmp_path / f"{round_}"
        out.mkdir()
        killed_after(start("export", path, out / "out.h5"), rng.uniform(0.1, 1.5))
        for written in out.glob("*.h5"):
            with h5py.File(written, "r") as file:
                assert len(file["images"][:]) == 2_000
    wait_for_writers(out)
    list(export(path, out / "last.h5"))
    assert not leftovers(out)


@pytest.mark.parametrize("what", ["fold", "export"])
def test_a_killed_child_is_one_sentence(path, tmp_path, rounds, what):
    for _ in range(rounds["kill of the fold child"]):
        decide(path)
        before = check_corrected(path / "corrected.h5")
        events = fold(path) if what == "fold" else export(path, tmp_path / "out.h5")
        next(events)
        # Its reader, just forked, goes by the same name until it becomes one.
        child, *_ = children_of(os.getpid(), FOLD)
        os.kill(child, signal.SIGKILL)
        with pytest.raises(ProjectError, match=r"ended by SIGKILL.*every decision is kept"):
            list(events)
        assert check_corrected(path / "corrected.h5") == before
        assert not leftovers(path) + leftovers(tmp_path)
        assert not (tmp_path / "out.h5").exists()


@pytest.mark.parametrize("what", ["fold", "export"])
@pytest.mark.parametrize("file_bytes", [1 << 15, 1 << 17])
def test_a_file_that_may_not_grow_is_one_sentence(path, tmp_path, what, file_bytes):
    decide(path)
    before = (path / "corrected.h5").read_bytes()
    out = [] if what == "fold" else [tmp_path / "out.h5"]
    program = (
        "import resource, sys; from pathlib import Path\n"
        "from models.processes.folding import export, fold\n"
        "from models.errors import WinnowError\n"
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({file_bytes}, {file_bytes}))\n"
        f"try: list({what}(*map(Path, sys.argv[1:])))\n"
        "except WinnowError as error: print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, path, *out],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "could not be written" in done.stdout
    assert "every decision is kept" in done.stdout
    assert done.stdout.count("\n") == 1
    assert done.stderr == ""
    assert (path / "corrected.h5").read_bytes() == before
    assert not leftovers(path) + leftovers(tmp_path)
    assert not any(name.exists() for name in out)


def test_too_little_space_is_said_before_anything_is_written(path, monkeypatch):
    decide(path)
    usage = type("Usage", (), {"free": 1 << 20})
    monkeypatch.setattr(placing.shutil, "disk_usage", lambda _: usage)
    project = Project(path, read_only=True)
    words = r"disk has 1 MB left and \d+ MB are needed"
    with closing(ReaderClient()) as reader, pytest.raises(ProjectError, match=words):
        list(fold_here(project, reader))
    assert not leftovers(path)


@pytest.fixture
def opened(tmp_path):
    """A dataset that is open while something happens to its file."""
    path = npz_source(tmp_path / "digits.npz", n=2_000)
    with closing(open_review(request_for([path]))) as review:
        with review.project.journal() as journal:
            person = Reviewer(review.labelling.given)
            journal.append(person.decide(Action.KEEP, [0]))
        yield review, path


def replace(path):
    npz_source(path.with_suffix(".other.npz"), n=1_000).replace(path)


def truncate(path):
    os.truncate(path, path.stat().st_size // 2)


@pytest.mark.parametrize(
    ("harm", "words"),
    [(replace, "has changed"), (truncate, "has changed"), (os.unlink, "cannot be read")],
)
def test_a_source_that_changes_while_open_is_refused_and_decisions_are_kept(
    opened, tmp_path, harm, words
):
    review, path = opened
    harm(path)
    out = tmp_path / "out.h5"
    for events in (fold(review.project.path), export(review.project.path, out)):
        with pytest.raises(WinnowError, match=words) as refusal:
            list(events)
        assert "\n" not in str(refusal.value)
        assert not out.exists()
    with review.project.journal() as journal:
        assert journal.last_seq() == 1
        person = Reviewer(review.labelling.given)
        person.steps = [None]
        assert journal.append(person.decide(Action.KEEP, [1])) == 2
    images = review.reader.read(np.array([0, 1_999]))
    assert all(isinstance(image, Unreadable | np.ndarray) for image in images)


READ_ONLY = """
import os, sys
from pathlib import Path
from models.errors import WinnowError
from models.opening import open_review, request_for
from models.processes.folding import export, fold
from models.data.project import Project
source, old = map(Path, sys.argv[1:])
review = open_review(request_for([source]))
print(review.project.path)
list(fold(review.project.path))
print(review.project.corrected_path.exists())
review.close()
print(Project(old, read_only=True).request().paths[0])
try:
    Project(old)
except WinnowError as error:
    print(error)
"""


def unprivileged():
    """How to start a program that may not write where permissions forbid it, root or not."""
    if os.getuid():
        return []
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        pytest.skip("root may write everywhere, and setpriv is not installed")
    return [setpriv, "--bounding-set=-dac_override,-dac_read_search", "--"]


def test_a_place_that_may_not_be_written_is_left_alone(tmp_path, own_home):
    """Source, its folder and an old project are read-only: the new one lies with the user."""
    folder = tmp_path / "share"
    folder.mkdir()
    source = npz_source(folder / "digits.npz")
    with closing(reviewed(source)) as review:
        old = review.project.path.rename(folder / "old.winnow")
    made = [folder, *folder.rglob("*")]
    for path in made:
        path.chmod(path.stat().st_mode & 0o555)
    try:
        done = subprocess.run(
            [*unprivileged(), sys.executable, "-c", READ_ONLY, source, old],
            cwd=CHECKOUT,
            capture_output=True,
            text=True,
            check=True,
        )
    finally:
        for path in made:
            path.chmod(path.stat().st_mode | 0o200)
    project, folded, remembered, refusal = done.stdout.splitlines()
    assert project.startswith(str(own_home))
    assert folded == "True"
    assert remembered == str(source)
    assert "old.winnow" in refusal


def test_a_second_opener_is_refused_and_the_first_goes_on(path):
    victim = start("label", path)
    with pytest.raises(ProjectError, match=f"in use by victim.*process {victim.pid} on"):
        Project(path)
    assert int(victim.stdout.readline()) > 0
    victim.kill()
    victim.communicate()
    Project(path).close()
