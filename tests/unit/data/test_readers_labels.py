"""Label values as codes, for any values a label array may hold."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.data.readers.meaning.labels import to_codes
from models.errors import DatasetError
from models.types import UNLABELLED

ABSENT = ("", "nan", "null", "n/a", "?")
USUAL = (99, 127, 255, 999, 9_999, 32_767, 65_535, 99_999, 2**31 - 1, 2**32 - 1, 2**53)
USUAL_NEGATIVE = (-9, -99, -128, -999, -9_999, -32_768, -(2**31), -(2**53))
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=5)


@given(st.lists(texts, min_size=1, max_size=30))
def test_text_labels_come_back_as_the_names_of_their_codes(values):
    labels = to_codes(np.array(values), (), "y", "file")
    given = [value if value.strip().casefold() not in ABSENT else None for value in values]
    assert [labels.class_names[code] if code >= 0 else None for code in labels.codes] == given
    assert list(labels.class_names) == sorted(set(given) - {None})


@pytest.mark.slow
@given(st.lists(st.integers(-1, 2**40).filter(lambda v: v not in USUAL), min_size=1, max_size=30))
def test_integer_labels_come_back_as_the_names_of_their_codes(values):
    labels = to_codes(np.array(values, np.int64), (), "y", "file")
    named = [labels.class_names[code] if code >= 0 else "-1" for code in labels.codes]
    assert named == [str(value) for value in values]


@pytest.mark.slow
@given(
    st.lists(
        st.integers(-(2**63), 2**63 - 1).filter(lambda v: v not in (*USUAL, *USUAL_NEGATIVE)),
        min_size=1,
        max_size=30,
    ),
    st.integers(1, 5),
)
def test_codes_are_never_outside_the_classes(values, n_classes):
    names = [f"class {i}" for i in range(n_classes)]
    labels = to_codes(np.array(values, np.int64), names, "y", "file")
    inside = [0 <= value < n_classes for value in values]
    known = set(values) - {-1}
    if n_classes > 1 and known and (min(known), max(known)) == (1, n_classes):
        inside = [value in known for value in values]  # counted from 1, and said so
    assert [code >= 0 for code in labels.codes] == inside
    assert bool(labels.warnings) == (set(values) != set(values) & set(range(n_classes)))


def test_integers_without_names_are_classes_from_zero():
    labels = to_codes(np.array([2, 0, 5]), (), "y", "file")
    assert labels.class_names == ("0", "1", "2", "3", "4", "5")
    assert labels.codes.dtype == np.int32


def test_missing_float_labels_are_unlabelled_and_said_so():
    labels = to_codes(np.array([1.0, np.nan]), (), "y", "file")
    assert labels.codes.tolist() == [1, UNLABELLED]
    assert labels.warnings == (
        "1 label is empty or NaN, which probably means missing; that sample counts as unlabelled.",
    )


def test_text_that_names_no_class_is_reported():
    labels = to_codes(np.array(["ant", "wasp"]), ("ant", "bee"), "y", "file")
    assert labels.codes.tolist() == [0, UNLABELLED]
    assert "(for example “wasp”)" in labels.warnings[0]


def test_labels_stay_where_a_list_of_classes_has_none_of_them():
    labels = to_codes(np.array(["wasp", "ant", ""]), ("Ant", "Bee"), "y", "file")
    assert labels.class_names == ("ant", "wasp")
    assert labels.codes.tolist() == [1, 0, UNLABELLED]
    assert "No label is one of the 2 class names that are listed" in labels.warnings[1]


def test_a_list_of_classes_holds_where_nothing_is_labelled():
    assert to_codes(np.array(["", ""]), ("ant", "bee"), "y", "file").class_names == ("ant", "bee")


def test_a_different_value_for_every_image_is_no_label():
    with pytest.raises(DatasetError, match="too many to be classes"):
        to_codes(np.array([f"{i}.png" for i in range(2000)]), (), "y", "file")


@pytest.mark.parametrize("value", [255, 999, -1, -999, 65_535])
def test_numbers_far_from_all_others_are_probably_missing(value):
    labels = to_codes(np.array([0, 1, 2, value, value]), (), "y", "file")
    assert labels.codes.tolist() == [0, 1, 2, UNLABELLED, UNLABELLED]
    assert labels.class_names == ("0", "1", "2")
    assert labels.warnings == (
        f"2 labels are {value}, which probably means missing; those samples count as unlabelled.",
    )


@pytest.mark.parametrize(
    "values", [[0, 255], [99], list(range(100)), [100, 127, 300], [97, 98, 99]]
)
def test_the_same_numbers_among_their_like_are_classes(values):
    labels = to_codes(np.array(values), (), "y", "file")
    assert (labels.codes >= 0).all()
    assert labels.warnings == ()


@pytest.mark.parametrize("text", ["", "nan", "NULL", " n/a ", "?"])
def test_texts_that_stand_for_nothing_are_probably_missing(text):
    labels = to_codes(np.array(["cat", text, "dog"]), (), "y", "file")
    assert labels.codes.tolist() == [0, UNLABELLED, 1]
    assert labels.class_names == ("cat", "dog")
    assert "1 label is" in labels.warnings[0]
    assert "probably means missing" in labels.warnings[0]


def test_a_class_that_is_named_none_is_a_class():
    labels = to_codes(np.array(["none", "scratch"]), ("none", "scratch"), "y", "file")
    assert labels.codes.tolist() == [0, 1]


def test_labels_that_count_from_one_start_with_the_first_name():
    labels = to_codes(np.array([3, 1, 2]), ("ant", "bee", "cat"), "y", "file")
    assert labels.codes.tolist() == [2, 0, 1]
    assert "1 was taken for the first of the 3 class names, “ant”" in labels.warnings[0]


def test_labels_that_count_from_one_need_not_use_every_class():
    labels = to_codes(np.array([1, 5, 2, 4, -1]), tuple("abcde"), "y", "file")
    assert labels.codes.tolist() == [0, 4, 1, 3, UNLABELLED]
    assert "go from 1 to 5" in " ".join(labels.warnings)


def test_labels_without_a_first_class_do_not_count_from_one():
    labels = to_codes(np.array([1, 2, 1]), ("ant", "bee", "cat"), "y", "file")
    assert labels.codes.tolist() == [1, 2, 1]


@pytest.mark.parametrize("kind", ["i8", "f4"])
def test_labels_of_minus_one_and_one_are_two_classes(kind):
    labels = to_codes(np.array([1, -1, -1, 1], kind), (), "y", "file")
    assert labels.class_names == ("-1", "1")
    assert labels.codes.tolist() == [1, 0, 0, 1]
    assert "-1 was taken for a class" in labels.warnings[0]
    assert to_codes(np.array([1, -1, 0]), (), "y", "file").codes.tolist() == [1, UNLABELLED, 0]


@pytest.mark.parametrize("values", [[0, 255], [100, 200, 300]])
def test_numbers_far_apart_are_the_only_classes(values):
    labels = to_codes(np.array(values), (), "y", "file")
    assert labels.class_names == tuple(map(str, values))
    assert labels.codes.tolist() == list(range(len(values)))


def test_of_two_classes_called_crane_the_second_is_numbered():
    names = ("crane", "crane (2)", "ant", "crane")
    labels = to_codes(np.array([3, 0, 1]), names, "y", "file")
    assert labels.class_names == ("crane", "crane (2)", "ant", "crane (3)")
    assert labels.codes.tolist() == [3, 0, 1]
    assert "there more than once" in labels.warnings[0]
    assert "“crane”, of which the next is called “crane (3)”" in labels.warnings[0]
