"""One image, large: what is seen of it, in which shades, and what is under the pointer."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QObject, QPoint, QPointF, Qt
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from qtapp.jobs.pictures import Picture
from qtapp.state.image_look import Base, ImageLook
from qtapp.views.image_view import ImageView
from qtapp.views.theme import Theme
from tests.helpers.screens import wheel
from tests.helpers.spaces import workspace

MIDDLE = QPointF(100, 50)


@pytest.fixture
def looks(owner: QObject) -> ImageLook:
    return workspace(owner).image_look


@pytest.fixture
def image(qtbot: QtBot, looks: ImageLook) -> ImageView:
    return view(qtbot, looks)


def view(qtbot: QtBot, looks: ImageLook) -> ImageView:
    made = ImageView(looks, Theme("light"))
    qtbot.addWidget(made)
    made.resize(200, 100)
    return made


def grey(*rows: list[float], dtype: str = "uint8") -> Picture:
    return Picture.of(np.array(rows, dtype)[..., np.newaxis])


def blank(height: int, width: int) -> Picture:
    return Picture.of(np.zeros((height, width, 1), np.uint8))


def shades(view: ImageView, *columns: int, row: int = 50) -> list[int]:
    drawn = view.grab().toImage()
    return [QColor(drawn.pixel(x, row)).red() for x in columns]


# -- zoom and pan ------------------------------------------------------------------------
def test_an_image_is_fitted_and_its_pixels_stay_squares(image: ImageView) -> None:
    image.show_image(grey([0, 200]))
    assert image.scale == 100
    assert shades(image, 2, 98, 101, 197) == [0, 0, 200, 200]


def test_the_wheel_zooms_at_the_pointer_and_back(image: ImageView, looks: ImageLook) -> None:
    image.show_image(blank(100, 200))
    at = QPointF(50, 25)
    wheel(image, at, notches=3)
    assert image.scale == pytest.approx(1.25**3)
    point = image.image_point(at)
    assert (point.x(), point.y()) == pytest.approx((50, 25), abs=0.5)
    wheel(image, at, notches=-3)
    assert looks.pose is None


def test_images_of_any_size_show_the_same_part(
    qtbot: QtBot, image: ImageView, looks: ImageLook
) -> None:
    other = view(qtbot, looks)
    image.show_image(blank(50, 100))
    other.show_image(blank(100, 200))
    wheel(image, QPointF(50, 25), notches=6)
    assert image.scale == pytest.approx(2 * other.scale)
    near, far = image.image_point(MIDDLE), other.image_point(MIDDLE)
    assert (far.x(), far.y()) == pytest.approx((2 * near.x(), 2 * near.y()), abs=1)
    looks.show_pixels()
    assert image.scale == other.scale == 1


def test_dragging_moves_the_image_and_a_double_click_fits_it_again(
    qtbot: QtBot, image: ImageView
) -> None:
    image.show_image(Picture.of(np.arange(200, dtype=np.uint8).reshape(1, 200, 1).repeat(100, 0)))
    image.show()
    left = Qt.MouseButton.LeftButton
    qtbot.mousePress(image, left, pos=QPoint(100, 50))
    qtbot.mouseMove(image, QPoint(60, 50))
    qtbot.mouseRelease(image, left, pos=QPoint(60, 50))
    assert image.image_point(MIDDLE).x() == pytest.approx(140)
    assert shades(image, 100) == [140]
    qtbot.mouseDClick(image, left)
    assert image.image_point(MIDDLE).x() == pytest.approx(100)


def test_a_double_click_on_a_large_image_shows_its_pixels(qtbot: QtBot, image: ImageView) -> None:
    image.show_image(blank(1000, 2000))
    image.show()
    qtbot.mouseDClick(image, Qt.MouseButton.LeftButton, pos=QPoint(50, 25))
    assert image.scale == pytest.approx(1)
    point = image.image_point(QPointF(50, 25))
    assert (point.x(), point.y()) == pytest.approx((500, 250), abs=1)


def test_the_middle_of_the_view_never_leaves_the_image(
    qtbot: QtBot, image: ImageView, looks: ImageLook
) -> None:
    image.show_image(grey([90] * 4, [90] * 4))
    image.show()
    looks.zoom(8)
    left = Qt.MouseButton.LeftButton
    for _ in range(20):
        qtbot.mousePress(image, left, pos=QPoint(10, 50))
        qtbot.mouseMove(image, QPoint(190, 90))
        qtbot.mouseRelease(image, left, pos=QPoint(190, 90))
    assert shades(image, 150, row=75) == [90]


# -- large images ------------------------------------------------------------------------
def test_an_image_much_larger_than_the_view_is_shown_whole(image: ImageView) -> None:
    image.show_image(Picture.of(np.full((1001, 1999, 3), 90, np.uint8)))
    assert shades(image, 1, 100, 198) == [90, 90, 90]


def test_a_reduced_image_is_averaged_and_does_not_flicker(image: ImageView) -> None:
    stripes = (np.arange(1000) % 2 * 255).astype(np.uint8)
    image.show_image(Picture.of(np.tile(stripes, (500, 1))[..., np.newaxis]))
    assert shades(image, 60, 61, 62, 63) == pytest.approx([128] * 4, abs=30)  # no 0, no 255


def test_the_same_place_is_seen_at_any_zoom(image: ImageView, looks: ImageLook) -> None:
    pixels = np.zeros((999, 1999, 1), np.uint8)
    pixels[480:520, 980:1020] = 250
    image.show_image(Picture.of(pixels))
    seen = []
    for _ in range(12):
        seen += shades(image, 100)
        looks.zoom(1.25)
    assert min(seen) > 200


# -- shades ------------------------------------------------------------------------------
def test_window_and_level_stretch_a_range_of_values(image: ImageView, looks: ImageLook) -> None:
    image.show_image(grey([100, 110]))
    looks.take_base(Base.WHOLE)
    assert shades(image, 50, 150) == [0, 255]
    assert "100 – 110" in image.accessibleDescription()
    looks.adjust(1.0, 0.0)
    assert image.values == (95, 115)
    looks.take_base(Base.USUAL)
    assert shades(image, 50, 150) == [100, 110]
    assert image.accessibleDescription() == ""


@pytest.mark.parametrize(
    ("values", "dtype", "value_range", "shown"),
    [
        ([-1.0, 1.0], "float64", (-1.0, 1.0), [0, 255]),
        ([0.2, 0.4], "float32", (0.2, 0.4), [51, 102]),  # on the usual scale 0..1, as its tile
        ([0, 2000], "uint16", (0.0, 4000.0), [0, 127]),
        ([0, 16], "uint8", (0.0, 16.0), [0, 255]),  # digits of 0..16 would be all black
        ([np.nan, np.inf], "float32", (0.0, 1.0), [0, 255]),
    ],
)
def test_values_of_other_types_are_shown_in_the_range_of_the_dataset(
    image: ImageView, values: list[float], dtype: str, value_range: tuple[float, float], shown
) -> None:
    image.show_image(grey(values, dtype=dtype), value_range)
    assert shades(image, 50, 150) == shown


def test_sixteen_bits_are_windowed_in_their_own_depth(image: ImageView, looks: ImageLook) -> None:
    image.show_image(grey([30000, 30010], dtype="uint16"), (0.0, 65535.0))
    looks.take_base(Base.WHOLE)
    assert shades(image, 50, 150) == [0, 255]


def test_dragging_with_the_right_button_moves_the_window(
    qtbot: QtBot, image: ImageView, looks: ImageLook
) -> None:
    image.show_image(grey([0, 200]))
    image.show()
    right = Qt.MouseButton.RightButton
    qtbot.mousePress(image, right, pos=QPoint(10, 10))
    qtbot.mouseMove(image, QPoint(74, 10))
    qtbot.mouseRelease(image, right, pos=QPoint(74, 10))
    assert looks.levels.window == pytest.approx(1.25)
    assert looks.pose is None


def test_one_channel_is_shown_as_grey(image: ImageView, looks: ImageLook) -> None:
    image.show_image(Picture.of(np.full((4, 8, 3), (10, 20, 30), np.uint8)))
    looks.channel = 1
    looks.changed.emit()
    colour = QColor(image.grab().toImage().pixel(100, 50))
    assert (colour.red(), colour.green(), colour.blue()) == (20, 20, 20)
    assert image.accessibleDescription() == "green"
    image.show_image(grey([7, 7]))  # has one alone
    assert shades(image, 100) == [7]


# -- in words ----------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("picture", "words"),
    [
        (grey([3, 4000], dtype="uint16"), "1, 0:  4000"),
        (Picture.of(np.full((1, 2, 3), (1, 2, 3), np.uint8)), "1, 0:  1  2  3"),
        (grey([0.0, 0.12345678], dtype="float32"), "1, 0:  0.1235"),
    ],
)
def test_the_pixel_under_the_pointer_is_told(
    qtbot: QtBot, image: ImageView, picture: Picture, words: str
) -> None:
    image.show_image(picture, (0.0, 4000.0))
    image.show()
    qtbot.mouseMove(image, QPoint(1, 1))  # a pointer that stays says nothing
    qtbot.mouseMove(image, QPoint(150, 50))
    assert image._under_pointer() == words
    image.show_image(blank(10, 10))  # does not reach there
    assert image._under_pointer() == ""


def test_what_cannot_be_read_is_said_in_its_place(image: ImageView) -> None:
    image.show_image(None)
    empty = image.grab().toImage()
    image.show_image("digits.npz[3]: is cut short.")
    assert image.grab().toImage() != empty
