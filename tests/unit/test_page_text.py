"""The data page as text: everything that is wrong is said, in few lines."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import numpy as np

from models.describing import describing
from models.opening import request_for
from models.review.decisions import Action
from models.types import Finished
from qtapp.page_text import page_lines, size_text
from tests.helpers import sources
from tests.helpers.local import open_here, press


def test_all_that_is_wrong_is_said(tmp_path: Path) -> None:
    pixels = sources.images().astype(np.float32) / 255
    pixels[2] = 0.5
    pixels[3, 1, 1] = np.nan
    names = np.array(["T-shirt", "tshirt", "T-shirt"])[np.arange(24) % 3]
    request = sources.npz(tmp_path / "a.npz", images=pixels, labels=names)
    *_, last = describing(request, quick=True)
    assert isinstance(last, Finished)
    said = "\n".join(page_lines(last.result))
    assert "Cannot be read: 1 image\n  3  a.npz[3]  holds NaN or infinite pixels." in said
    assert "Blank, every pixel alike: 1 image (sample 2)" in said
    assert "  T-shirt (16): tshirt (8; capitals and punctuation)" in said
    assert "The largest class, T-shirt (16), has 2 times as many images" in said
    assert "sizes      all 8 x 8" in said


def test_images_of_a_class_that_was_added_are_counted_there(tmp_path: Path) -> None:
    with closing(open_here(sources.npz(tmp_path / "a.npz"))) as review:
        press(review, Action.SET, [0, 3], 3, added_class="wasp")
        project = review.project.path
    *_, last = describing(request_for([project]), quick=True)
    assert isinstance(last, Finished)
    table = [line.split() for line in page_lines(last.result)]
    assert ["class", "images", "images", "now"] in table
    assert ["0", "8", "6"] in table
    assert ["wasp", "0", "2"] in table


def test_classes_given_to_images_that_came_without_a_label_are_counted(tmp_path: Path) -> None:
    unlabelled = sources.npz(tmp_path / "a.npz", images=sources.images())
    with closing(open_here(unlabelled)) as review:
        press(review, Action.SET, [0, 3], 0, added_class="wasp")
        project = review.project.path
    *_, last = describing(request_for([project]), quick=True)
    assert isinstance(last, Finished)
    assert ["wasp", "0", "2"] in [line.split() for line in page_lines(last.result)]


def test_sizes_of_files() -> None:
    assert [size_text(n) for n in (12, 1_500, 31_400_000)] == ["12 bytes", "1.5 kB", "31.4 MB"]
