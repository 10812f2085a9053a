"""How images are looked at: which part of them, which values from black to white, which channel."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum

from PySide6.QtCore import QObject, Signal

from qtapp.state.blind import BlindState
from qtapp.state.selection import SelectionState
from qtapp.state.session import SessionState
from qtapp.state.view import COMPARE, ViewState

_LEAST_ZOOM, _MOST_ZOOM = 1 / 64, 64.0
_NARROWEST, _WIDEST = 1 / 256, 8.0  # window, in spans of its base


class Base(Enum):
    """The values that are black and white before a person moves them."""

    USUAL = "usual"  # the dataset's, the same for every image
    WHOLE = "whole"  # the lowest and the highest of the image itself
    MIDDLE = "middle"  # its 1st and 99th percentile


@dataclass(frozen=True)
class Pose:
    """Which part is seen, in terms that fit an image of any size."""

    zoom: float = 1.0  # times the fitted size; with `per_pixel` screen pixels for each of its own
    x: float = 0.5  # what lies in the middle of the view, as a share of the width
    y: float = 0.5
    per_pixel: bool = False


@dataclass(frozen=True)
class Levels:
    """Window and level as shares of the base's span, so that they fit values of any kind."""

    base: Base = Base.USUAL
    window: float = 1.0
    level: float = 0.5

    def between(self, low: float, high: float) -> tuple[float, float]:
        """What is black and what is white, where the base is `low` to `high`."""
        middle, half = low + self.level * (high - low), self.window * (high - low) / 2
        return middle - half, middle + half


class ImageLook(QObject):
    """Shared by everything that shows an image large, so that images can be compared.

    Levels and channel stay from image to image; another image is seen whole again, unless
    several are compared.
    """

    changed = Signal()

    def __init__(
        self,
        session: SessionState,
        selection: SelectionState,
        view: ViewState,
        blind: BlindState,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._session, self._view, self._blind = session, view, blind
        self.pose: Pose | None = None  # None: all of it
        self.levels = Levels()
        self.channel: int | None = None  # None: all of them
        self._mode, self._asked = view.mode, blind.sample_id
        session.changed.connect(self._start_over)
        selection.current_changed.connect(self._meet_another)
        view.changed.connect(self._follow_mode)
        blind.changed.connect(self._follow_blind)

    # -- zoom and pan --------------------------------------------------------------------
    def zoomed(self, factor: float) -> Pose:
        """The pose after zooming in by `factor` at the middle of the view."""
        pose = self.pose or Pose()
        return replace(pose, zoom=min(max(pose.zoom * factor, _LEAST_ZOOM), _MOST_ZOOM))

    def zoom(self, factor: float) -> None:
        self.take_pose(self.zoomed(factor))

    def take_pose(self, pose: Pose | None) -> None:
        """Look at another part; the middle of the view never leaves the image."""
        if pose is not None:
            pose = replace(pose, x=min(max(pose.x, 0.0), 1.0), y=min(max(pose.y, 0.0), 1.0))
        self._set("pose", pose)

    def fit(self) -> None:
        """All of the image."""
        self.take_pose(None)

    def show_pixels(self) -> None:
        """Each pixel of the image as one of the screen."""
        self.take_pose(replace(self.pose or Pose(), zoom=1.0, per_pixel=True))

    # -- window and level ----------------------------------------------------------------
    def adjust(self, wider: float, higher: float) -> None:
        """Widen the window and raise its level, by shares of the base's span."""
        window = min(max(self.levels.window + wider, _NARROWEST), _WIDEST)
        level = min(max(self.levels.level + higher, -_WIDEST), _WIDEST)
        self._set("levels", replace(self.levels, window=window, level=level))

    def take_base(self, base: Base) -> None:
        self._set("levels", Levels(base))

    def next_base(self) -> None:
        """Usual, whole, middle, and usual again."""
        bases = list(Base)
        self.take_base(bases[(bases.index(self.levels.base) + 1) % len(bases)])

    # -- channels ------------------------------------------------------------------------
    @property
    def n_channels(self) -> int:
        """Of an image of the open dataset; where sizes are mixed, of the largest kind."""
        info = self._session.info
        shape = info.image_shape if info is not None else None
        return 3 if shape is None else shape[2]

    def next_channel(self) -> None:
        """All, the first, the second, ..., and all again."""
        after = 0 if self.channel is None else self.channel + 1
        self._set("channel", after if after < self.n_channels else None)

    # -- following -----------------------------------------------------------------------
    def _start_over(self) -> None:
        self.pose, self.levels, self.channel = None, Levels(), None
        self.changed.emit()

    def _meet_another(self) -> None:
        if self._view.mode != COMPARE:
            self.fit()

    def _follow_mode(self) -> None:
        if self._view.mode != self._mode:
            self._mode = self._view.mode
            self.fit()

    def _follow_blind(self) -> None:
        if self._blind.sample_id != self._asked:
            self._asked = self._blind.sample_id
            self.fit()

    def _set(self, name: str, value: object) -> None:
        if getattr(self, name) != value:
            setattr(self, name, value)
            self.changed.emit()
