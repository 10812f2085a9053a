"""The command line: parses, calls models, prints. Imports no Qt."""

from __future__ import annotations

import argparse
import math
import os
import shlex
import sys
from collections.abc import Sequence
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path

from models.agreement import agreement
from models.class_list import class_list
from models.data.project import Project
from models.data.runs import delete_run, list_runs, run_details
from models.describing import describing
from models.errors import WinnowError, in_words
from models.fetching import DATASETS, fetching
from models.labelling import labelling
from models.opening import request_for
from models.processes.folding import export
from models.ranking import RANKED_BY, ranking
from models.review.decisions import Status
from models.review.queues import Queue
from models.training_run import read_config, training_run
from models.types import EXPORT_FORMATS, Finished, OpenRequest, TrainingEnded
from qtapp.agreement_text import agreement_lines
from qtapp.page_text import page_lines
from qtapp.run_text import run_lines
from qtapp.terminal import result_of, say, say_json, say_rows, write_rows

_QUEUES = {queue.option: queue for queue in Queue}
_DEBUG = "WINNOW_DEBUG"
_INTERRUPTED = 130  # what a shell calls a program that Ctrl+C ended
_DESCRIPTION = """\
winnow [PATH ...]          open a dataset or a project in the window
winnow demo                open the handwritten digits that come with it
winnow COMMAND ...         one of the commands below, without a window

A file named like a command is given as ./info. Each command explains itself: winnow info --help.
Exit code: 0 done, 1 failed (one line on stderr says what, where and what to do), 2 wrong usage.
WINNOW_DEBUG=1 adds to an error what a bug report needs."""


def parse(argv: Sequence[str]) -> argparse.Namespace:
    """The arguments; ends the program (exit code 2) if they make no sense."""
    commands = _parser()
    names_a_command = bool(argv) and (argv[0] in _RUN or argv[0] in ("-h", "--help", "--version"))
    if names_a_command or list(argv[:1]) == ["demo"]:
        arguments = commands.parse_args(argv)
        if arguments.command == "classes":
            is_merge = arguments.action == "merge"
            if is_merge != bool(arguments.names) or is_merge != bool(arguments.into):
                commands.error("classes: merge needs the names of classes and --into NAME")
        if arguments.command == "runs" and (arguments.action == "list") == bool(arguments.run):
            commands.error("runs: use and delete need the number of a run, list takes none")
        if arguments.command == "export":
            _settle_export(commands, arguments)
    else:
        arguments = _window_parser().parse_args(argv, argparse.Namespace(command=""))
    arguments.opens_window = arguments.command not in _RUN
    return arguments


def request_of(arguments: argparse.Namespace) -> OpenRequest | None:
    """What to open in the window; None for the start page or the demo."""
    return _source(arguments) if getattr(arguments, "paths", None) else None


def run(arguments: argparse.Namespace) -> int:
    """Run one command; the exit code. Errors become one line on stderr."""
    try:
        _RUN[arguments.command](arguments)
        sys.stdout.flush()
    except KeyboardInterrupt:
        say("Stopped.")
        return _INTERRUPTED
    except BrokenPipeError:  # `winnow rank P | head` has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except Exception as error:  # noqa: BLE001 - the last border; a person gets a sentence
        return _failed(in_words(error))
    return 0


def _failed(error: WinnowError) -> int:
    say(f"winnow: {error}")
    if error.details and os.environ.get(_DEBUG):
        say(error.details)
    return 1


# -- commands ---------------------------------------------------------------------------
def _info(arguments: argparse.Namespace) -> None:
    found = result_of(describing(_source(arguments), quick=not arguments.full), Finished)
    if arguments.json:
        say_json(found)
        return
    for line in page_lines(found):
        print(line)


def _train(arguments: argparse.Namespace) -> None:
    config = read_config(arguments.config) if arguments.config else {}
    if any(getattr(arguments, name) is not None for name in _LENGTHS):
        config.pop("schedule", None)  # what another run settled does not bind this one
    for name in (*_LENGTHS, "seed", "device"):
        if getattr(arguments, name) is not None:
            config[name] = getattr(arguments, name)
    events = training_run(
        _source(arguments),
        arguments.output,
        config,
        resume=arguments.resume,
        weights_from=arguments.weights_from,
        again=arguments.again,
    )
    done = result_of(events, TrainingEnded)
    if arguments.json:
        say_json(done)
        return
    for line in run_lines(done):
        print(line)
    print(f"See the suspects: winnow {done['project']}  or  winnow rank {done['project']}")


def _rank(arguments: argparse.Namespace) -> None:
    queue = _QUEUES.get(arguments.queue)
    by = arguments.by or (queue.order[0] if queue else "suspicion")
    about = (arguments.project, arguments.by, arguments.top, arguments.run or 0)
    rows = ranking(*about, queue=queue, where=arguments.where)
    if arguments.csv:
        n_rows = write_rows(arguments.csv, rows)
        result = {"path": str(arguments.csv), "n": n_rows, "by": by}
        say_json(result) if arguments.json else print(f"{n_rows:,} rows in {arguments.csv}")
    elif arguments.json:
        say_json({"by": by, "rows": list(rows)})
    else:
        say_rows(rows)


def _agreement(arguments: argparse.Namespace) -> None:
    found = result_of(agreement(arguments.project), Finished)
    if arguments.json:
        say_json(found)
        return
    for line in agreement_lines(found):
        print(line)


def _label(arguments: argparse.Namespace) -> None:
    done = result_of(
        labelling(arguments.project, arguments.decisions, arguments.reviewer), Finished
    )
    if arguments.json:
        say_json(done)
        return
    applied, n_skipped = done["applied"], len(done["skipped"])
    print(
        f"{applied:,} decision{'s' * (applied != 1)} applied and saved, "
        f"{n_skipped:,} row{'s' * (n_skipped != 1)} skipped"
    )
    for skipped in done["skipped"]:
        print(f"  row {skipped['row']}: {skipped['why']}")


def _export(arguments: argparse.Namespace) -> None:
    options = {name: getattr(arguments, name) for name in ("only", "files", "sample", "top")}
    given = {name: value for name, value in options.items() if value}
    events = export(arguments.project, arguments.out, arguments.as_format, **given)
    done = result_of(events, Finished)
    if arguments.json:
        say_json(done)
        return
    print(f"{done['n']:,} samples in {done['path']}, {done['left_out']:,} left out")
    if done["unreadable"]:
        print(f"  {done['unreadable']:,} could not be written; the manifest says why")
    if done["as"] == "predictions":
        print(f"  run {done['run']}, ids by {done['ids']}, {done['labels']}")
    print(f"  what is in it and how to read it: {done['manifest']}")


def _runs(arguments: argparse.Namespace) -> None:
    if arguments.action != "list":
        with Project(arguments.project) as project:
            run_details(project.runs_dir, arguments.run)  # refuses one that is not there
            if arguments.action == "delete":
                delete_run(project.runs_dir, arguments.run)
            else:
                project.save_settings({**project.settings(), "run": arguments.run})
    runs = list_runs(Project(arguments.project, read_only=True).runs_dir)
    if arguments.json:
        say_json({"runs": [asdict(run) for run in runs]})
        return
    for run in runs:
        held_out = run.held_out_accuracy
        accuracy = (
            "nothing held out" if math.isnan(held_out) else f"held-out accuracy {held_out:.1%}"
        )
        print(
            f"run {run.run}: {run.state}, {run.epochs} epochs, {accuracy}, "
            f"{run.bytes_on_disk / 1e6:.1f} MB, {run.created}"
        )
    if not runs:
        print(f"No runs yet. Start one: winnow train {arguments.project}")


def _classes(arguments: argparse.Namespace) -> None:
    merged = arguments.names if arguments.action == "merge" else ()
    done = result_of(class_list(arguments.project, merged, arguments.into), Finished)
    if arguments.json:
        say_json(done)
        return
    if done["changed"]:
        print(f"{done['changed']:,} labels changed and saved")
    for one in done["classes"]:
        merged_into = f"  merged into {one['merged_into']}" if one["merged_into"] else ""
        print(f"{one['n']:>9,}  {one['class']}{merged_into}")


def _fetch(arguments: argparse.Namespace) -> None:
    done = result_of(fetching(arguments.dataset, arguments.output), Finished)
    if arguments.json:
        say_json(done)
        return
    print(done["path"])
    say(f"Open it: winnow {shlex.quote(done['path'])}")


_RUN = {
    "info": _info,
    "train": _train,
    "rank": _rank,
    "agreement": _agreement,
    "label": _label,
    "export": _export,
    "runs": _runs,
    "classes": _classes,
    "fetch": _fetch,
}


_LENGTHS = ("preset", "minutes", "epochs", "nets")  # settings that say how long to train
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


# -- arguments --------------------------------------------------------------------------
def _source(arguments: argparse.Namespace) -> OpenRequest:
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

    info = commands.add_parser("info", help="say what is in a dataset")
    _add_source(info)
    info.add_argument(
        "--full", action="store_true", help="look at every image, however long it takes"
    )

    train = commands.add_parser("train", help="train on a dataset and rank its samples")
    _add_source(train)
    _add_training(train)

    rank = commands.add_parser("rank", help="list the samples, most suspect first, as CSV")
    _add_project(rank)
    rank.add_argument(
        "--by",
        choices=RANKED_BY,
        default="",
        help="the score to sort by (default: suspicion, or that of the queue); learned: what your "
        "decisions teach, the suspicion where they show no better order; labelling: which images "
        "without a label are best labelled first",
    )
    rank.add_argument(
        "--queue",
        choices=_QUEUES,
        metavar="QUEUE",
        help=f"only one kind of images: {', '.join(_QUEUES)}",
    )
    rank.add_argument(
        "--where",
        default="",
        metavar="QUERY",
        help="only images of which this is true, as in the window's query line: "
        """'given == "cat" and loss > 2'""",
    )
    rank.add_argument("--top", type=_positive, metavar="N", help="only the first N")
    rank.add_argument(
        "--run", type=_positive, metavar="N", help="of this run (default: the one in use)"
    )
    rank.add_argument("--csv", type=Path, metavar="FILE", help="write the list to a file")

    agree = commands.add_parser(
        "agreement", help="say how several reviewers agree, and where to ask one more"
    )
    _add_project(agree)

    label = commands.add_parser("label", help="apply decisions from a CSV")
    _add_project(label)
    label.add_argument(
        "--from",
        dest="decisions",
        type=Path,
        required=True,
        metavar="EDITS.csv",
        help="columns: sample_id (or path), action, and if wanted label, reviewer, note; "
        "actions: keep, accept, set, exclude, second_look, clear",
    )
    label.add_argument("--reviewer", default="", metavar="NAME", help="who decided (default: you)")

    out = commands.add_parser("export", help="write the cleaned dataset to a new place")
    _add_project(out)
    out.add_argument("out", type=Path, metavar="OUT")
    out.add_argument(
        "--as", dest="as_format", choices=EXPORT_FORMATS, help="default: by OUT's name"
    )
    out.add_argument(
        "--only",
        type=_states,
        default=(),
        metavar="STATES",
        help=f"comma-separated, of: {', '.join(_STATES)} (default: all but excluded; for a work "
        "list those not decided)",
    )
    out.add_argument(
        "--files",
        choices=("copy", "link", "list"),
        help="folder: copies of the images (default), hard links to them, or only a list of "
        "where they are; parquet: copy or list",
    )
    out.add_argument(
        "--sample",
        metavar="SAMPLE.csv",
        help="predictions: a sample submission whose ids, order, header and labels are followed",
    )
    out.add_argument(
        "--top", type=_positive, metavar="N", help="worklist: the N most suspect (default: 500)"
    )

    runs = commands.add_parser("runs", help="list, choose or delete the training runs of a project")
    _add_project(runs)
    runs.add_argument("action", nargs="?", choices=("list", "use", "delete"), default="list")
    runs.add_argument(
        "run", nargs="?", type=_positive, metavar="N", help="the run to use or delete"
    )

    classes = commands.add_parser("classes", help="list the classes of a project, or merge some")
    _add_project(classes)
    classes.add_argument("action", nargs="?", choices=("list", "merge"), default="list")
    classes.add_argument("names", nargs="*", metavar="CLASS", help="the classes that go away")
    classes.add_argument("--into", default="", metavar="CLASS", help="the class they become")

    fetch = commands.add_parser("fetch", help="download a dataset everybody knows")
    fetch.add_argument("dataset", choices=DATASETS)
    fetch.add_argument(
        *("-o", "--output"),
        type=_absolute,
        metavar="FOLDER",
        help="where to put it (default: among your data)",
    )

    for name in _RUN:
        commands.choices[name].add_argument(
            "--json", action="store_true", help="print the result as one JSON document"
        )
    return parser


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


def _shape(text: str) -> tuple[int, ...]:
    sides = tuple(int(side) for side in text.lower().split("x") if side.isdecimal())
    if not all(sides) or "x".join(map(str, sides)) != text.lower() or len(sides) not in (2, 3):
        raise argparse.ArgumentTypeError(f"{text!r} is no shape like 28x28 or 32x32x3")
    return sides


_STATES = tuple(state.name.lower() for state in Status)


def _states(text: str) -> tuple[str, ...]:
    names = tuple(name.strip() for name in text.split(","))
    unknown = [name for name in names if name not in _STATES]
    if unknown:
        raise argparse.ArgumentTypeError(f"{', '.join(unknown)}: use {', '.join(_STATES)}")
    return names
