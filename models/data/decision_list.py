"""Reads decisions from a CSV: sample_id (or path), action, label, reviewer, note; of a work list
also what was suggested.

The file may have gone through a spreadsheet: a byte order mark, semicolons or tabs between the
cells, and the ' that keeps a cell from being run as a formula are understood.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping
from pathlib import Path

from models.data.cells import unguarded
from models.errors import DatasetError
from models.review.decisions import LABEL_ACTIONS, Action
from models.review.scripted import Instruction, Skipped
from models.types import UNLABELLED

_ACTIONS = {action.name.lower(): action for action in LABEL_ACTIONS}
_DELIMITERS = ",;\t"
SEVERAL = -1  # in place of a sample: the path is that of more than one
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
        Gives the sample id of every path, SEVERAL of one that several samples have; asked only
        if the file has a column of paths.
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
        text = path.read_bytes().decode("utf-8-sig")  # whole: a pipe can be read only once
        lines = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
        columns = next(lines, [])
        _check_columns(path, set(columns))
        samples = sample_of_path() if "path" in columns else None
        codes = {name: code for code, name in enumerate(class_names)}
        for number, cells in enumerate(lines, start=2):
            row = dict.fromkeys(columns, "") | dict(zip(columns, cells, strict=False))
            if not (row["action"].strip() or row.get("label", "").strip()):
                continue
            try:
                sample_id = _sample_of(row, n_samples, samples)
                action, label = _decision_of(row, codes)
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


def _delimiter(text: str) -> str:
    """What the header's cells are parted by."""
    header = io.StringIO(text, newline="").readline()
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
    """By its id, which may be that of another image if the dataset has changed since."""
    named = None
    if samples is not None:
        named = samples.get(row["path"], samples.get(unguarded(row["path"])))
    if "sample_id" not in row:
        if named is None:
            raise _Unusable(f"no sample has the path {row['path']!r}")
        if named == SEVERAL:
            raise _Unusable(f"several samples have the path {row['path']!r}")
        return named
    text = row["sample_id"].strip()
    if not (text.isascii() and text.isdigit()):
        raise _Unusable(f"{text!r} is not a sample_id")
    if len(text) > 18 or int(text) >= n_samples:
        raise _Unusable(f"there is no sample {text}; the last one is {n_samples - 1}")
    if named not in (None, SEVERAL, int(text)):
        raise _Unusable(f"sample {text} is another image; {row['path']!r} is sample {named}")
    return int(text)


def _action_of(row: Mapping[str, str]) -> Action:
    word = row["action"].strip()
    if not word:
        raise _Unusable("it has a label but no action; to give it that label, write set")
    action = _ACTIONS.get("_".join(word.lower().replace("-", " ").split()))
    if action is None:
        raise _Unusable(f"{word!r} is not an action; use one of {', '.join(_ACTIONS)}")
    return action


def _decision_of(row: Mapping[str, str], codes: Mapping[str, int]) -> tuple[Action, int]:
    """What to do, and the class to set. Who accepts what a list suggests means the class that
    stands there, whatever a model that was trained since would suggest."""
    action = _action_of(row)
    if action is Action.ACCEPT and "suggested" in row:
        if not row["suggested"]:
            raise _Unusable("the list has no suggestion for it to accept")
        return Action.SET, _code_of(row["suggested"], codes)
    if action is Action.SET:
        return action, _code_of(row.get("label", ""), codes)
    return action, UNLABELLED


def _code_of(name: str, codes: Mapping[str, int]) -> int:
    spellings = (name, unguarded(name), name.strip(), unguarded(name.strip()))
    for spelling in spellings:
        if spelling in codes:
            return codes[spelling]
    folded = {spelling.casefold() for spelling in spellings}
    meant = [code for known, code in codes.items() if known.casefold() in folded]
    if len(meant) != 1:
        raise _Unusable(f"no class is called {name!r}")
    return meant[0]
