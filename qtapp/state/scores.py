"""The scores on the screen; they follow a label at once when it changes."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from models.review.decisions import Seen
from models.review.ordering import LEARNED
from models.review.reasons import reasons
from models.review.standing import Judge
from models.review.verdicts import as_labelled
from models.types import (
    UNLABELLED,
    Embedding,
    Evidence,
    LabelVector,
    Mask,
    Probs,
    SampleIds,
    Scores,
)
from qtapp.state.audit import AuditState
from qtapp.state.labels import LabelState

RESCORED_AT_ONCE = 256  # more than these would cost a frame; they wait for a worker


@dataclass(frozen=True)
class ScoreSet:
    """One set of scores, ready to show. `values` are ours to write; the rest is mapped."""

    run: int
    epoch: int
    values: dict[str, Scores]  # suspicion, loss, confidence, margin, anomaly, learned; (n,)
    predicted: LabelVector
    suggested: LabelVector
    labels: LabelVector  # the labels that were scored
    held_out: Mask
    probabilities: Probs  # (n, k)
    transition: Probs  # (k, k)
    prior: Probs  # (k, k)
    evidence: Evidence
    embedding: Embedding = field(default_factory=lambda: np.empty((0, 0), np.float32))
    class_names: tuple[str, ...] = ()  # as the run met them

    @property
    def n_classes(self) -> int:
        return int(self.probabilities.shape[1])

    def within(self, n_classes: int) -> ScoreSet:
        """The same without classes that are gone: adding them was undone after the run met them."""
        if self.n_classes <= n_classes:
            return self

        def known(codes: LabelVector) -> LabelVector:
            return np.where(codes < n_classes, codes, np.int32(UNLABELLED))

        return replace(
            self,
            predicted=known(self.predicted),
            suggested=known(self.suggested),
            probabilities=self.probabilities[:, :n_classes],
            transition=self.transition[:n_classes, :n_classes],
            prior=self.prior[:n_classes, :n_classes],
        )


class ScoreState(QObject):
    """What the model says of each sample, for its current label."""

    changed = Signal()  # another set, or none
    updated = Signal(object)  # SampleIds rescored after their label changed
    outdated = Signal(object)  # SampleIds a worker has to rescore
    stale_changed = Signal()  # is_stale changed: whoever reckons with scores may wait until then
    taught = Signal()  # what was learned from verdicts came, changed or went

    def __init__(
        self, labels: LabelState, audit: AuditState, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._labels, self._audit = labels, audit
        self.shown: ScoreSet | None = None
        self.judge: Judge | None = None  # of the set that is shown
        self._whole: ScoreSet | None = None  # with classes that may be gone
        self.is_stale = False
        self._chances: Scores | None = None  # of the labels as given, learned from verdicts
        labels.changed.connect(self.follow)
        labels.classes_changed.connect(self._follow_classes)
        labels.loaded.connect(self._forget_learned)

    @property
    def values(self) -> dict[str, Scores]:
        return self.shown.values if self.shown else {}

    @property
    def copy_group(self) -> LabelVector:
        """Exact copies, as in Evidence; empty without scores."""
        return self.shown.evidence.copy_group if self.shown else np.empty(0, np.int32)

    @property
    def queue(self) -> NDArray[np.uint8]:
        """What the run found each sample to be, as in Evidence; empty without scores."""
        return self.shown.evidence.queue if self.shown else np.empty(0, np.uint8)

    @property
    def predicted(self) -> LabelVector:
        """What the model says of each image, UNLABELLED where nobody may see it yet; empty
        without scores."""
        return self._unless_blind(self.shown.predicted) if self.shown else np.empty(0, np.int32)

    @property
    def all_suggested(self) -> LabelVector:
        """Likewise what it would rather call each image; a class may have been merged since."""
        return self._unless_blind(self.shown.suggested) if self.shown else np.empty(0, np.int32)

    @property
    def run(self) -> int:
        return self.shown.run if self.shown else 0

    def show(self, scores: ScoreSet | None) -> None:
        """Replace the whole set. It scored the labels of its time; those changed since follow.

        What was learned stays until it is learned anew from these scores.
        """
        self._whole = scores
        self.shown = scores and scores.within(self._n_known(scores))
        self.judge = Judge.of(self.shown, self._labels.classes) if self.shown else None
        self._add_learned()
        self._set_stale(False)
        self.changed.emit()
        if scores is not None and self.judge is not None:
            self.follow(self.judge.outdated(scores.labels, self._labels.labels))

    def _n_known(self, scores: ScoreSet) -> int:
        """How many classes are still those that the run met."""
        return self._labels.classes.n_known_to(scores.class_names)

    def _follow_classes(self) -> None:
        """A class was added, or merged into another, or neither any more."""
        if self._whole is None or self.shown is None or self.judge is None:
            return
        if self.shown.n_classes != min(self._whole.n_classes, self._n_known(self._whole)):
            self.show(self._whole)
            return
        before, self.judge = self.judge, Judge.of(self.shown, self._labels.classes)
        differing = self.judge.differing(before)
        if len(differing):  # images that carry the label already are judged otherwise too
            self.follow(np.flatnonzero(np.isin(self._labels.labels, differing)))

    def teach(self, chances: Scores | None) -> None:
        """Show what was learned from verdicts on the given labels; None takes it away. (n,)"""
        self._chances = chances
        self._add_learned()
        self.taught.emit()

    def seen(self, sample_ids: SampleIds) -> Seen:
        """What is on the screen for these samples, to be written beside a decision."""
        blind = self._audit.blind(sample_ids)
        if self.shown is None or blind.all():
            return Seen.nothing(len(sample_ids))
        suspicion = self.shown.values["suspicion"][sample_ids]
        suggested = self._suggested(sample_ids)
        if blind.any():
            suggested[blind], suspicion[blind] = UNLABELLED, np.nan
        return Seen(suggested, suspicion, self.shown.run)

    def shown_of(self, sample_id: int) -> ScoreSet | None:
        """The set a sample may be seen with; None for one to be judged without a suggestion."""
        return None if self._audit.is_blind(sample_id) else self.shown

    def predicted_of(self, sample_id: int) -> int:
        """What the model says of an image, in the classes as they stand; UNLABELLED if nothing, or
        if that is not to be seen. Every tile asks, however many classes were merged."""
        shown = self.shown_of(sample_id)
        if shown is None or self.judge is None:
            return UNLABELLED
        code = int(shown.predicted[sample_id])
        return code if code == UNLABELLED else int(self.judge.codes[code])

    def suggested(self, sample_id: int) -> int:
        known = self.shown_of(sample_id) is not None
        return int(self._suggested(np.array([sample_id]))[0]) if known else UNLABELLED

    def reasons(self, sample_id: int) -> list[str]:
        """What speaks against its label as it stands, in words."""
        shown = self.shown_of(sample_id)
        if shown is None or self.judge is None:
            return []
        now = self._labels
        wanted = np.array([sample_id])
        return reasons(wanted, shown, self.judge, now.labels, now.status, now.class_names)[0]

    def _unless_blind(self, codes: LabelVector) -> LabelVector:
        audited = self._audit.sample_ids
        blind = audited[self._audit.blind(audited)]
        if not len(blind):
            return codes
        seen = np.array(codes)
        seen[blind] = UNLABELLED
        return seen

    def _suggested(self, sample_ids: SampleIds) -> LabelVector:
        """Never a class that was merged since the run."""
        assert self.shown is not None
        return self._labels.classes.standing(self.shown.suggested[sample_ids])

    def put(self, sample_ids: SampleIds, values: dict[str, Scores]) -> None:
        """Write what a worker rescored."""
        if self.shown is not None:
            for name, column in values.items():
                self.shown.values[name][sample_ids] = column
            if self._chances is not None:
                learned = self._learned(self._chances, sample_ids)
                self.shown.values[LEARNED][sample_ids] = learned
            self.updated.emit(sample_ids)

    def settle(self) -> None:
        """Everything that was outdated is rescored."""
        self._set_stale(False)

    def follow(self, sample_ids: SampleIds) -> None:
        """Rescore samples for the labels they have now: at once, or by a worker if many."""
        if self.judge is None or not len(sample_ids):
            return
        if len(sample_ids) > RESCORED_AT_ONCE:
            self._set_stale(True)
            self.outdated.emit(sample_ids)
            return
        self.put(sample_ids, self.judge.judged(sample_ids, self._labels.labels[sample_ids])[0])

    def _forget_learned(self) -> None:
        self.teach(None)

    def _add_learned(self) -> None:
        """In a mapping of its own: a worker may be reading the one before."""
        if self.shown is None:
            return
        values = {name: column for name, column in self.shown.values.items() if name != LEARNED}
        if self._chances is not None:
            values[LEARNED] = self._learned(self._chances)
        self.shown = replace(self.shown, values=values)

    def _learned(self, chances: Scores, sample_ids: SampleIds | slice = slice(None)) -> Scores:
        judged = self._labels.classes.standing(self._labels.given[sample_ids])
        return as_labelled(chances[sample_ids], judged, self._labels.labels[sample_ids])

    def _set_stale(self, stale: bool) -> None:
        if stale != self.is_stale:
            self.is_stale = stale
            self.stale_changed.emit()
