"""What may be done to images and undone again: a closed list of steps, as functions of arrays.

A step is JSON, as the project keeps it:

    {"name": "invert"}                      dark for bright
    {"name": "mirror"}, {"name": "flip"}    left for right, top for bottom
    {"name": "transpose"}                   rows for columns
    {"name": "turn", "degrees": 90}         to the left; 90, 180 or 270
    {"name": "channels", "order": [2, 1, 0]}        channel i is what channel order[i] was
    {"name": "add", "value": 30}            in units of a byte: the whole scale has 255
    {"name": "multiply", "factor": 2}       counted from the lower end of the scale
    {"name": "contrast", "factor": 2}       about the mean of each channel of an image
    {"name": "gamma", "power": 0.5}         of the values as shares of the scale

The first six are undone exactly (an inversion of floating-point values but for rounding), the last
four as far as values were neither cut off nor rounded. What loses more (blur, JPEG, noise, grey,
lost resolution) is not here: nothing undoes it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.types import DatasetInfo

Step = Mapping[str, Any]
Images = NDArray[Any]  # (..., h, w, c)
Scale = tuple[float, float]  # values of black and white

BYTES: Scale = (0.0, 255.0)
_LARGEST = 1e6  # of a factor, and the inverse of the smallest


def scale_of(info: DatasetInfo) -> Scale:
    """Between which values the pixels of a dataset lie."""
    return BYTES if info.dtype == "uint8" else info.value_range


def checked(step: object) -> dict[str, Any]:
    """The same step, once it is known to be one of the list with a parameter that makes sense.

    Raises ValueError.
    """
    name = step.get("name") if isinstance(step, Mapping) else None
    if not isinstance(step, Mapping) or not isinstance(name, str) or name not in _PARAMETER:
        raise ValueError(f"no step that can be undone: {step!r}")
    parameter = _PARAMETER[name]
    if set(step) != {"name", parameter} - {""}:
        raise ValueError(f"{name} takes {parameter or 'nothing'}: {step!r}")
    if parameter and not _is_valid(parameter, step[parameter]):
        raise ValueError(f"{name} cannot have this {parameter}: {step[parameter]!r}")
    return dict(step)


def inverse(step: Step) -> dict[str, Any]:
    """The step that undoes a step."""
    match step:
        case {"name": "turn", "degrees": degrees}:
            return {**step, "degrees": 360 - degrees}
        case {"name": "channels", "order": order}:
            return {**step, "order": np.argsort(order).tolist()}
        case {"name": "add", "value": value}:
            return {**step, "value": -value}
        case {"name": "multiply" | "contrast", "factor": factor}:
            return {**step, "factor": 1 / factor}
        case {"name": "gamma", "power": power}:
            return {**step, "power": 1 / power}
    return dict(step)


def applied(images: Images, steps: Sequence[Step], scale: Scale) -> Images:
    """Images after some steps, one after another.

    Parameters
    ----------
    images : any real dtype (..., h, w, c)
        Not changed. Images that are not of three channels keep their order.
    scale : (float, float)
        Between which values they lie.

    Returns
    -------
    the same dtype (..., h, w, c)
        Integers rounded, and cut off where they would leave their type; h and w change places
        where a step does that.
    """
    for step in steps:
        moved = _GEOMETRY.get(step["name"])
        images = moved(images, step) if moved else _with_values(images, step, scale)
    return np.ascontiguousarray(images)


def exchanges_sides(steps: Sequence[Step]) -> bool:
    """Whether height and width change places."""
    turning = [s for s in steps if s["name"] == "transpose" or s.get("degrees") in (90, 270)]
    return len(turning) % 2 == 1


def in_words(step: Step) -> str:
    """What images are after a step: "turned by 90° to the left"."""
    match step:
        case {"name": "turn", "degrees": degrees}:
            return f"turned by {degrees}°" + (" to the left" if degrees != 180 else "")
        case {"name": "channels", "order": order}:
            return f"in the order of channels {', '.join(str(i + 1) for i in order)}"
        case {"name": "add", "value": value}:
            return f"{'brighter' if value > 0 else 'darker'} by {abs(value):g} of 255"
        case {"name": "multiply", "factor": factor}:
            return f"multiplied by {factor:.4g}"
        case {"name": "contrast", "factor": factor}:
            return f"of {factor:.4g} times the contrast"
        case {"name": "gamma", "power": power}:
            return f"gamma {power:.4g}"
    return _WORDS[step["name"]]


_PARAMETER = {
    **dict.fromkeys(("invert", "mirror", "flip", "transpose"), ""),
    "turn": "degrees",
    "channels": "order",
    "add": "value",
    **dict.fromkeys(("multiply", "contrast"), "factor"),
    "gamma": "power",
}
_WORDS = {
    "invert": "inverted",
    "mirror": "mirrored left to right",
    "flip": "mirrored top to bottom",
    "transpose": "transposed",
}


def _is_valid(parameter: str, value: Any) -> bool:
    if parameter == "order":
        return isinstance(value, list | tuple) and sorted(map(repr, value)) == ["0", "1", "2"]
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return False
    if parameter == "degrees":
        return value in (90, 180, 270)
    if parameter == "value":
        return abs(value) <= _LARGEST
    return 1 / _LARGEST <= value <= _LARGEST


def _turned(images: Images, step: Step) -> Images:
    return np.rot90(images, int(step["degrees"]) // 90, (-3, -2))


def _channels(images: Images, step: Step) -> Images:
    return images[..., list(step["order"])] if images.shape[-1] == 3 else images


def _contrast(x: Images, step: Step, _: float, __: float) -> Images:
    mean: Images = x.mean(axis=(-3, -2), keepdims=True)
    made: Images = (x - mean) * step["factor"] + mean
    return made


def _gamma(x: Images, step: Step, low: float, span: float) -> Images:
    shares: Images = np.maximum((x - low) / span, 0)  # a sample told the scale, and may have erred
    made: Images = span * shares ** step["power"] + low
    return made


_GEOMETRY: Mapping[str, Callable[[Images, Step], Images]] = {
    "mirror": lambda images, _: images[..., ::-1, :],
    "flip": lambda images, _: images[..., ::-1, :, :],
    "transpose": lambda images, _: images.swapaxes(-3, -2),
    "turn": _turned,
    "channels": _channels,
}
_VALUES: Mapping[str, Callable[[Images, Step, float, float], Images]] = {
    "invert": lambda x, _, low, span: (low + low + span) - x,
    "add": lambda x, step, _, span: x + step["value"] * span / 255,
    "multiply": lambda x, step, low, _: (x - low) * step["factor"] + low,
    "contrast": _contrast,
    "gamma": _gamma,
}


def _with_values(images: Images, step: Step, scale: Scale) -> Images:
    low, high = scale
    precise = np.result_type(images.dtype, np.float32)
    x = images.astype(precise, copy=False)
    return _in_dtype(_VALUES[step["name"]](x, step, low, max(high - low, 1e-12)), images.dtype)


def _in_dtype(values: Images, dtype: np.dtype[Any]) -> Images:
    if dtype.kind == "f":
        return values.astype(dtype)
    least, most = (0, 1) if dtype.kind == "b" else (np.iinfo(dtype).min, np.iinfo(dtype).max)
    made: Images = np.clip(np.rint(values), least, most).astype(dtype)
    return made
