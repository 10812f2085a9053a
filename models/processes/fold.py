"""The fold child: writes corrected.h5 and every export; the only process that writes HDF5."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from models.data.project import Project
from models.data.writers.export import export
from models.data.writers.fold import fold
from models.data.writers.hashing import hashing_all
from models.data.writers.rematching import rematching
from models.processes.channel import Message
from models.processes.child import Controls
from models.processes.reading import ReaderClient
from models.processes.serving import serve_events
from models.types import Events, ExportOptions, OpenRequest


def work(request: Message, controls: Controls) -> Events:
    """Serve {"project"} and "out", "as", "options" for an export, "source" to match with, or
    "hash" for the request to read all images by."""
    project = Project(Path(request["project"]), read_only=True)
    with closing(ReaderClient()) as reader:
        if "out" in request:
            out = Path(request["out"])
            options = ExportOptions.from_message(request["options"])
            yield from export(project, out, request["as"], options, reader)
        elif "source" in request:
            yield from rematching(project, OpenRequest.from_message(request["source"]), reader)
        elif "hash" in request:
            yield from hashing_all(project, OpenRequest.from_message(request["hash"]), reader)
        else:
            yield from fold(project, reader)


if __name__ == "__main__":
    serve_events(work)
