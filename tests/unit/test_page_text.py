"""The data page as text: everything that is wrong is said, in few lines."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from models.describing import describing
from models.types import Finished
from qtapp.page_text import page_lines, size_text
from tests.helpers import sources


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


def test_sizes_of_files() -> None:
    assert [size_text(n) for n in (12, 1_500, 31_400_000)] == ["12 bytes", "1.5 kB", "31.4 MB"]
