"""Damage to files, of the kinds that disks, networks and attackers do."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

EXTREMES = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)
HEAD = 600
"""Most of what a file says about itself comes first: half of all damage goes there."""

Random = np.random.Generator


def mutated(data: bytes, seed: int, number: int) -> bytes:
    """The file with one to four kinds of damage; the same for the same numbers."""
    rng = np.random.default_rng([seed, number])
    damaged = bytearray(data)
    for _ in range(int(rng.integers(1, 5))):
        if damaged:
            damaged = WAYS[int(rng.integers(len(WAYS)))](damaged, rng)
    return bytes(damaged)


def _somewhere(data: bytearray, rng: Random) -> int:
    last = min(len(data), HEAD) if rng.random() < 0.5 else len(data)
    return int(rng.integers(last))


def _bits(data: bytearray, rng: Random) -> bytearray:
    for _ in range(int(rng.integers(1, 9))):
        data[_somewhere(data, rng)] ^= 1 << int(rng.integers(8))
    return data


def _bytes(data: bytearray, rng: Random) -> bytearray:
    for _ in range(int(rng.integers(1, 5))):
        data[_somewhere(data, rng)] = int(rng.integers(256))
    return data


def _extreme(data: bytearray, rng: Random) -> bytearray:
    """A length, offset or size that no file should have."""
    at, width = _somewhere(data, rng), int(rng.choice([1, 2, 4, 8]))
    value = EXTREMES[int(rng.integers(len(EXTREMES)))] % (1 << 8 * width)
    data[at : at + width] = value.to_bytes(width, "little" if rng.random() < 0.5 else "big")
    return data


def _cut(data: bytearray, rng: Random) -> bytearray:
    return data[: int(rng.integers(len(data)))]


def _chunk(data: bytearray, rng: Random) -> slice:
    at = _somewhere(data, rng)
    return slice(at, at + int(rng.integers(1, 200)))


def _repeat(data: bytearray, rng: Random) -> bytearray:
    chunk, at = data[_chunk(data, rng)], _somewhere(data, rng)
    return data[:at] + chunk * int(rng.integers(1, 4)) + data[at:]


def _remove(data: bytearray, rng: Random) -> bytearray:
    del data[_chunk(data, rng)]
    return data


def _splice(data: bytearray, rng: Random) -> bytearray:
    chunk, at = data[_chunk(data, rng)], _somewhere(data, rng)
    data[at : at + len(chunk)] = chunk
    return data


def _blank(data: bytearray, rng: Random) -> bytearray:
    where = _chunk(data, rng)
    data[where] = bytes(len(data[where]))
    return data


WAYS: tuple[Callable[[bytearray, Random], bytearray], ...] = (
    _bits,
    _bytes,
    _extreme,
    _extreme,
    _cut,
    _repeat,
    _remove,
    _splice,
    _blank,
)
