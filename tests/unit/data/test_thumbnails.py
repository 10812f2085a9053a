"""Pixels of any number type as 8 bits on the screen."""

from __future__ import annotations

import numpy as np
import pytest

from models.data.readers.wording import floats_in_words
from models.review.shades import float_scale, to_screen
from tests.helpers import sources
from tests.helpers.sources import images, opened


@pytest.mark.parametrize(
    ("low", "high", "scale", "words"),
    [
        (0.0, 1.0, (0, 1), "floats in 0..1"),
        (0.2, 0.7, (0, 1), "floats in 0..1"),
        (-0.01, 1.004, (0, 1), "floats in 0..1"),
        (-1.0, 1.0, (-1, 1), "floats in -1..1"),
        (-0.9, 0.4, (-1, 1), "floats in -1..1"),
        (0.0, 255.0, (0, 255), "floats in 0..255"),
        (3.0, 200.0, (0, 255), "floats in 0..255"),
        (0.0, 16.0, None, "floats, 0 to 16"),
        (-2.1, 2.64, None, "standardised floats, -2.1 to 2.64"),
        (0.0, 4000.0, None, "floats, 0 to 4e+03"),
    ],
)
def test_the_usual_scales_of_floats(low, high, scale, words):
    assert float_scale(low, high) == scale
    assert floats_in_words(low, high) == words


@pytest.mark.parametrize(
    ("grey", "value_range"),
    [
        (lambda pixels: pixels / 255, (0, 1)),
        (lambda pixels: pixels / 127.5 - 1, (-1, 1)),
        (lambda pixels: pixels, (0, 255)),
        (lambda pixels: (pixels - 128) / 50, (-2.56, 2.54)),
    ],
)
def test_the_same_picture_on_any_scale_looks_the_same(grey, value_range):
    pixels = np.arange(256, dtype=np.uint8).reshape(16, 16, 1)
    stored = grey(pixels.astype(np.float32))
    assert np.abs(to_screen(stored, value_range).astype(int) - pixels).max() <= 1


def test_dark_images_on_a_usual_scale_stay_dark():
    assert to_screen(np.full((2, 2, 1), 0.2, np.float32), (0.1, 0.3)).max() == 51


@pytest.mark.parametrize(
    ("scaled", "said"),
    [
        (lambda pixels: pixels / 255, "24 grey images of 8x8 (floats in 0..1) from"),
        (lambda pixels: pixels / 127.5 - 1, "24 grey images of 8x8 (floats in -1..1) from"),
        (lambda pixels: (pixels - 100) / 60, "(standardised floats, -1.67 to 2.58) from"),
    ],
)
def test_the_sentence_says_what_floats_look_like(tmp_path, scaled, said):
    pixels = scaled(images().astype(np.float32))
    with opened(sources.npz(tmp_path / "a.npz", x=pixels)) as source:
        assert said in source.info.sentence
        assert np.abs(source.thumbnail(3, 8)[..., 0].astype(int) - images()[3]).max() <= 1
