"""Which classes of one split are those of another under another name, where that is clear."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Mapping
from difflib import SequenceMatcher

import numpy as np

from models.audit.material import AuditMaterial
from models.types import Mask

_DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_AS_DIGIT = {word: str(digit) for digit, word in enumerate(_DIGITS)}
_ALIKE, _APART = 0.85, 0.1  # ratio of equal letters; how much less the next best may have
_LETTERS = 4  # of a shorter name one letter says too much
_SEEN = 5  # images of a class, for a model's view of it to count
_SEEN_AS = 0.8  # of them, what it takes them for


def same_classes(material: AuditMaterial) -> dict[str, str]:
    """Class name -> the name that the first split has for it.

    Two classes can only be one if no split has both. They are, if their names differ in spelling
    alone, or if a model takes the images of one for the other. Any class it never met it takes for
    something, so that counts only where it explains all the names that a split lacks.
    """
    occurs = _occurrence(material)
    filled = np.flatnonzero(occurs.any(axis=1))
    if len(filled) < 2:
        return {}
    names, first = material.class_names, occurs[filled[0]]
    becomes: dict[int, int] = {}
    by_model: set[int] = set()
    for code in np.flatnonzero(occurs.any(axis=0) & ~first).tolist():
        apart = ~(occurs & occurs[:, [code]]).any(axis=0)
        free = {names[other]: other for other in np.flatnonzero(first & apart).tolist()}
        spelled = spelled_alike(names[code], free)
        target = free[spelled] if spelled else _seen_as(material, code)
        if target in free.values():
            becomes[code] = target
            if not spelled:
                by_model.add(code)
    for row in occurs[filled[1:]]:
        new, lacking = np.flatnonzero(row & ~first).tolist(), np.flatnonzero(first & ~row).tolist()
        if sorted(becomes.get(code, -1) for code in new) != lacking:
            for code in by_model.intersection(new):
                becomes.pop(code, None)
    return {
        names[old]: names[new] for old, new in becomes.items() if _is_alone(old, becomes, occurs)
    }


def spelled_alike(name: str, others: Collection[str]) -> str:
    """The one of other names that is this name in another spelling; empty if none or several."""
    forms = {other: _plain(other) for other in others}
    own = _plain(name)
    same = [
        other
        for other, form in forms.items()
        if form == own or _in_one_word(other) == _in_one_word(name)
    ]
    if same:
        return same[0] if len(same) == 1 else ""
    figures = re.findall(r"\d+", own)
    ratios = sorted(
        (
            (SequenceMatcher(None, own, form).ratio(), other)
            for other, form in forms.items()
            if min(len(own), len(form)) >= _LETTERS and re.findall(r"\d+", form) == figures
        ),
        reverse=True,
    )
    if not ratios or ratios[0][0] < _ALIKE:
        return ""
    return "" if len(ratios) > 1 and ratios[0][0] - ratios[1][0] < _APART else ratios[0][1]


def in_words(becomes: Mapping[str, str], most: int = 3) -> str:
    """“Cat” → “cat”, “Dog” → “dog” and 3 more."""
    told = ", ".join(f"“{old}” → “{new}”" for old, new in list(becomes.items())[:most])
    return told + (f" and {len(becomes) - most:,} more" if len(becomes) > most else "")


def _occurrence(material: AuditMaterial) -> Mask:
    """(splits, classes) whether a split has an image of a class."""
    occurs = np.zeros((len(material.splits), len(material.class_names)), bool)
    here = material.labelled
    occurs[material.split_codes[here], material.labels[here]] = True
    return occurs


def _in_one_word(name: str) -> str:
    """ "T-Shirts", "tshirt"; numbers stay apart."""
    joined = re.sub(r"(?<=[^\W\d_]) (?=[^\W\d_])", "", " ".join(_words(name)))
    return re.sub(r"(?<=[^\Ws]{3})s$", "", joined)


def _words(name: str) -> list[str]:
    """The words of a name without case and accents."""
    bare = unicodedata.normalize("NFKD", name).casefold()
    return re.findall(r"[^\W_]+", "".join(c for c in bare if not unicodedata.combining(c)))


def _plain(name: str) -> str:
    """A name without case, accents, separators, plural and the order of its words."""
    words = _words(name)
    words = [_AS_DIGIT.get(word, word) for word in words]
    words = [word.lstrip("0") or "0" if word.isdecimal() else word for word in words]
    return " ".join(sorted(re.sub(r"(?<=[^\Ws]{3})s$", "", word) for word in words))


def _seen_as(material: AuditMaterial, code: int) -> int:
    """What a model that did not learn the class takes its images for; -1 where that is unclear."""
    seen = material.predictions
    if seen is None:
        return -1
    known = np.isfinite(seen.probabilities[:, 0]) & ~seen.trained
    ids = np.flatnonzero(material.labelled & (material.labels == code) & known)
    if len(ids) < _SEEN:
        return -1
    counts = np.bincount(seen.probabilities[ids].argmax(axis=1))
    best = int(counts.argmax())
    return best if best != code and counts[best] >= _SEEN_AS * len(ids) else -1


def _is_alone(code: int, becomes: Mapping[int, int], occurs: Mask) -> bool:
    """Whether no other class of the same split would become the same one."""
    rivals = Counter(
        other
        for other, target in becomes.items()
        if target == becomes[code] and (occurs[:, other] & occurs[:, code]).any()
    )
    return len(rivals) == 1
