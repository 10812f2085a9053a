"""The clusterer child: finds clusters in one embedding and sends how far it is."""

from __future__ import annotations

import os

from models.clustering import clustering
from models.processes.channel import Message
from models.processes.child import Controls
from models.processes.clustering import ClusterRequest
from models.processes.serving import serve_events
from models.types import Events


def work(message: Message, controls: Controls) -> Events:
    """Find the clusters that the message of a ClusterRequest asks for."""
    yield from clustering(ClusterRequest.from_message(message))


if __name__ == "__main__":
    # Threads add up their parts in the order they end, which makes other clusters each time.
    os.environ["OMP_NUM_THREADS"] = "1"
    serve_events(work)
