"""Are there images of another dataset among those of a split?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from models.audit.finding import Finding, Remedy, Severity
from models.audit.looks import Looks, looks
from models.audit.material import AuditMaterial
from models.types import Event, LabelVector, Mask, Progress, SampleIds, Unable

_CHECK = "foreign"
_LOOKED_AT, _QUICKLY_LOOKED_AT = 5_000, 1_000  # images of a split
_FEWEST = 100
_AT_A_TIME = 500
_NEIGHBOURS = 10
_OWN_SHARE = 1 / 3  # of an image's neighbours that are of its own split by chance, at most
_EXPECTED_SHARE = 0.4  # the same among images of its class; above, a split is rich in that class
_CORE = 4  # images all of whose neighbours are of their own split: by chance one in 60,000
_SHARE, _MOST = 0.01, 0.5  # of a split; more than that is another kind of split, not strays


def check_foreign(material: AuditMaterial, _: Sequence[Finding] = ()) -> Iterator[Finding | Event]:
    """Groups of images whose like is in no other split.

    By what is measured of images (`looks`), an image has its nearest neighbours in all splits
    alike; one that came with a group from elsewhere has them among that group, hence in its own
    split. Strays that are alone, or in all splits alike, are usual to this check.
    """
    if len(material.splits) < 2:
        yield Unable(_CHECK, "With one split only, images of another dataset cannot be told.")
        return
    at_most = _QUICKLY_LOOKED_AT if material.quick else _LOOKED_AT
    drawn = [material.ids_of(code, at_most) for code in range(len(material.splits))]
    ids = np.concatenate(drawn)
    found = []
    for start in range(0, len(ids), _AT_A_TIME):
        yield Progress(start, len(ids), "looking for images of another dataset")
        found.append(looks(material.stack(ids[start : start + _AT_A_TIME])))
    like = np.concatenate(found)
    like = (like - like.mean(axis=0)) / np.maximum(like.std(axis=0), 1)
    codes = material.split_codes[ids]
    for code, split in enumerate(material.splits):
        if min((codes == code).sum(), (codes != code).sum()) < _FEWEST:
            why = f"There are too few images to find strays in {split}."
            yield Unable(_CHECK, why, (f"foreign_images:{split}",))
            continue
        own, others = _compared(codes == code)
        here = np.flatnonzero(codes == code)
        here = here[_met_elsewhere(material.labels[ids], own, others)[here]]
        shares = _own_neighbours(like, here, own, others)
        core, strays = shares == 1, shares >= 1 - 1 / _NEIGHBOURS
        n = len(drawn[code])
        if core.sum() >= _CORE and strays.sum() <= _MOST * n:
            yield _found(split, ids[here[np.argsort(-shares, kind="stable")[: strays.sum()]]], n)


def _compared(own: Mask) -> tuple[SampleIds, SampleIds]:
    """Rows of a split and of all others, half as many of the one as of the others at most."""
    rng = np.random.default_rng(0)
    inside, outside = (rng.permutation(np.flatnonzero(which)) for which in (own, ~own))
    n = int(len(outside) * _OWN_SHARE / (1 - _OWN_SHARE))
    return inside[:n], outside


def _met_elsewhere(labels: LabelVector, own: SampleIds, others: SampleIds) -> Mask:
    """(m,) of a class that the split is not far richer in than the others are."""
    k = max(int(labels.max()), 0) + 2  # code + 1, for -1 stands for no label
    inside, outside = (np.bincount(labels[rows] + 1, minlength=k) for rows in (own, others))
    met: Mask = (inside <= _EXPECTED_SHARE * (inside + outside))[labels + 1]
    return met


def _own_neighbours(
    like: Looks, rows: SampleIds, own: SampleIds, others: SampleIds
) -> NDArray[np.float64]:
    """(len(rows),) the share of each one's nearest neighbours that is of its own split."""
    known = np.concatenate([own, others])
    reference, squared = like[known], (like[known] ** 2).sum(axis=1)
    shares = []
    for start in range(0, len(rows), _AT_A_TIME):
        asked = rows[start : start + _AT_A_TIME]
        distance = squared - 2 * like[asked] @ reference.T
        distance[asked[:, None] == known] = np.inf
        nearest = np.argpartition(distance, _NEIGHBOURS, axis=1)[:, :_NEIGHBOURS]
        shares.append((nearest < len(own)).mean(axis=1))
    return np.concatenate(shares) if shares else np.empty(0)


def _found(split: str, strays: SampleIds, n: int) -> Finding:
    share = len(strays) / n
    return Finding(
        _CHECK,
        "foreign_images",
        Severity.WARNING if share >= _SHARE else Severity.NOTE,
        0.9,
        f"{len(strays):,} of {n:,} images of {split} ({share:.1%}) look like each other and like "
        "none of the other splits: they may come from another dataset.",
        "Screenshots, logos and placeholders were downloaded along with the photos.",
        Remedy(
            "Look at them, and leave out what does not belong here.",
            "exclude",
            {"samples": strays.tolist()},
        ),
        (split,),
        effect=share,
        samples=strays,
    )
