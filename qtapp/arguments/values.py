"""Words of the command line made into values; what cannot be one is refused in words."""

from __future__ import annotations

import argparse
import math
import os
from collections.abc import Callable
from pathlib import Path

from models.audit.finding import KINDS
from models.review.decisions import Status
from models.splitting import MOST_SPLITS

Refuse = Callable[[str], object]
"""Ends the program with a sentence and exit code 2."""

STATES = tuple(state.name.lower() for state in Status)


def absolute(text: str) -> Path:
    return Path(os.path.abspath(text))


def positive(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text)):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 up")
    return int(text)


def minutes(text: str) -> float:
    try:
        minutes = float(text)
    except ValueError:
        minutes = math.nan
    if not 0 < minutes < math.inf:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of minutes")
    return minutes


def seed(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 0 up")
    return int(text)


def share(text: str) -> float:
    try:
        share = float(text)
    except ValueError:
        share = math.nan
    if not 0 <= share < math.inf:
        raise argparse.ArgumentTypeError(f"{text!r} is no share like 0.8")
    return share


def folds(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 2 <= int(text) <= MOST_SPLITS):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 2 to {MOST_SPLITS}")
    return int(text)


def shape(text: str) -> tuple[int, ...]:
    sides = tuple(int(side) for side in text.lower().split("x") if side.isdecimal())
    if not all(sides) or "x".join(map(str, sides)) != text.lower() or len(sides) not in (2, 3):
        raise argparse.ArgumentTypeError(f"{text!r} is no shape like 28x28 or 32x32x3")
    return sides


def states(text: str) -> tuple[str, ...]:
    names = tuple(name.strip() for name in text.split(","))
    unknown = [name for name in names if name not in STATES]
    if unknown:
        raise argparse.ArgumentTypeError(f"{', '.join(unknown)}: use {', '.join(STATES)}")
    return names


def checks(text: str) -> tuple[str, ...]:
    names = tuple(name.strip() for name in text.split(","))
    unknown = [name for name in names if name not in KINDS]
    if unknown:
        raise argparse.ArgumentTypeError(f"{', '.join(unknown)}: use {', '.join(KINDS)}")
    return names
