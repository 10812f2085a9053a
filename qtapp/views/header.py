"""The strip under the menu bar: what is open, and the buttons most used."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QToolBar, QWidget

from qtapp.commands.registry import Registry
from qtapp.state.activity import TrainingState
from qtapp.state.labels import LabelState
from qtapp.state.session import SessionState
from qtapp.views import theme as look
from qtapp.views.parts import CommandButton, ElidedLabel, plain_tip
from qtapp.views.theme import Theme


class Header(QToolBar):
    """Name and size of the dataset; training, export and help at the right."""

    def __init__(
        self,
        session: SessionState,
        labels: LabelState,
        training: TrainingState,
        registry: Registry,
        theme: Theme,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("header")
        self.setWindowTitle(self.tr("Header"))
        self.setMovable(False)
        self.toggleViewAction().setVisible(False)
        self._session, self._labels, self._training = session, labels, training
        self._name, self._facts = ElidedLabel(mode=Qt.TextElideMode.ElideMiddle), QLabel()
        self._name.setProperty("role", "title")
        # As wide as it is where there is room: whatever it is called, the window does not grow.
        self._name.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._facts.setProperty("role", "muted")
        self.start = CommandButton(registry, "run.start", theme, glyph="play")
        self.pause = CommandButton(registry, "run.pause", theme)
        strip = QWidget()
        row = QHBoxLayout(strip)
        row.setContentsMargins(look.space_4, look.space_2, look.space_4, look.space_2)
        row.setSpacing(look.space_2)
        row.addWidget(self._name)
        row.addSpacing(look.space_1)
        row.addWidget(self._facts, 1)
        for button in (
            self.start,
            self.pause,
            CommandButton(registry, "look.data", theme, text=self.tr("Data"), glyph="data"),
            CommandButton(registry, "file.export", theme, glyph="export"),
            CommandButton(registry, "help.keys", theme, glyph="keys"),
        ):
            row.addWidget(button)
        self.addWidget(strip)
        session.changed.connect(self._redraw)
        labels.classes_changed.connect(self._redraw)
        training.changed.connect(self._redraw)
        self._redraw()

    def event(self, event: QEvent) -> bool:
        handled, layout = super().event(event), self.layout()
        if event.type() == QEvent.Type.Polish and layout is not None:
            layout.setContentsMargins(0, 0, 0, 0)  # Qt took them from the style without its sheet
        return handled

    def _redraw(self) -> None:
        info = self._session.info
        running, paused = self._training.is_running, self._training.is_paused
        self.start.setVisible(not running)
        self.pause.setVisible(running)
        if paused:
            self.pause.set_face(self.tr("Resume training"), "play")
        else:
            self.pause.set_face(self.tr("Pause training"), "pause")
        if info is None:
            return
        self._name.set_whole(info.name)
        self._facts.setText(
            self.tr("{images:,} images · {classes:,} classes").format(
                images=info.n, classes=len(self._labels.classes.offered())
            )
        )
        self._facts.setToolTip(plain_tip(info.sentence))
