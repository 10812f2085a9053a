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


_SEEDS_APART = 10_007


@dataclass(frozen=True)
class Origin:
    """What a run starts from. `shape` is that of the images its net was made for, if any."""

    config: TrainConfig
    resumed: RunWriter | None = None
    weights_from: str = ""  # the folder of the run they are of
    weights: Path | None = None
    shape: Shape | None = None
    before: RunWriter | None = None  # the run of the weights, if it is one of this project

    @property
    def seed(self) -> int:
        return self.config.seed

    @property
    def net_seed(self) -> int:
        """Of the nets: not that of the run they begin with, or they would repeat its steps."""
        begun_by = int(Path(self.weights_from).name) if self.weights_from else 0
        return self.config.seed + _SEEDS_APART * begun_by

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
            resumed = cls(config, resumed=writer, shape=_shape(writer.details))
            weights_from = writer.details.get("weights_from", "")
            return resumed._with_weights(weights_from, request) if weights_from else resumed
        begun = cls(TrainConfig.from_message(request.config))
        return begun._with_weights(request.weights_from, request) if request.weights_from else begun

    def _with_weights(self, weights_from: str, request: TrainRequest) -> Origin:
        folder, runs_dir = Path(weights_from), Path(request.project) / "runs"
        writer = RunWriter.reopen(folder.parent, int(folder.name))
        details = writer.details
        before = writer if folder.parent.absolute() == runs_dir.absolute() else None
        known = tuple(details["class_names"])
        # Within a project classes are only ever added, and codes never change.
        if known != request.class_names[: len(known) if before else None]:
            raise TrainingError(
                "the saved model was trained on other classes",
                str(folder),
                "Give a dataset with the same class names in the same order, or train anew.",
            )
        best = folder / BEST_WEIGHTS
        return replace(
            self,
            config=replace(self.config, width=details["config"]["width"]),
            weights_from=weights_from,
            weights=best if best.exists() else folder / CHECKPOINT,
            shape=_shape(details),
            before=before,
        )

    def labels_and_roles(self, n: int) -> tuple[LabelVector, NDArray[np.uint8]]:
        """What the resumed run trains on."""
        assert self.resumed is not None
        return self.resumed.load_array("labels"), _roles(self.resumed, n)

    def roles_before(self, n: int) -> NDArray[np.uint8] | None:
        """What the run of the weights did with each image; None if it was of other images."""
        return None if self.before is None else _roles(self.before, n)


def _roles(run: RunWriter, n: int) -> NDArray[np.uint8]:
    roles = run.load_array("roles")
    if len(roles) != n:
        raise TrainingError(
            "the dataset has changed since this run began", str(run.folder), "Start a new run."
        )
    return roles


def _shape(details: dict[str, Any]) -> Shape:
    height, width, channels = details["image_shape"]
    return height, width, channels
