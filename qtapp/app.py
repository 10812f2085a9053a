"""The composition root: builds every long-lived object once and hands each what it needs."""

from __future__ import annotations

import base64
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from types import TracebackType
from typing import Any

from PySide6.QtCore import QByteArray, QObject, Qt, QTimer, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QApplication, QMenu, QWidget

from models.errors import SourceChanged, SourceMissing, Undecided
from models.opening import request_for, user_name
from models.types import ExportOptions, OpenRequest, RunSummary
from qtapp.commands import catalog
from qtapp.commands.blinding import Blinding
from qtapp.commands.comparing import Comparing
from qtapp.commands.desk import Desk
from qtapp.commands.edits import Edits
from qtapp.commands.first_answers import FirstAnswers
from qtapp.commands.holding import Holding
from qtapp.commands.in_sight import InSight
from qtapp.commands.moving import Moving
from qtapp.commands.registry import Registry
from qtapp.commands.remedies import Remedies
from qtapp.commands.runs import Runs
from qtapp.commands.tagging import Tagging
from qtapp.composing.jobs import build_jobs
from qtapp.composing.views import build_docks, build_views
from qtapp.interpreter import WindowFirst
from qtapp.jobs.opening import ProjectChange, ReadyToShow
from qtapp.jobs.previewing import Previewer
from qtapp.notices import NoticeBar, Toast
from qtapp.preferences import Preferences
from qtapp.settings import Settings, load_settings, settings_path
from qtapp.state.view import BLIND, DATA, GRID
from qtapp.state.workspace import Workspace
from qtapp.telling import Telling
from qtapp.views.dialogs.all import Dialogs
from qtapp.views.dialogs.listing import ListingDialog
from qtapp.views.header import Header
from qtapp.views.main_window import MainWindow, Panels
from qtapp.views.panels.status import StatusBar
from qtapp.views.theme import Theme, application_icon
from qtapp.views.tour import TourCard

_SIGNALS_MS = 200  # how long Python may be kept from seeing Ctrl+C by Qt's event loop
_FIRST_SIZE_PX = (1280, 800)


class Application(QObject):
    """One window and everything behind it. Nothing looks it up; tests build their own."""

    errors = Signal(object)  # from sys.excepthook, whatever thread it was on
    left = Signal()  # the window is closed, every thread and child has ended

    def __init__(self, qt: QApplication, settings: Settings, settings_file: Path) -> None:
        super().__init__()
        space = self.space = Workspace(self)
        self.theme = Theme(settings.theme, self, settings.font_percent)
        self.registry = Registry(self)
        self._build_commands()
        self.preferences = Preferences(
            settings, settings_file, self.registry, self.theme, self.desk, self
        )
        self.previewer = Previewer(self)
        about = self.registry, self.theme
        self.views = build_views(
            space, self.jobs, self.blinding, self.answers, self.previewer, *about, self
        )
        self.panels = build_docks(space, self.jobs, self.remedies, *about)
        self.notices = NoticeBar(self.theme)
        toast = Toast(self.registry, self.views.pages)
        self.telling = Telling(space, self.notices, toast, self.registry, self)
        self._build_window()
        self.theme.apply(qt)  # last: dressed, widgets are styled again with each parent they get
        self._connect_work()
        self._connect_window()
        self._asked = OpenRequest(())  # what was opened last
        self._asking: ListingDialog | None = None  # what waits for an answer about images
        self._is_leaving = self._train_unasked = False
        self._restore()

    # -- building ------------------------------------------------------------------------
    def _build_commands(self) -> None:
        space = self.space
        self.runs = Runs(
            space.session, space.labels, space.scores, space.order, space.audit, space.blind,
            space.training, space.remedying, self,
        )  # fmt: skip
        self.jobs = build_jobs(space, self.runs, self)
        self.edits = Edits(space.session, space.labels, space.scores, space.selection, parent=self)
        self.answers = FirstAnswers(
            space.labels, space.scores, space.selection, space.view, self.edits, self
        )
        self.moving = Moving(
            space.labels, space.selection, space.order, space.view, space.audit, self
        )
        self.remedies = Remedies(
            space.session, space.labels, space.audit, space.order, space.view,
            space.audit_findings, space.remedying, self.edits, self.jobs.remedying, self,
        )  # fmt: skip
        self.tagging = Tagging(self.edits, space.causes, space.selection, self)
        self.in_sight = InSight(space.selection, space.view, self)
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
        dialogs = self.dialogs
        window = catalog.WindowCommands(
            open_files=lambda: dialogs.open_files(self.open_paths),
            open_folder=lambda: dialogs.open_folder(self.open_paths),
            locate=lambda: dialogs.open_files(self._locate),
            locate_folder=lambda: dialogs.open_folder(self._locate),
            export=lambda: dialogs.export.ask(),
            export_worklist=lambda: dialogs.export.ask("worklist"),
            merge=lambda: dialogs.open_project(self._merge),
            split=self._ask_split,
            show_folder=self._show_folder,
            pick_class=lambda: self._ask(dialogs.picker),
            tag=lambda: self._ask(dialogs.cause_picker),
            show_session=lambda: dialogs.session_page.ask(),
            query=lambda: self.views.query_bar.open(),
            palette=lambda: self._ask(dialogs.palette),
            cheat_sheet=lambda: dialogs.cheat_sheet.ask(),
            about=lambda: dialogs.about.show(),
            tour=self._begin_tour,
            preferences=lambda: dialogs.preferences.ask(self.preferences.settings.reviewer),
            manage_runs=self._manage_runs,
            toggle_dock=lambda name: self.window.toggle_dock(name),
            show_dock=lambda name: self.window.show_dock(name),
            full_screen=self._toggle_full_screen,
            quit=self.leave,
            save=self.jobs.publisher.fold,
        )
        actors = catalog.Actors(
            self.edits, self.answers, self.moving, self.comparing, self.blinding, self.desk,
            self.runs, self.jobs.auditor, self.remedies,
        )  # fmt: skip
        self.availability = catalog.declare_all(self.registry, space, actors, window)

    def _build_window(self) -> None:
        space = self.space
        panels = Panels(
            header=Header(space.session, space.labels, space.training, self.registry, self.theme),
            notices=self.notices,
            pages=self.views.pages,
            docks=self.panels.docks,
            status=StatusBar(
                space.session, space.labels, space.audit, space.learning, space.agreeing
            ),
        )
        self.recent_menu = QMenu(self.tr("Open recent"))
        self.window = MainWindow(
            self.registry,
            Holding(self.registry, self),
            panels,
            {"file.recent": self.recent_menu, "look.theme": self.preferences.theme_menu()},
        )
        self.window.setWindowIcon(application_icon())
        self.tour_card = TourCard(
            space.tour, space.labels, space.scores, space.order, space.selection, space.view,
            space.training, self.registry, self.theme, self.window,
        )  # fmt: skip

    def _connect_work(self) -> None:
        """What commands and jobs report, and who hears it."""
        space, jobs, desk, telling = self.space, self.jobs, self.desk, self.telling
        desk.opened.connect(self._welcome)
        desk.closing.connect(self._remember_project)
        desk.closed.connect(self._after_close)
        desk.failed.connect(self._tell_failure)
        self.runs.listed.connect(self._after_listing)
        self.runs.learnt.connect(space.corrections.load)
        self.runs.listed.connect(jobs.weigher.weigh)
        for failing in (
            *(self.runs, jobs.arranger, jobs.agreeing, jobs.paths, jobs.counter, jobs.learner),
            *(jobs.session_reader, jobs.map_pictures, jobs.neighbours, jobs.thumbnails),
            jobs.weigher,
            *(jobs.clusters, jobs.balance, jobs.values),
            *(jobs.measurer, jobs.bias, jobs.query_keeper),
            jobs.blind_exporter,
            *(jobs.auditor, jobs.remedying, jobs.undoing_pictures),
            self.preferences,
        ):
            failing.failed.connect(self.notices.show_error)
        self.errors.connect(self.notices.show_error)
        self.edits.decided.connect(telling.tell_edit)  # first: it asks what is seen
        self.edits.decided.connect(self.moving.after)
        self.edits.undone.connect(self.moving.return_to)
        for idle in (
            *(self.edits, self.answers, self.tagging, self.moving, self.comparing, self.blinding),
            self.remedies,
        ):
            idle.idle.connect(telling.tell_idle)
        self.tagging.told.connect(telling.tell_remark)
        self.remedies.told.connect(telling.tell_remark)
        self.remedies.applied.connect(jobs.auditor.check_again)
        self.remedies.taken_back.connect(jobs.auditor.forget)
        self.remedies.division_wanted.connect(self._ask_split)
        jobs.remedying.changing.connect(self._change)
        self.blinding.export_wanted.connect(self._export_blind)
        jobs.blind_exporter.written.connect(telling.tell_written)
        space.selection.current_changed.connect(self._want_image)
        jobs.thumbnails.full_arrived.connect(self.panels.inspector.show_image)

    def _connect_window(self) -> None:
        """What a person asks of pages, panels and dialogs, and who does it."""
        dialogs, views, map_panel, jobs = self.dialogs, self.views, self.panels.map, self.jobs
        dialogs.class_chosen.connect(self.answers.set_class)
        dialogs.class_added.connect(self.answers.add_class)
        dialogs.cause_chosen.connect(self.tagging.toggle)
        dialogs.noted.connect(self.tagging.note)
        dialogs.export_asked.connect(self._export)
        dialogs.export_cancelled.connect(jobs.exporter.cancel)
        dialogs.division_thought_of.connect(jobs.remedying.propose)
        dialogs.division_wanted.connect(self.remedies.divided)
        dialogs.division_wanted.connect(jobs.remedying.divide)
        dialogs.division_dropped.connect(jobs.remedying.cancel)
        dialogs.splits_of_source_wanted.connect(jobs.remedying.take_source_split)
        dialogs.run_chosen.connect(self.runs.use)
        dialogs.run_deleted.connect(self.runs.delete)
        dialogs.preferred.connect(self.preferences.prefer)
        views.order_bar.clustering.stopped.connect(jobs.clusters.cancel)
        map_panel.wanted.connect(jobs.mapper.make)
        map_panel.stopped.connect(jobs.mapper.cancel)
        map_panel.in_sight.connect(jobs.mapper.set_in_sight)
        self.panels.bias.wanted.connect(jobs.measurer.measure)
        self.panels.bias.stopped.connect(jobs.measurer.cancel)
        views.data.merge_wanted.connect(self.edits.merge_classes)
        views.data.stopped.connect(jobs.describer.cancel)
        views.data.wanted.connect(jobs.describer.again)
        views.query_bar.left.connect(views.review.give_keys)
        views.start.opened.connect(self.open_paths)
        views.start.cancelled.connect(self.desk.cancel)
        views.start.choice.chosen.connect(self.open)
        self.space.view.changed.connect(self._make_room)
        self.recent_menu.triggered.connect(lambda action: self.open_paths([action.data()]))
        self.preferences.recent_changed.connect(self._fill_recent)
        self.window.dropped.connect(self.open_paths)
        # Queued: Qt ignores a close() from inside the event of another one.
        self.window.close_asked.connect(self.leave, Qt.ConnectionType.QueuedConnection)

    # -- opening and leaving ---------------------------------------------------------------
    def open_paths(self, paths: Sequence[str]) -> None:
        """Open what was dropped, chosen, or clicked among the recent ones."""
        self.open(request_for(paths))

    def open(self, request: OpenRequest) -> None:
        self._asked = request
        self.previewer.stop()
        self.notices.clear()
        self.desk.open(request)

    def _locate(self, paths: Sequence[str]) -> None:
        self.desk.locate(request_for(paths))

    def _merge(self, paths: Sequence[str]) -> None:
        self.notices.clear()
        self.desk.merge(paths[0])

    def _change(self, change: ProjectChange) -> None:
        """What is open is laid out anew with another setting."""
        self.notices.clear()
        self.desk.change(change)

    def _ask_split(self) -> None:
        self.dialogs.split.ask()

    def _ask(self, dialog: ListingDialog) -> None:
        """Open a dialog whose answer is about the images in sight, whatever arrives meanwhile."""
        self._asking = dialog
        self.moving.stay(True)
        dialog.finished.connect(self._note_answer, Qt.ConnectionType.SingleShotConnection)
        dialog.ask()

    def _note_answer(self) -> None:
        self._asking = None
        self.moving.stay(False)

    def open_demo(self) -> None:
        self.notices.clear()
        self.desk.open_demo()

    def leave(self) -> None:
        """Close what is open, then the window."""
        self.previewer.stop()
        self._is_leaving = True
        self.desk.close()

    def _welcome(self, ready: ReadyToShow) -> None:
        space, info, project_settings = self.space, ready.review.info, ready.settings
        usual = self.preferences.settings
        tile = usual.thumb_px or self.window.usual_thumb_px()
        space.view.set_thumb_px(project_settings.get("thumb_px", tile))
        space.view.set_advance(project_settings.get("advance", usual.advance))
        self.window.restore_layout(project_settings.get("layout", ""))
        space.queries.load(project_settings.get("queries", ()))
        self.runs.chosen = project_settings.get("run", 0)
        self.window.setWindowTitle(f"{info.name} – Winnow")
        self.views.pages.setCurrentWidget(self.views.review)
        self.views.grid.setFocus()
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
        self.telling.tell_merged(ready.merged, ready.refused)
        self.preferences.keep_recent(info.name, space.session.project_path)
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
            run=self.runs.chosen,
            queries=self.space.queries.saved,
        )
        self.preferences.keep(thumb_px=view.thumb_px, advance=view.advance)

    def _after_close(self) -> None:
        if self._asking is not None:
            self._asking.reject()  # what it asked about is gone
        self.space.view.set_mode(GRID)
        self.window.show_panels(False)
        self.window.setWindowTitle("Winnow")
        self.views.pages.setCurrentWidget(self.views.start)
        if self._is_leaving:
            self.desk.cancel()  # whatever was asked for since
            self._save()
            self.window.allow_close()
            self.left.emit()

    def _tell_failure(self, error: BaseException) -> None:
        if self.space.session.is_open:  # corrected.h5 was refused on closing
            self._is_leaving = False
            self.notices.show_error(error)
        elif isinstance(error, Undecided):
            self.views.start.ask(error, self._asked)
        else:
            offers = {
                SourceMissing: ("file.locate", "file.locate_folder"),
                SourceChanged: ("file.match",),
            }
            self.views.start.show_error(error, offers.get(type(error), ()))
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

    def _begin_tour(self) -> None:
        """Whatever is open serves; without anything, the demo."""
        self.space.tour.begin()
        if not self.space.session.is_open:
            self.open_demo()

    def _toggle_full_screen(self) -> None:
        if self.window.isFullScreen():
            self.window.showNormal()
        else:
            self.window.showFullScreen()

    def _over(self) -> QWidget:
        return self.window

    # -- memory ----------------------------------------------------------------------------
    def _fill_recent(self) -> None:
        there = self.preferences.recent
        self.recent_menu.clear()
        for entry in there:
            action = self.recent_menu.addAction(entry.name.replace("&", "&&"))
            action.setToolTip(entry.path)
            action.setData(entry.path)
        self.recent_menu.setEnabled(bool(there))
        self.views.start.set_recent([(entry.name, entry.path) for entry in there])

    def _restore(self) -> None:
        self.window.resize(*_FIRST_SIZE_PX)
        kept = self.preferences.settings.window.encode("ascii", "replace")
        self.window.restoreGeometry(QByteArray.fromBase64(kept))  # what is damaged, Qt refuses
        self._fill_recent()
        self.space.tour.is_taken = self.preferences.settings.toured
        self.space.tour.ended.connect(lambda: self.preferences.prefer("toured", True))
        if not_understood := self.preferences.restore():
            self.notices.tell(not_understood)

    def _save(self) -> None:
        geometry = self.window.saveGeometry().data()
        self.preferences.keep(window=base64.b64encode(geometry).decode("ascii"))
        with suppress(OSError):  # a full disk costs preferences, and does not keep the window open
            self.preferences.save()


def run(request: OpenRequest | None, *, is_demo: bool = False) -> int:
    """Open the window and stay until it is closed; the exit code."""
    qt = QApplication(sys.argv[:1])
    qt.setApplicationName("Winnow")
    qt.setDesktopFileName("winnow")
    application = Application(qt, load_settings(settings_path()), settings_path())
    sys.excepthook = _hook_for(application)
    _let_signals_in(application)
    WindowFirst(application.desk)
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
