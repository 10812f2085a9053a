"""How good a new split is: how even, what it left out, and what it could not keep together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.review.splits import Torn, torn, unevenness
from models.types import UNLABELLED, DatasetInfo, LabelVector, Mask

_LISTED = 1_000  # images and missing classes that are told one by one


@dataclass(frozen=True)
class SplitReport:
    """Compares new splits with those before."""

    info: DatasetInfo  # in the splits before
    labels: LabelVector  # (n,) as they stand
    class_names: tuple[str, ...]
    groups: NDArray[np.int64]  # (n,) as `joined` names them
    counted: Mask  # (n,) part of the dataset, with pixels

    def of(
        self,
        kept: Sequence[str],
        shares: Mapping[str, float],
        names: Sequence[str],
        codes: NDArray[np.uint8],
    ) -> dict[str, Any]:
        before = torn(self.groups, self.info.split_codes(), self.counted)
        after = torn(self.groups, codes, self.counted)
        missing = self._missing(names, codes)
        sizes = np.bincount(codes[self.counted], minlength=len(names)).tolist()
        return {
            "splits": dict(zip(names, sizes, strict=True)),
            "kept": list(kept),
            "deviation": self._deviation(kept, names, codes),
            "missing": [
                {"split": names[split], "class": self.class_names[label]}
                for split, label in missing[:_LISTED].tolist()
            ],
            "n_missing": len(missing),
            "groups": self._groups(shares, kept),
            "leaks": {"before": _counts(before), "after": _counts(after)},
            "leaking": after.sample_ids[:_LISTED].tolist(),
            "left_out": int((~self.counted).sum()),
            "unlabelled": int((self.counted & (self.labels == UNLABELLED)).sum()),
            "unlabelled_into": self._unlabelled_into(names, codes),
        }

    def _deviation(
        self, kept: Sequence[str], names: Sequence[str], codes: NDArray[np.uint8]
    ) -> dict[str, Any] | None:
        """How evenly the images outside of what is kept were divided, and how they were before."""
        labels, before = self.labels, self.info.split_codes()
        staying = [code for code, name in enumerate(self.info.splits) if name in kept]
        divided = self.counted & ~np.isin(before, staying)
        found = unevenness(labels, codes, divided, len(names))
        as_it_was = unevenness(labels, before, divided, len(self.info.splits))
        if found is None or as_it_was is None:
            return None
        return {
            "before": as_it_was.deviation if len(self.info.splits) - len(staying) > 1 else None,
            "after": found.deviation,
            "split": names[found.split],
            "class": self.class_names[found.label],
        }

    def _unlabelled_into(self, names: Sequence[str], codes: NDArray[np.uint8]) -> dict[str, int]:
        """How many images without a label come into splits of these names that had none."""
        unlabelled = self.counted & (self.labels == UNLABELLED)
        before, now = (
            dict(zip(of, np.bincount(at[unlabelled], minlength=len(of)).tolist(), strict=True))
            for of, at in ((tuple(self.info.splits), self.info.split_codes()), (names, codes))
        )
        return {name: n for name, n in now.items() if n and before.get(name) == 0}

    def _missing(self, names: Sequence[str], codes: NDArray[np.uint8]) -> NDArray[np.int64]:
        """Classes that a split has no image of; a class with fewer images than splits has to.
        (m, 2): split and class"""
        labelled = self.counted & (self.labels != UNLABELLED)
        n_classes = len(self.class_names)
        at = codes[labelled].astype(np.int64) * n_classes + self.labels[labelled]
        has = np.bincount(at, minlength=len(names) * n_classes).reshape(len(names), -1) > 0
        return np.argwhere(~has & has.any(axis=0))

    def _groups(self, shares: Mapping[str, float], kept: Sequence[str]) -> dict[str, int]:
        """Groups of several images; too large is one that no small split had room for."""
        sizes = np.bincount(self.groups[self.counted])
        sizes = sizes[sizes > 1]
        n_free = self.info.n - sum(self.info.splits[name] for name in kept)
        room = n_free * min(shares.values()) / sum(shares.values())
        return {
            "n": len(sizes),
            "images": int(sizes.sum()),
            "largest": int(sizes.max(initial=0)),
            "too_large": int((sizes > room).sum()),
        }


def _counts(found: Torn) -> dict[str, int]:
    return {"groups": found.groups, "images": len(found.sample_ids)}
