"""Publishes the scores of one run: which they are, and when they replace those before."""

from __future__ import annotations

import math
import time
from collections.abc import Generator

from models.data.run_writer import RunWriter
from models.scoring.dynamics import TrainingDynamics
from models.training.evidence import of_every_set, of_neighbours, of_unlabelled
from models.training.fitting import Fit
from models.training.learner import Learner
from models.training.material import Material
from models.training.scorer import Scorer, ScoreSet
from models.training.steering import Steering
from models.types import Event, Events, Probs, ScoresReady

_REFERENCES, _FIRST_REFERENCES = 10_000, 500  # images that anomaly compares with
_FIRST_LOOK = "first_look"  # the array of a run that keeps what the first look said
_BETWEEN_SCORES_S = 8.0
_SHARE_FOR_SCORES = 0.05  # of the time, for what is published on the way
_NOW = 0.5  # share of what a net of a first look says at last, beside its average
# What a first look counts beside epochs of the main nets, times its own epochs, squared. Average
# precision with 0, 3 and 20 after one epoch, with 0, 20 and 40 after three: Fashion-MNIST
# symmetric, beside 4 epochs, .9858, .9866, .9855 and .9858, .9892, .9894, beside 12 .9914, .9919,
# .9919; CIFAR-10N, beside 2 epochs, with 0, 3 and 20: .487, .554, .530 and .487, .639, .667.
_LOOK_COUNTS = 3.0
_BY_CHANCE = 2.0  # deviations of a count of images


class Publisher:
    """Each method yields progress and ScoresReady."""

    def __init__(
        self, material: Material, steering: Steering, writer: RunWriter, seed: int
    ) -> None:
        self._material, self._steering = material, steering
        self._writer, self._seed = writer, seed
        self._scores: ScoreSet | None = None  # the last ones published
        self._looked: Probs | None = None  # what the last of the first looks said
        self._look_counts = 0.0
        self._due = time.monotonic() + _BETWEEN_SCORES_S

    @property
    def probabilities(self) -> Probs:
        """What was published last; there must be something."""
        assert self._scores is not None
        found: Probs = self._scores["probabilities"]
        return found

    def recall(self, look_epochs: int) -> None:
        """Take up what an earlier process published of this run, after a look of so many epochs."""
        self._scores = self._writer.load_scores()
        if look_epochs:
            self._keep_look(self._writer.load_array(_FIRST_LOOK), look_epochs)

    def apply(self, learner: Learner) -> Events:
        """What a net says that is not trained here."""
        yield from self._publish(self._scorer(0, _REFERENCES).by_classes(learner, None), 0, True)

    def without_classes(self, learner: Learner) -> Events:
        """What can be told where there are not two classes."""
        yield from self._publish(self._scorer(0, _REFERENCES).without_classes(learner), 0, True)

    def look(self, fit: Fit) -> Events:
        """A first look; kept, for it counts in the averages, and they have to be as good."""
        yield from self._publish_look(fit, _FIRST_REFERENCES, final=False)
        self._keep_look(self.probabilities, len(fit.curves))
        self._writer.save_array(_FIRST_LOOK, self.probabilities)
        self._due = time.monotonic() + _BETWEEN_SCORES_S

    def on_the_way(self, fit: Fit) -> Events:
        """The averages after an epoch, if it is time for new scores and they are good enough."""
        if time.monotonic() <= self._due or not self._is_better(fit):
            return
        began = time.monotonic()
        if self._scores is None:  # begun from weights, without a first look
            yield from self._publish_average(fit, _FIRST_REFERENCES, final=False)
        else:
            yield from self._publish_refined(fit, self._scores)
        took = time.monotonic() - began
        self._due = time.monotonic() + max(_BETWEEN_SCORES_S, took / _SHARE_FOR_SCORES)

    def last(self, fit: Fit) -> Events:
        """Everything, when all nets are trained."""
        yield from self._publish_average(fit, _REFERENCES, final=True)

    def so_far(self, look: Fit | None, fit: Fit | None) -> Events:
        """What can be told when the person asks for an end: averages, or what was published."""
        if fit is not None and (self._scores is None or fit.average.covers(fit.material.trained)):
            yield from self.last(fit)
        elif self._scores is None and look is not None:
            yield from self._publish_look(look, _REFERENCES, final=True)

    def _keep_look(self, probabilities: Probs, epochs: int) -> None:
        self._looked, self._look_counts = probabilities, _LOOK_COUNTS * epochs**2

    def _average(self, fit: Fit) -> Probs:
        if self._looked is None:
            return fit.average.mean()
        return fit.average.mean_with(self._looked, self._look_counts)

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
            for probabilities in (self._looked, self._average(fit))
        )
        lost, won = (before & ~now).sum(), (now & ~before).sum()
        return bool(lost - won <= _BY_CHANCE * math.sqrt(lost + won))

    def _publish_look(self, fit: Fit, references: int, *, final: bool) -> Events:
        """By what the net says now, and by its average too if it was trained for some epochs:
        measured after three, .986 and .985 alone, .988 together (see `look_recipes`)."""
        average = fit.average.mean() if len(fit.curves) > 1 else None
        scoring = self._scorer(0, references).by_classes(fit.learner, average, _NOW)
        yield from self._publish(scoring, 0, final)

    def _publish_average(self, fit: Fit, references: int, *, final: bool) -> Events:
        epoch, average = len(fit.curves), self._average(fit)
        if self._looked is not None and not self._is_better(fit):
            average = self._looked.copy()
        scoring = self._scorer(epoch, references).by_classes(fit.settled, average)
        yield from self._publish(scoring, epoch, final, fit.dynamics)

    def _publish_refined(self, fit: Fit, before: ScoreSet) -> Events:
        """The averages so far, with all else as it was published before."""
        epoch = len(fit.curves)
        scores = self._scorer(epoch, 0).refined(before, self._average(fit))
        scores |= of_every_set(self._material, scores, fit.dynamics)
        self._save(scores, epoch, final=False)
        yield ScoresReady(self._writer.run, epoch, False)

    def _publish(
        self,
        scoring: Generator[Event, None, ScoreSet],
        epoch: int,
        final: bool,
        dynamics: TrainingDynamics | None = None,
    ) -> Events:
        material, scores = self._material, (yield from scoring)
        scores |= of_every_set(material, scores, dynamics)
        if final:
            about = (self._steering, epoch, self._seed)
            scores |= yield from of_neighbours(material, scores["embedding"], *about)
            scores |= yield from of_unlabelled(material, scores, *about)
        self._save(scores, epoch, final=final)
        yield ScoresReady(self._writer.run, epoch, final)

    def _save(self, scores: ScoreSet, epoch: int, *, final: bool) -> None:
        before, self._scores = self._scores or {}, scores
        same = {name for name, values in scores.items() if values is before.get(name)}
        self._writer.save_scores(epoch, final, scores, same)

    def _scorer(self, epoch: int, references: int) -> Scorer:
        return Scorer(self._material, self._steering, epoch, references, self._seed)
