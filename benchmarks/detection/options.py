"""What can be asked of `detection` on the command line."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import platformdirs


@dataclass(frozen=True)
class Options:
    """What to measure, and where it is kept."""

    only: tuple[str, ...]  # names of settings; empty for all
    seed: int
    minutes: float | None  # instead of each setting's own
    peer: bool
    results: Path
    keep: Path | None


def parse(arguments: Sequence[str], names: Sequence[str]) -> Options:
    """Read the options; ends the program, with words, if they are wrong."""
    parser = argparse.ArgumentParser("python -m benchmarks detection")
    parser.add_argument(
        "--only", action="append", choices=names, metavar="SETTING", help=", ".join(names)
    )
    parser.add_argument("--seed", type=int, default=0, help="of noise and training (0)")
    parser.add_argument("--minutes", type=float, help="instead of each setting's own")
    parser.add_argument(
        "--peer", action="store_true", help="cross-validate for cleanlab too, in as many minutes"
    )
    parser.add_argument(
        "--results",
        type=Path,
        default=Path(platformdirs.user_cache_dir("winnow", appauthor=False)) / "detection.jsonl",
        help="where finished measurements are added, and found again (%(default)s)",
    )
    parser.add_argument(
        "--keep", type=Path, metavar="FOLDER", help="keep every probability and score as .npz"
    )
    found = parser.parse_args(arguments)
    return Options(**{**vars(found), "only": tuple(found.only or ())})
