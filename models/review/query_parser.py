"""Reads the text of a query: a grammar of four rules, by recursive descent."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

from models.review.query_terms import (
    KINDS,
    NO_CLASS,
    And,
    Column,
    Comparison,
    Flag,
    Kind,
    Not,
    OneOf,
    Or,
    Term,
    Value,
)
from models.review.query_vocabulary import Vocabulary
from models.review.query_words import (
    KEYWORDS,
    OPERATORS,
    QueryError,
    Sort,
    Token,
    quoted,
    tokens,
)

_DEEPEST = 50  # brackets and nots inside each other
_MOST_COMPARED = 300  # names; telling which of more is meant would take a frame
_SYNONYMS = {"undecided": "pending", "corrected": "changed", "second_look": "second look"}
_ORDERING = OPERATORS[:6]
_EQUALITY = ("==", "!=", "~", "in", "not in")
_OPERATORS = {
    Kind.CLASS: _EQUALITY,
    Kind.SPLIT: _EQUALITY,
    Kind.STATE: ("==", "!=", "in", "not in"),
    Kind.QUEUE: ("==", "!=", "in", "not in"),
    Kind.NUMBER: (*_ORDERING, "in", "not in"),
    Kind.TEXT: ("~",),
    Kind.CAUSE: _EQUALITY,
}


class Parser:
    """Goes through the tokens once, one method for each rule of the grammar."""

    def __init__(self, text: str, vocabulary: Vocabulary) -> None:
        self._words = vocabulary
        self._tokens = tokens(text)
        self._at = self._depth = 0

    def whole(self) -> Term:
        term = self._either()
        if self._now.sort is not Sort.END:
            raise self._wrong("Join two conditions with and, or.", ("and", "or"))
        return term

    # -- the grammar -----------------------------------------------------------------------
    def _either(self) -> Term:
        terms = [self._both()]
        while self._takes("or"):
            terms.append(self._both())
        return Or(_flat(terms, Or)) if len(terms) > 1 else terms[0]

    def _both(self) -> Term:
        terms = [self._negated()]
        while self._takes("and"):
            terms.append(self._negated())
        return And(_flat(terms, And)) if len(terms) > 1 else terms[0]

    def _negated(self) -> Term:
        start = self._now
        self._depth += 1
        if self._depth > _DEEPEST:
            raise QueryError("Too many conditions inside each other.", start.start, start.end)
        try:
            if self._takes("not"):
                return Not(self._negated())
            if self._takes("("):
                term = self._either()
                self._close("and", "or")
                return term
            return self._condition()
        finally:
            self._depth -= 1

    def _condition(self) -> Term:
        token, names = self._now, self._words.names
        name = token.said.casefold()
        expected = (*names, "not", "(")
        if token.sort is not Sort.WORD or name in KEYWORDS:
            raise self._wrong("A name is missing here, such as given or loss.", expected)
        if name not in names:
            raise self._unknown(f'There is no name "{token.said}".', names, expected)
        self._at += 1
        kind = KINDS.get(name, Kind.NUMBER)
        if kind is Kind.FLAG:
            return Flag(name)
        if name == "path" and not self._words.has_paths:
            sentence = "The paths of all images are not known here."
            raise QueryError(sentence, token.start, token.end)
        return self._compared(name, kind)

    def _compared(self, name: str, kind: Kind) -> Term:
        usable = _OPERATORS[kind]
        if self._takes("not"):
            if not self._takes("in") or "in" not in usable:
                raise self._wrong("Write: not in (…).", ("in",))
            return Not(OneOf(name, self._list(kind)))
        if "in" in usable and self._takes("in"):
            return OneOf(name, self._list(kind))
        if self._now.sort is not Sort.OPERATOR or self._now.said not in usable:
            raise self._wrong(f"{name} goes with {', '.join(usable)}.", usable)
        sign = self._now.said
        self._at += 1
        value = self._text() if sign == "~" else self._value(kind, name)
        return Comparison(name, sign, value)

    def _list(self, kind: Kind) -> tuple[Value, ...]:
        if not self._takes("("):
            raise self._wrong("Write the values in brackets: in (…, …).", ("(",))
        values = [self._value(kind)]
        while self._takes(","):
            values.append(self._value(kind))
        self._close(",")
        return tuple(values)

    def _value(self, kind: Kind, of: str = "") -> Value:
        """A value of a kind; in a comparison `of` a name, also another name of that kind."""
        token = self._now
        others = [name for name in self._words.names if of and self._kind(name) is kind]
        others = [name for name in others if name != of and kind in (Kind.CLASS, Kind.NUMBER)]
        word = token.said.casefold() if token.sort is Sort.WORD else ""
        if kind is Kind.NUMBER:
            return self._number(others)
        values = self._words.values(kind)
        none = [NO_CLASS] if kind in (Kind.CLASS, Kind.CAUSE) else []
        expected = [*map(quoted, values), *none, *others]
        if token.sort not in (Sort.WORD, Sort.QUOTED) or word in KEYWORDS:
            raise self._wrong(f"A {kind.name.lower()} is missing here.", expected)
        if word in none or word in others:
            self._at += 1
            return None if word in none else Column(word)
        found = self._spelt(kind, token.said)
        if found is None:
            sentence = f'There is no {kind.name.lower()} "{token.said}".'
            raise self._unknown(sentence, values, expected)
        self._at += 1
        return found

    def _number(self, others: list[str]) -> Value:
        token = self._now
        if token.sort is Sort.WORD and token.said.casefold() in others:
            self._at += 1
            return Column(token.said.casefold())
        try:
            value = float(token.said) if token.sort is Sort.WORD else float("nan")
        except ValueError:
            value = float("nan")
        if not abs(value) < float("inf") or "_" in token.said:
            raise self._wrong("A number is missing here.", others)
        self._at += 1
        return value

    def _text(self) -> str:
        token = self._now
        if token.sort not in (Sort.WORD, Sort.QUOTED):
            raise self._wrong('A text is missing here: "2019".')
        self._at += 1
        return token.said

    # -- tokens ----------------------------------------------------------------------------
    @property
    def _now(self) -> Token:
        return self._tokens[self._at]

    def _takes(self, word: str) -> bool:
        """Go on if this is the next token, a keyword or a mark."""
        token = self._now
        found = token.sort in (Sort.WORD, Sort.MARK) and token.said.casefold() == word
        self._at += found
        return found

    def _close(self, *expected: str) -> None:
        if not self._takes(")"):
            raise self._wrong("A closing bracket is missing.", (*expected, ")"))

    def _kind(self, name: str) -> Kind:
        return KINDS.get(name, Kind.NUMBER)

    def _spelt(self, kind: Kind, said: str) -> str | None:
        if said in self._words.values(kind):
            return said
        folded = said.casefold()
        if kind is Kind.STATE:
            folded = _SYNONYMS.get(folded, folded)
        return self._words.spelt[kind].get(folded)

    def _wrong(self, sentence: str, expected: Sequence[str] = ()) -> QueryError:
        return QueryError(sentence, self._now.start, self._now.end, expected)

    def _unknown(self, sentence: str, names: Sequence[str], expected: Sequence[str]) -> QueryError:
        near = get_close_matches(self._now.said, names[:_MOST_COMPARED], 1)
        return self._wrong(f"{sentence} Is it {near[0]}?" if near else sentence, expected)


def _flat(terms: list[Term], joined: type[And] | type[Or]) -> tuple[Term, ...]:
    """(a and b) and c is the same as a and b and c."""
    parts: list[Term] = []
    for term in terms:
        parts += term.terms if isinstance(term, joined) else (term,)
    return tuple(parts)
