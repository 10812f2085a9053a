"""Undoes HDF5's chunk filters, never producing more bytes than the chunk was declared to hold."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

import numpy as np

_DEFLATE, _SHUFFLE, _FLETCHER32, _LZF = 1, 2, 3, 32000
KNOWN = frozenset((_DEFLATE, _SHUFFLE, _FLETCHER32, _LZF))
_CHECKSUM_BYTES = 4
_WORDS_AT_ONCE = 1 << 20  # keeps the sums within 64 bits

Filter = tuple[int, Sequence[int]]  # HDF5's number of the filter, and its parameters


def undo(stored: bytes, filters: Sequence[Filter], n_bytes: int) -> bytes:
    """Unpack one chunk.

    Parameters
    ----------
    stored : bytes
        As it lies in the file.
    filters : sequence of (code, parameters)
        In the order in which they were applied.
    n_bytes : int
        What the chunk must come to.

    Raises
    ------
    ValueError
        If it comes to anything else, or a checksum disagrees.
    """
    limit = n_bytes + _CHECKSUM_BYTES * len(filters)
    for code, parameters in reversed(filters):
        if code == _DEFLATE:
            stored = _inflated(stored, limit)
        elif code == _LZF:
            stored = lzf_decoded(stored, limit)
        elif code == _SHUFFLE:
            stored = _unshuffled(stored, parameters[0])
        else:
            stored = _checked(stored)
    if len(stored) != n_bytes:
        raise ValueError(f"{len(stored):,} bytes where {n_bytes:,} are declared")
    return stored


def lzf_decoded(packed: bytes, limit: int) -> bytes:
    """Undo LZF: runs of literal bytes, and copies of what was already written.

    Raises
    ------
    ValueError
        If the stream is cut short, points before its beginning or exceeds `limit` bytes.
    """
    out = bytearray()
    at, end = 0, len(packed)
    while at < end:
        control = packed[at]
        at += 1
        if control < 32:
            at += control + 1
            out += packed[at - control - 1 : at]
        else:
            length = control >> 5
            if length == 7 and at < end:
                length += packed[at]
                at += 1
            if at >= end:
                raise ValueError("compressed data is cut short")
            start = len(out) - ((control & 31) << 8 | packed[at]) - 1
            at += 1
            if start < 0:
                raise ValueError("compressed data points outside itself")
            length += 2
            piece = out[start : start + length]
            out += (piece * (length // len(piece) + 1))[:length]  # it may overlap what it writes
        if len(out) > limit:
            raise ValueError("more bytes than declared")
    if at > end:
        raise ValueError("compressed data is cut short")
    return bytes(out)


def _inflated(packed: bytes, limit: int) -> bytes:
    unpacker = zlib.decompressobj()
    try:
        unpacked = unpacker.decompress(packed, limit + 1)
    except zlib.error as error:
        raise ValueError(str(error)) from error
    if len(unpacked) > limit:
        raise ValueError("more bytes than declared")
    if not unpacker.eof:
        raise ValueError("compressed data is cut short")
    return unpacked


def _unshuffled(shuffled: bytes, item_bytes: int) -> bytes:
    """Put the bytes of each number together again; leftover bytes stay at the end."""
    if item_bytes < 2:
        return shuffled
    whole = len(shuffled) // item_bytes * item_bytes
    planes = np.frombuffer(shuffled[:whole], np.uint8).reshape(item_bytes, -1)
    return planes.T.tobytes() + shuffled[whole:]


def _checked(stored: bytes) -> bytes:
    """Verify and remove HDF5's Fletcher-32 checksum."""
    data, checksum = stored[:-_CHECKSUM_BYTES], stored[-_CHECKSUM_BYTES:]
    if len(checksum) < _CHECKSUM_BYTES:
        raise ValueError("compressed data is cut short")
    low, high = fletcher32(data)
    found = int.from_bytes(checksum, "little")
    if ((found & 0xFFFF) - low) % 0xFFFF or ((found >> 16) - high) % 0xFFFF:
        raise ValueError("the checksum disagrees")
    return data


def fletcher32(data: bytes) -> tuple[int, int]:
    """The two sums, modulo 65,535, of big-endian 16-bit words; an odd byte counts as high."""
    padded = data + b"\0" if len(data) % 2 else data
    words = np.frombuffer(padded, ">u2")
    low = high = 0
    for start in range(0, len(words), _WORDS_AT_ONCE):
        block = words[start : start + _WORDS_AT_ONCE].astype(np.uint64)
        weighted = int((block * np.arange(len(block), 0, -1, dtype=np.uint64)).sum())
        high = (high + low * len(block) + weighted) % 0xFFFF
        low = (low + int(block.sum())) % 0xFFFF
    return low, high
