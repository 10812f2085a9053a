"""Carries decisions over to a changed source, image by image, by what the pixels are."""

from __future__ import annotations

import time
from collections import defaultdict, deque
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.data.journal import AUDIT, BLIND, SPLIT, UNDONE, UNLOCKED, WEIGHTS, Journal
from models.data.placing import replace_file
from models.data.project import Project, facts_of
from models.data.recovery import replace_journal
from models.review.blind import BlindSession
from models.review.decisions import NO_SAMPLE
from models.review.remarks import without_remarks_on_nothing
from models.review.stopping import AuditedQueue
from models.types import DatasetInfo, LogRows, SampleIds, SplitAssignment

ContentHashes = NDArray[np.uint8]  # (n, 16), zeros where an image was not read


def stored_hashes(project: Project, n: int) -> ContentHashes:
    """Content hashes known so far. uint8 (n, 16), zeros where unknown."""
    try:
        found: ContentHashes = np.load(project.content_hash_path, allow_pickle=False)
    except (OSError, ValueError, EOFError):
        found = np.zeros((0, 16), np.uint8)
    return found if found.shape == (n, 16) else np.zeros((n, 16), np.uint8)


def match(old: ContentHashes, new: ContentHashes) -> SampleIds:
    """Find each old image in a new source.

    Parameters
    ----------
    old, new : uint8 (n_old, 16), (n_new, 16)
        Content hashes; zeros match nothing.

    Returns
    -------
    int64 (n_old,)
        The sample id in the new source, -1 where there is none. Of several equal images those
        are matched that lie between the same others; of the rest the first with the first.
    """
    found = np.full(len(old), NO_SAMPLE, np.int64)
    of_old, of_new = _places(old), _places(new)
    shared = [(ids, of_new[name]) for name, ids in of_old.items() if name in of_new]
    for ids, places in shared:
        if len(ids) == len(places) == 1:
            found[ids] = places
    known = np.full(len(new), NO_SAMPLE, np.int64)
    known[found[found != NO_SAMPLE]] = found[found != NO_SAMPLE]
    here, there = _between(found), _between(known)
    for ids, places in shared:
        if len(ids) > 1 or len(places) > 1:
            _pair(ids, places, here, there, found)
    return found


def _places(hashes: ContentHashes) -> dict[bytes, list[int]]:
    """Where each image lies that was read, by its hash."""
    places: dict[bytes, list[int]] = {}
    for place in np.flatnonzero(hashes.any(axis=1)).tolist():
        places.setdefault(hashes[place].tobytes(), []).append(place)
    return places


def _between(known: SampleIds) -> NDArray[np.int64]:
    """The nearest known images before and after each, -1 at the ends. (2, n)"""
    every = np.arange(len(known))
    before = np.maximum.accumulate(np.where(known != NO_SAMPLE, every, 0))
    after = np.minimum.accumulate(np.where(known != NO_SAMPLE, every, len(known) - 1)[::-1])[::-1]
    return np.stack([known[before], known[after]])


def _pair(
    ids: Sequence[int],
    places: Sequence[int],
    here: NDArray[np.int64],
    there: NDArray[np.int64],
    found: SampleIds,
) -> None:
    """Match equal images by what is known on both sides of them, on one, and at last in order.

    The copy that somebody decided on may be gone, while another one stayed where it was.
    """
    for sides in ([0, 1], [0], [1], []):
        waiting: dict[tuple[int, ...], deque[int]] = defaultdict(deque)
        for place in places:
            waiting[tuple(there[sides, place].tolist())].append(place)
        for sample_id in ids:
            same = waiting[tuple(here[sides, sample_id].tolist())]
            if found[sample_id] == NO_SAMPLE and same:
                found[sample_id] = same.popleft()
        places = sorted(place for left in waiting.values() for place in left)


def rematch(
    project: Project,
    info: DatasetInfo,
    old: ContentHashes,
    new: ContentHashes,
    undone: Mapping[str, Any] = MappingProxyType({}),
) -> tuple[int, SampleIds]:
    """Make a project one of the changed source `info`, with all decisions that still apply, and
    with what is `undone` in its images.

    Nobody may have its journal open. The runs and the backups, one of them of the old journal
    as it is now, are set aside under other names.

    Returns
    -------
    carried : int
        How many samples with decisions were found again.
    lost : int64 (m,)
        The others, by their old sample ids.
    """
    project.back_up("before matching")
    with project.journal(read_only=True) as journal:
        log, notes, reviewers = journal.rows(), journal.notes(), journal.reviewers()
        audit, blind = journal.meta(AUDIT), journal.meta(BLIND)
        unlocked, split = journal.meta(UNLOCKED), journal.meta(SPLIT)
        weights = journal.meta(WEIGHTS)
    decided = np.unique(log["sample"][log["sample"] != NO_SAMPLE])
    found = match(old, new)
    now = found[decided]
    mapped = _mapped(log, decided, now)
    seqs = set(mapped["seq"].tolist())

    def write(path: Path) -> None:
        with Journal(path) as journal:
            kept_notes = {seq: text for seq, text in notes.items() if seq in seqs}
            journal.seed(mapped, kept_notes, reviewers)
            journal.set_metas(facts_of(info))
            if audit:
                followed = AuditedQueue.from_message(audit).renumbered(found)
                journal.set_meta(AUDIT, followed.to_message())
            if blind:
                sessions = [BlindSession.from_message(kept).renumbered(found) for kept in blind]
                journal.set_meta(BLIND, [session.to_message() for session in sessions])
            if unlocked:
                journal.set_meta(UNLOCKED, unlocked)
            if weights:
                journal.set_meta(WEIGHTS, weights)
            if undone:
                journal.set_meta(UNDONE, dict(undone))
            if split:
                assignment = asdict(_renumbered(split["assignment"], info, found))
                journal.set_meta(SPLIT, {**split, "assignment": assignment, "before": None})

    before = time.strftime("before-%Y%m%dT%H%M%S")
    for folder in ("runs", "backups"):  # these are about other sample ids
        (project.path / folder).rename(project.path / f"{folder}-{before}")
        (project.path / folder).mkdir()
    replace_journal(project.journal_path, write)
    replace_file(project.content_hash_path, lambda file: np.save(file, new))
    return int((now != NO_SAMPLE).sum()), decided[now == NO_SAMPLE]


def _renumbered(message: Mapping[str, Any], info: DatasetInfo, found: SampleIds) -> SplitAssignment:
    """A split that was made here, about the changed source: images that are new stay in the split
    the source has them in, beside those that were made if it is none of them."""
    made = SplitAssignment(tuple(message["names"]), message["packed"])
    names = [*made.names, *(name for name in info.splits if name not in made.names)]
    codes = np.array([names.index(name) for name in info.splits], np.uint8)[info.split_codes()]
    known = found != NO_SAMPLE
    codes[found[known]] = made.codes()[known]
    used, at = np.unique(codes, return_inverse=True)
    return SplitAssignment.of([names[code] for code in used], at.astype(np.uint8))


def _mapped(log: LogRows, decided: SampleIds, now: SampleIds) -> LogRows:
    """The log with new sample ids, without rows of samples that are gone."""
    about_sample = log["sample"] != NO_SAMPLE
    mapped = log.copy()
    mapped["sample"][about_sample] = now[np.searchsorted(decided, log["sample"][about_sample])]
    return without_remarks_on_nothing(mapped[~about_sample | (mapped["sample"] != NO_SAMPLE)])
