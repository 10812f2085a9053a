"""All that is true in one window; built once, handed out part by part."""

from __future__ import annotations

from PySide6.QtCore import QObject

from qtapp.state.activity import ActivityState, TrainingState
from qtapp.state.audit import AuditState
from qtapp.state.corrections import CorrectionState
from qtapp.state.describing import DescribingState
from qtapp.state.labels import LabelState
from qtapp.state.learning import LearningState
from qtapp.state.opinions import OpinionState
from qtapp.state.ordering import OrderState
from qtapp.state.scores import ScoreState
from qtapp.state.selection import SelectionState
from qtapp.state.session import SessionState
from qtapp.state.view import ViewState


class Workspace:
    """The states of one window. A view takes those it shows, never the whole."""

    def __init__(self, parent: QObject) -> None:
        self.session = SessionState(parent)
        self.labels = LabelState(parent)
        self.audit = AuditState(self.labels, parent)
        self.scores = ScoreState(self.labels, self.audit, parent)
        self.learning = LearningState(parent)
        self.selection = SelectionState(parent)
        self.order = OrderState(parent)
        self.opinions = OpinionState(parent)
        self.view = ViewState(parent)
        self.opening = ActivityState(parent)
        self.training = TrainingState(parent)
        self.corrections = CorrectionState(self.labels, parent)
        self.describing = DescribingState(parent)
        self.folding = ActivityState(parent)
        self.exporting = ActivityState(parent)
