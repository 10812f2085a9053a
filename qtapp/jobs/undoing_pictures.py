"""Pictures of what a remedy would undo in the images of a split, made before it is applied."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from models.data.undoing import Step, checked
from models.types import DatasetInfo, Event, Events, Pixels
from models.undoing_shown import before_and_after, some_of
from qtapp.jobs.one_at_a_time import OneAtATime
from qtapp.jobs.pictures import Picture
from qtapp.jobs.thumbnails import Thumbnails, as_qimage
from qtapp.state.session import SessionState


@dataclass(frozen=True, eq=False)
class Pair:
    """An image as it is seen now, and with one more thing undone."""

    sample_id: int
    before: QImage
    after: QImage


@dataclass(frozen=True)
class _Wish:
    info: DatasetInfo = field(compare=False)  # nothing is wished while another one is opened
    split: str
    undo: Step
    size_px: int  # of the longest side, at least where the image has as much


@dataclass(frozen=True, eq=False)
class _Made(Event):
    wish: _Wish
    pairs: tuple[Pair, ...]


class UndoingPictures(QObject):
    """Answers the newest wish, all images at once."""

    arrived = Signal()  # pairs
    failed = Signal(object)  # an error that is a bug

    def __init__(
        self, session: SessionState, thumbnails: Thumbnails, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._session, self._thumbnails = session, thumbnails
        self.pairs: tuple[Pair, ...] | None = ()  # None while they are made
        self._wish: _Wish | None = None
        self._left: list[int] = []  # images that are not here yet
        self._here: dict[int, Picture] = {}
        self._work = OneAtATime("undoing pictures", self)
        self._work.arrived.connect(self._show)
        self._work.ended.connect(self._make)
        self._work.failed.connect(self._give_up)
        thumbnails.full_arrived.connect(self._take)

    @property
    def is_idle(self) -> bool:
        return self.pairs is not None and not self._work.is_busy

    def want(self, split: str, undo: Mapping[str, Any], size_px: int) -> None:
        """Show some images of a split; a step that nobody knows is shown on none of them."""
        info = self._session.info
        if info is None or split not in info.splits or not _is_known(undo):
            self.want_nothing()
            return
        wish = _Wish(info, split, undo, size_px)
        if wish == self._wish:
            return
        self._wish, self._here, self.pairs = wish, {}, None
        self._left = some_of(info, split).tolist()
        self._ask()

    def want_nothing(self) -> None:
        """Nobody looks any more."""
        self._wish, self._left, self._here, self.pairs = None, [], {}, ()

    def stop(self) -> None:
        """The dataset is being closed: wait for what runs, and forget."""
        self.want_nothing()
        self._work.stop()

    def _ask(self) -> None:
        """One image after the other, so that those a person asks for come between."""
        if self._left:
            self._thumbnails.want_full(self._left[0])
        else:
            self._make()

    def _take(self, sample_id: int, picture: Picture | str) -> None:
        if not self._left:
            return
        if sample_id == self._left[0]:
            del self._left[0]
            if isinstance(picture, Picture):
                self._here[sample_id] = picture
        self._ask()  # the one before again, too: of many wishes the oldest are forgotten

    def _make(self) -> None:
        wish, here = self._wish, self._here
        if wish is not None and self.pairs is None and not (self._left or self._work.is_busy):
            self._work.begin(lambda: _making(wish, here))

    def _give_up(self, error: Exception) -> None:
        """Once failed, it would fail again."""
        self.want_nothing()
        self.failed.emit(error)

    def _show(self, event: Event) -> None:
        if isinstance(event, _Made) and event.wish is self._wish:
            self.pairs, self._here = event.pairs, {}
            self.arrived.emit()


def _is_known(undo: Mapping[str, Any]) -> bool:
    try:
        return bool(checked(undo))
    except ValueError:
        return False


def _making(wish: _Wish, here: Mapping[int, Picture]) -> Events:
    pairs = []
    for sample_id, picture in here.items():
        pixels = _large_enough(picture.levels, wish.size_px)
        before, after = before_and_after(pixels, wish.undo, wish.info)
        pairs.append(Pair(sample_id, as_qimage(before), as_qimage(after)))
    yield _Made(wish, tuple(pairs))


def _large_enough(levels: Sequence[Pixels], size_px: int) -> Pixels:
    """The smallest version of an image that is no smaller than that, or the image itself."""
    return next((one for one in reversed(levels) if max(one.shape[:2]) >= size_px), levels[0])
