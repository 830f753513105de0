"""A GGUF file with some of its matrices replaced by trained ones.

Names and order of rows differ between the two formats: some architectures have the rows of attention
turned. Which way a matrix lies is not taken from a list but seen: the untrained matrix must give the
one in the file. Knows no training.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from studio.errors import ModelUnavailable
from studio.inference.conversion import open_gguf, write_f16
from studio.inference.fetching import Watch

Matrix = NDArray[np.float32]
_TOLERANCE = 2e-3  # of the largest weight; the file may have 16 bits, the folder 32


def write_merged_gguf(
    base: Path, target: Path, before: Mapping[str, Matrix], after: Mapping[str, Matrix]
) -> None:
    """Write `base` with 16-bit floats and the matrices of `after` in place of those of `before`.

    Args:
        base: the GGUF that the trained model was made from.
        target: the file that is written.
        before: matrices of the untrained model by their name in transformers, `(n, k)`.
        after: the same, trained.

    Raises:
        ModelUnavailable: a matrix is not to be found in the file.
        OSError: the disk is full.
    """
    from gguf.quants import dequantize

    reader = open_gguf(base)
    tensors = {tensor.name: tensor for tensor in reader.tensors}
    names = _names(reader, before)
    changed: dict[str, Matrix] = {}
    for name, matrix in before.items():
        tensor = tensors.get(names.get(name, ""))
        if tensor is None:
            raise _unknown(name)
        stored = np.asarray(dequantize(tensor.data, tensor.tensor_type), np.float32)
        changed[tensor.name] = _laid_like(stored, matrix, after[name], name, _heads(reader))
    write_f16(reader, target, base.stem, Watch(), changed)


def _laid_like(
    stored: Matrix, before: Matrix, after: Matrix, name: str, heads: tuple[int, ...]
) -> Matrix:
    """The trained matrix with its rows as the file has them."""
    if stored.shape != before.shape:
        raise _unknown(name)
    close = _TOLERANCE * float(np.abs(stored).max())
    if np.abs(stored - before).max() <= close:
        return after
    for n in heads:
        if len(before) % (2 * n) == 0 and np.abs(stored - _turned(before, n)).max() <= close:
            return _turned(after, n)
    raise _unknown(name)


def _turned(matrix: Matrix, n_heads: int) -> Matrix:
    """Rows of each head with its two halves interleaved, as rotary positions are stored in a GGUF."""
    n, k = matrix.shape
    return matrix.reshape(n_heads, 2, n // n_heads // 2, k).swapaxes(1, 2).reshape(n, k)


def _heads(reader: Any) -> tuple[int, ...]:  # Any: gguf's reader is untyped
    architecture = reader.fields["general.architecture"].contents()
    keys = (f"{architecture}.attention.head_count", f"{architecture}.attention.head_count_kv")
    return tuple(int(reader.fields[key].contents()) for key in keys if key in reader.fields)


def _names(reader: Any, wanted: Mapping[str, Matrix]) -> dict[str, str]:
    """Names in transformers to names in the file."""
    from gguf import MODEL_ARCH, MODEL_ARCH_NAMES, get_tensor_name_map

    architecture = str(reader.fields["general.architecture"].contents())
    known = {name: arch for arch, name in MODEL_ARCH_NAMES.items()}
    arch: MODEL_ARCH | None = known.get(architecture)
    if arch is None:
        return {}
    n_blocks = int(reader.fields[f"{architecture}.block_count"].contents())
    table = get_tensor_name_map(arch, n_blocks)
    found = {name: table.get_name(name, try_suffixes=(".weight",)) for name in wanted}
    return {name: stored for name, stored in found.items() if stored is not None}


def _unknown(name: str) -> ModelUnavailable:
    return ModelUnavailable(
        "The trained weights {name} have no place in the model's GGUF file.", name=name
    )
