"""Trains through the product and keeps every order it publishes, with the time it took."""

from __future__ import annotations

import os
import resource
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.detection.settings import Noisy
from benchmarks.trained import events_of_run
from models.data.runs import load_scores, run_details
from models.types import Event, Evidence, Probs, RunScores, Scores, ScoresReady, TrainingEnded

_TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Published:
    """One set of scores as it was published. What reasons alone need is left out."""

    seconds: float  # since the run was started
    processor_s: float  # of the children until then
    epoch: int
    final: bool
    probabilities: Probs
    transition: Probs
    prior: Probs
    evidence: Evidence
    by_name: dict[str, Scores]  # suspicion, loss, confidence, margin, anomaly


@dataclass(frozen=True)
class Trained:
    """A run from its start to its end."""

    published: list[Published]
    config: dict[str, Any]
    result: dict[str, Any]  # what `winnow train --json` says


def trained(noisy: Noisy, minutes: float, seed: int) -> Trained:
    """Train on the wrong labels as a person would; the run is thrown away."""
    with tempfile.TemporaryDirectory() as folder:
        events = events_of_run(
            Path(folder), noisy.images, noisy.labels, {"minutes": minutes, "seed": seed}
        )
        return followed(events, Path(folder) / "p.winnow" / "runs")


def followed(events: Iterator[Event], runs_dir: Path) -> Trained:
    """The events of one run, to their end. Nothing is judged meanwhile: it would cost time."""
    published, began, before = [], time.monotonic(), processor_seconds()
    for event in events:
        if isinstance(event, ScoresReady):
            seconds, spent = time.monotonic() - began, processor_seconds() - before
            scores = load_scores(runs_dir, event.run)
            assert scores is not None
            published.append(_kept(scores, seconds, spent, final=event.final))
        elif isinstance(event, TrainingEnded):
            return Trained(published, run_details(runs_dir, event.run)["config"], event.result)
    raise AssertionError("a run ends with TrainingEnded")


def processor_seconds() -> float:
    """What the children of this process have spent so far, those that ended included (Linux)."""
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = ended.ru_utime + ended.ru_stime
    for listed in Path("/proc/self/task").glob("*/children"):
        for pid in listed.read_text().split():
            # After the name, which ends with the last bracket: user, system, and of its children.
            fields = Path("/proc", pid, "stat").read_text().rpartition(")")[2].split()
            spent += sum(int(ticks) for ticks in fields[11:15]) / _TICKS_A_SECOND
    return spent


def _kept(scores: RunScores, seconds: float, processor_s: float, *, final: bool) -> Published:
    nothing = Evidence.none(len(scores.labels))
    found = scores.evidence
    return Published(
        seconds,
        processor_s,
        scores.epoch,
        final,
        np.array(scores.probabilities),
        np.array(scores.transition),
        np.array(scores.prior),
        replace(nothing, copy_group=np.array(found.copy_group), by_name=_copies(found.by_name)),
        _copies(scores.by_name),
    )


def _copies(arrays: dict[str, Scores]) -> dict[str, Scores]:
    return {name: np.array(values) for name, values in arrays.items()}


def keep(run: Trained, noisy: Noisy, folder: Path) -> None:
    """Everything that was published, an .npz each, to compare scores later without training."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, published in enumerate(run.published):
        arrays: dict[str, Any] = {
            "labels": noisy.labels,
            "wrong": noisy.wrong,
            "seconds": np.array(published.seconds),
            "probabilities": published.probabilities,
            "transition": published.transition,
            "prior": published.prior,
            "copy_group": published.evidence.copy_group,
            **published.by_name,
            **published.evidence.by_name,
        }
        np.savez(folder / f"{number:02d}.npz", **arrays)
