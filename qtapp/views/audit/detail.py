"""One finding: what it is, what it means, the images that prove it, and its remedy."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QBoxLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from models.review.remedies import WEIGHING
from qtapp.commands.registry import Registry
from qtapp.commands.remedies import Remedies
from qtapp.jobs.thumbnails import Thumbnails
from qtapp.jobs.undoing_pictures import UndoingPictures
from qtapp.state.audit_findings import AuditFindingsState, Finding
from qtapp.state.labels import LabelState
from qtapp.views import theme as look
from qtapp.views.audit import remedy_wording, wording
from qtapp.views.audit.plot import FindingBars
from qtapp.views.audit.undoing_strip import UndoingStrip
from qtapp.views.audit.wording import tr
from qtapp.views.bias.ends import LinesOfTiles
from qtapp.views.flow import Flow
from qtapp.views.parts import Column, CommandButton, plain_tip, say, set_role
from qtapp.views.theme import Theme

MOST_TILES = 12
_GLYPH_PX = 16
_PROOF_PX = 208  # least width of plot and images
_LEAST_WIDE_PX = 430  # for words beside them


class FindingDetail(QWidget):
    """Shows the finding of an AuditFindingsState that is looked at."""

    image_chosen = Signal(int)
    cause_wanted = Signal(str)  # id of the finding that explains this one
    acted = Signal()  # a button was pressed, and may be out of sight since

    def __init__(
        self,
        labels: LabelState,
        state: AuditFindingsState,
        remedies: Remedies,
        thumbnails: Thumbnails,
        undoing: UndoingPictures,
        registry: Registry,
        theme: Theme,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._labels, self._state, self._remedies = labels, state, remedies
        self._registry, self._theme = registry, theme
        self.setProperty("panel", True)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._glyph, self.title = QLabel(), QLabel()
        self.sentence, self.measured, self.real_world = QLabel(), QLabel(), QLabel()
        self.because, self.to_do, self.foreseen = QPushButton(), QLabel(), QLabel()
        self.came_of = QLabel()
        self.apply = CommandButton(registry, "decide.remedy", theme)
        self.take_back = CommandButton(registry, "decide.take_back", theme)
        self.train = CommandButton(registry, "run.start", theme)
        self.unlock = CommandButton(registry, "decide.unlock_test", theme)
        self.show_images = CommandButton(registry, "look.finding", theme)
        self.undoing = UndoingStrip(undoing, theme)
        self.tiles = LinesOfTiles(thumbnails, theme)
        self.plot = FindingBars(theme)
        self._lay_out()
        self.because.clicked.connect(self._go_to_cause)
        self.tiles.chosen.connect(self.image_chosen)
        for button in (self.apply, self.take_back, self.unlock):
            button.clicked.connect(self.acted)
        theme.changed.connect(self._redraw)
        registry.keys_changed.connect(self._redraw)
        remedies.changed.connect(self._redraw)
        self._redraw()

    def _lay_out(self) -> None:
        for label in (self.title, self.sentence, self.measured, self.real_world, self.to_do,
                      self.foreseen, self.came_of):  # fmt: skip
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setWordWrap(True)
        self.sentence.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.measured.setProperty("role", "small")
        self.real_world.setProperty("role", "muted")
        self.foreseen.setProperty("role", "small")
        self.because.setProperty("link", True)
        self.because.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.apply.setProperty("primary", True)
        bold = self.title.font()
        bold.setBold(True)
        self.title.setFont(bold)
        self.tiles.setAccessibleName(tr("Images that prove it"))
        self._row = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(look.space_3)
        self._row.addLayout(self._words(), 3)
        self._row.addWidget(self._proof(), 2)

    def fit_into(self, width_px: int) -> None:
        """Put words over the proof where there is no room for both side by side. It is for whoever
        knows the room without a scroll bar: the bar comes and goes with the height of this."""
        directions = QBoxLayout.Direction
        is_wide = width_px >= _LEAST_WIDE_PX
        self._row.setDirection(directions.LeftToRight if is_wide else directions.TopToBottom)

    def _words(self) -> QVBoxLayout:
        head = QHBoxLayout()
        head.setSpacing(look.space_1)
        head.addWidget(self._glyph, 0, Qt.AlignmentFlag.AlignTop)
        head.addWidget(self.title, 1)
        words = QVBoxLayout()
        words.setSpacing(look.space_1)
        words.addLayout(head)
        for widget in (self.sentence, self.measured):
            words.addWidget(widget)
        words.addWidget(self.because, 0, Qt.AlignmentFlag.AlignLeft)
        words.addWidget(self.real_world)
        words.addWidget(self.to_do)
        words.addStretch(1)
        return words

    def _proof(self) -> QWidget:
        """Buttons first: in a low dock the rest is a wheel turn away."""
        self.proof = Column(_PROOF_PX)
        self.proof.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        buttons = Flow()
        buttons.setSpacing(look.space_1)
        for button in (self.show_images, self.apply, self.take_back, self.train, self.unlock):
            buttons.addWidget(button)
        column = QVBoxLayout(self.proof)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(look.space_1)
        column.addLayout(buttons)
        column.addWidget(self.foreseen)
        column.addWidget(self.came_of)
        column.addWidget(self.undoing)
        column.addWidget(self.tiles)
        column.addWidget(self.plot)
        column.addStretch(1)
        return self.proof

    # -- showing -------------------------------------------------------------------------
    def _redraw(self) -> None:
        finding = self._state.chosen
        if finding is None:
            return
        face = wording.FACES.get(finding.severity, wording.NOT_CHECKED)
        ratio = self.devicePixelRatioF()
        self._glyph.setPixmap(self._theme.pixmap(*face, _GLYPH_PX, ratio))
        self._say(self.title, wording.heading(finding))
        self._say(self.sentence, finding.sentence)
        self._say(self.measured, wording.measured(finding))
        as_when = tr("As when: {0}").format(finding.real_world) if finding.real_world else ""
        self._say(self.real_world, as_when)
        self._say(self.to_do, tr("To do: {0}").format(finding.remedy) if finding.remedy else "")
        self._redraw_cause(finding)
        self._redraw_remedy(finding)
        self._redraw_images(finding)
        self.plot.show_plot(finding.plot)
        self.tiles.limit(1 if finding.plot else 2)  # both are to be seen at once
        has_remedy = self._remedies.plan.can_run or self._remedies.plan.is_applied
        has_proof = finding.plot is not None or bool(len(finding.samples))
        self.proof.setVisible(has_proof or has_remedy)

    def _say(self, label: QLabel, text: str) -> None:
        say(label, text)
        label.setVisible(bool(text))

    def _redraw_cause(self, finding: Finding) -> None:
        findings = self._state.report.findings if self._state.report else ()
        cause = next((one for one in findings if one.id == finding.explained_by), None)
        self.because.setVisible(cause is not None)
        if cause is not None:
            said = tr("Follows from: {0}").format(wording.title(cause))
            self.because.setText(said)
            self.because.setToolTip(plain_tip(cause.sentence))

    def _redraw_remedy(self, finding: Finding) -> None:
        plan = self._remedies.plan
        self.apply.setVisible(plan.can_run)
        self.apply.set_face(remedy_wording.remedy_button(finding), "")
        self.unlock.setVisible(bool(plan.n_locked))
        self.undoing.show_undoing(self._remedies.undoing)
        self.take_back.setVisible(plan.can_take_back)
        self.take_back.set_face(remedy_wording.take_back_button(finding), "")
        self.train.setVisible(plan.is_applied and finding.action == WEIGHING)
        recheck = self._state.rechecks.get(finding.id)
        is_checking = self._state.checking == finding.id
        came_of = remedy_wording.came_of(finding, plan, recheck, is_checking=is_checking)
        self._say(self.came_of, came_of)
        set_role(self.came_of, remedy_wording.outcome_role(recheck, is_checking=is_checking))
        key = self._registry.key_text("decide.undo")
        self._say(self.foreseen, "" if came_of else remedy_wording.foreseen(finding, plan, key))

    def _redraw_images(self, finding: Finding) -> None:
        ids = self._remedies.sample_ids
        self.show_images.setVisible(bool(len(ids)))
        self.tiles.setVisible(bool(len(ids)))
        self.show_images.set_face(wording.shown_text(len(ids), finding.n_samples), "")
        ids = ids[:MOST_TILES]
        names = [self._labels.class_name(code) for code in self._labels.labels[ids].tolist()]
        self.tiles.show_end(ids, np.full(len(ids), np.nan, np.float32), names)

    def _go_to_cause(self) -> None:
        if self._state.chosen is not None:
            self.cause_wanted.emit(self._state.chosen.explained_by)
