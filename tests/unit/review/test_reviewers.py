"""Several reviewers' verdicts on one image."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.review.reviewers import combine, second_opinions
from models.types import LabelVector, Probs, SampleIds

CAT, DOG, OWL = 0, 1, 2


def beliefs(*rows: tuple[float, ...]) -> Probs:
    return np.array(rows, np.float32)


def ids(*values: int) -> SampleIds:
    return np.array(values, np.int64)


def classes(*values: int) -> LabelVector:
    return np.array(values, np.int32)


def crowd(seed: int, n: int, right: float, per_image: int = 1) -> tuple[LabelVector, LabelVector]:
    """True classes of three, and what people of that accuracy say, image after image."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 3, n)
    named = np.repeat(truth, per_image)
    slips = rng.random(len(named)) > right
    named[slips] = (named[slips] + rng.integers(1, 3, slips.sum())) % 3
    return truth.astype(np.int32), named.astype(np.int32)


def test_without_verdicts_beliefs_stay() -> None:
    before = beliefs((0.7, 0.2, 0.1), (0.1, 0.1, 0.8))
    after = combine(before, ids(), classes())
    np.testing.assert_allclose(after.posterior, before, atol=1e-6)
    assert after.opinions.tolist() == [0, 0]
    assert len(second_opinions(after)) == 0


def test_verdicts_that_agree_outweigh_the_model() -> None:
    before = beliefs((0.8, 0.1, 0.1))
    one = combine(before, ids(0), classes(DOG)).posterior[0]
    two = combine(before, ids(0, 0), classes(DOG, DOG)).posterior[0]
    assert one[DOG] > 0.5
    assert two[DOG] > one[DOG]


def test_where_people_disagree_the_model_decides() -> None:
    after = combine(beliefs((0.6, 0.3, 0.1)), ids(0, 0), classes(CAT, DOG))
    assert after.posterior[0].argmax() == CAT
    assert after.posterior[0].max() < 0.9


def test_an_image_without_scores_is_what_people_say() -> None:
    nothing = np.full((1, 3), np.nan, np.float32)
    assert combine(nothing, ids(0), classes(OWL)).posterior[0].argmax() == OWL


def test_three_people_find_the_truth_more_often_than_one() -> None:
    truth, named = crowd(1, 600, right=0.75, per_image=3)
    nothing = np.full((600, 3), 1 / 3, np.float32)
    together = combine(nothing, np.repeat(np.arange(600), 3), named)
    alone = combine(nothing, np.arange(600), named[::3])
    assert (together.posterior.argmax(1) == truth).mean() > 0.05 + (
        alone.posterior.argmax(1) == truth
    ).mean()


def test_the_confusion_of_careless_reviewers_is_learned() -> None:
    truth, named = crowd(2, 2_000, right=0.7)
    sure = np.full((2_000, 3), 0.01, np.float32)
    sure[np.arange(2_000), truth] = 0.98
    confusion = combine(sure, np.arange(2_000), named).confusion
    assert np.diagonal(confusion) == pytest.approx(0.7, abs=0.05)


def test_people_who_take_cats_for_dogs_do_not_take_dogs_for_cats() -> None:
    truth = np.repeat([CAT, DOG, OWL], 300)
    named = truth.copy()
    named[:120] = DOG
    known = np.full((900, 3), 0.01, np.float32)
    known[np.arange(900), truth] = 0.98
    before = np.concatenate([known, beliefs((0.5, 0.5, 0.0), (0.5, 0.5, 0.0))])
    after = combine(before, np.arange(902), classes(*named, DOG, CAT))
    assert after.confusion[CAT, DOG] == pytest.approx(0.4, abs=0.03)
    assert after.confusion[DOG, CAT] < 0.02
    called_dog, called_cat = after.posterior[900:]
    assert 0.1 < called_dog[CAT] < 0.4
    assert called_cat[DOG] < 0.05


def test_a_second_opinion_is_asked_where_it_is_least_sure() -> None:
    before = beliefs((0.98, 0.01, 0.01), (0.3, 0.35, 0.35), (0.94, 0.05, 0.01), (0.4, 0.4, 0.2))
    after = combine(before, ids(0, 2, 1, 1, 1), classes(CAT, DOG, CAT, DOG, OWL))
    assert second_opinions(after).tolist() == [2]  # 3 was not looked at, 1 has three already


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000))
def test_neither_the_order_of_images_nor_of_verdicts_matters(seed: int) -> None:
    rng = np.random.default_rng(seed)
    before = rng.dirichlet(np.ones(4), 12).astype(np.float32)
    images, named = rng.integers(0, 12, 30), rng.integers(0, 4, 30).astype(np.int32)
    moved, shuffled = rng.permutation(12), rng.permutation(30)
    after = combine(before, images, named).posterior
    again = combine(before[moved], np.argsort(moved)[images][shuffled], named[shuffled])
    np.testing.assert_allclose(again.posterior, after[moved], atol=1e-5)
    np.testing.assert_allclose(again.posterior.sum(axis=1), 1, atol=1e-5)


@pytest.mark.parametrize(
    ("images", "named"), [(ids(2), classes(0)), (ids(0), classes(3)), (ids(0, 1), classes(0))]
)
def test_verdicts_on_what_is_not_there_are_refused(images: SampleIds, named: LabelVector) -> None:
    with pytest.raises(ValueError, match="verdict"):
        combine(beliefs((0.5, 0.3, 0.2), (0.2, 0.3, 0.5)), images, named)
