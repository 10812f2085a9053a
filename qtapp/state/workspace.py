"""All that is true in one window; built once, handed out part by part."""

from __future__ import annotations

from PySide6.QtCore import QObject

from qtapp.state.activity import ActivityState, TrainingState
from qtapp.state.agreeing import AgreeingState
from qtapp.state.audit import AuditState
from qtapp.state.audit_findings import AuditFindingsState
from qtapp.state.balance import BalanceState
from qtapp.state.bias import BiasState
from qtapp.state.blind import BlindState
from qtapp.state.causes import CauseState
from qtapp.state.clusters import ClusterState
from qtapp.state.confusion import ConfusionState
from qtapp.state.corrections import CorrectionState
from qtapp.state.describing import DescribingState
from qtapp.state.image_look import ImageLook
from qtapp.state.labels import LabelState
from qtapp.state.learning import LearningState
from qtapp.state.mapping import MapState
from qtapp.state.neighbours import NeighbourState
from qtapp.state.opinions import OpinionState
from qtapp.state.ordering import OrderState
from qtapp.state.paths import PathState
from qtapp.state.properties import PropertyState
from qtapp.state.queries import QueryState
from qtapp.state.remedying import RemedyState
from qtapp.state.review_session import ReviewSessionState
from qtapp.state.scores import ScoreState
from qtapp.state.selection import SelectionState
from qtapp.state.session import SessionState
from qtapp.state.tour import TourState
from qtapp.state.values import ValuesState
from qtapp.state.view import ViewState
from qtapp.state.worth import WorthState


class Workspace:
    """The states of one window. A view takes those it shows, never the whole."""

    def __init__(self, parent: QObject) -> None:
        self.session = SessionState(parent)
        self.labels = LabelState(parent)
        self.audit = AuditState(self.labels, parent)
        self.blind = BlindState(self.labels, parent)
        self.agreeing = AgreeingState(self.labels, parent)
        self.causes = CauseState(self.labels, parent)
        self.review_session = ReviewSessionState(parent)
        self.worth = WorthState(parent)
        self.scores = ScoreState(self.labels, self.audit, parent)
        self.learning = LearningState(parent)
        self.selection = SelectionState(parent)
        self.order = OrderState(parent)
        self.opinions = OpinionState(parent)
        self.clusters = ClusterState(parent)
        self.paths = PathState(parent)
        self.properties = PropertyState(parent)
        self.bias = BiasState(parent)
        self.queries = QueryState(parent)
        self.confusion = ConfusionState(parent)
        self.balance = BalanceState(parent)
        self.values = ValuesState(parent)
        self.neighbours = NeighbourState(parent)
        self.view = ViewState(parent)
        self.image_look = ImageLook(self.session, self.selection, self.view, self.blind, parent)
        self.opening = ActivityState(parent)
        self.training = TrainingState(parent)
        self.corrections = CorrectionState(self.labels, parent)
        self.describing = DescribingState(parent)
        self.mapping = MapState(parent)
        self.audit_findings = AuditFindingsState(parent)
        self.remedying = RemedyState(parent)
        self.folding = ActivityState(parent)
        self.exporting = ActivityState(parent)
        self.tour = TourState(
            self.session, self.labels, self.scores, self.order, self.view, self.exporting, parent
        )
