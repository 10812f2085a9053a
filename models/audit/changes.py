"""What may have been done to a split and not to another: each as a change that can be tried."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import gaussian_filter

from models.audit.looks import Stack
from models.data.undoing import BYTES, applied, inverse

Colour = NDArray[np.float32]  # (c,)

_OF_VALUES = ("brightness", "scaling", "contrast")  # which bytes round and cut off


@dataclass(frozen=True)
class Change:
    """One change with its parameter. `apply` does it to a stack; `undo` is the step of
    models.data.undoing that undoes it, None where nothing does."""

    kind: str
    words: str  # "mirrored left to right", after "these images are"
    apply: Callable[[Stack], Stack]
    undo: Mapping[str, Any] | None = None


def changes(channels: int, *, square: bool, frame: Colour) -> Iterator[Change]:
    """Every change worth trying for images of so many channels; likely and simple ones first.
    `frame` is the colour at the edge of most images, which would be that of a frame."""
    yield _undoable("inverted", "inverted", "invert")
    yield _undoable("flipped", "mirrored left to right", "mirror")
    yield _undoable("flipped", "turned upside down by mirroring", "flip")
    yield _undoable("rotated", "turned by 180°", "turn", degrees=180)
    if square:
        yield _undoable("rotated", "turned by 90°", "turn", degrees=90)
        yield _undoable("rotated", "turned by 270°", "turn", degrees=270)
        yield _undoable("rotated", "transposed", "transpose")
    if channels == 3:
        words = "stored as BGR in place of RGB"
        yield _undoable("channel_order", words, "channels", order=[2, 1, 0])
        yield _undoable("channel_order", "in the order GRB", "channels", order=[1, 0, 2])
        yield _undoable("channel_order", "in the order GBR", "channels", order=[1, 2, 0])
        yield Change("grey", "grey", _grey)
    for by in (-60, -30, -15, 15, 30, 60):
        words = f"{'brighter' if by > 0 else 'darker'} by {abs(by)} of 255"
        yield _undoable("brightness", words, "add", value=by)
    for share in (0.25, 0.5, 0.7, 0.85, 1.2, 1.5):
        yield _undoable("scaling", f"multiplied by {share}", "multiply", factor=share)
        yield _undoable("contrast", f"of {share} times the contrast", "contrast", factor=share)
    for power in (0.5, 0.7, 1.5, 2.0):
        yield _undoable("brightness", f"gamma {power}", "gamma", power=power)
    yield Change("scaling", "each standardised by itself", _standardised)
    for radius in (0.5, 1.0, 2.0):
        yield Change("blur", f"blurred (radius {radius} px)", _blurred(radius))
    for share in (0.75, 0.5, 0.35):
        yield Change("resampled", f"made small and large again ({share:.0%})", _resampled(share))
    for sd in (8, 16, 32):
        yield Change("noise", f"noisy (standard deviation {sd} of 255)", _noisy(sd))
    for quality in (60, 40, 25, 10):
        yield Change("jpeg", f"compressed as JPEG (quality {quality})", _jpeg(quality))
    for wide in (1, 2, 3):
        yield Change("border", f"framed ({wide} px)", _framed(wide, frame))


def _undoable(kind: str, words: str, name: str, **parameter: Any) -> Change:
    """A change that is a step of models.data.undoing: what it does, and how it is undone."""
    step = {"name": name, **parameter}

    def apply(x: Stack) -> Stack:
        made = applied(x, [step], BYTES)
        return _bytes(made) if kind in _OF_VALUES else made

    return Change(kind, words, apply, inverse(step))


def _grey(x: Stack) -> Stack:
    return np.repeat(x.mean(axis=3, keepdims=True), x.shape[3], axis=3)


def _bytes(x: NDArray[np.floating]) -> Stack:
    made: Stack = np.clip(np.rint(x), 0, 255).astype(np.float32)
    return made


def _standardised(x: Stack) -> Stack:
    low, high = (f(axis=(1, 2, 3), keepdims=True) for f in (x.min, x.max))
    return _bytes(255 * (x - low) / np.maximum(high - low, 1))


def _blurred(radius: float) -> Callable[[Stack], Stack]:
    return lambda x: _bytes(gaussian_filter(x, (0, radius, radius, 0)))


def _noisy(sd: float) -> Callable[[Stack], Stack]:
    return lambda x: _bytes(x + np.random.default_rng(0).normal(0, sd, x.shape))


def _resampled(share: float) -> Callable[[Stack], Stack]:
    def apply(image: Image.Image) -> Image.Image:
        width, height = (max(1, round(side * share)) for side in image.size)
        small = image.resize((width, height), Image.Resampling.BILINEAR)
        return small.resize(image.size, Image.Resampling.BILINEAR)

    return _each(apply)


def _jpeg(quality: int) -> Callable[[Stack], Stack]:
    def apply(image: Image.Image) -> Image.Image:
        file = io.BytesIO()
        image.save(file, "JPEG", quality=quality)
        return Image.open(file)

    return _each(apply)


def colour_at_edge(x: Stack) -> Colour:
    """What most pixels of the outermost lines are."""
    lines = (x[:, 0], x[:, -1], x[:, :, 0], x[:, :, -1])
    edge = np.concatenate([line.reshape(-1, x.shape[3]) for line in lines])
    colour: Colour = np.median(edge, axis=0)
    return colour


def _framed(wide: int, frame: Colour) -> Callable[[Stack], Stack]:
    def apply(x: Stack) -> Stack:
        made = x.copy()
        made[:, :wide], made[:, -wide:] = frame, frame
        made[:, :, :wide], made[:, :, -wide:] = frame, frame
        return made

    return apply


def _each(apply: Callable[[Image.Image], Image.Image]) -> Callable[[Stack], Stack]:
    def changed(x: Stack) -> Stack:
        images = np.rint(x).astype(np.uint8)
        made = [
            np.asarray(apply(Image.fromarray(image[..., 0] if image.shape[2] == 1 else image)))
            for image in images
        ]
        return np.stack(made).reshape(x.shape).astype(np.float32)

    return changed
