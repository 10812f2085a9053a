"""Classes that are rare by their labels alone, as a weak classifier sees them."""

from __future__ import annotations

import numpy as np
import pytest

from models.audit.crossing import Said, Taught
from models.audit.hidden import hidden_classes

K, N = 5, 1_000
NAMES = ("Ant", "Bee", "Cat", "Dog", "Elk")


def scores_of(looks, rng):
    """Of a classifier that gives the right class .45 and the others .14, give or take .15."""
    scores = np.full((len(looks), K), 0.1375)
    scores[np.arange(len(looks)), looks] = 0.45
    return (scores + rng.normal(0, 0.15, scores.shape)).astype(np.float32)


def taught(looks, labels, seed=0, looks_alike=True):
    rng = np.random.default_rng(seed)
    usual = (np.arange(2 * N) % K).astype(np.int32)
    said = Said(scores_of(looks, rng), labels.astype(np.int32))
    others = Said(scores_of(usual, rng), usual)
    numbers = *(0.4, 0.45), *(0.02,) * 5
    return Taught("train", np.arange(len(looks)), said, others, *numbers, looks_alike)


def found(one):
    return [(x.kind, x.classes) for x in hidden_classes(one, len(one.ids), NAMES)]


@pytest.mark.parametrize("seed", range(20))
def test_a_class_that_is_rare_is_only_rare(seed):
    looks = np.delete(np.arange(N) % K, np.arange(2, N, K)[20:])  # 20 of 200 cats are left
    one = taught(looks, looks, seed)
    assert one.rare.tolist() == [2]
    assert found(one) == []


@pytest.mark.parametrize("left", [0, 20])
@pytest.mark.parametrize("seed", range(5))
def test_a_class_whose_images_are_there_under_another_label_was_absorbed(left, seed):
    looks = np.arange(N) % K
    labels = looks.copy()
    labels[np.flatnonzero(looks == 2)[left:]] = 4
    assert found(taught(looks, labels, seed)) == [("class_absorbed", (2, 4))]


@pytest.mark.parametrize("seed", range(5))
def test_a_class_whose_images_are_there_under_all_sorts_of_labels_was_shuffled(seed):
    looks = np.arange(N) % K
    labels = looks.copy()
    labels[looks == 2] = np.arange((looks == 2).sum()) % K
    one = taught(looks, labels, seed)
    assert found(one) == [("class_shuffled", (2,))]
    (damage,) = hidden_classes(one, N, NAMES)
    assert damage.sentence.startswith(
        "The labels of Cat seem shuffled: 4.0% of the images are labelled Cat, while by how they "
        "look "
    )
    assert damage.evidence["share"] == pytest.approx(0.16, abs=0.06)


def test_images_that_look_otherwise_say_nothing_of_labels():
    looks = np.arange(N) % K
    labels = np.where(looks == 2, 4, looks)
    assert found(taught(looks, labels, looks_alike=False)) == []


def test_shares_are_those_of_the_classes_that_the_other_splits_have():
    looks = np.arange(N) % K
    labels = np.where(looks == 2, 4, looks)
    one = taught(looks, labels)
    unknown = Said(
        one.others.scores[one.others.labels != 0], one.others.labels[one.others.labels != 0]
    )
    beside = Taught(one.split, one.ids, one.said, unknown, *(0.4, 0.45), *(0.02,) * 5)
    assert found(beside) == [("class_absorbed", (2, 4))]
