"""A process to be killed: labels or merges at full speed, folds or exports over and over.

`python -m tests.faults.victim label|merge|fold|export PROJECT [OUT]` writes a line for each thing
that was acknowledged, and one for the error that ended it.
"""

from __future__ import annotations

import functools
import itertools
import os
import resource
import sys
from pathlib import Path

import numpy as np

from models.data.journal import Journal
from models.data.project import Project
from models.errors import WinnowError
from models.processes.folding import export, fold
from models.review.decisions import Action, Edit, Seen, log_rows

N_SAMPLES = 20_000
MERGED_STEPS = 3  # in one transaction


@functools.cache
def edit_number(step: int, n_samples: int = N_SAMPLES) -> Edit:
    """The same edit for the same step, now of one sample, now of hundreds."""
    rng = np.random.default_rng(step)
    size = int(rng.choice([1, 1, 1, 40, 400]))
    ids = np.sort(rng.choice(n_samples, min(size, n_samples), replace=False))
    n = len(ids)
    return Edit(
        step=step,
        action=np.full(n, Action.SET, np.uint8),
        sample_ids=ids,
        old_labels=np.zeros(n, np.int32),
        new_labels=rng.integers(0, 3, n).astype(np.int32),
        old_status=np.zeros(n, np.uint8),
        new_status=np.full(n, 2, np.uint8),
        seen=Seen.nothing(n),
        time_ns=step,
    )


def say(line: object) -> None:
    os.write(1, f"{line}\n".encode())


def label(journal: Journal, n_samples: int) -> None:
    for step in itertools.count(journal.next_step()):
        say(journal.append(edit_number(step, n_samples)))


def merge(journal: Journal, n_samples: int) -> None:
    """Write as merging another project does: several steps in one transaction."""
    for step in itertools.count(journal.next_step(), MERGED_STEPS):
        parts, seq = [], journal.last_seq() + 1
        for number in range(step, step + MERGED_STEPS):
            parts.append(log_rows(edit_number(number, n_samples), seq))
            seq += len(parts[-1])
        rows = np.concatenate(parts)
        journal.extend(rows, {int(rows["seq"][0]): "a note"}, ["Anna", "Ben"])
        say(seq - 1)


def main(what: str, path: Path, out: Path | None = None) -> None:
    limit = int(os.environ.get("VICTIM_FILE_BYTES", "0"))
    if limit:  # a file that may not grow stands for a full disk
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    with Project(path, create=True) as project, project.journal() as journal:
        n_samples = journal.meta("n") or N_SAMPLES
        say("ready")
        if what == "label":
            label(journal, n_samples)
        if what == "merge":
            merge(journal, n_samples)
        for round_ in itertools.count():
            if what == "fold":
                say(journal.append(edit_number(journal.next_step(), n_samples)))
                list(fold(path))
            else:
                assert out is not None
                list(export(path, out.with_name(f"{round_}-{out.name}")))
            say("done")


if __name__ == "__main__":
    try:
        main(sys.argv[1], *map(Path, sys.argv[2:]))
    except WinnowError as error:
        say(f"error {error}")
