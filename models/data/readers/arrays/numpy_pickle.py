"""What stands for numpy's names in a pickle: an array is its facts and where its bytes lie."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided
from numpy.typing import NDArray

from models.data.readers.arrays.safe_pickle import Buildable, Span, Stored, Unfit, Word, as_dict
from models.data.readers.source import FlatArray, MemoryArray, OpenFile, StoredArray, Unusable

_MAX_COPIED_BYTES = 256 << 20  # of an array that cannot be read row by row as it lies
_MAX_SPREAD = 4  # values passed over for each one that is read
_MOST_BYTES = 1 << 62  # NumPy counts them so, as if no side were 0
_MAX_DIMENSIONS = 32
_PLAIN = re.compile(r"[|<>=]?(b1|[iu][1248]|f[248]|[SU]\d{1,9})")
_DECODABLE = ("latin1", "latin-1", "iso-8859-1", "ascii", "utf-8", "utf8")


class PickledDtype(Buildable):
    """A dtype; None where it is of no plain kind, `said` is then what the file calls it."""

    def __init__(self, said: Any, *_: Any) -> None:
        self.said = said.decode("latin1") if isinstance(said, bytes) else str(said)
        plain = _PLAIN.fullmatch(self.said)
        self.dtype: np.dtype[Any] | None = np.dtype(self.said) if plain else None

    def build(self, state: Any) -> None:
        order = state[1].decode("latin1") if isinstance(state[1], bytes) else state[1]
        if order not in ("<", ">", "|", "="):
            raise ValueError("impossible byte order")
        if self.dtype is not None and order in "<>":
            self.dtype = np.dtype(f"{order}{self.dtype.str[1:]}")


class PickledArray(Buildable):
    """An array whose values are in memory or still in the file; without them, `why` says why."""

    def __init__(self) -> None:
        self.shape: tuple[int, ...] = ()
        self.dtype: np.dtype[Any] = np.dtype(np.uint8)
        self.strides: tuple[int, ...] = ()  # in values, not in bytes
        self.values: Stored = b""
        self.why = ""

    def build(self, state: Any) -> None:
        _, shape, dtype, fortran, values = state
        self.fill(shape, dtype, bool(fortran), values)

    def fill(self, shape: Any, dtype: PickledDtype, fortran: bool, values: Any) -> PickledArray:
        self.shape = as_shape(shape)
        if dtype.dtype is None:
            objects = dtype.said.startswith("O")
            self.why = "holds Python objects" if objects else f"holds {dtype.said[:40]} values"
            return self
        self.dtype = dtype.dtype
        self.strides = c_strides(self.shape[::-1])[::-1] if fortran else c_strides(self.shape)
        if isinstance(values, str):  # how protocols 0 to 2 write what was no text
            values = values.encode("latin1")
        if not isinstance(values, bytes | Span) or len(values) != self.n_bytes:
            raise ValueError("an array's values are not as many as its shape says")
        self.values = values
        if math.prod(self.shape) and not self.dtype.itemsize:
            self.why = "holds texts without a single character"
        return self

    @property
    def n_bytes(self) -> int:
        n = math.prod(self.shape)
        return n * self.dtype.itemsize

    @property
    def in_order(self) -> bool:
        """Whether the values lie one after another in C order."""
        steps = zip(self.shape, self.strides, c_strides(self.shape), strict=True)
        return all(side == 1 or step == plain for side, step, plain in steps)

    def stored(self, name: str, file: OpenFile) -> StoredArray | Unusable:
        """The array under a name, its rows read from the file where they lie there."""
        if math.prod(max(1, side) for side in self.shape) * self.dtype.itemsize > _MOST_BYTES:
            self.why = "is of an impossible shape"  # with a 0 in it, which leaves it empty
        if self.why:
            return Unusable(name, self.shape, self.why, "Save it as plain numbers or text.")
        if isinstance(self.values, bytes) or not self.n_bytes:
            return MemoryArray(name, self.whole(file))
        if self.in_order:
            return FlatArray(name, self.shape, self.dtype, file, self.values.offset)
        if self._extent((1, *self.shape[1:])) <= _MAX_SPREAD * math.prod(self.shape[1:]):
            return RowsInPlace(name, self, file)
        if self.n_bytes > _MAX_COPIED_BYTES:
            return Unusable(
                name,
                self.shape,
                "is stored in an order in which no image lies in one piece",
                "Save it in C order: numpy.ascontiguousarray(array) or tensor.contiguous().",
            )
        return MemoryArray(name, self.whole(file))

    def whole(self, file: OpenFile) -> NDArray[Any]:
        """Every value, in the shape of the array."""
        return self._view(file, 0, self.shape)

    def rows(self, file: OpenFile, start: int, stop: int) -> NDArray[Any]:
        return self._view(file, start * self.strides[0], (stop - start, *self.shape[1:]))

    def _view(self, file: OpenFile, first: int, shape: tuple[int, ...]) -> NDArray[Any]:
        """The values from the one at a place on, laid out in a shape."""
        native, item = self.dtype.newbyteorder("="), self.dtype.itemsize
        if not math.prod(shape):
            return np.empty(shape, native)
        begin, n_bytes = first * item, self._extent(shape) * item
        if isinstance(self.values, Span):
            raw = file.read(n_bytes, self.values.offset + begin)
        else:
            raw = self.values[begin : begin + n_bytes]
        steps = [step * item for step in self.strides]
        laid_out = as_strided(np.frombuffer(raw, self.dtype), shape, steps, writeable=False)
        return np.ascontiguousarray(laid_out, native)

    def _extent(self, shape: tuple[int, ...]) -> int:
        """How many values lie from the first to the last, both counted."""
        return 1 + sum((n - 1) * step for n, step in zip(shape, self.strides, strict=True))


class RowsInPlace(StoredArray):
    """An array whose axes lie in another order in the file, except for the first."""

    def __init__(self, name: str, array: PickledArray, file: OpenFile) -> None:
        self.name, self.shape, self.dtype = name, array.shape, array.dtype
        self._array, self._file = array, file

    def rows(self, start: int, stop: int) -> NDArray[Any]:
        return self._array.rows(self._file, start, stop)


def c_strides(shape: tuple[int, ...]) -> tuple[int, ...]:
    """The steps, in values, of an array in C order."""
    return tuple(math.prod(shape[axis + 1 :]) for axis in range(len(shape)))


def as_shape(shape: Any) -> tuple[int, ...]:
    """A shape as numpy allows it. Raises ValueError."""
    if isinstance(shape, int):
        shape = (shape,)
    if (
        not isinstance(shape, tuple)
        or len(shape) > _MAX_DIMENSIONS
        or not all(type(side) is int and 0 <= side < 1 << 62 for side in shape)
    ):
        raise ValueError("impossible shape")
    return shape


def _reconstructed(kind: Any, _shape: Any, _code: Any) -> PickledArray:
    if kind is not _NDARRAY:
        raise ValueError("rebuilds something that is no array")
    return PickledArray()


def _from_buffer(values: Any, dtype: PickledDtype, shape: Any, order: Any) -> PickledArray:
    if order not in ("C", "F"):
        raise ValueError("impossible order of axes")
    return PickledArray().fill(shape, dtype, order == "F", values)


def _scalar(dtype: PickledDtype, values: Any = b"") -> Any:
    if dtype.dtype is None:
        raise Unfit(f"holds a number of kind {dtype.said[:40]}")
    if isinstance(values, str):
        values = values.encode("latin1")
    return np.frombuffer(values, dtype.dtype, 1)[0].item()


def _encoded(text: Any, encoding: Any = "utf-8", *_: Any) -> bytes:
    """How Python 3 writes bytes in protocols 0 to 2."""
    if not isinstance(text, str) or encoding not in _DECODABLE:
        raise ValueError("encodes what is no text")
    return text.encode(encoding)


def _dictionary(pairs: Any = ()) -> dict[Any, Any]:
    return as_dict(pairs)


def _no_bytes() -> bytes:
    """How Python 3 writes empty bytes in protocols 0 to 2."""
    return b""


def _set(values: Any = ()) -> set[Any]:
    return set(as_dict((value, None) for value in values))


_NDARRAY = Word("numpy.ndarray")
_BUILT_IN: dict[str, Callable[..., Any]] = {"set": _set, "frozenset": _set, "bytes": _no_bytes}
_OF_NUMPY: dict[str, dict[str, Callable[..., Any]]] = {
    "multiarray": {"_reconstruct": _reconstructed, "scalar": _scalar},
    "numeric": {"_frombuffer": _from_buffer},
}
WORDS = {
    ("numpy", "ndarray"): _NDARRAY,
    ("numpy", "dtype"): Word("numpy.dtype", PickledDtype),
    ("_codecs", "encode"): Word("_codecs.encode", _encoded),
    ("collections", "OrderedDict"): Word("collections.OrderedDict", _dictionary),
    **{  # Python 2 called it __builtin__
        (module, name): Word(f"{module}.{name}", make)
        for module in ("builtins", "__builtin__")
        for name, make in _BUILT_IN.items()
    },
    **{  # numpy 2 has an underscore there, numpy 1 had none
        (f"numpy.{core}.{module}", name): Word(f"numpy.{core}.{module}.{name}", make)
        for core in ("core", "_core")
        for module, names in _OF_NUMPY.items()
        for name, make in names.items()
    },
}
