"""Commands that move, with and without Shift."""

from __future__ import annotations

from functools import partial

from qtapp.commands.catalog.acting import tr
from qtapp.commands.moving import Moving
from qtapp.commands.registry import Registry


def declare_moving(registry: Registry, moving: Moving) -> None:
    """Keys that move, with and without Shift."""
    for name, text, step in (
        ("left", tr("Left"), partial(moving.across, -1)),
        ("right", tr("Right"), partial(moving.across, 1)),
        ("up", tr("Up"), partial(moving.by, lines=-1)),
        ("down", tr("Down"), partial(moving.by, lines=1)),
        ("page_up", tr("Page up"), partial(moving.by, pages=-1)),
        ("page_down", tr("Page down"), partial(moving.by, pages=1)),
    ):
        registry.add(f"move.{name}", text, step)
        extended = tr("Extend: {direction}").format(direction=text.lower())
        registry.add(f"move.extend_{name}", extended, partial(step, extend=True))
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
