"""The lister child: what it finds and what it refuses come back over the pipe."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import pytest

from models.errors import DatasetError
from models.processes.listing import list_datasets
from models.types import Event
from tests.helpers import sources

pytestmark = pytest.mark.slow


def found(events: Generator[Event, None, list[Path]]) -> list[Path]:
    while True:
        try:
            next(events)
        except StopIteration as ended:
            paths: list[Path] = ended.value
            return paths


def test_the_datasets_of_a_folder_are_found_in_a_child(tmp_path: Path) -> None:
    (tmp_path / "cases").mkdir()
    sources.npz(tmp_path / "cases" / "a.npz")
    sources.folder(tmp_path / "cases" / "b")
    paths = found(list_datasets(tmp_path / "cases", tmp_path))
    assert [path.name for path in paths] == ["a.npz", "b"]


def test_what_holds_no_datasets_is_refused_in_the_words_of_the_child(tmp_path: Path) -> None:
    sources.npz(tmp_path / "a.npz")
    with pytest.raises(DatasetError, match="neither a folder nor an archive"):
        found(list_datasets(tmp_path / "a.npz", tmp_path))
