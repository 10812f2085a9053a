"""Finds classes that are one class spelt in several ways: "T-shirt", "tshirt", "T shirts"."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

_SHORTEST_KEY = 2  # letters: "A" and "a" are two classes
_SHORTEST_PLURAL = 3
_SHORTEST_SLIP = 5  # in shorter names one other letter makes another word
_SEPARATING = frozenset("-_./\\,;:'’`\"()[]{}&|~")  # "C++" and "C#" keep what tells them apart
_ROMAN = re.compile(r"[ivxlc]{1,5}")
_WORDS = re.compile(r"\d+|[^\W\d_]+")
_HUMP = re.compile(r"(?<=[^\W\d_A-Z])(?=[A-Z])")  # in "classA"


@dataclass(frozen=True)
class Variant:
    """Another spelling of a class, and in what it differs, in words."""

    class_name: str
    n: int
    why: str


@dataclass(frozen=True)
class SpellingGroup:
    """Classes that look like one; `keep` is the name that most samples carry."""

    keep: str
    n: int
    variants: tuple[Variant, ...]


def spellings(counts: Mapping[str, int]) -> list[SpellingGroup]:
    """Group class names that differ in spelling alone, each name in one group at most.

    Parameters
    ----------
    counts : class name -> number of samples

    Returns
    -------
    list of SpellingGroup
        Those with most samples first. Names differ in capitals, spaces, punctuation, accents,
        singular and plural, or by one slip of the finger in five letters or more; names that
        differ in a number, a single letter or a Roman numeral are different classes.
    """
    groups: dict[str, SpellingGroup] = {}
    known = _Known()
    for name in sorted(counts, key=lambda name: (-counts[name], name)):
        spelt = _Spelt.of(name)
        if len(spelt.key) < _SHORTEST_KEY or not spelt.has_letters:
            continue
        keep, why = known.like(spelt)
        if keep is None:
            known.add(spelt)
            groups[name] = SpellingGroup(name, counts[name], ())
            continue
        group, variant = groups[keep.name], Variant(name, counts[name], why)
        groups[keep.name] = replace(group, variants=(*group.variants, variant))
    return [group for group in groups.values() if group.variants]


@dataclass(frozen=True)
class _Spelt:
    """A name, what is left of it without case, accents and separators, and what must agree."""

    name: str
    key: str
    marks: tuple[str, ...]  # numbers, single letters and Roman numerals, in order
    digits: tuple[str, ...]

    @classmethod
    def of(cls, name: str) -> _Spelt:
        plain = _HUMP.sub(" ", _without_accents(unicodedata.normalize("NFKC", name)))
        words = [word.casefold() for word in _WORDS.findall(plain)]
        marks = tuple(w for w in words if w.isdecimal() or len(w) < 3 or _ROMAN.fullmatch(w))
        digits = tuple(word for word in words if word.isdecimal())
        return cls(name, _key(name), marks, digits)

    @property
    def has_letters(self) -> bool:
        return any(letter.isalpha() for letter in self.key)


class _Known:
    """The names kept so far, found again by what another spelling of them would be."""

    def __init__(self) -> None:
        self._by_key: dict[tuple[str, tuple[str, ...]], _Spelt] = {}
        self._by_plural: dict[str, _Spelt] = {}
        # By keys, whole and with one letter left out, and marks: thousands of numbered names are
        # one letter apart.
        self._by_less: dict[tuple[str, tuple[str, ...]], list[_Spelt]] = {}

    def add(self, spelt: _Spelt) -> None:
        self._by_key[spelt.key, spelt.digits] = spelt
        for plural in _plurals(spelt.key):
            self._by_plural.setdefault(plural, spelt)
        for less in _less_one(spelt.key):
            self._by_less.setdefault((less, spelt.marks), []).append(spelt)

    def like(self, spelt: _Spelt) -> tuple[_Spelt | None, str]:
        """The name kept that this one is another spelling of, and why."""
        same = self._by_key.get((spelt.key, spelt.digits))
        if same is not None:
            return same, _format_in_words(spelt.name, same.name)
        for number in (self._by_plural.get(spelt.key), *self._singulars(spelt)):
            if number is not None and number.digits == spelt.digits:
                return number, "singular and plural"
        for near in self._near(spelt):
            slip = _slip_in_words(spelt.key, near.key)
            if slip:
                return near, slip
        return None, ""

    def _singulars(self, spelt: _Spelt) -> Iterator[_Spelt | None]:
        return (self._by_key.get((plural, spelt.digits)) for plural in _plurals(spelt.key))

    def _near(self, spelt: _Spelt) -> Iterator[_Spelt]:
        for less in _less_one(spelt.key):
            yield from self._by_less.get((less, spelt.marks), ())


def _key(name: str) -> str:
    text = _without_accents(unicodedata.normalize("NFKC", name)).casefold()
    return "".join(letter for letter in text if not _separates(letter))


def _separates(letter: str) -> bool:
    return letter.isspace() or letter in _SEPARATING or unicodedata.category(letter) in ("Pd", "Cf")


def _without_accents(text: str) -> str:
    """Drop accents of Latin letters; in other scripts such a mark makes another letter."""
    kept, base = [], ""
    for letter in unicodedata.normalize("NFD", text):
        if not unicodedata.combining(letter):
            base = letter
        elif unicodedata.name(base or " ", "").startswith("LATIN"):
            continue
        kept.append(letter)
    return unicodedata.normalize("NFC", "".join(kept))


def _plurals(key: str) -> tuple[str, ...]:
    """What an English plural of a name may be."""
    if len(key) < _SHORTEST_PLURAL or not key[-1].isalpha() or not key.isascii():
        return ()
    if key.endswith("y"):
        return (f"{key}s", f"{key[:-1]}ies")
    if key.endswith(("s", "x", "z", "ch", "sh", "o")):
        return (f"{key}s", f"{key}es") if key.endswith("o") else (f"{key}es",)
    return (f"{key}s",)


def _less_one(key: str) -> list[str]:
    """A key and all that come of it by leaving one letter out; two keys that are one slip
    apart share one of these."""
    if len(key) < _SHORTEST_SLIP:
        return []
    return list(dict.fromkeys([key, *(key[:i] + key[i + 1 :] for i in range(len(key)))]))


def _slip_in_words(key: str, kept: str) -> str:
    """How a key is one slip of the finger away from another; empty if it is not."""
    start = 0
    while start < min(len(key), len(kept)) and key[start] == kept[start]:
        start += 1
    end = 0
    while end < min(len(key), len(kept)) - start and key[-1 - end] == kept[-1 - end]:
        end += 1
    mine, theirs = key[start : len(key) - end], kept[start : len(kept) - end]
    if "a" in (mine, theirs) and not start and "" in (mine, theirs):
        return ""  # "typical" and "atypical"
    if (len(mine), len(theirs)) == (1, 1):
        return "one letter differs"
    if (len(mine), len(theirs)) == (1, 0):
        return "one letter more"
    if (len(mine), len(theirs)) == (0, 1):
        return "one letter less"
    return "two letters swapped" if len(mine) == 2 and mine == theirs[::-1] else ""


def _format_in_words(name: str, kept: str) -> str:
    """Which of the things that do not count tell two names apart."""
    steps: dict[str, Callable[[str], str]] = {
        "capitals": str.casefold,
        "accents": _without_accents,
        "spaces": lambda text: "".join(text.split()),
        "punctuation": lambda text: "".join(c for c in text if c.isspace() or not _separates(c)),
    }
    names = [unicodedata.normalize("NFKC", text) for text in (name, kept)]
    differing = []
    for left_out in steps:
        rest = list(names)
        for step, apply in steps.items():
            if step != left_out:
                rest = [apply(text) for text in rest]
        if rest[0] != rest[1]:
            differing.append(left_out)
    if not differing:
        return "the same letters, written differently"
    return " and ".join([", ".join(differing[:-1]), differing[-1]] if differing[1:] else differing)
