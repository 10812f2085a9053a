"""WebDataset: tar files whose members 000.jpg, 000.cls, 000.json are one sample; read in place."""

from __future__ import annotations

import io
import os
from collections.abc import Generator, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import islice
from typing import IO

import numpy as np

from models.data.names import displayed
from models.data.readers import wording
from models.data.readers.images import shards
from models.data.readers.images.encoded_source import EncodedImages, Understood, open_encoded
from models.data.readers.images.image_file import SUFFIXES
from models.data.readers.images.sample_labels import LABEL_SUFFIXES, SampleLabels, listed
from models.data.readers.images.tar_members import members
from models.data.readers.source import OpenFile, Opening
from models.errors import DatasetError
from models.types import OpenRequest, Progress

_SUFFIX = ".tar"
GLANCED_AT = 64  # members by which a WebDataset is told from any other tar
_MOST_SHARDS = 900  # each stays open; systems allow about a thousand files
_LABEL_BYTES = 1 << 20
_NAMES_FILES = frozenset(("classes.txt", "class_names.txt", "labels.txt"))


def claims(paths: Sequence[str]) -> bool:
    if all(map(os.path.isdir, paths)):
        firsts = [next(shards.glance(path, _SUFFIX), "") for path in paths]
        return all(first and recognises(first) for first in firsts)
    return all(recognises(path) for path in paths)


def recognises(path: str) -> bool:
    """Whether a file is a plain tar in which an image and its label share a name."""
    if not path.lower().endswith(_SUFFIX) or not os.path.isfile(path):
        return False
    try:
        with open(path, "rb") as file:
            walk = members(file, displayed(path), packed=False)
            return has_samples(m.name for _, m in islice(walk, GLANCED_AT) if m.isreg())
    except (DatasetError, OSError):
        return False


def has_samples(names: Iterable[str]) -> bool:
    """Whether among names there is an image with a label of the same name beside it."""
    kinds: dict[str, set[str]] = {}
    for name in names:
        key, suffix = split_name(name)
        kinds.setdefault(key, set()).add(suffix)
    return any(
        any(_is_image(suffix) for suffix in found) and found & LABEL_SUFFIXES
        for found in kinds.values()
    )


def split_name(name: str) -> tuple[str, str]:
    """The name of the sample and what the member is of it: "a/000.seg.png" -> a/000, seg.png."""
    folder, base = os.path.split(name.removeprefix("./"))
    stem, _, suffix = base.partition(".")
    return os.path.join(folder, stem), suffix.lower()


def opening(request: OpenRequest) -> Opening:
    splits = shards.splits_of(request.paths, lambda folder: shards.files_below(folder, _SUFFIX))
    n_files = sum(map(len, splits.values()))
    if n_files > _MOST_SHARDS:
        raise DatasetError(
            f"has {n_files:,} shards, more than the {_MOST_SHARDS} that can be open at once",
            displayed(request.paths[0]),
            "Open a part of them, or join them into fewer files.",
        )
    samples = _Samples()
    sizes = dict.fromkeys(splits, 0)
    with ExitStack() as on_failure:
        for split, paths in splits.items():
            for path in paths:
                file = OpenFile(path)
                on_failure.callback(file.close)
                yield from samples.add(file, len(splits) > 1)
            sizes[split] = len(samples.paths) - sum(sizes.values())
        if not samples.paths:
            raise DatasetError(
                "holds no images",
                displayed(request.paths[0]),
                "A WebDataset holds members like 000.jpg and 000.cls.",
            )
        labels = samples.labels.to_labels(displayed(request.paths[0]))
        understood = Understood(
            name=shards.name_of(request.paths),
            splits=sizes,
            class_names=labels.class_names,
            codes=labels.codes,
            said="from the texts beside them",
            warnings=(*labels.warnings, *samples.warnings()),
        )
        images = TarImages(samples, on_failure.pop_all())
    yield from open_encoded("webdataset", request, images, understood)


@dataclass
class _Samples:
    """What the walks through all shards found, image by image."""

    files: list[OpenFile] = field(default_factory=list)
    file_of: list[int] = field(default_factory=list)
    offsets: list[int] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    labels: SampleLabels = field(default_factory=SampleLabels)
    others: list[str] = field(default_factory=list)

    def add(self, file: OpenFile, with_shard: bool) -> Generator[Progress, None, None]:
        """Take in a shard; samples keep the order of their images."""
        self.files.append(file)
        first, place_of = len(self.paths), dict[str, int]()
        texts: list[tuple[str, str, int, int]] = []
        classes: tuple[str, ...] = ()
        # The walk has a file of its own, whose position may move.
        with io.BufferedReader(io.FileIO(os.dup(file.fd))) as stream:
            for count, (_, member) in enumerate(members(stream, file.shown, packed=False)):
                if count % 1000 == 0:
                    yield Progress(member.offset, file.size, f"listing {_base(file.shown)}")
                if member.isdir() or os.path.basename(member.name).startswith("."):
                    continue  # macOS puts a “._0001.jpg” beside a 0001.jpg
                key, suffix = split_name(member.name)
                if not member.isreg() or member.issparse():
                    self.others.append(displayed(member.name))
                elif os.path.basename(member.name) in _NAMES_FILES:
                    text = self._text(file, member.offset_data, member.size)
                    classes = listed(text) or classes
                elif suffix in LABEL_SUFFIXES:
                    texts.append((key, suffix, member.offset_data, member.size))
                elif not _is_image(suffix) or key in place_of:
                    self.others.append(displayed(member.name))
                else:
                    place_of[key] = len(self.paths)
                    self.file_of.append(len(self.files) - 1)
                    self.offsets.append(member.offset_data)
                    self.sizes.append(member.size)
                    shard = f"{_base(file.shown)}/" if with_shard or len(self.files) > 1 else ""
                    self.paths.append(f"{shard}{displayed(member.name)}")
        self.labels.extend(len(self.paths) - first, file.shown, classes)
        for count, (key, suffix, offset, size) in enumerate(sorted(texts, key=_surest_first)):
            if count % 1000 == 0:
                yield Progress(count, len(texts), f"reading labels of {_base(file.shown)}")
            if key in place_of:
                self.labels.put(place_of[key], suffix, self._text(file, offset, size))

    def warnings(self) -> tuple[str, ...]:
        if not self.others:
            return ()
        return (f"Left out, neither an image nor its label: {wording.some_of(self.others)}.",)

    def _text(self, file: OpenFile, offset: int, size: int) -> bytes:
        return file.read(size, offset) if size <= _LABEL_BYTES else b""


class TarImages(EncodedImages):
    """Images that are members of tar files, read by their offsets."""

    def __init__(self, samples: _Samples, resources: ExitStack) -> None:
        self._files, self._paths, self._resources = samples.files, samples.paths, resources
        self._file_of = np.array(samples.file_of, np.int32)
        self._offsets = np.array(samples.offsets, np.int64)
        self._sizes = np.array(samples.sizes, np.int64)

    def __len__(self) -> int:
        return len(self._paths)

    def open(self, position: int) -> IO[bytes]:
        file = self._files[self._file_of[position]]
        part = _PartOfFile(file, int(self._offsets[position]), int(self._sizes[position]))
        return io.BufferedReader(part, 1 << 16)

    def path(self, position: int) -> str:
        return self._paths[position]

    def close(self) -> None:
        self._resources.close()


class _PartOfFile(io.RawIOBase):
    """Some bytes of a file as a file of their own."""

    def __init__(self, file: OpenFile, offset: int, size: int) -> None:
        self._file, self._offset, self._size, self._at = file, offset, size, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        view = memoryview(buffer)  # of a bytearray a slice would be a copy
        n_bytes = max(0, min(len(view), self._size - self._at))
        self._file.read_into(view[:n_bytes], self._offset + self._at)
        self._at += n_bytes
        return n_bytes


def _is_image(suffix: str) -> bool:
    return os.path.splitext(f"x.{suffix}")[1] in SUFFIXES


def _surest_first(text: tuple[str, str, int, int]) -> str:
    return text[1]  # what .cls says goes before .json, that before .txt


def _base(shown: str) -> str:
    return os.path.basename(shown)
