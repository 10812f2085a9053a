"""Builds what is seen: the pages, the docks and what lies over them."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, QObject, Qt
from PySide6.QtWidgets import QStackedWidget

from qtapp.commands.blinding import Blinding
from qtapp.commands.desk import Jobs
from qtapp.commands.first_answers import FirstAnswers
from qtapp.commands.registry import Registry
from qtapp.commands.remedies import Remedies
from qtapp.jobs.previewing import Previewer
from qtapp.jobs.traces import Traces
from qtapp.state.workspace import Workspace
from qtapp.views.audit.panel import AuditPanel
from qtapp.views.bias.panel import BiasPanel
from qtapp.views.blind.page import BlindPage
from qtapp.views.compare import CompareView
from qtapp.views.data.balance import BalancePanel
from qtapp.views.data.page import DataPage
from qtapp.views.grid.empty import EmptyOrder
from qtapp.views.grid.headers import GroupHeaders
from qtapp.views.grid.item_model import TileItemModel
from qtapp.views.grid.view import GridView
from qtapp.views.lock_bar import LockBar
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
from qtapp.views.values.panel import ValuesPanel


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
    answers: FirstAnswers,
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
        session, labels, scores, selection, order, view, space.audit, answers, space.image_look,
        thumbnails, registry, theme,
    )  # fmt: skip
    order_bar = OrderBar(
        session, labels, scores, order, selection, view, space.learning, space.clusters, registry,
        theme,
    )  # fmt: skip
    query_bar = QueryBar(
        session, labels, scores, order, space.paths, space.properties, space.causes,
        space.queries, registry, theme,
    )  # fmt: skip
    data = DataPage(
        session, labels, space.describing, space.balance, selection, order, view, registry, theme
    )
    compare = CompareView(
        session, labels, scores, selection, view, space.image_look, thumbnails, registry, theme
    )
    blind = BlindPage(
        session, labels, scores, space.blind, blinding, space.image_look, thumbnails, registry,
        theme,
    )  # fmt: skip
    lock_bar = LockBar(labels, selection, order, view, registry, theme)
    review = ReviewPage(view, order_bar, query_bar, lock_bar, grid, single, data, compare, blind)
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
            session, labels, scores, selection, order, view, space.neighbours, space.image_look,
            thumbnails, theme, pages,
        ),
    )  # fmt: skip


@dataclass(frozen=True)
class Docked:
    """The panels that must be spoken to, and the docks that hold all of them."""

    inspector: Inspector
    evidence: EvidenceStrip
    map: MapPanel
    bias: BiasPanel
    audit: AuditPanel
    docks: tuple[Dock, ...]


def build_docks(
    space: Workspace, jobs: Jobs, remedies: Remedies, registry: Registry, theme: Theme
) -> Docked:
    """Every dock there is: what is listed here can be shown, hidden, torn off and reset."""
    session, labels, scores = space.session, space.labels, space.scores
    order, selection, view = space.order, space.selection, space.view
    thumbnails, training = jobs.thumbnails, space.training
    evidence = EvidenceStrip(labels, scores, selection, view, space.neighbours, thumbnails, theme)
    inspector = Inspector(
        session, labels, scores, selection, view, space.image_look, registry, theme,
        Traces(session, scores).of, thumbnails.path_of, evidence,
        RemarkLine(space.causes, selection, registry, theme),
    )  # fmt: skip
    map_panel = MapPanel(
        session, labels, scores, selection, order, view, training, space.mapping,
        jobs.map_pictures, thumbnails, theme,
    )  # fmt: skip
    bias = BiasPanel(
        labels, scores, selection, order, space.properties, space.bias, thumbnails, theme
    )
    values = ValuesPanel(
        session, labels, scores, selection, order, view, space.values, jobs.values, theme
    )
    balance = BalancePanel(session, labels, order, view, space.balance, theme)
    audit = AuditPanel(
        labels, scores, selection, training, space.audit_findings, remedies, thumbnails,
        jobs.undoing_pictures, registry, theme,
    )  # fmt: skip
    left, right, bottom = (
        Qt.DockWidgetArea.LeftDockWidgetArea,
        Qt.DockWidgetArea.RightDockWidgetArea,
        Qt.DockWidgetArea.BottomDockWidgetArea,
    )
    filters = FiltersPanel(session, labels, order, theme)
    progress = TrainingPanel(training, space.learning, space.corrections, registry, theme)
    matrix = MatrixPanel(
        session, labels, scores, order, training, space.confusion, view, registry, theme
    )
    docks = (
        Dock("filters", tr("Filters"), filters, left),
        Dock("inspector", tr("Inspector"), inspector, right),
        Dock("training", tr("Training"), progress, bottom),
        Dock("matrix", tr("Confusion matrix"), matrix, bottom, at_first=False),
        Dock("map", tr("Map"), map_panel, bottom, at_first=False),
        Dock("values", tr("Values"), values, bottom, at_first=False),
        Dock("balance", tr("Class balance"), balance, bottom, at_first=False),
        Dock("bias", tr("Bias"), bias, bottom, at_first=False),
        Dock("audit", tr("Audit"), audit, bottom, at_first=False),
    )
    return Docked(inspector, evidence, map_panel, bias, audit, docks)


def tr(text: str) -> str:
    return QCoreApplication.translate("", text)  # lupdate files it under no class
