"""What was learned from the person's verdicts, and what it lets expect."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from models.review.learning import MIN_OF_EACH, MIN_VERDICTS, Learned
from models.review.verdicts import WORDS, Ahead


class LearningState(QObject):
    """The last fit to the verdicts; its order is a column of ScoreState."""

    changed = Signal()
    learned_first = Signal()  # since the dataset was opened
    ahead_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.fit: Learned | None = None
        self.ahead: Ahead | None = None
        self._has_learned = False

    @property
    def has_order(self) -> bool:
        """Whether there is something to sort by."""
        return self.fit is not None and self.fit.learned

    @property
    def reason(self) -> str:
        """Why the learned order is in use, or what is missing, as a sentence."""
        if self.fit is not None:
            return self.fit.reason
        return self.tr(
            "Nothing learned yet: it takes {n} verdicts, {each} on right and {each} on wrong "
            "labels."
        ).format(n=MIN_VERDICTS, each=MIN_OF_EACH)

    @property
    def lessons(self) -> list[str]:
        """What the decisions taught most, as phrases."""
        return self.fit.lessons(WORDS) if self.fit else []

    @property
    def weights(self) -> list[tuple[str, float]]:
        """Each feature in words with its weight in standard deviations, the strongest first."""
        weights = self.fit.weights if self.fit else {}
        return [(WORDS[name], weight) for name, weight in weights.items()]

    def accept(self, fit: Learned) -> None:
        """Take over what a worker learned."""
        self.fit = fit
        self.changed.emit()
        if fit.learned and not self._has_learned:
            self._has_learned = True
            self.learned_first.emit()

    def expect(self, ahead: Ahead | None) -> None:
        if ahead != self.ahead:
            self.ahead = ahead
            self.ahead_changed.emit()

    def reset(self) -> None:
        """Another dataset, or none."""
        self.fit, self._has_learned = None, False
        self.changed.emit()
        self.expect(None)
