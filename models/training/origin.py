"""Where a run comes from: its settings, and the run it goes on with or takes weights from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from models.data.run_writer import RunWriter
from models.data.runs import BEST_WEIGHTS, CHECKPOINT
from models.errors import TrainingError
from models.training.config import TrainConfig
from models.training.images import Shape
from models.types import LabelVector

if TYPE_CHECKING:
    from models.processes.training import TrainRequest


@dataclass(frozen=True)
class Origin:
    """What a run starts from. `shape` is that of the images its net was made for, if any."""

    config: TrainConfig
    resumed: RunWriter | None = None
    weights: Path | None = None
    shape: Shape | None = None

    @property
    def seed(self) -> int:
        return self.config.seed

    @classmethod
    def of(cls, request: TrainRequest) -> Origin:
        """Read what the request refers to.

        Raises TrainingError if a setting is impossible or the saved model has other classes,
        ProjectError if there is no such run.
        """
        runs_dir = Path(request.project) / "runs"
        if request.resume_run:
            writer = RunWriter.reopen(runs_dir, request.resume_run)
            config = TrainConfig.from_message(writer.details["config"])
            return cls(config, resumed=writer, shape=_shape(writer.details))
        config = TrainConfig.from_message(request.config)
        if not request.weights_from:
            return cls(config)
        folder = Path(request.weights_from)
        details = RunWriter.reopen(folder.parent, int(folder.name)).details
        if tuple(details["class_names"]) != tuple(request.class_names):
            raise TrainingError(
                "the saved model was trained on other classes",
                str(folder),
                "Give a dataset with the same class names in the same order, or train anew.",
            )
        best = folder / BEST_WEIGHTS
        config = replace(config, width=details["config"]["width"])
        weights = best if best.exists() else folder / CHECKPOINT
        return cls(config, weights=weights, shape=_shape(details))

    def labels_and_roles(self, n: int) -> tuple[LabelVector, NDArray[np.uint8]]:
        """What the resumed run trains on."""
        assert self.resumed is not None
        labels, roles = self.resumed.load_array("labels"), self.resumed.load_array("roles")
        if len(labels) != n or len(roles) != n:
            raise TrainingError(
                "the dataset has changed since this run began",
                str(self.resumed.folder),
                "Start a new run.",
            )
        return labels, roles


def _shape(details: dict[str, Any]) -> Shape:
    height, width, channels = details["image_shape"]
    return height, width, channels
