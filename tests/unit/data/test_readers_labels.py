"""Label values as codes, for any values a label array may hold."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.data.readers.labels import to_codes
from models.errors import DatasetError
from models.types import UNLABELLED

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=5)


@given(st.lists(texts, min_size=1, max_size=30))
def test_text_labels_come_back_as_the_names_of_their_codes(values):
    labels = to_codes(np.array(values), (), "y", "file")
    assert [labels.class_names[code] if code >= 0 else "" for code in labels.codes] == values
    assert list(labels.class_names) == sorted(set(values) - {""})


@given(st.lists(st.integers(-1, 2**40), min_size=1, max_size=30))
def test_integer_labels_come_back_as_the_names_of_their_codes(values):
    labels = to_codes(np.array(values, np.int64), (), "y", "file")
    named = [labels.class_names[code] if code >= 0 else "-1" for code in labels.codes]
    assert named == [str(value) for value in values]


@given(st.lists(st.integers(-(2**63), 2**63 - 1), min_size=1, max_size=30), st.integers(1, 5))
def test_codes_are_never_outside_the_classes(values, n_classes):
    names = [f"class {i}" for i in range(n_classes)]
    labels = to_codes(np.array(values, np.int64), names, "y", "file")
    inside = [0 <= value < n_classes for value in values]
    assert [code >= 0 for code in labels.codes] == inside
    outside = set(values) - set(range(UNLABELLED, n_classes))
    assert bool(labels.warnings) == bool(outside)


def test_integers_without_names_are_classes_from_zero():
    labels = to_codes(np.array([2, 0, 5]), (), "y", "file")
    assert labels.class_names == ("0", "1", "2", "3", "4", "5")
    assert labels.codes.dtype == np.int32


def test_missing_float_labels_are_unlabelled_and_said_so():
    labels = to_codes(np.array([1.0, np.nan]), (), "y", "file")
    assert labels.codes.tolist() == [1, UNLABELLED]
    assert labels.warnings == ("1 labels are NaN and count as unlabelled.",)


def test_text_that_names_no_class_is_reported():
    labels = to_codes(np.array(["ant", "wasp"]), ("ant", "bee"), "y", "file")
    assert labels.codes.tolist() == [0, UNLABELLED]
    assert "(for example “wasp”)" in labels.warnings[0]


def test_a_different_value_for_every_image_is_no_label():
    with pytest.raises(DatasetError, match="too many to be classes"):
        to_codes(np.array([f"{i}.png" for i in range(2000)]), (), "y", "file")
