"""Which damage `winnow audit` names, and how often it accuses clean data.

python -m benchmarks audit [--json] [--only KIND ...] [--dataset D ...] [--size N-STRENGTH ...]
    [--seed S] [--quick] [--results FILE]

The whole table takes hours. Every finished audit is added to a file and not made again; remove the
file, or name another, after a change to the program. `--quick` takes 300 images a split, middle
strength alone and a few clean draws.

Damage to labels, and every tenth clean draw, is audited by the whole program: a file, a project, a
run of the trainer, the auditor child. All else is audited in this process, without a run.

Seed 0 is the one that checks were tuned on, at n = 300 and n = 1,000; all others are reported
untouched.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from benchmarks.audit.cases import Case, Draws, every_case
from benchmarks.audit.judging import judged
from benchmarks.audit.options import parse
from benchmarks.audit.rows import rows_of
from benchmarks.audit.running import audited
from benchmarks.report import Row
from benchmarks.results import Key, Line, Results


def measure(arguments: Sequence[str] = ()) -> list[Row]:
    """Audit each case, unless its result is there already, and count."""
    options = parse(arguments)
    results, draws = Results(options.results), Draws()
    rows, lines = [], []
    for dataset in options.datasets:
        if not draws.has(dataset):
            rows.append(Row.skipped(dataset, "skipped: ../shared/data is not on this machine"))
            continue
        for case in every_case(dataset, options):
            lines.append(once(case, draws, results))
    return [*rows, *rows_of(lines)]


def once(case: Case, draws: Draws, results: Results) -> Line:
    """The judged audit of a case, made unless it is there."""
    key = Key("audit", case.name, case.seed)
    found = results.find(key)
    if found is None:
        print(f"{case.name} ...", file=sys.stderr)
        triplet, damages = case.made(draws)
        result, seconds = audited(triplet, whole=case.whole)
        about = {**case.to_line(), "seconds": seconds}
        found = results.add(key, {**about, **judged(result, damages)})
    return found
