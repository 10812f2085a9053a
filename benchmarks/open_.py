"""Opening in every large form: to the first painted grid, to all counts, memory, random jumps.

python -m benchmarks.open_ SOURCE...     one opening in a process of its own, for this module
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from benchmarks import sources
from benchmarks.report import Row
from benchmarks.timing import compared, rss_mb
from benchmarks.window import Figures, measured_in_child, readers_mb, window

MANY, FEW, MOST, PHOTOS = 1_000_000, 10_000, 2_000_000, 100_000
ROUNDS, FORM_ROUNDS = 5, 3
JUMPS = 15
FORMS: dict[str, tuple[sources.Maker, int]] = {
    ".npz, stored": (sources.npz, MANY),
    ".npz, compressed": (sources.npz_compressed, MANY),
    "IDX": (sources.idx, MANY),
    "IDX, .gz": (sources.idx_gz, MANY),
    "HDF5, contiguous": (sources.hdf5_contiguous, MANY),
    "HDF5, gzip, 64 images a chunk": (sources.hdf5_gzip, MANY),
    "JPEG in 100 folders": (sources.photo_folders, PHOTOS),
    "Parquet": (sources.parquet, PHOTOS),
}
_PACKED = (".npz, compressed", "IDX, .gz")


def measure() -> list[Row]:
    """A million images as .npy against ten thousand, and each other form against that .npy."""
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:
        many = _Source(Path(folder, "many"), sources.npy, MANY)
        rows = _of_sizes(many, Path(folder))
        for form, (maker, n) in FORMS.items():
            rows += _of_form(form, _Source(Path(folder, form), maker, n), many)
        return rows


class _Source:
    """A dataset made on disk, to be opened as if for the first time."""

    def __init__(self, folder: Path, maker: sources.Maker, n: int) -> None:
        self._folder, self.n = folder, n
        (folder / "data").mkdir(parents=True)
        self._paths = maker(folder / "data", n)
        self.opened()  # files and programs are in the system's cache from here on

    def opened(self, *, again: bool = False) -> Figures:
        """Open it in a window of its own; `again` with what was unpacked the last time."""
        if not again:
            shutil.rmtree(self._folder / "cache", ignore_errors=True)
        for project in self._folder.rglob("*.winnow"):
            shutil.rmtree(project)
        return measured_in_child("benchmarks.open_", self._paths, self._folder / "cache")

    def delete(self) -> None:
        shutil.rmtree(self._folder)


def _of_sizes(many: _Source, folder: Path) -> list[Row]:
    few = _Source(folder / "few", sources.npy, FEW)
    rounds = [(many.opened(), few.opened()) for _ in range(ROUNDS)]
    most = _Source(folder / "most", sources.npy, MOST)
    of_most = most.opened()
    most.delete()
    what = f"{MANY:,} images of 28x28 (.npy) against {FEW:,}"
    seconds = compared([a["grid_s"] for a, _ in rounds], [b["grid_s"] for _, b in rounds])
    more_mb = [a["window_mb"] - b["window_mb"] for a, b in rounds]
    return [
        Row.ratio_of(f"open command to first painted grid, {what}", seconds, "s", at_most=1.5),
        Row.value_of(
            f"memory of the window more, {what}",
            median(more_mb),
            "MB",
            spread=(min(more_mb), max(more_mb)),
            at_most=150,
        ),
        _absolute(f"{MANY:,} as .npy, first painted grid", "grid_s", "s", rounds, 2),
        _absolute(f"{MANY:,} as .npy, all counts known", "counts_s", "s", rounds),
        _absolute(f"{MANY:,} as .npy, memory of the window", "window_mb", "MB", rounds, 400),
        _absolute(f"{MANY:,} as .npy, memory of the reader", "reader_mb", "MB", rounds, 1000),
        _absolute(f"{MANY:,} as .npy, random jump, a tile", "tile_ms", "ms", rounds),
        Row.value_of(
            f"{MOST:,} as .npy, memory of the window",
            of_most["window_mb"],
            "MB",
            reference=median(a["window_mb"] for a, _ in rounds),
            at_most=700,
        ),
    ]


def _of_form(form: str, source: _Source, npy: _Source) -> list[Row]:
    rounds = [(source.opened(), npy.opened()) for _ in range(FORM_ROUNDS)]
    what = f"{source.n:,} as {form}"
    rows = [
        _absolute(f"{what}, first painted grid", "grid_s", "s", rounds, 2),
        _absolute(f"{what}, all counts known", "counts_s", "s", rounds),
        _absolute(f"{what}, memory of the window", "window_mb", "MB", rounds, 400),
        _absolute(f"{what}, memory of the reader", "reader_mb", "MB", rounds, 1000),
        _absolute(f"{what}, random jump, a tile", "tile_ms", "ms", rounds),
    ]
    if form in _PACKED:
        rows.append(_absolute(f"{what}, last image there (unpacked)", "end_s", "s", rounds))
        again = [(source.opened(again=True), b) for _, b in rounds]
        rows.append(_absolute(f"{what}, first painted grid, unpacked before", "grid_s", "s", again))
    source.delete()
    return rows


def _absolute(
    what: str,
    figure: str,
    unit: str,
    rounds: Sequence[tuple[Figures, Figures]],
    at_most: float | None = None,
) -> Row:
    """A figure that is promised as it stands, beside that of the reference."""
    figures = [own[figure] for own, _ in rounds]
    return Row.value_of(
        what,
        median(figures),
        unit,
        spread=(min(figures), max(figures)),
        reference=median(other[figure] for _, other in rounds),
        at_most=at_most,
    )


def _open_once(paths: Sequence[str]) -> Figures:
    with window() as driver:
        begun = time.perf_counter()
        grid_s = driver.open(paths)
        driver.wait_for_counts()
        counts_s = time.perf_counter() - begun
        driver.go_to_the_end()
        end_s = time.perf_counter() - begun
        tile_ms = median(driver.jump_ms(JUMPS))
        return {
            "grid_s": grid_s,
            "counts_s": counts_s,
            "end_s": end_s,
            "tile_ms": tile_ms,
            "window_mb": rss_mb(),
            "reader_mb": readers_mb(),
        }


if __name__ == "__main__":
    print(json.dumps(_open_once(sys.argv[1:])))
