"""Sentence vectors in sixteen languages with the Universal Sentence Encoder, on the CPU.

Takes no more than OpenVINO and a tokenizer: no model library, and nothing is converted beforehand.
Small enough that an accelerator would gain little. Knows one model; knows no queue.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from studio.inference.engines.sentencepiece_file import read_sentencepiece, unigram_tokenizer
from studio.inference.engines.universal_sentence_graph import flattened, universal_sentence_model
from studio.inference.engines.universal_sentence_weights import read_weights
from studio.inference.engines.vectors import unit_rows
from studio.inference.hardware import resident_bytes
from studio.inference.local_weights import UNIVERSAL_SENTENCE_FILES
from studio.inference.protocol import EngineInfo, Prepared
from studio.records import Task

# The model has no limit of its own; a text this long would hold everybody else up.
MAX_TOKENS = 1024
# OpenVINO builds kernels for every new shape; sizes in steps keep the shapes few.
COLUMN_STEP, ROW_STEP = 16, 8


class UniversalSentenceEngine:
    """The Universal Sentence Encoder (multilingual, version 3) in 32-bit floats.

    Args:
        model: id shown in the records.
        folder: holds `weights.npz` and `sp.model`.
        revision: identifies the weights.
        n_threads: compute threads.
        max_tokens: where texts are cut; None for 1,024 tokens.

    Raises:
        ModelUnavailable: the files are damaged or those of another model.
        OSError: they cannot be read.
    """

    def __init__(
        self,
        *,
        model: str,
        folder: Path,
        revision: str,
        n_threads: int,
        max_tokens: int | None = None,
    ) -> None:
        import openvino

        before = resident_bytes()
        arrays, vocabulary_file = (folder / name for name in UNIVERSAL_SENTENCE_FILES)
        vocabulary = read_sentencepiece(vocabulary_file)
        n_most = min(max_tokens or MAX_TOKENS, MAX_TOKENS)
        self._unknown_id = vocabulary.unknown_id
        # Any: the libraries below have no types
        self._tokenizer: Any = unigram_tokenizer(vocabulary, n_most)
        weights = read_weights(arrays)
        compiled = openvino.Core().compile_model(
            universal_sentence_model(weights),
            "CPU",
            {
                "INFERENCE_NUM_THREADS": n_threads,
                "PERFORMANCE_HINT": "LATENCY",
                # Pinned threads cannot make way when several models share few cores.
                "ENABLE_CPU_PINNING": False,
                # Checked against the published vectors in 32 bits only.
                "INFERENCE_PRECISION_HINT": "f32",
            },
        )
        self._request: Any = compiled.create_infer_request()
        n_bytes = weights.table.nbytes + sum(array.nbytes for array in weights.arrays.values())
        self.info = EngineInfo(
            model=model,
            task=Task.EMBEDDING,
            revision=revision,
            engine="openvino",
            device="cpu",
            precision="fp32",
            max_tokens=n_most,
            dim=weights.arrays["d3"].shape[1],
            memory_bytes=max(n_bytes, resident_bytes() - before),
        )

    def prepare(self, texts: Sequence[str], purpose: str) -> list[Prepared]:  # noqa: ARG002
        """Token ids of each text, int32, cut at `info.max_tokens`; queries are read as passages."""
        return [
            Prepared(payload=ids, n_tokens=len(ids))
            for encoding in self._tokenizer.encode_batch(list(texts))
            for ids in (self._ids(encoding.ids),)
        ]

    def forward(self, batch: Sequence[Prepared]) -> NDArray[np.float32]:
        """One pass over the tokens of all texts, `(n, dim)` float32 of unit length."""
        n_tokens = sum(prepared.n_tokens for prepared in batch)
        texts = flattened(
            [prepared.payload for prepared in batch],
            n_columns=_stepped(n_tokens, COLUMN_STEP),
            n_rows=_stepped(len(batch), ROW_STEP) if len(batch) > 1 else 1,
        )
        self._request.infer([texts.ids, texts.neighbours, texts.members], share_inputs=True)
        # A copy: the next pass writes into the same memory.
        return np.array(self._request.get_output_tensor(0).data[: len(batch)], np.float32)

    def finish(self, raw: NDArray[np.float32]) -> NDArray[np.float32]:
        """Rows of unit length."""
        return unit_rows(raw)

    def close(self) -> None:
        """Free the compiled model."""
        self._request = None
        self._tokenizer = None

    def _ids(self, ids: list[int]) -> NDArray[np.int32]:
        """A text without a token is read as one unknown token between begin and end."""
        n_ends = 2
        if len(ids) == n_ends:
            ids = [ids[0], self._unknown_id, ids[1]]
        return np.array(ids, np.int32)


def _stepped(n: int, step: int) -> int:
    return -(-n // step) * step
