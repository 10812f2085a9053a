"""The commands of the command line: each calls models and prints. Imports no Qt."""

from __future__ import annotations

import argparse
import errno
import math
import os
import shlex
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from models.agreement import agreement
from models.audit.finding import Severity
from models.auditing import auditing
from models.auditing_each import auditing_each
from models.class_list import class_list
from models.data.locking import LOCK, is_held
from models.data.pages import check_place, write_result
from models.data.placing import check_apart
from models.data.project import Project
from models.data.runs import RUNNING, delete_run, list_runs, run_details, run_numbers
from models.describing import describing
from models.errors import ProjectError, SourceChanged, SourceMissing, WinnowError, in_words
from models.fetching import fetching
from models.labelling import labelling
from models.merging import merging
from models.opening import remembered, request_for, to_read
from models.processes.child import Controls
from models.processes.folding import export
from models.ranking import columns_by, ranking
from models.remedying import Do, remedying
from models.reporting import reporting
from models.splitting import SHARES, SplitWish, folds, splitting, taking_back
from models.training_run import read_config, training_run
from models.types import Finished, OpenRequest, TrainingEnded
from qtapp.agreement_text import agreement_lines
from qtapp.arguments.looking import FOUND, QUEUES
from qtapp.arguments.sources import source_of
from qtapp.arguments.training import REPLACES, SETTINGS
from qtapp.audit_text import audit_lines, each_lines
from qtapp.merge_text import merge_lines
from qtapp.page_text import page_lines
from qtapp.remedy_text import preview_lines, remedy_lines
from qtapp.run_text import run_lines
from qtapp.split_text import split_lines
from qtapp.terminal import (
    counted,
    finished_on_interrupt,
    is_agreed,
    json_text,
    result_of,
    say,
    say_json,
    say_rows,
    while_it_is_read,
    write_rows,
)

_DEBUG = "WINNOW_DEBUG"
_NO_PART_OF_A_DATASET = (".html", ".winnow")  # in a folder of images
_INTERRUPTED = 130  # what a shell calls a program that Ctrl+C ended


def run(arguments: argparse.Namespace) -> int:
    """Run one command; the exit code. Errors become one line on stderr."""
    try:
        exit_code = 0
        with while_it_is_read():
            exit_code = _RUN[arguments.command](arguments) or 0
    except KeyboardInterrupt:
        say("Stopped.")
        return _INTERRUPTED
    except Exception as error:  # noqa: BLE001 - the last border; a person gets a sentence
        return _failed(_without_room(error) or _astray(error) or in_words(error))
    return exit_code


def _without_room(error: Exception) -> WinnowError | None:
    """What to say where `winnow rank P > list.csv` fills the disk."""
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return WinnowError(
            "there is no room left on the disk that is written to",
            error.filename or "",
            "Free some and try again.",
        )
    return None


def _astray(error: Exception) -> WinnowError | None:
    """What the command line offers for a project whose source is gone or another one."""
    if not isinstance(error, SourceMissing | SourceChanged):
        return None
    project = shlex.quote(error.project)
    if isinstance(error, SourceChanged):
        remedy = (
            "Put the original back, or have the decisions matched by image content: "
            f"`winnow {project}` offers it."
        )
    else:
        remedy = (
            f"Put it back, or say where it is now: `winnow {project}` asks, or name it as "
            f"in `winnow train DATASET -o {project}`. Every decision is kept."
        )
    return WinnowError(error.what, error.where, remedy)


def _failed(error: WinnowError) -> int:
    say(f"winnow: {error}")
    if error.details and os.environ.get(_DEBUG):
        say(error.details)
    return 1


def _check_apart(source: OpenRequest, *places: Path | None) -> None:
    """Refuse, before any work, what would replace a dataset or become a part of it."""
    for place in filter(None, places):
        if not place.name.lower().endswith(_NO_PART_OF_A_DATASET):
            check_apart(place, to_read(source)[0].paths)


# -- commands ---------------------------------------------------------------------------
def _info(arguments: argparse.Namespace) -> None:
    found = result_of(describing(source_of(arguments), quick=not arguments.full), Finished)
    if arguments.json:
        say_json(found)
        return
    for line in page_lines(found):
        print(line)


def _train(arguments: argparse.Namespace) -> None:
    config = read_config(arguments.config) if arguments.config else {}
    given = {name: getattr(arguments, name) for name in SETTINGS}
    given = {name: value for name, value in given.items() if value is not None}
    for name in given.keys() & REPLACES.keys():
        for replaced in REPLACES[name]:
            config.pop(replaced, None)  # what another run settled does not bind this one
    config |= given
    source = source_of(arguments)
    _check_apart(source, arguments.output)
    events = training_run(
        source,
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
    project = shlex.quote(done["project"])
    print(f"See the suspects: winnow {project}  or  winnow rank {project}")


def _audit(arguments: argparse.Namespace) -> int:
    how = {name: getattr(arguments, name) for name in ("minutes", "quick", "checks")}
    how["page"] = arguments.html
    if arguments.json_file:
        check_place(arguments.json_file, (".json",), "is no JSON")
    source = source_of(arguments)
    project = None if arguments.each else arguments.output
    _check_apart(source, arguments.json_file, arguments.html, project)
    if arguments.each:
        folder = Path(source.paths[0])
        events, lines = auditing_each(folder, arguments.output, **how), each_lines
    else:
        controls = Controls()
        audited = auditing(source, arguments.output, controls=controls, **how)
        events, lines = finished_on_interrupt(audited, controls), audit_lines
    result = result_of(events, Finished)
    if arguments.json_file:
        write_result(arguments.json_file, json_text(result))
    with while_it_is_read():  # what was found decides about the exit code, whoever reads it
        if arguments.json:
            say_json(result)
        else:
            for line in lines(result):
                print(line)
    worst, least = result["worst"], arguments.fail_on
    if worst and least and Severity[worst.upper()] >= Severity[least.upper()]:
        return FOUND
    return int(any(row["error"] for row in result.get("each", ())))  # one could not be judged


def _report(arguments: argparse.Namespace) -> None:
    source = source_of(arguments)
    _check_apart(source, arguments.output)
    done = result_of(reporting(source, arguments.output), Finished)
    if arguments.json:
        say_json(done)
        return
    print(f"{done['name']}, {counted(done['n'], 'image')}: {done['path']}")


def _rank(arguments: argparse.Namespace) -> None:
    queue = QUEUES.get(arguments.queue)
    by = arguments.by or (queue.order[0] if queue else "suspicion")
    _check_apart(request_for([arguments.project]), arguments.csv)
    about = (arguments.project, arguments.by, arguments.top, arguments.run or 0)
    rows = ranking(*about, queue=queue, where=arguments.where)
    if arguments.csv:
        n_rows = write_rows(arguments.csv, columns_by(by), rows)
        result = {"path": str(arguments.csv), "n": n_rows, "by": by}
        say_json(result) if arguments.json else print(
            f"{counted(n_rows, 'row')} in {arguments.csv}"
        )
    elif arguments.json:
        say_json({"by": by, "rows": list(rows)})
    else:
        say_rows(columns_by(by), rows)


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
    applied, skipped = counted(done["applied"], "decision"), counted(len(done["skipped"]), "row")
    print(f"{applied} applied and saved, {skipped} skipped")
    for one in done["skipped"]:
        print(f"  row {one['row']}: {one['why']}")


def _merge(arguments: argparse.Namespace) -> None:
    done = result_of(merging(arguments.project, arguments.other), Finished)
    if arguments.json:
        say_json(done)
        return
    for line in merge_lines(done):
        print(line)


def _split(arguments: argparse.Namespace) -> None:
    if arguments.as_given:
        events = taking_back(arguments.project)
    else:
        given = {name: getattr(arguments, name) or 0.0 for name in SHARES}
        shares = folds(arguments.folds) if arguments.folds else given
        kept = None if arguments.keep is None else tuple(arguments.keep)
        wish = SplitWish(shares, kept, arguments.seed or 0)
        events = splitting(arguments.project, wish)
    done = result_of(events, Finished)
    if arguments.json:
        say_json(done)
        return
    for line in split_lines(done):
        print(line)


def _remedy(arguments: argparse.Namespace) -> None:
    asks = not (arguments.yes or arguments.preview or arguments.take_back)
    do = Do.TAKE_BACK if arguments.take_back else Do.APPLY if arguments.yes else Do.PREVIEW
    done = result_of(remedying(arguments.project, arguments.finding, do), Finished)
    if asks and is_agreed(preview_lines(done)):
        done = result_of(remedying(arguments.project, arguments.finding, Do.APPLY), Finished)
        asks = False
    if arguments.json:
        say_json(done)
        return
    for line in remedy_lines(done):
        print(line)
    if asks:
        say("Nothing was changed; --yes carries it out.")


def _export(arguments: argparse.Namespace) -> None:
    remembered(Project(arguments.project, read_only=True))  # a source that was moved has a remedy
    options = {name: getattr(arguments, name) for name in ("only", "files", "sample", "top")}
    given = {name: value for name, value in options.items() if value}
    events = export(arguments.project, arguments.out, arguments.as_format, **given)
    done = result_of(events, Finished)
    if arguments.json:
        say_json(done)
        return
    print(f"{counted(done['n'], 'sample')} in {done['path']}, {done['left_out']:,} left out")
    if done["unreadable"]:
        print(f"  {done['unreadable']:,} could not be written; the manifest says why")
    if done["as"] == "predictions":
        print(f"  run {done['run']}, ids by {done['ids']}, {done['labels']}")
    print(f"  what is in it and how to read it: {done['manifest']}")


def _runs(arguments: argparse.Namespace) -> None:
    if arguments.action != "list":
        with Project(arguments.project) as project:
            if arguments.run not in run_numbers(project.runs_dir):
                remedy = f"`winnow runs {shlex.quote(str(project.path))}` lists those it has."
                raise ProjectError(f"has no run {arguments.run}", str(project.path), remedy)
            if arguments.action == "delete":
                delete_run(project.runs_dir, arguments.run)
            else:
                run_details(project.runs_dir, arguments.run)  # refuses one that is damaged
                project.save_settings({**project.settings(), "run": arguments.run})
    project = Project(arguments.project, read_only=True)
    runs = list_runs(project.runs_dir)
    if arguments.json:
        say_json({"runs": [asdict(run) for run in runs]})
        return
    is_trained = is_held(project.path / LOCK)
    for run in runs:
        held_out = run.held_out_accuracy
        state = "broken off" if run.state == RUNNING and not is_trained else run.state
        accuracy = (
            "nothing held out" if math.isnan(held_out) else f"held-out accuracy {held_out:.1%}"
        )
        print(
            f"run {run.run}: {state}, {counted(run.epochs, 'epoch')}, {accuracy}, "
            f"{run.bytes_on_disk / 1e6:.1f} MB, {run.created}"
        )
        if run.seen_otherwise:
            seen = counted(run.seen_otherwise, "image")
            print(f"  saw {seen} otherwise than they are seen now")
    if not runs:
        print(f"No runs yet. Start one: winnow train {shlex.quote(str(arguments.project))}")


def _classes(arguments: argparse.Namespace) -> None:
    merged = arguments.names if arguments.action == "merge" else ()
    done = result_of(class_list(arguments.project, merged, arguments.into), Finished)
    if arguments.json:
        say_json(done)
        return
    if done["changed"]:
        print(f"{counted(done['changed'], 'label')} changed and saved")
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


_RUN: dict[str, Callable[[argparse.Namespace], int | None]] = {
    "info": _info,
    "train": _train,
    "audit": _audit,
    "report": _report,
    "rank": _rank,
    "agreement": _agreement,
    "label": _label,
    "merge": _merge,
    "split": _split,
    "remedy": _remedy,
    "export": _export,
    "runs": _runs,
    "classes": _classes,
    "fetch": _fetch,
}
