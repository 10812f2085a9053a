"""Checkpoints: whole, or refused in words."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from models.data.run_writer import RunWriter
from models.data.runs import CHECKPOINT
from models.errors import TrainingError
from models.training.checkpoints import load_checkpoint, save_checkpoint

pytestmark = pytest.mark.slow

CPU = torch.device("cpu")


@pytest.fixture
def writer(tmp_path: Path) -> RunWriter:
    return RunWriter.create(tmp_path / "runs", {})


def test_what_is_saved_is_loaded(writer: RunWriter) -> None:
    save_checkpoint(writer, CHECKPOINT, {"weights": torch.arange(3), "curves": [{"epoch": 1}]})
    state = load_checkpoint(writer.folder / CHECKPOINT, CPU)
    assert state["weights"].tolist() == [0, 1, 2]
    assert state["curves"] == [{"epoch": 1}]


def test_a_damaged_file_is_refused(writer: RunWriter) -> None:
    save_checkpoint(writer, CHECKPOINT, {"weights": torch.arange(1_000)})
    path = writer.folder / CHECKPOINT
    path.write_bytes(path.read_bytes()[:500])
    with pytest.raises(TrainingError, match="cannot be read"):
        load_checkpoint(path, CPU)


def test_nothing_in_a_checkpoint_is_run(writer: RunWriter) -> None:
    writer.save_file(CHECKPOINT, lambda file: torch.save({"code": print}, file))
    with pytest.raises(TrainingError, match="cannot be read"):
        load_checkpoint(writer.folder / CHECKPOINT, CPU)


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="cannot be read"):
        load_checkpoint(tmp_path / "no.pt", CPU)
