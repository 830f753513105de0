"""Sentence vectors with sentence-transformers: any model it can load, on any device.

Knows one model; knows no queue.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from studio.errors import ModelUnavailable
from studio.inference.engines.torch_device import end_of, prepared_torch, taken_bytes
from studio.inference.engines.vectors import unit_rows
from studio.inference.hardware import Device
from studio.inference.protocol import EngineInfo, Prepared
from studio.records import Task


class TransformersEmbeddingEngine:
    """A sentence-transformers model, 16 bits on an accelerator and 32 on a CPU.

    Args:
        model: id shown in the records.
        folder: the weights in the sentence-transformers layout.
        revision: identifies the weights.
        device: what it runs on.
        n_threads: compute threads on a CPU.
        max_tokens: where texts are cut; None asks the model.

    Raises:
        ModelUnavailable: sentence-transformers cannot load it.
    """

    def __init__(
        self,
        *,
        model: str,
        folder: Path,
        revision: str,
        device: Device,
        n_threads: int,
        max_tokens: int | None = None,
    ) -> None:
        torch, dtype, precision = prepared_torch(device, n_threads)
        from sentence_transformers import SentenceTransformer

        before = taken_bytes(device)
        try:
            self._model: Any = SentenceTransformer(
                str(folder),
                device=device,
                local_files_only=True,
                model_kwargs={"dtype": dtype},
            )
        except (OSError, ValueError, KeyError, RuntimeError, ImportError) as error:
            raise ModelUnavailable(
                "The model {name} cannot be loaded: {reason}", name=model, reason=end_of(error)
            ) from error
        self._model.eval()
        self._inference_mode: Any = torch.inference_mode
        self._device = device
        # One lock for all threads: the tokenizer keeps its settings for cutting in itself.
        self._tokenizer_lock = threading.Lock()
        own_limit = int(min(self._model.max_seq_length or 512, 1_000_000))
        n_most = min(max_tokens or own_limit, own_limit)
        self.info = EngineInfo(
            model=model,
            task=Task.EMBEDDING,
            revision=revision,
            engine="sentence-transformers",
            device=device,
            precision=precision,
            max_tokens=n_most,
            dim=int(self._model.get_embedding_dimension() or 0),
            memory_bytes=max(_weights_bytes(self._model), taken_bytes(device) - before),
        )

    def prepare(self, texts: Sequence[str], purpose: str) -> list[Prepared]:  # noqa: ARG002
        """Token ids of each text, cut at `info.max_tokens`."""
        with self._tokenizer_lock:
            encoded = self._model.tokenizer(
                list(texts), truncation=True, max_length=self.info.max_tokens
            )
        return [
            Prepared(
                payload={key: values[row] for key, values in encoded.items()}, n_tokens=len(ids)
            )
            for row, ids in enumerate(encoded["input_ids"])
        ]

    def forward(self, batch: Sequence[Prepared]) -> NDArray[np.float32]:
        """One pass over the padded batch through all modules, `(n, dim)` float32."""
        rows = [prepared.payload for prepared in batch]
        with self._tokenizer_lock:
            features = self._model.tokenizer.pad(
                {key: [row[key] for row in rows] for key in rows[0]}, return_tensors="pt"
            )
        features = {key: value.to(self._device) for key, value in features.items()}
        with self._inference_mode():
            vectors = self._model.forward(features)["sentence_embedding"]
        return np.array(vectors.float().cpu().numpy(), np.float32)

    def finish(self, raw: NDArray[np.float32]) -> NDArray[np.float32]:
        """Rows of unit length, also of models without normalisation."""
        return unit_rows(raw)

    def close(self) -> None:
        """Free the model."""
        self._model = None


def _weights_bytes(model: Any) -> int:
    return sum(int(p.numel() * p.element_size()) for p in model.parameters())
