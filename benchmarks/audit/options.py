"""What can be asked of `audit` on the command line."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from benchmarks.audit.cases import CLEAN, DAMAGES, DATASETS, PAIRS, QUICK_SIZES, SIZES, Wanted
from benchmarks.damage import STRENGTHS

RESULTS = Path(platformdirs.user_cache_dir("winnow", appauthor=False)) / "audit.jsonl"
_KINDS = (*DAMAGES, *("+".join(pair) for pair in PAIRS), CLEAN)


@dataclass(frozen=True)
class Options(Wanted):
    """What to audit, and where it is kept."""

    datasets: tuple[str, ...] = DATASETS
    results: Path = Path()


def parse(arguments: Sequence[str]) -> Options:
    """Read the options; ends the program, with words, if they are wrong."""
    parser = argparse.ArgumentParser("python -m benchmarks audit")
    parser.add_argument(
        "--only", action="append", choices=_KINDS, metavar="KIND", help=", ".join(_KINDS)
    )
    parser.add_argument(
        "--dataset", action="append", dest="datasets", choices=DATASETS, help="(all)"
    )
    parser.add_argument(
        "--size",
        action="append",
        dest="sizes",
        type=_size,
        metavar="N-STRENGTH",
        help="images a split and strength, such as 1000-middle",
    )
    parser.add_argument("--seed", type=int, default=1, help="of draws and damage (1)")
    parser.add_argument(
        "--quick", action="store_true", help="300 images a split, middle strength, 3 clean draws"
    )
    parser.add_argument(
        "--results",
        type=Path,
        default=RESULTS,
        help="where finished audits are added, and found again (%(default)s)",
    )
    found = vars(parser.parse_args(arguments))
    several = {
        "only": tuple(found["only"] or ()),
        "datasets": tuple(found["datasets"] or DATASETS),
        "sizes": tuple(found["sizes"] or (QUICK_SIZES if found["quick"] else SIZES)),
    }
    return Options(**{**found, **several})


def _size(text: str) -> tuple[int, str]:
    n, _, strength = text.partition("-")
    if strength not in STRENGTHS:
        raise argparse.ArgumentTypeError(f"{strength!r}: use {', '.join(STRENGTHS)}")
    return int(n), strength
