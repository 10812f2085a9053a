"""Zip and tar archives of anything else Winnow reads: unpacked into the cache, then opened."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from numpy.typing import NDArray

from models.data.fingerprint import fingerprint
from models.data.names import displayed
from models.data.readers import open_source, wording
from models.data.readers.archives.archive_cache import UnpackedFolder, unpacked
from models.data.readers.archives.member_writer import is_archive
from models.data.readers.archives.unpacking import stem_of, stems_of
from models.data.readers.arrays import opening as arrays
from models.data.readers.images import coco, parquet, shards, webdataset
from models.data.readers.images import folder as images
from models.data.readers.images.folder_layout import says_nothing, split_word, unnumbered
from models.data.readers.images.image_file import SUFFIXES
from models.data.readers.meaning.array_names import SPLIT_WORDS, meaning
from models.data.readers.source import EarlierReview, Opening, Source
from models.errors import DatasetError, Undecided
from models.types import DatasetInfo, OpenRequest, Pixels, SampleIds

_IMAGES = tuple(SUFFIXES)
_OF_FOLDERS = (coco, parquet, webdataset)  # formats that are more than a folder of images


def claims(paths: Sequence[str]) -> bool:
    return all(
        is_archive(path) and os.path.isfile(path) and not webdataset.recognises(path)
        for path in paths
    )


def opening(request: OpenRequest) -> Opening:
    folder = yield from unpacked(request.paths)
    names = _Names(request.paths, folder.files)
    try:
        with names.in_errors():
            inner = _inner_paths_of(request.paths, folder.files, names.archive)
            stems = stems_of(request.paths)
            pieces = _pieces(inner, folder.files, stems)
            within = replace(request, paths=inner)
            steps = images.opening(within, pieces) if pieces else open_source(within)
            for step in steps:
                if not isinstance(step, Source):
                    yield step
                    continue
                info = _relabelled(step.info, request, folder, names)
                if pieces and len(set(map(unnumbered, stems))) > 1:
                    info = replace(info, warnings=(*info.warnings, _no_classes(stems)))
                source = ArchivedSource(step, info, names, folder)
    except BaseException:
        folder.close()
        raise
    yield source  # whoever has it closes the folder, whatever becomes of this generator


class ArchivedSource(Source):
    """What is in an archive; errors and names speak of the archive, not of the cache."""

    def __init__(
        self, inner: Source, info: DatasetInfo, names: _Names, folder: UnpackedFolder
    ) -> None:
        self.info, self.given, self.unreadable = info, inner.given, inner.unreadable
        self._inner, self._names, self._folder = inner, names, folder

    def read(self, sample_id: int) -> Pixels:
        with self._names.in_errors():
            return self._inner.read(sample_id)

    def path(self, sample_id: int) -> str:
        return self._inner.path(sample_id)

    def stack(self, sample_ids: SampleIds) -> NDArray[Any] | None:
        with self._names.in_errors():
            return self._inner.stack(sample_ids)

    def thumbnail(self, sample_id: int, size_px: int) -> Pixels:
        with self._names.in_errors():
            return self._inner.thumbnail(sample_id, size_px)

    def original(self, sample_id: int) -> bytes | None:
        with self._names.in_errors():
            return self._inner.original(sample_id)

    def n_encoded(self, sample_id: int) -> float:
        with self._names.in_errors():
            return self._inner.n_encoded(sample_id)

    def earlier_review(self) -> EarlierReview | None:
        with self._names.in_errors():
            return self._inner.earlier_review()

    def close(self) -> None:
        self._inner.close()
        self._folder.close()


class _Names:
    """Puts the archive's name in the place of the folder it was unpacked into."""

    def __init__(self, paths: Sequence[str], files: str) -> None:
        self.archive = " and ".join(displayed(path) for path in paths)
        self._files = displayed(files)

    def text(self, text: str) -> str:
        return text.replace(self._files, self.archive)

    @contextmanager
    def in_errors(self) -> Iterator[None]:
        try:
            yield
        except DatasetError as error:
            what, where, remedy = map(self.text, (error.what, error.where, error.remedy))
            if isinstance(error, Undecided):
                raise Undecided(what, where, remedy, error.details, error.arrays) from error
            raise DatasetError(what, where, remedy, error.details) from error


def _inner_paths_of(paths: Sequence[str], folder: str, archive: str) -> tuple[str, ...]:
    """What is the dataset: of archives named like different splits each is one, others together
    are one folder."""
    stems = stems_of(paths)
    splits = [meaning(stem).split for stem in stems]
    if len(stems) == 1 or not all(splits) or len(set(splits)) < len(splits):
        return _inner_paths(folder, archive)
    inner: list[str] = []
    for whole in (os.path.join(folder, stem) for stem in stems):
        found = _inner_paths(whole, archive)
        # Its only folder may be a class: all splits together tell.
        inner += [whole] if all(map(os.path.isdir, found)) else found
    return tuple(inner)


def _pieces(inner: Sequence[str], folder: str, stems: Sequence[str]) -> list[str]:
    """What of several archives, which are one folder of images, is a piece of it each: they hold
    folders of the same classes, so that their own names mean nothing. None if they do not."""
    if len(stems) < 2 or len(inner) > 1 or any(reader.claims(inner) for reader in _OF_FOLDERS):
        return []
    tops = [os.path.join(folder, stem) for stem in stems]
    inside = [_folders_in(top) for top in tops]
    for place, names in enumerate(inside):
        others = set().union(*inside[:place], *inside[place + 1 :])
        while len(names) == 1 and names.isdisjoint(others) and not any(map(_is_split, names)):
            (only,) = names
            names = _folders_in(os.path.join(tops[place], only))
            if names:  # else it is a class
                tops[place], inside[place] = os.path.join(tops[place], only), names
    classes = [_classes_in(top) for top in tops]
    come_back = all(classes) and sum(map(len, classes)) > len(set().union(*classes))
    without = all(inside) and not any(classes)  # as images_001.zip and images_002.zip
    if come_back or (without and all(says_nothing(unnumbered(stem)) for stem in stems)):
        return [os.path.relpath(top, inner[0]) for top in tops]
    return []


def _classes_in(folder: str) -> set[str]:
    """The names of folders in one that may be classes, also below splits and images/."""
    classes: set[str] = set()
    for name in _folders_in(folder):
        is_above = _is_split(name) or says_nothing(name)
        classes |= _classes_in(os.path.join(folder, name)) if is_above else {name}
    return classes


def _is_split(name: str) -> bool:
    return bool(split_word(unnumbered(name)))


def _folders_in(folder: str) -> set[str]:
    """The names of the folders in one; none if images lie beside them."""
    entries = _entries(folder)
    if any(entry.name.lower().endswith(_IMAGES) for entry in entries):
        return set()
    return {entry.name for entry in entries if entry.is_dir()}


def _inner_paths(folder: str, archive: str) -> tuple[str, ...]:
    """What of an unpacked archive is the dataset: its one folder or file, or all of it."""
    entries = _entries(folder)
    while len(entries) == 1 and entries[0].is_dir() and entries[0].name.lower() not in SPLIT_WORDS:
        folder = entries[0].path
        entries = _entries(folder)
    if not entries:
        raise DatasetError("holds no files", archive, "Copy or download it again.")
    files = [entry.path for entry in entries if entry.is_file()]
    if len(entries) == len(files) and all(claims((path,)) for path in files):
        raise DatasetError(
            "holds nothing but other archives",
            archive,
            "Unpack it, and open the archives that are in it.",
        )
    if len(entries) == 1 and files:
        return (files[0],)
    if any(reader.claims((folder,)) for reader in _OF_FOLDERS):
        return (folder,)
    arrays_in_it = [path for path in files if arrays.kind_of(path)]
    only_files = len(files) == len(entries)
    if arrays_in_it and only_files and not any(path.lower().endswith(_IMAGES) for path in files):
        return tuple(arrays_in_it)
    return (folder,)


def _entries(folder: str) -> list[os.DirEntry[str]]:
    with os.scandir(folder) as entries:
        return sorted(entries, key=lambda entry: entry.name)


def _relabelled(
    info: DatasetInfo, request: OpenRequest, folder: UnpackedFolder, names: _Names
) -> DatasetInfo:
    one = len(request.paths) == 1
    return replace(
        info,
        name=stem_of(request.paths[0]) if one else shards.name_of(request.paths),
        warnings=(*map(names.text, info.warnings), *_warnings(folder)),
        fingerprint=fingerprint(request.paths),
        request=request.to_message(),
    )


def _no_classes(stems: Sequence[str]) -> str:
    named = wording.some_of(stems)
    return f"Archives that hold folders of the same names, not taken for classes: {named}."


def _warnings(folder: UnpackedFolder) -> Iterator[str]:
    if folder.left_out:
        yield (f"Links and devices in the archive, left out: {wording.some_of(folder.left_out)}.")
    if folder.nested:
        yield f"Archives in the archive, not unpacked: {wording.some_of(folder.nested)}."
