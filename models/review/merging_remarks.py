"""Causes and notes of another project that this one lacks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from models.review.addition import Log
from models.review.causes import Remark
from models.review.decisions import NO_SAMPLE
from models.review.opinions import known_among
from models.review.remarks import Remarks, remarked, remarks_after
from models.review.replay import live_rows
from models.types import LogRows

_BETWEEN = " / "  # our note and theirs

AsOurs = Callable[[LogRows], LogRows]  # without rows about images that are not here


def remarks_to_bring(
    ours: Log, theirs: Log, as_ours: AsOurs, n: int
) -> Iterator[tuple[Remark, LogRows]]:
    """What stands there and not here, each with rows about its images.

    A cause that either project names stands, unless it was brought before and taken away since.
    Of two notes on an image both stay, ours first, unless theirs was written here before.

    Parameters
    ----------
    as_ours : function
        Puts our numbers of images and people into rows of theirs.
    n : int
        Images we have.
    """
    have = remarks_after(ours.rows, ours.notes, n)
    yield from _causes(ours, theirs, as_ours, have)
    yield from _notes(theirs, as_ours, have)


def _causes(
    ours: Log, theirs: Log, as_ours: AsOurs, have: Remarks
) -> Iterator[tuple[Remark, LogRows]]:
    here, there = _by_cause(ours), _by_cause(theirs)
    for cause, (is_on, about) in there.items():
        newest_first = np.arange(len(about))[::-1]
        last = newest_first[np.unique(about["sample"][newest_first], return_index=True)[1]]
        stands = as_ours(about[last[is_on[last]]])
        if cause in here:
            stands = stands[~known_among(stands, here[cause][1])]
        if cause in have.names:
            place = np.uint32(have.names.index(cause))
            stands = stands[(have.marks[stands["sample"]] >> place & 1) == 0]
        if len(stands):
            yield Remark(cause), stands


def _by_cause(log: Log) -> dict[str, tuple[NDArray[np.bool_], LogRows]]:
    """For each cause the rows that give it or take it away, and which of them give it."""
    said, which, about = remarked(log.rows[live_rows(log.rows)], log.notes)
    is_on = np.array([remark.on for remark in said], np.bool_)
    found = {}
    for cause in dict.fromkeys(remark.cause for remark in said if remark.cause):
        own = np.array([remark.cause == cause for remark in said])[which]
        found[cause] = (is_on[which[own]], about[own])
    return found


def _notes(theirs: Log, as_ours: AsOurs, have: Remarks) -> Iterator[tuple[Remark, LogRows]]:
    live = theirs.rows[live_rows(theirs.rows)]
    said, which, about = remarked(live, theirs.notes)
    texts = {
        seq: said[at].note
        for seq, at in zip(about["seq"].tolist(), which.tolist(), strict=True)
        if not said[at].cause
    }
    with_text = np.isin(live["seq"], np.fromiter(theirs.notes, np.uint64, len(theirs.notes)))
    on_decisions = live["seq"][with_text & (live["sample"] != NO_SAMPLE)].tolist()
    texts |= {seq: theirs.notes[seq] for seq in on_decisions}
    noted = live[np.isin(live["seq"], np.fromiter(texts, np.uint64, len(texts)))]
    newest_first = noted[::-1]
    newest = newest_first[np.unique(newest_first["sample"], return_index=True)[1]]
    by_text: defaultdict[str, list[int]] = defaultdict(list)
    stands = as_ours(newest)
    for place, (seq, sample) in enumerate(zip(*_columns(stands), strict=True)):
        # What was ever written here is no news, also if it stands beside another note there.
        known = {part for written in have.notes.get(sample, []) for part in _parts(written)}
        news = [part for part in _parts(texts[seq]) if part not in known]
        if news:
            by_text[_BETWEEN.join([*_parts(have.note(sample)), *news])].append(place)
    for text, places in by_text.items():
        yield Remark(note=text), stands[places]


def _parts(note: str) -> list[str]:
    """The notes that were put together in one."""
    return [part for part in note.split(_BETWEEN) if part]


def _columns(rows: LogRows) -> tuple[list[int], list[int]]:
    return rows["seq"].tolist(), rows["sample"].tolist()
