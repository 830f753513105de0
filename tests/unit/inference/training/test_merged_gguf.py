"""Trained matrices put into a GGUF, whose rows may lie otherwise."""

from __future__ import annotations

import numpy as np
import pytest

from studio.errors import ModelUnavailable
from studio.inference.training.merged_gguf import write_merged_gguf
from tests.unit.inference.gguf_files import read_gguf

Q, K, UP = (f"model.layers.0.{name}.weight" for name in
            ("self_attn.q_proj", "self_attn.k_proj", "mlp.up_proj"))  # fmt: skip


def turned(matrix: np.ndarray, n_heads: int) -> np.ndarray:
    """As llama.cpp stores the rows of attention: both halves of a head in turn."""
    size = len(matrix) // n_heads
    rows = [
        head * size + half * size // 2 + i
        for head in range(n_heads)
        for i in range(size // 2)
        for half in (0, 1)
    ]
    return matrix[rows]


@pytest.fixture
def model(tmp_path):
    """A GGUF of one block and its matrices as transformers has them."""
    from gguf import GGUFWriter

    rng = np.random.default_rng(0)
    shapes = {Q: (32, 16), K: (16, 16), UP: (24, 16)}
    before = {
        name: rng.standard_normal(shape).astype(np.float16).astype(np.float32)
        for name, shape in shapes.items()
    }
    path = tmp_path / "base.gguf"
    writer = GGUFWriter(path, "llama")
    writer.add_block_count(1)
    writer.add_head_count(4)
    writer.add_head_count_kv(2)
    stored = {"attn_q": turned(before[Q], 4), "attn_k": turned(before[K], 2), "ffn_up": before[UP]}
    for name, matrix in stored.items():
        writer.add_tensor(f"blk.0.{name}.weight", matrix.astype(np.float16))
    writer.add_tensor("output_norm.weight", np.ones(16, np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path, before


def test_matrices_lie_as_the_untrained_ones_did(model, tmp_path) -> None:
    path, before = model
    after = {name: (matrix + 0.5) * 0.75 for name, matrix in before.items()}
    target = tmp_path / "new.gguf"
    write_merged_gguf(path, target, before, after)
    found = {t.name: np.asarray(t.data, np.float32) for t in read_gguf(target).tensors}
    close = {"rtol": 1e-3, "atol": 1e-3}
    np.testing.assert_allclose(found["blk.0.attn_q.weight"], turned(after[Q], 4), **close)
    np.testing.assert_allclose(found["blk.0.attn_k.weight"], turned(after[K], 2), **close)
    np.testing.assert_allclose(found["blk.0.ffn_up.weight"], after[UP], **close)
    np.testing.assert_array_equal(found["output_norm.weight"], np.ones(16))


@pytest.mark.parametrize("name", [UP, "model.layers.9.mlp.up_proj.weight"])
def test_a_matrix_that_is_not_in_the_file_is_refused(model, tmp_path, name) -> None:
    path, before = model
    strange = {name: before[UP] + 5}
    with pytest.raises(ModelUnavailable, match="have no place"):
        write_merged_gguf(path, tmp_path / "new.gguf", strange, strange)
