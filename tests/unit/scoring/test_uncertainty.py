"""Entropy, confidence and the margin between the two best classes."""

from __future__ import annotations

import numpy as np
import pytest
from cleanlab.rank import get_normalized_margin_for_each_label as cleanlab_margin
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import entropy as scipy_entropy

from models.scoring import uncertainty
from models.scoring.uncertainty import confidence, entropy, narrowness
from models.types import Probs

SCORES = (entropy, confidence, narrowness)


def some_probs(seed: int, n: int = 50, k: int = 5) -> Probs:
    return np.random.default_rng(seed).dirichlet(np.full(k, 0.5), n).astype(np.float32)


def test_entropy_is_that_of_scipy() -> None:
    probs = some_probs(0)
    expected = scipy_entropy(probs.astype(np.float64), axis=1) / np.log(5)
    np.testing.assert_allclose(entropy(probs), expected, atol=1e-5)


def test_narrowness_is_the_margin_of_cleanlab_for_the_best_class() -> None:
    probs = some_probs(1)
    quality = cleanlab_margin(probs.argmax(axis=1), probs)  # (1 + margin) / 2
    np.testing.assert_allclose(narrowness(probs), 2 - 2 * quality, atol=1e-6)


def test_sure_even_and_tied() -> None:
    probs = np.array([[1, 0, 0], [1 / 3, 1 / 3, 1 / 3], [0.5, 0.5, 0]], np.float32)
    np.testing.assert_allclose(entropy(probs), [0, 1, np.log(2) / np.log(3)], atol=1e-6)
    np.testing.assert_allclose(confidence(probs), [1, 1 / 3, 0.5])
    np.testing.assert_allclose(narrowness(probs), [0, 1, 1])


@given(st.integers(0, 1_000))
def test_order_of_images_and_names_of_classes_do_not_matter(seed: int) -> None:
    probs, rng = some_probs(seed), np.random.default_rng(seed)
    images, classes = rng.permutation(50), rng.permutation(5)
    for score in SCORES:
        moved = score(np.ascontiguousarray(probs[images][:, classes]))
        np.testing.assert_allclose(moved, score(probs)[images], atol=1e-6)


def test_blocks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    probs = some_probs(2)
    whole = [score(probs) for score in SCORES]
    monkeypatch.setattr(uncertainty, "_BLOCK_VALUES", 35)
    for score, expected in zip(SCORES, whole, strict=True):
        np.testing.assert_array_equal(score(probs), expected)


def test_of_one_class_a_model_is_sure() -> None:
    probs = np.ones((3, 1), np.float32)
    assert entropy(probs).tolist() == narrowness(probs).tolist() == [0, 0, 0]


def test_no_images_have_no_scores() -> None:
    assert all(score(np.empty((0, 3), np.float32)).shape == (0,) for score in SCORES)


@pytest.mark.parametrize("score", SCORES)
@pytest.mark.parametrize("value", [np.nan, -0.1, 1.5])
def test_what_is_no_probability_is_refused(score, value) -> None:  # type: ignore[no-untyped-def]
    probs = some_probs(3)
    probs[7, 2] = value
    with pytest.raises(ValueError, match="NaN or outside"):
        score(probs)
