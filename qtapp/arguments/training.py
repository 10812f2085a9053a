"""Options of the commands about runs: train and runs."""

from __future__ import annotations

import argparse
from pathlib import Path

from models.review.weights import CLASS_WEIGHTS
from qtapp.arguments.sources import add_project, add_source
from qtapp.arguments.values import Refuse, minutes, positive

# How long to train: an option, and what of another run's settings would say otherwise. A preset and
# a number of minutes say all of it, the others only a part.
REPLACES = {
    "preset": ("minutes", "epochs", "nets", "schedule"),
    "minutes": ("epochs", "nets", "schedule"),
    "epochs": ("schedule",),
    "nets": ("schedule",),
}
SETTINGS = (*REPLACES, "seed", "device", "class_weights")


def add_train(parser: argparse.ArgumentParser) -> None:
    add_source(parser)
    _add_training(parser)


def _add_training(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        *("-o", "--output"),
        type=Path,
        metavar="P.winnow",
        help="the project, made if it is not there (default: beside the dataset)",
    )
    parser.add_argument(
        "--preset",
        choices=("quick", "standard", "thorough"),
        help="how long to train (default: standard)",
    )
    parser.add_argument(
        "--minutes",
        type=minutes,
        metavar="M",
        help="train for about M minutes instead, as many epochs and nets as fit",
    )
    parser.add_argument(
        "--epochs",
        type=int,
        metavar="N",
        help="epochs of each net; 0, with --from or --again, scores without training",
    )
    parser.add_argument(
        "--nets",
        type=positive,
        metavar="N",
        help="train N nets one after another and average what they say",
    )
    parser.add_argument(
        "--seed",
        type=int,
        metavar="S",
        help="of all that is random (default: 0); with the same seed, --epochs and --nets a CPU "
        "gives the same order again",
    )
    parser.add_argument(
        "--device", choices=("auto", "cpu", "cuda", "mps"), help="default: a GPU if there is one"
    )
    parser.add_argument(
        "--class-weights",
        choices=CLASS_WEIGHTS,
        help="balanced: every class counts for the same, however few images it has (default: as "
        "the project says, which a remedy may have changed; else none)",
    )
    parser.add_argument(
        "--config",
        type=Path,
        metavar="RUN.json",
        help="the settings of another run, but for those given here",
    )
    start = parser.add_mutually_exclusive_group()
    start.add_argument(
        "--again",
        action="store_true",
        help="train again with corrections: on the labels as they are now, from the weights of "
        "this project's last run, for half the preset's epochs",
    )
    start.add_argument(
        "--from",
        dest="weights_from",
        type=Path,
        metavar="P2.winnow",
        help="the same from the weights of another project, or of one run (P2.winnow/runs/0001); "
        "the classes must be the same",
    )
    start.add_argument("--resume", action="store_true", help="go on with a run that was stopped")


def settle_train(arguments: argparse.Namespace, refuse: Refuse) -> None:
    given = [name for name in (*SETTINGS, "config") if getattr(arguments, name) is not None]
    if arguments.resume and given:
        options = ", ".join(f"--{name.replace('_', '-')}" for name in given)
        refuse(f"--resume goes on with the settings its run began with; leave out {options}")


def add_runs(parser: argparse.ArgumentParser) -> None:
    add_project(parser)
    parser.add_argument("action", nargs="?", choices=("list", "use", "delete"), default="list")
    parser.add_argument(
        "run", nargs="?", type=positive, metavar="N", help="the run to use or delete"
    )


def settle_runs(arguments: argparse.Namespace, refuse: Refuse) -> None:
    if (arguments.action == "list") == bool(arguments.run):
        refuse("use and delete need the number of a run, list takes none")
