"""Learning an order from verdicts."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.review import learning
from models.review.learning import MIN_OF_EACH, MIN_VERDICTS, learn
from models.types import Mask, Scores
from tests.helpers.verdicts import teaching_order

N = 2_000


def hidden(seed: int, n: int = N) -> tuple[Scores, Scores, Mask]:
    """An order that knows a little of which labels are wrong, and a clue that knows more."""
    rng = np.random.default_rng(seed)
    wrong = rng.random(n) < 0.3
    order = (rng.normal(size=n) + 0.7 * wrong).astype(np.float32)
    clue = (rng.normal(size=n) + 3 * wrong).astype(np.float32)
    return order, clue, wrong


def precision(scores: Scores, wrong: Mask) -> float:
    hits = wrong[np.argsort(-scores, kind="stable")]
    return float((np.cumsum(hits)[hits] / (np.flatnonzero(hits) + 1)).mean())


def test_without_verdicts_the_order_stays() -> None:
    order, clue, _ = hidden(0)
    found = learn(order, {"clue": clue}, np.array([], np.int64), np.array([], bool))
    assert found.scores is order
    assert not found.learned
    assert found.lessons() == []
    assert found.expected_errors(np.arange(100)) is None


@pytest.mark.parametrize("verdict", [True, False])
def test_verdicts_that_all_agree_teach_nothing(verdict: bool) -> None:
    order, clue, _ = hidden(1)
    found = learn(order, {"clue": clue}, np.arange(400), np.full(400, verdict))
    assert found.scores is order


def test_it_waits_for_enough_of_each_kind() -> None:
    order, clue, wrong = hidden(2)
    few = np.concatenate([np.flatnonzero(wrong)[: MIN_OF_EACH - 1], np.flatnonzero(~wrong)[:200]])
    assert not learn(order, {"clue": clue}, few, wrong[few]).learned
    early = np.arange(MIN_VERDICTS - 1)
    assert not learn(order, {"clue": clue}, early, wrong[early]).learned


def test_a_clue_the_order_overlooks_is_learned_and_named() -> None:
    order, clue, wrong = hidden(3)
    looked_at = teaching_order(order, seed=3)[:300]
    rest = np.setdiff1d(np.arange(N), looked_at)
    found = learn(order, {"clue": clue}, looked_at, wrong[looked_at])
    assert found.learned
    assert precision(found.scores[rest], wrong[rest]) > 0.2 + precision(order[rest], wrong[rest])
    assert found.lessons() == ["clue counts more"]
    assert found.scores.dtype == np.float32


def test_labels_told_apart_perfectly_are_no_trouble() -> None:
    order, _, wrong = hidden(4)
    looked_at = teaching_order(order, seed=4)[:300]
    found = learn(order, {"answer": wrong.astype(np.float32)}, looked_at, wrong[looked_at])
    assert np.isfinite(found.scores).all()
    assert precision(found.scores, wrong) == 1


def test_features_that_say_nothing_change_nothing() -> None:
    order, _, wrong = hidden(5)
    noise = {
        "same": np.full(N, 7, np.float32),
        "missing": np.full(N, np.nan, np.float32),
    }
    looked_at = teaching_order(order, seed=5)[:300]
    found = learn(order, noise, looked_at, wrong[looked_at])
    assert np.array_equal(np.argsort(found.scores, kind="stable"), np.argsort(order, kind="stable"))


def test_a_missing_value_counts_as_the_mean_and_an_unscored_image_stays_unscored() -> None:
    order, clue, wrong = hidden(6)
    clue[::7] = np.nan
    order[::11] = np.nan
    looked_at = np.arange(500)
    found = learn(order, {"clue": clue}, looked_at, wrong[looked_at])
    assert found.learned
    assert np.array_equal(np.isnan(found.scores), np.isnan(order))


def test_an_order_of_ties_is_learned_too() -> None:
    _, clue, wrong = hidden(7)
    ties = np.zeros(N, np.float32)
    found = learn(ties, {"clue": clue}, np.arange(300), wrong[:300])
    assert precision(found.scores, wrong) > 0.9


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 1_000))
def test_neither_the_order_of_images_nor_of_verdicts_matters(seed: int) -> None:
    order, clue, wrong = hidden(seed, 600)
    rng = np.random.default_rng(seed)
    looked_at, moved = rng.permutation(600)[:150], rng.permutation(600)
    found = learn(order, {"clue": clue}, looked_at, wrong[looked_at])
    places = rng.permutation(np.argsort(moved)[looked_at])
    again = learn(order[moved], {"clue": clue[moved]}, places, wrong[moved][places])
    np.testing.assert_allclose(again.scores, found.scores[moved], rtol=1e-3, atol=1e-4)


def test_the_next_errors_are_foretold() -> None:
    held = []
    for seed in range(20):
        order, clue, wrong = hidden(seed)
        looked_at = teaching_order(order, seed)[:300]
        found = learn(order, {"clue": clue}, looked_at, wrong[looked_at])
        rest = np.setdiff1d(np.arange(N), looked_at)
        ahead = rest[np.argsort(-found.scores[rest])[300:400]]
        expected, low, high = found.expected_errors(ahead) or (0, 0, 0)
        assert 0 <= low <= expected <= high <= 100
        held.append(low <= wrong[ahead].sum() <= high)
    assert np.mean(held) >= 0.8


def test_the_errors_in_a_mixture_of_images_are_foretold_too() -> None:
    order, clue, wrong = hidden(12)
    looked_at = teaching_order(order, 12)[:300]
    found = learn(order, {"clue": clue}, looked_at, wrong[looked_at])
    rest = np.setdiff1d(np.arange(N), looked_at)[:400]
    expected, low, high = found.expected_errors(rest) or (0, 0, 0)
    assert low <= wrong[rest].sum() <= high
    assert expected == pytest.approx(wrong[rest].sum(), rel=0.25)


def test_features_that_are_chance_are_seldom_learned_and_cost_little() -> None:
    learned, gained = 0, []
    for seed in range(30):
        order, _, wrong = hidden(seed)
        chance = np.random.default_rng(1_000 + seed).normal(size=(6, N)).astype(np.float32)
        looked_at = teaching_order(order, seed)[:150]
        features = {f"chance {i}": values for i, values in enumerate(chance)}
        found = learn(order, features, looked_at, wrong[looked_at])
        learned += found.learned
        gained.append(precision(found.scores, wrong) - precision(order, wrong))
    assert learned <= 8
    assert np.mean(gained) > -0.01


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 1_000), st.integers(32, 90))
def test_verdicts_stand_for_all_images_and_each_for_those_around_it(seed: int, v: int) -> None:
    rng = np.random.default_rng(seed)
    order = rng.permutation(500).astype(np.float32)
    evenly = np.argsort(order)[np.linspace(0, 499, v).astype(int)]
    stands_for = learning._stands_for(order, evenly)
    assert stands_for.sum() == pytest.approx(500)
    assert len(np.unique(stands_for.round(6))) <= v // 8  # none by itself
    np.testing.assert_allclose(stands_for, 500 / v, rtol=0.1)
    from_the_top = np.argsort(-order)[: v // 2]
    spread = np.setdiff1d(evenly, from_the_top)
    both = learning._stands_for(order, np.concatenate([from_the_top, spread]))
    assert both.sum() == pytest.approx(500)
    assert both[: v // 4].mean() < both[len(from_the_top) :].mean()


def test_the_ends_of_an_order_are_told_apart_after_learning_too() -> None:
    order, clue, wrong = hidden(11)
    order[:4] = 40, 50, -40, -50
    clue[:4] = 0
    looked_at = np.setdiff1d(teaching_order(order, 11)[:300], np.arange(4))
    found = learn(order, {"clue": clue}, looked_at, wrong[looked_at])
    assert found.learned
    assert found.scores[1] > found.scores[0] > found.scores[2] > found.scores[3]


def test_what_cannot_be_is_refused() -> None:
    order, clue, wrong = hidden(10)
    with pytest.raises(ValueError, match="same images"):
        learn(order, {"clue": clue[:5]}, np.arange(3), wrong[:3])
    with pytest.raises(ValueError, match="disagree"):
        learn(order, {}, np.arange(3), wrong[:4])
    with pytest.raises(ValueError, match="not there"):
        learn(order, {}, np.array([N]), wrong[:1])
    with pytest.raises(ValueError, match="twice"):
        learn(order, {}, np.array([1, 1]), wrong[:2])


def test_60_000_images_are_refitted_while_a_person_blinks() -> None:
    order, clue, wrong = hidden(11, 60_000)
    looked_at = teaching_order(order, seed=11)[:1_000]
    started = time.process_time()
    assert learn(order, {"clue": clue}, looked_at, wrong[looked_at]).learned
    assert time.process_time() - started < 1
