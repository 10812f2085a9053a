"""Writes a run as models.data.runs reads it: whole files, and score sets that appear complete."""

from __future__ import annotations

import json
import math
import os
import shutil
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from models.data.placing import replace_file, replace_text, sync_folder
from models.data.runs import RUNNING, keep_number, last_number, run_details, run_folder
from models.errors import TrainingError


class RunWriter:
    """One run being written. Every method leaves the folder as something that can be read."""

    def __init__(self, runs_dir: Path, run: int, details: dict[str, Any]) -> None:
        self.run, self.folder, self.details = run, run_folder(runs_dir, run), details

    @classmethod
    def create(cls, runs_dir: Path, details: Mapping[str, Any]) -> RunWriter:
        """Begin a new run, numbered after every one before."""
        run = last_number(runs_dir) + 1
        writer = cls(runs_dir, run, {"run": run, "state": RUNNING, **details})
        writer.details["created"] = datetime.now(UTC).isoformat(timespec="seconds")
        shutil.rmtree(writer.folder, ignore_errors=True)  # left by a start that failed
        (writer.folder / "epochs").mkdir(parents=True)
        writer.save_details()
        writer.saving(lambda: keep_number(runs_dir, run))
        return writer

    @classmethod
    def reopen(cls, runs_dir: Path, run: int) -> RunWriter:
        """Go on with a run that is there."""
        return cls(runs_dir, run, run_details(runs_dir, run))

    def save_details(self, **changes: Any) -> None:
        """Write run.json, with some of its entries changed."""
        self.details.update(changes)
        text = json.dumps(_plain(self.details), indent=1, allow_nan=False, ensure_ascii=False)
        self.saving(lambda: replace_text(self.folder / "run.json", text))

    def save_array(self, name: str, values: NDArray[Any]) -> None:
        """Write one array of the run, such as "roles" or "epochs/0007"."""
        self.save_file(f"{name}.npy", lambda file: np.save(file, values, allow_pickle=False))

    def load_array(self, name: str) -> NDArray[Any]:
        """Read what `save_array` wrote."""
        path = self.folder / f"{name}.npy"
        try:
            values: NDArray[Any] = np.load(path)
        except (OSError, ValueError) as error:
            raise TrainingError(
                "this run cannot go on, for its files are damaged",
                str(path),
                "Start a new run; no decision is lost.",
            ) from error
        return values

    def save_file(self, name: str, write: Callable[[BinaryIO], object]) -> None:
        self.saving(lambda: replace_file(self.folder / name, write))

    def save_scores(
        self,
        epoch: int,
        final: bool,
        arrays: Mapping[str, NDArray[Any]],
        same: Collection[str] = (),
    ) -> None:
        """Publish a set of scores: write it aside, name it, delete the one it replaces.

        The arrays of `same` are those of the set before; their files are shared, not written.
        """
        previous = self.details.get("scores") or {}
        count = previous.get("count", 0) + 1
        name = f"scores-{count:04d}"
        before = self.folder / previous.get("folder", "")
        shared = {array: before / f"{array}.npy" for array in same if previous}
        self.saving(lambda: self._write_set(name, arrays, shared))
        self.save_details(scores={"folder": name, "epoch": epoch, "final": final, "count": count})
        for old in self.folder.glob("scores-*"):
            if old.name != name:
                shutil.rmtree(old, ignore_errors=True)

    def load_scores(self) -> dict[str, NDArray[Any]] | None:
        """The set of scores that was published last; None if there is none."""
        named = self.details.get("scores")
        if not named:
            return None
        folder = named["folder"]
        files = sorted((self.folder / folder).glob("*.npy"))
        return {file.stem: self.load_array(f"{folder}/{file.stem}") for file in files}

    def _write_set(
        self, name: str, arrays: Mapping[str, NDArray[Any]], shared: Mapping[str, Path]
    ) -> None:
        new = self.folder / f".{name}.new"
        shutil.rmtree(new, ignore_errors=True)
        shutil.rmtree(self.folder / name, ignore_errors=True)
        new.mkdir()
        for array_name, values in arrays.items():
            path = new / f"{array_name}.npy"
            if array_name in shared:
                with suppress(OSError):  # not every file system can give a file two names
                    os.link(shared[array_name], path)
                    continue
            with open(path, "xb") as file:
                np.save(file, values, allow_pickle=False)
                file.flush()
                os.fsync(file.fileno())
        sync_folder(new)
        os.replace(new, self.folder / name)
        sync_folder(self.folder)

    def saving(self, write: Callable[[], object]) -> None:
        """Do a write, and turn what the system says against it into words."""
        try:
            write()
        except OSError as error:
            raise TrainingError(
                f"the results could not be written ({error.strerror})",
                str(self.folder),
                "Make room or choose another place; decisions are kept apart and are safe.",
            ) from error


def _plain(value: Any) -> Any:
    """JSON has no NaN: null stands for it."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
