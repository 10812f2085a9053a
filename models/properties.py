"""Measures every image of a dataset once, and keeps what it found in the project."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np

from models.data.property_files import keep_properties, kept_properties
from models.errors import ProjectError
from models.processes.reading import ReaderClient
from models.review.properties import Measured, Properties, Table, unmeasured
from models.types import DatasetInfo, Events, OpenRequest, Progress, SampleIds

_BLOCK = 1_024  # neighbouring images, which are mostly stored together
_REPLY_S = 0.1  # about how long one request may take, so that the work can be stopped
_FIRST_TOLD_S = 2.0  # and from then on whenever as much again is measured


def measuring(info: DatasetInfo, project: Path) -> Events:
    """Measure what is not measured yet: Progress, Measured now and then, complete at the end.

    Wherever it is stopped, what was measured is kept, and spread over the whole dataset.

    Raises
    ------
    DatasetError
        If the source cannot be read.
    ProjectError
        If the table cannot be kept.
    """
    before = kept_properties(project, info)
    if before is not None:
        yield Measured(before)
        if before.is_complete:
            return
    table = unmeasured(info.n) if before is None else np.array(before.table)
    done = 0 if before is None else before.n_measured
    work = _Work(table, done)
    try:
        with closing(ReaderClient()) as reader:
            yield from reader.opened(OpenRequest.from_message(info.request))
            yield from work.go_on(reader)
        yield Measured(work.so_far(copied=False))
    finally:
        if work.done > done:
            _keep(project, info, work.so_far(copied=False))


def properties_now(project: Path, info: DatasetInfo, reader: ReaderClient) -> Properties:
    """The properties of all images: those that are kept, else measured now and not kept."""
    kept = kept_properties(project, info)
    if kept is not None and kept.is_complete:
        return kept
    work = _Work(unmeasured(info.n), 0)
    for _ in work.go_on(reader):
        pass
    return work.so_far(copied=False)


def _keep(project: Path, info: DatasetInfo, found: Properties) -> None:
    try:
        keep_properties(project, info, found)
    except OSError as error:
        raise ProjectError(
            f"what was measured could not be written ({error.strerror})",
            str(project),
            "Make room on this disk, then measure again.",
        ) from error


class _Work:
    """A table that fills, block by block in an order that is always the same."""

    def __init__(self, table: Table, done: int) -> None:
        self.table, self.done = table, done

    def so_far(self, *, copied: bool = True) -> Properties:
        table = self.table.copy() if copied else self.table
        table.flags.writeable = False
        return Properties(table, self.done)

    def go_on(self, reader: ReaderClient) -> Events:
        n, at_once = self.table.shape[1], 16
        began, told = time.monotonic(), 0
        for block in _blocks(n, self.done):
            at = 0
            while at < len(block):
                yield Progress(self.done, n, "measuring the images")
                begun = time.monotonic()
                ids = block[at : at + at_once]
                self.table[:, ids] = reader.properties(ids)
                at += len(ids)
                self.done += len(ids)
                seconds_each = max(time.monotonic() - begun, 1e-6) / len(ids)
                at_once = int(np.clip(_REPLY_S / seconds_each, 1, min(2 * at_once, _BLOCK)))
            now = time.monotonic()
            if now - began > _FIRST_TOLD_S and self.done >= 2 * told:
                told = self.done
                yield Measured(self.so_far())
        yield Progress(n, n, "measuring the images")


def _blocks(n: int, done: int) -> Iterator[SampleIds]:
    """Runs of neighbours, less those that are done, so that wherever one stops, what was taken is
    spread over all n: the runs are counted with their bits reversed."""
    n_blocks = -(-n // _BLOCK)
    bits = max(n_blocks - 1, 1).bit_length()
    counted = np.arange(1 << bits)
    turned = np.zeros_like(counted)
    for bit in range(bits):
        turned |= ((counted >> bit) & 1) << (bits - 1 - bit)
    for block in turned[turned < n_blocks].tolist():
        ids = np.arange(block * _BLOCK, min((block + 1) * _BLOCK, n))
        skipped = min(done, len(ids))
        done -= skipped
        if skipped < len(ids):
            yield ids[skipped:]
