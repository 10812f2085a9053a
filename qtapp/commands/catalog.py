"""Declares every command: its id, its words, and what it does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from PySide6.QtCore import QCoreApplication, QObject

from models.errors import SourceChanged, SourceMissing
from models.review.decisions import Action
from models.review.ordering import LEARNED, SIMILAR
from qtapp.commands.blinding import Blinding
from qtapp.commands.comparing import Comparing
from qtapp.commands.desk import Desk
from qtapp.commands.digits import DIGITS, class_of_digit
from qtapp.commands.edits import Edits
from qtapp.commands.moving import Moving
from qtapp.commands.registry import Registry
from qtapp.commands.runs import Runs
from qtapp.state.view import BLIND, DATA, GRID, SINGLE, ViewState
from qtapp.state.workspace import Workspace

Run = Callable[..., None]
_SCREENS_OF_SAMPLE, _MOST_SAMPLED, _OF_EACH_CLASS = 2, 500, 10


@dataclass(frozen=True)
class WindowCommands:
    """What only the window can do; each becomes a command."""

    open_files: Run
    open_folder: Run
    locate: Run
    locate_folder: Run
    export: Run
    show_folder: Run
    pick_class: Run
    tag: Run
    show_session: Run
    query: Run
    palette: Run
    cheat_sheet: Run
    about: Run
    preferences: Run
    manage_runs: Run
    toggle_dock: Callable[[str], None]
    full_screen: Run
    quit: Run
    save: Run


def declare_all(
    registry: Registry,
    space: Workspace,
    edits: Edits,
    blinding: Blinding,
    moving: Moving,
    comparing: Comparing,
    desk: Desk,
    runs: Runs,
    window: WindowCommands,
) -> None:
    """Every command there is, in the order the cheat sheet shows them."""
    declare_deciding(registry, edits, space, blinding, window.pick_class)
    declare_explaining(registry, window)
    declare_moving(registry, moving)
    declare_looking(registry, space, blinding, window)
    declare_comparing(registry, comparing, space)
    declare_files(registry, desk, window)
    declare_runs(registry, runs, space, window)
    declare_help(registry, window)


def tr(text: str) -> str:
    return QCoreApplication.translate("commands", text)


def declare_deciding(
    registry: Registry, edits: Edits, space: Workspace, blinding: Blinding, pick_class: Run
) -> None:
    """Keys that decide; some of them answer in a blind session."""
    for name, text, tip, action in (
        ("keep", tr("Keep"), tr("The given label is right"), Action.KEEP),
        ("accept", tr("Accept"), tr("The suggested label is right"), Action.ACCEPT),
        ("exclude", tr("Exclude"), tr("Leave this image out of the dataset"), Action.EXCLUDE),
        ("second_look", tr("Second look"), tr("Decide later"), Action.SECOND_LOOK),
        ("clear", tr("Back to undecided"), "", Action.CLEAR),
    ):
        run = _deciding(edits, action)
        if action is Action.EXCLUDE:
            run = blinding.instead(run, blinding.cannot_tell)
        registry.add(f"decide.{name}", text, run, tip=tip)
    pick_class = blinding.instead(pick_class, blinding.pick_class)
    registry.add("decide.pick_class", tr("Set class by name…"), pick_class)
    undo = blinding.instead(edits.undo, blinding.back)
    registry.add("decide.undo", tr("Undo"), undo, tip=tr("Undo, and return to the image"))
    registry.add("decide.redo", tr("Redo"), edits.redo)
    for digit in DIGITS:
        registry.add(
            f"digit.{digit}",
            tr("Set class of key {digit}").format(digit=digit),
            blinding.instead(
                _setting(edits, space, digit, edits.set_class),
                _setting(edits, space, digit, blinding.answer),
            ),
        )


def declare_explaining(registry: Registry, window: WindowCommands) -> None:
    """Why labels were wrong, and how the review goes."""
    registry.add(
        "decide.tag",
        tr("Why wrong?…"),
        window.tag,
        tip=tr("Name the cause, or write a note; the decision stays as it is"),
    )
    registry.add(
        "look.session",
        tr("This session"),
        window.show_session,
        tip=tr("Decisions a minute, errors found, what changed and why"),
    )


def declare_moving(registry: Registry, moving: Moving) -> None:
    """Keys that move, with and without Shift."""
    for name, text, step in (
        ("left", tr("Left"), {"samples": -1}),
        ("right", tr("Right"), {"samples": 1}),
        ("up", tr("Up"), {"lines": -1}),
        ("down", tr("Down"), {"lines": 1}),
        ("page_up", tr("Page up"), {"pages": -1}),
        ("page_down", tr("Page down"), {"pages": 1}),
    ):
        registry.add(f"move.{name}", text, _stepping(moving, step, extend=False))
        extended = tr("Extend: {direction}").format(direction=text.lower())
        registry.add(f"move.extend_{name}", extended, _stepping(moving, step, extend=True))
    registry.add("move.home", tr("First image"), lambda: moving.to_row(0))
    registry.add("move.end", tr("Last image"), moving.to_end)
    registry.add(
        "move.extend_home", tr("Extend to the first"), lambda: moving.to_row(0, extend=True)
    )
    registry.add("move.extend_end", tr("Extend to the last"), lambda: moving.to_end(extend=True))
    registry.add("move.previous", tr("Previous image"), lambda: moving.by(samples=-1))
    registry.add("move.next", tr("Next image"), lambda: moving.by(samples=1))
    registry.add("move.next_undecided", tr("Next undecided"), moving.to_next_undecided)
    registry.add("move.select_all", tr("Select all shown"), moving.select_all)
    registry.add(
        "move.select_group",
        tr("Select group"),
        moving.select_group,
        tip=tr("Every image of the group that the current one is in"),
    )


def declare_looking(
    registry: Registry, space: Workspace, blinding: Blinding, window: WindowCommands
) -> None:
    """Keys that change what is seen, and no data."""
    view, order = space.view, space.order
    registry.add(
        "look.new_order",
        tr("Apply the new order"),
        order.apply_new,
        tip=tr("Put the newest scores and decisions into the order"),
    )
    learned = registry.add(
        "look.learned",
        tr("Sort by what was learned"),
        lambda: order.sort_by(LEARNED),
        tip=tr("The order that your decisions taught"),
    )
    space.learning.changed.connect(lambda: learned.setEnabled(space.learning.has_order))
    learned.setEnabled(False)
    registry.add("look.single", tr("Single image"), lambda: view.set_mode(SINGLE))
    registry.add("look.grid", tr("Grid"), lambda: _to_grid(space))
    registry.add(
        "look.montage",
        tr("Random montage"),
        lambda: _show_sample(space, each_class=False),
        tip=tr("A random sample of what passes the filters"),
    )
    registry.add(
        "look.sheet",
        tr("Ten of each class"),
        lambda: _show_sample(space, each_class=True),
        tip=tr("Ten random images of each class on one sheet"),
    )
    registry.add(
        "look.batch_before",
        tr("Random montage: the batch before"),
        lambda: order.turn_to(-1),
    )
    registry.add(
        "look.data",
        tr("Data page"),
        lambda: _toggle_data(view),
        tip=tr("What the dataset is made of, and what is broken in it"),
    )
    registry.add(
        "look.blind",
        tr("Blind session"),
        blinding.toggle,
        tip=tr("How well does a person do without seeing the label, and who is right?"),
    )
    registry.add(
        "look.query",
        tr("Query line"),
        lambda: _to_query(view, window),
        tip=tr('Filter by a condition: given == "cat" and loss > 2'),
    )
    as_query = registry.add(
        "look.as_query",
        tr("Filters as a query"),
        lambda: _as_query(space),
        tip=tr("Turn what is chosen in the rail into a query that says the same"),
    )
    for changed in (order.wanted_changed, space.session.changed, view.changed):
        changed.connect(lambda: as_query.setEnabled(_has_rail_filters(space)))
    as_query.setEnabled(False)
    registry.add("look.larger", tr("Larger tiles"), lambda: view.zoom(1))
    registry.add("look.smaller", tr("Smaller tiles"), lambda: view.zoom(-1))
    escape = blinding.instead(partial(_escape, space), blinding.escape)
    registry.add("look.escape", tr("Clear selection, leave a mode"), escape)
    for name, text in (
        ("training", tr("Training panel")),
        ("matrix", tr("Confusion matrix")),
        ("map", tr("Map of all images")),
    ):
        registry.add(f"look.{name}", text, partial(window.toggle_dock, name))
    registry.add("look.full_screen", tr("Full screen"), window.full_screen)
    registry.add_hold(
        "look.peek",
        tr("Peek large (hold)"),
        lambda: view.peek(view.mode not in (DATA, BLIND)),
        lambda: view.peek(False),
    )
    registry.add_hold(
        "look.hide_predictions",
        tr("Hide predictions (hold)"),
        lambda: view.hide_predictions(True),
        lambda: view.hide_predictions(False),
    )
    advance = registry.add(
        "look.advance", tr("Advance after a decision"), view.set_advance, checkable=True
    )
    view.changed.connect(lambda: advance.setChecked(view.advance))
    advance.setChecked(view.advance)


def declare_comparing(registry: Registry, comparing: Comparing, space: Workspace) -> None:
    """Keys that put one image beside others."""
    registry.add(
        "look.compare",
        tr("Compare side by side"),
        comparing.compare,
        tip=tr("The 2 to 9 selected images, or the current one and its nearest neighbours"),
    )
    similar = registry.add(
        "look.similar",
        tr("Find similar"),
        comparing.find_similar,
        tip=tr("The images that look most like the current one first"),
    )
    before = registry.add(
        "look.before_similar",
        tr("Back to the order before"),
        space.order.leave_likeness,
        tip=tr("The order before similar images were looked for"),
    )

    def enable() -> None:
        is_open = space.session.is_open and space.view.mode != BLIND
        similar.setEnabled(is_open and space.scores.shown is not None)
        before.setEnabled(is_open and space.order.wanted.sort_by == SIMILAR)

    for changed in (
        *(space.session.changed, space.scores.changed),
        *(space.order.wanted_changed, space.view.changed),
    ):
        changed.connect(enable)
    enable()


def declare_files(registry: Registry, desk: Desk, window: WindowCommands) -> None:
    """The File menu."""
    registry.add("file.open", tr("Open file…"), window.open_files, tip=tr("Open a dataset"))
    registry.add("file.open_folder", tr("Open folder…"), window.open_folder)
    locate = registry.add("file.locate", tr("Locate file…"), window.locate)
    locate_folder = registry.add("file.locate_folder", tr("Locate folder…"), window.locate_folder)
    match = registry.add(
        "file.match",
        tr("Match by content"),
        desk.match,
        tip=tr("Carry every decision over to the image with the same pixels"),
    )
    registry.add("file.demo", tr("Open the demo"), desk.open_demo)
    registry.add("file.save", tr("Write corrected.h5 now"), window.save)
    registry.add("file.export", tr("Export…"), window.export, tip=tr("Export a cleaned dataset"))
    registry.add("file.show_folder", tr("Show project in folder"), window.show_folder)
    registry.add("file.close", tr("Close dataset"), desk.close)
    registry.add("file.quit", tr("Quit"), window.quit)

    def enable() -> None:
        locate.setEnabled(isinstance(desk.astray, SourceMissing))
        locate_folder.setEnabled(isinstance(desk.astray, SourceMissing))
        match.setEnabled(isinstance(desk.astray, SourceChanged))

    desk.failed.connect(enable)
    desk.opened.connect(enable)
    enable()


def declare_runs(registry: Registry, runs: Runs, space: Workspace, window: WindowCommands) -> None:
    """The Run menu; what cannot be done now is greyed."""
    start = registry.add("run.start", tr("Start training"), runs.start)
    again = registry.add(
        "run.again",
        tr("Train again with corrections"),
        runs.again,
        tip=tr("On the labels as they are now, from what the last run learned"),
    )
    pause = registry.add("run.pause", tr("Pause training"), runs.pause, checkable=True)
    stop = registry.add(
        "run.stop", tr("Stop training"), runs.stop, tip=tr("Write the scores so far, then stop")
    )
    resume = registry.add("run.resume", tr("Resume the last run"), runs.resume)
    registry.add("run.manage", tr("Runs…"), window.manage_runs)
    auto = registry.add(
        "run.auto", tr("Train when a dataset opens"), lambda _on: None, checkable=True
    )
    auto.setChecked(True)
    training, session, corrections = space.training, space.session, space.corrections

    def enable() -> None:
        running = training.is_running
        start.setEnabled(session.is_open and not running)
        again.setEnabled(session.is_open and not running and corrections.count > 0)
        resume.setEnabled(session.is_open and not running and training.resumable_run > 0)
        pause.setEnabled(running)
        stop.setEnabled(running)
        if not running:
            pause.setChecked(False)

    training.changed.connect(enable)
    session.changed.connect(enable)
    corrections.changed.connect(enable)
    enable()


def declare_help(registry: Registry, window: WindowCommands) -> None:
    registry.add("help.palette", tr("Every command by name…"), window.palette)
    registry.add("help.keys", tr("Keys"), window.cheat_sheet)
    registry.add("help.about", tr("About Winnow"), window.about)
    registry.add(
        "help.preferences",
        tr("Preferences…"),
        window.preferences,
        tip=tr("Keys, appearance, the name recorded with decisions"),
    )


# Keys that act on images; on the data page none is in sight. Undo stays.
_ON_IMAGES = ("decide.", "digit.", "move.")
_ANYWHERE = ("decide.undo", "decide.redo")
# In a blind session these alone mean something.
_WHEN_BLIND = (
    *("file.", "digit.", "decide.exclude", "decide.pick_class", "decide.undo"),
    *("look.escape", "look.grid", "look.data", "look.blind"),
)
# These know themselves when they can be used.
_OF_THEIR_OWN = (
    *("look.full_screen", "look.advance", "look.learned", "look.as_query"),
    *("look.similar", "look.before_similar"),
)


class NeedsDataset(QObject):
    """Greys what means nothing without an open dataset, or without images in sight."""

    def __init__(self, registry: Registry, space: Workspace, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session, self._view = space.session, space.view
        without = (
            "file.open",
            "file.locate",
            "file.match",
            "file.demo",
            "file.quit",
            "help",
            "run",
        )
        self._actions = [
            action
            for action in registry.actions()
            if not action.objectName().startswith(without)
            and action.objectName() not in _OF_THEIR_OWN
        ]
        space.session.changed.connect(self._enable)
        space.view.changed.connect(self._enable)
        self._enable()

    def _enable(self) -> None:
        for action in self._actions:
            action.setEnabled(self._session.is_open and self._means_something(action.objectName()))

    def _means_something(self, name: str) -> bool:
        if self._view.mode == BLIND:
            return name.startswith(_WHEN_BLIND)
        on_images = name.startswith(_ON_IMAGES) and name not in _ANYWHERE
        return self._view.mode != DATA or not on_images


def _deciding(edits: Edits, action: Action) -> Run:
    return lambda: edits.decide(action)


def _setting(edits: Edits, space: Workspace, digit: str, take: Callable[[int], None]) -> Run:
    def set_class() -> None:
        code = class_of_digit(space.labels.class_names, digit)
        if code is not None:
            take(code)
        else:
            edits.idle.emit(tr("No class has the key {digit}").format(digit=digit))

    return set_class


def _stepping(moving: Moving, step: dict[str, int], *, extend: bool) -> Run:
    return lambda: moving.by(**step, extend=extend)


def _toggle_data(view: ViewState) -> None:
    view.set_mode(GRID if view.mode == DATA else DATA)


def _to_query(view: ViewState, window: WindowCommands) -> None:
    if view.mode == DATA:
        view.set_mode(GRID)
    window.query()


def _has_rail_filters(space: Workspace) -> bool:
    in_sight = space.session.is_open and space.view.mode not in (DATA, BLIND)
    return in_sight and not replace(space.order.wanted.filters, query="").is_empty


def _as_query(space: Workspace) -> None:
    assert space.session.info is not None
    space.order.filter_in_words(space.labels.class_names, tuple(space.session.info.splits))


def _escape(space: Workspace) -> None:
    if space.selection.count and space.view.mode != DATA:
        space.selection.clear()
    elif space.view.mode != GRID or space.order.wanted.sample is not None:
        _to_grid(space)
    else:
        space.order.leave_likeness()


def _to_grid(space: Workspace) -> None:
    """From one image to all; from a random sample to the order before."""
    if space.view.mode == GRID:
        space.order.leave_sample()
    else:
        space.view.set_mode(GRID)


def _show_sample(space: Workspace, *, each_class: bool) -> None:
    """A random sample; another batch where one is shown already."""
    sample = space.order.wanted.sample
    if space.view.mode == GRID and sample is not None and sample.each_class == each_class:
        space.order.turn_to(1)
        return
    first, past_last = space.view.visible_rows
    size = min(_SCREENS_OF_SAMPLE * max(past_last - first, 1), _MOST_SAMPLED)
    space.view.set_mode(GRID)
    space.order.show_sample(_OF_EACH_CLASS if each_class else size, each_class=each_class)
