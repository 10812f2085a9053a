"""One run once its images are in memory: first look, training, scores, and its record."""

from __future__ import annotations

import math
import platform
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from models.data.placing import replace_file
from models.data.run_writer import RunWriter
from models.data.runs import CHECKPOINT, ENDED, FAILED, RUNNING, STOPPED
from models.errors import TrainingError
from models.review.weights import balanced_weights
from models.training.batches import Batches
from models.training.checkpoints import load_checkpoint
from models.training.devices import choose_machine
from models.training.evidence import neighbour_work
from models.training.findings import findings
from models.training.fitting import Fit, out_of_memory
from models.training.learner import OF_CLASSES, Learner
from models.training.material import Material
from models.training.origin import Origin
from models.training.overfitting import OverfittingWatch, overfitting_sentence
from models.training.planning import (
    KEPT_WEIGHTS,
    LOOK_WIDTH,
    closing_work,
    decided,
    look_recipes,
    looks_work,
    main_recipe,
    new_learner,
    rescheduled,
    scoring_work,
    work_an_epoch,
)
from models.training.publishing import Publisher
from models.training.results import accuracies
from models.training.steering import Finish, Steering
from models.types import (
    EpochEnded,
    Events,
    Overfitting,
    TrainingEnded,
    TrainingStarted,
)


class Run:
    """Trains, scores and publishes; iterate `events()` once."""

    def __init__(
        self, project: Path, origin: Origin, material: Material, steering: Steering, began: float
    ) -> None:
        self._project, self._origin, self._material = project, origin, material
        self._steering, self._began = steering, began
        self._planned_s = self._besides = 0.0  # seconds before the work was planned; work
        self._config = origin.config
        batch = self._config.batch_for(len(material.trained))
        self._machine = choose_machine(
            self._config.device, self._config.threads, batch * material.pixels_an_image
        )
        self._batches = Batches(material.images.pixels, self._machine.device)
        self._writer = origin.resumed
        self._publisher: Publisher | None = None
        self._look: Fit | None = None  # the first one, until it is published
        self._fit: Fit | None = None  # the main one

    def events(self) -> Events:
        """Everything up to TrainingEnded."""
        applying = self._origin.weights is not None and self._config.epochs == 0
        if applying:
            yield from self._apply()
        elif self._material.classes_trained() < 2:
            yield from self._score_without_classes()
        else:
            yield from self._train()

    def fail(self, error: Exception) -> None:
        """Write down why this run ended; it can go on from its last checkpoint."""
        if self._writer is not None:
            self._writer.details.update(state=FAILED, error=str(error))
            with suppress(TrainingError):  # the disk may be what failed
                self._writer.save_details()

    # -- the three kinds of run -----------------------------------------------------------
    def _train(self) -> Events:
        if self._config.epochs == 0:
            raise TrainingError(
                "0 epochs train nothing", remedy="Give --from as well, or a number of epochs."
            )
        yield from self._within_memory(self._begin)
        state = ENDED
        try:
            yield from self._within_memory(self._fit_nets)
            assert self._fit is not None
            yield from _closing(self._scores.last(self._fit))
        except Finish:
            state = STOPPED
            yield from _closing(self._scores.so_far(self._look, self._fit))
        yield self._end(state)

    def _apply(self) -> Events:
        """Score a dataset by a saved model, without training."""
        assert self._origin.weights is not None
        self._material = self._material.without_training(met=self._origin.before is not None)
        self._config = replace(self._config, dtype="float32", threads=self._machine.threads)
        learner = self._learner(self._config.width, self._config.seed)
        learner.begin_with(self._saved_net())
        yield from self._start()
        self._steering.plan(scoring_work(self._material) + neighbour_work(self._material))
        yield from self._scores.apply(learner)
        yield self._end(ENDED)

    def _score_without_classes(self) -> Events:
        """Fewer than two classes to learn from: strangeness is all that can be told."""
        if len(self._material.readable) < 2:
            raise TrainingError(
                "there are not two images that can be read",
                remedy="Check the source; the project and its decisions are as they were.",
            )
        self._config = replace(
            self._config, dtype="float32", threads=self._machine.threads, epochs=0
        )
        yield from self._start()
        self._steering.plan(scoring_work(self._material) + neighbour_work(self._material))
        learner = self._learner(LOOK_WIDTH, self._config.seed)
        yield from self._scores.without_classes(learner)
        yield self._end(ENDED)

    # -- training -------------------------------------------------------------------------
    def _begin(self) -> Events:
        """Decide what was left open, which takes some steps of training, and write the run down."""
        if self._origin.resumed is None:
            spent = time.monotonic() - self._began
            begun = self._origin.weights is not None
            self._config = decided(
                self._config, self._material, self._machine, self._batches, spent, begun=begun
            )
        yield from self._start()

    def _within_memory(self, work: Callable[[], Events]) -> Events:
        """Do it; once more with half the batch if memory runs out."""
        try:
            yield from work()
            return
        except (RuntimeError, MemoryError) as error:
            if not out_of_memory(error):
                raise
        self._look = self._fit = None
        batch = self._config.batch_for(len(self._material.trained))
        self._config = replace(self._config, batch=max(2, batch // 2))
        if self._writer is not None:
            self._writer.save_details(config=self._config.to_message(), curves=[])
        try:
            yield from work()
        except (RuntimeError, MemoryError) as error:
            if not out_of_memory(error):
                raise
            raise TrainingError(
                "ran out of memory, with smaller batches too",
                remedy="Close other programs, or train a narrower net (the setting `width`).",
            ) from error

    def _fit_nets(self) -> Events:
        """The first look, unless there are weights already, then the main nets."""
        material, checkpoint = self._material, self._record.folder / CHECKPOINT
        recipe = replace(main_recipe(self._config), seed=self._origin.net_seed)
        fit = Fit(material, self._main_learner, recipe, self._steering)
        begun = self._origin.weights is not None
        goes_on = self._origin.resumed is not None and checkpoint.exists()
        if goes_on:
            fit.load(load_checkpoint(checkpoint, self._machine.device), self._record)
            last_look = look_recipes(self._config, material)[-1]
            self._scores.recall(0 if begun else sum(last_look.schedule))
        an_epoch = work_an_epoch(material)
        looks = 0.0 if begun else looks_work(self._config, material)
        self._besides = looks + scoring_work(material) + closing_work(material)
        done = looks + len(fit.curves) * an_epoch if goes_on else 0.0
        self._planned_s = time.monotonic() - self._began
        self._steering.plan(self._besides + fit.n_epochs * an_epoch, done)
        if not goes_on and not begun:
            yield from self._look_first()
        self._fit = fit
        yield from self._follow(fit)

    def _main_learner(self, net: int) -> Learner:
        """The net of a number, from 0; all begin at the saved weights, if the run has any."""
        learner = self._learner(self._config.width, self._origin.net_seed + net)
        if self._origin.weights is not None:
            learner.begin_with(self._saved_net(), KEPT_WEIGHTS)
        return learner

    def _saved_net(self) -> dict[str, torch.Tensor]:
        """The weights to begin with, of the classes that are the same now."""
        assert self._origin.weights is not None
        net: dict[str, torch.Tensor] = load_checkpoint(self._origin.weights, self._machine.device)[
            "net"
        ]
        of_classes = {name: net[name][: self._origin.n_known] for name in OF_CLASSES}
        return {**net, **of_classes}

    def _look_first(self) -> Events:
        """Small nets trained for a moment, for a first order to review by."""
        for recipe in look_recipes(self._config, self._material):
            self._look = Fit(
                self._material,
                partial(self._look_learner, recipe.seed),
                recipe,
                self._steering,
            )
            for event in self._look.epochs(None):
                if not isinstance(event, EpochEnded):
                    yield event
            yield from self._scores.look(self._look)
            self._look = None  # its averages take as much memory as those of the main nets

    def _look_learner(self, seed: int, _: int) -> Learner:
        return self._learner(LOOK_WIDTH, seed)

    def _follow(self, fit: Fit) -> Events:
        """Train the main nets, watch them, publish scores on the way."""
        watch = OverfittingWatch()
        for epoch, point in enumerate(fit.curves, 1):
            watch = OverfittingWatch() if fit.place(epoch)[1] == 1 else watch
            watch.turned_at(point["held_out_loss"])
        for event in fit.epochs(self._record):
            if not isinstance(event, EpochEnded):
                yield event
                continue
            if self._replans:
                fit.schedule = rescheduled(fit.schedule, event.epoch, self._epochs_fitting())
                self._steering.expect(self._besides + fit.n_epochs * work_an_epoch(self._material))
            yield event
            watch = OverfittingWatch() if fit.place(event.epoch)[1] == 1 else watch
            turned = watch.turned_at(event.held_out_loss)
            if turned:
                epoch = event.epoch - fit.place(event.epoch)[1] + turned
                sentence = overfitting_sentence(epoch)
                self._record.save_details(overfitting={"epoch": epoch, "sentence": sentence})
                yield Overfitting(epoch, sentence)
            if event.epoch < fit.n_epochs:
                yield from self._scores.on_the_way(fit)

    @property
    def _replans(self) -> bool:
        """Whether the schedule follows the clock: only where nothing else was asked for."""
        asked = self._origin.config
        fixed = asked.epochs or asked.nets or asked.schedule or self._origin.resumed
        return asked.minutes is not None and not fixed

    def _epochs_fitting(self) -> float:
        """How many more epochs there is time for, at the speed so far."""
        assert self._config.minutes is not None
        left = 60 * self._config.minutes - self._planned_s - self._steering.active_s
        work = left * self._steering.work_a_second - closing_work(self._material)
        return work / work_an_epoch(self._material)

    def _learner(self, width: int, seed: int) -> Learner:
        dtype = self._config.dtype or "float32"
        return new_learner(self._config, self._material, self._batches, width, dtype, seed)

    # -- the record -----------------------------------------------------------------------
    @property
    def _scores(self) -> Publisher:
        assert self._publisher is not None, "the run has not started"
        return self._publisher

    @property
    def _record(self) -> RunWriter:
        assert self._writer is not None, "the run has not started"
        return self._writer

    @property
    def _device(self) -> str:
        return self._machine.describe(self._config.dtype or "float32")

    def _start(self) -> Events:
        """Write the run down before its first step."""
        material = self._material
        if self._writer is None:
            self._writer = RunWriter.create(self._project / "runs", self._description())
            self._writer.save_array("labels", material.labels)
            self._writer.save_array("included", material.included)
            self._writer.save_array("roles", material.roles)
            is_decided = np.isin(np.arange(material.n), material.decided)
            self._writer.save_array("decided", is_decided)
            self._writer.saving(lambda: self._save_hashes(material.images.hashes))
        else:
            self._writer.save_details(state=RUNNING)
        self._publisher = Publisher(material, self._steering, self._writer, self._config.seed)
        yield TrainingStarted(
            run=self._writer.run,
            device=self._device,
            device_note=self._machine.note,
            n_train=len(material.trained),
            n_held_out=len(material.held_out),
            # From a number of minutes they are an estimate until the end.
            epochs=0 if self._config.minutes else sum(self._config.schedule or ()),
        )

    def _save_hashes(self, hashes: NDArray[np.uint8]) -> None:
        replace_file(self._project / "content_hash.npy", lambda file: np.save(file, hashes))

    def _description(self) -> dict[str, Any]:
        """What run.json says from the start."""
        return {
            "config": self._config.to_message(),
            "class_weights": self._class_weights(),
            "weights_from": self._origin.weights_from,
            "began_with": self._origin.before.run if self._origin.before else 0,
            "class_names": list(self._material.class_names),
            "split": self._origin.split,
            "image_shape": list(self._material.images.shape),
            "n_train": len(self._material.trained),
            "n_held_out": len(self._material.held_out),
            "environment": {
                "device": self._device,
                "device_note": self._machine.note,
                "torch": torch.__version__,
                "numpy": np.__version__,
                "python": platform.python_version(),
                "platform": platform.platform(),
            },
            "curves": [],
        }

    def _class_weights(self) -> dict[str, float] | None:
        """What an image of each class counts for; None where each counts the same."""
        if self._config.class_weights == "none" or not len(self._material.trained):
            return None
        weights = balanced_weights(self._material.class_sizes).tolist()
        names = self._material.class_names
        return {name: round(w, 4) for name, w in zip(names, weights, strict=True)}

    def _on_weights(self) -> list[str]:
        """That classes were weighed, in words."""
        weights = self._class_weights()
        if weights is None:
            return []
        light, heavy = min(weights, key=weights.__getitem__), max(weights, key=weights.__getitem__)
        return [
            f"Every class counted for the same in training: an image of {light} for "
            f"{weights[light]:.2g}, one of {heavy} for {weights[heavy]:.2g}. What the run says "
            "leans towards rare classes."
        ]

    def _end(self, state: str) -> TrainingEnded:
        probabilities, fit = self._scores.probabilities, self._fit
        epochs = len(fit.curves) if fit is not None else 0
        steps = epochs * math.ceil(len(self._material.trained) / fit.recipe.batch) if fit else 0
        result = {
            "project": str(self._project),
            "run": self._record.run,
            "seconds": round(time.monotonic() - self._began, 2),
            "device": self._device,
            "epochs": epochs,
            "schedule": list(fit.trained) if fit else [],
            "images_per_second": round(self._steering.images_per_second, 1),
            **accuracies(self._material, probabilities),
            "findings": findings(self._material, probabilities, steps),
        }
        result["remarks"] += self._on_weights()
        # A stop may come some epochs after the last checkpoint, from which the run can go on.
        curves = fit.curves if fit else []
        self._record.save_details(state=state, result=result, curves=curves)
        return TrainingEnded(self._record.run, result)


def _closing(scoring: Events) -> Events:
    """The last scores. Smaller batches would not help these: nothing is trained again for them."""
    try:
        yield from scoring
    except (RuntimeError, MemoryError) as error:
        if not out_of_memory(error):
            raise
        raise TrainingError(
            "ran out of memory over the last scores",
            remedy="Close other programs, then resume this run: what it has learnt is kept.",
        ) from error
