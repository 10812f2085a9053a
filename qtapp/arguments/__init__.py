"""What the command line understands: its commands, their options, and which make sense together."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version

from models.fetching import DATASETS
from models.types import OpenRequest
from qtapp.arguments import deciding, exporting, looking, training
from qtapp.arguments.sources import add_project, add_source, source_of
from qtapp.arguments.values import Refuse, absolute

_DESCRIPTION = """\
winnow [PATH ...]          open a dataset or a project in the window
winnow demo                open the handwritten digits that come with it
winnow COMMAND ...         one of the commands below, without a window

A file named like a command is given as ./info. Each command explains itself: winnow info --help.
Exit code: 0 done, 1 failed (one line on stderr says what, where and what to do), 2 wrong usage,
3 an audit found what --fail-on names, 130 ended by Ctrl+C.
WINNOW_DEBUG=1 adds to an error what a bug report needs."""


class _Parser(argparse.ArgumentParser):
    """Takes options wherever they stand, also between words that belong together."""

    _after: Sequence[str] | None = None  # the words after a --, once it is mixing

    # No annotations: those of typeshed are overloads that no override can follow.
    def parse_known_args(self, args=None, namespace=None):  # type: ignore[no-untyped-def]
        if self._after is None:
            self._after = args[args.index("--") + 1 :] if "--" in args else []
            return self.parse_known_intermixed_args(args, namespace)
        # It asks for the options, then for the words that are left: of Python 3.11 without the --.
        if self._after and "--" not in args:
            args = [*args[: -len(self._after)], "--", *self._after]
        return super().parse_known_args(args, namespace)


@dataclass(frozen=True)
class _Command:
    """One command: `settle` decides what follows from the options together, or refuses them."""

    purpose: str
    add_options: Callable[[argparse.ArgumentParser], None]
    settle: Callable[[argparse.Namespace, Refuse], None] = lambda _arguments, _refuse: None


def parse(argv: Sequence[str]) -> argparse.Namespace:
    """The arguments; ends the program (exit code 2) if they make no sense."""
    parser = _parser()
    if argv and argv[0] in (*_COMMANDS, "demo", "-h", "--help", "--version"):
        arguments = parser.parse_args(argv)
    else:
        arguments = _window_parser().parse_args(argv, argparse.Namespace(command=""))
    name = arguments.command
    arguments.opens_window = name not in _COMMANDS
    if name in _COMMANDS:
        _COMMANDS[name].settle(arguments, lambda why: parser.error(f"{name}: {why}"))
    return arguments


def request_of(arguments: argparse.Namespace) -> OpenRequest | None:
    """What to open in the window; None for the start page or the demo."""
    return source_of(arguments) if getattr(arguments, "paths", None) else None


def _window_parser() -> argparse.ArgumentParser:
    parser = _Parser("winnow", description="Open a dataset in the window.")
    add_source(parser, n_paths="*")
    return parser


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "winnow",
        usage="winnow [PATH ...]  |  winnow COMMAND ...",
        description=_DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"winnow {version('winnow')}")
    commands = parser.add_subparsers(
        dest="command", required=True, metavar="COMMAND", prog="winnow", parser_class=_Parser
    )
    commands.add_parser("demo", help="open the demo in the window")
    for name, about in _COMMANDS.items():
        command = commands.add_parser(name, help=about.purpose)
        about.add_options(command)
        command.add_argument(
            "--json", action="store_true", help="print the result as one JSON document"
        )
    return parser


def _add_fetch(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("dataset", choices=DATASETS)
    parser.add_argument(
        *("-o", "--output"),
        type=absolute,
        metavar="FOLDER",
        help="where to put it (default: among your data)",
    )


_COMMANDS: Mapping[str, _Command] = {
    "info": _Command("say what is in a dataset", looking.add_info),
    "train": _Command(
        "train on a dataset and rank its samples", training.add_train, training.settle_train
    ),
    "audit": _Command(
        "say what is wrong with a dataset, why, and what to do",
        looking.add_audit,
        looking.settle_audit,
    ),
    "report": _Command(
        "write a page of what is in a dataset, without judging it", looking.add_report
    ),
    "rank": _Command("list the samples, most suspect first, as CSV", looking.add_rank),
    "agreement": _Command(
        "say how several reviewers agree, and where to ask one more", add_project
    ),
    "label": _Command("apply decisions from a CSV", deciding.add_label),
    "merge": _Command("bring in the decisions of another person's project", deciding.add_merge),
    "split": _Command(
        "divide a project anew: evenly, copies kept together",
        deciding.add_split,
        deciding.settle_split,
    ),
    "remedy": _Command(
        "carry out the remedy of what an audit found, or take it back", deciding.add_remedy
    ),
    "export": _Command(
        "write the cleaned dataset to a new place",
        exporting.add_export,
        exporting.settle_export,
    ),
    "runs": _Command(
        "list, choose or delete the training runs of a project",
        training.add_runs,
        training.settle_runs,
    ),
    "classes": _Command(
        "list the classes of a project, or merge some",
        deciding.add_classes,
        deciding.settle_classes,
    ),
    "fetch": _Command("download a dataset everybody knows", _add_fetch),
}
