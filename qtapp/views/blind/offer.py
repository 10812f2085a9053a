"""What a blind session is, the sizes there are, and the sessions of before."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from models.review.blind_result import result_of
from qtapp.commands.blinding import Blinding, Offer
from qtapp.commands.registry import Registry
from qtapp.state.blind import BlindState
from qtapp.views import theme as look
from qtapp.views.blind.parts import Card, Page, words
from qtapp.views.blind.wording import (
    about_session,
    images_text,
    interval,
    minutes_text,
    percent,
    tr,
)
from qtapp.views.parts import CommandButton, ElidedLabel
from qtapp.views.theme import Theme

_WIDEST_PX = 860


class Size(QFrame):
    """A size of session to choose: how many images, how sure, how long."""

    def __init__(self, offer: Offer) -> None:
        super().__init__()
        self.setProperty("card", True)
        self.offer = offer
        sure = tr("{low} to {high}").format(low=percent(offer.low), high=percent(offer.high))
        twice = tr("{n} of them shown twice").format(n=offer.showings - offer.n)
        self.button = QRadioButton(images_text(offer.n))
        self.button.setProperty("role", "title")
        lasts = minutes_text(offer.minutes)
        self.button.setAccessibleName(f"{images_text(offer.n)}, {twice}, {sure}, {lasts}")
        column = QVBoxLayout(self)
        column.setContentsMargins(look.space_4, look.space_3, look.space_4, look.space_3)
        column.setSpacing(look.space_1)
        column.addWidget(self.button)
        column.addWidget(words(twice, "muted"))
        column.addSpacing(look.space_1)
        column.addWidget(words(tr("with 95% right, the interval is"), "muted"))
        column.addWidget(QLabel(sure))
        column.addSpacing(look.space_1)
        column.addWidget(QLabel(lasts))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.button.setChecked(True)


class OfferView(Page):
    """Enter begins, or goes on."""

    result_wanted = Signal(int)  # which of the sessions

    def __init__(
        self, blind: BlindState, blinding: Blinding, registry: Registry, theme: Theme
    ) -> None:
        super().__init__(_WIDEST_PX)
        self.setAccessibleName(tr("Blind sessions"))
        self._blind, self._blinding = blind, blinding
        self._choices = QButtonGroup(self)
        self.sizes: list[Size] = []
        self.results: list[QPushButton] = []
        self._body = QVBoxLayout()
        self._body.setSpacing(look.space_3)
        top = QHBoxLayout()
        title = QLabel(tr("Blind session"))
        title.setProperty("role", "title")
        top.addWidget(title)
        top.addStretch()
        top.addWidget(CommandButton(registry, "look.grid", theme, text=tr("Back to the grid")))
        self.column.addLayout(top)
        self.column.addWidget(
            words(
                tr(
                    "How well does a person do on this task, and who is right: you, the labels or "
                    "the model? You see one image after the other, drawn at random across the "
                    "classes, without its label and without anything the model says of it, and "
                    "name the class. An answer changes no label."
                )
            )
        )
        self.column.addLayout(self._body)
        self.column.addStretch(1)

    def enter(self) -> None:
        """What Enter does here."""
        if self._blind.current is not None:
            self._blind.resume()
        elif self.sizes:
            chosen = next(size for size in self.sizes if size.button.isChecked())
            self._blinding.start(chosen.offer.n)

    def redraw(self) -> None:
        """Anew: what can be had depends on labels and on sessions of before."""
        _clear(self._body)
        self.sizes, self.results = [], []
        self._choices = QButtonGroup(self)
        if self._blind.current is not None:
            self._body.addWidget(self._paused())
        else:
            self._offer()
        if len(self._blind.sessions) > (self._blind.current is not None):
            self._body.addWidget(self._before())

    def _offer(self) -> None:
        offers = self._blinding.offers()
        if not offers:
            self._body.addWidget(Card(tr("Nothing to ask"), [words(self._blinding.why_none())]))
            return
        row = QHBoxLayout()
        row.setSpacing(look.space_3)
        for offer in offers:
            size = Size(offer)
            self._choices.addButton(size.button)
            self.sizes.append(size)
            row.addWidget(size, 1)
        row.addStretch(3 - len(offers))
        self.sizes[0].button.setChecked(True)
        self._body.addLayout(row)
        self._body.addWidget(
            words(
                tr(
                    "The interval is the 95% one of your accuracy. Images of a session are "
                    "never trained on afterwards: they show whether the model really got better."
                ),
                "muted",
            )
        )
        self._body.addLayout(self._buttons(tr("Start"), self.enter))

    def _paused(self) -> QWidget:
        session = self._blind.current
        assert session is not None
        card = Card(tr("Paused"))
        card.column.addWidget(
            words(
                tr("A session of {images} waits at image {place:,} of {total:,}.").format(
                    images=images_text(session.n_images),
                    place=session.place + 1,
                    total=len(session.shown),
                )
            )
        )
        buttons = self._buttons(tr("Go on"), self.enter)
        self.end = QPushButton(
            tr("End it here, with the result so far") if session.place else tr("Give it up")
        )
        self.end.clicked.connect(self._blind.end)
        buttons.insertSpacing(2, look.space_4)
        buttons.insertWidget(3, self.end)
        card.column.addLayout(buttons)
        return card

    def _buttons(self, text: str, run: Callable[[], None]) -> QHBoxLayout:
        self.go = QPushButton(text)
        self.go.setProperty("primary", True)
        self.go.setToolTip(tr("{0} (Enter)").format(text))
        self.go.clicked.connect(run)
        keys = words(tr("Enter"), "muted")
        keys.setWordWrap(False)
        row = QHBoxLayout()
        row.setSpacing(look.space_2)
        row.addWidget(self.go)
        row.addWidget(keys)
        row.addStretch()
        return row

    def _before(self) -> QWidget:
        """Each finished session in a line, the newest first."""
        card, known = Card(tr("Earlier sessions")), self._blinding.known()
        for place, session in reversed(list(enumerate(self._blind.sessions))):
            if not session.ended:
                continue
            result = result_of(session, known)
            line, said = QHBoxLayout(), ElidedLabel()
            right = tr("right on {share} ({interval})").format(
                share=percent(result.accuracy_given.value), interval=interval(result.accuracy_given)
            )
            said.set_whole(f"{about_session(session, result)} · {right}")
            button = QPushButton(tr("Show"))
            button.setProperty("link", True)
            button.setAccessibleName(tr("Show: {0}").format(about_session(session, result)))
            button.clicked.connect(partial(self.result_wanted.emit, place))
            self.results.append(button)
            line.addWidget(said, 1)
            line.addWidget(button)
            card.column.addLayout(line)
        return card

    def focus(self) -> None:
        """The keyboard to where the arrows are of use."""
        button = self._choices.checkedButton()
        (button or self).setFocus(Qt.FocusReason.OtherFocusReason)


def _clear(layout: QVBoxLayout | QHBoxLayout) -> None:
    """Take out everything, layouts inside too."""
    while layout.count():
        item = layout.takeAt(0)
        if item is None:
            continue
        widget, inner = item.widget(), item.layout()
        if widget is not None:
            widget.hide()
            widget.deleteLater()
        elif isinstance(inner, QVBoxLayout | QHBoxLayout):
            _clear(inner)
            inner.deleteLater()
