"""Tiny GGUF files for tests, written by the gguf package from a seed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np


def read_gguf(path: Path) -> Any:
    """A reader of a GGUF file."""
    from gguf import GGUFReader

    return GGUFReader(path)


def write_gguf(
    path: Path,
    *,
    kind: str = "Q4_1",
    seed: int = 0,
    architecture: str = "llama",
    n_rows: int = 4,
):
    """A GGUF with two matrices compressed as `kind`, a vector, and metadata of every type."""
    from gguf import GGMLQuantizationType, GGUFWriter
    from gguf.quants import quantize

    rng = np.random.default_rng(seed)
    writer = GGUFWriter(path, architecture)
    writer.add_name("tiny")
    writer.add_file_type(3)
    writer.add_context_length(128)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_add_bos_token(False)
    writer.add_token_list(["a", "ü", "字"])
    writer.add_token_types([1, 2, 3])
    arrays = {"blk.0.a.weight": (n_rows, 64), "blk.0.b.weight": (3, 32), "norm.weight": (64,)}
    values = {}
    for name, shape in arrays.items():
        array = rng.normal(size=shape).astype(np.float32)
        if len(shape) == 1 or kind == "F32":
            writer.add_tensor(name, array)
        elif kind == "F16":
            writer.add_tensor(name, array.astype(np.float16))
        else:
            q = GGMLQuantizationType[kind]
            writer.add_tensor(name, quantize(array, q), raw_dtype=q)
        values[name] = array
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return values
