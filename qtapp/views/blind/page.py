"""The blind session in the window: offer, one image after the other, result."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent, QKeySequence, QShowEvent
from PySide6.QtWidgets import QApplication, QPushButton, QStackedWidget, QWidget

from qtapp.commands.blinding import Blinding
from qtapp.commands.digits import physical_digit
from qtapp.commands.registry import Registry
from qtapp.jobs.thumbnails import Thumbnails
from qtapp.state.blind import ASKING, OFFER, RESULT, BlindState
from qtapp.state.image_look import ImageLook
from qtapp.state.labels import LabelState
from qtapp.state.scores import ScoreState
from qtapp.state.session import SessionState
from qtapp.views.blind.asking import AskingView
from qtapp.views.blind.offer import OfferView
from qtapp.views.blind.picker import AnswerPicker
from qtapp.views.blind.result import ResultView
from qtapp.views.blind.wording import tr
from qtapp.views.theme import Theme

_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
# Commands whose keys work here; any other key does nothing, held ones included.
_WORKING = (
    *("digit.", "file.", "help.", "decide.exclude", "decide.pick_class", "decide.undo"),
    *("look.escape", "look.blind", "look.full_screen", "image."),
)


class BlindPage(QStackedWidget):
    """Shows the page that BlindState is at, and lets no key through that would tell anything."""

    def __init__(
        self,
        session: SessionState,
        labels: LabelState,
        scores: ScoreState,
        blind: BlindState,
        blinding: Blinding,
        image_look: ImageLook,
        thumbnails: Thumbnails,
        registry: Registry,
        theme: Theme,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("blind")
        self.setAccessibleName(tr("Blind session"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._blind, self._registry = blind, registry
        self.offer = OfferView(blind, blinding, registry, theme)
        self.asking = AskingView(
            session, labels, blind, blinding, image_look, thumbnails, registry, theme
        )
        self.result = ResultView(labels, blind, blinding, registry, theme)
        self.picker = AnswerPicker(labels, theme, self)
        self._by_page: dict[str, OfferView | AskingView | ResultView] = {
            OFFER: self.offer,
            ASKING: self.asking,
            RESULT: self.result,
        }
        for page in self._by_page.values():
            self.addWidget(page)
        self.picker.chosen.connect(blinding.answer)
        blinding.class_wanted.connect(self.picker.ask)
        self.offer.result_wanted.connect(blind.show_result)
        for changed in (blind.changed, scores.changed, labels.classes_changed):
            changed.connect(self._redraw)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._redraw()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self._focus(self._by_page[self._blind.page])

    def event(self, event: QEvent) -> bool:
        """Claim the keys of commands that mean nothing here, before they are taken for them."""
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and not self._works(event)
        ):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        focused = QApplication.focusWidget()
        if event.key() in _ENTER and isinstance(focused, QPushButton):
            focused.click()
        elif event.key() in _ENTER and self._blind.page == OFFER:
            self.offer.enter()
        elif physical_digit(event) is not None:
            event.ignore()  # the window knows digits of other layouts
        else:
            event.accept()

    def _works(self, event: QKeyEvent) -> bool:
        pressed = QKeySequence(event.keyCombination())
        return any(
            pressed in action.shortcuts()
            for action in self._registry.actions()
            if action.objectName().startswith(_WORKING)
        )

    def _redraw(self) -> None:
        if not self.isVisible():
            return
        page = self._by_page[self._blind.page]
        is_new = self.currentWidget() is not page
        self.setCurrentWidget(page)
        page.redraw()
        if is_new or page is self.offer:
            self._focus(page)

    def _focus(self, page: QWidget) -> None:
        if page is self.offer:
            self.offer.focus()
        else:
            page.setFocus(Qt.FocusReason.OtherFocusReason)
