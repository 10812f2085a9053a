"""The window's, trainer's and fold's way to pixels: a reader child behind plain methods."""

from __future__ import annotations

import math
import os
import time
from collections import Counter
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from functools import partial
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from models.data.facts import Facts, image_facts, joined
from models.data.fingerprint import same
from models.data.places import common_folder
from models.errors import ChildDied, DatasetError, NotYet
from models.processes.channel import Message
from models.processes.child import HEARTBEAT_S, Child
from models.processes.messages import event_from_message
from models.processes.position import Position
from models.review.properties import Table, unmeasured
from models.types import (
    DatasetOpened,
    Event,
    Events,
    Heartbeat,
    LabelVector,
    LogRows,
    OpenRequest,
    Pixels,
    SampleIds,
)

_MAX_FAILURES = 3  # of one sample, before it is not tried again


class Unreadable(str):
    """Why a sample has no pixels, in words; stands in the place of its image."""


class UnreadableYet(Unreadable):
    """Why a sample has no pixels so far; asked for again later it may have."""


_Batch = TypeVar("_Batch", list[Pixels | Unreadable], Facts, NDArray[np.float32])


class ReaderClient:
    """Opens a source in a child process and reads images from it by id.

    Blocking, and for one thread: the window uses one from a worker thread, the trainer and
    the fold each own another. A child that dies or does not answer within its deadline
    (`image_s` an image, `opening_s` without progress while opening) is replaced. The sample it
    was at is tried again at once if the child died, at the next call if it took too long; after
    three failures it is Unreadable for good. The next sample works either way. Samples that
    are still being unpacked are waited for, or with `wait=False` are UnreadableYet.
    """

    def __init__(self, image_s: float = 5.0, opening_s: float = 60.0) -> None:
        self._image_s, self._opening_s = image_s, opening_s
        self._child: Child | None = None
        self._position: Position | None = None
        self._opened: DatasetOpened | None = None
        self._request: OpenRequest | None = None
        self._number = 0
        self._failures: Counter[int] = Counter()
        self._aborted = False

    def opening(self, request: OpenRequest) -> Events:
        """Open a source: yields Progress and Heartbeat, at last DatasetOpened.

        Raises DatasetError if it is not a dataset that can be read. Closing the generator ends
        the child.
        """
        self.close()
        self._request, self._opened = request, None
        self._failures.clear()
        yield from self._start(request)

    def opened(self, request: OpenRequest) -> Generator[Event, None, DatasetOpened]:
        """Open a source and return what it is, for `opened = yield from reader.opened(...)`.

        The very request that is open is not opened again.
        """
        if self._child is not None and self._opened is not None and request is self._request:
            return self._opened
        for event in self.opening(request):
            if isinstance(event, DatasetOpened):
                return event
            yield event
        raise AssertionError("opening ends with DatasetOpened or an error")

    def open(self, request: OpenRequest) -> DatasetOpened:
        """Open a source and wait for it."""
        with closing(self.opening(request)) as events:
            return next(event for event in events if isinstance(event, DatasetOpened))

    def read(self, sample_ids: SampleIds, *, wait: bool = True) -> list[Pixels | Unreadable]:
        """Full images (h, w, c) in the source's dtype, in the order asked."""
        return list(self._images(sample_ids, 0, wait))

    def thumbnails(
        self, sample_ids: SampleIds, size_px: int, *, wait: bool = True
    ) -> list[Pixels | Unreadable]:
        """uint8 images (h, w, 1 or 3) for a screen: larger ones reduced (Lanczos) until both
        sides are at most `size_px`, smaller ones as they are; floats scaled by the dataset's
        value range."""
        if size_px < 1:
            raise ValueError("a thumbnail has at least one pixel")
        return list(self._images(sample_ids, size_px, wait))

    def facts(self, sample_ids: SampleIds) -> Facts:
        """What the pixels of each sample say; the pixels themselves stay in the child."""
        return joined(
            [
                image_facts(about, [found]) if isinstance(found, Unreadable) else found
                for about, found in self._answers(sample_ids, self._some_facts)
            ]
        )

    def properties(self, sample_ids: SampleIds) -> Table:
        """What is measured of each sample, NaN where one is unreadable. (properties, m)"""
        rows = [
            unmeasured(1).T if isinstance(found, Unreadable) else found
            for _, found in self._answers(sample_ids, self._some_properties)
        ]
        return np.concatenate([unmeasured(0).T, *rows]).T

    def paths(self, sample_ids: SampleIds) -> list[str]:
        """Display path of each sample: relative path in a folder, "file.npz[17]" in an array."""
        paths: list[str] = self._ask({"paths": self._checked(sample_ids)})["paths"]
        return paths

    def files(self, sample_ids: SampleIds) -> list[str]:
        """The files that samples of folders are; of any other source there are none."""
        opened = self._request.paths if self._request is not None else ("",)
        if not all(map(os.path.isdir, opened)):
            return []
        root = common_folder(opened)
        found = (os.path.normpath(os.path.join(root, path)) for path in self.paths(sample_ids))
        inside = os.path.join(os.path.normpath(root), "")
        return [path for path in found if path.startswith(inside) and os.path.isfile(path)]

    def original(self, sample_id: int) -> bytes | None:
        """The file of one image, bit for bit; None where the source holds no encoded files."""
        (checked,) = self._checked(np.array([sample_id]))
        answer = self._ask({"original": int(checked)})["bytes"]
        return None if answer is None else bytes(answer)

    def earlier_review(self) -> tuple[LogRows, dict[int, str], LabelVector, list[str]] | None:
        """For a Winnow export: its log with sample ids of this file, notes by seq, corrected
        labels and reviewers; None for any other source."""
        answer = self._ask({"review": True})
        if answer["log"] is None:
            return None
        notes = {int(seq): str(text) for seq, text in answer["notes"]}
        return answer["log"], notes, answer["corrected"], answer["reviewers"]

    def abort(self) -> None:
        """Let what another thread is reading fail at once; nothing can be read afterwards."""
        self._aborted = True
        child = self._child
        if child:
            child.kill()

    def close(self) -> None:
        """End the child."""
        if self._child:
            self._child.close()
        self._forget()

    def _start(self, request: OpenRequest) -> Events:
        """Start a child and let it open the source; whatever goes wrong, none is left."""
        self._position = Position.create()
        self._child = Child("reader")
        opened = None
        try:
            self._child.send({"open": request.to_message(), "position": self._position.path})
            for event in self._events_until_opened(self._child):
                if isinstance(event, DatasetOpened):
                    opened = self._opened = event
                yield event
        except ChildDied as died:
            raise DatasetError(
                f"could not be opened: {died.what}",
                " and ".join(request.paths),
                "The file may be damaged; try again, or get it again.",
                died.details,
            ) from died
        finally:
            if opened is None:
                self._kill()

    def _events_until_opened(self, child: Child) -> Events:
        heard = time.monotonic()
        while True:
            if self._aborted:
                raise child.died()
            message = child.receive(HEARTBEAT_S)
            if message is None:
                if time.monotonic() - heard > self._opening_s:
                    raise child.died()
                yield Heartbeat()
                continue
            heard = time.monotonic()
            event = event_from_message(message)
            yield event
            if isinstance(event, DatasetOpened):
                return

    def _images(
        self, sample_ids: SampleIds, size_px: int, wait: bool
    ) -> Iterator[Pixels | Unreadable]:
        ask = partial(self._some_images, size_px=size_px)
        for _, found in self._answers(sample_ids, ask, wait):
            if isinstance(found, Unreadable):
                yield found
            else:
                yield from found

    def _answers(
        self, sample_ids: SampleIds, ask: Callable[[SampleIds, bool], _Batch], wait: bool = True
    ) -> Iterator[tuple[SampleIds, _Batch | Unreadable]]:
        """Ask about all of them, in as many replies as it takes, whatever becomes of the child."""
        left, together, in_vain = self._checked(sample_ids), True, 0
        too_slow: set[int] = set()
        while len(left):
            given_up = self._given_up(left, too_slow)
            if given_up[0]:
                yield left[:1], Unreadable(self._reason(int(left[0]), too_slow))
                left = left[1:]
                continue
            asked = left[: int(given_up.argmax())] if given_up.any() else left
            try:
                batch = ask(asked, together)
            except NotYet as not_yet:
                if wait:
                    time.sleep(HEARTBEAT_S)
                else:
                    yield left[:1], UnreadableYet(not_yet)
                    left = left[1:]
                continue
            except (_Silent, ChildDied) as failure:
                place = self._place()
                self._kill()
                if place is None or place < 0:  # at no image in particular
                    in_vain += 1
                    if in_vain > _MAX_FAILURES:
                        raise _gone(failure) from failure
                else:
                    guilty = int(asked[place])
                    self._failures[guilty] += 1
                    if isinstance(failure, _Silent):
                        too_slow.add(guilty)
                together = False
                continue
            in_vain = 0
            yield left[: len(batch)], batch
            left = left[len(batch) :]

    def _given_up(self, sample_ids: SampleIds, too_slow: set[int]) -> NDArray[np.bool_]:
        """Which samples are not to be asked for, (m,)."""
        failed = [i for i, count in self._failures.items() if count >= _MAX_FAILURES]
        return np.isin(sample_ids, [*failed, *too_slow])

    def _reason(self, sample_id: int, too_slow: set[int]) -> str:
        path = self.paths(np.array([sample_id]))[0]
        if sample_id in too_slow:
            return f"{path}: took longer than {self._image_s:g} s to read."
        return f"{path}: ends the process that reads it, so it is probably damaged."

    def _some_images(
        self, sample_ids: SampleIds, together: bool, size_px: int
    ) -> list[Pixels | Unreadable]:
        """The first images of those asked for, as many as the child puts into one reply."""
        reply = self._first_of({"images": sample_ids, "size_px": size_px, "together": together})
        return list(reply["stack"]) if "stack" in reply else _unpacked(reply)

    def _some_facts(self, sample_ids: SampleIds, together: bool) -> Facts:
        return Facts.from_message(self._first_of({"facts": sample_ids, "together": together}))

    def _some_properties(self, sample_ids: SampleIds, together: bool) -> NDArray[np.float32]:
        rows: NDArray[np.float32] = self._first_of(
            {"properties": sample_ids, "together": together}
        )["rows"]
        return rows

    def _first_of(self, request: Message) -> Message:
        """The reply to a request about images, which the child may answer in part."""
        child = self._running()
        self._number += 1
        child.send({"number": self._number, **request}, self._image_s)
        reply = child.receive(self._image_s)
        if reply is None:
            raise _Silent
        return reply

    def _ask(self, request: Message) -> Message:
        """Ask something that is about no image's pixels; a dead child is replaced."""
        for _ in range(_MAX_FAILURES):
            try:
                child = self._running()
                child.send(request)
                answer = child.receive(self._image_s)
                if answer is not None:
                    return answer
                failure: Exception = _Silent()
            except ChildDied as died:
                failure = died
            self._kill()
        raise _gone(failure) from failure

    def _running(self) -> Child:
        """The child, or a new one that opened the same source again."""
        before = self._opened
        if self._request is None or before is None:
            raise ValueError("nothing is open")
        if self._child is None:
            for event in self._start(self._request):
                if isinstance(event, DatasetOpened) and not _alike(event, before):
                    self._kill()
                    raise DatasetError(
                        "changed since it was opened",
                        " and ".join(self._request.paths),
                        "Open it again; no decision is lost.",
                    )
        assert self._child is not None
        return self._child

    def _checked(self, sample_ids: SampleIds) -> SampleIds:
        ids = np.ascontiguousarray(sample_ids, np.int64)
        n = self._opened.info["n"] if self._opened else 0
        if ids.ndim != 1 or (len(ids) and (ids.min() < 0 or ids.max() >= n)):
            raise ValueError(f"sample ids must be a vector of numbers in 0..{n - 1}")
        return ids

    def _place(self) -> int | None:
        """Where in the last request the child is: -1 at several images at once."""
        return self._position.read(self._number) if self._position else None

    def _kill(self) -> None:
        if self._child:
            self._child.kill()
            self._child.close()
        self._forget()

    def _forget(self) -> None:
        if self._position:
            self._position.close()
        self._child = self._position = None


class _Silent(Exception):
    """The child did not answer within the deadline of one image."""


def _alike(now: DatasetOpened, before: DatasetOpened) -> bool:
    """Whether ids mean the same images: as many others may lie where these did."""
    return bool(
        now.info["n"] == before.info["n"]
        and same(now.info["fingerprint"], before.info["fingerprint"])
    )


def _gone(failure: Exception) -> ChildDied:
    if isinstance(failure, ChildDied):
        return failure
    return ChildDied("the reader process does not answer", remedy="Open the dataset again.")


def _unpacked(reply: Message) -> list[Pixels | Unreadable]:
    flat: NDArray[Any] = reply["pixels"]
    images: list[Pixels | Unreadable] = []
    start = 0
    for shape in reply["shapes"]:
        if isinstance(shape, str):
            images.append(Unreadable(shape))
            continue
        stop = start + math.prod(shape)
        images.append(flat[start:stop].reshape(shape))
        start = stop
    return images
