"""The thread that owns the journal: writes each edit, and only then says that it is saved."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtCore import QObject, Qt, QThread, Signal, Slot

from models.data.journal import AUDIT, BLIND, UNLOCKED, Journal
from models.errors import ProjectError, WinnowError
from models.opening import user_name
from models.review.decisions import Edit
from qtapp.state.audit import AuditState
from qtapp.state.blind import BlindState
from qtapp.state.labels import LabelState

# How long the window's thread stands back for the writer, so that Python runs it undisturbed and
# most decisions are on disk before the screen is painted: measured, a key press was acknowledged
# after 6.2 ms without and 1.1 ms with it (docs/benchmarks.md). A slower disk costs no more than
# this.
_STAND_BACK_S = 0.002
BULK_EDIT = 1_000  # an edit of more samples than this is preceded by a backup
_STOP_MS = 30_000

OpenJournal = Callable[[], Journal]
BackUp = Callable[[str], object]


class JournalWriter(QObject):
    """Lives on the saving thread."""

    written = Signal(object)  # step
    named = Signal(int)  # number of the reviewer asked for
    failed = Signal(object)  # WinnowError

    def __init__(self, open_journal: OpenJournal, back_up: BackUp) -> None:
        super().__init__()
        self._open, self._back_up = open_journal, back_up
        self.is_done = threading.Event()
        self._journal: Journal | None = None
        self._has_failed = False

    @Slot(object, object)
    def write(self, edit: Edit | None, metas: Mapping[str, Any]) -> None:
        if not self._has_failed:  # what follows a failed edit was taken back with it
            self._append(edit, metas)
        self.is_done.set()

    def _append(self, edit: Edit | None, metas: Mapping[str, Any]) -> None:
        try:
            if self._journal is None:
                self._journal = self._open()
            if edit is None:
                self._journal.set_metas(metas)
                return
            if len(edit) > BULK_EDIT:
                self._back_up("before a bulk change")
            self._journal.append(edit, metas)
        except Exception as error:  # noqa: BLE001 - the journal must never be believed after one
            self._has_failed = True
            self.failed.emit(_in_words(error))
        else:
            self.written.emit(edit.step)

    @Slot(str)
    def name(self, reviewer: str) -> None:
        """Find out the number of a reviewer, and give a new one theirs."""
        if self._has_failed:
            return
        try:
            if self._journal is None:
                self._journal = self._open()
            self.named.emit(self._journal.reviewer_id(reviewer))
        except Exception as error:  # noqa: BLE001 - as in _append
            self._has_failed = True
            self.failed.emit(_in_words(error))

    @Slot()
    def close(self) -> None:
        if self._journal is not None:
            self._journal.close()
            self._journal = None


class Saver(QObject):
    """Sends edits to the journal's thread and brings back what became of them.

    With each goes the queue of audit images as it stands, in the same transaction; by itself
    it is written when an image was drawn, which is before that can be decided. Blind sessions
    are written with each of their answers, and since when the test split is unlocked.
    """

    named = Signal(int)  # the number of whoever decides from now on

    _write = Signal(object, object)
    _name = Signal(str)
    _close = Signal()

    def __init__(
        self,
        labels: LabelState,
        audit: AuditState,
        blind: BlindState,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._labels, self._audit, self._blind = labels, audit, blind
        self._thread: QThread | None = None
        self._writer: JournalWriter | None = None
        labels.committing.connect(self._save)
        audit.drawn.connect(self._save_audit)
        blind.kept.connect(self._save_blind)
        labels.lock.unlocked.connect(self._save_unlocked)

    def attach(self, open_journal: OpenJournal, back_up: BackUp) -> None:
        """Write what is decided from now on into this journal."""
        self.detach()
        self._thread = QThread(self)
        self._thread.setObjectName("saving")
        self._writer = JournalWriter(open_journal, back_up)
        self._writer.moveToThread(self._thread)
        self._write.connect(self._writer.write, Qt.ConnectionType.QueuedConnection)
        self._name.connect(self._writer.name, Qt.ConnectionType.QueuedConnection)
        self._close.connect(self._writer.close, Qt.ConnectionType.BlockingQueuedConnection)
        self._writer.written.connect(self._labels.acknowledge)
        self._writer.failed.connect(self._labels.refuse)
        self._writer.named.connect(self.named)
        self._thread.start()

    def name_reviewer(self, name: str) -> None:
        """Somebody else decides, the login name if empty; `named` brings the journal's number."""
        if self._writer is not None:
            self._name.emit(name or user_name())

    def _save(self, edit: Edit) -> None:
        if self._writer is not None:
            self._writer.is_done.clear()
            self._write.emit(edit, {AUDIT: self._audit.to_message()})
            self._writer.is_done.wait(_STAND_BACK_S)

    def _save_audit(self) -> None:
        if self._writer is not None:
            self._write.emit(None, {AUDIT: self._audit.to_message()})

    def _save_blind(self) -> None:
        if self._writer is not None:
            self._write.emit(None, {BLIND: self._blind.to_message()})

    def _save_unlocked(self) -> None:
        if self._writer is not None:
            self._write.emit(None, {UNLOCKED: self._labels.lock.unlocked_at})

    def detach(self) -> None:
        """Wait until everything queued is on disk, then let go of the journal."""
        if self._thread is None:
            return
        self._close.emit()  # queued behind every edit, and waits
        self._thread.quit()
        self._thread.wait(_STOP_MS)
        self._thread = self._writer = None


def _in_words(error: Exception) -> WinnowError:
    if isinstance(error, WinnowError):
        return error
    return ProjectError(
        f"the decision could not be saved ({error})",
        remedy="Nothing that was shown as saved is lost. Close the project and open it again.",
    )
