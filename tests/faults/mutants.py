"""Damages bytes as disks, networks and attackers do; the same number, the same damage."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

_EDGE_BYTES = 256  # headers and directories lie at the ends, so half of the damage goes there
_RUN_BYTES = 64
_EXTREMES = (0, 1, -1, 127, 128, 255, 2**15, 2**16 - 1, 2**31 - 1, 2**31, 2**32 - 1, 2**63 - 1)
_TEXTS = (b"\0", b"\n", b"../", b"/", b"NaN", b"-1", b"1e999", b"9" * 40, b"\xff\xfe", b"'", b",")


def mutant(data: bytes, number: int) -> bytes:
    """One of any number of ways to damage some bytes."""
    rng = np.random.default_rng([number, len(data)])
    damaged = bytearray(data)
    for _ in range(int(rng.choice([1, 1, 1, 2, 3, 8]))):
        damage = _DAMAGES[int(rng.integers(len(_DAMAGES)))]
        damaged = damage(damaged, rng) if damaged else damaged
    return bytes(damaged)


Damage = Callable[[bytearray, np.random.Generator], bytearray]


def _place(data: bytearray, rng: np.random.Generator) -> int:
    edge = min(_EDGE_BYTES, len(data))
    where = rng.integers(4)
    if where == 0:
        return int(rng.integers(edge))
    if where == 1:
        return len(data) - 1 - int(rng.integers(edge))
    return int(rng.integers(len(data)))


def _run(data: bytearray, rng: np.random.Generator) -> slice:
    start = _place(data, rng)
    return slice(start, min(len(data), start + 1 + int(rng.integers(_RUN_BYTES))))


def _flip(data: bytearray, rng: np.random.Generator) -> bytearray:
    data[_place(data, rng)] ^= 1 << int(rng.integers(8))
    return data


def _overwrite(data: bytearray, rng: np.random.Generator) -> bytearray:
    run = _run(data, rng)
    length = run.stop - run.start
    data[run] = rng.bytes(length) if rng.integers(2) else bytes([int(rng.integers(256))]) * length
    return data


def _truncate(data: bytearray, rng: np.random.Generator) -> bytearray:
    return data[: _place(data, rng)]


def _remove(data: bytearray, rng: np.random.Generator) -> bytearray:
    del data[_run(data, rng)]
    return data


def _repeat(data: bytearray, rng: np.random.Generator) -> bytearray:
    run = _run(data, rng)
    data[run] = data[run] * int(rng.integers(2, 9))
    return data


def _splice(data: bytearray, rng: np.random.Generator) -> bytearray:
    run, to = _run(data, rng), _place(data, rng)
    data[to : to + run.stop - run.start] = data[run]
    return data


def _extreme(data: bytearray, rng: np.random.Generator) -> bytearray:
    """A number of 1 to 8 bytes, in either byte order, becomes one at the end of its range."""
    width, start = int(2 ** rng.integers(4)), _place(data, rng)
    value = _EXTREMES[int(rng.integers(len(_EXTREMES)))] % 256**width
    order = "little" if rng.integers(2) else "big"
    data[start : start + width] = value.to_bytes(width, order)
    return data


def _write(data: bytearray, rng: np.random.Generator) -> bytearray:
    start, text = _place(data, rng), _TEXTS[int(rng.integers(len(_TEXTS)))]
    data[start : start + (len(text) if rng.integers(2) else 0)] = text
    return data


_DAMAGES: tuple[Damage, ...] = (
    *(_flip, _overwrite, _truncate, _remove),
    *(_repeat, _splice, _extreme, _extreme, _write),
)
