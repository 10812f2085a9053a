"""Builds what is seen: the pages, the docks and what lies over them."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, QObject, Qt
from PySide6.QtWidgets import QStackedWidget

from qtapp.commands.blinding import Blinding
from qtapp.commands.desk import Jobs
from qtapp.commands.registry import Registry
from qtapp.jobs.previewing import Previewer
from qtapp.jobs.traces import Traces
from qtapp.state.workspace import Workspace
from qtapp.views.blind.page import BlindPage
from qtapp.views.compare import CompareView
from qtapp.views.data.page import DataPage
from qtapp.views.grid.empty import EmptyOrder
from qtapp.views.grid.headers import GroupHeaders
from qtapp.views.grid.item_model import TileItemModel
from qtapp.views.grid.view import GridView
from qtapp.views.main_window import Dock
from qtapp.views.map.panel import MapPanel
from qtapp.views.order_bar import OrderBar
from qtapp.views.panels.evidence import EvidenceStrip
from qtapp.views.panels.filters import FiltersPanel
from qtapp.views.panels.inspector import Inspector
from qtapp.views.panels.matrix import MatrixPanel
from qtapp.views.panels.remarks import RemarkLine
from qtapp.views.panels.training import TrainingPanel
from qtapp.views.peek import Peek
from qtapp.views.query.bar import QueryBar
from qtapp.views.review_page import ReviewPage
from qtapp.views.single import SingleView
from qtapp.views.start_page import StartPage
from qtapp.views.theme import Theme


@dataclass(frozen=True)
class Views:
    """The pages of the window, and what must be spoken to on them."""

    pages: QStackedWidget  # of start and review
    start: StartPage
    review: ReviewPage
    grid: GridView
    empty_order: EmptyOrder
    single: SingleView
    order_bar: OrderBar
    query_bar: QueryBar
    data: DataPage
    compare: CompareView
    blind: BlindPage
    peek: Peek


def build_views(
    space: Workspace,
    jobs: Jobs,
    blinding: Blinding,
    previewer: Previewer,
    registry: Registry,
    theme: Theme,
    parent: QObject,
) -> Views:
    """Every page, the start page in front."""
    session, labels, scores = space.session, space.labels, space.scores
    order, selection, view = space.order, space.selection, space.view
    thumbnails = jobs.thumbnails
    tiles = TileItemModel(labels, scores, order, view, thumbnails, parent)
    headers = GroupHeaders(session, labels, order, view, theme, parent)
    grid = GridView(tiles, headers, selection, view, thumbnails, registry, theme)
    single = SingleView(
        session, labels, scores, selection, order, view, space.audit, thumbnails, registry, theme
    )
    order_bar = OrderBar(session, order, selection, view, space.learning, registry, theme)
    query_bar = QueryBar(
        session, labels, scores, order, space.paths, space.queries, registry, theme
    )
    data = DataPage(session, labels, space.describing, selection, order, view, registry, theme)
    compare = CompareView(session, labels, scores, selection, view, thumbnails, registry, theme)
    blind = BlindPage(session, labels, scores, space.blind, blinding, thumbnails, registry, theme)
    review = ReviewPage(view, order_bar, query_bar, grid, single, data, compare, blind)
    start = StartPage(space.opening, previewer, registry, theme)
    pages = QStackedWidget()
    pages.addWidget(start)
    pages.addWidget(review)
    return Views(
        pages=pages,
        start=start,
        review=review,
        grid=grid,
        empty_order=EmptyOrder(session, order, grid),
        single=single,
        order_bar=order_bar,
        query_bar=query_bar,
        data=data,
        compare=compare,
        blind=blind,
        peek=Peek(
            session, labels, scores, selection, order, view, space.neighbours, thumbnails, theme,
            pages,
        ),
    )  # fmt: skip


@dataclass(frozen=True)
class Docked:
    """The panels that must be spoken to, and the docks that hold all of them."""

    inspector: Inspector
    evidence: EvidenceStrip
    map: MapPanel
    docks: tuple[Dock, ...]


def build_docks(space: Workspace, jobs: Jobs, registry: Registry, theme: Theme) -> Docked:
    """Every dock there is: what is listed here can be shown, hidden, torn off and reset."""
    session, labels, scores = space.session, space.labels, space.scores
    order, selection, view = space.order, space.selection, space.view
    thumbnails, training = jobs.thumbnails, space.training
    evidence = EvidenceStrip(labels, scores, selection, view, space.neighbours, thumbnails, theme)
    inspector = Inspector(
        session, labels, scores, selection, view, registry, theme, Traces(session, scores).of,
        thumbnails.path_of, evidence, RemarkLine(space.causes, selection, registry, theme),
    )  # fmt: skip
    map_panel = MapPanel(
        session, labels, scores, selection, order, view, training, space.mapping,
        jobs.map_pictures, thumbnails, theme,
    )  # fmt: skip
    left, right, bottom = (
        Qt.DockWidgetArea.LeftDockWidgetArea,
        Qt.DockWidgetArea.RightDockWidgetArea,
        Qt.DockWidgetArea.BottomDockWidgetArea,
    )
    filters = FiltersPanel(session, labels, order, theme)
    progress = TrainingPanel(training, space.learning, space.corrections, registry, theme)
    matrix = MatrixPanel(session, labels, scores, order, training, space.confusion, registry, theme)
    docks = (
        Dock("filters", tr("Filters"), filters, left),
        Dock("inspector", tr("Inspector"), inspector, right),
        Dock("training", tr("Training"), progress, bottom),
        Dock("matrix", tr("Confusion matrix"), matrix, bottom, at_first=False),
        Dock("map", tr("Map"), map_panel, bottom, at_first=False),
    )
    return Docked(inspector, evidence, map_panel, docks)


def tr(text: str) -> str:
    return QCoreApplication.translate("docks", text)
