"""Cross-encoders on the CPU with OpenVINO.

Neither torch nor transformers is loaded into this process: a child converts the model once (see
`openvino_pair_conversion`), and `tokenizers` reads the texts. Knows one model; knows no queue.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from studio.errors import ModelUnavailable
from studio.inference.engines.openvino_embedding import LENGTH_STEP
from studio.inference.engines.openvino_pair_conversion import converted
from studio.inference.engines.pair_folder import read_pair_folder
from studio.inference.hardware import resident_bytes
from studio.inference.protocol import EngineInfo, Prepared
from studio.records import Task


class OpenVinoRerankingEngine:
    """A cross-encoder on the CPU, computed in 32 bits.

    Args:
        model: id shown in the records.
        folder: config, tokenizer.json and safetensors.
        cache: folder for converted models; one below it per model and OpenVINO version.
        revision: identifies the weights.
        n_threads: compute threads.
        max_tokens: where pairs are cut; None asks the model.

    Raises:
        ModelUnavailable: it is no cross-encoder, or OpenVINO cannot run it.
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

        description = read_pair_folder(folder, model)
        if not (folder / "tokenizer.json").is_file():
            raise ModelUnavailable("{folder} has no tokenizer.json.", folder=folder.name)
        self._pad_token_id = description.pad_token_id
        n_most = min(max_tokens or description.max_tokens, description.max_tokens)
        # Any: the libraries below have no types
        self._tokenizer: Any = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(n_most, strategy="longest_first")
        path = converted(description, cache, revision)
        before = resident_bytes()
        compiled = openvino.Core().compile_model(
            str(path),
            "CPU",
            {
                "INFERENCE_NUM_THREADS": n_threads,
                "PERFORMANCE_HINT": "LATENCY",
                # Pinned threads cannot make way when several models share few cores.
                "ENABLE_CPU_PINNING": False,
                # As with Transformers: 16 bits would make close passages change places.
                "INFERENCE_PRECISION_HINT": "f32",
            },
        )
        self._inputs = [parameter.get_any_name() for parameter in compiled.inputs]
        self._request: Any = compiled.create_infer_request()
        weights_bytes = path.with_suffix(".bin").stat().st_size
        self.info = EngineInfo(
            model=model,
            task=Task.RERANKING,
            revision=revision,
            engine="openvino",
            device="cpu",
            precision="fp32",
            max_tokens=n_most,
            memory_bytes=max(weights_bytes, resident_bytes() - before),
        )

    def prepare(self, query: str, texts: Sequence[str]) -> list[Prepared]:
        """Ids and types of each pair's tokens, `(2, tokens)` int64.

        The longer part of a pair is cut until both fit `info.max_tokens`.
        """
        pairs = [(query, text) for text in texts]
        return [
            Prepared(
                payload=np.array([encoding.ids, encoding.type_ids], np.int64),
                n_tokens=len(encoding.ids),
            )
            for encoding in self._tokenizer.encode_batch(pairs)
        ]

    def forward(self, batch: Sequence[Prepared]) -> NDArray[np.float32]:
        """One pass over the padded batch, `(n, 1)` float32."""
        longest = max(prepared.n_tokens for prepared in batch)
        n_columns = min(-(-longest // LENGTH_STEP) * LENGTH_STEP, self.info.max_tokens)
        shape = (len(batch), max(n_columns, longest))
        ids = np.full(shape, self._pad_token_id, np.int64)
        types, mask = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
        for row, prepared in enumerate(batch):
            ids[row, : prepared.n_tokens], types[row, : prepared.n_tokens] = prepared.payload
            mask[row, : prepared.n_tokens] = 1
        arrays = {"input_ids": ids, "attention_mask": mask, "token_type_ids": types}
        self._request.infer([arrays[name] for name in self._inputs], share_inputs=True)
        # A copy: the next pass writes into the same memory.
        return np.array(self._request.get_output_tensor(0).data, np.float32)

    def finish(self, raw: NDArray[np.float32]) -> NDArray[np.float32]:
        """The scores as they are."""
        return raw

    def close(self) -> None:
        """Free the compiled model."""
        self._request = None
        self._tokenizer = None
