"""What everybody has to be able to read: every text translated, none cut off, in any direction."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from models.opening import user_name
from qtapp.app import Application
from tests.e2e.conftest import Start, open_and_wait, press
from tests.helpers.pseudo import PseudoLanguage, untranslated
from tests.helpers.seen import cut_off, overlapping, painted, parts, texts
from tests.helpers.walk import N, clothes, screens

_CUT_OR_PATHS = re.compile(r"\w*…\w*|\S*/\S+")
NOTEBOOK, LARGE = (1280, 800), (2560, 1440)


@pytest.fixture(scope="module")
def untouched(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return clothes(tmp_path_factory.mktemp("look") / "data")


@pytest.fixture
def project(untouched: Path, tmp_path: Path) -> Path:
    """A copy of its own for each test: making one takes a child more than a second."""
    return Path(shutil.copytree(untouched, tmp_path / untouched.name))


@pytest.fixture
def pseudo_language(qapp: QApplication) -> Iterator[None]:
    language = PseudoLanguage()
    QCoreApplication.installTranslator(language)
    yield
    QCoreApplication.removeTranslator(language)


@pytest.fixture
def from_the_right(qapp: QApplication) -> Iterator[None]:
    qapp.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    yield
    qapp.setLayoutDirection(Qt.LayoutDirection.LeftToRight)


def reasons_of(app: Application) -> list[str]:
    return [sentence for sample_id in range(N) for sentence in app.space.scores.reasons(sample_id)]


def data_words(app: Application, reasons: list[str]) -> set[str]:
    """Whatever is shown as it is: names, paths, keys, values, and sentences about the data that
    come from models."""
    space, registry = app.space, app.registry
    assert space.session.info is not None
    info = space.session.info
    said = [
        *(
            *space.labels.class_names,
            *space.remedying.usual.shares,
            *space.causes.names,
            *info.splits,
            info.name,
            info.sentence,
            info.dtype,
            "Winnow",
        ),
        *(space.session.project_path, user_name()),
        *reasons,
        *(key for line in registry.described() for key in line.keys),
        *(app.jobs.thumbnails.path_of(sample_id) for sample_id in range(N)),
        'given == "cat" and loss > 2',
        "Enter kB MB RuntimeError NoneType None",
        "Cleanlab Studio Lightroom Prodigy",
    ]
    return set(re.findall(r"[^\W\d_]+", " ".join(said)))


def faults(
    qtbot: QtBot, app: Application, *, translated: bool = False, may_grow: bool = False
) -> dict[str, str]:
    """What is wrong with any screen, and where it was seen first."""
    found: dict[str, str] = {}
    width = app.window.width()
    reasons = reasons_of(app) if translated else []
    for name, screen in screens(qtbot, app):
        if app.window.width() > width and not may_grow:
            width = app.window.width()
            found[f"the window grew to {width} px"] = name
        said = list(texts(screen)) if translated else []
        if not isinstance(screen, QMenu):
            for fault in (*cut_off(screen), *overlapping(screen)):
                found.setdefault(fault, name)
            if translated:
                said += [
                    (type(at).__name__, line.text) for at in parts(screen) for line in painted(at)
                ]
        data = data_words(app, reasons) if said else ()
        for where, text in said:
            if untranslated(_CUT_OR_PATHS.sub(" ", text), data):
                found.setdefault(f"not translated: {text}", f"{name}, {where}")
    return found


def opened(
    qtbot: QtBot, start: Start, project: Path, size: tuple[int, int], font_percent: int = 100
) -> Application:
    app = start()
    app.theme.set_font_percent(font_percent)
    app.window.resize(*size)
    open_and_wait(qtbot, app, project)
    return app


@pytest.mark.parametrize(
    ("size", "font_percent"),
    [
        (NOTEBOOK, 100),
        pytest.param(LARGE, 100, marks=pytest.mark.soak),
        pytest.param(NOTEBOOK, 150, marks=pytest.mark.soak),
    ],
)
def test_in_a_longer_language_all_is_translated_and_nothing_cut_off(
    pseudo_language: None,
    qtbot: QtBot,
    start: Start,
    project: Path,
    size: tuple[int, int],
    font_percent: int,
) -> None:
    app = opened(qtbot, start, project, size, font_percent)
    first = size == NOTEBOOK and font_percent == 100
    assert faults(qtbot, app, translated=first, may_grow=font_percent > 100) == {}


def test_in_english_nothing_is_cut_off_with_large_letters(
    qtbot: QtBot, start: Start, project: Path
) -> None:
    app = opened(qtbot, start, project, NOTEBOOK, 150)
    assert faults(qtbot, app) == {}


@pytest.mark.soak
@pytest.mark.parametrize("factor", ["1.5", "2"])
def test_on_a_screen_that_scales_nothing_is_cut_off_either(factor: str) -> None:
    """Qt reads the factor once, when an application starts."""
    environment = os.environ | {"QT_SCALE_FACTOR": factor}
    inner = [sys.executable, "-m", "pytest", __file__, "-q", "-k", "large_letters or longer"]
    ran = subprocess.run(inner, env=environment, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stdout


def test_nothing_is_cut_off_from_the_right(
    pseudo_language: None, from_the_right: None, qtbot: QtBot, start: Start, project: Path
) -> None:
    app = opened(qtbot, start, project, NOTEBOOK)
    assert faults(qtbot, app) == {}


def test_a_large_window_begins_with_larger_tiles(qtbot: QtBot, start: Start, project: Path) -> None:
    app = opened(qtbot, start, project, LARGE)
    at_first = app.space.view.thumb_px
    app.window.resize(*NOTEBOOK)
    assert at_first > app.window.usual_thumb_px()


def test_from_the_right_everything_stands_and_moves_as_it_is_read(
    from_the_right: None, qtbot: QtBot, start: Start, project: Path
) -> None:
    app = opened(qtbot, start, project, NOTEBOOK)
    grid, rows, selection = app.views.grid, app.space.order.rows, app.space.selection
    selection.set_current(int(rows[0]))
    first, second = (grid.visualRect(grid.model().index(row, 0)) for row in (0, 1))
    assert first.left() > second.right() - 1
    press(app, "Left")
    assert selection.current == rows[1]
    press(app, "Right")
    assert selection.current == rows[0]
    press(app, "D")  # the next one is the next one in any direction
    assert selection.current == rows[1]
    filters, inspector = (app.window._docks[name] for name in ("filters", "inspector"))
    assert filters.x() > grid.window().width() / 2 > inspector.x()
