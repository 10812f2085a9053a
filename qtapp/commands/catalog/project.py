"""Commands of the File, Run and Help menus."""

from __future__ import annotations

from models.errors import SourceChanged, SourceMissing
from qtapp.commands.catalog.acting import WindowCommands, tr
from qtapp.commands.desk import Desk
from qtapp.commands.registry import Registry
from qtapp.commands.runs import Runs
from qtapp.state.workspace import Workspace


def declare_files(registry: Registry, desk: Desk, window: WindowCommands) -> None:
    """The File menu."""

    def is_missing() -> bool:
        return isinstance(desk.astray, SourceMissing)

    registry.add("file.open", tr("Open file…"), window.open_files, tip=tr("Open a dataset"))
    registry.add("file.open_folder", tr("Open folder…"), window.open_folder)
    registry.add("file.locate", tr("Locate file…"), window.locate, when=is_missing)
    registry.add("file.locate_folder", tr("Locate folder…"), window.locate_folder, when=is_missing)
    registry.add(
        "file.match",
        tr("Match by content"),
        desk.match,
        tip=tr("Carry every decision over to the image with the same pixels"),
        when=lambda: isinstance(desk.astray, SourceChanged),
    )
    registry.add("file.demo", tr("Open the demo"), desk.open_demo)
    registry.add("file.save", tr("Write corrected.h5 now"), window.save)
    registry.add("file.export", tr("Export…"), window.export, tip=tr("Export a cleaned dataset"))
    registry.add(
        "file.export_worklist",
        tr("Export the work list…"),
        window.export_worklist,
        tip=tr("What is still to be decided, for others to fill in"),
    )
    registry.add(
        "file.merge",
        tr("Merge another project…"),
        window.merge,
        tip=tr("Bring in the decisions of somebody else about the same images"),
    )
    registry.add("file.show_folder", tr("Show project in folder"), window.show_folder)
    registry.add("file.close", tr("Close dataset"), desk.close)
    registry.add("file.quit", tr("Quit"), window.quit)


def declare_runs(registry: Registry, runs: Runs, space: Workspace, window: WindowCommands) -> None:
    """The Run menu."""
    training, session, corrections = space.training, space.session, space.corrections

    def is_idle() -> bool:
        return session.is_open and not training.is_running

    registry.add("run.start", tr("Start training"), runs.start, when=is_idle)
    registry.add(
        "run.again",
        tr("Train again with corrections"),
        runs.again,
        tip=tr("On the labels as they are now, from what the last run learned"),
        when=lambda: is_idle() and corrections.count > 0,
    )
    registry.add(
        "run.baseline",
        tr("Train on the labels as given"),
        runs.baseline,
        tip=tr("A run without your corrections, to compare with; its scores are shown after it"),
        when=is_idle,
    )
    pause = registry.add(
        "run.pause",
        tr("Pause training"),
        runs.pause,
        checkable=True,
        when=lambda: training.is_running,
    )
    training.changed.connect(lambda: pause.setChecked(pause.isChecked() and training.is_running))
    registry.add(
        "run.stop",
        tr("Stop training"),
        runs.stop,
        tip=tr("Write the scores so far, then stop"),
        when=lambda: training.is_running,
    )
    registry.add(
        "run.resume",
        tr("Resume the last run"),
        runs.resume,
        when=lambda: is_idle() and training.resumable_run > 0,
    )
    registry.add("run.manage", tr("Runs…"), window.manage_runs, when=lambda: session.is_open)
    auto = registry.add(
        "run.auto", tr("Train when a dataset opens"), lambda _on: None, checkable=True
    )
    auto.setChecked(True)


def declare_help(registry: Registry, window: WindowCommands) -> None:
    registry.add("help.palette", tr("Every command by name…"), window.palette)
    registry.add("help.keys", tr("Keys"), window.cheat_sheet)
    registry.add(
        "help.tour",
        tr("Guided tour"),
        window.tour,
        tip=tr("The first steps of a review, one at a time"),
    )
    registry.add("help.about", tr("About Winnow"), window.about)
    registry.add(
        "help.preferences",
        tr("Preferences…"),
        window.preferences,
        tip=tr("Keys, appearance, the name recorded with decisions"),
    )
