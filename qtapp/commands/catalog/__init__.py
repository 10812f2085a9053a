"""Declares every command: its id, its words, what it does, and when it can be used."""

from __future__ import annotations

from qtapp.commands.availability import Availability
from qtapp.commands.catalog.acting import Actors, WindowCommands
from qtapp.commands.catalog.auditing import declare_auditing
from qtapp.commands.catalog.deciding import (
    declare_deciding,
    declare_explaining,
    declare_unlocking,
)
from qtapp.commands.catalog.imaging import declare_image
from qtapp.commands.catalog.looking import declare_ordering, declare_screens
from qtapp.commands.catalog.moving import declare_moving
from qtapp.commands.catalog.project import declare_files, declare_help, declare_runs
from qtapp.commands.registry import Registry
from qtapp.state.workspace import Workspace

__all__ = ["Actors", "WindowCommands", "declare_all"]


def declare_all(
    registry: Registry, space: Workspace, actors: Actors, window: WindowCommands
) -> Availability:
    """Every command there is, in the order the cheat sheet shows them."""
    declare_deciding(registry, space, actors, window)
    declare_explaining(registry, window)
    declare_unlocking(registry, space, actors)
    declare_moving(registry, actors.moving)
    declare_screens(registry, space, actors, window)
    declare_image(registry, space.image_look)
    declare_ordering(registry, space, actors, window)
    declare_files(registry, actors.desk, window)
    declare_runs(registry, actors.runs, space, window)
    declare_auditing(registry, space, actors, window)
    declare_help(registry, window)
    changes = (
        *(space.session.changed, space.view.changed, space.order.wanted_changed),
        *(space.scores.changed, space.learning.changed),
        *(space.training.changed, space.corrections.changed, space.labels.lock.changed),
        *(actors.desk.failed, actors.desk.opened, space.opening.changed),
        *(space.audit_findings.changed, space.audit_findings.rechecked, actors.remedies.changed),
    )
    return Availability(registry, space.session, space.view, changes)
