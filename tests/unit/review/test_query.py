"""Queries: what they hold for, what is wrong with them, and how they are written."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.review.causes import BUILT_IN
from models.review.classes import ClassChange, ClassList
from models.review.columns import Columns
from models.review.ordering import Filters, as_query, filtered
from models.review.paths import Paths
from models.review.query import Query, completions, equals, mentions, parse
from models.review.query_terms import (
    QUEUES,
    STATES,
    And,
    Column,
    Comparison,
    Flag,
    Not,
    OneOf,
    Or,
)
from models.review.query_vocabulary import Vocabulary
from models.review.query_words import QueryError
from models.review.queues import Queue
from models.review.remarks import Remarks

N = 60
CLASSES = ("cat", "dog", "T-shirt/top", 'a "quoted"\\ one\n', "كلب", "Cat 9", "none", "")
SPLITS = ("train", "val", "test")
WORDS = Vocabulary(CLASSES, SPLITS)


def columns() -> Columns:
    draw = np.random.default_rng(7)
    scores = {name: draw.random(N, np.float32) for name in ("suspicion", "loss", "confidence")}
    scores["loss"][::7] = np.nan
    return Columns(
        labels=draw.integers(-1, len(CLASSES), N).astype(np.int32),
        status=draw.integers(0, 5, N).astype(np.uint8),
        splits=draw.integers(0, 3, N).astype(np.uint8),
        scores=scores,
        selected=np.zeros(N, np.bool_),
        copy_group=np.full(N, -1, np.int32),
        queue=draw.integers(0, 5, N).astype(np.uint8),
        given=draw.integers(-1, len(CLASSES), N).astype(np.int32),
        predicted=draw.integers(-1, len(CLASSES), N).astype(np.int32),
        suggested=draw.integers(-1, len(CLASSES), N).astype(np.int32),
        classes=ClassList.of(CLASSES),
        split_names=SPLITS,
        paths=Paths([f"Holiday 20{i:02d}/IMG_{i}.JPG" for i in range(N)]),
    )


LOOK = columns()


def rows(text: str, look: Columns = LOOK) -> list[int]:
    mask = parse(text, Vocabulary.of(look)).holds(look)
    assert mask.dtype == np.bool_
    assert mask.shape == look.labels.shape
    return np.flatnonzero(mask).tolist()


def where(mask: np.ndarray) -> list[int]:
    return np.flatnonzero(mask).tolist()


# -- what a query holds for ----------------------------------------------------------------
def test_the_example_of_the_guide() -> None:
    text = 'given == "cat" and loss > 0.2 and not split in ("val", "test") or path ~ "2019"'
    scored, cats = LOOK.scores["loss"] > 0.2, LOOK.given == 0
    both = cats & scored & (LOOK.splits == 0)
    both[19] = True
    assert rows(text) == where(both)


@pytest.mark.parametrize(
    ("text", "mask"),
    [
        ("label == dog", LOOK.labels == 1),
        ("LABEL == Dog", LOOK.labels == 1),
        ("label == T-shirt/top", LOOK.labels == 2),
        ("label == none", LOOK.labels == -1),
        ('label == "none"', LOOK.labels == 6),
        ("given != predicted", LOOK.given != LOOK.predicted),
        ('given ~ "cat"', np.isin(LOOK.given, (0, 5))),
        ("given not in (cat, none)", ~np.isin(LOOK.given, (0, -1))),
        ("changed", LOOK.given != LOOK.labels),
        ("state == undecided", LOOK.status == 0),
        ("state in (corrected, 'second look')", np.isin(LOOK.status, (2, 4))),
        ("split ~ t", np.isin(LOOK.splits, (0, 2))),
        ("queue == unsure", LOOK.queue == 3),
        (
            "queue in (unsure, likely-mislabelled)",
            (LOOK.queue == 3) | (LOOK.scores["suspicion"] > 0.5),
        ),
        ("id in (3, 5.5, 1e300)", np.arange(N) == 3),
        ("id < 4", np.arange(N) < 4),
        ("confidence == 0.25", LOOK.scores["confidence"] == np.float32(0.25)),
        ("loss > confidence", LOOK.scores["loss"] > LOOK.scores["confidence"]),
        ("not loss >= 0", np.isnan(LOOK.scores["loss"])),
        ("loss < 1e300", ~np.isnan(LOOK.scores["loss"])),
        ("anomaly > -5", np.zeros(N, bool)),
        ("path ~ holiday", np.ones(N, bool)),
    ],
)
def test_each_name_means_what_it_says(text: str, mask: np.ndarray) -> None:
    assert rows(text) == where(mask)


REMARKED = replace(
    LOOK,
    remarks=Remarks(
        np.array([0, 1, 2, 3, 32] + [0] * (N - 5), np.uint32),
        (*BUILT_IN, "glare on glass"),
        {7: ["Dark"], 8: ["first", "too dark, DARK"], 9: ["dark", ""]},
    ),
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("cause == blurred", [1, 3]),
        ('cause in (Blurred, "glare on glass")', [1, 3, 4]),
        ('cause ~ "glass"', [4]),
        ("cause != none", [1, 2, 3, 4]),
        ("cause == cropped and not cause == blurred", [2]),
        ('note ~ "dark"', [7, 8]),
        ('note ~ ""', [7, 8]),
        ('note ~ "first"', []),
    ],
)
def test_causes_and_the_note_that_counts_can_be_asked_for(text: str, expected: list[int]) -> None:
    assert rows(text, REMARKED) == expected


def test_where_nothing_was_said_of_images_nothing_is_found() -> None:
    assert rows('cause == blurred or note ~ "a"') == []
    assert rows("cause == none") == list(range(N))
    with pytest.raises(QueryError, match="There is no cause"):
        parse("cause == glare", WORDS)
    assert completions("cause == cr", WORDS)[1] == ['"cropped"']


def test_not_binds_closer_than_and_and_closer_than_or() -> None:
    loose = rows("changed or label == cat and not split == val")
    assert loose == rows("changed or (label == cat and (not (split == val)))")
    assert loose != rows("(changed or label == cat) and not split == val")


def test_what_the_model_says_follows_a_merge_of_classes_and_what_was_given_does_not() -> None:
    merged = ClassList.of(CLASSES, [ClassChange(merged=(1,), into=0)])
    look = Columns(**{**vars(LOOK), "classes": merged})
    assert rows("suggested == cat", look) == where(np.isin(LOOK.suggested, (0, 1)))
    assert rows("predicted == cat", look) == where(np.isin(LOOK.predicted, (0, 1)))
    assert rows("given == dog", look) == where(LOOK.given == 1)


def test_without_scores_nothing_is_predicted_and_no_score_compares() -> None:
    bare = Columns(LOOK.labels, LOOK.status, LOOK.splits, {}, LOOK.selected, LOOK.copy_group)
    assert rows("predicted == none", bare) == list(range(N))
    assert rows("cluster < 3 or cluster in (-1, 0)", bare) == []
    assert rows("loss > 0 or loss <= 0", bare) == []


@given(st.lists(st.text("aB/é\n", max_size=6), max_size=20), st.text("aBé/\n", max_size=3))
def test_paths_are_searched_as_python_searches_them(paths: list[str], part: str) -> None:
    found = Paths(paths).holding(part)
    assert found.tolist() == [part.casefold() in path.casefold() for path in paths]


# -- any query -----------------------------------------------------------------------------
_classes = st.sampled_from(CLASSES)
_numbers = st.floats(allow_nan=False, allow_infinity=False)
_conditions = st.one_of(
    st.builds(
        Comparison,
        st.sampled_from(("given", "label", "predicted", "suggested")),
        st.sampled_from(("==", "!=")),
        st.one_of(_classes, st.none(), st.just(Column("label")).filter(bool)),
    ).filter(lambda term: term.value != Column(term.name)),
    st.builds(
        Comparison,
        st.sampled_from(("loss", "suspicion", "id")),
        st.sampled_from(("==", "!=", "<", "<=", ">", ">=")),
        st.one_of(_numbers, st.just(Column("confidence"))),
    ),
    st.builds(Comparison, st.just("path"), st.just("~"), st.text(max_size=8)),
    st.builds(Comparison, st.just("given"), st.just("~"), st.text(max_size=8)),
    st.builds(
        OneOf,
        st.just("label"),
        st.lists(st.one_of(_classes, st.none()), min_size=1, max_size=4).map(tuple),
    ),
    st.builds(
        OneOf,
        st.just("state"),
        st.lists(st.sampled_from(STATES), min_size=1, max_size=3).map(tuple),
    ),
    st.builds(
        OneOf,
        st.just("queue"),
        st.lists(st.sampled_from(list(QUEUES)), min_size=1, max_size=3).map(tuple),
    ),
    st.builds(OneOf, st.just("id"), st.lists(_numbers, min_size=1, max_size=3).map(tuple)),
    st.sampled_from([Flag("changed"), Flag("wholesale")]),
)


def _joined(terms: st.SearchStrategy) -> st.SearchStrategy:
    lists = st.lists(terms, min_size=2, max_size=3)
    return st.one_of(
        st.builds(Not, terms),
        lists.map(lambda parts: And(_flat(parts, And))),
        lists.map(lambda parts: Or(_flat(parts, Or))),
    )


def _flat(terms: list, joined: type) -> tuple:
    return tuple(
        part for term in terms for part in (term.terms if isinstance(term, joined) else (term,))
    )


TERMS = st.recursive(_conditions, _joined, max_leaves=8)


@pytest.mark.slow
@given(TERMS)
@settings(deadline=None)
def test_a_query_read_from_its_own_text_is_the_same(term) -> None:
    query = Query(term)
    again = parse(query.text, WORDS)
    assert again == query
    assert hash(again) == hash(query)


@pytest.mark.slow
@given(TERMS, TERMS)
@settings(deadline=None)
def test_joined_queries_are_the_algebra_of_their_masks(left, right) -> None:
    a, b = left.holds(LOOK), right.holds(LOOK)
    both, either = f"({left.text}) and ({right.text})", f"({left.text}) or ({right.text})"
    np.testing.assert_array_equal(parse(both, WORDS).holds(LOOK), a & b)
    np.testing.assert_array_equal(parse(either, WORDS).holds(LOOK), a | b)
    np.testing.assert_array_equal(parse(f"not ({left.text})", WORDS).holds(LOOK), ~a)


_PIECES = ("given", "loss", "path", "changed", "not", "in", "and", "or", "(", ")", ",", "==", "~")
_SCRAPS = st.lists(
    st.one_of(st.sampled_from((*_PIECES, ">", "=", '"', "'", "\\", " ", "cat", "2", "none"))),
    max_size=14,
).map(" ".join)


@given(st.one_of(st.text(max_size=30), _SCRAPS))
@settings(deadline=None)
def test_any_text_is_a_query_or_wrong_at_a_place_within_it(text: str) -> None:
    try:
        query = parse(text, WORDS)
        wrong = None
    except QueryError as error:
        query, wrong = None, error
    if wrong is not None:
        assert 0 <= wrong.start <= wrong.end <= len(text)
        assert wrong.sentence.endswith((".", "?"))
    else:
        assert parse(query.text, WORDS) == query


@pytest.mark.parametrize("text", ["(" * 10_000, "not " * 10_000, "(not " * 5_000 + "changed"])
def test_deep_nesting_is_refused_in_words(text: str) -> None:
    with pytest.raises(QueryError, match="inside each other"):
        parse(text, WORDS)


def test_a_long_chain_is_no_nesting() -> None:
    assert rows(" and ".join(["id < 3"] * 2_000)) == [0, 1, 2]


# -- what is wrong -------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "word", "sentence"),
    [
        ("los > 2", "los", 'There is no name "los". Is it loss?'),
        ("given == dgo and changed", "dgo", 'There is no class "dgo". Is it dog?'),
        ("split == tes", "tes", 'There is no split "tes". Is it test?'),
        ("loss = 2", "=", "Write == to compare."),
        ("loss > two", "two", "A number is missing here."),
        ("loss > nan", "nan", "A number is missing here."),
        ("given > cat", ">", "given goes with ==, !=, ~, in, not in."),
        ('given == "cat', '"cat', "This quote is not closed."),
        ("changed given == cat", "given", "Join two conditions with and, or."),
        ("given ==", "", "A class is missing here."),
        ("(changed", "", "A closing bracket is missing."),
        ("given in cat", "cat", "Write the values in brackets: in (…, …)."),
    ],
)
def test_an_error_names_the_word_that_causes_it(text: str, word: str, sentence: str) -> None:
    with pytest.raises(QueryError) as caught:
        parse(text, WORDS)
    error = caught.value
    assert (text[error.start : error.end], error.sentence) == (word, sentence)


def test_paths_that_are_not_known_are_said_so() -> None:
    with pytest.raises(QueryError, match="paths of all images are not known"):
        parse("path ~ x", Vocabulary(CLASSES, has_paths=False))


# -- writing -------------------------------------------------------------------------------
@pytest.mark.parametrize("name", CLASSES)
def test_any_class_can_be_asked_for(name: str) -> None:
    assert rows(equals("label", name)) == where(LOOK.labels == CLASSES.index(name))


def test_where_two_classes_differ_by_capitals_alone_neither_is_taken_for_a_third_spelling() -> None:
    words = Vocabulary(("Cat", "cat", "dog"))
    assert parse("label == Cat or label == cat", words).text == 'label == "Cat" or label == "cat"'
    assert parse("label == DOG", words).text == 'label == "dog"'
    with pytest.raises(QueryError, match='no class "CAT"'):
        parse("label == CAT", words)


def test_a_backslash_needs_no_care() -> None:
    assert parse(r'path ~ "C:\new"', WORDS).term == Comparison("path", "~", r"C:\new")


def test_only_names_are_mentioned_and_no_values() -> None:
    assert mentions('path ~ "x"', "path")
    assert not mentions('given == "path"', "path")


@pytest.mark.slow
@given(
    st.builds(
        Filters,
        statuses=st.frozensets(st.integers(0, 4), max_size=2),
        classes=st.frozensets(st.integers(-1, len(CLASSES) - 1), max_size=3),
        splits=st.frozensets(st.integers(0, 2), max_size=2),
        queues=st.frozensets(st.sampled_from(Queue), max_size=2),
        ranges=st.dictionaries(
            st.sampled_from(("loss", "suspicion")),
            st.tuples(
                st.floats(0, 0.5) | st.just(-math.inf), st.floats(0.5, 1) | st.just(math.inf)
            ),
            max_size=2,
        ),
        query=st.sampled_from(("", "changed", "changed or id < 9", "not (changed or id < 9)")),
    )
)
@settings(deadline=None)
def test_the_filters_of_the_rail_in_words_let_the_same_images_through(filters: Filters) -> None:
    text = as_query(filters, CLASSES, SPLITS)
    in_words = filtered(Filters(query=text), LOOK)
    np.testing.assert_array_equal(in_words, filtered(filters, LOOK))
    if text:
        assert parse(text, WORDS).text == text


def test_a_query_that_says_nothing_lets_nothing_through() -> None:
    assert not filtered(Filters(query='given == "a class taken back"'), LOOK).any()


# -- completion ----------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "start", "words"),
    [
        ("lo", 0, ["loss"]),
        ("given ", 6, ["==", "!=", "~", "in", "not in"]),
        ("given == do", 9, ['"dog"']),
        ('given == "T-', 9, ['"T-shirt/top"']),
        ("given == top", 9, ['"T-shirt/top"']),
        ("changed ", 8, ["and", "or"]),
        ("(changed ", 9, ["and", "or", ")"]),
        ("split in (t", 10, ['"train"', '"test"']),
        ("split in (val ", 14, [",", ")"]),
        ("state == ex", 9, ['"excluded"']),
        ("loss > ", 7, ["id", "cluster", "suspicion", "confidence", "margin", "anomaly"]),
        ("wrong wrong wro", 12, []),
    ],
)
def test_a_word_that_is_being_typed_can_be_completed(
    text: str, start: int, words: list[str]
) -> None:
    begin, found = completions(text, WORDS)
    assert (begin, found[: max(len(words), 1)]) == (start, words)
