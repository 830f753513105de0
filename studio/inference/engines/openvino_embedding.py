"""Sentence vectors on the CPU with OpenVINO.

Neither torch nor transformers is loaded into this process: a child converts the model once (see
`openvino_conversion`), and `tokenizers` reads the texts. Knows one model; knows no queue.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from studio.errors import ModelUnavailable
from studio.inference.embedder_forms import form_of
from studio.inference.engines.openvino_conversion import converted
from studio.inference.engines.sentence_folder import read_sentence_folder
from studio.inference.engines.vectors import unit_rows
from studio.inference.hardware import resident_bytes
from studio.inference.protocol import EngineInfo, Prepared
from studio.records import Task

# OpenVINO builds kernels for every new shape; lengths in steps of 8 keep the shapes few.
LENGTH_STEP = 8


class OpenVinoEmbeddingEngine:
    """A plain sentence model (see `sentence_folder`) on the CPU.

    Args:
        model: id shown in the records.
        folder: the weights in the sentence-transformers layout.
        cache: folder for converted models; one below it per model and OpenVINO version.
        revision: identifies the weights.
        n_threads: compute threads.
        max_tokens: where texts are cut; None asks the model.

    Raises:
        ModelUnavailable: OpenVINO cannot run this model.
    """

    def __init__(
        self,
        *,
        model: str,
        folder: Path,
        cache: Path,
        revision: str,
        n_threads: int,
        max_tokens: int | None = None,
    ) -> None:
        import openvino
        from tokenizers import Tokenizer

        description = read_sentence_folder(folder)
        self._is_lower_case = description.is_lower_case
        self._pad_token_id = description.pad_token_id
        n_most = min(max_tokens or description.max_tokens, description.max_tokens)
        # Any: the libraries below have no types
        self._tokenizer: Any = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(n_most)
        path = converted(description, cache, revision)
        form = form_of(folder)
        before = resident_bytes()
        settings = {
            "INFERENCE_NUM_THREADS": n_threads,
            "PERFORMANCE_HINT": "LATENCY",
            # Pinned threads cannot make way when several models share few cores.
            "ENABLE_CPU_PINNING": False,
        }
        if form == "bf16":
            settings["INFERENCE_PRECISION_HINT"] = "bf16"
        compiled = openvino.Core().compile_model(str(path), "CPU", settings)
        self._request: Any = compiled.create_infer_request()
        weights_bytes = path.with_suffix(".bin").stat().st_size
        self.info = EngineInfo(
            model=model,
            task=Task.EMBEDDING,
            revision=revision,
            engine="openvino",
            device="cpu",
            precision="int8" if form == "int8" else _precision(compiled),
            max_tokens=n_most,
            dim=int(compiled.output(0).get_partial_shape()[1].get_length()),
            memory_bytes=max(weights_bytes, resident_bytes() - before),
        )

    def prepare(self, texts: Sequence[str], purpose: str) -> list[Prepared]:  # noqa: ARG002
        """Token ids of each text, int64, cut at `info.max_tokens`."""
        if self._is_lower_case:
            texts = [text.lower() for text in texts]
        return [
            Prepared(payload=np.array(encoding.ids, np.int64), n_tokens=len(encoding.ids))
            for encoding in self._tokenizer.encode_batch(list(texts))
        ]

    def forward(self, batch: Sequence[Prepared]) -> NDArray[np.float32]:
        """One pass over the padded batch: pooled and normalised rows, `(n, dim)` float32."""
        longest = max(prepared.n_tokens for prepared in batch)
        n_columns = min(-(-longest // LENGTH_STEP) * LENGTH_STEP, self.info.max_tokens)
        shape = (len(batch), max(n_columns, longest))
        ids = np.full(shape, self._pad_token_id, np.int64)
        mask = np.zeros(shape, np.int64)
        for row, prepared in enumerate(batch):
            ids[row, : prepared.n_tokens] = prepared.payload
            mask[row, : prepared.n_tokens] = 1
        self._request.infer([ids, mask], share_inputs=True)
        # A copy: the next pass writes into the same memory.
        return np.array(self._request.get_output_tensor(0).data, np.float32)

    def finish(self, raw: NDArray[np.float32]) -> NDArray[np.float32]:
        """Rows of unit length also where the pass ran in 16 bits."""
        return unit_rows(raw)

    def close(self) -> None:
        """Free the compiled model."""
        self._request = None
        self._tokenizer = None


def converted_bytes(folder: Path, cache: Path, revision: str) -> int | None:
    """Bytes of the weights as OpenVINO reads them; None for a model that it cannot read."""
    try:
        path = converted(read_sentence_folder(folder), cache, revision)
    except ModelUnavailable:
        return None
    return path.with_suffix(".bin").stat().st_size


def computes_in_bf16() -> bool:
    """Whether the processor multiplies 16-bit brain floats itself."""
    import openvino

    found = openvino.Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")
    return "BF16" in found


def _precision(compiled: Any) -> str:
    name = str(compiled.get_property("INFERENCE_PRECISION_HINT").get_type_name())
    return {"f32": "fp32", "f16": "fp16"}.get(name, name)
