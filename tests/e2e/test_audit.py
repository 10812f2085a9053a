"""Every tenth image one by one is a random audit image, through closing and opening again."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from models.data.project import Project
from models.opening import request_for
from qtapp import cli
from qtapp.arguments import parse
from qtapp.page_text import page_lines
from tests.e2e.conftest import Start, leave, open_and_wait, press
from tests.helpers.local import open_here
from tests.helpers.projects import add_scores

N = 60
FAR_DOWN = 3  # a seed that draws images the walk does not come by here


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Sixty images with the scores of a run."""
    monkeypatch.setattr("models.opening.secrets.randbits", lambda _bits: FAR_DOWN)
    path = tmp_path / "clothes.npz"
    labels = np.arange(N) % 3
    pixels = np.random.default_rng(0).integers(0, 256, (N, 8, 8), dtype=np.uint8)
    np.savez(path, images=pixels, labels=np.array(["coat", "dress", "shirt"])[labels])
    review = open_here(request_for([path]))
    review.close()
    best = np.where(np.arange(N) % 7 == 0, (labels + 1) % 3, labels)
    add_scores(review.project.path, best, 3, given=labels)
    return path


def test_audit_images_are_judged_blind_and_remembered(
    qtbot: QtBot, start: Start, source: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    application = start()
    open_and_wait(qtbot, application, source)
    press(application, "Return", *"QQQQQQQQQQ")
    space = application.space
    audit = space.selection.current
    assert space.audit.is_blind(audit)
    assert application.views.single.badge.isVisible()
    assert "errors left" not in application.window.statusBar().counts.text()
    press(application, "W", "E")  # there is nothing to accept
    figures = application.window.statusBar().counts
    qtbot.waitUntil(lambda: "from 1 random image)" in figures.text())
    press(application, *"QQQQQQQQQ")
    second = space.selection.current
    assert space.audit.is_blind(second)
    project = Path(space.session.project_path)
    leave(qtbot, application)

    with Project(project, read_only=True).journal() as journal:
        rows = journal.rows()
    (row,) = rows[rows["sample"] == audit]
    assert (row["suggested"], np.isnan(row["suspicion"])) == (-1, True)
    assert not np.isnan(rows["suspicion"][rows["sample"] != audit]).any()
    assert cli.run(parse(["info", str(project), "--json"])) == 0
    page = json.loads(capsys.readouterr().out)
    assert (page["audit"]["audited"], page["audit"]["wrong"]) == (1, 1)
    assert any(line.startswith("errors left") for line in page_lines(page))

    again = start()
    open_and_wait(qtbot, again, source)
    assert again.space.audit.sample_ids.tolist() == [audit, second]
    assert again.space.audit.is_blind(second)
    figures = again.window.statusBar().counts  # all are in the tooltip, however small the screen
    qtbot.waitUntil(lambda: "from 1 random image)" in figures.toolTip())
