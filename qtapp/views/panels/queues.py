"""The queues in the left rail: how many images are in each, and how many are decided."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from models.review.ordering import QueueCount
from models.review.queues import Queue
from qtapp.state.ordering import OrderState
from qtapp.views import theme as look
from qtapp.views.panels.facets import Facet, FacetList
from qtapp.views.parts import section
from qtapp.views.theme import Theme

_EMPTY = QueueCount(0, 0)


class QueuePanel(QWidget):
    """The queues that hold an image, those to be worked off first; hidden while none does."""

    def __init__(self, order: OrderState, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._order = order
        self.rail = FacetList(self.tr("Queues"), theme)
        figures = QLabel(self.tr("decided / all"))
        figures.setProperty("role", "muted")
        top = QHBoxLayout()
        top.setContentsMargins(look.space_1, 0, look.space_1, 0)
        top.addWidget(section(self.tr("Queues")))
        top.addStretch()
        top.addWidget(figures)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, look.space_2)
        column.setSpacing(look.space_1)
        column.addLayout(top)
        column.addWidget(self.rail)
        order.facets_changed.connect(self._redraw)
        order.wanted_changed.connect(self._redraw)
        theme.changed.connect(self._redraw)  # the lines may be higher now
        self._redraw()

    def _redraw(self) -> None:
        counted = self._order.facets.queues if self._order.facets else {}
        chosen = self._order.wanted.filters.queues
        facets = [
            Facet(queue, name, count.every, decided=count.decided, note=note)
            for queue, (name, note) in self._texts().items()
            if queue in counted or queue in chosen
            for count in (counted.get(queue, _EMPTY),)
        ]
        self.rail.show_facets(facets, frozenset(map(int, chosen)))
        self.rail.setFixedHeight(self.rail.height_of(len(facets)))
        self.setVisible(bool(facets))

    def _texts(self) -> dict[Queue, tuple[str, str]]:
        """What each is called, and what that means."""
        return {
            Queue.LIKELY_MISLABELLED: (
                self.tr("Likely mislabelled"),
                self.tr("the label is more likely wrong than right"),
            ),
            Queue.COPIES_DIFFER: (
                self.tr("Copies differ"),
                self.tr("exactly the same pixels under different labels"),
            ),
            Queue.SURE_AND_WRONG: (
                self.tr("Sure and wrong"),
                self.tr("the model was sure of another class than the label"),
            ),
            Queue.UNSURE: (
                self.tr("Unsure"),
                self.tr("the model wavered between two classes"),
            ),
            Queue.NO_CLASS_FITS: (
                self.tr("No class fits"),
                self.tr("strange, and of no class that the model was sure of"),
            ),
            Queue.SECOND_LOOK: (
                self.tr("Second look"),
                self.tr("marked for a second look"),
            ),
            Queue.SECOND_OPINION: (
                self.tr("Second opinion"),
                self.tr("reviewers have looked, and the class is still unsure"),
            ),
            Queue.DISAGREEING_REVIEWERS: (
                self.tr("Disagreeing reviewers"),
                self.tr("one contradicted another, and nobody has decided since"),
            ),
            Queue.SURE_AND_RIGHT: (
                self.tr("Sure and right"),
                self.tr("the model was sure of the label"),
            ),
        }
