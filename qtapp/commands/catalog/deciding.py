"""Commands that decide, and that say why a label was wrong."""

from __future__ import annotations

from collections.abc import Callable

from models.review.decisions import Action
from qtapp.commands.catalog.acting import Actors, Run, WindowCommands, tr
from qtapp.commands.digits import DIGITS, class_of_digit
from qtapp.commands.edits import Edits
from qtapp.commands.first_answers import FirstAnswers
from qtapp.commands.registry import Registry
from qtapp.state.workspace import Workspace


def declare_deciding(
    registry: Registry, space: Workspace, actors: Actors, window: WindowCommands
) -> None:
    """Keys that decide; some of them answer in a blind session."""
    edits, answers, blinding = actors.edits, actors.answers, actors.blinding
    for name, text, tip, action in (
        ("keep", tr("Keep"), tr("The given label is right"), Action.KEEP),
        ("accept", tr("Accept"), tr("The suggested label is right"), Action.ACCEPT),
        ("exclude", tr("Exclude"), tr("Leave this image out of the dataset"), Action.EXCLUDE),
        ("second_look", tr("Second look"), tr("Decide later"), Action.SECOND_LOOK),
        ("clear", tr("Back to undecided"), "", Action.CLEAR),
    ):
        run = _deciding(answers, action)
        if action is Action.EXCLUDE:
            run = blinding.instead(run, blinding.cannot_tell)
        registry.add(f"decide.{name}", text, run, tip=tip)
    pick_class = blinding.instead(_picking(edits, window), blinding.pick_class)
    registry.add("decide.pick_class", tr("Set class by name…"), pick_class)
    undo = blinding.instead(edits.undo, blinding.back)
    registry.add("decide.undo", tr("Undo"), undo, tip=tr("Undo, and return to the image"))
    registry.add("decide.redo", tr("Redo"), edits.redo)
    for digit in DIGITS:
        registry.add(
            f"digit.{digit}",
            tr("Set class of key {digit}").format(digit=digit),
            blinding.instead(
                _setting(edits, space, digit, answers.set_class),
                _setting(edits, space, digit, blinding.answer),
            ),
        )


def declare_unlocking(registry: Registry, space: Workspace, actors: Actors) -> None:
    """The test split, whose images no key decides on until it is unlocked."""
    lock = space.labels.lock
    registry.add(
        "decide.unlock_test",
        tr("Unlock for this project"),
        actors.edits.unlock,
        tip=tr("Let the images of the test split be decided on, in this project from now on"),
        when=lambda: lock.is_locked,
    )
    registry.add(
        "decide.leave_out_locked",
        tr("Leave locked images out"),
        lambda: _leave_out_locked(space),
        tip=tr("Take the images of the locked test split out of the selection"),
        when=lambda: lock.is_locked,
    )


def _leave_out_locked(space: Workspace) -> None:
    chosen = space.selection.sample_ids
    space.selection.select(chosen[~space.labels.lock.locked(chosen)])


def declare_explaining(registry: Registry, window: WindowCommands) -> None:
    """Why labels were wrong."""
    registry.add(
        "decide.tag",
        tr("Why wrong?…"),
        window.tag,
        tip=tr("Name the cause, or write a note; the decision stays as it is"),
    )


def _deciding(answers: FirstAnswers, action: Action) -> Run:
    return lambda: answers.decide(action)


def _picking(edits: Edits, window: WindowCommands) -> Run:
    def pick_class() -> None:
        if refusal := edits.why_refused():
            edits.idle.emit(refusal)  # before a class is looked for in vain
        else:
            window.pick_class()

    return pick_class


def _setting(edits: Edits, space: Workspace, digit: str, take: Callable[[int], None]) -> Run:
    def set_class() -> None:
        code = class_of_digit(space.labels.class_names, digit)
        if code is not None:
            take(code)
        else:
            edits.idle.emit(tr("No class has the key {digit}").format(digit=digit))

    return set_class
