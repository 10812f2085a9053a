"""What effects are a measure of, and what findings are called."""

from __future__ import annotations

import pytest

from models.audit.finding import KINDS
from models.audit.measures import effect_in_words
from models.audit.names import CHECK_NAMES, KIND_NAMES, kind_name
from qtapp.views.audit import wording

SPLITS = ("train", "test")
EVERY = [kind for kinds in KINDS.values() for kind in kinds]
TOPICS = ("mark", "grey", "size", "file", "jpeg", "values", "association", "by split", "order")


@pytest.mark.parametrize(
    ("kind", "effect", "ci95", "words"),
    [
        ("leak_exact", 0.2, (0.17, 0.23), "20.0% of the images of test (95% interval 17.0% to"),
        ("quality", 0.0004, None, "0.04% of the images of the split that has most of them"),
        ("too_good", 0.034, (0.01, 0.06), "+3.4 points of accuracy, test less train (95% interval"),
        ("gap_unexplained", -0.16, None, "−16.0 points of accuracy, test less train"),
        ("class_too_small", 8.0, (0.57, 0.98), "8 images in the smallest class"),
        ("brightness", 0.97, None, "97.0% of the difference from the other split explained"),
        ("labels_random", float("nan"), None, ""),
    ],
)
def test_a_number_says_what_it_is_of(
    kind: str, effect: float, ci95: tuple[float, float] | None, words: str
) -> None:
    said = effect_in_words(kind, "", SPLITS, effect, ci95)
    assert said.startswith(words)
    assert bool(said) == bool(words)


@pytest.mark.parametrize("kind", EVERY)
def test_every_kind_begins_with_its_number(kind: str) -> None:
    for topic in TOPICS if kind == "shortcut" else ("",):
        for splits in (SPLITS, ("train",), ()):
            for ci95 in (None, (0.1, 0.4)):
                number, _, words = effect_in_words(kind, topic, splits, 0.25, ci95).partition(" ")
                assert any(letter.isdigit() for letter in number)
                assert words


def test_every_kind_and_check_has_a_name_and_the_window_says_the_same() -> None:
    assert set(KIND_NAMES) == set(EVERY)
    assert set(CHECK_NAMES) == set(KINDS)
    assert {check: wording.check_name(check) for check in KINDS} == dict(CHECK_NAMES)
    assert wording._kinds() == dict(KIND_NAMES)
    assert kind_name("quite_new") == "Quite new"


def test_a_single_image_is_one_image() -> None:
    said = effect_in_words("class_too_small", "", ("test",), 1.0, (0.2, 1.0))
    assert said == "1 image in the smallest class"
