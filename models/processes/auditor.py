"""The auditor child: looks through one dataset and sends what it finds."""

from __future__ import annotations

import os

from models.audit.session import auditing_session
from models.processes.auditing import AuditRequest
from models.processes.channel import Message
from models.processes.child import Controls
from models.processes.serving import serve_events
from models.types import Events


def work(message: Message, controls: Controls) -> Events:
    """Audit as the message of an AuditRequest asks."""
    yield from auditing_session(AuditRequest.from_message(message), controls)


if __name__ == "__main__":
    # Threads that spin while they wait for one another starve everything else: see trainer.py.
    os.environ.setdefault("GOMP_SPINCOUNT", "2000")
    serve_events(work)
