"""What is measured of an image agrees with its definition, whatever the image."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image

from models.review.properties import PROPERTIES, Properties, measured, unmeasured

shapes = st.tuples(
    st.integers(1, 3), st.integers(1, 40), st.integers(1, 40), st.sampled_from([1, 3])
)
stacks = shapes.flatmap(lambda shape: arrays(np.uint8, shape))


def of(image: np.ndarray, name: str, **about: float) -> float:
    table = measured(image[np.newaxis], image.shape[:2], **about)
    return float(table[PROPERTIES.index(name), 0])


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(stacks)
def test_every_image_is_measured_as_if_it_were_alone(images):
    together = measured(images, images.shape[1:3])
    alone = [measured(image[np.newaxis], image.shape[:2]) for image in images]
    np.testing.assert_allclose(together, np.concatenate(alone, axis=1), rtol=1e-4, atol=1e-6)


@settings(max_examples=40, deadline=None)
@given(stacks)
def test_what_is_known_lies_where_it_should(images):
    table = dict(zip(PROPERTIES, measured(images, images.shape[1:3]), strict=True))
    for name in ("brightness", "saturation", "border"):
        known = table[name][np.isfinite(table[name])]
        assert ((known >= -1e-6) & (known <= 1 + 1e-6)).all()
    assert (table["contrast"] <= 0.5 + 1e-6).all()
    assert np.isnan(table["saturation"]).all() or images.shape[3] == 3
    assert np.isnan(table["sharpness"][table["contrast"] == 0]).all()


def test_a_border_of_one_value_has_no_contrast():
    images = np.full((2, 40, 40, 1), 222, np.uint8)
    table = dict(zip(PROPERTIES, measured(images, (40, 40)), strict=True))
    assert (table["border_contrast"] == 0).all()


def test_brightness_is_pillows_and_contrast_its_standard_deviation():
    image = np.random.default_rng(0).integers(0, 256, (20, 30, 3), dtype=np.uint8)
    grey = np.asarray(Image.fromarray(image).convert("L"), np.float64) / 255
    assert of(image, "brightness") == pytest.approx(grey.mean(), abs=3e-3)
    assert of(image, "contrast") == pytest.approx(grey.std(), abs=3e-3)


def test_sharpness_falls_when_an_image_is_blurred_and_not_when_it_is_dimmed():
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 1), dtype=np.uint8)
    blurred = np.asarray(Image.fromarray(noise[..., 0]).resize((16, 16)).resize((64, 64)))[
        ..., np.newaxis
    ]
    assert of(noise, "sharpness") == pytest.approx(1, abs=0.05)
    assert of(blurred, "sharpness") < 0.2
    assert of(noise // 2, "sharpness") == pytest.approx(of(noise, "sharpness"), rel=0.02)


def test_colours_and_borders():
    red = np.zeros((8, 8, 3), np.uint8)
    red[..., 0] = 200
    assert of(red, "saturation") == 1
    assert of(red, "warmth") == pytest.approx(200 / 255)
    framed = np.zeros((8, 8, 1), np.uint8)
    framed[1:-1, 1:-1] = 255
    assert (of(framed, "border"), of(framed, "border_contrast")) == (0, 0)
    assert of(255 - framed, "border") == 1


def test_sizes_are_those_of_the_stored_image():
    image = np.zeros((4, 4, 1), np.uint8)
    table = dict(zip(PROPERTIES, measured(image[np.newaxis], (30, 60), 900.0)[:, 0], strict=True))
    assert (table["width"], table["height"], table["aspect"]) == (60, 30, 2)
    assert table["bytes_per_pixel"] == 0.5


def test_what_is_the_same_of_all_images_is_known_but_does_not_vary():
    table = unmeasured(3)
    table[PROPERTIES.index("width")] = 28
    table[PROPERTIES.index("brightness"), :2] = (0.1, 0.2)
    found = Properties(table, 2)
    assert list(found.columns) == ["brightness", "width"]
    assert list(found.varying) == ["brightness"]
    assert not found.is_complete
