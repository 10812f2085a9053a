"""A project folder NAME.winnow/: journal, runs, lock, settings, backups, logs."""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
import platformdirs
from numpy.typing import NDArray

from models.data.fingerprint import same, undated
from models.data.journal import SPLIT, UNDONE, Journal, is_sound
from models.data.locking import LOCK, ProjectLock
from models.data.names import told_apart
from models.data.places import is_on_network
from models.data.placing import replace_text, sync_folder
from models.data.recovery import recover
from models.errors import ProjectError, SourceChanged
from models.review.decisions import Action
from models.types import DatasetInfo, OpenRequest, SplitAssignment

SUFFIX = ".winnow"
BACKUPS_KEPT = 10
_JOURNAL = "journal.db"


def project_path_for(request: OpenRequest) -> Path:
    """Where the project of a source lies: beside it as NAME.winnow, or in the user's data
    directory where that may not be written (or is a network file system)."""
    sources = [Path(path) for path in request.paths]
    folder = sources[0].parent
    if os.access(folder, os.W_OK) and not is_on_network(folder):
        short, full = (folder / f"{name}{SUFFIX}" for name in _names_for(sources))
        return full if is_project(short) and not _is_for(short, sources) else short
    place = hashlib.sha256("\0".join(request.paths).encode(errors="surrogateescape")).hexdigest()
    projects = Path(platformdirs.user_data_dir("winnow", appauthor=False)) / "projects"
    return projects / f"{_names_for(sources)[0]}-{place[:8]}{SUFFIX}"


def is_project(path: Path) -> bool:
    """Whether a path is a project folder (it holds a journal.db)."""
    return os.path.isfile(path / _JOURNAL)  # False also where we may not look


class Project:
    """An open, locked project. Use in a `with` block, or call close().

    Cheap to make: it reads no pixels. A second Project on the same folder raises ProjectError
    naming who holds it (program, pid, host, since when), unless it is opened `read_only`:
    that takes no lock, and writes nothing.
    """

    path: Path
    notice: str  # what a person must know about the opening; mostly empty

    def __init__(self, path: Path, *, create: bool = False, read_only: bool = False) -> None:
        self.path, self.notice, self._read_only = path, "", read_only
        self._lock: ProjectLock | None = None
        if not is_project(path) and not create:
            raise ProjectError(
                "is not a Winnow project", str(path), "Give a folder that holds a journal.db."
            )
        if read_only:
            return
        if create:
            self._make_folders()
        self._lock = ProjectLock(path / LOCK)
        try:
            self._check_journal()
        except BaseException:
            self.close()
            raise

    # -- the source ---------------------------------------------------------------------
    def request(self) -> OpenRequest | None:
        """How to open the source again; None in a project that was never attached.

        It carries the split that was made here and what is undone in its images, so that
        everybody who opens it sees the same.
        """
        with self.journal(read_only=True) as journal:
            found, made, undone = journal.meta("request"), _made_here(journal), undone_in(journal)
        if found is None:
            return None
        return replace(OpenRequest.from_message(found), assignment=made, undone=undone)

    def attach(self, info: DatasetInfo) -> None:
        """Remember the source: request, fingerprint, class names, n. The first call writes
        them; a later one checks that it is the same dataset (fingerprint, classes) and raises
        ProjectError if it is not, unless only its place changed (moved: remembers it)."""
        with self.journal() as journal:
            known = journal.meta("fingerprint")
            if known is None:
                journal.set_metas(facts_of(info))
                return
            before = OpenRequest.from_message(journal.meta("request"))
            now = OpenRequest.from_message(info.request)
            _check_answers(before, now)
            was_moved = before.paths != now.paths
            is_same = same(known, info.fingerprint) or (
                was_moved and same(undated(known), undated(info.fingerprint))
            )
            if journal.meta("n") != info.n or not is_same:
                raise SourceChanged(str(self.path), now)
            check_classes(journal, info)
            if was_moved or known != info.fingerprint:
                journal.set_metas(_whereabouts(info))
            if len(info.class_names) > len(journal.meta("class_names") or ()):
                journal.set_meta("class_names", list(info.class_names))
            if journal.meta(SPLIT) is None:  # else these are the ones made here
                _note_splits(journal, info)

    def meta(self, key: str) -> Any:
        """A value of the journal's meta table: n, class_names, splits, kind, fingerprint."""
        with self.journal(read_only=True) as journal:
            return journal.meta(key)

    # -- what lies in it ----------------------------------------------------------------
    def journal(self, *, read_only: bool = False) -> Journal:
        """A new connection; the caller closes it, on the thread that asked."""
        return Journal(self.journal_path, read_only=read_only or self._read_only)

    @property
    def journal_path(self) -> Path:
        return self.path / _JOURNAL

    @property
    def runs_dir(self) -> Path:
        return self.path / "runs"

    @property
    def corrected_path(self) -> Path:
        return self.path / "corrected.h5"

    @property
    def content_hash_path(self) -> Path:
        """(n, 16) uint8 of content_hash(), zeros where an image was not read yet."""
        return self.path / "content_hash.npy"

    @property
    def logs_dir(self) -> Path:
        return self.path / "logs"

    def settings(self) -> dict[str, Any]:
        with suppress(OSError, ValueError):
            found = json.loads((self.path / "settings.json").read_text(encoding="utf-8"))
            if isinstance(found, dict):
                return found
        return {}

    def save_settings(self, settings: Mapping[str, Any]) -> None:
        replace_text(self.path / "settings.json", json.dumps(settings, indent=2))

    def back_up(self, reason: str) -> Path | None:
        """Copy the journal into backups/ if it changed since the newest one; keep 10.

        Raises ProjectError if that is not possible.
        """
        try:
            return self._back_up(reason)
        except OSError as error:
            raise ProjectError(
                f"the journal could not be backed up ({error.strerror or error})",
                str(self.path),
                "Free some space or check the disk; every decision is kept.",
            ) from error

    def _back_up(self, reason: str) -> Path | None:
        folder = self.path / "backups"
        kept = sorted(folder.glob("*.db"))
        with self.journal(read_only=True) as journal:
            seq = journal.last_seq()
            if seq == (int(kept[-1].name.split("-")[1]) if kept else 0):
                return None
            now = time.time_ns()  # read once: names sort as the copies were made
            when = time.strftime("%Y%m%dT%H%M%S", time.gmtime(now // 10**9))
            when += f".{now % 10**9:09d}"
            path = folder / f"{when}-{seq}-{reason.replace(' ', '-')}.db"
            new = path.with_suffix(".new")
            new.unlink(missing_ok=True)
            journal.back_up_to(new)
        os.replace(new, path)
        sync_folder(folder)
        for old in [*kept, path][:-BACKUPS_KEPT]:
            old.unlink()
        return path

    def close(self) -> None:
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    # -- opening ------------------------------------------------------------------------
    def _make_folders(self) -> None:
        try:
            for folder in ("runs", "backups", "logs"):
                (self.path / folder).mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ProjectError(
                f"the project folder cannot be made ({error.strerror})",
                str(self.path),
                "Choose another place with -o.",
            ) from error

    def _check_journal(self) -> None:
        path = self.journal_path
        backups = sorted((self.path / "backups").glob("*.db"), reverse=True)
        if path.exists() and not is_sound(path):
            self.notice = recover(path, backups)
        Journal(path).close()  # makes a new one; refuses one that is not ours
        try:
            self.back_up("on opening")
        except ProjectError as error:
            self.notice = str(error)  # a full disk must not keep anyone from looking


def splits_in(journal: Journal) -> tuple[tuple[str, ...], NDArray[np.uint8]]:
    """The names of the splits as they stand, and by position among them that of every sample.

    A split that was made here lies in the meta table: written in one transaction, never out of
    step with the decisions; the splits as given stay beside it, so that it can be taken back.
    """
    made = _made_here(journal)
    return (made.names, made.codes()) if made else source_splits_in(journal)


def source_splits_in(journal: Journal) -> tuple[tuple[str, ...], NDArray[np.uint8]]:
    """The same of the splits as given."""
    given = SplitAssignment.from_message(journal.meta("assignment"))
    if given:
        return given.names, given.codes()
    sizes = journal.meta("splits")
    return tuple(sizes), np.repeat(np.arange(len(sizes), dtype=np.uint8), list(sizes.values()))


def _note_splits(journal: Journal, info: DatasetInfo) -> None:
    """Splits that were not seen in the source before, as those of a column are now."""
    facts = facts_of(info)
    known = {name: journal.meta(name) for name in ("splits", "assignment")}
    now = {name: facts[name] for name in known}
    if json.dumps(now) != json.dumps(known):
        journal.set_metas(now)


def _made_here(journal: Journal) -> SplitAssignment | None:
    made = journal.meta(SPLIT)
    return SplitAssignment.from_message(made["assignment"]) if made else None


def undone_in(journal: Journal) -> dict[str, Any]:
    """What is undone in the images of which split of the source, as OpenRequest has it."""
    return dict(journal.meta(UNDONE) or {})


def check_classes(journal: Journal, info: DatasetInfo) -> None:
    """Refuse a source in whose list of classes a code of the journal means another class.

    A name that is only spelt anew keeps its code. More names are fine as long as nobody added a
    class, for those that were added follow the ones of the source.

    Raises ProjectError.
    """
    # Projects of before have names as they were listed, also the same one twice.
    known, now = told_apart(journal.meta("class_names") or ()), info.class_names
    code_of = {name: code for code, name in enumerate(now)}
    is_moved = any(code_of.get(name, code) != code for code, name in enumerate(known))
    is_longer = len(now) > len(known) and (journal.rows()["action"] == Action.CLASS).any()
    if is_moved or is_longer or len(now) < len(known):
        raise ProjectError(
            "its classes are numbered otherwise than when this project was made, so its decisions "
            "would name other classes; they are kept",
            ", ".join(info.request["paths"]),
            "Put its list of classes back, or make another project of it with -o and bring the "
            "decisions over with winnow merge.",
        )


def check_unchanged(path: Path, info: DatasetInfo) -> None:
    """Refuse a source that was opened again and is not what its project knows: as many other images
    may lie where those did, and its ids mean them.

    Raises ProjectError.
    """
    if not is_project(path):
        return
    with Project(path, read_only=True).journal(read_only=True) as journal:
        n, known = journal.meta("n"), journal.meta("fingerprint")
    if known is None:
        return
    if n != info.n or not same(known, info.fingerprint):
        now = f", has {info.n:,} images and not {n:,}" if n != info.n else ""
        raise ProjectError(
            f"changed since it was opened{now}",
            info.name,
            "Open the dataset again; no decision is lost.",
        )


def facts_of(info: DatasetInfo) -> dict[str, Any]:
    """What a journal's meta table holds of its source."""
    return {
        "n": info.n,
        "class_names": list(info.class_names),
        "splits": info.splits,
        "assignment": info.assignment and asdict(info.assignment),
        "kind": info.kind,
        **_whereabouts(info),
    }


def _whereabouts(info: DatasetInfo) -> dict[str, Any]:
    request = {**info.request, "assignment": None, "undone": {}}
    return {"request": request, "fingerprint": info.fingerprint, "name": info.name}


def _check_answers(known: OpenRequest, now: OpenRequest) -> None:
    """Refuse to read a known source in another way: its decisions would be about other labels."""
    for key, chosen in now.answers().items():
        before = known.answers()[key]
        if before != chosen:
            raise ProjectError(
                f"this project was made with {_in_words(key, before)}, "
                f"not with {_in_words(key, chosen)}",
                ", ".join(now.paths),
                "Open it in the same way, or give another project with -o.",
            )


def _in_words(key: str, answer: object) -> str:
    return f"{key} {answer!r}" if answer else f"no choice of {key}"


def _names_for(sources: list[Path]) -> tuple[str, str]:
    """What to call the project of these sources: short, and unlikely to clash."""
    first = sources[0]
    if len(sources) > 1:
        return first.parent.name or "dataset", "-".join(path.name for path in sources)[:200]
    short = first.name if os.path.isdir(first) else first.stem
    return short or "dataset", first.name or "dataset"


def _is_for(project: Path, sources: list[Path]) -> bool:
    """Whether a project beside these sources is about them, going by their names."""
    with suppress(ProjectError), Project(project, read_only=True) as known:
        request = known.request()
        return request is None or [Path(path).name for path in request.paths] == [
            path.name for path in sources
        ]
    return True
