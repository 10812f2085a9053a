"""Steps that can be undone: what they do, and that undoing them gives the same images again."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from models.data.undoing import BYTES, applied, checked, exchanges_sides, in_words, inverse

exact = st.one_of(
    st.sampled_from(["invert", "mirror", "flip", "transpose"]).map(lambda name: {"name": name}),
    st.sampled_from([90, 180, 270]).map(lambda degrees: {"name": "turn", "degrees": degrees}),
    st.permutations([0, 1, 2]).map(lambda order: {"name": "channels", "order": order}),
)
factors = st.floats(0.2, 5)
nearly = st.one_of(
    st.floats(-90, 90).map(lambda value: {"name": "add", "value": value}),
    factors.map(lambda factor: {"name": "multiply", "factor": factor}),
    factors.map(lambda factor: {"name": "contrast", "factor": factor}),
    factors.map(lambda power: {"name": "gamma", "power": power}),
)
shapes = st.tuples(st.integers(1, 2), st.integers(1, 5), st.integers(1, 5), st.sampled_from([1, 3]))
pixels = arrays.arrays(st.sampled_from([np.uint8, np.uint16, np.int32]), shapes)


@settings(max_examples=60, deadline=None)
@given(st.lists(exact, max_size=4), arrays.arrays(np.uint8, shapes))
def test_exact_steps_are_undone_to_the_last_bit(steps, images):
    done = applied(images, [checked(step) for step in steps], BYTES)
    back = [inverse(step) for step in reversed(steps)]
    np.testing.assert_array_equal(applied(done, back, BYTES), images)
    assert done.dtype == images.dtype
    assert (done.shape[1:3] == images.shape[2:0:-1]) or not exchanges_sides(steps)


@settings(max_examples=60, deadline=None)
@given(st.one_of(exact, nearly), arrays.arrays(np.float64, shapes, elements=st.floats(0, 1)))
def test_every_step_is_undone_where_nothing_is_rounded_or_cut_off(step, images):
    scale = (0.0, 2.0)
    done = applied(images, [checked(step)], scale)
    again = applied(done, [checked(inverse(step))], scale)
    np.testing.assert_allclose(again, images, atol=1e-6)


@settings(max_examples=30, deadline=None)
@given(st.one_of(exact, nearly), pixels)
def test_no_step_changes_the_type_or_the_images_it_is_given(step, images):
    before = images.copy()
    assert applied(images, [step], (0.0, 1000.0)).dtype == images.dtype
    np.testing.assert_array_equal(images, before)


def test_what_steps_do():
    image = np.array([[[0, 10, 20], [30, 40, 50]]], np.uint8)  # (1, 2, 3)

    def after(**step):
        return applied(image, [checked(step)], BYTES).tolist()

    assert after(name="invert") == [[[255, 245, 235], [225, 215, 205]]]
    assert after(name="mirror") == [[[30, 40, 50], [0, 10, 20]]]
    assert after(name="turn", degrees=90) == [[[30, 40, 50]], [[0, 10, 20]]]
    assert after(name="channels", order=[2, 1, 0]) == [[[20, 10, 0], [50, 40, 30]]]
    assert after(name="add", value=-15) == [[[0, 0, 5], [15, 25, 35]]]
    assert after(name="multiply", factor=20) == [[[0, 200, 255], [255, 255, 255]]]
    assert after(name="contrast", factor=2) == [[[0, 0, 5], [45, 55, 65]]]
    assert after(name="gamma", power=0.5) == [[[0, 50, 71], [87, 101, 113]]]
    grey = image[..., :1]
    step = {"name": "channels", "order": [1, 2, 0]}
    np.testing.assert_array_equal(applied(grey, [step], BYTES), grey)


def test_a_scale_of_other_numbers():
    image = np.array([[[-1.0], [0.5]]], np.float32)
    inverted = applied(image, [{"name": "invert"}], (-1.0, 1.0))
    np.testing.assert_allclose(inverted[0, :, 0], [1.0, -0.5])
    brighter = applied(image, [{"name": "add", "value": 127.5}], (-1.0, 1.0))
    np.testing.assert_allclose(brighter[0, :, 0], [0.0, 1.5])


@pytest.mark.parametrize(
    "step",
    [
        None,
        "invert",
        {},
        {"name": "blur", "radius": 1.0},
        {"name": "invert", "degrees": 90},
        {"name": "turn"},
        {"name": "turn", "degrees": 45},
        {"name": "turn", "degrees": True},
        {"name": "channels", "order": [0, 1]},
        {"name": "channels", "order": [0, 0, 1]},
        {"name": "channels", "order": "012"},
        {"name": "add", "value": float("nan")},
        {"name": "add", "value": "30"},
        {"name": "multiply", "factor": 0},
        {"name": "multiply", "factor": -1.0},
        {"name": "gamma", "power": float("inf")},
        {"name": ["invert"]},
    ],
)
def test_what_is_no_step_is_refused(step):
    with pytest.raises(ValueError, match=r"no step|takes|cannot have"):
        checked(step)


@settings(max_examples=30, deadline=None)
@given(st.one_of(exact, nearly))
def test_steps_are_json_and_have_words(step):
    assert checked(json.loads(json.dumps(step))) == step
    assert in_words(step)
