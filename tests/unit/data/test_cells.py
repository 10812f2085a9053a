"""A name in a CSV never runs as a formula, and comes back as it was."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.data.cells import guarded, unguarded


@pytest.mark.parametrize(
    "text", ["=1+1", "+x", "-x", "@SUM(A1)", "-1+1", "-1\n", "\tx", "\rx", "\nx"]
)
def test_what_runs_as_a_formula_is_quoted(text):
    assert guarded(text) == f"'{text}"


@pytest.mark.parametrize("text", ["-1", "+1", "-0.5"])
def test_a_class_called_minus_one_is_no_formula(text):
    assert guarded(text) == text


@given(st.text().filter(lambda text: "\0" not in text and not text.startswith("'")))
def test_a_name_comes_back_as_it_was(text):
    assert unguarded(guarded(text)) == text
