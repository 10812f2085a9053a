"""The margin between the two best classes."""

from __future__ import annotations

import numpy as np
import pytest
from cleanlab.rank import get_normalized_margin_for_each_label as cleanlab_margin
from hypothesis import given
from hypothesis import strategies as st

from models.scoring import uncertainty
from models.scoring.uncertainty import narrowness
from models.types import Probs


def some_probs(seed: int, n: int = 50, k: int = 5) -> Probs:
    return np.random.default_rng(seed).dirichlet(np.full(k, 0.5), n).astype(np.float32)


def test_narrowness_is_the_margin_of_cleanlab_for_the_best_class() -> None:
    probs = some_probs(1)
    quality = cleanlab_margin(probs.argmax(axis=1), probs)  # (1 + margin) / 2
    np.testing.assert_allclose(narrowness(probs), 2 - 2 * quality, atol=1e-6)


def test_sure_even_and_tied() -> None:
    probs = np.array([[1, 0, 0], [1 / 3, 1 / 3, 1 / 3], [0.5, 0.5, 0]], np.float32)
    np.testing.assert_allclose(narrowness(probs), [0, 1, 1])


@given(st.integers(0, 1_000))
def test_order_of_images_and_names_of_classes_do_not_matter(seed: int) -> None:
    probs, rng = some_probs(seed), np.random.default_rng(seed)
    images, classes = rng.permutation(50), rng.permutation(5)
    moved = narrowness(np.ascontiguousarray(probs[images][:, classes]))
    np.testing.assert_allclose(moved, narrowness(probs)[images], atol=1e-6)


def test_blocks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    probs = some_probs(2)
    whole = narrowness(probs)
    monkeypatch.setattr(uncertainty, "_BLOCK_VALUES", 35)
    np.testing.assert_array_equal(narrowness(probs), whole)


def test_of_one_class_a_model_is_sure() -> None:
    probs = np.ones((3, 1), np.float32)
    assert narrowness(probs).tolist() == [0, 0, 0]


def test_no_images_have_no_scores() -> None:
    assert narrowness(np.empty((0, 3), np.float32)).shape == (0,)


@pytest.mark.parametrize("value", [np.nan, -0.1, 1.5])
def test_what_is_no_probability_is_refused(value: float) -> None:
    probs = some_probs(3)
    probs[7, 2] = value
    with pytest.raises(ValueError, match="NaN or outside"):
        narrowness(probs)
