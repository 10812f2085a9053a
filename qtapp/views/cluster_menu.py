"""Grouping by cluster in the bar above the grid: how many, how far, and a way to stop."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QMenu, QPushButton, QWidget

from models.review.grouping import CLUSTER, PER_CLASS, clusters_wanted
from qtapp.state.clusters import ClusterState
from qtapp.state.labels import LabelState
from qtapp.state.ordering import OrderState
from qtapp.state.scores import ScoreState
from qtapp.views import theme as look


class ClusterMenu(QMenu):
    """About how many clusters there are to be; nothing to choose before a net has looked."""

    def __init__(
        self,
        labels: LabelState,
        scores: ScoreState,
        order: OrderState,
        clusters: ClusterState,
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._labels, self._scores = labels, scores
        self._order, self._clusters = order, clusters
        self.setTitle(self.tr("Cluster"))
        self.menuAction().setToolTip(self.tr("Images that look alike to the model"))
        self.choices: dict[int, QAction] = {}
        group = QActionGroup(self)
        group.setExclusionPolicy(QActionGroup.ExclusionPolicy.ExclusiveOptional)
        for per_class in PER_CLASS:
            action = self.addAction("")
            action.setCheckable(True)
            action.setData(per_class)
            group.addAction(action)
            self.choices[per_class] = action
        group.triggered.connect(self._choose)
        for changed in (scores.changed, labels.classes_changed, labels.loaded):
            changed.connect(self._redraw)
        for changed in (order.wanted_changed, clusters.changed):
            changed.connect(self._redraw)
        self._redraw()

    def _choose(self, action: QAction) -> None:
        self._clusters.ask(action.data())
        self._order.group_by(CLUSTER)

    def _redraw(self) -> None:
        shown, n = self._scores.shown, len(self._labels.labels)
        self.menuAction().setEnabled(shown is not None and len(shown.embedding) > 0)
        n_classes = len(self._labels.classes.offered())
        is_grouped = self._order.wanted.group_by == CLUSTER
        offered = set[int]()  # of few images there are as many clusters by each choice
        for per_class, action in self.choices.items():
            wanted = clusters_wanted(per_class, n_classes, n)
            action.setText(self.tr("About {n:,} clusters").format(n=wanted))
            action.setChecked(is_grouped and per_class == self._clusters.per_class)
            action.setVisible(wanted not in offered or action.isChecked())
            offered.add(wanted)


class ClusterProgress(QFrame):
    """Seen while clusters are looked for."""

    stopped = Signal()

    def __init__(self, clusters: ClusterState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._clusters = clusters
        self._share = QLabel()
        self._share.setToolTip(self.tr("Looking for clusters of images that look alike"))
        stop = QPushButton(self.tr("Stop"))
        stop.setAccessibleName(self.tr("Stop looking for clusters"))
        stop.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        stop.clicked.connect(self.stopped)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(look.space_2)
        row.addWidget(self._share)
        row.addWidget(stop)
        clusters.changed.connect(self._redraw)
        self._redraw()

    def _redraw(self) -> None:
        progress = self._clusters.progress
        share = progress.done / progress.total if progress and progress.total else 0.0
        self._share.setText(self.tr("{share:.0f}%").format(share=100 * share))
        self._share.setAccessibleName(self.tr("Clusters: {0}").format(self._share.text()))
        self.setVisible(self._clusters.is_running)
