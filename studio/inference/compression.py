"""A text model's GGUF with its matrices in fewer bits, and how many bits a file has.

Blocks of 32 neighbours in a row share a scale (Q8_0, Q4_0) or a scale and an offset (Q4_1), rounded to
the nearest as the gguf package does. The table of words keeps 8 bits in the forms of 4: it is the last
matrix as well, and rounding it costs most. Knows neither engines nor whether the result is any good.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import numpy as np

from studio.inference.conversion import copy_metadata, decompressed, open_gguf
from studio.inference.fetching import Watch
from studio.records import Notice

Precision = Literal["Q8_0", "Q4_1", "Q4_0"]

CLEARLY = 0.95
"""A form is smaller where it takes less than so much of a model's file."""
_FILE_TYPE: dict[Precision, int] = {"Q4_0": 2, "Q4_1": 3, "Q8_0": 7}
_BLOCK = 32
_WORDS = "token_embd.weight"


def smaller_precisions(original: Path, f16: Path) -> tuple[Precision, ...]:
    """The forms whose file is clearly smaller than a model's own, the largest first.

    Args:
        original: the file as it came.
        f16: the same with 16 bits per weight.

    Raises:
        ModelUnavailable: `f16` cannot be read.
    """
    tensors = open_gguf(f16).tensors
    headers = f16.stat().st_size - sum(int(tensor.n_bytes) for tensor in tensors)
    most = CLEARLY * original.stat().st_size
    kinds: tuple[Precision, ...] = ("Q8_0", "Q4_1", "Q4_0")
    return tuple(
        kind
        for kind in kinds
        if headers + sum(_stored_bytes(tensor, kind) for tensor in tensors) < most
    )


def write_compressed(source: Path, target: Path, kind: Precision, watch: Watch) -> None:
    """Write a GGUF with the matrices of another in this form and the same metadata.

    Vectors, and matrices whose rows are no whole blocks, keep 32 and 16 bits.

    Raises:
        ModelUnavailable: the source cannot be read.
        Cancelled: the user wants to stop; `target` is incomplete then.
        OSError: the disk is full.
    """
    from gguf import GGUFWriter

    reader = open_gguf(source)
    watch.begin(Notice("Compressing to {kind}", kind=kind), len(reader.tensors), "tensors")
    writer = GGUFWriter(target, str(reader.fields["general.architecture"].contents()))
    try:
        copy_metadata(reader, writer, file_type=_FILE_TYPE[kind])
        # One tensor more in memory than is written at a time: sizes must be known before the first.
        for tensor in reader.tensors:
            form = _form_of(tensor, kind)
            shape = tuple(int(n) for n in reversed(tensor.shape))
            n_bytes = _stored_bytes(tensor, kind)
            if form is None:
                writer.add_tensor_info(tensor.name, shape, _floats_of(tensor), n_bytes)
                continue
            stored = (*shape[:-1], _row_bytes(shape[-1], form))
            writer.add_tensor_info(
                tensor.name, stored, np.dtype(np.uint8), n_bytes, raw_dtype=_type(form)
            )
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_ti_data_to_file()
        for i, tensor in enumerate(reader.tensors, 1):
            writer.write_tensor_data(_rounded(source.name, tensor, kind))
            watch.advance(i)
    finally:
        writer.close()


def rounded_matrix(
    matrix: np.ndarray[Any, Any], kind: Precision, *, is_word_table: bool
) -> np.ndarray[Any, Any]:
    """A matrix as it is after compression, `(n, k)` float32: what the model then computes with."""
    from gguf.quants import dequantize, quantize

    if matrix.ndim < 2 or matrix.shape[-1] % _BLOCK:
        return matrix
    form = _type("Q8_0" if is_word_table else kind)
    return np.asarray(dequantize(quantize(matrix, form), form), np.float32)


def _form_of(tensor: Any, kind: Precision) -> Precision | None:
    """The form of one tensor; None keeps its floats."""
    if len(tensor.shape) < 2 or int(tensor.shape[0]) % _BLOCK:
        return None
    return "Q8_0" if tensor.name == _WORDS else kind


def _stored_bytes(tensor: Any, kind: Precision) -> int:
    form, n = _form_of(tensor, kind), int(tensor.n_elements)
    if form is None:
        return n * _floats_of(tensor).itemsize
    row = int(tensor.shape[0])
    return n // row * _row_bytes(row, form)


def _floats_of(tensor: Any) -> np.dtype[Any]:
    """What a tensor that is not rounded is stored as."""
    return np.dtype(np.float16 if len(tensor.shape) > 1 else np.float32)


def _rounded(name: str, tensor: Any, kind: Precision) -> np.ndarray[Any, Any]:
    from gguf.quants import quantize

    values = decompressed(name, tensor)
    form = _form_of(tensor, kind)
    if form is None:
        return values
    return np.asarray(quantize(values.astype(np.float32), _type(form)))


def _row_bytes(n: int, form: Precision) -> int:
    from gguf.constants import GGML_QUANT_SIZES

    block, size = GGML_QUANT_SIZES[_type(form)]
    return n // int(block) * int(size)


def _type(form: Precision) -> Any:  # Any: an enum of the gguf package, which is imported lazily
    from gguf import GGMLQuantizationType

    return GGMLQuantizationType[form]
