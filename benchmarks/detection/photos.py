"""Where the photos stand that are there twice, under two classes, after a run on their folder."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from benchmarks.detection.running import followed
from benchmarks.trained import SHARED
from models.opening import request_for
from models.ranking import ranking
from models.training_run import training_run

NAME = "photos-trash"
FOLDER = SHARED / "photos_trash"
MINUTES = 3.0
TWINS = (
    *("metal/metal91.jpg", "glass/glass115.jpg"),
    *("plastic/plastic332.jpg", "glass/glass389.jpg"),
    *("plastic/plastic152.jpg", "glass/glass176.jpg"),
)
AMONG_THE_FIRST = 50


def places(minutes: float, seed: int) -> dict[str, Any]:
    """The place of each of the six in the order of `winnow rank`, the first being 1.

    And by suspicion alone, in which copies under different labels do not come first.
    """
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder) / "p.winnow"
        events = training_run(request_for([FOLDER]), project, {"minutes": minutes, "seed": seed})
        run = followed(events, project / "runs")
        rows = list(ranking(project))
    by_suspicion = sorted(rows, key=lambda row: -(row["suspicion"] or 0))
    return {
        "seconds": round(run.published[-1].seconds, 2),
        "config": run.config,
        "places": _places([row["path"] for row in rows]),
        "by_suspicion": _places([row["path"] for row in by_suspicion]),
    }


def _places(paths: list[str]) -> dict[str, int]:
    return {path: paths.index(path) + 1 for path in TWINS}
