"""What this program is, and which version of it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QLayout,
    QVBoxLayout,
    QWidget,
)

from qtapp.views import theme as look
from qtapp.views.theme import application_icon


class AboutDialog(QDialog):
    """Name, version, purpose, licence."""

    def __init__(self, version: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("About Winnow"))
        icon = QLabel()
        icon.setPixmap(application_icon().pixmap(64, 64))
        name = QLabel(self.tr("Winnow {}").format(version))
        name.setProperty("role", "title")
        purpose = QLabel(
            self.tr(
                "Makes an image-classification dataset right: a model trains in the background, "
                "the most suspicious images come first, you fix them from the keyboard.\n\n"
                "Everything stays on this computer. Source files are never written to.\n\n"
                "Apache License 2.0. Icons: Lucide, ISC License."
            )
        )
        purpose.setWordWrap(True)
        purpose.setMinimumWidth(360)
        close = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        close.rejected.connect(self.reject)
        words = QVBoxLayout()
        words.setSpacing(look.space_2)
        words.addWidget(name)
        words.addWidget(purpose)
        row = QHBoxLayout()
        row.setSpacing(look.space_4)
        row.addWidget(icon, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(look.space_4, look.space_4, look.space_4, look.space_3)
        whole.setSpacing(look.space_3)
        whole.addLayout(row)
        whole.addWidget(close)
        whole.setSizeConstraint(QLayout.SizeConstraint.SetFixedSize)
