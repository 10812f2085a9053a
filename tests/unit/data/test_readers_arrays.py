"""Image and label arrays in .npz and .npy files: what is understood of them, what is refused."""

from __future__ import annotations

import contextlib
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.errors import DatasetError
from models.types import UNLABELLED, OpenRequest
from tests.helpers import sources
from tests.helpers.sources import images, labels, opened

GREY, COLOUR = images(), images(shape=(8, 6, 3))


@pytest.mark.parametrize("compressed", [False, True])
def test_npz_gives_every_image_and_label(tmp_path, compressed):
    request = sources.npz(tmp_path / "a.npz", compressed=compressed)
    with opened(request) as source:
        assert source.info.sentence == (
            "24 grey images of 8x8 from array “images”, 3 classes from array “labels”."
        )
        assert source.info.image_shape == (8, 8, 1)
        assert source.info.class_names == ("0", "1", "2")
        assert np.array_equal(source.given, labels())
        assert np.array_equal(source.stack(np.arange(24)), GREY[..., None])
        assert all(np.array_equal(source.read(i), GREY[i][..., None]) for i in range(24))
        assert source.path(17) == "a.npz[17]"


def test_images_and_labels_as_two_npy_files(tmp_path):
    with opened(sources.npy(tmp_path)) as source:
        assert np.array_equal(source.given, labels())
        assert np.array_equal(source.read(23), GREY[23][..., None])


def test_images_alone_are_unlabelled(tmp_path):
    with opened(sources.npy(tmp_path, images=GREY)) as source:
        assert (source.info.labelled, source.info.unlabelled) == (0, 24)
        assert (source.given == UNLABELLED).all()
        assert source.info.sentence.endswith("no labels.")


@pytest.mark.parametrize(
    ("stored", "shape"),
    [
        (GREY, (8, 8, 1)),
        (COLOUR, (8, 6, 3)),
        (COLOUR.transpose(0, 3, 1, 2), (8, 6, 3)),
        (GREY[:, None], (8, 8, 1)),
        (GREY[..., None], (8, 8, 1)),
    ],
)
def test_axis_orders(tmp_path, stored, shape):
    request = sources.npz(tmp_path / "a.npz", images=np.ascontiguousarray(stored))
    with opened(request) as source:
        assert source.info.image_shape == shape
        expected = COLOUR if shape[2] == 3 else GREY[..., None]
        assert np.array_equal(source.stack(np.array([5, 2, 3])), expected[[5, 2, 3]])


@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize("dtype", ["u1", ">f4"])
def test_fortran_order_is_read_as_it_was_meant(tmp_path, compressed, dtype):
    pixels = np.asfortranarray(COLOUR.astype(dtype))
    kinds = np.asfortranarray(np.eye(3, dtype=dtype)[labels()])
    request = sources.npz(tmp_path / "a.npz", compressed=compressed, images=pixels, labels=kinds)
    with opened(request) as source:
        shuffled = np.array([7, 3, 4, 5, 23])
        assert np.array_equal(source.stack(shuffled), pixels[shuffled])
        assert np.array_equal(source.read(23), pixels[23])
        assert np.array_equal(source.given, labels())


@pytest.mark.parametrize("dtype", ["f2", "f4", ">f8", "u1", ">u2", "i4", "bool"])
def test_number_types_keep_their_values(tmp_path, dtype):
    pixels = (GREY > 127).astype(dtype)
    with opened(sources.npz(tmp_path / "a.npz", images=pixels)) as source:
        assert np.array_equal(source.read(3)[..., 0], pixels[3])
        assert source.read(3).dtype.isnative
        assert source.info.value_range == (0, 1)
        assert source.thumbnail(3, 8).max() == 255


def test_transparency_lies_over_white(tmp_path):
    clear = np.zeros((2, 8, 8, 4), np.uint8)
    with opened(sources.npz(tmp_path / "a.npz", images=clear)) as source:
        assert (source.read(0) == 255).all()
        assert source.info.image_shape == (8, 8, 3)


@pytest.mark.parametrize(
    "stored",
    [
        labels().astype("u1"),
        labels().astype("f4"),
        labels()[:, None],
        np.eye(3)[labels()],
        np.eye(3, dtype=bool)[labels()],
        np.array(["0", "1", "2"])[labels()],
        np.array([b"0", b"1", b"2"])[labels()],
    ],
)
def test_label_kinds(tmp_path, stored):
    with opened(sources.npz(tmp_path / "a.npz", images=GREY, labels=stored)) as source:
        assert np.array_equal(source.given, labels())
        assert source.info.class_names == ("0", "1", "2")
        assert source.info.warnings == ()


def test_a_text_array_names_the_classes(tmp_path):
    names = np.array(["ant", "bee", "cat", "dog"])
    request = sources.npz(tmp_path / "a.npz", x=GREY, y=labels(), class_names=names)
    with opened(request) as source:
        assert source.info.class_names == ("ant", "bee", "cat", "dog")


def test_labels_outside_the_classes_are_reported_and_unlabelled(tmp_path):
    wrong = labels()
    wrong[[4, 9]] = 7, -5
    names = np.array(["ant", "bee", "cat"])
    request = sources.npz(tmp_path / "a.npz", x=GREY, y=wrong, class_names=names)
    with opened(request) as source:
        assert source.given[4] == source.given[9] == UNLABELLED
        assert source.info.unlabelled == 2
        assert "2 labels lie outside the 3 classes (for example 7)" in str(source.info.warnings)


def test_arrays_named_train_and_test_are_splits(tmp_path):
    request = sources.npz(
        tmp_path / "a.npz",
        x_test=images(6, seed=1),
        y_test=labels(6),
        x_train=GREY,
        y_train=labels(),
    )
    with opened(request) as source:
        assert source.info.splits == {"train": 24, "test": 6}
        assert np.array_equal(source.given, np.concatenate([labels(), labels(6)]))
        across = np.array([22, 23, 24, 25])
        expected = np.concatenate([GREY[22:], images(6, seed=1)[:2]])[..., None]
        assert np.array_equal(source.stack(across), expected)


def test_a_split_without_labels_is_unlabelled(tmp_path):
    request = sources.npz(
        tmp_path / "a.npz", train_images=GREY, train_labels=labels(), test_images=images(6)
    )
    with opened(request) as source:
        assert source.info.labelled == 24
        assert (source.given[24:] == UNLABELLED).all()


def test_nan_pixels_are_counted_and_those_images_unreadable(tmp_path):
    pixels = GREY.astype("f4") / 255
    pixels[3, 0, 0], pixels[7, 1, 1] = np.nan, np.inf
    with opened(sources.npz(tmp_path / "a.npz", images=pixels)) as source:
        assert source.info.unreadable == 2
        assert "2 of 24 images hold NaN" in source.info.warnings[0]
        assert source.info.value_range[1] <= 1
        assert source.stack(np.arange(24)) is None
        with pytest.raises(DatasetError, match=r"a.npz\[3\]: holds NaN"):
            source.read(3)
        assert source.read(4).shape == (8, 8, 1)


def test_options_answer_what_cannot_be_guessed(tmp_path):
    request = sources.npz(
        tmp_path / "a.npz", left=GREY, right=images(seed=1), good=labels(), bad=labels()
    )
    with pytest.raises(DatasetError, match=r"“left” \(24, 8, 8\) uint8, “right”.*--images KEY"):
        opened(request)
    with pytest.raises(DatasetError, match=r"several label arrays: “good”.*--labels good\.$"):
        opened(replace(request, images="right"))
    with opened(replace(request, images="right", labels="good")) as source:
        assert np.array_equal(source.read(0)[..., 0], images(seed=1)[0])


def test_channels_first_or_last_is_asked_when_both_fit(tmp_path):
    request = sources.npz(tmp_path / "a.npz", images=images(shape=(3, 3, 3)))
    with pytest.raises(DatasetError, match="--layout nhwc or --layout nchw"):
        opened(request)
    with opened(replace(request, layout="nchw")) as source:
        assert np.array_equal(source.read(1), images(shape=(3, 3, 3))[1].transpose(1, 2, 0))


@pytest.mark.parametrize(
    ("arrays", "said"),
    [
        ({"images": GREY, "labels": labels(23)}, r"“labels” \(23,\) int64 does not give one"),
        ({"images": GREY, "labels": np.array([None] * 24)}, "“labels” holds Python objects"),
        ({"images": np.array([{}])}, "“images” holds Python objects"),
        ({"images": GREY, "labels": labels() + 0.5}, "fractions"),
        ({"images": GREY, "labels": np.ones((24, 3))}, "several classes"),
        ({"images": GREY, "labels": np.full((24, 3), 0.3)}, "not one-hot"),
        ({"labels": labels()}, "holds no image array, only “labels”"),
        ({"coded": images(3, (24, 8, 8)), "labels": labels()}, "“labels” has 24 entries, which is"),
        ({"images": np.asfortranarray(images(2, (150, 150)))}, "Fortran order"),
        ({"images": images(5, (8, 8, 4)).astype("f4")}, "4 channels of float32"),
        ({"images": GREY[:0]}, "holds no images"),
    ],
)
def test_what_cannot_be_read_is_refused_in_words(tmp_path, arrays, said):
    with pytest.raises(DatasetError, match=said) as refused:
        opened(sources.npz(tmp_path / "a.npz", **arrays))
    assert str(tmp_path / "a.npz") in str(refused.value)


@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize("kept", [0, 3, 100, 1000, -1])
def test_a_truncated_npz_is_refused(tmp_path, compressed, kept):
    path = tmp_path / "a.npz"
    request = sources.npz(path, compressed=compressed)
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(DatasetError, match=re.escape(str(path))):
        opened(request)


def test_an_npy_that_promises_more_than_is_there_is_refused_before_anything_is_allocated(tmp_path):
    path = tmp_path / "huge.npy"
    np.save(path, GREY)
    header = path.read_bytes()[:128].replace(b"(24, 8, 8)", b"(1" + b"0" * 12 + b", 8, 8)")
    path.write_bytes(header.replace(b" " * 11 + b"\n", b"\n") + GREY.tobytes())
    with pytest.raises(DatasetError, match=r"damaged|cut short"):
        opened(OpenRequest((str(path),)))


def test_a_file_that_shrinks_while_open_costs_only_the_images_that_are_gone(tmp_path):
    request = sources.npy(tmp_path)
    with opened(request) as source:
        with open(request.paths[0], "r+b") as file:
            file.truncate(128 + 64 * 10)
        assert np.array_equal(source.read(9)[..., 0], GREY[9])
        with pytest.raises(DatasetError, match="shorter than it says"):
            source.read(10)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(at=st.floats(0, 1), to=st.binary(min_size=1, max_size=8), compressed=st.booleans())
def test_a_damaged_npz_is_read_or_refused_in_words(tmp_path, at, to, compressed):
    path = Path(tmp_path) / "a.npz"
    request = sources.npz(path, compressed=compressed)
    raw = bytearray(path.read_bytes())
    start = int(at * (len(raw) - len(to)))
    raw[start : start + len(to)] = to
    path.write_bytes(raw)
    with contextlib.suppress(DatasetError), opened(request) as source:
        source.stack(np.arange(source.info.n))
