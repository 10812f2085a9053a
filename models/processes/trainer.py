"""The trainer child: runs one TrainRequest and sends its events."""

from __future__ import annotations

import importlib
import os
import threading
from contextlib import closing

from models.processes.channel import Message
from models.processes.child import Controls
from models.processes.reading import ReaderClient
from models.processes.serving import serve_events
from models.processes.training import TrainRequest
from models.training.session import run_session
from models.types import Events


def work(message: Message, controls: Controls) -> Events:
    """Train as the message of a TrainRequest asks."""
    # torch takes 3 s to import; the images are read meanwhile.
    threading.Thread(target=importlib.import_module, args=("torch",), daemon=True).start()
    with closing(ReaderClient()) as reader:
        yield from run_session(TrainRequest.from_message(message), controls, reader)


if __name__ == "__main__":
    # torch's threads must not spin while they wait for one another: beside a busy program, steps
    # of 256 small images took 5 s with spinning where they take 0.9 s without (2 cores).
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    serve_events(work)
