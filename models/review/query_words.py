"""The words of a query: names, operators, quoted texts, each with its place in the line."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum


class QueryError(ValueError):
    """A query that says nothing: why, and which part of its text is to blame.

    `expected` is what could stand there instead, written as it would be in the query.
    """

    def __init__(self, sentence: str, start: int, end: int, expected: Sequence[str] = ()) -> None:
        super().__init__(sentence)
        self.sentence, self.start, self.end = sentence, start, end
        self.expected = tuple(expected)


class Sort(Enum):
    """What a token is."""

    WORD = 1  # a name, a keyword, a number or a class name without quotes
    QUOTED = 2
    OPERATOR = 3
    MARK = 4  # ( ) ,
    END = 5


@dataclass(frozen=True)
class Token:
    """One word of a query; `said` is its text, without quotes."""

    sort: Sort
    said: str
    start: int
    end: int


KEYWORDS = frozenset({"and", "or", "not", "in"})
OPERATORS = ("==", "!=", "<", "<=", ">", ">=", "~")

_WORD = re.compile(
    r"""(?P<quoted>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
      | (?P<open>["'](?:[^\\]|\\.)*\\?)
      | (?P<operator>[=!<>]=|[<>~])
      | (?P<half>[=!])
      | (?P<mark>[(),])
      | (?P<word>[^\s"'(),=!<>~]+)""",
    re.VERBOSE | re.DOTALL,
)
# A backslash before anything else stands for itself: "C:\new" needs no care.
_ESCAPED = re.compile(r"""\\(?:u([0-9a-fA-F]{4})|([\\"']))""")
_UNSAFE = re.compile(r'["\\\\\x00-\x1f\x7f\u2028\u2029]')  # quotes, backslashes, line ends
_SORTS = {"quoted": Sort.QUOTED, "operator": Sort.OPERATOR, "mark": Sort.MARK, "word": Sort.WORD}


def tokens(text: str) -> list[Token]:
    """Split a query into tokens, an END after the last.

    Raises QueryError for a quote that is not closed, and for half an operator.
    """
    found = []
    for match in _WORD.finditer(text):
        start, end = match.span()
        kind = match.lastgroup or ""
        if kind == "open":
            raise QueryError("This quote is not closed.", start, end)
        if kind == "half":
            raise QueryError(f"Write {match[0]}= to compare.", start, end)
        said = _unquoted(match[0]) if kind == "quoted" else match[0]
        found.append(Token(_SORTS[kind], said, start, end))
    return [*found, Token(Sort.END, "", len(text), len(text))]


def quoted(text: str) -> str:
    """A text as it stands in a query, safe whatever it holds."""
    return f'"{_UNSAFE.sub(_escaped, text)}"'


def last_word(text: str) -> tuple[int, str]:
    """Where the word begins that is being typed at the end of `text`, and what it says so far."""
    for match in _WORD.finditer(text):
        if match.end() == len(text) and match.lastgroup in ("open", "word"):
            said = match[0][1:] if match.lastgroup == "open" else match[0]
            return match.start(), said
    return len(text), ""


def _unquoted(text: str) -> str:
    return _ESCAPED.sub(lambda m: chr(int(m[1], 16)) if m[1] else m[2], text[1:-1])


def _escaped(match: re.Match[str]) -> str:
    return f"\\{match[0]}" if match[0] in '"\\' else f"\\u{ord(match[0]):04x}"
