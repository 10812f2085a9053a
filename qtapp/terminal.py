"""What the command line prints: results on stdout, progress and errors on stderr."""

from __future__ import annotations

import csv
import io
import json
import math
import os
import signal
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from itertools import chain
from pathlib import Path
from types import FrameType
from typing import IO, Any

from models.data.cells import guarded
from models.errors import WinnowError
from models.processes.child import Controls
from models.types import (
    ChecksBegun,
    EpochEnded,
    Event,
    Events,
    Finished,
    Overfitting,
    Progress,
    TrainingEnded,
    TrainingProgress,
    TrainingStarted,
)

_CLEAR_LINE = "\r\x1b[K"


def ready_streams() -> None:
    """See to it that everything can be printed, before anything is opened.

    In place of a stream that was closed (`winnow info P >&-`) there is one that leads nowhere:
    else the next file to be opened takes its number, and gets what libraries print. A name that
    the terminal cannot show is escaped, as on stderr.
    """
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            nowhere = os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free
            os.set_inheritable(nowhere, True)
            setattr(sys, name, os.fdopen(nowhere, "w" if number else "r", encoding="utf-8"))
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")


def result_of(events: Events, last: type[Finished] | type[TrainingEnded]) -> dict[str, Any]:
    """Show the progress of long work on stderr and return its result."""
    is_terminal = sys.stderr.isatty()
    with closing(events):
        for event in events:
            if isinstance(event, last):
                if is_terminal:
                    _write(_CLEAR_LINE)
                return event.result
            lasting, passing = _in_words(event)
            if is_terminal and (lasting or passing):
                _write(f"{_CLEAR_LINE}{lasting}\n" if lasting else f"{_CLEAR_LINE}{passing}")
            elif lasting:
                say(lasting)
    raise AssertionError(f"the work ended without {last.__name__}")


def finished_on_interrupt(events: Events, controls: Controls) -> Events:
    """The events of an audit. Once its checks have begun, the first Ctrl+C asks it to finish with
    what it has found; the next one ends the program."""
    usual = signal.getsignal(signal.SIGINT)

    def finish(_signal: int, _frame: FrameType | None) -> None:
        signal.signal(signal.SIGINT, usual)
        controls.send("finish")
        say(f"{_CLEAR_LINE if sys.stderr.isatty() else ''}Finishing. Ctrl+C again stops at once.")

    try:
        with closing(events):
            for event in events:
                if isinstance(event, ChecksBegun):
                    signal.signal(signal.SIGINT, finish)
                yield event
    finally:
        signal.signal(signal.SIGINT, usual)


@contextmanager
def while_it_is_read() -> Iterator[None]:
    """Print a result. Whoever reads it may have seen enough: `winnow rank P | head`."""
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        _let_go_of(sys.stdout)


def counted(n: int, what: str) -> str:
    """1 image, 2,000 images."""
    return f"{n:,} {what}{'s' * (n != 1)}"


def say(line: str) -> None:
    """A line for the person, beside the result."""
    _write(f"{line}\n")


def is_agreed(lines: Iterable[str]) -> bool:
    """Show some lines and ask whether to go on; no where nobody is there to ask."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return False
    for line in lines:
        say(line)
    _write("Carry it out? [y/N] ")
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def say_json(result: Mapping[str, Any]) -> None:
    """The result as one JSON document; a number that is not one becomes null."""
    _print_in_utf8()
    sys.stdout.write(json_text(result))


def json_text(result: Mapping[str, Any]) -> str:
    return json.dumps(_plain(result), ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def say_rows(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> None:
    """A ranking as CSV; `columns` are the keys of its rows."""
    _print_in_utf8()
    _write_csv(sys.stdout, columns, rows)


def write_rows(path: Path, columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> int:
    """The same as a file, complete or not at all; how many rows it has.

    Raises WinnowError if it cannot be written, or would replace something that is no CSV.
    """
    if path.exists() and path.suffix.lower() != ".csv":
        raise WinnowError("is there already, and is no CSV", str(path), "Choose another name.")
    new = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        with open(new, "x", newline="", encoding="utf-8") as file:
            n_rows = _write_csv(file, columns, rows)
        os.replace(new, path)
    except OSError as error:
        raise WinnowError(
            f"cannot be written ({error.strerror})", str(path), "Choose another place."
        ) from error
    finally:
        if new.exists():  # else a disk that is only read would have the last word
            new.unlink(missing_ok=True)
    return n_rows


def _write_csv(file: IO[str], columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> int:
    rows, n_rows = iter(rows), 0
    first = next(rows, None)  # before anything is written: until then it may still fail
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(columns)
    for row in chain(() if first is None else (first,), rows):
        cells = (row[name] for name in columns)
        writer.writerow(guarded(cell) if isinstance(cell, str) else cell for cell in cells)
        n_rows += 1
    return n_rows


def _in_words(event: Event) -> tuple[str, str]:
    """What stays on the screen, and what the next event may replace."""
    if isinstance(event, TrainingStarted):
        note = f" ({event.device_note})" if event.device_note else ""
        held_out = f", {event.n_held_out:,} held out" if event.n_held_out else ""
        images = counted(event.n_train, "image")
        return f"Run {event.run} on {event.device}{note}: {images}{held_out}.", ""
    if isinstance(event, EpochEnded):
        accuracy = event.held_out_accuracy
        beside = "" if math.isnan(accuracy) else f", held out {accuracy:.1%}"
        return f"epoch {event.epoch}: accuracy {event.train_accuracy:.1%}{beside}", ""
    if isinstance(event, Overfitting):
        return event.sentence, ""
    if isinstance(event, TrainingProgress):
        speed = f", {event.images_per_second:,.0f} images/s" if event.images_per_second else ""
        return "", f"{event.phase} {event.done:.0%}{speed}{_left(event.seconds_left)}"
    if isinstance(event, Progress):
        share = f" {event.done / event.total:.0%}" if event.total else ""
        return "", f"{event.doing}{share}{_left(event.seconds_left)}"
    return "", ""


def _left(seconds: float) -> str:
    return "" if math.isnan(seconds) else f", {seconds:.0f} s left"


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value


def _write(text: str) -> None:
    try:
        sys.stderr.write(text)
        sys.stderr.flush()
    except BrokenPipeError:  # the work goes on, whoever follows it or not
        _let_go_of(sys.stderr)


def _print_in_utf8() -> None:
    """What another program reads is in UTF-8, whatever the terminal understands."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")


def _let_go_of(stream: IO[str]) -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
