"""Every decision is on disk before append() returns, and nothing is believed after a failure."""

import sqlite3
from contextlib import closing

import numpy as np
import pytest

from models.data.journal import APPLICATION_ID, Journal
from models.errors import ProjectError
from models.review.causes import Remark
from models.review.decisions import Action
from models.review.remarks import remarks_after
from models.review.replay import class_names_after
from tests.helpers.journals import Reviewer, random_review


@pytest.fixture
def path(tmp_path):
    return tmp_path / "journal.db"


@pytest.fixture
def journal(path):
    with Journal(path) as journal:
        yield journal


def test_rows_come_back_as_they_were_written(journal):
    review = random_review(seed=3, n_samples=6, n_steps=60)
    for edit in review.steps:
        journal.append(edit)
    assert journal.rows().tobytes() == review.log.tobytes()
    assert journal.notes() == review.notes
    assert journal.next_step() == len(review.steps) + 1
    assert class_names_after(journal.rows(), journal.notes(), ("a",))[0] == "a"


def test_append_returns_the_seq_of_its_last_row(journal):
    review = Reviewer(np.zeros(4, np.int32))
    assert journal.append(review.decide(Action.KEEP, [0, 1])) == 2
    assert journal.append(review.decide(Action.EXCLUDE, [3])) == 3
    assert journal.last_seq() == 3
    assert journal.rows(after_seq=2)["sample"].tolist() == [3]


def test_large_steps_among_small_ones_come_back_as_they_were_written(path, monkeypatch):
    monkeypatch.setattr("models.data.journal._PACKED_ROWS", 2_500)
    review = Reviewer(np.arange(5_000, dtype=np.int32) % 7)
    review.decide(Action.KEEP, [3])
    review.decide(Action.SET, range(5_000), label=2, suggested=4)
    review.undo()
    review.decide(Action.EXCLUDE, [8, 9])
    review.decide(Action.SET, range(0, 5_000, 2), label=7, added_class="new")
    review.merge([2, 3], 4)
    review.undo()
    with Journal(path) as journal:
        for edit in review.steps:
            last = journal.append(edit)
        assert journal.last_seq() == last == len(review.log)
        assert journal.next_step() == len(review.steps) + 1
    with Journal(path, read_only=True) as again:
        assert again.rows().tobytes() == review.log.tobytes()
        for seq in (1, 2, 3_000, 5_001, 10_002, last - 1, last):
            assert again.rows(after_seq=seq).tobytes() == review.log[seq:].tobytes()


def test_a_journal_of_the_first_version_is_read_and_continued(path):
    review = Reviewer(np.zeros(5_000, np.int32))
    with Journal(path) as journal:
        journal.append(review.decide(Action.KEEP, [0]))
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("DROP TABLE bulk")
        db.execute("PRAGMA user_version = 1")
    with Journal(path, read_only=True) as reader:
        assert (len(reader.rows()), reader.last_seq()) == (1, 1)
        with Journal(path) as journal:
            journal.append(review.decide(Action.EXCLUDE, range(5_000)))
        assert reader.rows().tobytes() == review.log.tobytes()


def test_an_empty_journal_has_no_rows_and_starts_at_step_one(journal):
    assert len(journal.rows()) == 0
    assert journal.next_step() == 1


def test_what_was_appended_is_there_after_reopening(path):
    review = random_review(seed=4, n_samples=5, n_steps=10)
    with Journal(path) as journal:
        for edit in review.steps:
            journal.append(edit)
    with Journal(path) as again:
        assert again.rows().tobytes() == review.log.tobytes()


def test_a_reader_sees_what_a_writer_committed(path, journal):
    review = Reviewer(np.zeros(4, np.int32))
    with Journal(path, read_only=True) as reader:
        journal.append(review.decide(Action.KEEP, [0]))
        assert len(reader.rows()) == 1


def test_a_reader_cannot_write(path, journal):
    with Journal(path, read_only=True) as reader, pytest.raises(ProjectError, match="for reading"):
        reader.set_meta("n", 3)


def test_reviewers_are_numbered_in_the_order_they_came(journal):
    assert [journal.reviewer_id(name) for name in ("Ada", "Šárka", "Ada")] == [0, 1, 0]
    assert journal.reviewers() == ["Ada", "Šárka"]


def test_meta_keeps_json(journal):
    journal.set_meta("n", 3)
    journal.set_meta("n", {"a": [1, None]})
    assert journal.meta("n") == {"a": [1, None]}
    assert journal.meta("missing") is None


def test_a_note_is_kept_under_the_row_of_its_sample(journal):
    review = Reviewer(np.zeros(4, np.int32))
    edit = review.decide(Action.SET, [1, 3], label=4, added_class="owl")
    edit = type(edit)(**{**vars(edit), "notes": {1: "blurred"}})
    journal.append(edit)
    assert journal.notes() == {1: '{"op": "add", "name": "owl"}', 3: "blurred"}


def test_seeding_takes_over_another_log(tmp_path, journal):
    review = random_review(seed=5, n_samples=5, n_steps=20)
    with Journal(tmp_path / "fresh.db") as fresh:
        fresh.seed(review.log, review.notes, ["Ada"])
        assert fresh.rows().tobytes() == review.log.tobytes()
        assert fresh.reviewers() == ["Ada"]
        with pytest.raises(ValueError, match="empty journal"):
            fresh.seed(review.log, {}, [])


@pytest.mark.parametrize("gone", [0, 1_100, 2_099])
def test_a_long_log_that_lacks_some_rows_is_taken_over_too(tmp_path, gone):
    review = Reviewer(np.zeros(2_100, np.int32))
    for sample_id in range(2_100):
        review.decide(Action.SET, [sample_id], label=1)
    log = np.delete(review.log, gone)
    with Journal(tmp_path / "fresh.db") as fresh:
        fresh.seed(log, {}, ["Ada"])
        review.decide(Action.KEEP, [5])
        fresh.append(review.steps[-1])
        assert fresh.rows()[:-1].tobytes() == log.tobytes()
        assert fresh.rows(1_500).tobytes() == fresh.rows()[fresh.rows()["seq"] > 1_500].tobytes()


def test_it_is_synced_at_every_commit(path, journal):
    assert journal._db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert journal._db.execute("PRAGMA synchronous").fetchone() == (2,)
    assert journal._db.execute("PRAGMA fullfsync").fetchone() == (1,)
    assert journal._db.execute("PRAGMA application_id").fetchone() == (APPLICATION_ID,)


def test_on_a_network_file_system_it_uses_no_shared_memory(path, monkeypatch):
    monkeypatch.setattr("models.data.journal.is_on_network", lambda _: True)
    with Journal(path) as journal:
        assert journal._db.execute("PRAGMA journal_mode").fetchone() == ("truncate",)
        assert journal._db.execute("PRAGMA synchronous").fetchone() == (3,)


def test_a_newer_journal_is_refused_in_words(path, journal):
    journal.close()
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA user_version = 99")
    db.close()
    with pytest.raises(ProjectError, match=r"newer version .* 99.* Update Winnow"):
        Journal(path)


def test_a_database_of_another_program_is_refused(path):
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE recipes (id)")
    db.close()
    with pytest.raises(ProjectError, match="not a Winnow journal"):
        Journal(path)


def test_after_a_failed_commit_nothing_of_it_is_kept_and_more_is_refused(path, journal):
    review = Reviewer(np.zeros(4, np.int32))
    journal.append(review.decide(Action.KEEP, [0]))
    # A journal that may not grow stands for a full disk.
    pages = journal._db.execute("PRAGMA page_count").fetchone()[0]
    journal._db.execute(f"PRAGMA max_page_count = {pages}")
    big = Reviewer(np.zeros(1_900, np.int32))
    with pytest.raises(ProjectError, match=r"could not be saved .*full"):
        journal.append(big.decide(Action.KEEP, range(1_900)))
    with pytest.raises(ProjectError, match="takes no more decisions"):
        journal.append(review.decide(Action.KEEP, [1]))
    assert len(journal.rows()) == 1
    with Journal(path) as again:
        assert len(again.rows()) == 1
        again.append(review.decide(Action.KEEP, [1]))


def test_an_edit_that_is_wrong_leaves_the_journal_usable(journal):
    review = Reviewer(np.zeros(4, np.int32))
    wrong = review.decide(Action.KEEP, [0])
    wrong = type(wrong)(**{**vars(wrong), "notes": {5: "of no row"}})
    with pytest.raises(IndexError):
        journal.append(wrong)
    assert len(journal.rows()) == 0
    journal.append(review.decide(Action.KEEP, [1]))
    assert len(journal.rows()) == 1


def test_an_edit_takes_values_of_the_meta_table_along_all_or_none(journal):
    review = Reviewer(np.zeros(4, np.int32))
    journal.append(review.decide(Action.KEEP, [0]), {"audit": {"shown": 1}})
    assert journal.meta("audit") == {"shown": 1}
    edit = review.decide(Action.KEEP, [1])
    with pytest.raises(TypeError):
        journal.append(edit, {"audit": object()})
    assert journal.meta("audit") == {"shown": 1}
    assert journal.last_seq() == 1
    journal.append(edit, {"audit": {"shown": 2}})
    assert (journal.meta("audit"), journal.last_seq()) == ({"shown": 2}, 2)


def test_a_remark_and_its_undo_lie_in_the_journal_with_the_words_once(journal, path):
    review = Reviewer(np.zeros(4, np.int32))
    review.remark([1, 2], Remark("blurred"))
    review.remark([3], Remark(note="ask again"))
    review.undo()
    for edit in review.steps:
        journal.append(edit)
    with Journal(path, read_only=True) as other:
        rows, notes = other.rows(), other.notes()
    assert rows.tobytes() == review.log.tobytes()
    assert (
        notes == review.notes == {1: '{"cause": "blurred", "on": true}', 4: '{"note": "ask again"}'}
    )
    found = remarks_after(rows, notes, 4)
    assert (found.marks.tolist(), found.notes) == ([0, 1, 1, 0], {})


def test_a_cause_of_very_many_images_is_packed_and_comes_back(journal):
    review = Reviewer(np.zeros(3_000, np.int32))
    review.remark(range(3_000), Remark("glare"))
    journal.append(review.steps[0])
    found = remarks_after(journal.rows(), journal.notes(), 3_000)
    assert (found.marks == 1 << 5).all()
    assert len(journal.notes()) == 1
