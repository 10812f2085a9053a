"""A blind session: which images a person labels unseen, and what they answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from models.review.intervals import wilson
from models.types import LabelVector, SampleIds

SIZES = (100, 200, 400)
LEAST = 10  # images of a session: fewer say nothing
CANNOT_TELL = -2  # an answer: none of the classes, or the image does not show which
_EACH_CLASS = 2  # images of each class, while these are no more than half of the session
_REPEATED = 1 / 20
_USUAL_ACCURACY = 0.95
_DIE = 1 << 16  # sides of the die that says which images of a large class are looked at

_LISTS = ("shown", "weights", "answers", "seconds", "added")

Counts = NDArray[np.int64]  # (k,) images by class
Shares = NDArray[np.float64]


@dataclass
class BlindSession:
    """Images in the order they are shown, some of them twice, and the answers so far.

    It is kept as it is here in the project, after each answer.
    """

    began: str  # ISO 8601, UTC
    shown: list[int]  # sample ids; the second showing of a repeat is among the last third
    weights: list[float]  # of each showing: how many images of the dataset it stands for
    reviewer: int = 0
    answers: list[int] = field(default_factory=list)  # class codes or CANNOT_TELL
    seconds: list[float] = field(default_factory=list)  # that each answer took
    ended: bool = False
    added: list[str] = field(default_factory=list)  # name of each answer that is an added class

    @property
    def place(self) -> int:
        """The position of the image to be answered next."""
        return len(self.answers)

    @property
    def n_images(self) -> int:
        return len(set(self.shown))

    def answer(self, code: int, seconds: float, added_class: str = "") -> None:
        """Take the answer for the image at `place`; by name too where it is an added class, since
        its code is another's once it was taken back."""
        if added_class:
            self.added += [""] * (self.place - len(self.added)) + [added_class]
        self.answers.append(code)
        self.seconds.append(round(seconds, 2))
        self.ended = self.place == len(self.shown)

    def back(self) -> None:
        """Take the last answer back."""
        self.answers.pop()
        self.seconds.pop()
        del self.added[self.place :]

    def said(self, classes: Sequence[str]) -> LabelVector:
        """The answers so far, (place,). A class that was taken back since is none any more."""
        names = [*self.added, *[""] * self.place]
        found = [
            code if code < len(classes) and name in ("", classes[code]) else _code_of(name, classes)
            for code, name in zip(self.answers, names, strict=False)
        ]
        return np.array(found, np.int32)

    def trusted(self) -> SampleIds:
        """Images that are never trained on: all of a session that goes on, else the answered."""
        return np.unique(self.shown[: self.place] if self.ended else self.shown).astype(np.int64)

    def to_message(self) -> dict[str, Any]:
        copied = {name: list(getattr(self, name)) for name in _LISTS}
        if not self.added:  # as it was kept before classes were named here
            del copied["added"]
        return {"began": self.began, "reviewer": self.reviewer, "ended": self.ended, **copied}

    @classmethod
    def from_message(cls, message: Mapping[str, Any]) -> Self:
        return cls(**message)

    def renumbered(self, ids: SampleIds) -> BlindSession:
        """The same session where image i is now ids[i], -1 if it is gone and left out."""
        now = ids[self.shown].tolist()
        kept = [place for place, id_ in enumerate(now) if id_ >= 0]
        answered = [place for place in kept if place < self.place]
        return BlindSession(
            began=self.began,
            shown=[now[place] for place in kept],
            weights=[self.weights[place] for place in kept],
            reviewer=self.reviewer,
            answers=[self.answers[place] for place in answered],
            seconds=[self.seconds[place] for place in answered],
            ended=self.ended or len(answered) == len(kept),
            added=[self.added[place] for place in answered if place < len(self.added)],
        )


def _code_of(name: str, classes: Sequence[str]) -> int:
    return classes.index(name) if name and name in classes else CANNOT_TELL


def sizes(n_images: int, n_taken: int = 0) -> list[int]:
    """The sizes of session to offer; none where there are too few images.

    Blind images are never trained on, so all sessions together take half of the images at most:
    `n_taken` of `n_images` were taken before.
    """
    most = n_images // 2 - n_taken
    fitting = [size for size in SIZES if size <= most]
    return fitting or ([most] if most >= LEAST else [])


def n_showings(n: int) -> int:
    """How many images a session of `n` shows, the repeated ones twice."""
    return n + max(1, round(n * _REPEATED))


def expected_interval(n: int, counts: Counts) -> tuple[float, float]:
    """The interval of the accuracy that a session of `n` will give to somebody who is right on
    19 of 20 images. `counts` are the images by class."""
    drawn, there = _allocated(n, counts), counts.astype(np.float64)
    some = there > 0
    effective = there.sum() ** 2 / (there[some] ** 2 / drawn[some]).sum()
    return wilson(_USUAL_ACCURACY * effective, effective)


def draw(
    given: LabelVector, eligible: SampleIds, n: int, seed: int, began: str, reviewer: int = 0
) -> BlindSession:
    """Draw `n` images at random, stratified by given label, and some of them once more.

    Parameters
    ----------
    given : int32 (n_samples,)
        Labels as given, in [0, k) where eligible.
    eligible : int64 (m,)
        The images that may be drawn, ascending.
    n : int
        In [1, m]; about one image in twenty is shown a second time.
    seed : int
        The same seed draws the same images in the same order.

    Returns
    -------
    BlindSession
        An image of class k is drawn with probability a_k / n_k: its weight is n_k / a_k.

    Notes
    -----
    a_k is in proportion to the class but for two images that each class has beforehand. A
    systematic sample over the classes gives class k a whole number next to a_k, whatever the
    number of classes. A million images cost one pass: only a few times a_k of each class are
    looked at more closely.

    References
    ----------
    Madow (1949), "On the theory of systematic sampling, II", Annals of Mathematical Statistics 20.
    """
    if not 1 <= n <= len(eligible):
        raise ValueError(f"{n} of {len(eligible)} images cannot be drawn")
    rng = np.random.default_rng(seed)
    labels = given[eligible]
    counts = np.bincount(labels).astype(np.int64)
    wanted = _allocated(n, counts)
    points = rng.random() + np.arange(n)
    classes = np.searchsorted(np.cumsum(wanted), points, side="right")
    last = np.flatnonzero(counts)[-1]
    taken = np.bincount(np.minimum(classes, last), minlength=len(counts))
    enough = np.ceil((4 * wanted + 24) / np.maximum(counts, 1) * _DIE).clip(0, _DIE)
    thrown = rng.integers(0, _DIE, len(labels), np.uint16)
    near = np.flatnonzero(thrown < enough.max())  # few, where no class is much rarer than others
    near = rng.permutation(near[thrown[near] < enough[labels[near]]])
    near = near[np.argsort(labels[near], kind="stable")]
    starts = np.searchsorted(labels[near], np.arange(len(counts)))
    rank = np.arange(n) - np.repeat(np.cumsum(taken) - taken, taken)
    drawn = near[np.repeat(starts, taken) + rank]
    weight = counts / np.maximum(wanted, np.finfo(np.float64).tiny)
    order = _with_repeats(rng.permutation(drawn), rng)
    return BlindSession(
        began=began,
        shown=eligible[order].tolist(),
        weights=weight[labels[order]].round(6).tolist(),
        reviewer=reviewer,
    )


def _allocated(n: int, counts: Counts) -> Shares:
    """How many images of each class to expect in the sample, (k,); their sum is n."""
    there = counts.astype(np.float64)
    n_classes = max(1, int(np.count_nonzero(counts)))
    each = min(_EACH_CLASS, n / 2 / n_classes)
    first = np.minimum(each, there)
    rest = there - first
    allocated: Shares = first + (n - first.sum()) * rest / max(rest.sum(), 1e-12)
    return allocated


def _with_repeats(drawn: SampleIds, rng: np.random.Generator) -> SampleIds:
    """Some of the first third once more, among the last third: far from their first showing."""
    n = len(drawn)
    again = rng.choice(drawn[: max(1, n // 3)], min(n_showings(n) - n, max(1, n // 3)), False)
    tail = n - n // 3
    return np.concatenate([drawn[:tail], rng.permutation(np.concatenate([drawn[tail:], again]))])
