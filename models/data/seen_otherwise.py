"""Marks runs as of other images once something else is undone in the images of a split.

runs/0001/seen.json             what was undone, by split, in the images this run saw; written when
                                that changes for the first time after the run
runs/0001/seen_otherwise.npy    bool (n,), which images are not now as it saw them; not there while
                                all are
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.data.placing import replace_file, replace_text
from models.data.runs import SEEN_OTHERWISE, run_folder, run_numbers, seen_otherwise
from models.types import Mask

_SEEN = "seen.json"


def mark_runs(
    runs_dir: Path,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    split_names: Sequence[str],
    splits: NDArray[np.uint8],
) -> None:
    """Say of every run which images it saw otherwise than they are from now on.

    Parameters
    ----------
    before, after : mapping of str to list
        What is undone, by the name of a split: until now, and from now on.
    split_names, splits
        Of the source; splits are uint8 (n,) positions among the names.
    """
    for run in run_numbers(runs_dir):
        folder = run_folder(runs_dir, run)
        seen = _seen(folder, before)
        changed = [name for name in split_names if seen.get(name) != after.get(name)]
        _mark(runs_dir, run, np.isin(splits, [split_names.index(name) for name in changed]))


def _seen(folder: Path, before: Mapping[str, Any]) -> Mapping[str, Any]:
    path = folder / _SEEN
    with suppress(OSError, ValueError):
        seen = json.loads(path.read_bytes())
        if isinstance(seen, dict):
            return seen
    replace_text(path, json.dumps(before))
    return before


def _mark(runs_dir: Path, run: int, otherwise: Mask) -> None:
    known, folder = seen_otherwise(runs_dir, run), run_folder(runs_dir, run)
    if np.array_equal(otherwise, np.zeros_like(otherwise) if known is None else known):
        return
    for made_of_it in (folder / "map.json", *folder.glob("clusters-*.json")):
        made_of_it.unlink(missing_ok=True)
    if otherwise.any():
        replace_file(folder / SEEN_OTHERWISE, lambda file: np.save(file, otherwise))
    else:
        (folder / SEEN_OTHERWISE).unlink(missing_ok=True)
