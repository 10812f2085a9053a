"""What the map is coloured by: a choice, and what of it may be seen now."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QWidget

from qtapp.jobs.map_pictures import LABEL, NOTHING_TOLD, PREDICTED, SPLIT, STATE
from qtapp.state.labels import LabelState
from qtapp.state.scores import ScoreState
from qtapp.state.session import SessionState
from qtapp.state.view import BLIND, ViewState
from qtapp.views.map import wording


class ColourChoice(QComboBox):
    """Labels, states and splits always; what a model says where one has said it."""

    chosen = Signal(str, object)  # `by` and `names`

    def __init__(
        self,
        session: SessionState,
        labels: LabelState,
        scores: ScoreState,
        view: ViewState,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._session, self._labels, self._scores, self._view = session, labels, scores, view
        self.by, self.names = LABEL, tuple[str, ...]()
        self.setAccessibleName(self.tr("What the map is coloured by"))
        self.setToolTip(self.tr("What the map is coloured by"))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        for changed in (scores.changed, scores.taught, session.changed):
            changed.connect(self._fill)
        for changed in (self.currentIndexChanged, labels.classes_changed, view.changed):
            changed.connect(self._follow)
        self._fill()

    def _fill(self) -> None:
        before, shown = self.currentData(), self._scores.shown
        keys = [LABEL, STATE, SPLIT]
        if shown is not None:
            keys = [LABEL, PREDICTED, STATE, SPLIT, *shown.values]
        if [self.itemData(i) for i in range(self.count())] != keys:
            self.blockSignals(True)
            self.clear()
            for key in keys:
                self.addItem(wording.colour_name(key), key)
            self.setCurrentIndex(max(0, self.findData(before)))
            self.blockSignals(False)
        self._follow()

    def _follow(self) -> None:
        by = self._allowed()
        names = self._names(by)
        if (by, names) != (self.by, self.names):
            self.by, self.names = by, names
            self.chosen.emit(by, names)

    def _allowed(self) -> str:
        """What is chosen, unless it may not be seen now."""
        chosen: str = self.currentData() or LABEL
        if self._view.mode == BLIND:
            return chosen if chosen == SPLIT else NOTHING_TOLD
        if self._view.predictions_hidden and chosen not in (LABEL, STATE, SPLIT):
            return NOTHING_TOLD
        return chosen

    def _names(self, by: str) -> tuple[str, ...]:
        info = self._session.info
        if by in (LABEL, PREDICTED):
            return self._labels.class_names
        if by == STATE:
            return wording.state_names()
        return tuple(info.splits) if by == SPLIT and info is not None else ()
