"""Makes new splits for a project: previewed, kept as a decision, taken back."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.data.audits import related_images
from models.data.journal import SPLIT
from models.data.project import Project
from models.data.rematch import stored_hashes
from models.errors import ProjectError
from models.opening import Labelling, project_review
from models.processes.folding import fold, hash_images
from models.review.copies import NO_COPY, copy_groups, joined
from models.review.decisions import Status
from models.review.guard import is_test
from models.review.split_report import SplitReport
from models.review.splits import assigned, in_order_of_use
from models.types import (
    UNLABELLED,
    DatasetInfo,
    Event,
    Events,
    Finished,
    LabelVector,
    Mask,
    OpenRequest,
    SplitAssignment,
)

SHARES = {"train": 0.8, "validation": 0.1, "test": 0.1}
MOST_SPLITS = 250  # codes are bytes


@dataclass(frozen=True)
class SplitWish:
    """What new splits should be like; with the same wish the same images come out the same.

    `shares` are relative to each other, of the images outside of `kept` splits, which stay as
    they are. Empty, they are those of SHARES for what no kept split stands for. Where nothing is
    said of what to keep, it is the splits that came without labels and have no share.
    """

    shares: Mapping[str, float]
    kept: tuple[str, ...] | None = None
    seed: int = 0


@dataclass(frozen=True)
class NewSplit:
    """A split as it would be; `report` is what `winnow split --json` prints of it."""

    wish: SplitWish
    assignment: SplitAssignment
    report: dict[str, Any]


def folds(n_folds: int) -> dict[str, float]:
    """Shares of k folds for cross-validation."""
    return {f"fold{number}": 1.0 for number in range(1, n_folds + 1)}


def usual_wish(info: DatasetInfo, given: LabelVector) -> SplitWish:
    """The splits there are, as large as they are, but those that came without labels, which stay;
    the splits most people have where only one is left."""
    kept = _without_labels(info, given)
    sizes = {name: n for name, n in info.splits.items() if n and name not in kept}
    if len(sizes) < 2:
        return SplitWish(_usual_shares(kept, kept), kept)
    return SplitWish({name: n / sum(sizes.values()) for name, n in sizes.items()}, kept)


def splitting(project_path: Path, wish: SplitWish) -> Events:
    """Divide a project anew and publish it: Progress, at last Finished with the report.

    {"project", "splits": {name: n}, "kept", "seed", "deviation": {"before", "after", "split",
    "class"}, "missing": [{"split", "class"}] up to 1,000 of "n_missing", "groups": {"n", "images",
    "largest", "too_large"},
    "leaks": {"before": {"groups", "images"}, "after": {..}}, "leaking": [ids], "left_out",
    "unlabelled", "unlabelled_into": {split that had none: n}}

    Raises
    ------
    ProjectError
        If the folder is no project or is in use, a split to keep is not there, or nothing is left
        to divide.
    """
    review = yield from project_review(project_path)
    try:
        review.reader.close()  # the children have readers of their own
        new = yield from proposing(review.project, review.info, review.labelling, wish)
        keep_split(review.project, new)
        yield from _published(project_path)
    finally:
        review.close()
    yield Finished({"project": str(project_path), **new.report})


def taking_back(project_path: Path) -> Events:
    """Give a project the splits of its source again: Finished with {"project", "splits"}."""
    with Project(project_path) as project:
        keep_split(project, None)
        yield from _published(project_path)
        splits = project.meta("splits")
    yield Finished({"project": str(project_path), "splits": splits})


def proposing(
    project: Project, info: DatasetInfo, known: Labelling, wish: SplitWish
) -> Generator[Event, None, NewSplit]:
    """What a wish comes to, changing nothing: Progress while images are read for their copies.

    Exact copies stay together, and so does what the last audit found to belong together. Images
    that are excluded or cannot be read are left out of every count, but have a split too, in case
    they come back: that of their copies, else one by chance.
    """
    kept, without = wish.kept, _without_labels(info, known.given)
    if kept is None:
        kept = tuple(name for name in without if not wish.shares.get(name))
    shares = {name: share for name, share in wish.shares.items() if share}
    shares = shares or _usual_shares(kept, without)
    _check(shares, kept, info, str(project.path))
    if not stored_hashes(project, info.n).any(axis=1).all():
        for event in hash_images(project, OpenRequest.from_message(info.request)):
            if not isinstance(event, Finished):
                yield event
    hashes = stored_hashes(project, info.n)
    readable: Mask = hashes.max(axis=1) > 0
    together = joined(copy_groups(hashes, readable), related_images(project.path, info))
    groups = np.where(together == NO_COPY, np.arange(info.n), together).astype(np.int64)
    counted: Mask = readable & (known.status != Status.EXCLUDED)
    names, codes = _divided(info, known, kept, shares, groups, counted, wish.seed)
    assignment = SplitAssignment.of(names, codes)
    about = SplitReport(info, known.labels, known.class_names, groups, counted)
    report = {"seed": wish.seed, **about.of(kept, shares, names, codes)}
    return NewSplit(SplitWish(shares, kept, wish.seed), assignment, report)


def keep_split(project: Project, new: NewSplit | None) -> None:
    """Make a split that of the project, or, with None, those of the source again. The one before
    is kept beside it.

    Whoever opens the project from now on sees it so; who has it open has to open it again.
    """
    with project.journal() as journal:
        kept = new and {
            "assignment": asdict(new.assignment),
            "wish": asdict(new.wish),
            "created": datetime.now(UTC).isoformat(timespec="seconds"),
            "before": {**made, "before": None} if (made := journal.meta(SPLIT)) else None,
        }
        journal.set_meta(SPLIT, kept)


def bring_split_back(project: Project) -> None:
    """Give a project the splits that it had before the last ones were made, or, once they are
    back, those of the source."""
    with project.journal() as journal:
        made = journal.meta(SPLIT)
        journal.set_meta(SPLIT, made and made.get("before"))


def _published(project_path: Path) -> Events:
    for event in fold(project_path):
        if not isinstance(event, Finished):
            yield event


def _without_labels(info: DatasetInfo, given: LabelVector) -> tuple[str, ...]:
    """The splits none of whose images came with a label; none where no other is left to divide."""
    labelled = np.bincount(info.split_codes()[given != UNLABELLED], minlength=len(info.splits))
    sizes = zip(info.splits.items(), labelled.tolist(), strict=True)
    without = tuple(name for (name, n), n_labelled in sizes if n and not n_labelled)
    return without if labelled.any() else ()


def _usual_shares(kept: Sequence[str], without: Sequence[str]) -> dict[str, float]:
    """Shares of the splits most people have, for what no kept split stands for: one without labels
    is none to train on, whatever it is called."""
    there = {
        name
        for name in SHARES
        for one in kept
        if one == name or (_stands_for(one, name) and (name != "train" or one not in without))
    }
    return {name: share for name, share in SHARES.items() if name not in there}


def _check(shares: Mapping[str, float], kept: Sequence[str], info: DatasetInfo, where: str) -> None:
    """All that can be wrong with a wish."""
    unknown = [name for name in kept if name not in info.splits]
    if unknown:
        raise ProjectError(
            f"has no split “{unknown[0]}” to keep", where, f"There are: {', '.join(info.splits)}."
        )
    twice = [name for name in shares if name in kept]
    if twice:
        raise ProjectError(
            f"“{twice[0]}” is to be kept and made anew", where, "Choose one of them."
        )
    if not 2 <= len(shares) + len(kept) <= MOST_SPLITS or not shares:
        raise ProjectError(
            "there must be two splits at least, one of them new",
            where,
            "Give more shares or folds, or keep fewer splits.",
        )
    if sum(info.splits[name] for name in kept) == info.n:
        raise ProjectError("has no image outside of what is kept", where, "Keep fewer splits.")


def _stands_for(split: str, name: str) -> bool:
    """Whether a split of a source is what we call train, validation or test."""
    return is_test(split) if name == "test" else split.lower().startswith(name[:3])


def _divided(
    info: DatasetInfo,
    known: Labelling,
    kept: Sequence[str],
    shares: Mapping[str, float],
    groups: NDArray[np.int64],
    counted: Mask,
    seed: int,
) -> tuple[list[str], NDArray[np.uint8]]:
    """Names of all splits, those to train on first and those to test on last, and the codes."""
    names = in_order_of_use([*shares, *kept])
    before, code_of = list(info.splits), {name: code for code, name in enumerate(names)}
    free = ~np.isin(info.split_codes(), [before.index(name) for name in kept])
    # Without a label is one kind, left out another.
    kinds = np.where(counted, known.labels + 1, len(known.class_names) + 1).astype(np.int64)
    made = assigned(kinds[free], groups[free], list(shares.values()), seed)
    new_codes = np.array([code_of.get(name, 0) for name in before], np.uint8)[info.split_codes()]
    new_codes[free] = np.array([code_of[name] for name in shares], np.uint8)[made]
    return names, new_codes
