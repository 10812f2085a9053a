"""What a person likes: keys, appearance, the name recorded with decisions."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QLineEdit,
    QSpinBox,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from qtapp.commands.registry import Registry
from qtapp.views import theme as look
from qtapp.views.dialogs.key_page import KeyPage
from qtapp.views.parts import indent
from qtapp.views.theme import CONTRAST, DARK, LIGHT, SYSTEM, Theme

FONT_PERCENT = (90, 200)
_STEP, _LONGEST_NAME, _FIELD_PX = 10, 100, 240


class PreferencesDialog(QDialog):
    """Everything is done at once; there is nothing to confirm."""

    preferred = Signal(str, object)  # the name of a setting, and what it is from now on

    def __init__(
        self, registry: Registry, theme: Theme, login_name: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setWindowTitle(self.tr("Preferences"))
        self.keys = KeyPage(registry)
        self.themes, self.font_size, self.reviewer = QComboBox(), QSpinBox(), QLineEdit()
        for preference, text in theme_choices():
            self.themes.addItem(text, preference)
        self.font_size.setRange(*FONT_PERCENT)
        self.font_size.setSingleStep(_STEP)
        indent(self.font_size)
        self.font_size.setSuffix(self.tr(" % of the system's"))
        self.font_size.setKeyboardTracking(False)  # "1" of "150" is no size
        self.reviewer.setPlaceholderText(login_name)
        self.reviewer.setMaxLength(_LONGEST_NAME)
        self.reviewer.setMinimumWidth(_FIELD_PX)
        self.answer_first = QCheckBox(self.tr("Answer &before the suggestion shows"))
        self._first = registry.action("look.answer_first")
        self.pages = QTabWidget()
        self.pages.addTab(self._look(), self.tr("Appearance"))
        self.pages.addTab(self.keys, self.tr("Keys"))
        self.pages.addTab(self._person(), self.tr("Reviewer"))
        close = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        close.rejected.connect(self.reject)
        close.button(QDialogButtonBox.StandardButton.Close).setAutoDefault(False)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(look.space_3, look.space_3, look.space_3, look.space_3)
        whole.setSpacing(look.space_3)
        whole.addWidget(self.pages, 1)
        whole.addWidget(close)
        self._connect()
        theme.changed.connect(self._show_look)
        self._show_look()

    def ask(self, reviewer: str) -> None:
        """Open it."""
        self.reviewer.setText(reviewer)
        self.open()

    def showEvent(self, event: QShowEvent) -> None:
        """Large enough for the list of keys in any font, and never larger than the window."""
        super().showEvent(event)
        over = self.parentWidget()
        metrics = self.fontMetrics()
        width, height = 54 * metrics.averageCharWidth() * 2, 34 * metrics.height()
        if over is not None:
            width = min(width, over.width() - 2 * look.space_4)
            height = min(height, over.height() - 4 * look.space_4)
        self.resize(width, height)

    def _look(self) -> QWidget:
        self.themes.setAccessibleName(self.tr("Theme"))
        self.font_size.setAccessibleName(self.tr("Font size"))
        motion = _explained(self.tr("Motion is shown or left out as the system is set."))
        page, form = _form()
        form.addRow(self.tr("&Theme"), self.themes)
        form.addRow(self.tr("&Font size"), self.font_size)
        form.addRow("", motion)
        return page

    def _person(self) -> QWidget:
        self.reviewer.setAccessibleName(self.tr("Your name"))
        words = _explained(
            self.tr(
                "Recorded with each decision from now on; what was decided before keeps its "
                "name. Empty: the name you log in with. Those who look at the same images under "
                "different names can be compared."
            )
        )
        first = _explained(
            self.tr(
                "With one image at a time, the first key is your own answer and shows what the "
                "model suggests; the next key decides, the same one or another."
            )
        )
        page, form = _form()
        form.addRow(self.tr("Your &name"), self.reviewer)
        form.addRow("", words)
        form.addRow("", self.answer_first)
        form.addRow("", first)
        return page

    def _connect(self) -> None:
        self.themes.activated.connect(
            lambda: self.preferred.emit("theme", self.themes.currentData())
        )
        self.font_size.valueChanged.connect(
            lambda percent: self.preferred.emit("font_percent", percent)
        )
        self.reviewer.editingFinished.connect(self._name)
        self.answer_first.setChecked(self._first.isChecked())
        self.answer_first.toggled.connect(self._first.setChecked)
        self._first.toggled.connect(self.answer_first.setChecked)
        self.keys.chosen.connect(lambda keys: self.preferred.emit("keys", keys))

    def _name(self) -> None:
        self.preferred.emit("reviewer", self.reviewer.text().strip())

    def _show_look(self) -> None:
        self.themes.setCurrentIndex(self.themes.findData(self._theme.preference))
        self.font_size.blockSignals(True)
        self.font_size.setValue(self._theme.font_percent)
        self.font_size.blockSignals(False)


def theme_choices() -> tuple[tuple[str, str], ...]:
    """Every preference of Theme, with its words."""
    translate = QCoreApplication.translate
    return (
        (SYSTEM, translate("PreferencesDialog", "As the system")),
        (LIGHT, translate("PreferencesDialog", "Light")),
        (DARK, translate("PreferencesDialog", "Dark")),
        (CONTRAST, translate("PreferencesDialog", "High contrast")),
    )


def _form() -> tuple[QWidget, QFormLayout]:
    page = QWidget()
    form = QFormLayout(page)
    form.setContentsMargins(look.space_4, look.space_4, look.space_4, look.space_4)
    form.setHorizontalSpacing(look.space_4)
    form.setVerticalSpacing(look.space_3)
    form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.FieldsStayAtSizeHint)
    return page, form


def _explained(text: str) -> QLabel:
    label = QLabel(text)
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setProperty("role", "muted")
    label.setMinimumWidth(360)
    return label
