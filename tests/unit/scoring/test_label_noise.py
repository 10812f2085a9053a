"""Label noise: the transition, and scores of a whole dataset."""

from __future__ import annotations

import numpy as np
import pytest
from cleanlab.rank import get_label_quality_scores
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score

from models.scoring import label_noise
from models.scoring.label_noise import LabelNoise, label_scores
from models.scoring.label_noise import label_noise as estimated
from models.types import LabelVector, Mask, Probs


def noisy_dataset(
    seed: int, n: int = 3_000, k: int = 5, rate: float = 0.2
) -> tuple[Probs, LabelVector, Mask]:
    """Probabilities of a fair model, labels of which some were moved to the next class."""
    rng = np.random.default_rng(seed)
    true = rng.integers(0, k, n)
    logits = rng.normal(size=(n, k))
    logits[np.arange(n), true] += 2.5
    probs = np.exp(logits)
    probs /= probs.sum(axis=1, keepdims=True)
    wrong = rng.random(n) < rate
    labels = np.where(wrong, (true + 1) % k, true)
    return probs.astype(np.float32), labels.astype(np.int32), wrong


def suspicion(probs: Probs, labels: LabelVector) -> np.ndarray:
    return label_scores(probs, labels, estimated(probs, labels).prior)[0]["suspicion"]


def test_finds_structured_noise_better_than_self_confidence_and_margin() -> None:
    probs, labels, wrong = noisy_dataset(0)
    ours = average_precision_score(wrong, suspicion(probs, labels))
    for method in ("self_confidence", "normalized_margin"):
        quality = get_label_quality_scores(labels, probs, method=method, adjust_pred_probs=False)
        assert ours > average_precision_score(wrong, -quality)


def test_transition_is_near_the_noise_that_was_put_in() -> None:
    probs, labels, _ = noisy_dataset(1, n=6_000)
    transition = estimated(probs, labels).transition
    np.testing.assert_allclose(transition.sum(axis=1), 1, rtol=1e-5)
    assert np.diagonal(transition) == pytest.approx(0.8, abs=0.1)
    assert transition[0, 1] > 2 * transition[0, 2]


def test_mistakes_that_follow_classes_are_told_from_those_that_follow_looks() -> None:
    probs, labels, _ = noisy_dataset(4, rate=0.3)
    assert estimated(probs, labels).by_class == 1
    ambiguous = np.sort(probs, axis=1)[:, -2] > 0.25
    second = np.argsort(probs, axis=1)[:, -2].astype(np.int32)
    noise = estimated(probs, np.where(ambiguous, second, probs.argmax(axis=1)).astype(np.int32))
    assert noise.by_class == 0
    assert noise.prior.min() > 0.4
    assert noise.expected is None


def exchanged_in_pairs(by_heart: float) -> tuple[Probs, LabelVector, Mask]:
    """Two pairs of classes exchanged in 30%, as a net sees them that knows it: .7 and .3 of each
    image, and of those it learnt from (all but the last 2,000) more of the label that they have.
    Probabilities, labels, and which it did not learn from."""
    rng = np.random.default_rng(0)
    n, true = 12_000, np.arange(12_000) % 4
    labels = np.where(rng.random(n) < 0.3, true ^ 1, true).astype(np.int32)
    unlearnt = np.arange(n) >= 10_000
    probs = np.zeros((n, 4))
    probs[np.arange(n), true] = 0.7 + rng.normal(0, 0.01, n)
    probs[np.arange(n), true ^ 1] = 1 - probs.sum(axis=1)
    probs[~unlearnt] *= 1 - by_heart
    probs[np.arange(n)[~unlearnt], labels[~unlearnt]] += by_heart
    return probs.astype(np.float32), labels, unlearnt


def test_labels_known_by_heart_do_not_hide_how_labels_go_astray() -> None:
    probs, labels, unlearnt = exchanged_in_pairs(0.1)
    assert estimated(probs, labels).by_class == 0
    noise = estimated(probs, labels, unlearnt)
    assert noise.by_class == 1
    assert np.diagonal(noise.transition) == pytest.approx(0.7, abs=0.12)


def test_what_a_model_did_not_learn_from_counts_alone_only_if_it_knows_the_rest_by_heart() -> None:
    probs, labels, unlearnt = exchanged_in_pairs(0.0)
    all_of_them = estimated(probs, labels)
    np.testing.assert_array_equal(
        estimated(probs, labels, unlearnt).transition, all_of_them.transition
    )


def test_what_follows_classes_in_part_counts_in_part() -> None:
    transition = np.array([[0.9, 0.1], [0.4, 0.6]], np.float32)
    noise = LabelNoise(transition, 0.5)
    np.testing.assert_allclose(noise.prior, np.sqrt(transition))
    np.testing.assert_allclose(noise.expected, [[0.95, 0.05], [0.2, 0.8]], atol=1e-6)


@pytest.mark.slow
@given(st.integers(0, 1_000))
def test_the_order_of_samples_does_not_matter(seed: int) -> None:
    probs, labels, _ = noisy_dataset(seed, n=60)
    order = np.random.default_rng(seed).permutation(60)
    np.testing.assert_allclose(
        suspicion(probs[order], labels[order]), suspicion(probs, labels)[order], rtol=1e-4
    )


@pytest.mark.slow
@given(st.integers(0, 1_000))
def test_copies_of_a_sample_score_alike(seed: int) -> None:
    probs, labels, _ = noisy_dataset(seed, n=40)
    twice = suspicion(np.concatenate([probs, probs]), np.concatenate([labels, labels]))
    np.testing.assert_array_equal(twice[:40], twice[40:])


def test_blocks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    probs, labels, _ = noisy_dataset(2, n=200)
    whole = suspicion(probs, labels)
    monkeypatch.setattr(label_noise, "_BLOCK_VALUES", 37 * probs.shape[1])
    np.testing.assert_allclose(suspicion(probs, labels), whole, rtol=1e-5)


def test_a_class_of_three_images_leans_on_the_others() -> None:
    probs, labels, _ = noisy_dataset(3, rate=0.0)
    rare = np.flatnonzero(labels == 4)[3:]
    keep = np.delete(np.arange(len(labels)), rare)
    transition = estimated(probs[keep], labels[keep]).transition
    assert transition[4, 4] > 0.5


def test_a_class_of_a_few_images_is_not_judged_by_all_that_a_model_takes_for_it() -> None:
    rng = np.random.default_rng(0)
    labels = np.concatenate([np.arange(3_000) % 2, [2] * 5]).astype(np.int32)
    looks = labels.copy()
    looks[rng.permutation(3_000)[:300]] = 2  # the model's mistakes
    probs = np.full((len(labels), 3), 0.02, np.float32)
    probs[np.arange(len(labels)), looks] = 0.96
    transition = estimated(probs, labels).transition
    assert transition[2, 2] > 0.5
    assert transition[2, 0] == pytest.approx(transition[2, 1], abs=0.1)


@pytest.mark.parametrize(("by_heart", "n_unlearnt"), [(0.0, 30), (0.004, 2_000)])
def test_what_may_be_chance_or_is_nearly_the_same_is_not_called_known_by_heart(
    by_heart: float, n_unlearnt: int
) -> None:
    probs, labels, unlearnt = exchanged_in_pairs(by_heart)
    unlearnt[: -n_unlearnt or None] = False
    predicted, confidence = label_noise._predictions(probs)
    for seed in range(10):
        some = np.random.default_rng(seed).permutation(len(labels))[: 4 * n_unlearnt]
        among = np.zeros(len(labels), bool)
        among[some] = True
        unmet = unlearnt | (among if not by_heart else False)
        assert not label_noise._is_by_heart(predicted != labels, predicted, confidence, unmet)


def test_a_little_of_what_classes_are_taken_for_always_counts() -> None:
    noise = LabelNoise(np.array([[0.9, 0.1], [0.4, 0.6]], np.float32), 0.0)
    assert noise.prior[0, 0] > noise.prior[0, 1] > 0.9


def test_a_class_without_images_goes_astray_as_all_others_do() -> None:
    probs, labels, _ = noisy_dataset(6, rate=0.3)
    with_one_more = np.concatenate([probs, np.zeros((len(probs), 1), np.float32)], axis=1)
    transition = estimated(with_one_more, labels).transition
    others = np.diagonal(transition)[:-1].mean()
    right = (10 * others + 1 / 6) / (10 + 1)
    assert transition[5, 5] == pytest.approx(right, abs=0.01)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda p, y: (np.where(p > 0, np.nan, p).astype(np.float32), y), "NaN"),
        (lambda p, y: (p, y[:-1]), "disagree"),
        (lambda p, y: (p[:, :1], y * 0), "two classes"),
        (lambda p, y: (p, y - 1), "outside"),
    ],
)
def test_wrong_input_is_refused(change, message) -> None:  # type: ignore[no-untyped-def]
    probs, labels, _ = noisy_dataset(0, n=20)
    with pytest.raises(ValueError, match=message):
        estimated(*change(probs, labels))


def test_images_are_added_up_by_label_as_one_by_one() -> None:
    probs, labels, _ = noisy_dataset(5, n=400)
    transition = np.random.default_rng(0).dirichlet(np.ones(5), 5)
    one_by_one = np.zeros((5, 5))
    for p, label in zip(np.maximum(probs, 1e-6).astype(np.float64), labels, strict=True):
        right = p**2 * transition[:, label]
        one_by_one[:, label] += right / right.sum()
    of_label = [np.flatnonzero(labels == label) for label in range(5)]
    found = label_noise._counts(probs, of_label, transition)
    np.testing.assert_allclose(found, one_by_one, rtol=1e-6)
