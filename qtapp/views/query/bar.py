"""The query line under the order bar: what is asked, how many answer it, what is wrong."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QToolButton, QVBoxLayout, QWidget

from models.review.properties import PROPERTIES
from models.review.query import mentions, parse
from models.review.query_vocabulary import SCORES, Vocabulary
from models.review.query_words import QueryError
from qtapp.commands.registry import Registry
from qtapp.state.causes import CauseState
from qtapp.state.labels import LabelState
from qtapp.state.ordering import OrderState
from qtapp.state.paths import PathState
from qtapp.state.properties import PropertyState
from qtapp.state.queries import QueryState
from qtapp.state.scores import ScoreState
from qtapp.state.session import SessionState
from qtapp.views import theme as look
from qtapp.views.parts import icon_last, say, set_role
from qtapp.views.query.field import QueryField
from qtapp.views.query.menu import QueryMenu
from qtapp.views.theme import Theme

PAUSE_MS = 350  # typing rests this long before what stands there is asked


class QueryBar(QWidget):
    """Asks the order for what is typed. What last made sense stays in force meanwhile.

    It is hidden until it is opened or something else sets a query, and while it is empty.
    """

    left = Signal()  # the keys belong to the images again

    def __init__(
        self,
        session: SessionState,
        labels: LabelState,
        scores: ScoreState,
        order: OrderState,
        paths: PathState,
        properties: PropertyState,
        causes: CauseState,
        queries: QueryState,
        registry: Registry,
        theme: Theme,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._session, self._labels, self._scores = session, labels, scores
        self._order, self._paths, self._theme = order, paths, theme
        self._properties, self._causes = properties, causes
        self._in_force = ""
        self.setProperty("bar", True)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.field = QueryField(theme)
        self.field.setPlaceholderText('given == "cat" and loss > 2')
        self.field.setAccessibleName(self.tr("Query"))
        self.field.setClearButtonEnabled(True)
        self._glyph = QAction(self)
        self.field.addAction(self._glyph, QLineEdit.ActionPosition.LeadingPosition)
        self.count = QLabel()
        self.count.setProperty("role", "muted")
        self.menu = QueryMenu(queries, registry, self)
        self.button = QToolButton()
        self.button.setText(self.tr("Queries"))
        self.button.setMenu(self.menu)
        self.button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        icon_last(self.button)
        self.button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.message = QLabel()
        self.message.setProperty("role", "danger")
        self.message.setWordWrap(True)
        self.message.setTextFormat(Qt.TextFormat.PlainText)  # a class may be called "<b>"
        self._pause = QTimer(self, singleShot=True, interval=PAUSE_MS)
        self._lay_out()
        self._connect(session, queries)
        self._recolour()
        self._learn_words()
        self._follow()
        self._redraw_count()
        self.hide()

    def open(self) -> None:
        """Show the line and put the cursor into it."""
        self.show()
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.field.selectAll()

    def use(self, text: str) -> None:
        """Ask a query as if it was typed."""
        self.field.setText(text)
        self._apply()

    # -- building --------------------------------------------------------------------------
    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(look.space_2)
        row.addWidget(self.field, 1)
        row.addWidget(self.count)
        row.addWidget(self.button)
        column = QVBoxLayout(self)
        column.setContentsMargins(look.space_2, 0, look.space_3, look.space_1 + 2)
        column.setSpacing(2)
        column.addLayout(row)
        column.addWidget(self.message)

    def _connect(self, session: SessionState, queries: QueryState) -> None:
        self.field.textChanged.connect(self._wait)
        self.field.entered.connect(self._apply)
        self.field.left.connect(self._leave)
        self._pause.timeout.connect(self._apply)
        self.menu.chosen.connect(self.use)
        self.menu.save_asked.connect(lambda: queries.save(self._in_force))
        self._order.wanted_changed.connect(self._follow)
        self._order.facets_changed.connect(self._redraw_count)
        self._paths.changed.connect(self._redraw_count)
        self._properties.changed.connect(self._redraw_count)
        session.changed.connect(self._start_anew)
        words = self._labels.classes_changed, self._scores.changed, self._causes.changed
        for changed in words:
            changed.connect(self._learn_words)
        self._theme.changed.connect(self._recolour)

    # -- asking ----------------------------------------------------------------------------
    def _wait(self, text: str) -> None:
        """What was wrong may be right now; it is looked at when typing rests.

        The room of the sentence stays until then, or the images would jump with every word.
        """
        self.field.mark(None)
        self.message.setText("")
        if text.strip():
            self._pause.start()
        else:
            self._apply()

    def _apply(self) -> None:
        self._pause.stop()
        query = self._read()
        if query is not None and query != self._in_force:
            self._in_force = query
            self._order.filter_by(replace(self._order.wanted.filters, query=query))

    def _read(self) -> str | None:
        """The query that is written there; None if it is wrong, which is said."""
        text, query = self.field.text(), None
        try:
            query = parse(text, self.field.vocabulary).text if text.strip() else ""
            self._say_wrong(None)
        except QueryError as error:
            self._say_wrong(error)
        return query

    def _leave(self) -> None:
        """The cursor goes; what makes no sense is put back to what is in force."""
        self._apply()
        if self.message.isVisible():
            self._show_query(self._in_force)
        self.setVisible(bool(self._in_force))
        self.left.emit()

    # -- showing ---------------------------------------------------------------------------
    def _follow(self) -> None:
        """The query was set elsewhere: by a cell, a button, or the rail's "clear"."""
        query = self._order.wanted.filters.query
        if query != self._in_force:
            self._in_force = query
            self._show_query(query)
            self._read()
            self.setVisible(bool(query) or self.field.hasFocus())
        self.menu.set_query(query)
        self._redraw_count()

    def _show_query(self, text: str) -> None:
        self.field.blockSignals(True)
        self.field.setText(text)
        self.field.blockSignals(False)
        self._pause.stop()
        self._say_wrong(None)

    def _start_anew(self) -> None:
        """Another dataset, or none: what was typed was about the one before."""
        self._in_force = ""
        self._show_query("")
        self.hide()
        self._learn_words()

    def _learn_words(self) -> None:
        """Other classes, splits, scores or causes: what is asked may make sense now, or no more."""
        info = self._session.info
        splits = tuple(info.splits) if info else ()
        scores = tuple(dict.fromkeys([*SCORES, *self._scores.values]))
        names, causes = self._labels.class_names, self._causes.names
        self.field.vocabulary = Vocabulary(names, splits, scores, causes=causes)
        if self.field.text().strip():
            self._pause.start()

    def _say_wrong(self, error: QueryError | None) -> None:
        self.field.mark((error.start, error.end) if error else None)
        self.message.setVisible(error is not None)
        say(self.message, error.sentence if error else "")
        self.field.setAccessibleDescription(error.sentence if error else "")
        if error is not None:
            needed = self.message.fontMetrics().horizontalAdvance(error.sentence)
            room = max(0, self.width() - needed - 4 * look.space_3)
            under = min(self.field.x_of(error.start), room)
            self.message.setContentsMargins(under, 0, 0, 0)

    def _redraw_count(self) -> None:
        facets, query = self._order.facets, self._in_force
        reading = mentions(query, "path") and self._paths.paths is None
        measuring = self._properties.is_running and mentions(query, *PROPERTIES)
        if reading:
            failed = self.tr("The paths could not be read")
            self.count.setText(failed if self._paths.trouble else self.tr("Reading the paths…"))
        elif measuring:
            self.count.setText(self.tr("Measuring the images…"))
        elif facets is not None and query:
            partly = mentions(query, *PROPERTIES) and not self._properties.is_complete
            found = self.tr("{:,} found so far") if partly else self.tr("{:,} found")
            self.count.setText(found.format(facets.n_filtered))
        self.count.setVisible(bool(query) and (reading or measuring or facets is not None))
        self.count.setToolTip(self._paths.trouble)
        set_role(self.count, "danger" if reading and self._paths.trouble else "muted")

    def _recolour(self) -> None:
        self._glyph.setIcon(self._theme.icon("search", "text_muted"))
        self.button.setIcon(self._theme.icon("chevron"))
