"""Reads a pickle as data: nothing that it names is ever imported, looked up or called.

Python's own unpickler calls whatever a file names, and a subclass that allows some names still
works on the real objects behind them. This is a machine of its own for the pickle format
(`pickletools` describes it): a name in the file is compared with a short list of words, and
what stands for a word is a function of ours. Its work is linear in the length of the file, it
says how far it is, and large runs of bytes stay where they lie, so that the arrays in a pickle
of many gigabytes can be read image by image.
"""

from __future__ import annotations

import codecs
import pickletools
import struct
from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from models.data.readers.arrays.byte_stream import ByteStream
from models.data.readers.source import OpenFile
from models.errors import DatasetError
from models.types import Progress

REMEDY = 'Save it as plain arrays instead: numpy.savez("data.npz", images=images, labels=labels).'
_PROTOCOLS = range(6)
_SPAN_BYTES = 1 << 12  # from here on bytes stay in the file
_MAX_TEXT_BYTES = 512 << 20  # of all text together; arrays are text in old protocols
_MAX_INT_BYTES = 16
_STEPS_AT_ONCE = 20_000
_BROKEN = (  # what a stack, a memo or a handler meets in a damaged file
    *(AttributeError, EOFError, IndexError, KeyError, OverflowError, TypeError, ValueError),
    struct.error,
)


class Unfit(Exception):
    """A pickle holds what Winnow does not take; the clause says what."""


@dataclass(frozen=True)
class Span:
    """Bytes that were left where they lie in the file."""

    offset: int
    n_bytes: int

    def __len__(self) -> int:
        return self.n_bytes


@dataclass(frozen=True)
class Word:
    """What stands for a name in the file; without `make` it may be mentioned but not called."""

    name: str
    make: Callable[..., Any] | None = None


class Buildable(ABC):
    """What stands for an object whose state follows after it was made."""

    @abstractmethod
    def build(self, state: Any) -> None:
        """Take the state. Raises ValueError if it makes no sense."""


Words = Mapping[tuple[str, str], Word]  # (module, name) exactly as in the file
Stored = bytes | Span


def read_pickle(
    file: OpenFile,
    start: int,
    stop: int,
    words: Words,
    persistent: Callable[[Any], Any] | None = None,
) -> Generator[Progress, None, Any]:
    """The object whose pickle lies in part of a file, made of plain values and of what words make.

    `persistent` is called with each reference to something outside the pickle.

    Raises
    ------
    DatasetError
        If it names anything but `words`, uses what no data needs, or is damaged.
    """
    machine = _Machine(ByteStream(file, start, stop), words, persistent)
    try:
        while not machine.run(_STEPS_AT_ONCE):
            yield Progress(machine.bytes.at - start, stop - start, "reading the pickle")
        return machine.result
    except Unfit as unfit:
        raise DatasetError(str(unfit), file.shown, REMEDY) from unfit
    except _BROKEN as error:
        raise DatasetError(
            "is not a whole pickle, or is damaged",
            file.shown,
            "Copy or download it again.",
            details=f"{error!r} before byte {machine.bytes.at:,}",
        ) from error


class _Machine:
    """A stack, and one function for each kind of step; a step that has none is refused."""

    def __init__(
        self,
        stream: ByteStream,
        words: Words,
        persistent: Callable[[Any], Any] | None,
    ) -> None:
        self.bytes, self._words, self._persistent = stream, words, persistent
        self._stack: list[Any] = []
        self._below: list[list[Any]] = []  # the stacks under each mark
        self._memo: dict[int, Any] = {}
        self._text_left = _MAX_TEXT_BYTES
        self.result: Any = None
        self._steps: dict[int, Callable[[], None]] = {
            _CODES[name]: step for name, step in self._by_name().items()
        }

    def run(self, n_steps: int) -> bool:
        """Take some steps; whether the end was reached."""
        take, steps = self.bytes.take, self._steps
        for _ in range(n_steps):
            code = take(1)[0]
            if code == _STOP:
                self.result = self._stack.pop()
                return True
            step = steps.get(code)
            if step is None:
                raise _no_such_step(code)
            step()
        return False

    def _by_name(self) -> dict[str, Callable[[], None]]:
        take, line = self.bytes.take, self.bytes.line

        def push(make: Callable[[], Any]) -> Callable[[], None]:
            return lambda: self._push(make())

        def number(form: str) -> Callable[[], int]:
            as_struct = struct.Struct(form)
            return lambda: as_struct.unpack(take(as_struct.size))[0]

        size1, size4, size8 = number("<B"), number("<I"), number("<Q")
        return {
            "PROTO": self._protocol,
            "FRAME": lambda: _ignore(take(8)),
            "NONE": push(lambda: None),
            "NEWTRUE": push(lambda: True),
            "NEWFALSE": push(lambda: False),
            "BININT": push(number("<i")),
            "BININT1": push(size1),
            "BININT2": push(number("<H")),
            "LONG1": push(lambda: self._long(size1())),
            "LONG4": push(lambda: self._long(size4())),
            "INT": push(lambda: _line_as_int(line())),
            "LONG": push(lambda: _line_as_int(line())),
            "FLOAT": push(lambda: float(line())),
            "BINFLOAT": push(number(">d")),
            **{
                n: push(partial(self._stored, size1)) for n in ("SHORT_BINBYTES", "SHORT_BINSTRING")
            },
            **{n: push(partial(self._stored, size4)) for n in ("BINBYTES", "BINSTRING")},
            **{n: push(partial(self._stored, size8)) for n in ("BINBYTES8", "BYTEARRAY8")},
            "STRING": push(lambda: _unquoted(self._text(line()))),
            "SHORT_BINUNICODE": push(lambda: self._unicode(size1())),
            "BINUNICODE": push(lambda: self._unicode(size4())),
            "BINUNICODE8": push(lambda: self._unicode(size8())),
            "UNICODE": push(lambda: self._text(line()).decode("raw-unicode-escape")),
            "EMPTY_LIST": push(list),
            "EMPTY_TUPLE": push(tuple),
            "EMPTY_DICT": push(dict),
            "EMPTY_SET": push(set),
            "TUPLE1": lambda: self._tuple_of(1),
            "TUPLE2": lambda: self._tuple_of(2),
            "TUPLE3": lambda: self._tuple_of(3),
            "TUPLE": lambda: self._push(tuple(self._marked())),
            "LIST": lambda: self._push(self._marked()),
            "DICT": lambda: self._push(as_dict(_pairs(self._marked()))),
            "FROZENSET": lambda: self._push(frozenset(map(_key, self._marked()))),
            "APPEND": lambda: self._extend([self._stack.pop()]),
            "APPENDS": lambda: self._extend(self._marked()),
            "SETITEM": lambda: self._update([self._stack.pop(), self._stack.pop()][::-1]),
            "SETITEMS": lambda: self._update(self._marked()),
            "ADDITEMS": lambda: self._add(self._marked()),
            "MARK": self._mark,
            "POP": self._pop,
            "POP_MARK": lambda: _ignore(self._marked()),
            "DUP": lambda: self._push(self._stack[-1]),
            "PUT": lambda: self._remember(int(line())),
            "BINPUT": lambda: self._remember(size1()),
            "LONG_BINPUT": lambda: self._remember(size4()),
            "MEMOIZE": lambda: self._remember(len(self._memo)),
            "GET": push(lambda: self._memo[int(line())]),
            "BINGET": push(lambda: self._memo[size1()]),
            "LONG_BINGET": push(lambda: self._memo[size4()]),
            "GLOBAL": push(lambda: self._word(line().decode(), line().decode())),
            "STACK_GLOBAL": self._word_on_stack,
            "INST": lambda: self._refuse_object(f"{line().decode()}.{line().decode()}"),
            "REDUCE": self._call,
            "BUILD": self._build,
            "PERSID": push(lambda: self._referred_to(line())),
            "BINPERSID": lambda: self._push(self._referred_to(self._stack.pop())),
        }

    def _protocol(self) -> None:
        protocol = self.bytes.take(1)[0]
        if protocol not in _PROTOCOLS:
            raise Unfit(f"is a pickle of protocol {protocol}, which does not exist")

    def _long(self, n_bytes: int) -> int:
        if n_bytes > _MAX_INT_BYTES:
            raise Unfit(f"holds a whole number of {n_bytes:,} bytes")
        return int.from_bytes(self.bytes.take(n_bytes), "little", signed=True)

    def _stored(self, size: Callable[[], int]) -> Stored:
        n_bytes = size()
        if n_bytes < _SPAN_BYTES:
            return self.bytes.take(n_bytes)
        return Span(self.bytes.skip(n_bytes), n_bytes)

    def _unicode(self, n_bytes: int) -> str:
        self.bytes.check(n_bytes)
        self._count_text(n_bytes)
        return self.bytes.take(n_bytes).decode("utf-8", "surrogatepass")

    def _text(self, line: bytes) -> bytes:
        self._count_text(len(line))
        return line

    def _count_text(self, n_bytes: int) -> None:
        self._text_left -= n_bytes
        if self._text_left < 0:
            raise Unfit(f"holds more than {_MAX_TEXT_BYTES >> 20} MB of text")

    def _tuple_of(self, n: int) -> None:
        if len(self._stack) < n:
            raise IndexError("the stack is empty")
        self._stack[-n:] = [tuple(self._stack[-n:])]

    def _mark(self) -> None:
        self._below.append(self._stack)
        self._stack = []

    def _pop(self) -> None:
        if self._stack:
            self._stack.pop()
        else:
            self._marked()

    def _marked(self) -> list[Any]:
        """What lies above the last mark, taken off the stack."""
        above, self._stack = self._stack, self._below.pop()
        return above

    def _push(self, value: Any) -> None:
        self._stack.append(value)

    def _extend(self, values: list[Any]) -> None:
        _expect(self._stack[-1], list).extend(values)

    def _update(self, values: list[Any]) -> None:
        _expect(self._stack[-1], dict).update(as_dict(_pairs(values)))

    def _add(self, values: list[Any]) -> None:
        _expect(self._stack[-1], set).update(map(_key, values))

    def _remember(self, place: int) -> None:
        self._memo[place] = self._stack[-1]

    def _word_on_stack(self) -> None:
        name, module = self._stack.pop(), self._stack.pop()
        self._stack.append(self._word(_expect(module, str), _expect(name, str)))

    def _word(self, module: str, name: str) -> Word:
        word = self._words.get((module, name))
        if word is None:
            self._refuse_object(f"{module}.{name}")
        assert word is not None
        return word

    def _refuse_object(self, name: str) -> None:
        shown = name[:80].encode("unicode_escape").decode()
        raise Unfit(f"asks to run or build “{shown}”; Winnow runs nothing from a data file")

    def _call(self) -> None:
        arguments = _expect(self._stack.pop(), tuple)
        word = _expect(self._stack.pop(), Word)
        if word.make is None:
            raise Unfit(f"asks to call “{word.name}”")
        self._stack.append(word.make(*arguments))

    def _build(self) -> None:
        state, built = self._stack.pop(), self._stack[-1]
        if isinstance(built, Buildable):
            built.build(state)
        elif not isinstance(built, dict):  # attributes of a dictionary are no data
            raise Unfit("sets attributes of something that has none")

    def _referred_to(self, reference: Any) -> Any:
        if self._persistent is None:
            raise Unfit("refers to something outside itself (a persistent id)")
        return self._persistent(reference)


def _no_such_step(code: int) -> Exception:
    name = _NAMES.get(code)
    if name is None:
        return ValueError(f"no step has code {code}")
    return Unfit(f"uses the step {name}, which plain data never needs")


def as_dict(pairs: Any) -> dict[Any, Any]:
    """A dictionary of pairs whose keys are text, bytes or numbers.

    Only those: a tuple of tuples of tuples would take for ever to hash, or end the process.
    """
    return {_key(key): value for key, value in pairs}


def _ignore(_: object) -> None:
    """Take no notice of what a step read."""


def _pairs(values: list[Any]) -> Any:
    if len(values) % 2:
        raise ValueError("a key without a value")
    return zip(values[::2], values[1::2], strict=True)


def _key(value: Any) -> Any:
    if not isinstance(value, str | bytes | int | float | None):
        raise Unfit("holds a dictionary or set whose keys are neither text nor numbers")
    if isinstance(value, int) and value.bit_length() > 63:  # chosen well, they all hash alike
        raise Unfit("holds a dictionary or set with a key of more than 64 bits")
    return value


def _expect(value: Any, kind: type) -> Any:
    if type(value) is not kind:
        raise TypeError(f"{type(value).__name__} in the place of {kind.__name__}")
    return value


def _line_as_int(line: bytes) -> int | bool:
    if line in (b"00", b"01"):
        return line == b"01"
    if len(line) > 3 * _MAX_INT_BYTES:
        raise ValueError("a number is too long")
    return int(line.removesuffix(b"L"))


def _unquoted(line: bytes) -> bytes:
    if len(line) < 2 or line[:1] != line[-1:] or line[:1] not in (b"'", b'"'):
        raise ValueError("text without quotation marks")
    return codecs.escape_decode(line[1:-1])[0]


_NAMES = {ord(op.code): op.name for op in pickletools.opcodes}
_CODES = {name: code for code, name in _NAMES.items()}
_STOP = _CODES["STOP"]
