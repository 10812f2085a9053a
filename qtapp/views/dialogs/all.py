"""Opens each dialog, and makes it when it is first wanted."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from qtapp.commands.registry import Registry
from qtapp.state.workspace import Workspace
from qtapp.views.dialogs.about import AboutDialog
from qtapp.views.dialogs.cheat_sheet import CheatSheet
from qtapp.views.dialogs.class_picker import ClassPicker
from qtapp.views.dialogs.export import ExportDialog
from qtapp.views.dialogs.palette import Palette
from qtapp.views.dialogs.runs import RunsDialog
from qtapp.views.theme import Theme

Chosen = Callable[[list[str]], None]


class Dialogs(QObject):
    """What the person answers in them comes out as signals."""

    class_chosen = Signal(int)
    class_added = Signal(str)
    export_asked = Signal(str, str, object)
    export_cancelled = Signal()
    run_chosen = Signal(int)
    run_deleted = Signal(int)

    def __init__(
        self,
        space: Workspace,
        registry: Registry,
        theme: Theme,
        version: str,
        over: Callable[[], QWidget],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._space, self._registry, self._theme = space, registry, theme
        self._version, self._over = version, over
        self._last_folder = str(Path.home())

    @cached_property
    def picker(self) -> ClassPicker:
        picker = ClassPicker(self._space.labels, self._theme, self._over())
        picker.chosen.connect(self.class_chosen)
        picker.added.connect(self.class_added)
        return picker

    @cached_property
    def export(self) -> ExportDialog:
        space = self._space
        dialog = ExportDialog(space.session, space.labels, space.exporting, self._over())
        dialog.asked.connect(self.export_asked)
        dialog.cancel_asked.connect(self.export_cancelled)
        return dialog

    @cached_property
    def runs(self) -> RunsDialog:
        dialog = RunsDialog(self._space.scores, self._space.training, self._over())
        dialog.use_asked.connect(self.run_chosen)
        dialog.delete_asked.connect(self.run_deleted)
        return dialog

    @cached_property
    def palette(self) -> Palette:
        return Palette(self._registry, self._theme, self._over())

    @cached_property
    def cheat_sheet(self) -> CheatSheet:
        return CheatSheet(self._registry, self._over())

    @cached_property
    def about(self) -> AboutDialog:
        return AboutDialog(self._version, self._over())

    def open_files(self, then: Chosen) -> None:
        """Ask for one or several files of a dataset, and call `then` with their paths."""
        dialog = self._file_dialog(
            self.tr("Open a dataset"), QFileDialog.FileMode.ExistingFiles, then
        )
        dialog.open()

    def open_folder(self, then: Chosen) -> None:
        """Ask for a folder of images, or a project."""
        title = self.tr("Open a folder of images, or a project")
        self._file_dialog(title, QFileDialog.FileMode.Directory, then).open()

    def _file_dialog(self, title: str, mode: QFileDialog.FileMode, then: Chosen) -> QFileDialog:
        dialog = QFileDialog(self._over(), title, self._last_folder)
        dialog.setFileMode(mode)
        dialog.filesSelected.connect(self._remember)
        dialog.filesSelected.connect(then)
        dialog.finished.connect(dialog.deleteLater)
        return dialog

    def _remember(self, paths: list[str]) -> None:
        self._last_folder = str(Path(paths[0]).parent)
