"""Checkpoints: written whole or not at all, and read without running anything in them."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import torch

from models.data.run_writer import RunWriter
from models.errors import TrainingError


def save_checkpoint(writer: RunWriter, name: str, state: dict[str, Any]) -> None:
    """Write tensors and plain values into the folder of a run."""
    writer.save_file(name, lambda file: torch.save(state, file))


def load_checkpoint(path: Path, device: torch.device) -> dict[str, Any]:
    """Read what save_checkpoint wrote.

    Raises TrainingError if the file is missing or damaged, or holds more than numbers.
    """
    try:
        state: dict[str, Any] = torch.load(path, map_location=device, weights_only=True)
    except (OSError, RuntimeError, EOFError, KeyError, pickle.UnpicklingError) as error:
        raise TrainingError(
            "the saved weights cannot be read", str(path), "Start a new run; no decision is lost."
        ) from error
    return state
