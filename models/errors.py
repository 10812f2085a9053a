"""Errors that carry their own sentence: what is wrong, where, and what to do about it."""

from __future__ import annotations

import traceback
from collections.abc import Mapping, Sequence
from typing import Any

from models.types import OpenRequest


class WinnowError(Exception):
    """An error a person can read as it stands.

    Parameters
    ----------
    what : str
        What is wrong, one clause without a full stop: "holds no image array".
    where : str
        The file, sample, epoch or option it is about; may be empty.
    remedy : str
        What to do about it, a full sentence; may be empty.
    details : str
        For a bug report only (a traceback, a log's tail); folded away when shown.
    """

    def __init__(self, what: str, where: str = "", remedy: str = "", details: str = "") -> None:
        super().__init__(what, where, remedy, details)
        self.what, self.where, self.remedy, self.details = what, where, remedy, details

    def __str__(self) -> str:
        sentence = f"{self.where}: {self.what}" if self.where else self.what
        return f"{sentence}. {self.remedy}" if self.remedy else f"{sentence}."


class DatasetError(WinnowError):
    """A dataset, or one of its samples, cannot be read or is not what it claims to be."""


class Undecided(DatasetError):
    """A source can be read in several ways, or only by guessing; a person has to choose.

    `arrays` lists what it holds: {"name", "shape", "dtype", "role": "images", "labels" or ""}.
    """

    def __init__(
        self,
        what: str,
        where: str = "",
        remedy: str = "",
        details: str = "",
        arrays: Sequence[Mapping[str, Any]] = (),
    ) -> None:
        super().__init__(what, where, remedy, details)
        self.arrays = tuple(arrays)


class NotYet(DatasetError):
    """An image that can be read later: the part of the file it lies in is still to be unpacked."""

    def __init__(
        self,
        done: int = 0,
        total: int = 0,
        where: str = "",
        *,
        what: str = "",
        remedy: str = "",
        details: str = "",
    ) -> None:
        share = f" ({done / total:.0%} so far)" if total else ""
        super().__init__(what or f"is still being unpacked{share}", where, remedy, details)
        self.done, self.total = done, total


class ProjectError(WinnowError):
    """A project folder cannot be opened, locked, written or trusted."""


class SourceMissing(DatasetError):
    """The files of a project are no longer where they were; they can be located again."""

    def __init__(self, project: str, paths: str) -> None:
        super().__init__(
            "the dataset is no longer where it was",
            paths,
            "Put it back, or say where it is now; every decision is kept.",
        )
        self.project = project


class SourceChanged(ProjectError):
    """The files of a project are no longer the ones its decisions were made on."""

    def __init__(self, project: str, request: OpenRequest) -> None:
        super().__init__(
            "the source has changed since this project was made, so its decisions may be about "
            "other images; they are kept",
            ", ".join(request.paths),
            "Put the original back, or let Winnow match the decisions by image content.",
        )
        self.project, self.request = project, request


class TrainingError(WinnowError):
    """Training cannot start or go on."""


class ChildDied(WinnowError):
    """A child process ended without saying goodbye."""


# What crosses a pipe: built again from its texts. Others cross as the nearest of these.
_SENT = (Undecided, NotYet, DatasetError, ProjectError, TrainingError, ChildDied, WinnowError)


def sent_as(error: WinnowError) -> str:
    """The name under which an error crosses a pipe."""
    return next(kind.__name__ for kind in type(error).__mro__ if kind in _SENT)


def error_by_name(name: str) -> type[WinnowError]:
    """Return the class a child named when it reported an error over its pipe."""
    return next((kind for kind in _SENT if kind.__name__ == name), WinnowError)


def in_words(error: BaseException) -> WinnowError:
    """The error a person is shown for any error: of ours, of memory, or of a bug."""
    if isinstance(error, WinnowError):
        return error
    if isinstance(error, MemoryError):
        return TrainingError(
            "ran out of memory",
            remedy="Close other programs, or use fewer or smaller images.",
        )
    return WinnowError(
        f"something unexpected happened ({type(error).__name__}: {error})",
        remedy="Please report this with the details.",
        details="".join(traceback.format_exception(error)),
    )
