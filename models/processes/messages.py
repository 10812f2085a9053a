"""Turns events and errors into messages for a pipe, and back."""

from __future__ import annotations

import traceback
from dataclasses import fields

from models import types
from models.errors import TrainingError, WinnowError
from models.processes.channel import Message
from models.types import Event

_EVENTS = {
    name: thing
    for name, thing in vars(types).items()
    if isinstance(thing, type) and issubclass(thing, Event)
}


def event_to_message(event: Event) -> Message:
    """The message for one event; arrays stay arrays."""
    values = {field.name: getattr(event, field.name) for field in fields(event)}
    return {"event": type(event).__name__, "values": values}


def event_from_message(message: Message) -> Event:
    """The event that event_to_message was given."""
    event: Event = _EVENTS[message["event"]](**message["values"])
    return event


def error_to_message(error: BaseException) -> Message:
    """The message for an error of ours, of memory, or of a bug in the child."""
    if isinstance(error, WinnowError):
        known = error
    elif isinstance(error, MemoryError):
        known = TrainingError(
            "ran out of memory",
            remedy="Close other programs, or use fewer or smaller images.",
        )
    else:
        known = WinnowError(
            f"something unexpected happened ({type(error).__name__}: {error})",
            remedy="Please report this with the details below.",
            details="".join(traceback.format_exception(error)),
        )
    values = {name: getattr(known, name) for name in ("what", "where", "remedy", "details")}
    return {"error": {"type": type(known).__name__, **values}}
