"""Commands that decide, and that say why a label was wrong."""

from __future__ import annotations

from collections.abc import Callable

from models.review.decisions import Action
from qtapp.commands.catalog.acting import Actors, Run, WindowCommands, tr
from qtapp.commands.digits import DIGITS, class_of_digit
from qtapp.commands.edits import Edits
from qtapp.commands.registry import Registry
from qtapp.state.workspace import Workspace


def declare_deciding(
    registry: Registry, space: Workspace, actors: Actors, window: WindowCommands
) -> None:
    """Keys that decide; some of them answer in a blind session."""
    edits, blinding = actors.edits, actors.blinding
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
    pick_class = blinding.instead(window.pick_class, blinding.pick_class)
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
    """Why labels were wrong."""
    registry.add(
        "decide.tag",
        tr("Why wrong?…"),
        window.tag,
        tip=tr("Name the cause, or write a note; the decision stays as it is"),
    )


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
