"""Has clusters found by a child process when somebody groups by them or a query names them."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from models.processes.clustering import ClusterRequest, find_clusters
from models.review.grouping import CLUSTER, clusters_wanted
from models.review.query import mentions
from qtapp.jobs.worker import Cancelled, JobThread
from qtapp.state.clusters import ClusterState
from qtapp.state.labels import LabelState
from qtapp.state.ordering import OrderState
from qtapp.state.scores import ScoreState
from qtapp.state.session import SessionState


class ClusterFinder(QObject):
    """What is known is used; the person's wish alone makes others of a newer embedding."""

    failed = Signal(object)  # the error

    def __init__(
        self,
        session: SessionState,
        labels: LabelState,
        scores: ScoreState,
        order: OrderState,
        state: ClusterState,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._session, self._labels, self._scores = session, labels, scores
        self._order, self._state = order, state
        self._thread = JobThread(self)
        self._thread.setObjectName("clusters")
        self._request: ClusterRequest | None = None  # what is being found
        self._is_outdated = False  # others were asked for meanwhile
        self._thread.progressed.connect(state.accept)
        self._thread.ended.connect(state.end)
        state.asked.connect(self._find)
        state.ended.connect(self._finish)
        order.wanted_changed.connect(self._find_if_unknown)
        scores.changed.connect(self._find_if_unknown)

    def cancel(self) -> None:
        """Stop looking for them."""
        self._is_outdated = False
        self._thread.cancel()

    def stop(self) -> None:
        """The dataset is being closed: end the child and forget."""
        self._thread.stop()
        self._is_outdated = False
        self._state.reset()

    @property
    def _are_needed(self) -> bool:
        wanted = self._order.wanted
        return wanted.grouping == CLUSTER or mentions(wanted.filters.query, "cluster")

    def _find_if_unknown(self) -> None:
        if self._state.known is None and not self._state.is_running and self._are_needed:
            self._find()

    def _find(self) -> None:
        """Find those of the embedding as it is now, unless they are known or being found."""
        info, shown = self._session.info, self._scores.shown
        if info is None or shown is None or not len(shown.embedding):
            return
        n_classes = len(self._labels.classes.offered())
        wanted = clusters_wanted(self._state.per_class, n_classes, info.n)
        project = Path(self._session.project_path)
        request = ClusterRequest(project, info.n, shown.run, shown.epoch, wanted)
        if self._state.is_running:
            if request != self._request:  # then what runs is no use, also if it is wished for again
                self._is_outdated = True
                self._thread.cancel()
            return
        if self._is_known(request):
            return
        self._request = request
        self._thread.wait()  # its end came, it is at most a few instructions from there
        self._thread.begin(self._state.begin(), partial(find_clusters, request))

    def _is_known(self, request: ClusterRequest) -> bool:
        known, asked = self._state.known, (request.run, request.epoch, request.wanted)
        return known is not None and (known.run, known.epoch, known.wanted) == asked

    def _finish(self, error: BaseException | None) -> None:
        if self._is_outdated:
            self._is_outdated = False
            self._find()
        elif error is None and self._are_needed:
            self._order.arrange_again()
        elif self._state.known is not None:
            self._state.keep_known()
        elif self._order.wanted.group_by == CLUSTER:
            self._order.group_by("")
        if error is not None and not isinstance(error, Cancelled):
            self.failed.emit(error)
