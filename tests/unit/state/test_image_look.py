"""What stays and what is forgotten of how images are looked at."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QObject

from qtapp.state.image_look import Base, Levels, Pose
from qtapp.state.view import COMPARE, SINGLE
from qtapp.state.workspace import Workspace
from tests.helpers.spaces import dataset_info, workspace


@pytest.fixture
def owner() -> QObject:
    return QObject()


@pytest.fixture
def space(owner: QObject) -> Workspace:
    space = workspace(owner)
    space.selection.set_current(3)
    return space


def test_window_and_level_are_shares_of_the_base() -> None:
    assert Levels().between(0, 255) == (0, 255)
    assert Levels(window=0.5).between(0, 100) == (25, 75)
    assert Levels(level=0.0).between(-1, 1) == (-2, 0)


def test_the_bases_follow_each_other_and_begin_anew(space: Workspace) -> None:
    looks = space.image_look
    looks.adjust(0.5, 0.1)
    seen = []
    for _ in range(4):
        looks.next_base()
        seen.append(looks.levels)
    assert seen == [Levels(base) for base in (Base.WHOLE, Base.MIDDLE, Base.USUAL, Base.WHOLE)]


def test_a_window_never_closes_or_turns_around(space: Workspace) -> None:
    looks = space.image_look
    for _ in range(100):
        looks.adjust(-0.3, 0.0)
    low, high = looks.levels.between(0, 255)
    assert low < high


def test_zoom_has_an_end_on_both_sides(space: Workspace) -> None:
    looks = space.image_look
    for _ in range(100):
        looks.zoom(2)
    assert looks.pose == Pose(zoom=64)
    for _ in range(100):
        looks.zoom(0.5)
    assert looks.pose == Pose(zoom=1 / 64)


def test_another_image_is_seen_whole_in_the_same_shades(space: Workspace) -> None:
    looks = space.image_look
    looks.zoom(2)
    looks.take_base(Base.MIDDLE)
    space.selection.set_current(4)
    assert looks.pose is None
    assert looks.levels.base is Base.MIDDLE


def test_moving_between_compared_images_keeps_the_zoom_and_leaving_them_does_not(
    space: Workspace,
) -> None:
    looks = space.image_look
    space.view.compare((3, 4))
    assert space.view.mode == COMPARE
    looks.zoom(2)
    space.selection.set_current(4)
    assert looks.pose == Pose(zoom=2)
    space.view.set_mode(SINGLE)
    assert looks.pose is None


def test_another_dataset_is_seen_as_usual(space: Workspace) -> None:
    looks = space.image_look
    looks.adjust(1, 0)
    looks.next_channel()
    space.session.open(dataset_info(), "")
    assert (looks.levels, looks.channel, looks.pose) == (Levels(), None, None)


@pytest.mark.parametrize(("shape", "n"), [((8, 8, 1), 1), ((8, 8, 3), 3), (None, 3)])
def test_channels_follow_each_other(space: Workspace, shape: tuple[int, ...], n: int) -> None:
    space.session.open(replace(dataset_info(), image_shape=shape), "")
    looks, seen = space.image_look, []
    for _ in range(n + 1):
        looks.next_channel()
        seen.append(looks.channel)
    assert seen == [*range(n), None, 0][: n + 1]


def test_nothing_is_said_where_nothing_changed(space: Workspace) -> None:
    said: list[int] = []
    space.image_look.changed.connect(lambda: said.append(1))
    space.image_look.fit()
    space.image_look.take_base(Base.USUAL)
    assert said == []
    space.image_look.take_pose(Pose(x=np.inf))
    assert space.image_look.pose == Pose(x=1.0)
