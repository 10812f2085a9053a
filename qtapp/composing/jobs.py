"""Builds what works in the background."""

from __future__ import annotations

from PySide6.QtCore import QObject

from qtapp.commands.desk import Jobs
from qtapp.commands.runs import Runs
from qtapp.jobs.agreeing import Agreeing
from qtapp.jobs.arranging import Arranger
from qtapp.jobs.auditing import Auditor
from qtapp.jobs.balance import BalanceCounter
from qtapp.jobs.bias import BiasTester
from qtapp.jobs.blind_export import BlindExporter
from qtapp.jobs.clusters import ClusterFinder
from qtapp.jobs.confusion import MatrixCounter
from qtapp.jobs.describing import Describer
from qtapp.jobs.learning import VerdictLearner
from qtapp.jobs.map_pictures import MapPictures
from qtapp.jobs.mapping import Mapper
from qtapp.jobs.neighbours import NeighbourFinder
from qtapp.jobs.paths import PathReader
from qtapp.jobs.properties import Measurer
from qtapp.jobs.publishing import Exporter, Publisher
from qtapp.jobs.query_keeping import QueryKeeper
from qtapp.jobs.remedying import RemedyWorker
from qtapp.jobs.review_session import SessionReader
from qtapp.jobs.saving import Saver
from qtapp.jobs.thumbnails import Thumbnails
from qtapp.jobs.undoing_pictures import UndoingPictures
from qtapp.jobs.values import ValueCounter
from qtapp.jobs.weighing import Weigher
from qtapp.state.workspace import Workspace


def build_jobs(space: Workspace, runs: Runs, parent: QObject) -> Jobs:
    """Every job of the window, idle."""
    session, labels, scores = space.session, space.labels, space.scores
    order, selection = space.order, space.selection
    thumbnails = Thumbnails(parent)
    return Jobs(
        thumbnails=thumbnails,
        arranger=Arranger(
            session,
            labels,
            scores,
            selection,
            order,
            space.opinions,
            space.paths,
            space.clusters,
            space.properties,
            space.causes,
            space.audit_findings,
            parent,
        ),
        saver=Saver(labels, space.audit, space.blind, parent),
        publisher=Publisher(session, labels, space.folding, parent),
        exporter=Exporter(labels, space.exporting, parent),
        blind_exporter=BlindExporter(parent),
        describer=Describer(session, space.view, space.describing, parent),
        learner=VerdictLearner(session, labels, scores, order, space.learning, parent),
        agreeing=Agreeing(session, labels, scores, space.opinions, parent),
        auditor=Auditor(session, labels, scores, space.audit_findings, parent),
        remedying=RemedyWorker(session, labels, space.remedying, parent),
        undoing_pictures=UndoingPictures(session, thumbnails, parent),
        mapper=Mapper(session, scores, space.training, space.mapping, parent),
        map_pictures=MapPictures(
            session, labels, scores, space.audit, selection, space.mapping, parent
        ),
        clusters=ClusterFinder(session, labels, scores, order, space.clusters, parent),
        paths=PathReader(session, order, space.paths, parent),
        query_keeper=QueryKeeper(session, space.queries, parent),
        measurer=Measurer(session, order, space.properties, space.bias, parent),
        bias=BiasTester(session, labels, scores, space.audit, space.properties, space.bias, parent),
        counter=MatrixCounter(session, labels, scores, space.confusion, parent),
        balance=BalanceCounter(session, labels, space.balance, parent),
        values=ValueCounter(session, labels, scores, selection, order, space.values, parent),
        neighbours=NeighbourFinder(labels, scores, selection, space.neighbours, parent),
        session_reader=SessionReader(session, labels, space.causes, space.review_session, parent),
        weigher=Weigher(
            session, labels, space.audit, space.blind, space.review_session, space.worth, parent
        ),
        runs=runs,
    )
