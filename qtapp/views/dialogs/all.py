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
from qtapp.views.dialogs.cause_picker import CausePicker
from qtapp.views.dialogs.cheat_sheet import CheatSheet
from qtapp.views.dialogs.class_picker import ClassPicker
from qtapp.views.dialogs.export import ExportDialog
from qtapp.views.dialogs.palette import Palette
from qtapp.views.dialogs.preferences import PreferencesDialog
from qtapp.views.dialogs.runs import RunsDialog
from qtapp.views.dialogs.split import SplitDialog
from qtapp.views.review_session.page import SessionPage
from qtapp.views.theme import Theme

Chosen = Callable[[list[str]], None]


class Dialogs(QObject):
    """What the person answers in them comes out as signals."""

    class_chosen = Signal(int)
    class_added = Signal(str)
    cause_chosen = Signal(str)
    noted = Signal(str)
    export_asked = Signal(str, str, object)
    export_cancelled = Signal()
    division_thought_of = Signal(object)  # Division
    division_wanted = Signal()
    division_dropped = Signal()
    splits_of_source_wanted = Signal()
    run_chosen = Signal(int)
    run_deleted = Signal(int)
    preferred = Signal(str, object)

    def __init__(
        self,
        space: Workspace,
        registry: Registry,
        theme: Theme,
        version: str,
        login_name: str,
        over: Callable[[], QWidget],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._space, self._registry, self._theme = space, registry, theme
        self._version, self._login_name, self._over = version, login_name, over
        self._last_folder = str(Path.home())

    @cached_property
    def picker(self) -> ClassPicker:
        picker = ClassPicker(self._space.labels, self._theme, self._over())
        picker.chosen.connect(self.class_chosen)
        picker.added.connect(self.class_added)
        return picker

    @cached_property
    def cause_picker(self) -> CausePicker:
        space = self._space
        picker = CausePicker(space.causes, space.selection, self._theme, self._over())
        picker.chosen.connect(self.cause_chosen)
        picker.noted.connect(self.noted)
        return picker

    @cached_property
    def session_page(self) -> SessionPage:
        space = self._space
        return SessionPage(
            space.labels, space.audit, space.selection, space.order, space.view,
            space.review_session, space.worth, self._registry, self._theme, self._over(),
        )  # fmt: skip

    @cached_property
    def export(self) -> ExportDialog:
        space = self._space
        dialog = ExportDialog(space.session, space.labels, space.exporting, self._over())
        dialog.asked.connect(self.export_asked)
        dialog.cancel_asked.connect(self.export_cancelled)
        return dialog

    @cached_property
    def split(self) -> SplitDialog:
        dialog = SplitDialog(self._space.session, self._space.remedying, self._over())
        dialog.thought_of.connect(self.division_thought_of)
        dialog.wanted.connect(self.division_wanted)
        dialog.dropped.connect(self.division_dropped)
        dialog.source_wanted.connect(self.splits_of_source_wanted)
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

    @cached_property
    def preferences(self) -> PreferencesDialog:
        dialog = PreferencesDialog(self._registry, self._theme, self._login_name, self._over())
        dialog.preferred.connect(self.preferred)
        return dialog

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

    def open_project(self, then: Chosen) -> None:
        """Ask for a project about the same images as the one that is open."""
        title = self.tr("Merge another project (a folder NAME.winnow)")
        self._file_dialog(title, QFileDialog.FileMode.Directory, then).open()

    def save_blind(self, name: str, then: Chosen) -> None:
        """Ask where the result of a blind session goes; nothing there is overwritten."""
        title = self.tr("Export the result of a blind session")
        dialog = self._file_dialog(title, QFileDialog.FileMode.AnyFile, then)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setOption(QFileDialog.Option.DontConfirmOverwrite)
        dialog.setDefaultSuffix("json")
        dialog.selectFile(name)
        dialog.open()

    def _file_dialog(self, title: str, mode: QFileDialog.FileMode, then: Chosen) -> QFileDialog:
        dialog = QFileDialog(self._over(), title, self._last_folder)
        dialog.setFileMode(mode)
        dialog.filesSelected.connect(self._remember)
        dialog.filesSelected.connect(then)
        dialog.finished.connect(dialog.deleteLater)
        return dialog

    def _remember(self, paths: list[str]) -> None:
        self._last_folder = str(Path(paths[0]).parent)
