"""Options of the commands that change a project: label, merge, classes, split, remedy."""

from __future__ import annotations

import argparse
from pathlib import Path

from models.splitting import SHARES
from qtapp.arguments.sources import add_project
from qtapp.arguments.values import Refuse, absolute, folds, seed, share


def add_label(parser: argparse.ArgumentParser) -> None:
    add_project(parser)
    parser.add_argument(
        "--from",
        dest="decisions",
        type=Path,
        required=True,
        metavar="EDITS.csv",
        help="columns: sample_id (or path), action, and if wanted label, reviewer, note; "
        "actions: keep, accept, set, exclude, second_look, clear",
    )
    parser.add_argument("--reviewer", default="", metavar="NAME", help="who decided (default: you)")


def add_merge(parser: argparse.ArgumentParser) -> None:
    add_project(parser)
    parser.add_argument(
        "other",
        type=absolute,
        metavar="OTHER.winnow",
        help="a project about the same images; it is only read",
    )


def add_classes(parser: argparse.ArgumentParser) -> None:
    add_project(parser)
    parser.add_argument("action", nargs="?", choices=("list", "merge"), default="list")
    parser.add_argument(
        "names",
        nargs="*",
        metavar="CLASS",
        help="the classes that go away; last and after -- if a name begins with -",
    )
    parser.add_argument(
        "--into",
        default="",
        metavar="CLASS",
        help="the class they become; --into=-NAME if its name begins with -",
    )


def settle_classes(arguments: argparse.Namespace, refuse: Refuse) -> None:
    is_merge = arguments.action == "merge"
    if is_merge != bool(arguments.names) or is_merge != bool(arguments.into):
        refuse("merge needs the names of classes and --into NAME")


def add_split(parser: argparse.ArgumentParser) -> None:
    add_project(parser)
    for name, usual in SHARES.items():
        parser.add_argument(
            f"--{name}",
            type=share,
            metavar="SHARE",
            help=f"of the images, relative to the others (default: {usual}; none if only others "
            "are given)",
        )
    parser.add_argument(
        "--folds", type=folds, metavar="K", help="K equal parts for cross-validation instead"
    )
    parser.add_argument(
        "--keep",
        nargs="*",
        metavar="SPLIT",
        help="splits that stay as they are (default: those that came without labels; --keep alone: "
        "none)",
    )
    parser.add_argument(
        "--seed", type=seed, metavar="S", help="the same seed gives the same split (default: 0)"
    )
    parser.add_argument(
        "--as-given", action="store_true", help="take it back: the splits of the source again"
    )


def settle_split(arguments: argparse.Namespace, refuse: Refuse) -> None:
    has_shares = any(getattr(arguments, name) is not None for name in SHARES)
    if arguments.folds and has_shares:
        refuse("folds are equal, so --folds goes with no share")
    if has_shares and not any(getattr(arguments, name) for name in SHARES):
        refuse("give one split at least a share above 0")
    wishes = (
        has_shares or arguments.folds or arguments.keep is not None or arguments.seed is not None
    )
    if arguments.as_given and wishes:
        refuse("--as-given goes with nothing else")


def add_remedy(parser: argparse.ArgumentParser) -> None:
    add_project(parser)
    parser.add_argument(
        "finding",
        metavar="FINDING",
        help="the id of a finding of the last audit, which `winnow audit` prints beside it",
    )
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--yes", action="store_true", help="carry it out without asking")
    how.add_argument(
        "--preview", action="store_true", help="only say what would change, and change nothing"
    )
    how.add_argument(
        "--take-back", action="store_true", help="bring back what was before the remedy"
    )
