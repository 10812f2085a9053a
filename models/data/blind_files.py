"""Writes the result of a blind session: figures as JSON, answers as CSV beside it."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from models.data.cells import guarded
from models.data.placing import check_new, publish, temporary_for
from models.types import Events, Finished


def exporting_blind(
    path: Path, message: Mapping[str, Any], lines: Iterable[Sequence[str | int | float]]
) -> Events:
    """Write `message` to `path`, and `lines`, the first of them a header, to a CSV of its name.

    Raises ProjectError if either is there already or cannot be written.
    """
    name = path.stem if path.suffix.lower() in (".json", ".csv") else path.name  # as in "ada v1.2"
    path, table = path.with_name(f"{name}.json"), path.with_name(f"{name}.csv")
    figures = json.dumps(message, indent=1, ensure_ascii=False, allow_nan=False)
    for place, text in ((table, _csv(lines)), (path, figures + "\n")):
        check_new(path)
        with temporary_for(place) as temporary:
            check_new(place)
            temporary.write_text(text, encoding="utf-8", errors="backslashreplace", newline="")
            publish(temporary, place)
    yield Finished({"json": str(path), "csv": str(table)})


def _csv(lines: Iterable[Sequence[str | int | float]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(
        [guarded(cell) if isinstance(cell, str) else cell for cell in line] for line in lines
    )
    return text.getvalue()
