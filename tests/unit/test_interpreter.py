"""The window is let in soon; what stays is not looked through, what is left behind is found."""

from __future__ import annotations

import gc
import sys
import weakref
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QObject, Signal

from qtapp.interpreter import WindowFirst


class Desk(QObject):
    opened = Signal(object)
    closed = Signal()


class Ring:
    """Garbage that only a search finds, once nobody holds it."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture
def desk() -> Iterator[Desk]:
    switch_s = sys.getswitchinterval()
    yield Desk()
    gc.unfreeze()
    sys.setswitchinterval(switch_s)


def is_looked_at(thing: object) -> bool:
    return any(known is thing for known in gc.get_objects())


def test_a_thread_that_computes_lets_the_window_in_within_a_millisecond(desk):
    WindowFirst(desk)
    assert sys.getswitchinterval() <= 0.001


def test_the_window_is_spared_as_soon_as_it_is_built(desk):
    built = Ring()
    assert is_looked_at(built)
    WindowFirst(desk)
    assert not is_looked_at(built)


def test_an_opened_dataset_is_spared_and_what_comes_later_is_not(desk):
    WindowFirst(desk)
    opened = Ring()
    desk.opened.emit(None)
    decided = Ring()
    assert not is_looked_at(opened)
    assert is_looked_at(decided)


@pytest.mark.slow
def test_what_a_closed_dataset_leaves_behind_is_found(desk):
    WindowFirst(desk)
    ring = Ring()
    left_behind = weakref.ref(ring)
    desk.opened.emit(None)
    del ring
    gc.collect()
    assert left_behind() is not None
    desk.closed.emit()
    assert left_behind() is None
