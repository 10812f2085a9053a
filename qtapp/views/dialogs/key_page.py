"""Every command with its keys: find one, press another key, or take over a whole preset."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from qtapp.commands import keys as rules
from qtapp.commands.digits import DIGITS
from qtapp.commands.registry import Described, Registry
from qtapp.views import theme as look
from qtapp.views.dialogs.cheat_sheet import title_of
from qtapp.views.dialogs.key_field import KeyField
from qtapp.views.parts import set_role

_ID = Qt.ItemDataRole.UserRole
_DEFAULT, _OWN = "default", "own"
_LEAST_PX = 150  # of a column


class KeyPage(QWidget):
    """Shows the registry; what the person wants instead comes out as `chosen`."""

    chosen = Signal(object)  # Keys of every command

    def __init__(self, registry: Registry, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._registry = registry
        self._held = set(registry.held)
        self._presets = {_DEFAULT: registry.default_keys}
        for name in rules.PRESETS:
            changes = rules.load_preset(name)
            self._presets[name] = rules.with_changes(registry.default_keys, changes, self._held)[0]
        self.filter, self.presets, self.list = QLineEdit(), QComboBox(), QTreeWidget()
        self.field, self.beside = KeyField(), QCheckBox(self.tr("beside those it has"))
        self.reset, self.none = QPushButton(self.tr("Reset")), QPushButton(self.tr("No key"))
        self.reset_all = QPushButton(self.tr("Reset all"))
        self.outcome, self.remedy = QLabel(), QPushButton()
        self._remedy: Callable[[], None] = self._forget_remedy
        self._sections, self._lines = list[QTreeWidgetItem](), list[QTreeWidgetItem]()
        self._lay_out()
        self._fill()
        self._connect()
        self._say("", "muted")
        self._redraw()

    # -- building ------------------------------------------------------------------------
    def _lay_out(self) -> None:
        self.filter.setPlaceholderText(self.tr("Find a command or a key"))
        self.filter.setAccessibleName(self.tr("Find a command or a key"))
        self.filter.setClearButtonEnabled(True)
        self.presets.setAccessibleName(self.tr("Keys as in"))
        for name, text in (
            (_DEFAULT, self.tr("Winnow (default)")),
            ("left_hand", self.tr("One hand (left)")),
            ("cleanlab_studio", self.tr("Cleanlab Studio")),
            ("lightroom", self.tr("Lightroom")),
            ("prodigy", self.tr("Prodigy")),
        ):
            self.presets.addItem(text, name)
        self.list.setAccessibleName(self.tr("Commands and their keys"))
        self.list.setAccessibleDescription(
            self.tr("Choose a command, then press its new key in the field below.")
        )
        self.list.setHeaderLabels([self.tr("Command"), self.tr("Keys"), self.tr("Default")])
        self.list.setRootIsDecorated(False)
        self.list.setIndentation(look.space_3)
        header = self.list.header()
        header.setMinimumSectionSize(_LEAST_PX)
        header.setStretchLastSection(False)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        for column in (1, 2):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)
        self.reset.setToolTip(self.tr("Give this command its default keys back"))
        self.none.setToolTip(self.tr("Leave this command to menus and buttons"))
        self.outcome.setWordWrap(True)
        self.outcome.setTextFormat(Qt.TextFormat.PlainText)
        self._name = QLabel()
        self._name.setTextFormat(Qt.TextFormat.PlainText)
        self._name.setBuddy(self.field)
        top, change, said = QHBoxLayout(), QHBoxLayout(), QHBoxLayout()
        self._as_in = QLabel(self.tr("Keys as in"))
        self._as_in.setBuddy(self.presets)
        for part, stretch in ((self.filter, 1), (self._as_in, 0), (self.presets, 0)):
            top.addWidget(part, stretch)
        for control in (self.field, self.beside, self.reset, self.none):
            change.addWidget(control)
        change.addStretch()
        change.addWidget(self.reset_all)
        said.addWidget(self.outcome, 1)
        said.addWidget(self.remedy)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(look.space_3, look.space_3, look.space_3, look.space_3)
        whole.setSpacing(look.space_2)
        whole.addLayout(top)
        whole.addWidget(self.list, 1)
        whole.addWidget(self._name)
        for row in (top, change, said):
            row.setSpacing(look.space_2)
        whole.addLayout(change)
        whole.addLayout(said)

    def _fill(self) -> None:
        sections: dict[str, QTreeWidgetItem] = {}
        for line in self._registry.described():
            if line.section == "digit":
                continue
            if line.section not in sections:
                sections[line.section] = self._section(title_of(line.section))
            self._add(sections[line.section], line)
        digits = self._section(self.tr("Set a class"))
        rule = QTreeWidgetItem([self.tr("Set the class that shows this key"), " ".join(DIGITS)])
        rule.setText(2, self.tr("always"))
        rule.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable)
        rule.setToolTip(0, self.tr("Digits follow the list of classes; they are not for changing"))
        digits.addChild(rule)
        self._lines.append(rule)
        self.list.expandAll()
        self.list.setCurrentItem(self._lines[0])

    def _section(self, title: str) -> QTreeWidgetItem:
        item = QTreeWidgetItem([title])
        item.setFlags(Qt.ItemFlag.ItemIsEnabled)
        bold = QFont()
        bold.setBold(True)
        item.setData(0, Qt.ItemDataRole.FontRole, bold)
        self.list.addTopLevelItem(item)
        self._sections.append(item)
        item.setFirstColumnSpanned(True)
        return item

    def _add(self, section: QTreeWidgetItem, line: Described) -> None:
        item = QTreeWidgetItem([line.text])
        item.setData(0, _ID, line.id)
        section.addChild(item)
        self._lines.append(item)

    def _connect(self) -> None:
        self._registry.keys_changed.connect(self._redraw)
        for button in (self.reset, self.none, self.reset_all, self.remedy):
            button.setAutoDefault(False)  # Enter in the filter presses none of them
        self.filter.textChanged.connect(self._show_found)
        self.filter.returnPressed.connect(self.list.setFocus)
        self.presets.activated.connect(self._take_preset)
        self.list.currentItemChanged.connect(self._follow_current)
        self.list.itemActivated.connect(lambda: self.field.setFocus())
        self.field.taken.connect(self._propose)
        self.field.left.connect(self.list.setFocus)
        self.reset.clicked.connect(self._reset_current)
        self.none.clicked.connect(lambda: self._set(()))
        self.reset_all.clicked.connect(self._reset_all)
        self.remedy.clicked.connect(lambda: self._remedy())

    # -- what is wanted ------------------------------------------------------------------
    def current(self) -> str:
        """The id of the command that a key would be given to; empty if there is none."""
        item = self._current_line()
        return str(item.data(0, _ID) or "") if item is not None else ""

    def choose(self, command_id: str) -> None:
        """Make a command the current one."""
        for item in self._lines:
            if item.data(0, _ID) == command_id:
                self.list.setCurrentItem(item)

    def _propose(self, key: str) -> None:
        command_id, keys = self.current(), self._registry.keys
        why_not = rules.objection(key, held=command_id in self._held)
        owner = rules.owner_of(keys, key)
        bound = (*keys[command_id], key) if self.beside.isChecked() else (key,)
        if why_not:
            self._say(f"{rules.native(key)}: {why_not}", "danger")
        elif owner.startswith(rules.FIXED):
            self._say(self.tr("{0} sets a class, always").format(rules.native(key)), "danger")
        elif owner and owner != command_id:
            self._say(
                self.tr("{0} belongs to “{1}”").format(rules.native(key), self._text(owner)),
                "danger",
            )
            self._offer(
                self.tr("Take it for “{0}”").format(self._text(command_id)),
                lambda: self._set(bound),
            )
        else:
            self._set(tuple(dict.fromkeys(bound)))

    def _set(self, bound: tuple[str, ...]) -> None:
        command_id = self.current()
        self._change(
            rules.rebound(self._registry.keys, command_id, bound),
            self.tr("{0}: {1}").format(self._text(command_id), self._in_words(bound)),
        )

    def _reset_current(self) -> None:
        command_id = self.current()
        self._set(self._registry.default_keys[command_id])

    def _reset_all(self) -> None:
        self._change(self._presets[_DEFAULT], self.tr("Every command has its default keys"))

    def _take_preset(self) -> None:
        name = self.presets.currentData()
        if name in self._presets:
            sentence = self.tr("Keys as in {0}").format(self.presets.currentText())
            self._change(self._presets[name], sentence)

    def _change(self, keys: rules.Keys, sentence: str) -> None:
        before = self._registry.keys
        if keys == before:
            return
        lost = [
            self._text(command_id)
            for command_id, bound in keys.items()
            if before[command_id] and not bound and command_id != self.current()
        ]
        if lost:
            sentence += self.tr("; without a key now: {0}").format(", ".join(lost))
        self.chosen.emit(keys)
        self._say(sentence, "muted")
        self._offer(self.tr("Undo"), lambda: self._change(before, self.tr("Undone")))

    # -- showing -------------------------------------------------------------------------
    def _current_line(self) -> QTreeWidgetItem | None:
        return next((line for line in self.list.selectedItems() if not line.isHidden()), None)

    def _redraw(self) -> None:
        keys, defaults = self._registry.keys, self._registry.default_keys
        for item in self._lines:
            command_id = item.data(0, _ID)
            if command_id:
                changed = keys[command_id] != defaults[command_id]
                item.setText(1, self._in_words(keys[command_id]))
                item.setText(2, self._in_words(defaults[command_id]) if changed else "")
        self.reset_all.setEnabled(keys != defaults)
        names = [name for name, preset in self._presets.items() if preset == keys]
        own = self.presets.findData(_OWN)
        if not names and own < 0:
            self.presets.addItem(self.tr("Own"), _OWN)
        elif names and own >= 0:
            self.presets.removeItem(own)
        self.presets.setCurrentIndex(self.presets.findData(names[0] if names else _OWN))
        self._show_found()

    def _show_found(self) -> None:
        words = self.filter.text().casefold().split()
        for item in self._lines:
            said = f"{item.text(0)} {item.text(1)}".casefold()
            item.setHidden(not all(word in said for word in words))
        shown = [line for line in self._lines if not line.isHidden()]
        for section in self._sections:
            section.setHidden(all(line.parent() is not section for line in shown))
        if self._current_line() is None:
            found = next(iter(shown), None)
            if found is not None:
                self.list.setCurrentItem(found)
        self._follow_keys()

    def _follow_current(self) -> None:
        self._say("", "muted")
        self._follow_keys()

    def _follow_keys(self) -> None:
        command_id = self.current()
        keys, defaults = self._registry.keys, self._registry.default_keys
        text = self._text(command_id) if command_id else ""
        self._name.setText(self.tr("New key for “{0}”").format(text) if text else self._no_choice())
        self.field.setAccessibleName(self.tr("New key for {0}").format(text))
        self.field.setPlaceholderText(self.tr("press the new key here"))
        self.beside.setAccessibleName(self.tr("Give it beside those it has"))
        for part in (self.field, self.beside):
            part.setEnabled(bool(command_id))
        self.reset.setEnabled(bool(command_id) and keys[command_id] != defaults[command_id])
        self.none.setEnabled(bool(command_id) and bool(keys[command_id]))

    def _no_choice(self) -> str:
        if self._current_line() is None:
            return self.tr("No command is called so, and none has that key")
        return self.tr("Digits follow the list of classes; they are not for changing")

    def _say(self, sentence: str, role: str) -> None:
        self.outcome.setText(sentence)
        set_role(self.outcome, role)
        self._offer("", self._forget_remedy)

    def _offer(self, text: str, remedy: Callable[[], None]) -> None:
        self.remedy.setText(text)
        self.remedy.setVisible(bool(text))
        self._remedy = remedy

    def _forget_remedy(self) -> None:
        """Nothing is offered."""

    def _text(self, command_id: str) -> str:
        lines = (line.text for line in self._registry.described() if line.id == command_id)
        return next(lines, command_id)

    def _in_words(self, bound: tuple[str, ...]) -> str:
        return "   ".join(map(rules.native, bound)) or "–"
