"""One run once its images are in memory: first look, training, scores, and its record."""

from __future__ import annotations

import math
import platform
import time
from collections.abc import Callable, Generator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from models.data.placing import replace_file
from models.data.run_writer import RunWriter
from models.data.runs import CHECKPOINT, ENDED, FAILED, RUNNING, STOPPED
from models.errors import TrainingError
from models.scoring.dynamics import TrainingDynamics
from models.training.checkpoints import load_checkpoint
from models.training.devices import choose_machine
from models.training.evidence import (
    neighbour_work,
    of_every_set,
    of_neighbours,
    of_unlabelled,
)
from models.training.findings import findings
from models.training.fitting import Fit, out_of_memory
from models.training.learner import Learner
from models.training.material import Material
from models.training.origin import Origin
from models.training.overfitting import OverfittingWatch, overfitting_sentence
from models.training.planning import (
    FIRST_LOOK_WIDTH,
    KEPT_WEIGHTS,
    closing_work,
    decided,
    first_look_recipe,
    main_recipe,
    new_learner,
    rescheduled,
    scoring_work,
    work_an_epoch,
    work_besides_epochs,
)
from models.training.publishing import Scorer, ScoreSet
from models.training.results import accuracies
from models.training.steering import Finish, Steering
from models.types import (
    EpochEnded,
    Event,
    Events,
    Overfitting,
    Probs,
    ScoresReady,
    TrainingEnded,
    TrainingStarted,
)

_REFERENCES, _FIRST_REFERENCES = 10_000, 500  # images that anomaly compares with
_FIRST_LOOK = "first_look"  # the array of a run that keeps what the first look said
_BETWEEN_SCORES_S = 8.0
_BY_CHANCE = 2.0  # deviations of a count of images
_SHARE_FOR_SCORES = 0.05  # of the time, for what is published on the way


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
        self._writer = origin.resumed
        self._look: Fit | None = None  # the first one
        self._looked: Probs | None = None  # what it said
        self._fit: Fit | None = None  # the main one
        self._scores: ScoreSet | None = None  # the last ones published

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
        if self._origin.resumed is None:
            spent = time.monotonic() - self._began
            begun = self._origin.weights is not None
            self._config = decided(self._config, self._material, self._machine, spent, begun=begun)
        yield from self._start()
        state = ENDED
        try:
            yield from self._within_memory(self._fit_nets)
        except Finish:
            state = STOPPED
            yield from self._publish_so_far()
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
        scorer = self._scorer(0, _REFERENCES)
        yield from self._publish(scorer.by_classes(learner, None), 0, final=True)
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
        scorer = self._scorer(0, _REFERENCES)
        learner = self._learner(FIRST_LOOK_WIDTH, self._config.seed)
        yield from self._publish(scorer.without_classes(learner), 0, final=True)
        yield self._end(ENDED)

    # -- training -------------------------------------------------------------------------
    def _within_memory(self, work: Callable[[], Events]) -> Events:
        """Do it; once more with half the batch if memory runs out."""
        try:
            yield from work()
            return
        except (RuntimeError, MemoryError) as error:
            if not out_of_memory(error):
                raise
        self._fit = None
        self._config = replace(self._config, batch=max(2, (self._config.batch or 2) // 2))
        self._record.save_details(config=self._config.to_message(), curves=[])
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
            self._scores = self._record.load_scores()
            self._looked = None if begun else self._record.load_array(_FIRST_LOOK)
        an_epoch = work_an_epoch(material)
        self._besides = work_besides_epochs(material, fit.recipe.batch, begun=begun)
        done = self._besides / 2 + len(fit.curves) * an_epoch if goes_on else 0.0
        self._planned_s = time.monotonic() - self._began
        self._steering.plan(self._besides + fit.n_epochs * an_epoch, done)
        if not goes_on and not begun:
            yield from self._first_look()
        self._fit = fit
        yield from self._follow(fit)

    def _main_learner(self, net: int) -> Learner:
        """The net of a number, from 0; all begin at the saved weights, if the run has any."""
        learner = self._learner(self._config.width, self._origin.net_seed + net)
        if self._origin.weights is not None:
            learner.begin_with(self._saved_net(), KEPT_WEIGHTS)
        return learner

    def _saved_net(self) -> dict[str, torch.Tensor]:
        assert self._origin.weights is not None
        net: dict[str, torch.Tensor] = load_checkpoint(self._origin.weights, self._machine.device)[
            "net"
        ]
        return net

    def _first_look(self) -> Events:
        """A small net trained for a moment, for a first order to review by."""
        recipe = first_look_recipe(self._config, self._material)
        fit = Fit(
            self._material,
            lambda _: self._learner(FIRST_LOOK_WIDTH, self._config.seed),
            recipe,
            self._steering,
        )
        self._look = fit
        for event in fit.epochs(None):
            if not isinstance(event, EpochEnded):
                yield event
        yield from self._publish_look(fit, _FIRST_REFERENCES, final=False)
        assert self._scores is not None
        self._looked = self._scores["probabilities"]
        self._record.save_array(_FIRST_LOOK, self._looked)

    def _follow(self, fit: Fit) -> Events:
        """Train the main nets, watch them, publish scores on the way and at the end."""
        watch = OverfittingWatch()
        for epoch, point in enumerate(fit.curves, 1):
            watch = OverfittingWatch() if fit.place(epoch)[1] == 1 else watch
            watch.turned_at(point["held_out_loss"])
        due = time.monotonic() + _BETWEEN_SCORES_S
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
            if event.epoch < fit.n_epochs and time.monotonic() > due and self._is_better(fit):
                began = time.monotonic()
                yield from self._publish_refined(fit)
                took = time.monotonic() - began
                due = time.monotonic() + max(_BETWEEN_SCORES_S, took / _SHARE_FOR_SCORES)
        yield from self._publish_average(fit, _REFERENCES, final=True)

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

    # -- scores ---------------------------------------------------------------------------
    def _publish_refined(self, fit: Fit) -> Events:
        """The averages so far, with all else as it was published before."""
        if self._scores is None:  # begun from weights, without a first look
            yield from self._publish_average(fit, _FIRST_REFERENCES, final=False)
            return
        epoch = len(fit.curves)
        scores = self._scorer(epoch, 0).refined(self._scores, fit.average.mean())
        scores |= of_every_set(self._material, scores, fit.dynamics)
        self._save(scores, epoch, final=False)
        yield ScoresReady(self._record.run, epoch, False)

    def _is_better(self, fit: Fit) -> bool:
        """Whether the averages know held-out images no worse than the first look, which had a whole
        training, if a short one. (What was published since depends on the clock.)"""
        held_out = self._material.held_out
        if not fit.average.covers(self._material.trained):
            return False
        if self._looked is None or not len(held_out):
            return True
        labels = self._material.labels[held_out]
        before, now = (
            probabilities[held_out].argmax(axis=1) == labels
            for probabilities in (self._looked, fit.average.mean())
        )
        lost, won = (before & ~now).sum(), (now & ~before).sum()
        return bool(lost - won <= _BY_CHANCE * math.sqrt(lost + won))

    def _publish_look(self, fit: Fit, references: int, *, final: bool) -> Events:
        scoring = self._scorer(0, references).by_classes(fit.learner, None)
        yield from self._publish(scoring, 0, final=final)

    def _publish_average(self, fit: Fit, references: int, *, final: bool) -> Events:
        epoch, average = len(fit.curves), fit.average.mean()
        if self._looked is not None and not self._is_better(fit):
            average = self._looked.copy()
        scorer = self._scorer(epoch, references)
        scoring = scorer.by_classes(fit.settled, average)
        yield from self._publish(scoring, epoch, final=final, dynamics=fit.dynamics)

    def _publish_so_far(self) -> Events:
        """What can be told when the person asks for an end: averages, or what was published."""
        fit = self._fit
        if fit is not None and (self._scores is None or fit.average.covers(fit.material.trained)):
            yield from self._publish_average(fit, _REFERENCES, final=True)
        elif self._scores is None and self._look is not None:
            yield from self._publish_look(self._look, _REFERENCES, final=True)

    def _publish(
        self,
        scoring: Generator[Event, None, ScoreSet],
        epoch: int,
        *,
        final: bool,
        dynamics: TrainingDynamics | None = None,
    ) -> Events:
        material, scores = self._material, (yield from scoring)
        scores |= of_every_set(material, scores, dynamics)
        if final:
            scores |= yield from of_neighbours(
                material, scores["embedding"], self._steering, epoch, self._config.seed
            )
            scores |= yield from of_unlabelled(
                material, scores, self._steering, epoch, self._config.seed
            )
        self._save(scores, epoch, final=final)
        yield ScoresReady(self._record.run, epoch, final)

    def _save(self, scores: ScoreSet, epoch: int, *, final: bool) -> None:
        before, self._scores = self._scores or {}, scores
        same = {name for name, values in scores.items() if values is before.get(name)}
        self._record.save_scores(epoch, final, scores, same)

    def _scorer(self, epoch: int, references: int) -> Scorer:
        return Scorer(self._material, self._steering, epoch, references, self._config.seed)

    def _learner(self, width: int, seed: int) -> Learner:
        dtype = self._config.dtype or "float32"
        return new_learner(self._config, self._material, self._machine, width, dtype, seed)

    # -- the record -----------------------------------------------------------------------
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
            self._writer.saving(lambda: self._save_hashes(material.images.hashes))
        else:
            self._writer.save_details(state=RUNNING)
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
            "weights_from": self._origin.weights_from,
            "class_names": list(self._material.class_names),
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

    def _end(self, state: str) -> TrainingEnded:
        assert self._scores is not None
        probabilities, fit = self._scores["probabilities"], self._fit
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
        self._record.save_details(state=state, result=result)
        return TrainingEnded(self._record.run, result)
