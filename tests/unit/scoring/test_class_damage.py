"""Damage to whole classes is named, and single wrong labels are not taken for it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.datasets import load_digits
from sklearn.model_selection import cross_val_predict
from sklearn.neighbors import KNeighborsClassifier

from models.scoring.class_damage import ClassDamage, class_damage
from models.types import LabelVector, Probs

K = 10
NAMES = [f"class {i}" for i in range(K)]
Damage = Callable[[LabelVector, np.random.Generator], np.ndarray]


def simulated(
    seed: int, n: int = 4_000, k: int = K, strength: float = 3.5, in_order: bool = False
) -> tuple[Probs, LabelVector]:
    """Probabilities of a fair model that takes classes for their siblings, and the truth."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, k, n)
    truth = np.sort(truth) if in_order else truth
    logits = rng.normal(size=(n, k))
    logits[np.arange(n), truth] += strength
    logits[np.arange(n), (truth ^ 1) % k] += strength / 2
    probs = np.exp(2 * logits)
    probs /= probs.sum(axis=1, keepdims=True)
    return probs.astype(np.float32), truth.astype(np.int32)


def found(probs: Probs, labels: np.ndarray) -> list[ClassDamage]:
    return class_damage(probs, labels.astype(np.int32), NAMES[: probs.shape[1]])


def swapped(y: LabelVector, rng: np.random.Generator) -> np.ndarray:
    return np.where(y == 2, 5, np.where(y == 5, 2, y))


def in_a_circle(y: LabelVector, rng: np.random.Generator) -> np.ndarray:
    return np.array([0, 4, 2, 3, 7, 5, 6, 1, 8, 9])[y]


def shuffled_class(y: LabelVector, rng: np.random.Generator) -> np.ndarray:
    return np.where(y == 3, rng.integers(0, K, len(y)), y)


def absorbed(y: LabelVector, rng: np.random.Generator) -> np.ndarray:
    return np.where((y == 3) & (rng.random(len(y)) < 0.95), 8, y)


CLASSES: list[tuple[Damage, str, tuple[int, ...]]] = [
    (swapped, "class_swap", (2, 5)),
    (in_a_circle, "class_swap", (1, 4, 7)),
    (shuffled_class, "class_shuffled", (3,)),
    (absorbed, "class_absorbed", (3, 8)),
    (lambda y, _: (y + 1) % K, "label_offset", ()),
    (lambda y, _: (y - 1) % K, "label_offset", ()),
    (lambda y, rng: rng.permutation(y), "labels_random", ()),
]


@pytest.mark.parametrize(("damage", "kind", "classes"), CLASSES)
@pytest.mark.parametrize("in_order", [False, True])
def test_damage_to_classes_is_named(
    damage: Damage, kind: str, classes: tuple[int, ...], in_order: bool
) -> None:
    probs, truth = simulated(0, in_order=in_order)
    (finding,) = found(probs, damage(truth, np.random.default_rng(99)))
    assert (finding.kind, finding.classes) == (kind, classes)
    assert all(NAMES[c] in finding.sentence for c in classes)


@pytest.mark.parametrize(
    ("step", "said", "way"), [(1, "+1", "1 after"), (-1, "-1", "1 before"), (5, "+5", "5 after")]
)
def test_labels_that_were_moved_are_moved_the_shorter_way(step: int, said: str, way: str) -> None:
    probs, truth = simulated(0)
    (finding,) = found(probs, (truth + step) % K)
    assert f"moved by {said} in the list" in finding.sentence
    assert f"the label {way} the class they look like" in finding.sentence
    assert finding.evidence["step"] == step


def test_a_class_whose_label_is_still_used_was_not_absorbed() -> None:
    probs, truth = simulated(0)
    labels = np.where(truth == 3, 8, truth)
    others = np.flatnonzero(truth == 6)
    labels[others[: len(others) * 2 // 3]] = 3
    assert all(finding.kind != "class_absorbed" for finding in found(probs, labels))


def test_a_class_taken_for_one_other_is_not_called_shuffled() -> None:
    probs, truth = simulated(0)
    rng = np.random.default_rng(0)
    sometimes = np.where(rng.random(len(truth)) < 0.5, 4, 8)
    labels = np.where((truth == 3) & (rng.random(len(truth)) < 0.95), sometimes, truth)
    assert found(probs, labels) == []


def test_of_two_classes_none_is_called_shuffled() -> None:
    probs, truth = simulated(0, k=2, strength=6.0)
    probs[truth == 1] = (0.02, 0.98)
    labels = np.where(truth == 1, np.random.default_rng(0).integers(0, 2, len(truth)), truth)
    assert found(probs, labels) == []


def test_two_labels_that_are_nearly_as_frequent_are_no_swap() -> None:
    truth = np.repeat(np.arange(K), 400)
    probs = np.full((len(truth), K), 0.02, np.float32)
    probs[np.arange(len(truth)), truth] = 0.82
    labels = truth.reshape(K, 400).copy()
    labels[2, :170], labels[2, 170:320] = 5, 6
    labels[5, :170], labels[5, 170:320] = 2, 7
    order = np.random.default_rng(0).permutation(len(truth))
    assert found(probs[order], labels.ravel()[order]) == []


def test_a_class_that_a_weak_model_is_not_sure_of_is_no_swap() -> None:
    truth = np.repeat(np.arange(K), 20)
    probs = np.full((len(truth), K), 0.02, np.float32)
    looks = truth.copy().reshape(K, 20)
    looks[2, :11], looks[5, :11] = 5, 2  # 11 of 20 is no more than chance
    probs[np.arange(len(truth)), looks.ravel()] = 0.82
    order = np.random.default_rng(0).permutation(len(truth))
    assert found(probs[order], truth[order]) == []


def test_a_shuffled_class_of_a_sorted_file_is_no_stretch_out_of_order() -> None:
    probs, truth = simulated(1, in_order=True)
    labels = shuffled_class(truth, np.random.default_rng(99))
    labels[truth == 9] = 3  # so that its label is met elsewhere too
    assert "misaligned" not in [finding.kind for finding in found(probs, labels)]


@pytest.mark.parametrize("noise", [0.0, 0.2, 0.4])
def test_damage_is_named_beneath_single_wrong_labels(noise: float) -> None:
    probs, truth = simulated(1)
    labels = symmetric(swapped(truth, np.random.default_rng(99)), K, noise, 1)
    assert [f.kind for f in found(probs, labels)] == ["class_swap"]


@pytest.mark.parametrize("offset", [1, -1, 3, -250])
@pytest.mark.parametrize("noise", [0.0, 0.3])
def test_rows_out_of_step_from_some_image_on(offset: int, noise: float) -> None:
    probs, truth = simulated(2)
    labels = symmetric(truth, K, noise, 2)
    strange = np.random.default_rng(99).integers(0, K, abs(offset))
    if offset > 0:  # labels too many
        labels = np.concatenate([labels[:1_500], strange, labels[1_500:]])[:4_000]
    else:
        labels = np.concatenate([labels[:1_500], labels[1_500 - offset :], strange])
    shifts = [f for f in found(probs, labels) if f.evidence["offset"]]
    assert [(f.kind, f.evidence["offset"]) for f in shifts] == [("misaligned", offset)]
    missing = max(0, -offset)  # images whose labels are gone
    assert abs(shifts[0].first - 1_500 - missing) < 30
    assert abs(shifts[0].end - 4_000 + max(0, offset)) < 30


def test_two_rows_missing_at_two_places() -> None:
    probs, truth = simulated(3)
    labels = np.concatenate([np.delete(truth, [1_000, 3_000]), [0, 0]])
    findings = found(probs, labels)
    assert [f.evidence["offset"] for f in findings] == [-1, -2]
    assert [round(f.first, -2) for f in findings] == [1_000, 3_000]


def test_all_rows_out_of_step() -> None:
    probs, truth = simulated(4)
    (finding,) = found(probs, np.roll(truth, 1))
    assert finding.sentence.startswith("All labels are out of step")


def test_order_lost_from_some_image_on() -> None:
    probs, truth = simulated(5)
    rest = np.random.default_rng(99).permutation(truth[2_500:])
    (finding,) = found(probs, np.concatenate([truth[:2_500], rest]))
    assert (finding.kind, finding.evidence["offset"]) == ("misaligned", 0)
    assert abs(finding.first - 2_500) < 60


def test_a_hard_class_at_the_end_of_a_sorted_file_is_no_lost_order() -> None:
    probs, truth = simulated(6, in_order=True)
    last = np.flatnonzero(truth == K - 1)
    rng = np.random.default_rng(6)
    taken_for = rng.integers(0, K - 1, len(last))  # the model never names the class
    probs[last] = np.float32(0.02)
    probs[last, taken_for] = np.float32(1 - 0.02 * (K - 1))
    assert [finding for finding in found(probs, truth) if finding.kind == "misaligned"] == []


def symmetric(y: np.ndarray, k: int, rate: float, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return np.where(rng.random(len(y)) < rate, (y + rng.integers(1, k, len(y))) % k, y)


def single_errors(probs: Probs, truth: LabelVector, rate: float, seed: int) -> list[np.ndarray]:
    """Labels with symmetric, paired, circular, one-sided and ambiguous errors."""
    k, hit = probs.shape[1], np.random.default_rng(seed).random(len(truth)) < rate
    rivals = probs.copy()
    rivals[np.arange(len(truth)), truth] = -1
    ambiguous = rivals.max(axis=1) >= np.quantile(rivals.max(axis=1), 1 - rate)
    return [
        symmetric(truth, k, rate, seed),
        np.where(hit, np.minimum(truth ^ 1, k - 1), truth),
        np.where(hit, (truth + 1) % k, truth),
        np.where(hit & (truth == 0), k - 1, truth),
        np.where(ambiguous, rivals.argmax(axis=1), truth),
    ]


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    n=st.sampled_from([120, 1_000, 4_000]),
    k=st.sampled_from([2, 3, 5, 10]),
    strength=st.sampled_from([2.5, 3.5, 6.0]),
    in_order=st.booleans(),
    rate=st.sampled_from([0.0, 0.2, 0.4]),
)
def test_single_wrong_labels_are_no_damage_to_classes(
    seed: int, n: int, k: int, strength: float, in_order: bool, rate: float
) -> None:
    probs, truth = simulated(seed, n, k, strength, in_order)
    for labels in single_errors(probs, truth, rate, seed):
        assert found(probs, labels) == []


def test_classes_of_very_different_sizes_are_no_damage() -> None:
    probs, truth = simulated(6, 6_000)
    keep = np.random.default_rng(99).random(6_000) < np.geomspace(1, 0.01, K)[truth]
    assert found(probs[keep], truth[keep]) == []


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 1_000), st.sampled_from([swapped, shuffled_class, absorbed]))
def test_names_of_classes_do_not_matter(seed: int, damage: Damage) -> None:
    rng = np.random.default_rng(seed)
    probs, truth = simulated(seed, 1_500)
    labels, names = damage(truth, rng), rng.permutation(K)
    renamed = np.empty_like(probs)
    renamed[:, names] = probs
    plain, moved = found(probs, labels), found(renamed, names[labels])
    as_sets = [(f.kind, {int(names[c]) for c in f.classes}) for f in plain]
    assert [(f.kind, set(f.classes)) for f in moved] == as_sets


def test_a_weak_model_of_many_classes_does_not_make_labels_random() -> None:
    probs, truth = simulated(8, 4_000, 40, 0.8)
    assert (probs.argmax(axis=1) == truth).mean() < 0.2
    assert class_damage(probs, truth, [str(c) for c in range(40)]) == []


def test_images_without_label_or_prediction_are_passed_over() -> None:
    probs, truth = simulated(7)
    labels = swapped(truth, np.random.default_rng(99))
    labels[::3] = -1
    probs[::7] = np.nan
    (finding,) = found(probs, labels)
    assert finding.kind == "class_swap"


def test_labels_out_of_step_are_seen_though_only_some_images_were_looked_at() -> None:
    probs, truth = simulated(7)
    probs[np.random.default_rng(0).random(len(truth)) < 0.6] = np.nan
    (finding,) = found(probs, np.concatenate([truth[:1_000], truth[1_001:], truth[:1]]))
    assert (finding.kind, finding.evidence["offset"]) == ("misaligned", -1)
    assert finding.first == pytest.approx(1_000, abs=20)


def test_two_classes_are_swapped_though_one_is_hard_to_see() -> None:
    truth = np.repeat(np.arange(K), 30)
    looks, of = truth.copy(), np.arange(30)
    looks[(truth == 5) & (np.tile(of, K) < 11)] = 7
    looks[(truth == 7) & (np.tile(of, K) < 10)] = 9
    probs = np.full((len(truth), K), 0.02, np.float32)
    probs[np.arange(len(truth)), looks] = 0.82
    assert found(probs, truth) == []
    order = np.random.default_rng(0).permutation(len(truth))
    labels = np.where(truth == 5, 7, np.where(truth == 7, 5, truth))
    (finding,) = found(probs[order], labels[order])
    assert (finding.kind, finding.classes) == ("class_swap", (5, 7))


def test_held_out_predictions_of_digits() -> None:
    pixels, truth = load_digits(return_X_y=True)
    truth = truth.astype(np.int32)
    model = KNeighborsClassifier(10)
    probs = cross_val_predict(model, pixels / 16, truth, cv=3, method="predict_proba")
    probs = probs.astype(np.float32)
    assert found(probs, truth) == []
    for damage, kind, _ in CLASSES:
        if kind != "label_offset":  # these digits come in the order 0, 1, 2, ..., again and again
            labels = damage(truth, np.random.default_rng(99))
            assert [f.kind for f in found(probs, labels)] == [kind]
    half = np.concatenate([truth[:900], np.delete(truth, 900)[900:], [0]])
    trained_on_it = cross_val_predict(model, pixels / 16, half, cv=3, method="predict_proba")
    (finding,) = found(trained_on_it.astype(np.float32), half)
    assert (finding.kind, finding.evidence["offset"]) == ("misaligned", -1)


def test_a_few_images_say_nothing() -> None:
    probs, truth = simulated(8, 60)
    assert found(probs, (truth + 1) % K) == []
    assert found(probs[:0], truth[:0]) == []


def test_wrong_input_is_refused() -> None:
    probs, truth = simulated(9, 200)
    with pytest.raises(ValueError, match="names"):
        class_damage(probs, truth, NAMES[:3])
    with pytest.raises(ValueError, match="outside"):
        found(probs, truth + 5)
