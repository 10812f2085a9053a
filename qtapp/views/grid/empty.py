"""What the grid says when nothing passes the filters, and the view of a single image."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from models.review.ordering import Filters
from qtapp.state.ordering import OrderState
from qtapp.state.session import SessionState
from qtapp.views import theme as look


class EmptyOrder(QWidget):
    """Lies over a view while an open dataset shows no image, and offers the way back."""

    def __init__(self, session: SessionState, order: OrderState, over: QWidget) -> None:
        super().__init__(over)
        self._session, self._order = session, order
        self._what, self._why = QLabel(), QLabel()
        self._what.setProperty("role", "title")
        self._why.setProperty("role", "muted")
        self._over = over
        self.button = QPushButton()
        self.button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.button.clicked.connect(self._show_all)
        column = QVBoxLayout(self)
        column.setSpacing(look.space_2)
        column.addStretch(2)
        for widget in (self._what, self._why, self.button):
            column.addWidget(widget, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(3)
        over.installEventFilter(self)
        session.changed.connect(self._redraw)
        order.changed.connect(self._redraw)
        self._redraw()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay as large as the view."""
        if event.type() == QEvent.Type.Resize:
            self._cover()
        return super().eventFilter(watched, event)

    def _cover(self) -> None:
        self.setGeometry(self._over.rect())

    def _redraw(self) -> None:
        self.setVisible(self._session.is_open and not len(self._order.rows))
        self._cover()
        if self._order.wanted.tab == "selected":
            self._what.setText(self.tr("Nothing is selected"))
            self._why.setText(self.tr("Select images with Ctrl+click or Shift+arrows first."))
            self.button.setText(self.tr("Show all images"))
        else:
            self._what.setText(self.tr("No image passes these filters"))
            self._why.setText(self.tr("Each filter on the left takes away from the others."))
            self.button.setText(self.tr("Clear the filters"))

    def _show_all(self) -> None:
        self._over.setFocus()  # the button goes, and Qt would give the keys to whatever is next
        if self._order.wanted.tab == "selected":
            self._order.show_tab("all")
        else:
            self._order.filter_by(Filters())
