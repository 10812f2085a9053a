"""The lister child: finds the datasets in a folder or an archive."""

from __future__ import annotations

from models.data.readers.several import datasets_in
from models.processes.channel import Message
from models.processes.child import Controls
from models.processes.serving import serve_events
from models.types import Events, Finished


def work(message: Message, controls: Controls) -> Events:
    """Progress, then Finished with their paths."""
    paths = yield from datasets_in(message["path"], message["place"])
    yield Finished({"paths": paths})


if __name__ == "__main__":
    serve_events(work)
