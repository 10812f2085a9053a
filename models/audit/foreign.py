"""Are there images of another dataset among those of a split?"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.audit.finding import Finding, Remedy, Severity
from models.audit.looks import Looks, looks
from models.audit.material import AuditMaterial
from models.audit.wording import listed
from models.review.copies import NO_COPY
from models.types import Event, LabelVector, Mask, Progress, SampleIds, Unable

_CHECK = "foreign"
_LOOKED_AT, _QUICKLY_LOOKED_AT = 5_000, 1_000  # images of a split, before any is found
_FEWEST = 100
_AT_A_TIME = 500
_NEIGHBOURS = 10
_OWN_SHARE = 1 / 3  # of an image's neighbours that are of its own split by chance, at most
_EXPECTED_SHARE = 0.4  # the same among images of its class; above, a split is rich in that class
_STRAY = 1 - 1 / _NEIGHBOURS  # of its neighbours at least, once others are found
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
    scale = _Scale.of(np.concatenate(found))
    like = scale.scaled(np.concatenate(found))
    codes = material.split_codes[ids]
    group = material.copy_group
    pictures = np.where(group == NO_COPY, np.arange(material.n), group)
    sampled = []
    for code, split in enumerate(material.splits):
        if min(len(np.unique(pictures[ids[x]])) for x in (codes == code, codes != code)) < _FEWEST:
            why = f"There are too few different images to find strays in {split}."
            yield Unable(_CHECK, why, (f"foreign_images:{split}",))
            continue
        reference = _Reference.of(codes == code, like, material.labels, ids, pictures)
        asked, every = drawn[code], material.ids_of(code)
        shares = reference.own_shares(like[codes == code], asked)
        n_strays = np.count_nonzero(shares >= _STRAY)
        is_found = np.count_nonzero(shares == 1) >= _CORE and n_strays <= _MOST * len(asked)
        if is_found and not material.quick:
            rest = np.setdiff1d(every, asked)
            more = yield from _asked_too(material, rest, scale, reference)
            asked, shares = np.concatenate([asked, rest]), np.concatenate([shares, more])
        if len(asked) < len(every):
            sampled.append(f"{len(asked):,} of the {len(every):,} images of {split}")
        if is_found:
            order = np.argsort(-shares, kind="stable")
            strays = asked[order[: np.count_nonzero(shares >= _STRAY)]]
            yield _found(split, strays, len(asked), of_all=len(asked) == len(every))
    if sampled:
        quick = " (quick)" if material.quick else ""
        among = f"{listed(sampled)}, chosen at random{quick}"
        yield Unable(
            _CHECK, f"Images of another dataset were looked for among {among}.", partly=True
        )


def _asked_too(
    material: AuditMaterial, ids: SampleIds, scale: _Scale, reference: _Reference
) -> Generator[Event, None, NDArray[np.float64]]:
    """The own shares of images that were not drawn, of a split that has strays."""
    shares = [np.empty(0)]
    for start in range(0, len(ids), _AT_A_TIME):
        yield Progress(start, len(ids), "looking which images are of another dataset")
        some = ids[start : start + _AT_A_TIME]
        like = scale.scaled(looks(material.stack(some)))
        shares.append(reference.own_shares(like, some))
    return np.concatenate(shares)


@dataclass(frozen=True)
class _Scale:
    """What each number counts for beside the others."""

    mean: NDArray[np.float32]
    unit: NDArray[np.float32]

    @classmethod
    def of(cls, found: Looks) -> _Scale:
        return cls(found.mean(axis=0), np.maximum(found.std(axis=0), 1))

    def scaled(self, found: Looks) -> Looks:
        scaled: Looks = (found - self.mean) / self.unit
        return scaled


@dataclass(frozen=True)
class _Reference:
    """Images of a split and of all others, half as many of the one as of the others at most."""

    like: Looks  # (m, f) scaled, those of the split first
    ids: SampleIds  # (m,)
    n_own: int
    labels: LabelVector  # (n,) of all images there are
    pictures: SampleIds  # (n,) the same of exact copies: none is a neighbour of another
    met: Mask  # (k + 1,) by label + 1: a class that the split is not far richer in than the others

    @classmethod
    def of(
        cls,
        is_own: Mask,
        like: Looks,
        labels: LabelVector,
        ids: SampleIds,
        pictures: SampleIds,
    ) -> _Reference:
        """Of images with these sample ids, some of which are of the split, each picture once."""
        rng = np.random.default_rng(0)
        inside, outside = (
            rng.permutation(np.flatnonzero(x)[np.unique(pictures[ids[x]], return_index=True)[1]])
            for x in (is_own, ~is_own)
        )
        own = inside[: int(len(outside) * _OWN_SHARE / (1 - _OWN_SHARE))]
        k = max(int(labels.max()), 0) + 2  # code + 1, for -1 stands for no label
        n_own, n_other = (np.bincount(labels[ids[x]] + 1, minlength=k) for x in (own, outside))
        rows, met = np.concatenate([own, outside]), n_own <= _EXPECTED_SHARE * (n_own + n_other)
        return cls(like[rows], ids[rows], len(own), labels, pictures, met)

    def own_shares(self, like: Looks, ids: SampleIds) -> NDArray[np.float64]:
        """(len(ids),) the share of each image's nearest neighbours that is of the split; 0 for
        classes in which the split is rich, where that says nothing."""
        squared = (self.like**2).sum(axis=1)
        shares = [np.empty(0)]
        for start in range(0, len(ids), _AT_A_TIME):
            some = slice(start, start + _AT_A_TIME)
            distance = squared - 2 * like[some] @ self.like.T
            distance[self.pictures[ids[some], None] == self.pictures[self.ids]] = np.inf
            nearest = np.argpartition(distance, _NEIGHBOURS, axis=1)[:, :_NEIGHBOURS]
            shares.append((nearest < self.n_own).mean(axis=1))
        return np.where(self.met[self.labels[ids] + 1], np.concatenate(shares), 0.0)


def _found(split: str, strays: SampleIds, n: int, *, of_all: bool) -> Finding:
    share = len(strays) / n
    among = f"{n:,} images of {split}" if of_all else f"{n:,} images of {split} that were looked at"
    return Finding(
        _CHECK,
        "foreign_images",
        Severity.WARNING if share >= _SHARE else Severity.NOTE,
        0.9,
        f"{len(strays):,} of {among} ({share:.1%}) look like each other and like "
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
