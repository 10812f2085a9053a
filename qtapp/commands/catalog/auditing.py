"""Commands of the audit: run it, look at what proves a finding, do what it proposes."""

from __future__ import annotations

from qtapp.commands.catalog.acting import Actors, WindowCommands, tr
from qtapp.commands.registry import Registry
from qtapp.state.workspace import Workspace


def declare_auditing(
    registry: Registry, space: Workspace, actors: Actors, window: WindowCommands
) -> None:
    """What is wrong with this dataset, and the way out."""
    auditor, remedies, state = actors.auditor, actors.remedies, space.audit_findings

    def can_begin() -> bool:
        return space.session.is_open and not (state.is_running or state.checking)

    def begin(*, quick: bool) -> None:
        window.show_dock("audit")
        auditor.audit(quick=quick)

    registry.add(
        "run.audit",
        tr("Audit this dataset"),
        lambda: begin(quick=False),
        tip=tr("Look for leaks, wrong labels and splits that differ; about two minutes"),
        when=can_begin,
    )
    registry.add(
        "run.quick_audit",
        tr("Quick audit"),
        lambda: begin(quick=True),
        tip=tr("The same from fewer images, in seconds"),
        when=can_begin,
    )
    registry.add(
        "run.stop_audit",
        tr("Stop the audit"),
        auditor.cancel,
        tip=tr("What was found so far stays"),
        when=lambda: state.is_running or bool(state.checking),
    )
    registry.add(
        "look.finding",
        tr("Images of the finding"),
        remedies.show_images,
        tip=tr("Show the images that prove the finding in the grid"),
        when=lambda: bool(len(remedies.sample_ids)),
    )
    registry.add(
        "decide.remedy",
        tr("Apply the remedy of the finding"),
        remedies.apply,
        tip=tr("Said before, done as one step, and taken back like any other"),
        when=lambda: remedies.plan.can_run,
    )
    registry.add(
        "decide.take_back",
        tr("Take the remedy of the finding back"),
        remedies.take_back,
        tip=tr("The setting it changed is as it was; decisions are undone with the others"),
        when=lambda: remedies.plan.can_take_back,
    )
    registry.add(
        "file.split",
        tr("Split anew…"),
        window.split,
        tip=tr("Training, validation and test, every class in its share, copies together"),
        when=lambda: space.session.is_open,
    )
