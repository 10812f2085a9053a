"""The child's side of the pipe: take requests, send events, end when the parent is gone."""

from __future__ import annotations

import os
import queue
import sys
import threading
from collections.abc import Callable, Iterator

from models.processes.channel import Channel, ChannelClosed, ChannelTimeout, Message
from models.processes.child import Controls
from models.processes.messages import error_to_message, event_to_message
from models.types import Events

_NICENESS = 10
_ORPHANED = 3  # exit code of a child whose parent went away


def parent_channel() -> ParentChannel:
    """Claim stdin and stdout as the pipe, and make this process a polite background one.

    What a library prints goes to stderr from here on, so that it cannot break a frame.
    """
    read_fd, write_fd = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    os.nice(_NICENESS)
    return ParentChannel(Channel(read_fd, write_fd))


class ParentChannel:
    """Requests from the parent, read by a thread that ends this process at end of file.

    The thread is what keeps a child that is deep in a computation from outliving a window
    that was killed.
    """

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._requests: queue.SimpleQueue[Message] = queue.SimpleQueue()
        self.controls = Controls()
        threading.Thread(target=self._read, name="parent", daemon=True).start()

    def requests(self) -> Iterator[Message]:
        """Requests in the order they came; never ends, the process does."""
        while True:
            yield self._requests.get()

    def send(self, message: Message) -> None:
        try:
            self._channel.send(message)
        except (ChannelClosed, ChannelTimeout):
            os._exit(_ORPHANED)

    def _read(self) -> None:
        while True:
            try:
                message = self._channel.receive()
            except Exception:  # noqa: BLE001 - whatever broke the pipe, nobody is listening
                os._exit(_ORPHANED)
            assert message is not None
            if "control" in message:
                self.controls.send(message["control"])
            else:
                self._requests.put(message)


def serve_events(work: Callable[[Message, Controls], Events]) -> None:
    """Serve one request whose answer is a stream of events, then end."""
    parent = parent_channel()
    request = next(parent.requests())["request"]
    try:
        for event in work(request, parent.controls):
            parent.send(event_to_message(event))
        parent.send({"end": True})
    except Exception as error:  # noqa: BLE001 - the parent shows it
        parent.send(error_to_message(error))
    os._exit(0)  # torch's threads and open files need no farewell, and can hang on one
