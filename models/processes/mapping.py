"""Supervises the mapper child, which makes the 2-D map of a dataset."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.data.maps import kept_map
from models.processes.channel import Message
from models.processes.child import run_in_child
from models.types import Events


@dataclass(frozen=True)
class MapRequest:
    """What a map is made of: the embedding of a run, or for run 0 the pixels."""

    project: Path
    source: dict[str, Any]  # OpenRequest.to_message()
    n: int
    run: int = 0

    def to_message(self) -> Message:
        return {**vars(self), "project": str(self.project)}

    @classmethod
    def from_message(cls, message: Message) -> MapRequest:
        return cls(**{**message, "project": Path(message["project"])})


def show_map(request: MapRequest, *, make: bool) -> Events:
    """The map that is kept; where there is none, and if asked to, make it."""
    kept = kept_map(request.project, request.run, request.n)
    if kept is not None:
        yield kept
    elif make:
        yield from make_map(request)


def make_map(request: MapRequest) -> Events:
    """Run the mapper child: Progress, MapLaidOut now and then, at last the final one, which it has
    kept on disk. Closing the generator ends it, and the map before stays."""
    yield from run_in_child("mapper", request.to_message())
