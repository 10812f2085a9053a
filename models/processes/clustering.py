"""Supervises the clusterer child, which puts images that look alike into clusters."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from models.data.clusters import kept_clusters
from models.processes.channel import Message
from models.processes.child import run_in_child
from models.types import Events


@dataclass(frozen=True)
class ClusterRequest:
    """Clusters of the embedding of a run at an epoch; about `wanted` of them."""

    project: Path
    n: int
    run: int
    epoch: int
    wanted: int

    def to_message(self) -> Message:
        return {**vars(self), "project": str(self.project)}

    @classmethod
    def from_message(cls, message: Message) -> ClusterRequest:
        return cls(**{**message, "project": Path(message["project"])})


def find_clusters(request: ClusterRequest) -> Events:
    """Those that are kept, or else run the child, which keeps what it finds: Progress, at last
    Clustered. Closing the generator ends it."""
    kept = kept_clusters(request.project, request.run, request.epoch, request.wanted, request.n)
    if kept is not None:
        yield kept
    else:
        yield from run_in_child("clusterer", request.to_message())
