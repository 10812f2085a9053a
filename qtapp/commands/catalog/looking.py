"""Commands that change what is seen, and no data."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from models.review.grouping import CLUSTER
from models.review.ordering import LEARNED, SIMILAR
from qtapp.commands.catalog.acting import Actors, WindowCommands, tr
from qtapp.commands.registry import Registry
from qtapp.state.view import BLIND, DATA, GRID, SINGLE, ViewState
from qtapp.state.workspace import Workspace

_SCREENS_OF_SAMPLE, _MOST_SAMPLED, _OF_EACH_CLASS = 2, 500, 10


def declare_ordering(
    registry: Registry, space: Workspace, actors: Actors, window: WindowCommands
) -> None:
    """Which images are shown, and in which order."""
    order = space.order
    registry.add(
        "look.new_order",
        tr("Apply the new order"),
        order.apply_new,
        tip=tr("Put the newest scores and decisions into the order"),
    )
    registry.add(
        "look.learned",
        tr("Sort by what was learned"),
        lambda: order.sort_by(LEARNED),
        tip=tr("The order that your decisions taught"),
        when=lambda: space.learning.has_order,
    )
    registry.add(
        "look.similar",
        tr("Find similar"),
        actors.comparing.find_similar,
        tip=tr("The images that look most like the current one first"),
        when=lambda: space.scores.shown is not None,
    )
    registry.add(
        "look.before_similar",
        tr("Back to the order before"),
        order.leave_likeness,
        tip=tr("The order before similar images were looked for"),
        when=lambda: order.wanted.sort_by == SIMILAR,
    )
    registry.add(
        "look.clusters",
        tr("Group by cluster"),
        lambda: _toggle_clusters(space),
        tip=tr("Images that look alike to the model; once more, and they are not grouped"),
        when=lambda: space.scores.shown is not None and len(space.scores.shown.embedding) > 0,
    )
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
        "look.batch_before", tr("Random montage: the batch before"), lambda: order.turn_to(-1)
    )
    registry.add(
        "look.query",
        tr("Query line"),
        lambda: _to_query(space.view, window),
        tip=tr('Filter by a condition: given == "cat" and loss > 2'),
    )
    registry.add(
        "look.as_query",
        tr("Filters as a query"),
        lambda: _as_query(space),
        tip=tr("Turn what is chosen in the rail into a query that says the same"),
        when=lambda: space.view.mode != DATA and _has_rail_filters(space),
    )


def declare_screens(
    registry: Registry, space: Workspace, actors: Actors, window: WindowCommands
) -> None:
    """Pages, panels and how they look."""
    view, blinding = space.view, actors.blinding
    registry.add("look.single", tr("Single image"), lambda: view.set_mode(SINGLE))
    registry.add("look.grid", tr("Grid"), lambda: _to_grid(space))
    registry.add(
        "look.compare",
        tr("Compare side by side"),
        actors.comparing.compare,
        tip=tr("The 2 to 9 selected images, or the current one and its nearest neighbours"),
    )
    registry.add(
        "look.data",
        tr("Data page"),
        lambda: view.set_mode(GRID if view.mode == DATA else DATA),
        tip=tr("What the dataset is made of, and what is broken in it"),
    )
    registry.add(
        "look.blind",
        tr("Blind session"),
        blinding.toggle,
        tip=tr("How well does a person do without seeing the label, and who is right?"),
    )
    for name, text in (
        ("training", tr("Training panel")),
        ("matrix", tr("Confusion matrix")),
        ("map", tr("Map of all images")),
        ("values", tr("Value plots")),
        ("balance", tr("Class balance")),
        ("bias", tr("Bias")),
        ("audit", tr("Audit")),
    ):
        registry.add(f"look.{name}", text, partial(window.toggle_dock, name))
    registry.add(
        "look.session",
        tr("This session"),
        window.show_session,
        tip=tr("Decisions a minute, errors found, what changed and why"),
    )
    escape = blinding.instead(partial(_escape, space), blinding.escape)
    registry.add("look.escape", tr("Clear selection, leave a mode"), escape)
    registry.add("look.larger", tr("Larger tiles"), lambda: view.zoom(1))
    registry.add("look.smaller", tr("Smaller tiles"), lambda: view.zoom(-1))
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
    registry.add(
        "look.answer_first",
        tr("Answer before the suggestion shows"),
        actors.answers.wish,
        tip=tr(
            "Single image: the first key is your own answer and shows the suggestion, the next "
            "one decides"
        ),
        checkable=True,
    )


def _toggle_clusters(space: Workspace) -> None:
    if space.order.wanted.group_by == CLUSTER:
        space.order.group_by("")
    else:
        space.clusters.ask(space.clusters.per_class)
        space.order.group_by(CLUSTER)


def _to_query(view: ViewState, window: WindowCommands) -> None:
    if view.mode == DATA:
        view.set_mode(GRID)
    window.query()


def _has_rail_filters(space: Workspace) -> bool:
    return not replace(space.order.wanted.filters, query="").is_empty


def _as_query(space: Workspace) -> None:
    assert space.session.info is not None
    space.order.filter_in_words(space.labels.class_names, tuple(space.session.info.splits))


def _escape(space: Workspace) -> None:
    if space.selection.count and space.view.mode != DATA:
        space.selection.clear()
    elif space.view.mode != GRID or space.order.wanted.sample or space.order.wanted.listed:
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
