"""How the axes of arrays lie: shapes alone, answers, and the pixels where both leave a choice."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from models.data.readers.meaning.array_shapes import View, holds_images, views
from models.errors import Undecided
from models.types import OpenRequest
from tests.helpers import sources
from tests.helpers.sources import images, labels, opened

NOTHING = OpenRequest(("file",))


def smooth(n: int, height: int, width: int) -> np.ndarray:
    """uint8 (n, height, width, 3) in which neighbours are alike and colours are not."""
    ramp = np.add.outer(np.arange(height), np.arange(width))[..., None]
    shift = np.arange(n)[:, None, None, None] * 3
    return (ramp * 2 + shift + np.array([0, 90, 160])).astype(np.uint8)


@pytest.mark.parametrize(
    ("shape", "layouts"),
    [
        ((9, 28, 28), ["nhw"]),
        ((9, 28, 28, 1), ["nhwc"]),
        ((9, 1, 28, 28), ["nchw"]),
        ((9, 4, 28, 28), ["nchw"]),
        ((9, 4, 4, 3), ["nhwc"]),
        ((9, 3, 4, 4), ["nchw"]),
        ((9, 3, 3, 3), ["nhwc", "nchw"]),
        ((9, 3, 5, 3), ["nhwc", "nchw"]),
        ((9, 784), ["nhw"]),
        ((9, 3072), ["nchw", "nhwc"]),
        ((9, 1024, 3), ["nhwc"]),
        ((9, 3, 1024), ["nchw"]),
        ((9, 784, 1), ["nhwc"]),
        ((9, 10), []),
        ((9, 49), []),
        ((9, 785), []),
        ((9, 1, 1, 1), []),
        ((3, 10_000, 32, 32), []),
        ((9,), []),
    ],
)
def test_shapes_tell_layouts(shape, layouts):
    assert [view.layout for view in views(shape, NOTHING)] == layouts


@pytest.mark.parametrize(
    ("shape", "answer", "layout", "seen"),
    [
        ((9, 600), (20, 30), "", [View("nhw", (9, 20, 30))]),
        ((9, 3072), (32, 32, 3), "nchw", [View("nchw", (9, 3, 32, 32))]),
        ((9, 3072), (), "nhwc", [View("nhwc", (9, 32, 32, 3))]),
        ((9, 600), (10, 20, 3), "nhwc", [View("nhwc", (9, 10, 20, 3))]),
        ((9, 600), (20, 31), "", []),
        ((9, 3, 3, 3), (3, 3, 3), "nchw", [View("nchw", (9, 3, 3, 3))]),
        ((9, 28, 28), (), "nhwc", []),
        ((480, 640, 3), (), "nhw", [View("nhw", (480, 640, 3))]),
    ],
)
def test_answers_settle_what_shapes_do_not(shape, answer, layout, seen):
    assert views(shape, replace(NOTHING, shape=answer, layout=layout)) == seen


def test_one_label_a_row_is_no_image():
    assert not holds_images((9, 1, 1, 1))


@pytest.mark.parametrize("planes", [True, False])
@pytest.mark.parametrize("compressed", [True, False])
def test_the_smoother_picture_tells_how_flat_colours_lie(tmp_path, planes, compressed):
    pictures = smooth(12, 16, 16)
    stored = pictures.transpose(0, 3, 1, 2) if planes else pictures
    request = sources.npz(tmp_path / "a.npz", compressed=compressed, x=stored.reshape(12, -1))
    with opened(request) as source:
        assert np.array_equal(source.stack(np.arange(12)), pictures)
        way = "plane by plane" if planes else "interleaved"
        assert f"(rows of 768 numbers read as 16x16 in colour, {way})" in source.info.sentence


def test_flat_grey_images_are_square_and_said_to_be(tmp_path):
    pictures = images(24, (28, 28))
    with opened(sources.npz(tmp_path / "a.npz", x=pictures.reshape(24, -1), y=labels())) as source:
        assert np.array_equal(source.stack(np.arange(24))[..., 0], pictures)
        assert "24 grey images of 28x28 from array “x”" in source.info.sentence
        assert "(rows of 784 numbers read as 28x28)" in source.info.sentence


def test_pixels_that_do_not_tell_leave_it_to_a_person(tmp_path):
    request = sources.npz(tmp_path / "a.npz", x=images(24, (3072,)), y=labels())
    with pytest.raises(Undecided, match="--layout nhwc or --layout nchw") as asked:
        opened(request)
    assert asked.value.arrays == (
        {"name": "x", "shape": [24, 3072], "dtype": "uint8", "role": "images"},
        {"name": "y", "shape": [24], "dtype": "int64", "role": "labels"},
    )
    with opened(replace(request, layout="nchw")) as source:
        assert source.info.image_shape == (32, 32, 3)


def test_rows_of_no_square_number_ask_for_a_shape(tmp_path):
    request = sources.npz(tmp_path / "a.npz", x=images(24, (20, 30)).reshape(24, -1), y=labels())
    with pytest.raises(Undecided, match=r"rows of 600 numbers.*--shape") as asked:
        opened(request)
    assert asked.value.arrays[0]["role"] == "images"
    with opened(replace(request, shape=(20, 30))) as source:
        assert np.array_equal(source.read(3)[..., 0], images(24, (20, 30))[3])
    with pytest.raises(Undecided, match="does not hold images of 20x31"):
        opened(replace(request, images="x", shape=(20, 31)))


def test_a_layout_that_cannot_be_is_refused(tmp_path):
    request = sources.npz(tmp_path / "a.npz", x=images())
    with pytest.raises(Undecided, match="cannot have the layout nhwc"):
        opened(replace(request, layout="nhwc"))


def test_a_single_photo_is_not_taken_for_many_narrow_images(tmp_path):
    request = sources.npz(tmp_path / "a.npz", x=images(48, (64, 3)))
    with pytest.raises(Undecided, match=r"one photo of 64x48 pixels.*--layout nhw"):
        opened(request)
    with opened(replace(request, layout="nhw")) as source:
        assert source.info.n == 48
