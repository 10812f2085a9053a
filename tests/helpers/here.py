"""What child processes do, done in this one: the same code and the same messages, no start of a
program, which takes longer than most tests. Real children are what tests/unit/processes, e2e and
faults are about."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from tempfile import TemporaryFile
from typing import Any
from unittest.mock import patch

import pytest

from models.data.readers import Source
from models.errors import ChildDied, error_by_name
from models.processes import reader
from models.processes.channel import Channel, Message
from models.processes.child import Controls
from models.processes.messages import error_to_message, event_from_message, event_to_message
from models.processes.position import Position
from models.types import Events, OpenRequest

_READER = "models.processes.reading.Child"
_SUPERVISORS = ("auditing", "clustering", "folding", "listing", "mapping", "training")


def run_without_children(monkeypatch: pytest.MonkeyPatch) -> None:
    """Until the end of the test, whoever starts a child gets its work done here."""
    monkeypatch.setattr(_READER, ReaderHere)
    for name in _SUPERVISORS:
        monkeypatch.setattr(f"models.processes.{name}.run_in_child", work_here)


@contextmanager
def reader_here() -> Iterator[None]:
    """Every reader that is started meanwhile is one in this process, also afterwards."""
    with patch(_READER, ReaderHere):
        yield


def crossed(message: Message) -> Message:
    """A message as it comes out at the other end of a pipe."""
    with TemporaryFile() as file:
        channel = Channel(os.dup(file.fileno()), os.dup(file.fileno()))
        try:
            channel.send(message)
            os.lseek(file.fileno(), 0, os.SEEK_SET)
            received = channel.receive()
        finally:
            channel.close()
    assert received is not None
    return received


def raised(message: Message) -> Exception:
    """The error that a message reports."""
    reported: dict[str, Any] = message["error"]
    return error_by_name(reported.pop("type"))(**reported)


def work_here(name: str, request: Message, controls: Controls | None = None) -> Events:
    """In place of `run_in_child`."""
    work = import_module(f"models.processes.{name}").work
    try:
        for event in work(crossed(request), controls or Controls()):
            yield event_from_message(crossed(event_to_message(event)))
    except Exception as error:
        raise raised(crossed(error_to_message(error))) from error


class ReaderHere:
    """In place of the reader child: each request is answered when it is sent."""

    def __init__(self, name: str) -> None:
        assert name == "reader"
        self._answers: deque[Message] = deque()
        self._source: Source | None = None
        self._position: Position | None = None
        self._was_killed = False

    def send(self, message: Message, timeout_s: float | None = None) -> None:
        if self._was_killed:
            raise self.died()
        message = crossed(message)
        if "open" in message:
            self._position = Position.adopt(message["position"])
            request = OpenRequest.from_message(message["open"])
            self._source = reader._open(_Answers(self._answers), request)
            return
        assert self._source is not None
        assert self._position is not None
        try:
            self._answers.append(reader._answer(self._source, message, self._position))
        except Exception as error:  # noqa: BLE001 - as the child reports it
            self._answers.append(error_to_message(error))

    def receive(self, timeout_s: float | None = None) -> Message | None:
        if self._was_killed:
            raise self.died()
        message = crossed(self._answers.popleft())
        if "error" in message:
            raise raised(message)
        return message

    def kill(self) -> None:
        self._was_killed = True

    def close(self) -> None:
        if self._source is not None:
            self._source.close()
        if self._position is not None:
            self._position.close()
        self._source = self._position = None

    def died(self) -> ChildDied:
        return ChildDied("the reader process was ended")


class _Answers:
    """Where a reader that opens a source sends what it has to say."""

    def __init__(self, answers: deque[Message]) -> None:
        self._answers = answers

    def send(self, message: Message) -> None:
        self._answers.append(message)
