"""Images for the screen, read and prepared on a thread; nothing is decoded on the main one."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from itertools import chain, islice, takewhile

import numpy as np
from PySide6.QtCore import QObject, QThread, Signal
from PySide6.QtGui import QImage

from models.errors import WinnowError
from models.processes.reading import ReaderClient, UnreadableYet
from models.types import Pixels, SampleIds
from qtapp.jobs.pictures import Picture

CACHE_BYTES = 96 << 20
FULL_BYTES = 128 << 20
LARGEST_PX = 1024  # longest side of a thumbnail

Wish = tuple[int, int]  # sample id, and longest side in pixels of the screen

_ANY_SIZE = 0  # of an image that is not reduced
_MAX_BATCH = 64
_BATCH_S = 0.05  # a batch this long lets a newer wish wait no longer than three frames
_MAX_FILES = 10_000  # that are dragged at once; file managers do not take more
_MAX_FULL_WISHES = 9  # as many as are compared
_AGAIN_S = 0.3  # what is still being unpacked is asked for again after this long
_STOP_MS, _ABORT_MS = 2_000, 2_500  # together less than the 5 s a window has for closing


class Thumbnails(QObject):
    """Reads what the screen shows, nearest first, and remembers it within a limit of bytes.

    A thumbnail is made in just the size it is painted in: scaled a second time it would lose
    what Lanczos kept.
    """

    arrived = Signal(object)  # SampleIds
    full_arrived = Signal(object, object)  # sample id, Picture or why it is unreadable (str)
    failed = Signal(object)  # WinnowError: the source as a whole can no longer be read

    def __init__(self, parent: QObject | None = None, cache_bytes: int = CACHE_BYTES) -> None:
        super().__init__(parent)
        self._cache_bytes = cache_bytes
        self._thread: _ReadingThread | None = None
        self._number = 0  # of the client; what an older one read may still be in the queue
        self._forget()

    def attach(self, client: ReaderClient) -> None:
        """Read from `client`, which nobody else may use until detach()."""
        self.detach()
        self._thread = _ReadingThread(self._number, client, self)
        self._thread.read.connect(self._take)
        self._thread.read_full.connect(self._take_full)
        self._thread.read_files.connect(self._take_files)
        self._thread.gave_up.connect(self._pass_on)
        self._thread.start()

    def detach(self) -> None:
        """Forget everything and stop reading; the client is the caller's again."""
        if self._thread is not None:
            self._thread.stop()
            self._thread.deleteLater()
            self._thread = None
        self._number += 1
        self._forget()

    def close(self) -> None:
        self.detach()

    def image(self, sample_id: int, size_px: int = 0) -> QImage | str | None:
        """The thumbnail, or why there is none (str), or None while it is not here.

        It has the size that was wanted (of the grid, if not said) as soon as that is here, and
        until then the next best.
        """
        sizes = self._sizes.get(sample_id)
        if not sizes:
            return None
        size_px = size_px or self._size_px
        here = min(sizes, key=lambda size: _worth(size, size_px)) if len(sizes) > 1 else sizes[0]
        self._images.move_to_end((sample_id, here))
        return self._images[sample_id, here]

    def want(self, sample_ids: SampleIds, size_px: int) -> None:
        """Replace what is wanted: thumbnails of `size_px` device pixels, most urgent first."""
        self._size_px = min(size_px, LARGEST_PX)
        room = max(1, self._cache_bytes // (4 * self._size_px**2))
        self._on_screen = sample_ids[:room].tolist()
        if self._unreadable:  # tried again when it comes back: what was slow may be quick now
            for sample_id in self._unreadable.difference(self._on_screen):
                self._drop((sample_id, _ANY_SIZE))
        self._ask()

    def want_beside(self, sample_ids: SampleIds, size_px: int, asker: str) -> None:
        """Replace what one asker wants besides: a handful in a size of its own, most urgent."""
        self._beside[asker] = [(i, min(size_px, LARGEST_PX)) for i in sample_ids.tolist()]
        self._ask()

    def _ask(self) -> None:
        if self._thread is not None:
            size_px, sizes = self._size_px, self._sizes
            wishes = [*chain(*self._beside.values()), *((i, size_px) for i in self._on_screen)]
            self._thread.want(
                [
                    wish
                    for wish in dict.fromkeys(wishes)
                    if (here := sizes.get(wish[0])) is None
                    or (wish[1] not in here and _ANY_SIZE not in here)
                ]
            )

    def full(self, sample_id: int) -> Picture | str | None:
        """The whole image, if it was wanted lately."""
        entry = self._full.get(sample_id)
        return None if entry is None else entry[0]

    def want_full(self, sample_id: int) -> None:
        """Ask for a whole image; full_arrived follows, at once if it is here."""
        known = self.full(sample_id)
        if known is not None:
            self._full.move_to_end(sample_id)
            self.full_arrived.emit(sample_id, known)
        if not isinstance(known, Picture) and self._thread is not None:
            self._thread.want_full(sample_id)  # again, if it was unreadable: see want()

    def path_of(self, sample_id: int) -> str:
        """Display path of a sample whose whole image is here; empty for any other."""
        entry = self._full.get(sample_id)
        return "" if entry is None else entry[1]

    def want_files(self, sample_ids: SampleIds) -> None:
        """Ask for the files of some samples: `files` has them soon, where there are any."""
        self.files.clear()
        self._files_asked = sample_ids
        if self._thread is not None and len(sample_ids) <= _MAX_FILES:
            self._thread.want_files(sample_ids)

    def _forget(self) -> None:
        self._images: OrderedDict[Wish, QImage | str] = OrderedDict()
        self._sizes: dict[int, list[int]] = {}  # that are here, of each sample
        self._unreadable: set[int] = set()
        self._full: OrderedDict[int, tuple[Picture | str, str]] = OrderedDict()
        self._n_bytes = self._n_full_bytes = 0
        self._size_px = 1
        self._on_screen = list[int]()
        self._files_asked = np.empty(0, np.int64)
        self.files: list[str] = []  # of the samples that were asked for last
        self._beside: dict[str, list[Wish]] = {}

    def _take(
        self, number: int, sample_ids: SampleIds, images: list[QImage | str], size_px: int
    ) -> None:
        if number != self._number or self._thread is None:
            return
        for sample_id, image in zip(sample_ids.tolist(), images, strict=True):
            made_for = size_px if _is_reduced(image, size_px) else _ANY_SIZE
            self._drop((sample_id, made_for))
            self._images[sample_id, made_for] = image
            self._sizes.setdefault(sample_id, []).append(made_for)
            self._n_bytes += _bytes_of(image)
            if isinstance(image, str):
                self._unreadable.add(sample_id)
        while self._n_bytes > self._cache_bytes and len(self._images) > 1:
            self._drop(next(iter(self._images)))
        self._thread.acknowledge([(sample_id, size_px) for sample_id in sample_ids.tolist()])
        self.arrived.emit(sample_ids)

    def _drop(self, made: Wish) -> None:
        image = self._images.pop(made, None)
        if image is None:
            return
        self._n_bytes -= _bytes_of(image)
        sample_id, size_px = made
        if isinstance(image, str):
            self._unreadable.discard(sample_id)
        self._sizes[sample_id].remove(size_px)
        if not self._sizes[sample_id]:
            del self._sizes[sample_id]

    def _take_full(self, number: int, sample_id: int, picture: Picture | str, path: str) -> None:
        if number != self._number:
            return
        if sample_id in self._full:
            self._n_full_bytes -= _bytes_of(self._full.pop(sample_id)[0])
        self._full[sample_id] = picture, path
        self._n_full_bytes += _bytes_of(picture)
        while self._n_full_bytes > FULL_BYTES and len(self._full) > 1:
            self._n_full_bytes -= _bytes_of(self._full.popitem(last=False)[1][0])
        self.full_arrived.emit(sample_id, picture)

    def _take_files(self, number: int, asked: SampleIds, files: list[str]) -> None:
        if number == self._number and asked is self._files_asked:
            self.files = files

    def _pass_on(self, number: int, error: WinnowError) -> None:
        if number == self._number:
            self.failed.emit(error)


class _ReadingThread(QThread):
    """Takes wishes one batch at a time; what scrolled away before its turn is never read."""

    read = Signal(int, object, object, int)  # number, SampleIds, list[QImage | str], size_px
    read_full = Signal(int, object, object, str)  # number, sample id, Picture | str, path
    read_files = Signal(int, object, object)  # number, SampleIds, list[str]
    gave_up = Signal(int, object)  # number, WinnowError

    def __init__(self, number: int, client: ReaderClient, parent: QObject) -> None:
        super().__init__(parent)
        self.setObjectName("thumbnails")
        self._number, self._client = number, client
        self._news = threading.Condition()
        self._stopping = self._failed = False
        self._wanted: list[Wish] = []
        self._full_wanted: list[int] = []
        self._files_wanted: SampleIds | None = None
        self._wishes: set[Wish] = set()  # for the screen
        self._later: list[Wish] = []  # of these, what is not there yet
        self._full_later: list[int] = []
        self._again_at = 0.0  # when it is asked for again
        self._on_the_way: set[Wish] = set()  # not yet in the cache
        self._batch = 16

    def want(self, wishes: list[Wish]) -> None:
        with self._news:
            self._wanted = [wish for wish in wishes if wish not in self._on_the_way]
            self._wishes, self._later = set(wishes), []
            self._news.notify()

    def want_full(self, sample_id: int) -> None:
        """The newest wish comes first, and the oldest ones are forgotten."""
        with self._news:
            others = [i for i in self._full_wanted if i != sample_id]
            self._full_wanted = [*others, sample_id][-_MAX_FULL_WISHES:]
            self._news.notify()

    def want_files(self, sample_ids: SampleIds) -> None:
        with self._news:
            self._files_wanted = sample_ids
            self._news.notify()

    def acknowledge(self, wishes: list[Wish]) -> None:
        """These arrived in the cache; from now on the cache answers for them."""
        with self._news:
            self._on_the_way.difference_update(wishes)

    def stop(self) -> None:
        """End within 5 s, even in the middle of a file that hangs."""
        with self._news:
            self._stopping = True
            self._news.notify()
        if not self.wait(_STOP_MS):
            self._client.abort()
            self.wait(_ABORT_MS)

    def run(self) -> None:
        while (task := self._next_task()) is not None:
            task()

    def _next_task(self) -> Callable[[], None] | None:
        with self._news:
            while not (self._stopping or self._is_asked()):
                self._wait()
            if self._stopping:
                return None
            if self._files_wanted is not None:
                asked, self._files_wanted = self._files_wanted, None
                return lambda: self._read_files(asked)
            if self._full_wanted:
                sample_id = self._full_wanted.pop()
                return lambda: self._read_full(sample_id)
            size_px = self._wanted[0][1]
            alike = takewhile(lambda wish: wish[1] == size_px, self._wanted)
            batch = list(islice(alike, self._batch))
            self._wanted = self._wanted[len(batch) :]
            self._on_the_way.update(batch)
            return lambda: self._read(np.array([i for i, _ in batch], np.int64), size_px)

    def _is_asked(self) -> bool:
        return bool(self._files_wanted is not None or self._full_wanted or self._wanted)

    def _wait(self) -> None:
        """Wait for a wish, or until what was not there yet is asked for again."""
        if not (self._later or self._full_later):
            self._news.wait()
            return
        left_s = self._again_at - time.monotonic()
        if left_s > 0:
            self._news.wait(left_s)
            return
        self._wanted, self._full_wanted = self._later, self._full_later
        self._later, self._full_later = [], []

    def _read(self, sample_ids: SampleIds, size_px: int) -> None:
        begun = time.monotonic()
        try:
            pixels: Sequence[Pixels | str] = self._client.thumbnails(
                sample_ids, size_px, wait=False
            )
        except Exception as error:  # noqa: BLE001 - the tiles say it, and the thread lives on
            pixels = [self._said(error)] * len(sample_ids)
        per_image = (time.monotonic() - begun) / len(sample_ids)
        self._batch = min(_MAX_BATCH, max(1, int(_BATCH_S / max(per_image, 1e-6))))
        here = np.array([not isinstance(one, UnreadableYet) for one in pixels])
        images = list(_as_images(one for one in pixels if not isinstance(one, UnreadableYet)))
        self._ask_later([(i, size_px) for i in sample_ids[~here].tolist()])
        if images:
            self.read.emit(self._number, sample_ids[here], images, size_px)

    def _ask_later(self, not_yet: list[Wish]) -> None:
        with self._news:
            self._on_the_way.difference_update(not_yet)
            self._later += [wish for wish in not_yet if wish in self._wishes]
            self._again_at = time.monotonic() + _AGAIN_S

    def _read_full(self, sample_id: int) -> None:
        asked = np.array([sample_id], np.int64)
        path = ""
        try:
            path = self._client.paths(asked)[0]
            pixels: Pixels | str = self._client.read(asked, wait=False)[0]
            picture = pixels if isinstance(pixels, str) else Picture.of(pixels)
        except Exception as error:  # noqa: BLE001 - as above
            picture = self._said(error)
        if isinstance(picture, UnreadableYet):
            with self._news:
                others = [i for i in self._full_later if i != sample_id]
                self._full_later = [*others, sample_id][-_MAX_FULL_WISHES:]
                self._again_at = time.monotonic() + _AGAIN_S
            return
        self.read_full.emit(self._number, sample_id, picture, path)

    def _read_files(self, sample_ids: SampleIds) -> None:
        try:
            files = self._client.files(sample_ids)
        except Exception as error:  # noqa: BLE001 - as above
            self._said(error)
        else:
            self.read_files.emit(self._number, sample_ids, files)

    def _said(self, error: Exception) -> str:
        """The error's sentence for a tile; the first one is told to the whole window."""
        if not (self._failed or self._stopping):
            self._failed = True
            known = error if isinstance(error, WinnowError) else WinnowError(str(error))
            self.gave_up.emit(self._number, known)
        return str(error)


def as_qimage(pixels: Pixels) -> QImage:
    """A QImage with its own memory, in the format that is drawn fastest for its size.

    Grey stays grey, a quarter of the bytes: measured, 60 tiles of 96 px are drawn in 0.3 ms, and
    in 0.1 ms if they are made coloured.

    Parameters
    ----------
    pixels : uint8 (h, w, 1 or 3)
    """
    height, width, channels = pixels.shape
    grey = channels == 1
    shape = QImage.Format.Format_Grayscale8 if grey else QImage.Format.Format_RGB888
    packed = np.ascontiguousarray(pixels)
    borrowed = QImage(packed.data, width, height, width * channels, shape)
    return borrowed.copy() if grey else borrowed.convertToFormat(QImage.Format.Format_RGB32)


def _as_images(pixels: Iterable[Pixels | str]) -> Iterable[QImage | str]:
    return (str(one) if isinstance(one, str) else as_qimage(one) for one in pixels)


def _worth(size_px: int, wanted_px: int) -> tuple[bool, bool, int]:
    """How little a thumbnail serves a size: best made for it, else larger, else smaller."""
    return size_px not in (wanted_px, _ANY_SIZE), size_px < wanted_px, abs(size_px - wanted_px)


def _is_reduced(image: QImage | str, size_px: int) -> bool:
    """Whether the source may hold more than this thumbnail shows."""
    return isinstance(image, QImage) and max(image.width(), image.height()) >= size_px


def _bytes_of(image: QImage | Picture | str) -> int:
    if isinstance(image, QImage):
        return image.sizeInBytes()
    return len(image) if isinstance(image, str) else image.n_bytes
