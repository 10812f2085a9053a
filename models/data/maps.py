"""The 2-D map of a dataset on disk: map.npy (n, 2) and, written after it, map.json about it.

They lie in the run whose embedding the map is made of; a map of pixels lies in the project.
"""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

import numpy as np

from models.data.placing import replace_file, replace_text
from models.data.runs import run_folder
from models.types import MapLaidOut

_ABOUT = ("run", "epoch", "n_laid_out")


def keep_map(project: Path, made: MapLaidOut) -> None:
    """Keep a finished map in place of the one before."""
    folder = _folder(project, made.run)
    (folder / "map.json").unlink(missing_ok=True)  # until both are there, there is none
    replace_file(folder / "map.npy", lambda file: np.save(file, made.layout, allow_pickle=False))
    about = {name: getattr(made, name) for name in _ABOUT}
    replace_text(folder / "map.json", json.dumps(about))


def kept_map(project: Path, run: int, n: int) -> MapLaidOut | None:
    """The map of a run, or for run 0 that of the pixels, of n images; None where there is none."""
    folder = _folder(project, run)
    with suppress(OSError, ValueError, TypeError, KeyError):
        about = json.loads((folder / "map.json").read_bytes())
        layout = np.load(folder / "map.npy")
        if layout.shape == (n, 2) and layout.dtype == np.float32:
            return MapLaidOut(layout, **{name: int(about[name]) for name in _ABOUT}, final=True)
    return None


def _folder(project: Path, run: int) -> Path:
    return run_folder(project / "runs", run) if run else project
