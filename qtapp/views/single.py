"""One image at a time, as large as it gets, with the keys that decide under it."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from models.types import SampleIds
from qtapp.commands.first_answers import FirstAnswers
from qtapp.commands.registry import Registry
from qtapp.jobs.pictures import Picture
from qtapp.jobs.thumbnails import Thumbnails
from qtapp.state.audit import AuditState
from qtapp.state.image_look import ImageLook
from qtapp.state.labels import LabelState
from qtapp.state.ordering import NOT_SHOWN, OrderState
from qtapp.state.scores import ScoreState
from qtapp.state.selection import NOTHING, SelectionState
from qtapp.state.session import SessionState
from qtapp.state.view import ViewState
from qtapp.views import theme as look
from qtapp.views.caption import Caption
from qtapp.views.flow import Flow
from qtapp.views.grid.empty import EmptyOrder
from qtapp.views.image_view import ImageView
from qtapp.views.parts import CommandButton, ElidedLabel
from qtapp.views.theme import Theme

DECISIONS = ("decide.keep", "decide.accept", "decide.exclude", "decide.second_look", "decide.clear")


class SingleView(QWidget):
    """Follows the current sample, and has the next one read while this one is looked at."""

    def __init__(
        self,
        session: SessionState,
        labels: LabelState,
        scores: ScoreState,
        selection: SelectionState,
        order: OrderState,
        view: ViewState,
        audit: AuditState,
        answers: FirstAnswers,
        image_look: ImageLook,
        thumbnails: Thumbnails,
        registry: Registry,
        theme: Theme,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("single")
        self.setAccessibleName(self.tr("Single image"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._session, self._labels = session, labels
        self._audit, self._answers = audit, answers
        self._selection, self._order, self._thumbnails = selection, order, thumbnails
        self.image = ImageView(image_look, theme)
        self.image.addActions(registry.section("image"))
        self.caption = Caption(labels, scores, view, theme)
        self.place = QLabel()
        self.place.setProperty("role", "muted")
        self.badge = QLabel(self.tr("random audit image: judged without a suggestion"))
        self.badge.setProperty("role", "badge")
        self.badge.setWordWrap(True)
        self.answer = ElidedLabel()  # what the person answered, or is to answer first
        self._lay_out(registry, theme)
        self._empty = EmptyOrder(session, order, self)
        self._empty.setAutoFillBackground(True)
        for moved in (selection.current_changed, order.changed):
            moved.connect(self._show_current)
        for said in (
            labels.loaded, labels.classes_changed, scores.changed, view.changed, theme.changed,
        ):  # fmt: skip
            said.connect(self._redraw)
        labels.changed.connect(self._redraw_if_current)
        scores.updated.connect(self._redraw_if_current)
        answers.changed.connect(self._redraw_answer)
        thumbnails.full_arrived.connect(self._take)
        self._redraw_answer()

    def _lay_out(self, registry: Registry, theme: Theme) -> None:
        top = QHBoxLayout()
        top.addWidget(CommandButton(registry, "look.grid", theme))
        top.addSpacing(look.space_2)
        top.addWidget(self.place)
        top.addWidget(self.badge)
        top.addSpacing(look.space_2)
        top.addWidget(self.answer, 1)
        for command, text in (
            ("move.previous", self.tr("Previous")),
            ("move.next", self.tr("Next")),
        ):
            top.addWidget(CommandButton(registry, command, theme, text=text))
        decisions = Flow(centred=True)
        decisions.setSpacing(look.space_2)
        for command in DECISIONS:
            decisions.addWidget(CommandButton(registry, command, theme))
        column = QVBoxLayout(self)
        column.setContentsMargins(look.space_3, look.space_2, look.space_3, look.space_3)
        column.setSpacing(look.space_2)
        column.addLayout(top)
        column.addWidget(self.image, 1)
        column.addWidget(self.caption)
        column.addLayout(decisions)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._show_current()

    def _row(self) -> int:
        return self._order.row_of(self._selection.current)

    def _is_on(self) -> bool:
        """Whether there is something to show and someone sees it. An image that the order leaves
        out is shown like any other: keys act on it."""
        is_any = self._selection.current != NOTHING
        return self.isVisible() and self._session.is_open and is_any

    def _show_current(self) -> None:
        # With nothing left to show, another view may still have made an image the current one.
        is_none = self._selection.current == NOTHING and not len(self._order.rows)
        self._empty.setVisible(is_none and self._session.is_open)
        if self._is_on():
            self._redraw()
            current = self._selection.current
            if self._thumbnails.full(current) is None:
                self.image.show_image(None)
            self._thumbnails.want_full(current)

    def _take(self, sample_id: int, picture: Picture | str) -> None:
        if not self._is_on() or sample_id != self._selection.current:
            return
        info = self._session.info
        assert info is not None
        self.image.show_image(picture, info.value_range)
        row = self._row() + 1
        if row < len(self._order.rows):
            following = int(self._order.rows[row])
            if self._thumbnails.full(following) is None:
                self._thumbnails.want_full(following)

    def _redraw_if_current(self, sample_ids: SampleIds) -> None:
        if np.any(sample_ids == self._selection.current):
            self._redraw()

    def _redraw(self) -> None:
        if self._is_on():
            self.caption.show_sample(self._selection.current)
            self._redraw_place()

    def _redraw_answer(self) -> None:
        first = self._answers.given
        if self._answers.is_awaited:
            said = self.tr("Answer first; then the suggestion shows")
        elif first is None:
            said = ""
        else:
            excluded = self.tr("exclude")
            name = excluded if first.excludes else self._labels.class_name(first.outcome)
            said = self.tr("Your answer: {0}; the next key decides").format(name)
        self.answer.set_whole(said)

    def _redraw_place(self) -> None:
        """The row, or that this image is an audit: its row would tell how suspect it is."""
        blind = self._audit.is_blind(self._selection.current)
        self.badge.setVisible(blind)
        self.place.setVisible(not blind and self._row() != NOT_SHOWN)
        self.place.setText(
            self.tr("{row:,} of {total:,}").format(row=self._row() + 1, total=len(self._order.rows))
        )
