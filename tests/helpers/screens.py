"""What the tests of screens share: a registry whose commands are written down, a wheel."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, QPoint, QPointF, Qt
from PySide6.QtGui import QFontDatabase, QWheelEvent
from PySide6.QtWidgets import QApplication, QWidget

from qtapp.commands.registry import Registry

COMMANDS = (
    *(f"decide.{name}" for name in ("keep", "accept", "exclude", "second_look", "clear")),
    *(
        "decide.pick_class",
        "decide.tag",
        "look.single",
        "look.grid",
        "look.compare",
        "look.similar",
        "move.previous",
        "move.next",
    ),
    *("file.open", "file.open_folder", "file.demo"),
    *("file.locate", "file.locate_folder", "file.match"),
)


def recording_registry(
    owner: QObject, commands: Sequence[str] = COMMANDS
) -> tuple[Registry, list[str]]:
    """A registry of commands that do nothing but write down their ids."""
    registry, ran = Registry(owner), list[str]()
    for command in commands:
        text = command.split(".")[1].replace("_", " ").capitalize()
        registry.add(command, text, lambda command=command: ran.append(command))
    return registry, ran


def wheel(
    widget: QWidget,
    at: QPointF,
    notches: int,
    modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
) -> None:
    """Turn the wheel away from the person, at a point of a widget."""
    event = QWheelEvent(
        at, QPointF(widget.mapToGlobal(at.toPoint())), QPoint(), QPoint(0, 120 * notches),
        Qt.MouseButton.NoButton, modifier, Qt.ScrollPhase.NoScrollPhase,
        False,
    )  # fmt: skip
    QApplication.sendEvent(widget, event)


def undress(qapp: QApplication) -> None:
    """Take off what a theme put on, before another test sees it."""
    qapp.setStyleSheet("")
    qapp.setPalette(qapp.style().standardPalette())
    qapp.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont))
