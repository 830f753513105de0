"""The block-wise compressed matrices of a GGUF file as integers, scales and zero points.

A compressed matrix is stored in blocks of weights that share a scale and often an offset. Here the
blocks are taken apart, without rounding anything, into what engines multiply with directly:
`weight = (integer - zero) * scale`. Layouts:
https://github.com/ggml-org/ggml/blob/master/src/ggml-common.h. Knows no engine.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocks:
    """A matrix `(n, k)` in groups of `g` neighbours in a row that share scale and zero point.

    `integers` is `(n, k/g, g)`, uint8 or int8; `scale` `(n, k/g, 1)` float32; `zero` the same, or
    None where all are 0. `n_bits` is what an integer needs.
    """

    integers: NDArray[np.uint8] | NDArray[np.int8]
    scale: NDArray[np.float32]
    zero: NDArray[np.float32] | None
    n_bits: int

    def rows(self, wanted: NDArray[np.intp]) -> Blocks:
        """The same of some rows, in the order given."""
        return Blocks(
            integers=self.integers[wanted],
            scale=self.scale[wanted],
            zero=None if self.zero is None else self.zero[wanted],
            n_bits=self.n_bits,
        )


def take_apart(data: Bytes, kind: str) -> Blocks | None:
    """A compressed matrix as blocks; None for a kind that is not stored as such blocks.

    Args:
        data: the bytes of the rows, `(n, bytes of a row)` uint8, as the gguf package gives them.
        kind: its name in that package, such as "Q4_1".
    """
    known = _KINDS.get(kind)
    if known is None:
        return None
    n_bytes, reader = known
    return reader(np.ascontiguousarray(data).reshape(len(data), -1, n_bytes))


def _q4_0(block: Bytes) -> Blocks:
    scale = _half(block[..., :2])
    return Blocks(
        integers=_nibbles(block[..., 2:]), scale=scale, zero=np.full_like(scale, 8.0), n_bits=4
    )


def _q4_1(block: Bytes) -> Blocks:
    return _with_offset(
        _nibbles(block[..., 4:]), _half(block[..., :2]), -_half(block[..., 2:4]), n_bits=4
    )


def _q8_0(block: Bytes) -> Blocks:
    integers = np.ascontiguousarray(block[..., 2:]).view(np.int8)
    return Blocks(integers=integers, scale=_half(block[..., :2]), zero=None, n_bits=8)


def _q4_k(block: Bytes) -> Blocks:
    """Eight groups of 32 in a block of 256, with 6-bit scales and offsets of their own."""
    n = len(block)
    scale = _half(block[..., :2]) * _six_bit(block, low=4)  # (n, b, 8)
    offset = _half(block[..., 2:4]) * _six_bit(block, low=8)
    pairs = block[..., 16:].reshape(n, -1, 4, 1, 32)  # a byte holds a weight of two groups
    integers = np.concatenate([pairs & 15, pairs >> 4], axis=3).reshape(n, -1, 32)
    return _with_offset(integers, scale.reshape(n, -1, 1), offset.reshape(n, -1, 1), n_bits=4)


def _q6_k(block: Bytes) -> Blocks:
    """Sixteen groups of 16 in a block of 256; four bits here, two more there."""
    n = len(block)
    four = block[..., :128].reshape(n, -1, 2, 1, 64)
    low = np.concatenate([four & 15, four >> 4], axis=3).reshape(n, -1, 2, 4, 32)
    two = block[..., 128:192].reshape(n, -1, 2, 1, 32)
    high = (two >> np.array([0, 2, 4, 6], np.uint8)[:, None]) & 3  # (n, b, 2, 4, 32)
    integers = (low | (high << 4)).astype(np.int8) - np.int8(32)
    scale = np.ascontiguousarray(block[..., 192:208]).view(np.int8) * _half(block[..., 208:])
    return Blocks(
        integers=integers.reshape(n, -1, 16),
        scale=scale.astype(np.float32).reshape(n, -1, 1),
        zero=None,
        n_bits=8,
    )


_KINDS: dict[str, tuple[int, Callable[[Bytes], Blocks]]] = {
    "Q4_0": (18, _q4_0),
    "Q4_1": (20, _q4_1),
    "Q8_0": (34, _q8_0),
    "Q4_K": (144, _q4_k),
    "Q6_K": (210, _q6_k),
}


def _half(data: Bytes) -> NDArray[np.float32]:
    return np.ascontiguousarray(data).view(np.float16).astype(np.float32)


def _nibbles(data: Bytes) -> Bytes:
    return np.concatenate([data & 15, data >> 4], axis=-1)


def _six_bit(block: Bytes, low: int) -> NDArray[np.float32]:
    """The eight scales (`low` 4) or offsets (`low` 8) of a Q4_K block, `(n, b, 8)`.

    Four lie in the lower six bits of four bytes; the lower halves of the others in the last four
    bytes, their upper two bits above those of the first four.
    """
    here, last = block[..., low : low + 4], block[..., 12:16]
    half = last & 15 if low == 4 else last >> 4
    return np.concatenate([here & 63, half | ((here >> 6) << 4)], axis=-1).astype(np.float32)


def _with_offset(
    integers: Bytes, scale: NDArray[np.float32], offset: NDArray[np.float32], *, n_bits: int
) -> Blocks:
    """Blocks of `integer * scale - offset`.

    A block without scale is the constant `-offset`: integers 0, zero point -1, scale `-offset`.
    """
    is_flat = scale == 0
    zero = np.where(is_flat, -1.0, offset / np.where(is_flat, 1.0, scale))
    return Blocks(
        integers=np.where(is_flat, np.uint8(0), integers),
        scale=np.where(is_flat, -offset, scale),
        zero=zero.astype(np.float32),
        n_bits=n_bits,
    )
