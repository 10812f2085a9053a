"""A benchmark's figures, each beside its reference and what was promised."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Self

from benchmarks.timing import Comparison

_LIBRARIES = ("PySide6-Essentials", "numpy", "torch", "h5py", "scikit-learn")


@dataclass(frozen=True)
class Row:
    """One figure. `met` is None where nothing was promised, or it could not be measured."""

    what: str
    value: float | None
    unit: str
    reference: float | None = None
    ratio: float | None = None
    spread: tuple[float, float] | None = None  # of the ratio, or of the value without one
    must: str = ""
    met: bool | None = None
    note: str = ""
    name: str = ""  # under which `--json` gives the value by itself as well

    @classmethod
    def ratio_of(
        cls,
        what: str,
        comparison: Comparison,
        unit: str,
        *,
        at_most: float | None = None,
        at_least: float | None = None,
    ) -> Self:
        """A figure beside its reference; what is promised is their ratio."""
        must, met = _promise(comparison.ratio, at_most, at_least, "x")
        return cls(
            what,
            comparison.median_a,
            unit,
            comparison.median_b,
            comparison.ratio,
            comparison.spread,
            must,
            met,
        )

    @classmethod
    def value_of(
        cls,
        what: str,
        value: float,
        unit: str,
        *,
        spread: tuple[float, float] | None = None,
        reference: float | None = None,
        at_most: float | None = None,
        at_least: float | None = None,
    ) -> Self:
        """A figure that is promised as it stands."""
        must, met = _promise(value, at_most, at_least, f" {unit}" if unit else "")
        return cls(what, value, unit, reference=reference, spread=spread, must=must, met=met)

    @classmethod
    def skipped(cls, what: str, why: str) -> Self:
        """A figure that cannot be measured here."""
        return cls(what, None, "", note=why)


def to_json(name: str, rows: Sequence[Row]) -> dict[str, Any]:
    """The result of one benchmark as `--json` prints it."""
    figures = {row.name: row.value for row in rows if row.name}
    rows_as_json = [asdict(row) for row in rows]
    return {"name": name, **figures, "rows": rows_as_json, "machine": machine()}


def to_words(name: str, rows: Sequence[Row]) -> str:
    """The result of one benchmark as a table, also for docs/benchmarks.md."""
    lines = [
        f"### {name}",
        "",
        "| what | measured | reference | ratio | spread | must | met |",
        "|---|---|---|---|---|---|---|",
    ]
    lines += [f"| {' | '.join(_cells(row))} |" for row in rows]
    return "\n".join(lines)


def machine() -> dict[str, Any]:
    """Where the figures were measured."""
    return {
        "cpu": _cpu(),
        "cores": os.cpu_count(),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9, 1),
        "system": platform.platform(),
        "python": platform.python_version(),
        **{name: version(name) for name in _LIBRARIES},
    }


def _promise(
    figure: float, at_most: float | None, at_least: float | None, unit: str
) -> tuple[str, bool | None]:
    if at_most is not None:
        return f"<= {at_most:g}{unit}", figure <= at_most
    if at_least is not None:
        return f">= {at_least:g}{unit}", figure >= at_least
    return "", None


def _cells(row: Row) -> list[str]:
    if row.value is None:
        return [row.what, row.note, "", "", "", "", ""]
    met = {True: "yes", False: "**no**", None: ""}[row.met]
    spread = "–".join(_figure(end) for end in row.spread) if row.spread else ""
    return [
        row.what,
        f"{_figure(row.value)} {row.unit}".strip(),
        f"{_figure(row.reference)} {row.unit}".strip() if row.reference is not None else "",
        f"{row.ratio:.2f}x" if row.ratio is not None else "",
        spread,
        row.must,
        met,
    ]


def _figure(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1_000 else f"{value:.3g}"


def _cpu() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor()
