"""Where a run comes from: its settings, and the run it goes on with or takes weights from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from models.data.run_writer import RunWriter
from models.data.runs import BEST_WEIGHTS, CHECKPOINT, number_in, run_folder, split_digest
from models.errors import TrainingError
from models.training.config import TrainConfig
from models.training.images import Shape
from models.types import LabelVector, OpenRequest

if TYPE_CHECKING:
    from models.processes.training import TrainRequest


_SEEDS_APART = 10_007


@dataclass(frozen=True)
class Origin:
    """What a run starts from. `shape` is that of the images its net was made for, if any."""

    config: TrainConfig
    class_names: tuple[str, ...]  # those a resumed run began with: its net knows no others
    split: str  # split_digest of the splits it sees
    resumed: RunWriter | None = None
    weights_from: str = ""  # the folder of the run they are of
    weights: Path | None = None
    shape: Shape | None = None
    before: RunWriter | None = None  # the run of the weights, if it is one of this project
    n_known: int = 0  # so many classes, the first ones, are the same to the weights

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

        Raises TrainingError if a setting is impossible, the saved model has other classes or the
        run to resume other splits, ProjectError if there is no such run.
        """
        runs_dir = Path(request.project) / "runs"
        split = split_digest(OpenRequest.from_message(request.source).assignment)
        if request.resume_run:
            writer = RunWriter.reopen(runs_dir, request.resume_run)
            origin = cls._of_resumed(writer, split)
            weights_from = writer.details.get("weights_from", "")
            if writer.details.get("began_with"):  # of this project, wherever it lies by now
                weights_from = str(run_folder(runs_dir, writer.details["began_with"]))
        else:
            origin = cls(TrainConfig.from_message(request.config), request.class_names, split)
            weights_from = request.weights_from
        return origin._with_weights(weights_from, runs_dir) if weights_from else origin

    @classmethod
    def _of_resumed(cls, writer: RunWriter, split: str) -> Origin:
        details = writer.details
        if details.get("split", split) != split:  # its roles are those of other splits
            raise TrainingError(
                "the dataset was split anew since this run began",
                str(writer.folder),
                "Start a new run.",
            )
        config, known = TrainConfig.from_message(details["config"]), tuple(details["class_names"])
        return cls(config, known, split, resumed=writer, shape=_shape(details))

    def _with_weights(self, weights_from: str, runs_dir: Path) -> Origin:
        folder = Path(weights_from)
        writer = RunWriter.reopen(folder.parent, int(folder.name))
        details = writer.details
        before = writer if number_in(runs_dir, folder) else None
        known = tuple(details["class_names"])
        n_alike = _n_alike(known, self.class_names)
        # Within a project codes never change: classes are added, and the last ones taken back.
        if known != self.class_names and not (before and n_alike):
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
            n_known=n_alike,
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


def _n_alike(known: tuple[str, ...], now: tuple[str, ...]) -> int:
    """How many classes are the same from the first one on."""
    return sum(1 for _ in takewhile(lambda both: both[0] == both[1], zip(known, now, strict=False)))


def _shape(details: dict[str, Any]) -> Shape:
    height, width, channels = details["image_shape"]
    return height, width, channels
