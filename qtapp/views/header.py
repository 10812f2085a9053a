"""The strip under the menu bar: what is open, and the two buttons most used."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QWidget

from qtapp.commands.registry import Registry
from qtapp.state.labels import LabelState
from qtapp.state.session import SessionState


class Header(QWidget):
    """Name and size of the dataset, training and export."""

    def __init__(
        self,
        session: SessionState,
        labels: LabelState,
        registry: Registry,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("header")
        self._session, self._labels = session, labels
        self._name, self._facts = QLabel("Winnow"), QLabel()
        self._name.setObjectName("headerName")
        self._facts.setProperty("muted", True)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 6, 12, 6)
        layout.setSpacing(12)
        layout.addWidget(self._name)
        layout.addWidget(self._facts, 1)
        for command_id in ("run.start", "run.pause", "file.export", "help.keys"):
            button = QToolButton()
            button.setDefaultAction(registry.action(command_id))
            button.setAccessibleName(registry.action(command_id).text())
            layout.addWidget(button)
        session.changed.connect(self._redraw)
        labels.classes_changed.connect(self._redraw)
        self._redraw()

    def _redraw(self) -> None:
        info = self._session.info
        self.setVisible(info is not None)
        if info is None:
            return
        self._name.setText(info.name)
        classes = len(self._labels.class_names)
        self._facts.setText(
            self.tr("{images} images · {classes} classes").format(
                images=f"{info.n:,}", classes=f"{classes:,}"
            )
        )
        self._facts.setToolTip(info.sentence)
