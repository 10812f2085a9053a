"""Finds out which arrays are images and labels, and what the splits and their pieces are.

Images are, by the first rule that finds any:
 1. the arrays a person named;
 2. arrays called images that have the shape of images; then, whose rows may be unrolled images;
 3. arrays whose name says nothing, with the shape of images; then with such rows.
Several of them are splits, by the first rule that fits each:
 1. a name that speaks of a split ("x_train"); numbered ones are its pieces ("train_3");
 2. numbers alone ("data_batch_1"): pieces of train where there are other splits;
 3. a name of its own ("set_1"), if labels of the same name lie beside it.
An export of ours whose names would be read otherwise lists its splits, and is believed.
Whose labels are whose is found out by label_choice.py. What no rule settles a person decides.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from models.data.readers.meaning.array_names import (
    IMAGES,
    LABELS,
    SPLIT_WORDS,
    TEST,
    TRAIN,
    VAL,
    Meaning,
    meaning,
    words_of,
)
from models.data.readers.meaning.array_shapes import holds_flat_images, holds_images, views
from models.data.readers.meaning.label_choice import labels_of_split
from models.data.readers.meaning.named_arrays import HOW, NamedArrays, described, is_column, listing
from models.data.readers.source import StoredArray
from models.errors import DatasetError

__all__ = ["SPLIT_LIST", "SPLIT_WORDS", "Part", "find_parts"]

SPLIT_LIST = "winnow_splits"  # texts (k, 3): a split, its images, its labels or ""
_MOST_SPLITS, _MOST_LISTED = 50, 250
_ORDER = (TRAIN, VAL, TEST)


@dataclass(frozen=True)
class Part:
    """The arrays of one split, or of one piece of it; parts of a split follow one another.

    Without a label array the samples are unlabelled.
    """

    split: str
    images: StoredArray
    labels: StoredArray | None


@dataclass(frozen=True)
class _Candidate:
    array: StoredArray
    says: Meaning


def find_parts(found: NamedArrays) -> list[Part]:
    """Pair image arrays with label arrays, split by split.

    Raises
    ------
    Undecided
        If there is more than one way to read them.
    DatasetError
        If there is no image array, or counts disagree.
    """
    parts = _listed(found)
    if parts:
        return parts
    splits = _splits(_image_arrays(found), found)
    for split, pieces in splits.items():
        alone = len(splits) == 1
        labels = labels_of_split([p.array for p in pieces], pieces[0].says.split, alone, found)
        parts += [
            Part(split, piece.array, column) for piece, column in zip(pieces, labels, strict=True)
        ]
    if found.request.labels and not any(part.labels for part in parts):
        chosen = found.called(found.request.labels)[0]
        raise DatasetError(
            f"array {described(chosen)} does not give one label to each of the images in "
            + listing([part.images for part in parts]),
            found.where,
            "Name another array with --labels KEY.",
        )
    return parts


def _listed(found: NamedArrays) -> list[Part]:
    """The parts that a list names, none where there is no list or it is not about these arrays."""
    known = {array.name: array for array in found.arrays}
    table = known.get(SPLIT_LIST)
    if table is None or table.dtype.kind != "U" or table.shape[1:] != (3,):
        return []
    if found.request.images or found.request.labels or table.shape[0] > _MOST_LISTED:
        return []
    for _ in table.preparing():
        pass
    parts = []
    for split, images, labels in table.rows(0, table.shape[0]).tolist():
        part = Part(split, known.get(images, table), known.get(labels) if labels else None)
        if part.images.dtype.kind not in "buif" or (labels and not _fits(part)):
            return []
        parts.append(part)
    return parts if len({part.split for part in parts}) == len(parts) else []


def _fits(part: Part) -> bool:
    """Whether there is a label for each image."""
    labels, n = part.labels, part.images.shape[0]
    return labels is not None and is_column(labels) and labels.shape[0] == n


def _image_arrays(found: NamedArrays) -> list[_Candidate]:
    if found.request.images:
        chosen = found.called(found.request.images)
        unfit = [a for a in chosen if a.dtype.kind not in "buif" or not _may_be_images(a, found)]
        if unfit:
            raise found.undecided(f"array {described(unfit[0])} does not hold images")
        return [_Candidate(array, meaning(array.name)) for array in chosen]
    numbers = [_Candidate(a, meaning(a.name)) for a in found.arrays if a.dtype.kind in "buif"]
    for role in (IMAGES, ""):
        of_role = [candidate for candidate in numbers if candidate.says.role == role]
        for fits in (holds_images, holds_flat_images):
            fitting = [c for c in of_role if fits(c.array.shape)]
            if fitting:
                return fitting
        if found.request.shape and role == IMAGES and of_role:
            return [c for c in of_role if views(c.array.shape, found.request)] or of_role
    flat = [c.array for c in numbers if c.says.role == IMAGES and len(c.array.shape) == 2]
    if flat and flat[0].shape[0]:
        raise found.undecided(
            f"array {described(flat[0])} holds rows of {flat[0].shape[1]:,} numbers, and their "
            "number does not tell the size of an image",
            "If they are images, say their size with --shape HEIGHTxWIDTH or "
            "HEIGHTxWIDTHxCHANNELS; other arrays can be named with --images KEY --labels KEY.",
        )
    raise _no_images(found)


def _may_be_images(array: StoredArray, found: NamedArrays) -> bool:
    """An array that a person named: also rows of pixels whose size is still to be said."""
    return len(array.shape) == 2 or bool(views(array.shape, found.request))


def _splits(candidates: Sequence[_Candidate], found: NamedArrays) -> dict[str, list[_Candidate]]:
    """The image arrays of each split, its pieces in the order of their numbers."""
    if len(candidates) == 1:
        return {candidates[0].says.split or "all": list(candidates)}
    splits = _settled_splits(candidates, found)
    if splits is not None:
        return dict(sorted(splits.items(), key=lambda item: _place(item[0])))
    exact = [c for c in candidates if words_of(c.array.name) == ["images"]]
    if len(exact) == 1:
        return {"all": exact}
    arrays = [candidate.array for candidate in candidates]
    raise found.undecided(f"could be read in several ways: {listing(arrays)}", HOW)


def _settled_splits(
    candidates: Sequence[_Candidate], found: NamedArrays
) -> dict[str, list[_Candidate]] | None:
    """The splits that the rules lead to, None if they do not settle it."""
    splits: dict[str, list[_Candidate]] = {}
    for candidate in candidates:
        name = _split_name(candidate, candidates, found)
        if name is None:
            return None
        splits.setdefault(name, []).append(candidate)
    if "" in splits:
        name = TRAIN if len(splits) > 1 and TRAIN not in splits else "all"
        splits = {key or name: pieces for key, pieces in splits.items()}
    for pieces in splits.values():
        pieces.sort(key=lambda piece: piece.says.numbers)
        numbers = {piece.says.numbers for piece in pieces}
        if len({piece.says.rest for piece in pieces}) > 1 or len(numbers) < len(pieces):
            return None
    return splits if len(splits) <= _MOST_SPLITS else None


def _split_name(
    candidate: _Candidate, candidates: Sequence[_Candidate], found: NamedArrays
) -> str | None:
    """The split of one image array among several; "" for mere pieces, None if it has none."""
    says = candidate.says
    if says.split:
        words = {c.says.split_word for c in candidates if c.says.split == says.split}
        return says.split if len(words) == 1 else says.split_word  # "val" beside "valid"
    if says.is_piece:
        return "" if says.numbers else None
    labels = [meaning(array.name) for array in found.arrays]
    has_own_labels = any(m.role == LABELS and m.piece == says.piece for m in labels)
    return says.whole if has_own_labels else None


def _place(split: str) -> int:
    """Train, validation, test; others stay in the order they were given in."""
    return _ORDER.index(split) if split in _ORDER else len(_ORDER)


def _no_images(found: NamedArrays) -> DatasetError:
    arrays, unusable, where = found.arrays, found.unusable, found.where
    if unusable:
        broken = next((u for u in unusable if meaning(u.name).role == IMAGES), unusable[0])
        return found.broken(broken)
    if not arrays:
        return DatasetError("holds no arrays", where, "Open a file with images in it.")
    turned = _turned(found)
    if turned:
        return turned
    refusal = (
        f"holds no image array, only {listing(arrays)}",
        "Images are arrays of shape (n, h, w), (n, h, w, c) or (n, c, h, w) with 1, 3 or 4 "
        "channels, or rows of pixels with --shape HEIGHTxWIDTH.",
    )
    if any(len(array.shape) > 1 and array.dtype.kind in "buif" for array in arrays):
        return found.undecided(*refusal)
    return DatasetError(refusal[0], where, refusal[1])


def _turned(found: NamedArrays) -> DatasetError | None:
    """What to say of arrays whose images lie along another axis than the first."""
    columns = [a for a in found.arrays if len(a.shape) == 1]
    firsts = {array.shape[0] for array in columns}
    turned = [
        (array, axis)
        for array in found.arrays
        for axis, n in enumerate(array.shape[1:], 1)
        if len(array.shape) in (3, 4) and n in firsts and array.shape[0] not in firsts
    ]
    if not turned:
        return None
    array, axis = turned[0]
    n = array.shape[axis]
    counting = max(
        (column for column in columns if column.shape[0] == n),
        key=lambda c: (meaning(c.name).piece == meaning(array.name).piece, _is_labels(c)),
    )
    others = f" (and {len(turned) - 1} more like it)" if len(turned) > 1 else ""
    said = (
        f"array {described(array)}{others} does not have its images along the first axis: "
        f"“{counting.name}” has {n:,} entries, which is axis {axis} of it"
    )
    if array.shape[0] in (3, 4):
        said += f", and the {array.shape[0]} entries of its first axis look like planes of colour"
    return DatasetError(
        said,
        found.where,
        "Save its images, decoded if they are coded, as (n, h, w, c) and open that; "
        f"numpy.moveaxis(array, {axis}, 0) puts the images first.",
    )


def _is_labels(array: StoredArray) -> bool:
    return meaning(array.name).role == LABELS
