"""Reads decisions from a CSV: sample_id (or path), action, label, reviewer, note.

The file may have gone through a spreadsheet: a byte order mark, semicolons or tabs between the
cells, and the ' that keeps a cell from being run as a formula are understood.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TextIO

from models.data.cells import unguarded
from models.errors import DatasetError
from models.review.decisions import LABEL_ACTIONS, Action
from models.review.scripted import Instruction, Skipped
from models.types import UNLABELLED

_ACTIONS = {action.name.lower(): action for action in LABEL_ACTIONS}
_DELIMITERS = ",;\t"
_LONGEST_CELL = 1 << 20  # csv's own limit of 128 KiB a cell is too short for some notes


def read_decisions(
    path: Path,
    n_samples: int,
    class_names: tuple[str, ...],
    sample_of_path: Callable[[], Mapping[str, int]],
    reviewer: str = "",
) -> tuple[list[Instruction], list[Skipped]]:
    """Read what a file asks for, and which rows ask for nothing that could be done.

    Rows are counted as a spreadsheet does: the header is row 1. A row without an action or a
    label is one nobody filled in, and asks for nothing.

    Parameters
    ----------
    sample_of_path : callable
        Gives the sample id of every path; asked only if the file has no sample_id column.
    reviewer : str
        Who decided, in rows that do not say.

    Raises
    ------
    DatasetError
        If the file cannot be read, or has no column for the sample or the action.
    """
    csv.field_size_limit(_LONGEST_CELL)
    instructions, skipped = [], []
    try:
        with open(path, newline="", encoding="utf-8-sig") as file:
            rows = csv.DictReader(file, restval="", delimiter=_delimiter(file))
            columns = set(rows.fieldnames or ())
            _check_columns(path, columns)
            samples = None if "sample_id" in columns else sample_of_path()
            codes = {name: code for code, name in enumerate(class_names)}
            for number, row in enumerate(rows, start=2):
                if not (row["action"].strip() or row.get("label", "").strip()):
                    continue
                try:
                    sample_id = _sample_of(row, n_samples, samples)
                    action = _action_of(row)
                    label = _label_of(row, codes) if action is Action.SET else UNLABELLED
                except _Unusable as why:
                    skipped.append(Skipped(number, str(why)))
                    continue
                who = unguarded(row.get("reviewer", "").strip()) or reviewer
                note = unguarded(row.get("note", ""))
                instructions.append(Instruction(number, sample_id, action, label, who, note))
    except OSError as error:
        raise DatasetError(
            f"cannot be read ({error.strerror})", str(path), "Check the path given with --from."
        ) from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise DatasetError(
            f"is not a CSV file in UTF-8 ({error})", str(path), "Save it again as CSV, UTF-8."
        ) from error
    return instructions, skipped


class _Unusable(Exception):
    """Why a row asks for nothing that could be done."""


def _delimiter(file: TextIO) -> str:
    """What the header's cells are parted by; the file is at its beginning again."""
    header = file.readline()
    file.seek(0)
    return max(_DELIMITERS, key=header.count)


def _check_columns(path: Path, columns: set[str]) -> None:
    missing = [] if "action" in columns else ["action"]
    if not columns & {"sample_id", "path"}:
        missing.append("sample_id (or path)")
    if missing:
        raise DatasetError(
            f"has no column called {' and none called '.join(missing)}",
            str(path),
            "The first line names the columns: sample_id (or path), action, label, reviewer, note.",
        )


def _sample_of(row: Mapping[str, str], n_samples: int, samples: Mapping[str, int] | None) -> int:
    if samples is not None:
        found = samples.get(row["path"], samples.get(unguarded(row["path"])))
        if found is None:
            raise _Unusable(f"no sample has the path {row['path']!r}")
        return found
    text = row["sample_id"].strip()
    if not (text.isascii() and text.isdigit()):
        raise _Unusable(f"{text!r} is not a sample_id")
    if len(text) > 18 or int(text) >= n_samples:
        raise _Unusable(f"there is no sample {text}; the last one is {n_samples - 1}")
    return int(text)


def _action_of(row: Mapping[str, str]) -> Action:
    word = row["action"].strip()
    if not word:
        raise _Unusable("it has a label but no action; to give it that label, write set")
    action = _ACTIONS.get("_".join(word.lower().replace("-", " ").split()))
    if action is None:
        raise _Unusable(f"{word!r} is not an action; use one of {', '.join(_ACTIONS)}")
    return action


def _label_of(row: Mapping[str, str], codes: Mapping[str, int]) -> int:
    name = row.get("label", "")
    spellings = (name, unguarded(name), name.strip(), unguarded(name.strip()))
    for spelling in spellings:
        if spelling in codes:
            return codes[spelling]
    folded = {spelling.casefold() for spelling in spellings}
    meant = [code for known, code in codes.items() if known.casefold() in folded]
    if len(meant) != 1:
        raise _Unusable(f"no class is called {name!r}")
    return meant[0]
