"""Classes whose label is rare in a split though images of them are not: shuffled or absorbed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from models.audit.crossing import Said, Taught
from models.scoring.class_damage import CLASS_ABSORBED, CLASS_SHUFFLED, ClassDamage

_LEAST_LIFT = 1e-6  # of what a class gets from its own images, beyond what it gets from others
_FEWEST = 3  # images of a class in the other splits, to know what they get
_THERE = 0.5  # of the images that labels lack, to be there by their looks
# Standard errors. Measured up to 2.4 where images of a class were left out, 3.3 to 18.9 where their
# labels were changed, on digits, Fashion-MNIST and CIFAR-10, 1,000 images a split.
_Z = 3.5
_Z95 = 1.959964
_TO_ONE = 0.5  # of the images that labels lack, that carry the label of one other class


def hidden_classes(taught: Taught, n: int, class_names: Sequence[str]) -> Iterator[ClassDamage]:
    """Tell a class that is rare in a split from one that only its labels make rare.

    What a classifier gives each class on average, of images of each label, is known from images of
    the other splits that were left out. If the labels here are right, it is the mean of these by
    the labels' shares here; what it gives a class beyond that are images of it under other labels.
    No single image has to be recognised, so a weak classifier tells as well, only less exactly.
    Shares of classes are estimated from mean predictions by Saerens, Latinne and Decaestecker
    (2002), "Adjusting the outputs of a classifier to new a priori probabilities", Neural
    Computation 14, and by Lipton, Wang and Smola (2018), "Detecting and correcting for label
    shift with black box predictors", ICML: there the labels of the split are what is not known.
    """
    if not (taught.tells and taught.looks_alike):
        return
    here = _Beside(taught.said, taught.others, len(class_names))
    for a in taught.rare.tolist():
        hidden, error = here.hidden(a)
        if hidden < max(_Z * error, _THERE * (here.expected[a] - here.carries[a])):
            continue
        takers = here.takers(a)
        b = int(takers.argmax())
        absorbed = takers[b] >= _TO_ONE * hidden
        if absorbed or here.carries[a]:
            kind, classes = (CLASS_ABSORBED, (a, b)) if absorbed else (CLASS_SHUFFLED, (a,))
            there = here.carries[a] + hidden + np.array([-_Z95, _Z95]) * error
            shares = np.clip([here.carries[a], *there], 0, here.n) / here.n
            said = _sentence(shares, [class_names[c] for c in classes])
            yield ClassDamage(kind, classes, said, 0, n, {"share": hidden / here.n})


class _Beside:
    """What a classifier gives the images of a split, beside what it gives those of the others."""

    def __init__(self, said: Said, others: Said, k: int) -> None:
        known = np.bincount(others.labels, minlength=k)
        self._said = said.only(known[said.labels] >= _FEWEST)
        self._known = np.maximum(known, 1)
        self.n = len(self._said.labels)
        self.carries = np.bincount(self._said.labels, minlength=k)
        self.expected = known / known.sum() * self.n
        one_of = np.eye(k)[others.labels]
        scores = others.scores.astype(np.float64)
        self._given = one_of.T @ scores / self._known[:, np.newaxis]  # (k of labels, k)
        squares = one_of.T @ scores**2 / self._known[:, np.newaxis]
        self._variance = np.maximum(squares - self._given**2, 0)  # rounding may go below
        own = self._given.diagonal()
        others_get = (self._given.sum(axis=0) - own) / max(k - 1, 1)
        self._lift = np.maximum(own - others_get, _LEAST_LIFT)

    def hidden(self, a: int) -> tuple[float, float]:
        """How many images of class a carry another label, and the standard error of that."""
        shares = self.carries / self.n
        beyond = self._said.scores[:, a].mean() - shares @ self._given[:, a]
        variances = shares * (1 / self.n + shares / self._known) @ self._variance[:, a]
        scale = self.n / self._lift[a]
        return float(beyond * scale), float(np.sqrt(variances) * scale)

    def takers(self, a: int) -> NDArray[np.float64]:
        """(k,) how many images of class a carry which label."""
        sums = np.bincount(self._said.labels, self._said.scores[:, a], len(self.carries))
        found: NDArray[np.float64] = (sums - self.carries * self._given[:, a]) / self._lift[a]
        found[a] = 0
        return found


def _sentence(shares: NDArray[np.float64], names: Sequence[str]) -> str:
    """About the class, and the one that absorbed it, if one did."""
    labelled, least, most = shares.tolist()
    counted = (
        f"{labelled:.1%} of the images are labelled {names[0]}, while by how they look "
        f"{least:.1%} to {most:.1%} are of that class"
    )
    if len(names) > 1:
        return (
            f"{names[0]} seems absorbed by {names[1]}: {counted}; most of those that lack the "
            f"label are labelled {names[1]}."
        )
    return (
        f"The labels of {names[0]} seem shuffled: {counted}; those that lack the label carry all "
        "sorts of others."
    )
