"""Noticing the turn of the held-out loss."""

from __future__ import annotations

import math

import numpy as np

from models.training.overfitting import OverfittingWatch


def turns(losses: list[float]) -> list[int]:
    watch = OverfittingWatch()
    return [turn for turn in map(watch.turned_at, losses) if turn]


def test_a_turn_is_said_once() -> None:
    losses = [1.0, 0.8, 0.6, 0.5, 0.5, 0.55, 0.6, 0.7, 0.8, 0.9, 1.0]
    (epoch,) = turns(losses)
    assert 4 <= epoch <= 5


def test_a_falling_loss_says_nothing() -> None:
    assert turns([1 / (epoch + 1) for epoch in range(30)]) == []


def test_noise_around_a_plateau_says_nothing() -> None:
    rng = np.random.default_rng(0)
    assert turns(list(0.5 + 0.01 * rng.normal(size=60))) == []


def test_nothing_held_out_says_nothing() -> None:
    assert turns([math.nan] * 20) == []
