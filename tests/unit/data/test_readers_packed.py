"""Arrays in compressed streams: what can be read when, and what damage costs."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from contextlib import ExitStack, closing
from pathlib import Path

import numpy as np
import pytest

from models.data.readers.arrays import packed, unpacked
from models.data.readers.arrays.packed import PackedArray
from models.data.readers.arrays.unpacked import make_room
from models.data.readers.source import OpenFile
from models.errors import DatasetError, NotYet
from tests.helpers.packed import StoppingStream

ROWS = np.random.default_rng(3).integers(0, 256, (400, 16, 16), np.uint8)  # 100 KiB
HEADER = b"0123456789"
CONTENT = HEADER + ROWS.tobytes()
N_BYTES = len(CONTENT)


def stream_of(content=CONTENT, stop_at=None, fails=False):
    return StoppingStream(content, stop_at, fails)


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "source.gz"
    path.write_bytes(b"stands for the packed file")
    with closing(OpenFile(str(path))) as file:
        yield file


@pytest.fixture(autouse=True)
def large_means_little(monkeypatch):
    monkeypatch.setattr(packed, "_WHOLE_BYTES", 1_000)
    monkeypatch.setattr(packed, "_FIRST_BYTES", 20_000)
    monkeypatch.setattr(unpacked, "_BLOCK_BYTES", 10_000)
    monkeypatch.setattr(unpacked, "_STALLED_S", 60.0)  # a busy machine is not a dead process


@pytest.fixture
def kept():
    with ExitStack() as kept:
        yield kept


def array(file, stream, kept, shape=ROWS.shape, dtype="u1"):
    return PackedArray(
        "images", shape, np.dtype(dtype), stream.opened, len(HEADER), len(CONTENT), file, kept
    )


def prepared(made):
    for _ in made.preparing():
        pass
    return made


def finish(made, n_bytes=N_BYTES):
    while made._unpacked.n_there() < n_bytes:
        made._unpacked.wait()
    return made


def cached(suffix):
    folder = Path(os.environ["XDG_CACHE_HOME"]) / "winnow" / "unpacked"
    return sorted(folder.glob(f"*.{suffix}"))


def test_the_first_rows_are_there_while_the_rest_is_unpacked(source, kept):
    stream = stream_of(stop_at=60_000)
    made = prepared(array(source, stream, kept))
    assert np.array_equal(made.rows(0, made.first_rows), ROWS[: made.first_rows])
    with pytest.raises(NotYet, match=r"still being unpacked \(\d+% so far\)") as not_yet:
        made.rows(399, 400)
    assert 20_000 < not_yet.value.done < not_yet.value.total == len(CONTENT)
    stream.may_go_on.set()
    assert np.array_equal(finish(made).rows(0, 400), ROWS)


@pytest.mark.parametrize(
    ("shape", "dtype"), [((102_400,), "u1"), ((400, 256), "u1"), ((400, 8, 8), "<f4")]
)
def test_labels_and_floats_are_unpacked_whole(source, kept, shape, dtype):
    made = prepared(array(source, stream_of(), kept, shape, dtype))
    assert made.rows(0, shape[0]).tobytes() == ROWS.tobytes()


def test_what_is_unpacked_once_is_not_unpacked_again(source, kept):
    first, again = stream_of(), stream_of()
    finish(prepared(array(source, first, kept)))
    assert np.array_equal(prepared(array(source, again, kept)).rows(0, 400), ROWS)
    assert (first.times_opened, again.times_opened) == (1, 0)


def test_a_second_reader_follows_the_one_that_unpacks(source, kept):
    stream, unused = stream_of(stop_at=60_000), stream_of()
    prepared(array(source, stream, kept))
    second = finish(prepared(array(source, unused, kept)), 50_000)
    assert np.array_equal(second.rows(100, 120), ROWS[100:120])
    with pytest.raises(NotYet):
        second.rows(399, 400)
    stream.may_go_on.set()
    assert np.array_equal(finish(second).rows(0, 400), ROWS)
    assert unused.times_opened == 0


def test_another_source_or_a_changed_one_is_unpacked_anew(source, kept):
    finish(prepared(array(source, stream_of(), kept)))
    with open(source.shown, "ab") as file:
        file.write(b"more")
    changed = stream_of()
    finish(prepared(array(source, changed, kept)))
    assert changed.times_opened == 1


@pytest.mark.slow
def test_what_a_killed_process_left_half_unpacked_is_taken_over(source, kept):
    script = (
        "import os, sys, io, numpy as np\n"
        "from contextlib import ExitStack\n"
        "from models.data.readers.arrays import packed, unpacked\n"
        "from models.data.readers.source import OpenFile\n"
        "from tests.unit.data.test_readers_packed import array, prepared, stream_of\n"
        "packed._WHOLE_BYTES, packed._FIRST_BYTES = 1_000, 20_000\n"
        "unpacked._BLOCK_BYTES = 10_000\n"
        "prepared(array(OpenFile(sys.argv[1]), stream_of(stop_at=60_000), ExitStack()))\n"
        "os.kill(os.getpid(), 9)\n"
    )
    subprocess.run([sys.executable, "-c", script, source.shown], check=False)
    assert len(cached("part")) == 1
    stream = stream_of()
    assert np.array_equal(finish(prepared(array(source, stream, kept))).rows(0, 400), ROWS)
    assert stream.times_opened == 1
    assert (len(cached("part")), len(cached("whole"))) == (0, 1)


def test_one_that_does_not_get_on_is_not_waited_for(source, kept, monkeypatch):
    stuck, own = stream_of(stop_at=60_000), stream_of()
    prepared(array(source, stuck, kept))
    second = prepared(array(source, own, kept))
    monkeypatch.setattr(unpacked, "_STALLED_S", 0.0)
    assert np.array_equal(finish(second).rows(0, 400), ROWS)
    stuck.may_go_on.set()


def test_a_stream_that_breaks_costs_only_the_rows_behind_the_break(source, kept):
    made = prepared(array(source, stream_of(stop_at=60_000, fails=True), kept))
    while made._unpacked.failure is None:
        made._unpacked.wait()
    assert np.array_equal(made.rows(0, 200), ROWS[:200])
    with pytest.raises(DatasetError, match="damaged or incomplete") as error:
        made.rows(399, 400)
    assert not isinstance(error.value, NotYet)
    assert not cached("*")


def test_one_that_breaks_before_the_first_row_is_refused(source, kept):
    with pytest.raises(DatasetError, match="damaged or incomplete"):
        prepared(array(source, stream_of(stop_at=0, fails=True), kept))


@pytest.mark.parametrize("content", [CONTENT[:-1], CONTENT + b"x"])
def test_one_of_another_length_is_not_trusted_at_all(source, kept, content):
    with pytest.raises(DatasetError, match="damaged or incomplete"):
        prepared(array(source, stream_of(content), kept, (102_400,)))
    assert not cached("*")


def test_a_cached_file_of_the_wrong_size_is_unpacked_again(source, kept):
    finish(prepared(array(source, stream_of(), kept)))
    os.truncate(cached("whole")[0], 5)
    stream = stream_of()
    assert np.array_equal(finish(prepared(array(source, stream, kept))).rows(0, 400), ROWS)
    assert stream.times_opened == 1


def test_closing_ends_the_unpacking_and_leaves_nothing_half_done(source):
    with ExitStack() as kept:
        stream = stream_of(stop_at=60_000)
        prepared(array(source, stream, kept))
        later = threading.Timer(0.05, stream.may_go_on.set)
        later.start()
    later.join()
    assert not cached("part")


def test_the_cache_is_for_nobody_else(source, kept):
    finish(prepared(array(source, stream_of(), kept)))
    (made,) = cached("whole")
    assert made.stat().st_mode & 0o077 == made.parent.stat().st_mode & 0o077 == 0
    made.parent.chmod(0o777)  # others may have put something there
    stream = stream_of()
    finish(prepared(array(source, stream, kept)))
    assert stream.times_opened == 1
    assert made.parent.stat().st_mode & 0o077 == 0


def test_a_full_disk_is_said(source, kept, monkeypatch):
    monkeypatch.setattr("models.data.readers.scratch.SPARE_BYTES", 1 << 60)
    with pytest.raises(DatasetError, match="GB to unpack"):
        prepared(array(source, stream_of(), kept))


def test_what_was_not_used_for_longest_is_deleted_first(tmp_path):
    for age, name in enumerate(("new.whole", "older.whole", "oldest.whole")):
        (tmp_path / name).write_bytes(bytes(100))
        os.utime(tmp_path / name, (1_000 - age, 1_000 - age))
    (tmp_path / "left.part").write_bytes(bytes(100))
    make_room(str(tmp_path), 50, kept_bytes=250)
    assert sorted(os.listdir(tmp_path)) == ["new.whole", "older.whole"]
