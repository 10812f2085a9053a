"""Folders of image files: one folder a class, with or without a folder a split above them."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from models.data.fingerprint import fingerprint, folder_entries
from models.data.names import displayed
from models.data.readers import wording
from models.data.readers.detect import SPLIT_WORDS
from models.data.readers.image_file import SUFFIXES, Header, decode, read_header
from models.data.readers.source import Opening, Source, cannot_open
from models.errors import DatasetError
from models.types import UNLABELLED, DatasetInfo, LabelVector, OpenRequest, Pixels, Progress

_CHECK_ALL = 5_000  # folders up to this size have every header checked when opened
_CHECK_SOME = 1_000
_VALUE_RANGE = (0.0, 255.0)  # decoded files are 8-bit


def claims(paths: Sequence[str]) -> bool:
    return len(paths) == 1 and os.path.isdir(paths[0])


def opening(request: OpenRequest) -> Opening:
    root = os.path.realpath(request.paths[0])
    where = displayed(request.paths[0])
    yield Progress(0, 1, "listing the folder")
    try:
        found = _scan(root)
    except OSError as error:
        raise cannot_open(str(error.filename or root), error) from error
    if not found.files:
        raise DatasetError(
            "holds no images",
            where,
            "Open a folder with one folder of images per class; the images are "
            "PNG, JPEG, BMP, WebP, GIF, TIFF or PPM files.",
        )
    checked = yield from _check(root, found.files)
    tree = _understand(found.files)
    yield FolderSource(_info(request, found, checked, tree), root, found.files, tree, checked)


class FolderSource(Source):
    """Samples are image files, sorted by relative path."""

    def __init__(
        self,
        info: DatasetInfo,
        root: str,
        files: Sequence[str],
        tree: _Tree,
        checked: _Checked,
    ) -> None:
        self.info, self.given = info, tree.codes
        self._root, self._files, self._grey = root, files, checked.grey

    def read(self, sample_id: int) -> Pixels:
        return decode(self._full_path(sample_id), self._root, self._grey)

    def thumbnail(self, sample_id: int, size_px: int) -> Pixels:
        return decode(self._full_path(sample_id), self._root, self._grey, size_px)

    def path(self, sample_id: int) -> str:
        return displayed(self._files[sample_id])

    def close(self) -> None:
        """Nothing stays open."""

    def _full_path(self, sample_id: int) -> str:
        return os.path.join(self._root, self._files[sample_id])


@dataclass
class _Found:
    files: list[str] = field(default_factory=list)  # relative, sorted
    others: list[str] = field(default_factory=list)  # files that are no images
    folder_links: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Tree:
    """What the folders mean."""

    splits: dict[str, int]
    class_names: tuple[str, ...]
    codes: LabelVector
    class_level: int  # which step of the path names the class; -1 if none does


@dataclass(frozen=True)
class _Checked:
    """What the headers of all files, or of some, say."""

    n: int
    shapes: frozenset[tuple[int, int]]
    grey: bool
    failures: tuple[str, ...]


def _scan(root: str) -> _Found:
    found = _Found()
    start = len(os.path.join(root, ""))
    for entry in folder_entries(root):
        relative = entry.path[start:]
        if entry.is_symlink() and os.path.isdir(entry.path):
            found.folder_links.append(relative)
        elif os.path.splitext(entry.name)[1].lower() in SUFFIXES:
            found.files.append(relative)
        else:
            found.others.append(relative)
    found.files.sort()
    return found


def _check(root: str, files: Sequence[str]) -> Generator[Progress, None, _Checked]:
    """Read the header of every file, or of evenly spaced ones where there are many."""
    n_checked = len(files) if len(files) <= _CHECK_ALL else _CHECK_SOME
    headers: list[Header] = []
    failures = []
    for done, i in enumerate(np.linspace(0, len(files) - 1, n_checked).astype(np.int64)):
        if done % 50 == 0:
            yield Progress(done, n_checked, "checking images")
        try:
            headers.append(read_header(os.path.join(root, files[i]), root))
        except DatasetError as error:
            failures.append(f"{displayed(files[i])} {error.what}")
    shapes = frozenset((header.height, header.width) for header in headers)
    grey = bool(headers) and all(header.grey for header in headers)
    return _Checked(n_checked, shapes, grey, tuple(failures))


def _understand(files: Sequence[str]) -> _Tree:
    steps = [path.split(os.sep)[:-1] for path in files]
    first = {step[0] if step else "" for step in steps}
    splits = {name: SPLIT_WORDS.get(name.lower(), "") for name in sorted(first)}
    has_splits = all(splits.values())
    if len(set(splits.values())) < len(splits):
        splits = {name: name for name in splits}  # "val" and "valid" side by side
    level = int(has_splits)
    if not any(len(step) > level for step in steps):
        level = -1
    names = [step[level] if 0 <= level < len(step) else "" for step in steps]
    class_names = sorted({name for name in names if name})
    code_of = {name: code for code, name in enumerate(class_names)} | {"": UNLABELLED}
    sizes = Counter(step[0] for step in steps) if has_splits else Counter()
    return _Tree(
        {splits[name]: sizes[name] for name in sorted(sizes)} or {"all": len(files)},
        tuple(displayed(name) for name in class_names),
        np.fromiter((code_of[name] for name in names), np.int32, len(names)),
        level,
    )


def _info(request: OpenRequest, found: _Found, checked: _Checked, tree: _Tree) -> DatasetInfo:
    n = len(found.files)
    labelled = int((tree.codes != UNLABELLED).sum())
    channels = 1 if checked.grey else 3
    shape = None
    if checked.n == n and len(checked.shapes) == 1:
        height, width = next(iter(checked.shapes))
        shape = (height, width, channels)
    words = wording.images_in_words(n, shape, channels, exact=checked.n == n)
    words += wording.splits_in_words(tree.splits)
    classes = wording.classes_in_words(len(tree.class_names))
    return DatasetInfo(
        kind="folder",
        name=displayed(os.path.basename(os.path.realpath(request.paths[0]))),
        n=n,
        splits=tree.splits,
        class_names=tree.class_names,
        image_shape=shape,
        dtype="uint8",
        value_range=_VALUE_RANGE,
        labelled=labelled,
        unlabelled=n - labelled,
        unreadable=len(checked.failures),
        sentence=f"{words}, {classes} named by folders." if labelled else f"{words}, no labels.",
        warnings=tuple(_warnings(found, checked, tree, n)),
        fingerprint=fingerprint(request.paths),
        request=request.to_message(),
    )


def _warnings(found: _Found, checked: _Checked, tree: _Tree, n: int) -> Iterable[str]:
    if checked.failures:
        yield f"Cannot be read: {wording.some_of(checked.failures)}."
    if checked.n < n:
        yield f"{checked.n:,} of {n:,} files were checked; others may turn out unreadable."
    unlabelled = int((tree.codes == UNLABELLED).sum())
    if tree.class_names and unlabelled:
        yield f"{unlabelled:,} images lie in no class folder and count as unlabelled."
    if found.others:
        others = [displayed(path) for path in sorted(found.others)]
        yield f"Left out because not images: {wording.some_of(others)}."
    if found.folder_links:
        links = [displayed(path) for path in found.folder_links]
        yield f"Links to folders, not followed: {wording.some_of(links)}."
