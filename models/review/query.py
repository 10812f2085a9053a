"""Queries in words: given == "cat" and loss > 2. Read by a grammar, never run as code."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from models.review.columns import Columns
from models.review.query_parser import Parser
from models.review.query_terms import Comparison, OneOf, Term, number_text
from models.review.query_vocabulary import Vocabulary
from models.review.query_words import QueryError, Sort, last_word, tokens
from models.types import Mask


@dataclass(frozen=True)
class Query:
    """A condition on images."""

    term: Term

    @property
    def text(self) -> str:
        """The same in words; parse() makes an equal query of them."""
        return self.term.text

    def holds(self, columns: Columns) -> Mask:
        """For which images it is true. (n,)

        What is not known of an image equals nothing and is neither larger nor smaller than
        anything: an image without scores is not among `loss > 2`, but is among its opposite.
        """
        return self.term.holds(columns)


def parse(text: str, vocabulary: Vocabulary) -> Query:
    """Read a query.

    `not` binds closer than `and`, `and` closer than `or`. Class names, splits and states can
    stand without quotes where they are one word; capitals do not count unless two differ by
    them alone.

    Raises
    ------
    QueryError
        If it says nothing, with the part of the text to blame.
    """
    return Query(Parser(text, vocabulary).whole())


def equals(name: str, value: str) -> str:
    """The query for one value: equals("given", "T-shirt/top") is 'given == "T-shirt/top"'."""
    return Comparison(name, "==", value).text


def is_one_of(name: str, values: Sequence[str | None]) -> str:
    """The query for any of several values; None is "no class"."""
    one = len(values) == 1
    term = Comparison(name, "==", values[0]) if one else OneOf(name, tuple(values))
    return term.text


def between(name: str, low: float, high: float) -> str:
    """The query for a range of a number, both ends included; an end at infinity bounds nothing."""
    bounds = ((">=", low), ("<=", high))
    terms = [f"{name} {sign} {number_text(end)}" for sign, end in bounds if math.isfinite(end)]
    return " and ".join(terms) or f"{name} < 0 or {name} >= 0"  # any number


def all_of(queries: Sequence[str]) -> str:
    """One query that asks for all of these, each the text of a query."""
    several = len(queries) > 1
    return " and ".join(f"({text})" if several and _is_either(text) else text for text in queries)


def mentions(text: str, *names: str) -> bool:
    """Whether a query asks for one of these names; what cannot be read asks for nothing."""
    try:
        words = tokens(text)
    except QueryError:
        return False
    return any(word.sort is Sort.WORD and word.said.casefold() in names for word in words)


def completions(text: str, vocabulary: Vocabulary) -> tuple[int, list[str]]:
    """What the word that is being typed at the end of `text` can become.

    Returns
    -------
    Where that word begins, and what could stand there, those that begin like it first.
    """
    start, said = last_word(text)
    try:
        parse(text[:start], vocabulary)
        expected: Sequence[str] = ("and", "or")
    except QueryError as error:
        expected = error.expected if error.start == len(text[:start]) else ()
    part = said.casefold()
    plain = [(word, word.strip('"').casefold()) for word in expected]
    begin = [word for word, folded in plain if folded.startswith(part)]
    hold = [word for word, folded in plain if part in folded[1:] and not folded.startswith(part)]
    return start, begin + hold


def _is_either(text: str) -> bool:
    """Whether a query is of the form a or b."""
    depth = 0
    for token in tokens(text):
        if token.sort is Sort.MARK:
            depth += (token.said == "(") - (token.said == ")")
        elif token.sort is Sort.WORD and token.said == "or" and not depth:
            return True
    return False
