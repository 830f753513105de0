"""GGUF files with fewer bits per weight."""

from __future__ import annotations

import numpy as np
import pytest
from gguf.quants import dequantize

from studio.inference.compression import rounded_matrix, smaller_precisions, write_compressed
from studio.inference.fetching import Watch
from tests.unit.inference.gguf_files import read_gguf, write_gguf


@pytest.mark.parametrize(("kind", "off"), [("Q8_0", 0.02), ("Q4_1", 0.25), ("Q4_0", 0.35)])
def test_matrices_are_rounded_and_the_rest_stays(tmp_path, kind, off) -> None:
    values = write_gguf(tmp_path / "a.gguf", kind="F16")
    write_compressed(tmp_path / "a.gguf", tmp_path / "b.gguf", kind, Watch())
    found = {tensor.name: tensor for tensor in read_gguf(tmp_path / "b.gguf").tensors}
    matrix = found["blk.0.a.weight"]
    assert matrix.tensor_type.name == kind
    read = dequantize(matrix.data, matrix.tensor_type)
    assert 0 < np.abs(read - values["blk.0.a.weight"]).max() < off
    source = values["blk.0.a.weight"].astype(np.float16).astype(np.float32)
    np.testing.assert_array_equal(rounded_matrix(source, kind, is_word_table=False), read)
    np.testing.assert_array_equal(found["norm.weight"].data, values["norm.weight"])


def test_metadata_stays_but_for_how_weights_are_stored(tmp_path) -> None:
    write_gguf(tmp_path / "a.gguf", kind="F16")
    write_compressed(tmp_path / "a.gguf", tmp_path / "b.gguf", "Q8_0", Watch())
    before, after = (read_gguf(tmp_path / f"{name}.gguf").fields for name in "ab")
    assert after["general.file_type"].contents() == 7
    assert after["llama.context_length"].contents() == before["llama.context_length"].contents()
    tokens = "tokenizer.ggml.tokens"
    assert after[tokens].contents() == before[tokens].contents()


def test_only_forms_that_are_clearly_smaller_than_the_file_are_offered(tmp_path) -> None:
    f16 = tmp_path / "f16.gguf"
    write_gguf(f16, kind="F16", n_rows=4000)
    files = {}
    for kind in ("Q8_0", "Q4_1", "Q4_0"):
        files[kind] = tmp_path / f"{kind}.gguf"
        write_compressed(f16, files[kind], kind, Watch())
    assert smaller_precisions(f16, f16) == ("Q8_0", "Q4_1", "Q4_0")
    assert smaller_precisions(files["Q8_0"], f16) == ("Q4_1", "Q4_0")
    assert smaller_precisions(files["Q4_1"], f16) == ("Q4_0",)
    assert smaller_precisions(files["Q4_0"], f16) == ()
