"""The work list: what a labelling team is to decide, as a table to fill in and a page to look at.

OUT/worklist.csv     most suspect first; comes back through `winnow label`
OUT/worklist.html    the same images in the same order, to be seen in any browser
"""

from __future__ import annotations

import csv
import os
import shlex
from collections.abc import Generator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from models.data.cells import guarded
from models.data.pages import picture
from models.data.placing import check_space, sync_file
from models.data.writers.material import Material, Written, not_as_written
from models.data.writers.snapshot import storable
from models.data.writers.worklist_page import Item, thumbnail_px, worklist_page
from models.errors import ProjectError
from models.opening import Labelling, read_labelling
from models.ranking import ScoresNow, ordered_by, rows_of, scores_now, shown_run
from models.types import Event, Progress

COLUMNS = (
    *("sample_id", "path", "given", "predicted", "suggested", "suspicion", "reasons"),
    *("action", "label", "reviewer", "note"),
)
_TABLE, _PAGE = "worklist.csv", "worklist.html"
_ON_A_PAGE = 500  # unless another number is asked for
_BATCH = 50
_BYTES_PER_IMAGE = 64 << 10
_HOW_TO_READ = (
    "worklist.html shows the images; worklist.csv is to be filled in (action, label, reviewer, "
    "note) and applied with `winnow label`. A leading ' before = + - @ keeps spreadsheets from "
    "running a name as a formula."
)


def write(path: Path, material: Material) -> Generator[Event, None, Written]:
    """Write the table and the page, and read both back."""
    project, asked = material.project, material.asked
    with project.journal(read_only=True) as journal:
        known = read_labelling(journal, material.info, material.whole.given)
    scores = _scores(material, known)
    order = ordered_by("suspicion", known, scores)
    order = order[np.isin(order, asked.sample_ids)][: material.options.top or _ON_A_PAGE]
    check_space(path.parent, len(order) * _BYTES_PER_IMAGE)
    os.mkdir(path)
    items: list[Item] = []
    for start in range(0, len(order), _BATCH):
        yield Progress(start, len(order), "writing the work list")
        ids = order[start : start + _BATCH]
        pictures = material.reader.thumbnails(ids, thumbnail_px(len(order)))
        rows = rows_of(ids, material.info, known, scores, material.reader)
        items += [
            Item(number, row, picture(pixels))
            for number, (row, pixels) in enumerate(zip(rows, pictures, strict=True), start + 2)
        ]
    name, run = material.info.name, scores.run
    page = worklist_page(name, items, len(asked.sample_ids), run, shlex.quote(project.path.name))
    _write_page(path / _PAGE, storable([page])[0])
    _write_table(path / _TABLE, [item.known for item in items])
    for name in (_TABLE, _PAGE):
        sync_file(path / name)
    listed = np.isin(material.whole.sample_ids, order)
    return Written(material.whole.take(listed), _HOW_TO_READ, details={"run": scores.run})


def _scores(material: Material, known: Labelling) -> ScoresNow:
    project = material.project
    scores = scores_now(project.runs_dir, shown_run(project), known.labels, known.classes)
    if scores is None:
        raise ProjectError(
            "has no scores yet, so nothing tells what to look at first",
            str(project.path),
            f"Run `winnow train {shlex.quote(str(project.path))}`.",
        )
    return scores


def _write_page(path: Path, page: str) -> None:
    data = page.encode()
    with open(path, "xb") as file:
        file.write(data)
    if path.read_bytes() != data:
        raise not_as_written(_PAGE, path)


def _write_table(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    """A table that spreadsheets open as it is meant: they take UTF-8 for granted after a mark."""
    cells = [[_cell(row.get(name, "")) for name in COLUMNS] for row in rows]
    plain = all(cell.isascii() for row in cells for cell in row)
    with open(path, "x", encoding="utf-8" if plain else "utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        writer.writerows(cells)
    with open(path, encoding="utf-8-sig", newline="") as file:
        if list(csv.reader(file)) != [list(COLUMNS), *cells]:
            raise not_as_written(_TABLE, path)


def _cell(value: object) -> str:
    return "" if value is None else guarded(storable([str(value)])[0])
