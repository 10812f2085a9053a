"""How the person looks at the dataset: tile size, one image or many, what is hidden."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from qtapp.state.selection import NOTHING

THUMB_SIZES_PX = (32, 48, 64, 80, 96, 128, 160, 192, 256, 320, 384, 512)
GRID, SINGLE, DATA, COMPARE, BLIND = "grid", "single", "data", "compare", "blind"


class ViewState(QObject):
    """Everything here is remembered per project."""

    changed = Signal()
    peeking_changed = Signal()
    pointed_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.thumb_px = 96
        self.mode = GRID
        self.advance = True  # after a decision, go to the next undecided sample
        self._hidden_by_key = False  # while H is held
        self._awaits_answer = False  # the person is to answer before a suggestion is shown
        self.peeking = False  # while Space is held
        self.pointed = NOTHING  # the image a key that peeks shows instead of the current one
        self.compared: tuple[int, ...] = ()  # sample ids, side by side
        self.compared_columns = 1
        self.columns = 1  # of the grid as it is laid out now
        self.from_right = False  # whether its lines begin at the right, as the person reads
        self.visible_rows = (0, 0)  # first row and one past the last, on the screen now

    def set_thumb_px(self, thumb_px: int) -> None:
        self._set("thumb_px", min(THUMB_SIZES_PX, key=lambda size: abs(size - thumb_px)))

    def zoom(self, steps: int) -> None:
        """One size up or down the ladder of tile sizes."""
        at = THUMB_SIZES_PX.index(self.thumb_px) + steps
        self._set("thumb_px", THUMB_SIZES_PX[max(0, min(at, len(THUMB_SIZES_PX) - 1))])

    def set_mode(self, mode: str) -> None:
        self._set("mode", mode)

    def compare(self, sample_ids: tuple[int, ...]) -> None:
        """Lay images side by side."""
        self.compared = sample_ids
        self.set_mode(COMPARE)

    def apart(self, current: int) -> tuple[int, ...]:
        """The images that are seen without the grid: the current one, or those side by side."""
        if self.mode == SINGLE:
            return (current,)
        return self.compared if self.mode == COMPARE else ()

    def set_advance(self, advance: bool) -> None:
        self._set("advance", advance)

    @property
    def predictions_hidden(self) -> bool:
        """Whether nothing that the model says of an image may be seen now."""
        return self._hidden_by_key or self._awaits_answer

    @property
    def is_hiding(self) -> bool:
        """Whether the key that hides them is held: then no view of many images tells any."""
        return self._hidden_by_key

    def hide_predictions(self, hidden: bool) -> None:
        self._set("_hidden_by_key", hidden)

    def await_answer(self, awaited: bool) -> None:
        """Hide them until the person has answered."""
        self._set("_awaits_answer", awaited)

    def peek(self, peeking: bool) -> None:
        if peeking != self.peeking:
            self.peeking = peeking
            self.peeking_changed.emit()

    def point_at(self, sample_id: int) -> None:
        """An image beside the current one is under the pointer, or none (NOTHING)."""
        if sample_id != self.pointed:
            self.pointed = sample_id
            self.pointed_changed.emit()

    def _set(self, name: str, value: object) -> None:
        if getattr(self, name) != value:
            setattr(self, name, value)
            self.changed.emit()
