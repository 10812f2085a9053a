"""Every screen of the window, one after the other: each page, each panel, each dialog."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
from PySide6.QtWidgets import QApplication, QDockWidget, QMenu, QWidget
from pytestqt.qtbot import QtBot

from models.data.maps import keep_map
from models.opening import request_for
from models.review.grouping import CLASS
from models.types import MapLaidOut
from qtapp.app import Application
from qtapp.state.view import BLIND, COMPARE, DATA, GRID, SINGLE
from qtapp.views.grid.menu import TileMenu
from tests.helpers.local import open_here
from tests.helpers.projects import add_scores

CLASSES = (
    "coat",
    "ankle boot, brown leather, with a zip at the side",
    "ankle boot, brown leather, worn by nobody so far",
)
N = 40  # images: a blind session asks for twenty of them
_DIALOGS = (
    "picker", "cause_picker", "export", "runs", "palette", "cheat_sheet", "session_page", "split",
)  # fmt: skip


def clothes(folder: Path) -> Path:
    """A project for the walk: forty images, two long class names, a run that doubts every fifth."""
    path = folder / "clothes.npz"
    path.parent.mkdir()
    given = np.arange(N) % len(CLASSES)
    pixels = np.random.default_rng(0).integers(0, 256, (N, 8, 8), dtype=np.uint8)
    np.savez(path, images=pixels, labels=np.array(CLASSES)[given])
    review = open_here(request_for([path]))
    review.close()
    best = np.where(np.arange(N) % 5, given, (given + 1) % len(CLASSES))
    add_scores(review.project.path, best, len(CLASSES), given=given)
    layout = np.random.default_rng(1).normal(size=(N, 2)).astype(np.float32)
    keep_map(review.project.path, MapLaidOut(layout, 1, 1, N, final=True))  # no need to make one
    return review.project.path


def screens(qtbot: QtBot, app: Application) -> Iterator[tuple[str, QWidget]]:
    """(name, widget) of everything there is to see of an open project, no part of it twice; each
    is in sight until the next one is asked for."""
    for walk in (_pages, _orders, _docks, _dialogs):
        for name, widget in walk(qtbot, app):
            for _ in range(6):
                QApplication.processEvents()  # layouts follow their events, one level after another
            QApplication.sendPostedEvents()
            yield name, widget


def _pages(_qtbot: QtBot, app: Application) -> Iterator[tuple[str, QWidget]]:
    view, pages, review = app.space.view, app.views.pages, app.views.review
    yield "grid", app.window
    for mode in (SINGLE, COMPARE, DATA, BLIND):
        if mode == COMPARE:
            view.compare((0, 1, 2))
        else:
            view.set_mode(mode)
        yield mode, review
    app.blinding.start(20)
    yield "blind session", review
    app.space.blind.pause()
    view.set_mode(GRID)
    pages.setCurrentWidget(app.views.start)
    yield "start", app.views.start
    pages.setCurrentWidget(app.views.review)
    app.notices.show_error(RuntimeError())
    yield "notice", app.notices
    app.notices.clear()


def _orders(qtbot: QtBot, app: Application) -> Iterator[tuple[str, QWidget]]:
    order, review = app.space.order, app.views.review

    def settle() -> None:
        qtbot.waitUntil(lambda: app.jobs.arranger.is_idle, timeout=10_000)

    order.group_by(CLASS)
    settle()
    yield "grouped", review
    order.group_by("")
    order.show_sample(9)
    settle()
    yield "montage", review
    order.leave_sample()
    app.registry.action("look.query").trigger()
    app.views.query_bar.field.setText("given ==")
    yield "query", review
    app.registry.action("look.escape").trigger()
    order.filter_by(replace(order.wanted.filters, query="loss > 99"))
    settle()
    yield "nothing found", review
    order.filter_by(replace(order.wanted.filters, query=""))
    settle()


def _docks(_qtbot: QtBot, app: Application) -> Iterator[tuple[str, QWidget]]:
    for dock in app.window.findChildren(QDockWidget):
        dock.show()
        dock.raise_()
        yield f"dock {dock.objectName()}", dock


def _dialogs(_qtbot: QtBot, app: Application) -> Iterator[tuple[str, QWidget]]:
    dialogs = app.dialogs
    for name in _DIALOGS:
        dialog = getattr(dialogs, name)
        dialog.ask()
        yield name, dialog
        dialog.reject()
    dialogs.about.show()
    yield "about", dialogs.about
    dialogs.about.reject()
    preferences = dialogs.preferences
    preferences.ask("")
    for page in range(preferences.pages.count()):
        preferences.pages.setCurrentIndex(page)
        yield f"preferences {page}", preferences
    preferences.reject()
    for menu in app.window.menuBar().findChildren(QMenu):
        yield f"menu {menu.title()}", menu
    tile = TileMenu(0, app.jobs.thumbnails, app.registry, app.views.grid)
    yield "menu of a tile", tile
    tile.deleteLater()
