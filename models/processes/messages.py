"""Turns events and errors into messages for a pipe, and back."""

from __future__ import annotations

from dataclasses import fields

from models import types
from models.errors import Undecided, in_words, sent_as
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
    """The message for an error of the child."""
    known = in_words(error)
    values = {name: getattr(known, name) for name in ("what", "where", "remedy", "details")}
    if isinstance(known, Undecided):
        values["arrays"] = [dict(array) for array in known.arrays]
    return {"error": {"type": sent_as(known), **values}}
