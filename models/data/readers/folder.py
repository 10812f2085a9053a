"""Folders of image files: one folder a class, with or without a folder a split above them."""

from __future__ import annotations

import os
import stat
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import IO

import numpy as np

from models.data.fingerprint import folder_entries
from models.data.names import displayed
from models.data.readers import wording
from models.data.readers.detect import SPLIT_WORDS
from models.data.readers.encoded_source import EncodedImages, Understood, open_encoded
from models.data.readers.image_file import SUFFIXES
from models.data.readers.source import Opening, cannot_open
from models.errors import DatasetError
from models.types import UNLABELLED, LabelVector, OpenRequest, Progress


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
    yield from open_encoded("folder", request, FolderFiles(root, found.files), _understand(found))


class FolderFiles(EncodedImages):
    """Image files by relative path; no link is followed out of the folder."""

    def __init__(self, root: str, files: Sequence[str]) -> None:
        self._root, self._files = root, files

    def __len__(self) -> int:
        return len(self._files)

    def open(self, position: int) -> IO[bytes]:
        return open_inside(os.path.join(self._root, self._files[position]), self._root)

    def path(self, position: int) -> str:
        return displayed(self._files[position])


def open_inside(path: str, root: str) -> IO[bytes]:
    """Open a file without following a link out of `root`."""
    if os.path.islink(path):
        target = os.path.realpath(path)
        if os.path.commonpath([root, target]) != root:
            raise DatasetError(
                "is a link that leads out of the folder",
                displayed(path),
                "Copy the file it points to into the folder.",
            )
        path = target
    # A pipe in the place of a file must not make us wait for someone to write to it.
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    file = os.fdopen(fd, "rb")
    if not stat.S_ISREG(os.fstat(fd).st_mode):
        file.close()
        raise DatasetError("is not a regular file", displayed(path), "Replace the file.")
    return file


@dataclass
class _Found:
    root: str
    files: list[str] = field(default_factory=list)  # relative, sorted
    others: list[str] = field(default_factory=list)  # files that are no images
    folder_links: list[str] = field(default_factory=list)


def _scan(root: str) -> _Found:
    found = _Found(root)
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


def _understand(found: _Found) -> Understood:
    """What the folders mean: a class each, perhaps below a split each."""
    steps = [path.split(os.sep)[:-1] for path in found.files]
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
    codes = np.fromiter((code_of[name] for name in names), np.int32, len(names))
    return Understood(
        name=displayed(os.path.basename(found.root)),
        splits={splits[name]: sizes[name] for name in sorted(sizes)} or {"all": len(codes)},
        class_names=tuple(displayed(name) for name in class_names),
        codes=codes,
        said="named by folders",
        warnings=tuple(_warnings(found, codes)),
    )


def _warnings(found: _Found, codes: LabelVector) -> Iterator[str]:
    unlabelled = int((codes == UNLABELLED).sum())
    if unlabelled and unlabelled < len(codes):
        yield f"{unlabelled:,} images lie in no class folder and count as unlabelled."
    if found.others:
        others = [displayed(path) for path in sorted(found.others)]
        yield f"Left out because not images: {wording.some_of(others)}."
    if found.folder_links:
        links = [displayed(path) for path in found.folder_links]
        yield f"Links to folders, not followed: {wording.some_of(links)}."
