"""How many wrong labels come first: many datasets, many kinds of noise, beside cleanlab.

python -m benchmarks detection [--json] [--only SETTING ...] [--seed S] [--minutes M] [--peer]
    [--results FILE] [--keep FOLDER]

The whole table takes hours. Every finished measurement is added to a file and not measured again;
remove the file, or name another, after a change to the program.

fashion-symmetric, fashion-asymmetric, fashion-instance and cifar10n-aggregate were looked at, on
another draw of their noise, while recipe and scores were chosen. All other settings are reported
untouched.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence

from benchmarks.detection import photos
from benchmarks.detection.judging import judged
from benchmarks.detection.options import Options, parse
from benchmarks.detection.peer import cross_validated
from benchmarks.detection.photos import places
from benchmarks.detection.rows import overall, rows_of, rows_of_photos
from benchmarks.detection.running import keep, trained
from benchmarks.detection.settings import Setting, settings
from benchmarks.report import Row
from benchmarks.results import Key, Line, Results


def measure(arguments: Sequence[str] = ()) -> list[Row]:
    """Train on each setting, unless its result is there already, and show them all."""
    every = settings()
    options = parse(arguments, [*every, photos.NAME])
    results = Results(options.results)
    rows, lines = [], []
    for setting in every.values():
        if options.only and setting.name not in options.only:
            continue
        if not setting.is_here:
            rows.append(Row.skipped(setting.name, "skipped: ../shared/data is not on this machine"))
            continue
        lines.append(_run(setting, options, results))
        peer = _peer(setting, options, results) if options.peer else None
        rows += rows_of(setting, lines[-1], peer)
    if not options.only or photos.NAME in options.only:
        rows += _rows_of_photos(options, results)
    return [*rows, *overall(lines)]


def _run(setting: Setting, options: Options, results: Results) -> Line:
    minutes = options.minutes or setting.minutes
    key = Key("run", setting.name, options.seed, minutes)

    def measured() -> Line:
        noisy = setting.noisy(options.seed)
        run = trained(noisy, minutes, options.seed)
        if options.keep:
            keep(run, noisy, options.keep / f"{setting.name}-{options.seed}-{minutes:g}min")
        return judged(run, noisy, options.seed)

    return _once(key, results, measured)


def _peer(setting: Setting, options: Options, results: Results) -> Line:
    minutes = options.minutes or setting.minutes
    key = Key("peer", setting.name, options.seed, minutes)
    return _once(
        key,
        results,
        lambda: cross_validated(setting.noisy(options.seed), minutes, options.seed),
    )


def _rows_of_photos(options: Options, results: Results) -> list[Row]:
    if not photos.FOLDER.is_dir():
        return [Row.skipped(photos.NAME, "skipped: ../shared/data is not on this machine")]
    minutes = options.minutes or photos.MINUTES
    key = Key("run", photos.NAME, options.seed, minutes)
    return rows_of_photos(_once(key, results, lambda: places(minutes, options.seed)))


def _once(key: Key, results: Results, measured: Callable[[], Line]) -> Line:
    found = results.find(key)
    if found is None:
        print(f"{key.setting}: {key.what}, {key.minutes:g} min ...", file=sys.stderr)
        found = results.add(key, measured())
    return found
