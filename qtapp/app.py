"""The composition root: builds every long-lived object once and hands each what it needs."""

from __future__ import annotations

import base64
import os
import signal
import sys
from collections.abc import Sequence
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from types import TracebackType
from typing import Any

from PySide6.QtCore import QByteArray, QObject, Qt, QTimer, QUrl, Signal
from PySide6.QtGui import QActionGroup, QDesktopServices
from PySide6.QtWidgets import QApplication, QMenu, QStackedWidget, QWidget

from models.errors import SourceChanged, SourceMissing, Undecided
from models.opening import request_for, user_name
from models.types import ExportOptions, OpenRequest, RunSummary
from qtapp.commands import catalog
from qtapp.commands.blinding import Blinding
from qtapp.commands.comparing import Comparing
from qtapp.commands.desk import Desk, Jobs
from qtapp.commands.edits import Edits
from qtapp.commands.holding import Holding
from qtapp.commands.keys import differences, with_changes
from qtapp.commands.moving import Moving
from qtapp.commands.registry import Registry
from qtapp.commands.runs import Runs
from qtapp.commands.tagging import Tagging
from qtapp.jobs.agreeing import Agreeing
from qtapp.jobs.arranging import Arranger
from qtapp.jobs.blind_export import BlindExporter
from qtapp.jobs.confusion import MatrixCounter
from qtapp.jobs.describing import Describer
from qtapp.jobs.learning import VerdictLearner
from qtapp.jobs.map_pictures import MapPictures
from qtapp.jobs.mapping import Mapper
from qtapp.jobs.neighbours import NeighbourFinder
from qtapp.jobs.opening import ReadyToShow
from qtapp.jobs.paths import PathReader
from qtapp.jobs.previewing import Previewer
from qtapp.jobs.publishing import Exporter, Publisher
from qtapp.jobs.review_session import SessionReader
from qtapp.jobs.saving import Saver
from qtapp.jobs.thumbnails import Thumbnails
from qtapp.jobs.traces import Traces
from qtapp.notices import NoticeBar, Toast
from qtapp.settings import Settings, load_settings, save_settings, settings_path
from qtapp.state.view import BLIND, DATA, GRID
from qtapp.state.workspace import Workspace
from qtapp.telling import Telling
from qtapp.views.blind.page import BlindPage
from qtapp.views.compare import CompareView
from qtapp.views.data.page import DataPage
from qtapp.views.dialogs.all import Dialogs
from qtapp.views.dialogs.preferences import theme_choices
from qtapp.views.grid.empty import EmptyOrder
from qtapp.views.grid.headers import GroupHeaders
from qtapp.views.grid.item_model import TileItemModel
from qtapp.views.grid.view import GridView
from qtapp.views.header import Header
from qtapp.views.main_window import Dock, MainWindow, Panels
from qtapp.views.map.panel import MapPanel
from qtapp.views.order_bar import OrderBar
from qtapp.views.panels.evidence import EvidenceStrip
from qtapp.views.panels.filters import FiltersPanel
from qtapp.views.panels.inspector import Inspector
from qtapp.views.panels.matrix import MatrixPanel
from qtapp.views.panels.remarks import RemarkLine
from qtapp.views.panels.status import StatusBar
from qtapp.views.panels.training import TrainingPanel
from qtapp.views.peek import Peek
from qtapp.views.query.bar import QueryBar
from qtapp.views.review_page import ReviewPage
from qtapp.views.single import SingleView
from qtapp.views.start_page import StartPage
from qtapp.views.theme import Theme, application_icon

_SIGNALS_MS = 200  # how long Python may be kept from seeing Ctrl+C by Qt's event loop


class Application(QObject):
    """One window and everything behind it. Nothing looks it up; tests build their own."""

    errors = Signal(object)  # from sys.excepthook, whatever thread it was on
    left = Signal()  # the window is closed, every thread and child has ended

    def __init__(self, qt: QApplication, settings: Settings, settings_file: Path) -> None:
        super().__init__()
        self._qt, self._settings, self._settings_file = qt, settings, settings_file
        self.space = Workspace(self)
        self.theme = Theme(settings.theme, self, settings.font_percent)
        self.theme.apply(qt)
        self.registry = Registry(self)
        self._build_jobs()
        self._build_commands()
        self._build_window()
        self._connect()
        self._asked = OpenRequest(())  # what was opened last
        self._is_leaving = self._train_unasked = False

    # -- building ------------------------------------------------------------------------
    def _build_jobs(self) -> None:
        space = self.space
        self.runs = Runs(
            space.session, space.labels, space.scores, space.order, space.audit, space.blind,
            space.training, self,
        )  # fmt: skip
        self.jobs = Jobs(
            thumbnails=Thumbnails(self),
            arranger=Arranger(
                space.session,
                space.labels,
                space.scores,
                space.selection,
                space.order,
                space.opinions,
                space.paths,
                self,
            ),
            saver=Saver(space.labels, space.audit, space.blind, self),
            publisher=Publisher(space.session, space.labels, space.folding, self),
            exporter=Exporter(space.exporting, self),
            blind_exporter=BlindExporter(self),
            describer=Describer(space.session, space.view, space.describing, self),
            learner=VerdictLearner(
                space.session, space.labels, space.scores, space.order, space.learning, self
            ),
            agreeing=Agreeing(space.session, space.labels, space.scores, space.opinions, self),
            mapper=Mapper(space.session, space.scores, space.training, space.mapping, self),
            map_pictures=MapPictures(
                space.session,
                space.labels,
                space.scores,
                space.audit,
                space.selection,
                space.mapping,
                self,
            ),
            paths=PathReader(space.session, space.order, space.paths, self),
            counter=MatrixCounter(space.session, space.labels, space.scores, space.confusion, self),
            neighbours=NeighbourFinder(
                space.labels, space.scores, space.selection, space.neighbours, self
            ),
            session_reader=SessionReader(
                space.session, space.labels, space.causes, space.review_session, self
            ),
            runs=self.runs,
        )

    def _build_commands(self) -> None:
        space = self.space
        self.edits = Edits(space.session, space.labels, space.scores, space.selection, parent=self)
        self.moving = Moving(
            space.labels, space.selection, space.order, space.view, space.audit, self
        )
        self.tagging = Tagging(self.edits, space.causes, space.selection, self)
        self.comparing = Comparing(
            space.scores, space.selection, space.order, space.neighbours, space.view, self
        )
        self.blinding = Blinding(
            space.session, space.labels, space.scores, space.selection, space.order, space.view,
            space.blind, parent=self,
        )  # fmt: skip
        self.desk = Desk(space, self.jobs, self.edits, self)
        self.dialogs = Dialogs(
            space, self.registry, self.theme, version("winnow"), user_name(), self._over, self
        )
        window = catalog.WindowCommands(
            open_files=lambda: self.dialogs.open_files(self.open_paths),
            open_folder=lambda: self.dialogs.open_folder(self.open_paths),
            locate=lambda: self.dialogs.open_files(self._locate),
            locate_folder=lambda: self.dialogs.open_folder(self._locate),
            export=lambda: self.dialogs.export.ask(),
            show_folder=self._show_folder,
            pick_class=lambda: self.dialogs.picker.ask(),
            tag=lambda: self.dialogs.cause_picker.ask(),
            show_session=lambda: self.dialogs.session_page.ask(),
            query=lambda: self.query_bar.open(),
            palette=lambda: self.dialogs.palette.ask(),
            cheat_sheet=lambda: self.dialogs.cheat_sheet.ask(),
            about=lambda: self.dialogs.about.show(),
            preferences=lambda: self.dialogs.preferences.ask(self._settings.reviewer),
            manage_runs=self._manage_runs,
            toggle_dock=lambda name: self.window.toggle_dock(name),
            full_screen=self._toggle_full_screen,
            quit=self.leave,
            save=self.jobs.publisher.fold,
        )
        catalog.declare_all(
            self.registry, space, self.edits, self.blinding, self.moving, self.comparing,
            self.desk, self.runs,
            window,
        )  # fmt: skip
        self.needs_dataset = catalog.NeedsDataset(self.registry, space, self)

    def _build_window(self) -> None:
        space, registry, theme = self.space, self.registry, self.theme
        thumbnails = self.jobs.thumbnails
        tiles = TileItemModel(space.labels, space.scores, space.order, space.view, thumbnails, self)
        headers = GroupHeaders(space.session, space.labels, space.order, space.view, theme, self)
        self.grid = GridView(
            tiles, headers, space.selection, space.view, thumbnails, registry, theme
        )
        self.empty_order = EmptyOrder(space.session, space.order, self.grid)
        self.single = SingleView(
            space.session, space.labels, space.scores, space.selection, space.order, space.view,
            space.audit, thumbnails, registry, theme,
        )  # fmt: skip
        self.previewer = Previewer(self)
        self.start_page = StartPage(space.opening, self.previewer, registry, theme)
        self.order_bar = OrderBar(
            space.session,
            space.order,
            space.selection,
            space.view,
            space.learning,
            registry,
            theme,
        )
        self.query_bar = QueryBar(
            space.session, space.labels, space.scores, space.order, space.paths, space.queries,
            registry, theme,
        )  # fmt: skip
        self.data_page = DataPage(
            space.session, space.labels, space.describing, space.selection, space.order,
            space.view, registry, theme,
        )  # fmt: skip
        self.compare = CompareView(
            space.session, space.labels, space.scores, space.selection, space.view, thumbnails,
            registry, theme,
        )  # fmt: skip
        self.blind_page = BlindPage(
            space.session, space.labels, space.scores, space.blind, self.blinding, thumbnails,
            registry, theme,
        )  # fmt: skip
        self.review_page = ReviewPage(
            space.view, self.order_bar, self.query_bar, self.grid, self.single, self.data_page,
            self.compare, self.blind_page,
        )  # fmt: skip
        self.evidence = EvidenceStrip(
            space.labels, space.scores, space.selection, space.view, space.neighbours, thumbnails,
            theme,
        )  # fmt: skip
        self.inspector = Inspector(
            space.session, space.labels, space.scores, space.selection, space.view, registry,
            theme, Traces(space.session, space.scores).of, thumbnails.path_of,
            self.evidence, RemarkLine(space.causes, space.selection, registry, theme),
        )  # fmt: skip
        self.map = MapPanel(
            space.session, space.labels, space.scores, space.selection, space.order, space.view,
            space.training, space.mapping, self.jobs.map_pictures, thumbnails, theme,
        )  # fmt: skip
        self.pages = QStackedWidget()
        self.pages.addWidget(self.start_page)
        self.pages.addWidget(self.review_page)
        self.notices = NoticeBar(theme)
        panels = Panels(
            header=Header(space.session, space.labels, space.training, registry, theme),
            notices=self.notices,
            pages=self.pages,
            docks=self._docks(),
            status=StatusBar(space.session, space.labels, space.audit, space.learning),
        )
        self.recent_menu = QMenu(self.tr("Open recent"))
        self.window = MainWindow(
            registry,
            Holding(registry, self),
            panels,
            {"file.recent": self.recent_menu, "look.theme": self._theme_menu()},
        )
        self.window.setWindowIcon(application_icon())
        self.telling = Telling(space, self.notices, Toast(registry, self.pages), registry, self)
        self.peek = Peek(
            space.session, space.labels, space.scores, space.selection, space.order, space.view,
            space.neighbours, thumbnails, theme, self.pages,
        )  # fmt: skip
        self.recent_menu.triggered.connect(lambda action: self.open_paths([action.data()]))
        self._fill_recent()
        self._restore_window()
        self._restore_preferences()

    def _docks(self) -> tuple[Dock, ...]:
        space, registry, theme, sides = self.space, self.registry, self.theme, Qt.DockWidgetArea
        return (
            Dock(
                "filters",
                self.tr("Filters"),
                FiltersPanel(space.session, space.labels, space.order, theme),
                sides.LeftDockWidgetArea,
            ),
            Dock("inspector", self.tr("Inspector"), self.inspector, sides.RightDockWidgetArea),
            Dock(
                "training",
                self.tr("Training"),
                TrainingPanel(space.training, space.learning, space.corrections, registry, theme),
                sides.BottomDockWidgetArea,
            ),
            Dock(
                "matrix",
                self.tr("Confusion matrix"),
                MatrixPanel(
                    space.session,
                    space.labels,
                    space.scores,
                    space.order,
                    space.training,
                    space.confusion,
                    registry,
                    theme,
                ),
                sides.BottomDockWidgetArea,
                at_first=False,
            ),
            Dock("map", self.tr("Map"), self.map, sides.BottomDockWidgetArea, at_first=False),
        )

    def _connect(self) -> None:
        space, desk = self.space, self.desk
        desk.opened.connect(self._welcome)
        desk.closing.connect(self._remember_project)
        desk.closed.connect(self._after_close)
        desk.failed.connect(self._tell_failure)
        self.runs.listed.connect(self._after_listing)
        self.runs.learnt.connect(space.corrections.load)
        self.runs.failed.connect(self.notices.show_error)
        self.jobs.arranger.failed.connect(self.notices.show_error)
        self.jobs.agreeing.failed.connect(self.notices.show_error)
        self.jobs.paths.failed.connect(self.notices.show_error)
        self.jobs.counter.failed.connect(self.notices.show_error)
        self.jobs.session_reader.failed.connect(self.notices.show_error)
        self.jobs.learner.failed.connect(self.notices.show_error)
        self.jobs.map_pictures.failed.connect(self.notices.show_error)
        self.map.wanted.connect(self.jobs.mapper.make)
        self.map.stopped.connect(self.jobs.mapper.cancel)
        self.map.in_sight.connect(self.jobs.mapper.set_in_sight)
        self.jobs.neighbours.failed.connect(self.notices.show_error)
        self.jobs.thumbnails.failed.connect(self.notices.show_error)
        self.jobs.thumbnails.full_arrived.connect(self.inspector.show_image)
        space.selection.current_changed.connect(self._want_image)
        self.edits.decided.connect(self.telling.tell_edit)  # first: it asks what is seen
        self.edits.decided.connect(self.moving.after)
        self.edits.undone.connect(self.moving.return_to)
        self.edits.idle.connect(self.telling.tell_idle)
        self.tagging.idle.connect(self.telling.tell_idle)
        self.tagging.told.connect(self.telling.tell_remark)
        self.moving.idle.connect(self.telling.tell_idle)
        self.comparing.idle.connect(self.telling.tell_idle)
        self.blinding.idle.connect(self.telling.tell_idle)
        self.blinding.export_wanted.connect(self._export_blind)
        self.jobs.blind_exporter.written.connect(self.telling.tell_written)
        self.jobs.blind_exporter.failed.connect(self.notices.show_error)
        self.dialogs.class_chosen.connect(self.edits.set_class)
        self.dialogs.class_added.connect(self.edits.add_class)
        self.dialogs.cause_chosen.connect(self.tagging.toggle)
        self.dialogs.noted.connect(self.tagging.note)
        self.data_page.merge_wanted.connect(self.edits.merge_classes)
        self.dialogs.export_asked.connect(self._export)
        self.dialogs.export_cancelled.connect(self.jobs.exporter.cancel)
        self.dialogs.run_chosen.connect(self.runs.use)
        self.dialogs.run_deleted.connect(self.runs.delete)
        self.dialogs.preferred.connect(self._prefer)
        self.data_page.stopped.connect(self.jobs.describer.cancel)
        self.data_page.wanted.connect(self.jobs.describer.again)
        space.view.changed.connect(self._make_room)
        self.query_bar.left.connect(self.review_page.give_keys)
        self.start_page.opened.connect(self.open_paths)
        self.start_page.cancelled.connect(desk.cancel)
        self.start_page.choice.chosen.connect(self.open)
        self.window.dropped.connect(self.open_paths)
        # Queued: Qt ignores a close() from inside the event of another one.
        self.window.close_asked.connect(self.leave, Qt.ConnectionType.QueuedConnection)
        self.errors.connect(self.notices.show_error)

    # -- opening and leaving ---------------------------------------------------------------
    def open_paths(self, paths: Sequence[str]) -> None:
        """Open what was dropped, chosen, or clicked among the recent ones."""
        self.open(request_for(paths))

    def open(self, request: OpenRequest) -> None:
        self._asked = request
        self.previewer.stop()
        self.notices.clear()
        self.pages.setCurrentWidget(self.start_page)
        self.desk.open(request)

    def _locate(self, paths: Sequence[str]) -> None:
        self.desk.locate(request_for(paths))

    def open_demo(self) -> None:
        self.notices.clear()
        self.pages.setCurrentWidget(self.start_page)
        self.desk.open_demo()

    def leave(self) -> None:
        """Close what is open, then the window."""
        self.previewer.stop()
        self._is_leaving = True
        self.desk.close()

    def _welcome(self, ready: ReadyToShow) -> None:
        space, info, project_settings = self.space, ready.review.info, ready.settings
        space.view.set_thumb_px(project_settings.get("thumb_px", self._settings.thumb_px))
        space.view.set_advance(project_settings.get("advance", self._settings.advance))
        self.window.restore_layout(project_settings.get("layout", ""))
        space.queries.load(project_settings.get("queries", ()))
        self.window.setWindowTitle(f"{info.name} – Winnow")
        self.pages.setCurrentWidget(self.review_page)
        self.grid.setFocus()
        sentences = [*info.warnings, ready.review.project.notice, *self._matched(ready)]
        if not space.labels.has_labels:
            sentences.append(
                self.tr(
                    "No image has a label yet. Select images and set a class ({key} adds one by "
                    "name); with two classes or more, start training."
                ).format(key=self.registry.key_text("decide.pick_class"))
            )
        for sentence in sentences:
            if sentence:
                self.notices.tell(sentence)
        self._settings = self._settings.with_recent(info.name, space.session.project_path)
        self._fill_recent()
        self._train_unasked = space.labels.has_labels

    def _matched(self, ready: ReadyToShow) -> list[str]:
        """What became of decisions that were just carried over to a changed source."""
        if not ready.matched:
            return []
        carried, lost = ready.matched["carried"], len(ready.matched["lost"])
        sentence = self.tr("The decisions on {n:,} images were carried over.").format(n=carried)
        if lost:
            sentence += " " + self.tr(
                "{n:,} decided images are no longer in the dataset; what was decided about them "
                "is kept in the project's backups."
            ).format(n=lost)
        return [sentence]

    def _after_listing(self, runs: tuple[RunSummary, ...]) -> None:
        """The first listing after opening decides whether training starts by itself."""
        self.dialogs.runs.set_runs(runs)
        wanted, self._train_unasked = self._train_unasked, False
        if not wanted or not self.registry.action("run.auto").isChecked():
            return
        if not runs:
            self.runs.start()
        elif runs[0].resumable and runs[0].state == "running":  # it was cut off, not stopped
            self.runs.resume()

    def _remember_project(self, project_settings: dict[str, Any]) -> None:
        view = self.space.view
        project_settings.update(
            layout=self.window.layout_text(),
            thumb_px=view.thumb_px,
            advance=view.advance,
            run=self.space.scores.run,
            queries=self.space.queries.saved,
        )
        self._settings = replace(self._settings, thumb_px=view.thumb_px, advance=view.advance)

    def _after_close(self) -> None:
        self.space.view.set_mode(GRID)
        self.window.show_panels(False)
        self.window.setWindowTitle("Winnow")
        self.pages.setCurrentWidget(self.start_page)
        if self._is_leaving:
            self._save_settings()
            self.window.allow_close()
            self.left.emit()

    def _tell_failure(self, error: BaseException) -> None:
        if self.space.session.is_open:  # corrected.h5 was refused on closing
            self._is_leaving = False
            self.notices.show_error(error)
        elif isinstance(error, Undecided):
            self.start_page.ask(error, self._asked)
        else:
            offers = {
                SourceMissing: ("file.locate", "file.locate_folder"),
                SourceChanged: ("file.match",),
            }
            self.start_page.show_error(error, offers.get(type(error), ()))
            self._is_leaving = False

    # -- commands of the window ------------------------------------------------------------
    def _want_image(self, sample_id: int) -> None:
        if sample_id >= 0:
            self.jobs.thumbnails.want_full(sample_id)

    def _make_room(self) -> None:
        self.window.give_room(self.space.view.mode in (DATA, BLIND))

    def _export(self, out: str, as_format: str, options: ExportOptions) -> None:
        project = Path(self.space.session.project_path)
        self.jobs.exporter.export(project, Path(out), as_format, options)

    def _export_blind(self, message: dict[str, Any], lines: list[tuple[Any, ...]]) -> None:
        def export(paths: list[str]) -> None:
            self.jobs.blind_exporter.export(Path(paths[0]), message, lines)

        info = self.space.session.info
        name = f"{info.name if info else 'blind'}-blind-{self.space.blind.shown + 1}.json"
        self.dialogs.save_blind(name, export)

    def _manage_runs(self) -> None:
        self.runs.refresh()
        self.dialogs.runs.ask()

    def _show_folder(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(self.space.session.project_path))

    def _toggle_full_screen(self) -> None:
        if self.window.isFullScreen():
            self.window.showNormal()
        else:
            self.window.showFullScreen()

    def _over(self) -> QWidget:
        return self.window

    # -- menus and memory ------------------------------------------------------------------
    def _theme_menu(self) -> QMenu:
        menu = QMenu(self.tr("Theme"))
        choices = QActionGroup(menu)
        for preference, text in theme_choices():
            choice = menu.addAction(text)
            choice.setCheckable(True)
            choice.setData(preference)
            choices.addAction(choice)
        choices.triggered.connect(lambda choice: self._prefer("theme", choice.data()))

        def show_choice() -> None:
            for choice in choices.actions():
                choice.setChecked(choice.data() == self.theme.preference)

        menu.aboutToShow.connect(show_choice)
        return menu

    def _prefer(self, name: str, value: Any) -> None:
        """One of the settings is another from now on."""
        if name == "keys":
            self.registry.bind(value)
            value = differences(self.registry.default_keys, value)
        elif name == "theme":
            self.theme.prefer(value)
        elif name == "font_percent":
            self.theme.set_font_percent(value)
        elif name == "reviewer":
            self.desk.name_reviewer(value)
        self._settings = replace(self._settings, **{name: value})
        self._save_settings()

    def _restore_preferences(self) -> None:
        """What a person changed; what nobody understands any more is said once, and dropped."""
        registry, changes = self.registry, self._settings.keys
        keys, ignored = with_changes(registry.default_keys, changes, registry.held)
        registry.bind(keys)
        self._settings = replace(self._settings, keys=differences(registry.default_keys, keys))
        if ignored:
            self.notices.tell(
                self.tr("Some keys in the settings were not understood and left out: {0}").format(
                    ", ".join(ignored)
                )
            )
        self.desk.name_reviewer(self._settings.reviewer)

    def _fill_recent(self) -> None:
        self.recent_menu.clear()
        there = [entry for entry in self._settings.recent if os.path.isdir(entry.path)]
        for entry in there:
            action = self.recent_menu.addAction(entry.name)
            action.setToolTip(entry.path)
            action.setData(entry.path)
        self.recent_menu.setEnabled(bool(there))
        self.start_page.set_recent([(entry.name, entry.path) for entry in there])

    def _restore_window(self) -> None:
        self.window.resize(1280, 800)
        if self._settings.window:
            kept = base64.b64decode(self._settings.window)
            self.window.restoreGeometry(QByteArray(kept))
        self.registry.action("run.auto").setChecked(self._settings.train_on_opening)

    def _save_settings(self) -> None:
        geometry = base64.b64encode(self.window.saveGeometry().data()).decode("ascii")
        automatic = self.registry.action("run.auto").isChecked()
        self._settings = replace(self._settings, window=geometry, train_on_opening=automatic)
        save_settings(self._settings, self._settings_file)


def run(request: OpenRequest | None, *, is_demo: bool = False) -> int:
    """Open the window and stay until it is closed; the exit code."""
    qt = QApplication(sys.argv[:1])
    qt.setApplicationName("Winnow")
    qt.setDesktopFileName("winnow")
    application = Application(qt, load_settings(settings_path()), settings_path())
    sys.excepthook = _hook_for(application)
    _let_signals_in(application)
    application.window.show()
    if is_demo:
        application.open_demo()
    elif request is not None:
        application.open(request)
    return qt.exec()


def _hook_for(application: Application) -> Any:
    """An error nobody caught: shown once in the window, printed for whoever started it."""

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        sys.__excepthook__(kind, error, trace)
        application.errors.emit(error)

    return hook


def _let_signals_in(application: Application) -> None:
    """Ctrl+C and a session's end close the window as its own button would."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: application.leave())
    awake = QTimer(application)
    awake.timeout.connect(lambda: None)  # Python looks for signals between two of its own lines
    awake.start(_SIGNALS_MS)
