"""The command line in this process, and a project whose images have scores."""

from __future__ import annotations

from pathlib import Path

import pytest

from qtapp import cli
from qtapp.arguments import parse
from tests.helpers.projects import add_run, small_project

Capture = pytest.CaptureFixture[str]


def run(*words: str | Path) -> int:
    return cli.run(parse([str(word) for word in words]))


@pytest.fixture
def scored(tmp_path: Path) -> Path:
    project = small_project(tmp_path)
    add_run(project)
    return project
