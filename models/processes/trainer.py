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
    # torch's threads spin only shortly while they wait for one another. Without it, the first look
    # at 60,000 images came after 23 s instead of 18 s on a quiet machine; beside two busy programs
    # long spinning cost 58 s, short 49 s, none 46 s, and without any limit steps took six times
    # as long (2 cores).
    os.environ.setdefault("GOMP_SPINCOUNT", "2000")
    serve_events(work)
