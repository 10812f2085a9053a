"""The mapper child: lays out one dataset and sends how far it is."""

from __future__ import annotations

import os

from models.mapping import mapping
from models.processes.channel import Message
from models.processes.child import Controls
from models.processes.mapping import MapRequest
from models.processes.serving import serve_events
from models.types import Events


def work(message: Message, controls: Controls) -> Events:
    """Make the map that the message of a MapRequest asks for."""
    yield from mapping(MapRequest.from_message(message))


if __name__ == "__main__":
    # Threads that spin while they wait for one another starve everything else: see trainer.py.
    os.environ.setdefault("GOMP_SPINCOUNT", "2000")
    serve_events(work)
