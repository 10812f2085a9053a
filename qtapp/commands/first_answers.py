"""One image at a time: the person answers first, then sees what the model suggests."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from models.review.decisions import Action
from models.review.session import EXCLUDED
from models.types import UNLABELLED
from qtapp.commands.edits import Edits
from qtapp.state.audit import UNDECIDED
from qtapp.state.labels import LabelState
from qtapp.state.scores import ScoreState
from qtapp.state.selection import NOTHING, SelectionState
from qtapp.state.view import SINGLE, ViewState

_ANSWERING = (Action.KEEP, Action.SET, Action.EXCLUDE)  # these say what the image is


@dataclass(frozen=True)
class FirstAnswer:
    """A key that decides, pressed while the suggestion was hidden."""

    action: Action
    label: int = UNLABELLED  # for SET alone
    outcome: int = UNLABELLED  # the class it would give the image, or EXCLUDED

    @property
    def excludes(self) -> bool:
        return self.outcome == EXCLUDED


class FirstAnswers(QObject):
    """Stands between the deciding keys and Edits, and passes them on unless it is wished for.

    Then the suggestion of an undecided image is hidden until a key answers: that answer is noted
    and the suggestion shown. The next deciding key decides, the same one or another. A decision
    that is what was answered first is recorded like one made without a suggestion.
    """

    changed = Signal()
    idle = Signal(str)  # why a key did nothing, in words

    def __init__(
        self,
        labels: LabelState,
        scores: ScoreState,
        selection: SelectionState,
        view: ViewState,
        edits: Edits,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._labels, self._scores = labels, scores
        self._selection, self._view, self._edits = selection, view, edits
        self._is_wished = False
        self._answers: dict[int, FirstAnswer] = {}  # by sample id; what was seen stays seen
        for moved in (selection.current_changed, selection.changed, view.changed, scores.changed):
            moved.connect(self._follow)
        labels.changed.connect(self._follow)
        labels.loaded.connect(self._forget)

    def wish(self, wished: bool) -> None:
        """Whether the person wants to answer first."""
        self._is_wished = wished
        self._follow()

    @property
    def is_awaited(self) -> bool:
        """Whether the suggestion of the current image is hidden until a key answers."""
        current = self._selection.current
        return (
            self._is_asked
            and current not in self._answers
            and self._scores.shown_of(current) is not None
        )

    @property
    def given(self) -> FirstAnswer | None:
        """The first answer on the current image, while it is undecided."""
        return self._answers.get(self._selection.current) if self._is_asked else None

    # -- keys --------------------------------------------------------------------------------
    def decide(self, action: Action) -> None:
        outcome = {
            Action.KEEP: self._given_label,
            Action.ACCEPT: self._suggested,
            Action.EXCLUDE: EXCLUDED,
        }
        self._take(FirstAnswer(action, outcome=outcome.get(action, UNLABELLED)))

    def set_class(self, code: int) -> None:
        self._take(FirstAnswer(Action.SET, code, code))

    def add_class(self, name: str) -> None:
        """A class nobody could suggest decides at once."""
        self._edits.add_class(name, unprompted=self.is_awaited)

    def _take(self, answer: FirstAnswer) -> None:
        first = self.given
        if self.is_awaited:
            self._take_first(answer)
        elif first is not None and first.outcome == answer.outcome:
            self._pass_on(first, unprompted=True)
        else:
            self._pass_on(answer, unprompted=False)

    def _take_first(self, answer: FirstAnswer) -> None:
        if answer.action is Action.ACCEPT:
            self.idle.emit(self.tr("Answer first: the suggestion is shown after that"))
        elif answer.action not in _ANSWERING or answer.outcome == UNLABELLED:
            self._pass_on(answer, unprompted=True)
        elif refusal := self._edits.why_refused():
            self.idle.emit(refusal)
        else:
            self._answers[self._selection.current] = answer
            self._follow()

    def _pass_on(self, answer: FirstAnswer, *, unprompted: bool) -> None:
        if answer.action is Action.SET:
            self._edits.set_class(answer.label, unprompted=unprompted)
        else:
            self._edits.decide(answer.action, unprompted=unprompted)

    # -- what is asked -------------------------------------------------------------------------
    @property
    def _is_asked(self) -> bool:
        """Whether keys act on one undecided image, seen alone."""
        current, selection = self._selection.current, self._selection
        return (
            self._is_wished
            and self._view.mode == SINGLE
            and current != NOTHING
            and (selection.count == 0 or (selection.count == 1 and selection.contains(current)))
            and self._labels.status[current] in UNDECIDED
        )

    @property
    def _given_label(self) -> int:
        current = self._selection.current
        return UNLABELLED if current == NOTHING else int(self._labels.given[current])

    @property
    def _suggested(self) -> int:
        current = self._selection.current
        return UNLABELLED if current == NOTHING else self._scores.suggested(current)

    def _follow(self, _: object = None) -> None:
        self._view.await_answer(self.is_awaited)
        self.changed.emit()

    def _forget(self) -> None:
        self._answers.clear()
        self._follow()
