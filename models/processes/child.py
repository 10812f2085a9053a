"""Starts a child process and talks to it; a dead child is an error message, never a hang."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import deque
from collections.abc import Iterator
from types import TracebackType
from typing import Any, Self

from models.errors import ChildDied, error_by_name
from models.processes.channel import Channel, ChannelClosed, ChannelTimeout, Message
from models.processes.messages import event_from_message
from models.types import Events, Heartbeat

HEARTBEAT_S = 0.2
_CLOSE_S = 4.0  # a child that has not ended this long after its pipe closed is killed
_LOG_TAIL_BYTES = 4_000


class Controls:
    """Words for a running child ("pause", "resume", "finish"), sent from any thread."""

    def __init__(self) -> None:
        self._words: deque[str] = deque()

    def send(self, word: str) -> None:
        self._words.append(word)

    def drain(self) -> Iterator[str]:
        """Take the words that came since the last call."""
        while self._words:
            yield self._words.popleft()


class Child:
    """A niced `python -m models.processes.NAME`, at the other end of a Channel.

    The child ends by itself when its pipe closes, so nothing is orphaned even when this
    process is killed. Use it in a `with` block, or call close().
    """

    def __init__(self, name: str, environment: dict[str, str] | None = None) -> None:
        self.name = name
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the child
        # -P: without it a folder called `models` in the working directory would be run instead.
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            [sys.executable, "-P", "-m", f"models.processes.{name}"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            env={**os.environ, **(environment or {})},
            start_new_session=True,  # Ctrl+C in a terminal is ours to handle, not the child's
            bufsize=0,
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        # Own copies, so that Popen's file objects can go: the pipe ends belong to Channel.
        self._channel = Channel(
            os.dup(self._process.stdout.fileno()), os.dup(self._process.stdin.fileno())
        )
        self._process.stdin.close()
        self._process.stdout.close()
        self._closed = threading.Lock()
        self._is_closed = False

    @property
    def pid(self) -> int:
        return self._process.pid

    def send(self, message: Message, timeout_s: float | None = 30.0) -> None:
        """Send one message; ChildDied if nobody is there to read it."""
        try:
            self._channel.send(message, timeout_s)
        except (ChannelClosed, ChannelTimeout) as error:
            raise self.died() from error

    def receive(self, timeout_s: float | None = None) -> Message | None:
        """Receive one message, or None at the timeout.

        Raises what the child reported as an error, and ChildDied if it ended.
        """
        try:
            message = self._channel.receive(timeout_s)
        except (ChannelClosed, ChannelTimeout, ValueError) as error:
            raise self.died() from error
        if message is not None and "error" in message:
            reported: dict[str, Any] = message["error"]
            raise error_by_name(reported.pop("type"))(**reported)
        return message

    def kill(self) -> None:
        """End the child at once, whatever it is doing. Safe from any thread; close() follows."""
        if self._process.poll() is None:
            self._process.kill()

    def close(self) -> None:
        """Close the pipe, wait for the child to end by itself, kill it if it does not."""
        with self._closed:
            if self._is_closed:
                return
            self._is_closed = True
            self._channel.close()
            try:
                self._process.wait(_CLOSE_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._log.close()

    def died(self) -> ChildDied:
        """The error that says how this child ended; kills it if it merely hangs."""
        status = _wait_briefly(self._process)
        if status is None:
            self._process.kill()
            how = "stopped answering and was ended"
        elif status < 0:
            how = f"was ended by {signal.Signals(-status).name}"
            if -status == signal.SIGKILL:
                how += " (the system does this when memory runs out)"
        else:
            how = f"ended unexpectedly (exit code {status})"
        return ChildDied(f"the {self.name} process {how}", details=self._log_tail())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _log_tail(self) -> str:
        if self._log.closed:
            return ""
        size = self._log.seek(0, os.SEEK_END)
        self._log.seek(max(0, size - _LOG_TAIL_BYTES))
        return self._log.read().decode(errors="replace")


def run_in_child(name: str, request: Message, controls: Controls | None = None) -> Events:
    """Run one request in a child of its own and pass its events on.

    Yields at least every HEARTBEAT_S. Closing the generator ends the child.
    """
    controls = controls or Controls()
    with Child(name) as child:
        child.send({"request": request})
        while True:
            for word in controls.drain():
                child.send({"control": word})
            message = child.receive(HEARTBEAT_S)
            if message is None:
                yield Heartbeat()
            elif message.get("end"):
                return
            else:
                yield event_from_message(message)


def _wait_briefly(process: subprocess.Popen[bytes]) -> int | None:
    """The exit status of a process whose pipe just broke; it may be a moment behind."""
    until = time.monotonic() + 1.0
    while process.poll() is None and time.monotonic() < until:
        time.sleep(0.01)
    return process.poll()
