"""What is published: the decisions of a project at one moment, and the samples they are about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.data.project import Project, splits_in, undone_in
from models.data.rematch import ContentHashes, stored_hashes
from models.review.decisions import NO_SAMPLE
from models.review.remarks import without_remarks_on_nothing
from models.review.replay import class_names_after, replay
from models.types import LabelVector, LogRows, Mask, SampleIds, StatusVector


@dataclass(frozen=True)
class Snapshot:
    """State of some samples of a project; `log` names them by their id in the project."""

    source: dict[str, Any]  # name, kind, fingerprint, request, undone: of the project
    class_names: tuple[str, ...]
    split_names: tuple[str, ...]
    sample_ids: SampleIds  # (n,) ascending
    splits: NDArray[np.uint8]  # (n,) position in split_names
    given: LabelVector
    corrected: LabelVector
    status: StatusVector
    content_hash: ContentHashes  # (n, 16)
    log: LogRows
    notes: dict[int, str]
    reviewers: list[str]
    last_seq: int

    def __len__(self) -> int:
        return len(self.sample_ids)

    def take(self, keep: Mask) -> Snapshot:
        """The part about some samples, and the rows about the whole dataset."""
        ids = self.sample_ids[keep]
        of_kept = np.isin(self.log["sample"], ids) | (self.log["sample"] == NO_SAMPLE)
        log = without_remarks_on_nothing(self.log[of_kept])
        kept_seqs = set(log["seq"].tolist())
        return replace(
            self,
            sample_ids=ids,
            splits=self.splits[keep],
            given=self.given[keep],
            corrected=self.corrected[keep],
            status=self.status[keep],
            content_hash=self.content_hash[keep],
            log=log,
            notes={seq: text for seq, text in self.notes.items() if seq in kept_seqs},
        )


def take_snapshot(project: Project, given: LabelVector) -> Snapshot:
    """The state of a whole project as its journal has it now."""
    with project.journal(read_only=True) as journal:
        log, notes, reviewers = journal.rows(), journal.notes(), journal.reviewers()
        keys = ("name", "kind", "fingerprint", "request", "class_names")
        meta = {key: journal.meta(key) for key in keys}
        split_names, splits = splits_in(journal)
        meta["undone"] = undone_in(journal)
    corrected, status = replay(log, given)
    return Snapshot(
        source=meta,
        class_names=class_names_after(log, notes, meta["class_names"]),
        split_names=split_names,
        sample_ids=np.arange(len(given), dtype=np.int64),
        splits=splits,
        given=given,
        corrected=corrected,
        status=status,
        content_hash=stored_hashes(project, len(given)),
        log=log,
        notes=notes,
        reviewers=reviewers,
        last_seq=int(log["seq"][-1]) if len(log) else 0,
    )


def replays_to(
    log: LogRows,
    sample_ids: SampleIds,
    given: LabelVector,
    corrected: LabelVector,
    status: StatusVector,
) -> bool:
    """Whether replaying a log over given labels gives exactly these labels and states."""
    mine = log.copy()
    about_sample = mine["sample"] != NO_SAMPLE
    rows = np.searchsorted(sample_ids, mine["sample"][about_sample])
    if len(rows) and not (
        len(sample_ids)
        and np.array_equal(
            sample_ids[np.minimum(rows, len(sample_ids) - 1)], mine["sample"][about_sample]
        )
    ):
        return False  # a row about a sample that is not here
    mine["sample"][about_sample] = rows
    labels, states = replay(mine, given)
    return np.array_equal(labels, corrected) and np.array_equal(states, status)


def storable(texts: Sequence[str]) -> list[str]:
    """Texts as HDF5 and JSON take them: no NUL, nothing outside UTF-8."""
    return [t.encode("utf-8", "backslashreplace").decode().replace("\0", "\\0") for t in texts]
