"""What the command line understands: its commands, their options, and which make sense together."""

from __future__ import annotations

import argparse
import math
import os
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path

from models.audit.finding import KINDS, Severity
from models.fetching import DATASETS
from models.opening import request_for
from models.ranking import RANKED_BY
from models.review.decisions import Status
from models.review.queues import Queue
from models.review.weights import CLASS_WEIGHTS
from models.splitting import MOST_SPLITS, SHARES
from models.types import EXPORT_FORMATS, OpenRequest

_PAGES = (".html", ".htm")
FOUND = 3  # exit code of an audit that found what it was told to fail on
LENGTHS = ("preset", "minutes", "epochs", "nets")  # settings that say how long to train
QUEUES = {queue.option: queue for queue in Queue}
_STATES = tuple(state.name.lower() for state in Status)
_ANSWERS = ("images", "labels", "layout", "shape", "encoding", "boxes")  # fields of OpenRequest


_FORMAT_OF_SUFFIX = {
    ".h5": "h5",
    ".hdf5": "h5",
    ".hdf": "h5",
    ".npz": "npz",
    ".csv": "csv",
    ".parquet": "parquet",
    "": "folder",
}
_ONLY_FOR = {  # an option of `export` and the formats it means something for
    "sample": ("predictions",),
    "top": ("worklist",),
    "files": ("folder", "parquet"),
}
_DESCRIPTION = """\
winnow [PATH ...]          open a dataset or a project in the window
winnow demo                open the handwritten digits that come with it
winnow COMMAND ...         one of the commands below, without a window

A file named like a command is given as ./info. Each command explains itself: winnow info --help.
Exit code: 0 done, 1 failed (one line on stderr says what, where and what to do), 2 wrong usage,
3 an audit found what --fail-on names.
WINNOW_DEBUG=1 adds to an error what a bug report needs."""


def parse(argv: Sequence[str]) -> argparse.Namespace:
    """The arguments; ends the program (exit code 2) if they make no sense."""
    commands = _parser()
    if argv and argv[0] in (*_COMMANDS, "demo", "-h", "--help", "--version"):
        arguments = commands.parse_args(argv)
        if arguments.command == "classes":
            is_merge = arguments.action == "merge"
            if is_merge != bool(arguments.names) or is_merge != bool(arguments.into):
                commands.error("classes: merge needs the names of classes and --into NAME")
        if arguments.command == "runs" and (arguments.action == "list") == bool(arguments.run):
            commands.error("runs: use and delete need the number of a run, list takes none")
        if arguments.command == "audit":
            _settle_audit(commands, arguments)
        if arguments.command == "export":
            _settle_export(commands, arguments)
        if arguments.command == "split":
            _check_split(commands, arguments)
    else:
        arguments = _window_parser().parse_args(argv, argparse.Namespace(command=""))
    arguments.opens_window = arguments.command not in _COMMANDS
    return arguments


def request_of(arguments: argparse.Namespace) -> OpenRequest | None:
    """What to open in the window; None for the start page or the demo."""
    return source_of(arguments) if getattr(arguments, "paths", None) else None


def source_of(arguments: argparse.Namespace) -> OpenRequest:
    """The dataset that the arguments name, and what they answer about it."""
    answers = {name: getattr(arguments, name) for name in _ANSWERS}
    return request_for(arguments.paths, **answers)


def _window_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("winnow", description="Open a dataset in the window.")
    _add_source(parser, n_paths="*")
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
        dest="command", required=True, metavar="COMMAND", prog="winnow"
    )
    commands.add_parser("demo", help="open the demo in the window")
    for name, (purpose, add_options) in _COMMANDS.items():
        command = commands.add_parser(name, help=purpose)
        add_options(command)
        command.add_argument(
            "--json", action="store_true", help="print the result as one JSON document"
        )
    return parser


def _add_info(parser: argparse.ArgumentParser) -> None:
    _add_source(parser)
    parser.add_argument(
        "--full", action="store_true", help="look at every image, however long it takes"
    )


def _add_train(parser: argparse.ArgumentParser) -> None:
    _add_source(parser)
    _add_training(parser)


def _add_audit(parser: argparse.ArgumentParser) -> None:
    _add_source(parser)
    parser.add_argument(
        *("-o", "--output"),
        type=Path,
        metavar="OUT",
        help="PAGE.html: as --html; P.winnow: the project, made if it is not there (default: "
        "beside the dataset)",
    )
    parser.add_argument(
        "--minutes",
        type=float,
        default=2.0,
        metavar="M",
        help="about how long it may take; a third of it trains a model if there is none (2)",
    )
    parser.add_argument(
        "--quick", action="store_true", help="an answer in seconds, from fewer images"
    )
    parser.add_argument(
        "--checks",
        type=_checks,
        default=(),
        metavar="CHECKS",
        help=f"comma-separated, of: {', '.join(KINDS)} (default: all)",
    )
    parser.add_argument(
        "--fail-on",
        choices=[severity.word for severity in Severity],
        help=f"end with exit code {FOUND} if anything as serious as this is found",
    )
    parser.add_argument(
        "--html",
        type=_absolute,
        metavar="PAGE.html",
        help="also write it as a page, with the images that prove it; all of it in one file",
    )
    parser.add_argument(
        "--json-file",
        type=_absolute,
        metavar="F.json",
        help="also write the result as JSON, whatever is printed",
    )
    parser.add_argument(
        "--each",
        action="store_true",
        help="PATH is a folder or an archive of datasets: audit each file and folder in it and "
        "compare them; --minutes are for each, -o names a folder for their projects (default: a "
        "temporary one)",
    )


def _add_report(parser: argparse.ArgumentParser) -> None:
    _add_source(parser)
    parser.add_argument(
        *("-o", "--output"),
        type=_absolute,
        required=True,
        metavar="PAGE.html",
        help="the page; one that is there is replaced",
    )


def _add_rank(parser: argparse.ArgumentParser) -> None:
    _add_project(parser)
    parser.add_argument(
        "--by",
        choices=RANKED_BY,
        default="",
        help="the score to sort by (default: suspicion, or that of the queue); learned: what your "
        "decisions teach, the suspicion where they show no better order; labelling: which images "
        "without a label are best labelled first",
    )
    parser.add_argument(
        "--queue",
        choices=QUEUES,
        metavar="QUEUE",
        help=f"only one kind of images: {', '.join(QUEUES)}",
    )
    parser.add_argument(
        "--where",
        default="",
        metavar="QUERY",
        help="only images of which this is true, as in the window's query line: "
        """'given == "cat" and loss > 2'""",
    )
    parser.add_argument("--top", type=_positive, metavar="N", help="only the first N")
    parser.add_argument(
        "--run", type=_positive, metavar="N", help="of this run (default: the one in use)"
    )
    parser.add_argument("--csv", type=Path, metavar="FILE", help="write the list to a file")


def _add_agreement(parser: argparse.ArgumentParser) -> None:
    _add_project(parser)


def _add_label(parser: argparse.ArgumentParser) -> None:
    _add_project(parser)
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


def _add_merge(parser: argparse.ArgumentParser) -> None:
    _add_project(parser)
    parser.add_argument(
        "other",
        type=_absolute,
        metavar="OTHER.winnow",
        help="a project about the same images; it is only read",
    )


def _add_split(parser: argparse.ArgumentParser) -> None:
    _add_project(parser)
    for name, share in SHARES.items():
        parser.add_argument(
            f"--{name}",
            type=_share,
            metavar="SHARE",
            help=f"of the images, relative to the others (default: {share}; none if only others "
            "are given)",
        )
    parser.add_argument(
        "--folds", type=_folds, metavar="K", help="K equal parts for cross-validation instead"
    )
    parser.add_argument(
        "--keep", nargs="+", default=(), metavar="SPLIT", help="splits that stay as they are"
    )
    parser.add_argument(
        "--seed", type=_seed, metavar="S", help="the same seed gives the same split (default: 0)"
    )
    parser.add_argument(
        "--as-given", action="store_true", help="take it back: the splits of the source again"
    )


def _check_split(commands: argparse.ArgumentParser, arguments: argparse.Namespace) -> None:
    has_shares = any(getattr(arguments, name) is not None for name in SHARES)
    if arguments.folds and has_shares:
        commands.error("split: folds are equal, so --folds goes with no share")
    wishes = has_shares or arguments.folds or arguments.keep or arguments.seed is not None
    if arguments.as_given and wishes:
        commands.error("split: --as-given goes with nothing else")


def _add_remedy(parser: argparse.ArgumentParser) -> None:
    _add_project(parser)
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


def _add_export(parser: argparse.ArgumentParser) -> None:
    _add_project(parser)
    parser.add_argument("out", type=Path, metavar="OUT")
    parser.add_argument(
        "--as", dest="as_format", choices=EXPORT_FORMATS, help="default: by OUT's name"
    )
    parser.add_argument(
        "--only",
        type=_states,
        default=(),
        metavar="STATES",
        help=f"comma-separated, of: {', '.join(_STATES)} (default: all but excluded; for a work "
        "list those not decided)",
    )
    parser.add_argument(
        "--files",
        choices=("copy", "link", "list"),
        help="folder: copies of the images (default), hard links to them, or only a list of "
        "where they are; parquet: copy or list",
    )
    parser.add_argument(
        "--sample",
        metavar="SAMPLE.csv",
        help="predictions: a sample submission whose ids, order, header and labels are followed",
    )
    parser.add_argument(
        "--top", type=_positive, metavar="N", help="worklist: the N most suspect (default: 500)"
    )


def _add_runs(parser: argparse.ArgumentParser) -> None:
    _add_project(parser)
    parser.add_argument("action", nargs="?", choices=("list", "use", "delete"), default="list")
    parser.add_argument(
        "run", nargs="?", type=_positive, metavar="N", help="the run to use or delete"
    )


def _add_classes(parser: argparse.ArgumentParser) -> None:
    _add_project(parser)
    parser.add_argument("action", nargs="?", choices=("list", "merge"), default="list")
    parser.add_argument("names", nargs="*", metavar="CLASS", help="the classes that go away")
    parser.add_argument("--into", default="", metavar="CLASS", help="the class they become")


def _add_fetch(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("dataset", choices=DATASETS)
    parser.add_argument(
        *("-o", "--output"),
        type=_absolute,
        metavar="FOLDER",
        help="where to put it (default: among your data)",
    )


def _settle_audit(commands: argparse.ArgumentParser, arguments: argparse.Namespace) -> None:
    """Take an output that is called like a page for one, and refuse what --each cannot do."""
    if arguments.output and arguments.output.suffix.lower() in _PAGES:
        if arguments.html:
            commands.error("audit: -o PAGE.html and --html are the same; give one of them")
        arguments.html, arguments.output = _absolute(str(arguments.output)), None
    if not arguments.each:
        return
    if len(arguments.paths) > 1 or any(source_of(arguments).answers().values()):
        commands.error("audit: --each takes one folder or archive, and no keys of arrays")


def _settle_export(commands: argparse.ArgumentParser, arguments: argparse.Namespace) -> None:
    """Choose the format by the name if none was given, and refuse what means nothing for it."""
    suffix = arguments.out.suffix.lower()
    as_format = arguments.as_format or _FORMAT_OF_SUFFIX.get(suffix, "")
    if not as_format:
        commands.error(f"export: {suffix} names no format; say which with --as")
    for option, formats in _ONLY_FOR.items():
        if getattr(arguments, option) and as_format not in formats:
            commands.error(f"export: --{option} is for {' and '.join(formats)}, not {as_format}")
    if as_format == "parquet" and arguments.files == "link":
        commands.error("export: a Parquet file cannot link to images; use copy or list")
    if arguments.sample and arguments.only:
        commands.error("export: --sample already says which images are wanted; leave out --only")
    arguments.as_format = as_format


def _add_source(parser: argparse.ArgumentParser, n_paths: str = "+") -> None:
    parser.add_argument("paths", nargs=n_paths, metavar="PATH", help="a dataset or a project")
    parser.add_argument("--images", default="", metavar="KEY", help="the array of images")
    parser.add_argument("--labels", default="", metavar="KEY", help="the array of labels")
    parser.add_argument(
        "--layout", choices=("nhw", "nhwc", "nchw"), default="", help="the order of the axes"
    )
    parser.add_argument(
        "--shape",
        type=_shape,
        default=(),
        metavar="HxW[xC]",
        help="of images stored as flat rows, for example 28x28 or 32x32x3",
    )
    parser.add_argument("--encoding", default="", help="of text that is not UTF-8")
    parser.add_argument(
        "--boxes", action="store_true", help="COCO: a sample for each box instead of each image"
    )


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
        type=float,
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
        type=_positive,
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


def _add_project(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("project", type=_absolute, metavar="P.winnow")


def _absolute(text: str) -> Path:
    return Path(os.path.abspath(text))


def _positive(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text)):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 up")
    return int(text)


def _seed(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 0 up")
    return int(text)


def _share(text: str) -> float:
    try:
        share = float(text)
    except ValueError:
        share = math.nan
    if not 0 <= share < math.inf:
        raise argparse.ArgumentTypeError(f"{text!r} is no share like 0.8")
    return share


def _folds(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 2 <= int(text) <= MOST_SPLITS):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 2 to {MOST_SPLITS}")
    return int(text)


def _shape(text: str) -> tuple[int, ...]:
    sides = tuple(int(side) for side in text.lower().split("x") if side.isdecimal())
    if not all(sides) or "x".join(map(str, sides)) != text.lower() or len(sides) not in (2, 3):
        raise argparse.ArgumentTypeError(f"{text!r} is no shape like 28x28 or 32x32x3")
    return sides


def _states(text: str) -> tuple[str, ...]:
    names = tuple(name.strip() for name in text.split(","))
    unknown = [name for name in names if name not in _STATES]
    if unknown:
        raise argparse.ArgumentTypeError(f"{', '.join(unknown)}: use {', '.join(_STATES)}")
    return names


def _checks(text: str) -> tuple[str, ...]:
    names = tuple(name.strip() for name in text.split(","))
    unknown = [name for name in names if name not in KINDS]
    if unknown:
        raise argparse.ArgumentTypeError(f"{', '.join(unknown)}: use {', '.join(KINDS)}")
    return names


_COMMANDS: dict[str, tuple[str, Callable[[argparse.ArgumentParser], None]]] = {
    "info": ("say what is in a dataset", _add_info),
    "train": ("train on a dataset and rank its samples", _add_train),
    "audit": ("say what is wrong with a dataset, why, and what to do", _add_audit),
    "report": ("write a page of what is in a dataset, without judging it", _add_report),
    "rank": ("list the samples, most suspect first, as CSV", _add_rank),
    "agreement": ("say how several reviewers agree, and where to ask one more", _add_agreement),
    "label": ("apply decisions from a CSV", _add_label),
    "merge": ("bring in the decisions of another person's project", _add_merge),
    "split": ("divide a project anew: evenly, copies kept together", _add_split),
    "remedy": ("carry out the remedy of what an audit found, or take it back", _add_remedy),
    "export": ("write the cleaned dataset to a new place", _add_export),
    "runs": ("list, choose or delete the training runs of a project", _add_runs),
    "classes": ("list the classes of a project, or merge some", _add_classes),
    "fetch": ("download a dataset everybody knows", _add_fetch),
}
