"""Runs benchmarks: `python -m benchmarks NAME ... [--json]`, or all of them.

`python -m benchmarks NAME [--json] OPTIONS...` gives a benchmark options of its own.
"""

from __future__ import annotations

import argparse
import importlib
import inspect
import json
import pkgutil
import sys

import benchmarks
from benchmarks.report import to_json, to_words

_HELPERS = frozenset(
    {
        *("__main__", "bare_sqlite", "bare_torch", "damage", "noise", "report", "results"),
        *("sources", "timing", "trained", "window"),
        *("audit_cost_child", "datalab_child"),
        *("session_window", "views_peer", "views_run", "views_window"),
    }
)


def names() -> dict[str, str]:
    """Name -> module. A benchmark is a module with `measure() -> list[Row]`; one that has options
    takes them as `measure(arguments)`."""
    modules = {module.name for module in pkgutil.iter_modules(benchmarks.__path__)} - _HELPERS
    return {module.rstrip("_"): f"benchmarks.{module}" for module in sorted(modules)}


def main() -> int:
    """Run what was named; 1 if a promise was not met."""
    known = names()
    parser = argparse.ArgumentParser("python -m benchmarks")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"all, {', '.join(known)}")
    parser.add_argument("--json", action="store_true", help="print JSON instead of tables")
    arguments, own = parser.parse_known_args()
    wanted = list(known) if "all" in arguments.names else arguments.names
    if unknown := set(wanted) - known.keys():
        parser.error(f"no benchmark is called {', '.join(sorted(unknown))}")
    if not wanted:
        print("\n".join(known))
        return 0
    if own and (len(wanted) > 1 or not _takes_options(known[wanted[0]])):
        parser.error(f"unknown: {' '.join(own)}")
    results, all_met = [], True
    for name in wanted:
        print(f"measuring {name} ...", file=sys.stderr)
        rows = importlib.import_module(known[name]).measure(*([own] if own else []))
        all_met = all_met and all(row.met is not False for row in rows)
        results.append(to_json(name, rows))
        if not arguments.json:
            print(f"{to_words(name, rows)}\n")
    if arguments.json:
        print(json.dumps(results[0] if len(results) == 1 else results, indent=2))
    return 0 if all_met else 1


def _takes_options(module: str) -> bool:
    return bool(inspect.signature(importlib.import_module(module).measure).parameters)


if __name__ == "__main__":
    sys.exit(main())
