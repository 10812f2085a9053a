"""The chance that shares of classes differ as much as they do."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import chi2_contingency

from models.audit.class_shares import by_chance, differing_classes
from tests.helpers.audits import audit_material


@pytest.mark.slow
@given(st.integers(2, 6).flatmap(lambda k: arrays(np.int64, (2, k), elements=st.integers(1, 500))))
def test_it_is_that_of_scipy(counts: np.ndarray) -> None:
    assert by_chance(counts) == pytest.approx(chi2_contingency(counts, correction=False).pvalue)


@pytest.mark.parametrize(
    ("lost", "words"), [([3], "d; were it as"), ([3, 4], "d and e; were they as")]
)
def test_one_class_or_several_that_a_split_lacks_are_spoken_of_so(
    lost: list[int], words: str
) -> None:
    labels = np.arange(200) % 5
    test = labels[~np.isin(labels, lost)]
    images = {"train": np.zeros((200, 4, 4, 1), np.uint8)}
    images["test"] = np.zeros((len(test), 4, 4, 1), np.uint8)
    material = audit_material(images, {"train": labels, "test": test}, names=tuple("abcde"))
    (missing,) = [one for one in differing_classes(material) if one.kind == "class_missing"]
    assert f"test has no image of {words} frequent" in missing.sentence
