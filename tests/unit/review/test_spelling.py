"""Classes that are one class spelt in several ways, and those that only look alike."""

from __future__ import annotations

import string
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.review import spelling
from models.review.spelling import spellings

WORDS = st.text(string.ascii_lowercase, min_size=5, max_size=12)
NAMES = st.dictionaries(st.text(max_size=12), st.integers(0, 9), max_size=12)


def grouped(*names: str) -> bool:
    """Whether the names make one group."""
    groups = spellings({name: 10 - place for place, name in enumerate(names)})
    found = [{group.keep, *(v.class_name for v in group.variants)} for group in groups]
    return found == [set(names)]


@pytest.mark.parametrize(
    ("kept", "variant", "why"),
    [
        ("IT", "I.T.", "punctuation"),
        ("T-shirt", "tshirt", "capitals and punctuation"),
        ("hot dog", "hotdog", "spaces"),
        ("hot dog", "hot_dog", "spaces and punctuation"),
        ("Café", "Cafe", "accents"),
        ("shoe", "shoes", "singular and plural"),
        ("dresses", "dress", "singular and plural"),
        ("berry", "berries", "singular and plural"),
        ("T-shirt", "t shirts", "singular and plural"),
        ("sneaker", "sneakr", "one letter less"),
        ("sneaker", "sneakerr", "one letter more"),
        ("sneaker", "sneaqer", "one letter differs"),
        ("sneaker", "sneakre", "two letters swapped"),
    ],
)
def test_a_variant_is_found_and_said_why(kept: str, variant: str, why: str) -> None:
    (group,) = spellings({kept: 90, variant: 2})
    (found,) = group.variants
    assert (group.keep, found.class_name, found.n, found.why) == (kept, variant, 2, why)


@pytest.mark.parametrize(
    "names",
    [
        ("class 1", "class 2"),
        ("class1", "class2"),
        ("class a", "class b"),
        ("classA", "classB"),
        ("type I", "type II"),
        ("1", "-1"),
        ("1.5 litres", "15 litres"),
        ("v1.0", "v10"),
        ("A", "a"),
        ("C++", "C#"),
        ("cat", "car"),
        ("typical", "atypical"),
        ("は", "ば"),
        ("", " "),
        ("255", "256"),
    ],
)
def test_what_only_looks_alike_stays_apart(names: tuple[str, str]) -> None:
    assert spellings(dict.fromkeys(names, 5)) == []


def test_the_name_that_most_images_carry_is_kept() -> None:
    (group,) = spellings({"tshirt": 3, "T-shirt": 3, "t shirt": 40})
    assert (group.keep, group.n) == ("t shirt", 40)
    assert {variant.class_name for variant in group.variants} == {"tshirt", "T-shirt"}


@settings(max_examples=60, deadline=None)
@given(NAMES)
def test_each_name_is_in_one_group_at_most_whatever_their_order(counts: dict[str, int]) -> None:
    groups = spellings(counts)
    named = [n for g in groups for n in (g.keep, *(v.class_name for v in g.variants))]
    assert len(named) == len(set(named))
    assert set(named) <= set(counts)
    assert all(g.n >= v.n for g in groups for v in g.variants)
    assert spellings(dict(reversed(counts.items()))) == groups


@settings(max_examples=60, deadline=None)
@given(WORDS, WORDS, st.sampled_from((" ", "-", "_", ".")))
def test_capitals_and_separators_never_matter(first: str, second: str, between: str) -> None:
    assert grouped(f"{first} {second}", f"{first.title()}{between}{second.upper()}.")


@settings(max_examples=60, deadline=None)
@given(WORDS, st.data())
def test_one_slip_is_found_wherever_it_is(word: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(1, len(word) - 1))
    letter = data.draw(st.sampled_from("qxz"))
    wrong = data.draw(
        st.sampled_from((word[:at] + letter + word[at:], word[:at] + letter + word[at + 1 :]))
    )
    if wrong != word:
        assert grouped(word, wrong)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(-999, 9999), unique=True, min_size=2, max_size=30))
def test_numbers_are_never_spellings_of_each_other(numbers: list[int]) -> None:
    assert spellings({str(number): 5 for number in numbers}) == []
    assert spellings({f"class {number}": 5 for number in numbers if number >= 0}) == []


def test_a_thousand_classes_take_no_time() -> None:
    rng = np.random.default_rng(1)
    letters = rng.integers(97, 123, (1_000, 14), dtype=np.uint8)
    names = {bytes(row).decode(): 1 for row in letters}
    began = time.process_time()
    spellings(names)
    assert time.process_time() - began < 1


def test_numbered_classes_are_not_compared_each_with_each(monkeypatch: pytest.MonkeyPatch) -> None:
    def compared(key: str, kept: str) -> str:
        raise AssertionError(f"{key} and {kept} are told apart by their numbers")

    monkeypatch.setattr(spelling, "_slip_in_words", compared)
    assert spellings({f"species {number:04d}": 1 for number in range(300)}) == []
