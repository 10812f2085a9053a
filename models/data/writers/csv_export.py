"""The CSV export: one line a sample, safe to open in a spreadsheet."""

from __future__ import annotations

import csv
from collections.abc import Generator, Iterator
from pathlib import Path

from models.data.cells import guarded
from models.data.placing import check_space
from models.data.writers.material import Material, Written, not_as_written
from models.data.writers.snapshot import Snapshot
from models.processes.reading import ReaderClient
from models.review.causes import causes_of
from models.review.decisions import Status
from models.review.remarks import Remarks, remarks_after
from models.types import Event, Progress

COLUMNS = (
    *("sample_id", "split", "path", "given", "corrected", "status"),
    *("given_code", "corrected_code", "causes", "note"),
)
_STATES = [state.name.lower() for state in Status]
_BATCH = 10_000
_BYTES_PER_LINE = 200
_LONGEST_CELL = 1 << 30  # characters; we wrote it ourselves, and a note may be long
_HOW_TO_READ = (
    "UTF-8, one sample a line; `corrected` is the label to use, `causes` say why it was wrong. A "
    "leading ' before = + - @ keeps spreadsheets from running a name as a formula."
)


def write(path: Path, material: Material) -> Generator[Event, None, Written]:
    """Write the table and read it back."""
    snapshot, reader = material.asked, material.reader
    n = len(snapshot)
    check_space(path.parent, n * _BYTES_PER_LINE)
    last = int(snapshot.sample_ids[-1]) if n else -1
    remarks = remarks_after(snapshot.log, snapshot.notes, last + 1)
    with open(path, "x", encoding="utf-8", errors="backslashreplace", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for start in range(0, n, _BATCH):
            yield Progress(start, 2 * n, "writing the table")
            writer.writerows(_lines(snapshot, remarks, reader, slice(start, start + _BATCH)))
    yield from _check(path, snapshot)
    return Written(snapshot, _HOW_TO_READ, with_images=False)


def _lines(
    snapshot: Snapshot, remarks: Remarks, reader: ReaderClient, part: slice
) -> Iterator[tuple[object, ...]]:
    ids = snapshot.sample_ids[part]
    columns = (ids, snapshot.splits[part], snapshot.given[part], snapshot.corrected[part])
    for path, status, mark, sample_id, split, given, corrected in zip(
        reader.paths(ids),
        snapshot.status[part].tolist(),
        remarks.marks[ids].tolist(),
        *(column.tolist() for column in columns),
        strict=True,
    ):
        yield (
            sample_id,
            guarded(snapshot.split_names[split]),
            guarded(path),
            guarded(_class_name(given, snapshot)),
            guarded(_class_name(corrected, snapshot)),
            _STATES[status],
            given,
            corrected,
            guarded("; ".join(causes_of(remarks.names, mark))),
            guarded(remarks.note(sample_id)),
        )


def _class_name(code: int, snapshot: Snapshot) -> str:
    return snapshot.class_names[code] if code >= 0 else ""


def _check(path: Path, snapshot: Snapshot) -> Iterator[Event]:
    """Read the table back: ids, codes and states must be those of the snapshot."""
    csv.field_size_limit(_LONGEST_CELL)
    n = len(snapshot)
    expected = zip(
        snapshot.sample_ids.tolist(),
        snapshot.given.tolist(),
        snapshot.corrected.tolist(),
        (_STATES[status] for status in snapshot.status.tolist()),
        strict=True,
    )
    n_lines = 0
    with open(path, encoding="utf-8", newline="") as file:
        for n_lines, (line, (sample_id, given, corrected, status)) in enumerate(
            zip(csv.DictReader(file), expected, strict=False), 1
        ):
            if n_lines % _BATCH == 0:
                yield Progress(n + n_lines, 2 * n, "checking the table")
            found = (line["sample_id"], line["given_code"], line["corrected_code"], line["status"])
            if found != (str(sample_id), str(given), str(corrected), status):
                break
        else:
            if n_lines == n and not file.read(1):
                return
    raise not_as_written(f"line {n_lines + 1}", path)
