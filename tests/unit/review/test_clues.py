"""Features of labels from stored probabilities."""

from __future__ import annotations

import numpy as np

from models.review.classes import ClassList
from models.review.clues import WORDS, clues
from models.review.rescore import rescore
from models.review.standing import Judge
from tests.helpers.verdicts import Said


def test_clues_agree_with_the_scores_shown() -> None:
    rng = np.random.default_rng(9)
    probs = rng.dirichlet(np.full(5, 0.4), 300).astype(np.float32)
    labels = rng.integers(-1, 6, 300).astype(np.int32)
    probs[3] = np.nan
    transition = np.full((5, 5), 0.05, np.float32)
    np.fill_diagonal(transition, 0.8)
    judge = Judge.of(Said(probs, transition), ClassList.of("abcde"))
    found, shown = clues(judge, labels), rescore(probs, transition, labels)
    known = ~np.isnan(shown["suspicion"])
    assert np.array_equal(known, ~np.isnan(found["log_odds"]))
    assert np.array_equal(
        np.argsort(found["log_odds"][known]), np.argsort(shown["suspicion"][known])
    )
    np.testing.assert_allclose(found["margin"][known], shown["margin"][known], atol=1e-5)
    assert all(values.dtype == np.float32 for values in found.values())
    assert found.keys() == WORDS.keys()
