"""TrainConfig: what is possible, and what follows from it."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import TrainingError
from models.training.config import TrainConfig, one_cycle


def test_a_message_goes_there_and_back() -> None:
    config = TrainConfig(seed=3, epochs=7, dtype="bfloat16", flip=True)
    assert TrainConfig.from_message(config.to_message()) == config
    assert TrainConfig.from_message({}) == TrainConfig()
    settled = TrainConfig(schedule=(3, 9), minutes=2, weight_decay=0.5, threads=2)
    assert TrainConfig.from_message(json.loads(json.dumps(settled.to_message()))) == settled


def test_an_unknown_setting_is_named() -> None:
    with pytest.raises(TrainingError, match="momentum"):
        TrainConfig.from_message({"momentum": 0.9})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("preset", "slow"), ("device", "tpu"), ("epochs", -1), ("minutes", 0.0), ("batch", 1)),
        *(("epochs", "many"), ("epochs", 2.5), ("epochs", True), ("seed", None), ("seed", "1")),
        *(("minutes", "5"), ("preset", ["quick"]), ("device", {}), ("flip", 1), ("width", "48")),
        *(("schedule", 3), ("schedule", "33"), ("schedule", [3, "3"]), ("schedule", [])),
        *(("learning_rate", 0), ("learning_rate", "high"), ("weight_decay", -0.1)),
    ],
)
def test_an_impossible_setting_is_refused_in_words(name: str, value: object) -> None:
    with pytest.raises(TrainingError, match=f"{name} = "):
        TrainConfig.from_message({name: value})


def test_small_datasets_get_small_batches() -> None:
    config = TrainConfig()
    assert [config.batch_for(n) for n in (10, 1_600, 60_000)] == [16, 32, 256]


def test_presets_train_longer_one_than_the_other() -> None:
    presets = [TrainConfig(preset=name) for name in ("quick", "standard", "thorough")]
    for n in (500, 60_000, 1_000_000):
        epochs = [sum(config.schedule_for(n, 0.0)) for config in presets]
        assert epochs == sorted(epochs)
        assert epochs[0] < epochs[2]


def test_what_begins_with_weights_is_trained_for_half_as_long() -> None:
    config = TrainConfig(preset="thorough")
    anew, begun = (config.schedule_for(60_000, 0.0, begun=begun) for begun in (False, True))
    assert begun == tuple(epochs // 2 for epochs in anew)
    assert TrainConfig(epochs=7).schedule_for(60_000, 0.0, begun=True) == (7,)


@given(st.floats(-3, 1e6))
def test_a_budget_is_used_up_and_not_overdrawn(fitting: float) -> None:
    schedule = TrainConfig(minutes=2.0).schedule_for(1_000, fitting)
    assert min(schedule) >= 1
    assert sum(schedule) <= max(1, fitting)
    assert sum(schedule) > min(fitting, 300) - len(schedule)


def test_what_is_asked_for_comes_before_the_budget() -> None:
    def schedule(**asked: int) -> tuple[int, ...]:
        return TrainConfig(minutes=2.0, **asked).schedule_for(1_000, 12.7)

    assert schedule(epochs=5) == (5, 5)
    assert schedule(nets=2) == (6, 6)
    assert schedule(epochs=5, nets=4) == (5,) * 4
    assert TrainConfig(schedule=(3, 9), minutes=2.0).schedule_for(1_000, 12.7) == (3, 9)


def test_the_learning_rate_rises_and_falls_once() -> None:
    rates = [one_cycle(step / 100) for step in range(101)]
    top = rates.index(max(rates))
    assert rates[:top] == sorted(rates[:top])
    assert rates[top:] == sorted(rates[top:], reverse=True)
    assert max(rates) == pytest.approx(1.0)
    assert rates[-1] < 0.05
