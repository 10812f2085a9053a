"""The page of a work list: the images to decide on, each beside what is known of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from models.data.pages import Picture, render

ACTIONS: Mapping[str, str] = {
    "keep": "the given label is right",
    "accept": "the suggestion is right",
    "set": "another class is right: write its name under label",
    "exclude": "the image does not belong into the dataset",
    "second_look": "someone else should decide",
}
_SIZES = ((150, 256), (300, 192))  # up to so many images, thumbnails of so many px: the page
_LEAST_PX = 144  # of the usual 500 stays below 5 MB


@dataclass(frozen=True)
class Item:
    """An image of the list. `row` is that of the table, whose header is row 1."""

    row: int
    known: Mapping[str, Any]  # column of the table -> value
    picture: Picture

    @property
    def suggested(self) -> str:
        """The class the model suggests, where it is not the given one."""
        suggested = str(self.known["suggested"] or "")
        return suggested if suggested != self.known["given"] else ""


def thumbnail_px(n: int) -> int:
    """How large the images of a list of n may be; more than is shown, for sharp screens."""
    return next((px for most, px in _SIZES if n <= most), _LEAST_PX)


def worklist_page(name: str, items: Sequence[Item], n_open: int, run: int, project: str) -> str:
    """`n_open` images wait for a decision; `items` are the most suspect of them."""
    return render(
        "worklist.html",
        name=name,
        items=items,
        n_open=n_open,
        run=run,
        project=project,
        actions=ACTIONS,
    )
