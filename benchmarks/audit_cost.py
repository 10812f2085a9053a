"""What `winnow audit` costs on 60,000 images of Fashion-MNIST and 50,000 of CIFAR-10.

python -m benchmarks audit_cost [--json] [--dataset D ...] [--all] [--peer PYTHON]

Of these, 10,000 are the test images; --all takes all training images, 70,000 and 60,000 in all.
Each dataset is audited by the whole program: without a run (it trains one for a quarter of its
minutes), with that run, and quickly. Then every check is measured by itself, in a process that has
its libraries loaded and the run at hand: its peak memory stands above these libraries, images
included.

`--peer` is the interpreter of an environment with cleanlab[datalab,image]. Datalab then looks at
the training images with the probabilities and the embedding of that run, cleanvision inside it.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.detection.running import processor_seconds
from benchmarks.report import Row
from benchmarks.trained import Dataset, cifar, cifar_test, fashion, fashion_test
from models.auditing import auditing
from models.data.runs import load_scores
from models.types import Finished, OpenRequest

_MINUTES, _MUST_S, _QUICK_S = 2.0, 120.0, 20.0
_MEMORY_MB = 512.0  # above the libraries and the images
_CHILD, _PEER = "benchmarks.audit_cost_child", Path(__file__).with_name("datalab_child.py")
_SOURCES = {"fashion": (fashion, fashion_test), "cifar10": (cifar, cifar_test)}
_IMAGES = {"fashion": 60_000, "cifar10": 50_000}

Line = dict[str, Any]


def measure(arguments: Sequence[str] = ()) -> list[Row]:
    """Audit each dataset in three ways, then check by check."""
    parser = argparse.ArgumentParser("python -m benchmarks audit_cost")
    parser.add_argument("--dataset", action="append", choices=_SOURCES, help="(all)")
    parser.add_argument("--all", action="store_true", help="70,000 and 60,000 images")
    parser.add_argument("--peer", type=Path, metavar="PYTHON")
    asked = parser.parse_args(arguments)
    rows: list[Row] = []
    for name in asked.dataset or _SOURCES:
        try:
            train, test = (read() for read in _SOURCES[name])
        except FileNotFoundError:
            rows.append(Row.skipped(name, "skipped: ../shared/data is not on this machine"))
            continue
        if not asked.all:
            kept = _IMAGES[name] - len(test[1])
            train = train[0][:kept], train[1][:kept]
        with tempfile.TemporaryDirectory() as folder:
            rows += _Costs(name, Path(folder), train, test).rows(asked.peer)
    return rows


@dataclass(frozen=True)
class _Costs:
    name: str
    folder: Path
    train: Dataset
    test: Dataset

    def rows(self, peer: Path | None) -> Iterator[Row]:
        splits: dict[str, Any] = {"x_train": self.train[0], "y_train": self.train[1]}
        splits |= {"x_test": self.test[0], "y_test": self.test[1]}
        np.savez(self.folder / "splits.npz", **splits)
        yield from self._whole("no run yet", "slow.winnow", at_most=_MUST_S)
        yield from self._whole("with a run", "slow.winnow", at_most=_MUST_S)
        yield from self._whole("quick, no run yet", "quick.winnow", at_most=_QUICK_S, quick=True)
        n_bytes = sum(images.nbytes for images, _ in (self.train, self.test))
        yield from self._checks(n_bytes / 2**20)
        if peer is not None:
            yield from self._peer(peer)

    def _whole(
        self, how: str, project: str, *, at_most: float, quick: bool = False
    ) -> Iterator[Row]:
        """Seconds by the clock and of processors, all children together."""
        began, before = time.monotonic(), processor_seconds()
        request = OpenRequest((str(self.folder / "splits.npz"),))
        result: Mapping[str, Any] = {}
        for event in auditing(request, self.folder / project, minutes=_MINUTES, quick=quick):
            if isinstance(event, Finished):
                result = event.result
        seconds, processor_s = time.monotonic() - began, processor_seconds() - before
        what = f"{self.name}, {how}"
        yield Row.value_of(what, seconds, "s", at_most=at_most)
        yield Row.value_of(f"{what}, of processors", processor_s, "s")
        if result["partial"]:
            yield Row.skipped(f"{what}: not finished", ", ".join(result["unfinished"]))

    def _checks(self, images_mb: float) -> Iterator[Row]:
        lines = _lines([sys.executable, "-m", _CHILD, str(self.folder / "slow.winnow")])
        for line in lines:
            what = f"{self.name}, {line['check']}"
            yield Row.value_of(what, line["seconds"], "s")
            yield Row.value_of(f"{what}, of processors", line["processor_s"], "s")
            yield Row.value_of(f"{what}, peak memory", line["peak_mb"] - images_mb, "MB")
        peak = max(line["peak_mb"] for line in lines) - images_mb
        yield Row.value_of(f"{self.name}, peak memory", peak, "MB", at_most=_MEMORY_MB)

    def _peer(self, python: Path) -> Iterator[Row]:
        """Datalab on what the run says of the training split."""
        scores = load_scores(self.folder / "slow.winnow" / "runs", 1)
        assert scores is not None
        images, labels = self.train
        given = self.folder / "given.npz"
        known = {"probabilities": scores.probabilities, "embedding": scores.embedding}
        of_train = {name: np.asarray(values)[: len(labels)] for name, values in known.items()}
        np.savez(given, images=images, labels=labels, **of_train)  # type: ignore[arg-type]
        for line in _lines([str(python), str(_PEER), str(given)]):
            what = f"{self.name}, Datalab"
            yield Row.value_of(what, line["seconds"], "s")
            yield Row.value_of(f"{what}, of processors", line["processor_s"], "s")
            yield Row.value_of(f"{what}, peak memory", line["peak_mb"], "MB")
            yield Row.skipped(f"{what}: named", ", ".join(line["kinds"]) or "nothing")


def _lines(command: Sequence[str]) -> list[Line]:
    """The JSON lines that a program prints."""
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
