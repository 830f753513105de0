"""Cross-encoders with Transformers: any model it can load, on any device.

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
from studio.inference.engines.pair_folder import read_pair_folder
from studio.inference.engines.torch_device import end_of, prepared_torch, taken_bytes
from studio.inference.hardware import Device
from studio.inference.protocol import EngineInfo, Prepared
from studio.records import Task


class TransformersRerankingEngine:
    """A cross-encoder with weights of 32 bits on every device.

    16 bits would leave a score three digits, with which close passages change places.

    Args:
        model: id shown in the records.
        folder: config, tokenizer and safetensors.
        revision: identifies the weights.
        device: what it runs on.
        n_threads: compute threads on a CPU.
        max_tokens: where pairs are cut; None asks the model.

    Raises:
        ModelUnavailable: it is no cross-encoder, or Transformers cannot load it.
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
        description = read_pair_folder(folder, model)
        torch, _, _ = prepared_torch(device, n_threads)
        before = taken_bytes(device)
        self._model, self._tokenizer = loaded_pair_model(model, folder)
        self._model.eval()
        self._model.to(device)
        self._inference_mode: Any = torch.inference_mode
        self._device = device
        # One lock for all threads: the tokenizer keeps its settings for cutting in itself.
        self._tokenizer_lock = threading.Lock()
        weights_bytes = sum(int(p.numel() * p.element_size()) for p in self._model.parameters())
        self.info = EngineInfo(
            model=model,
            task=Task.RERANKING,
            revision=revision,
            engine="transformers",
            device=device,
            precision="fp32",
            max_tokens=min(max_tokens or description.max_tokens, description.max_tokens),
            memory_bytes=max(weights_bytes, taken_bytes(device) - before),
        )

    def prepare(self, query: str, texts: Sequence[str]) -> list[Prepared]:
        """Token ids of each pair, the longer part cut until it fits `info.max_tokens`."""
        if not texts:
            return []
        with self._tokenizer_lock:
            encoded = self._tokenizer(
                [query] * len(texts),
                list(texts),
                truncation="longest_first",
                max_length=self.info.max_tokens,
            )
        return [
            Prepared(
                payload={key: values[row] for key, values in encoded.items()}, n_tokens=len(ids)
            )
            for row, ids in enumerate(encoded["input_ids"])
        ]

    def forward(self, batch: Sequence[Prepared]) -> NDArray[np.float32]:
        """One pass over the padded batch, `(n, 1)` float32."""
        rows = [prepared.payload for prepared in batch]
        with self._tokenizer_lock:
            features = self._tokenizer.pad(
                {key: [row[key] for row in rows] for key in rows[0]}, return_tensors="pt"
            )
        features = {key: value.to(self._device) for key, value in features.items()}
        with self._inference_mode():
            logits = self._model(**features).logits
        return np.array(logits.float().cpu().numpy(), np.float32)

    def finish(self, raw: NDArray[np.float32]) -> NDArray[np.float32]:
        """The scores as they are."""
        return raw

    def close(self) -> None:
        """Free the model."""
        self._model = None


def loaded_pair_model(model: str, folder: Path) -> tuple[Any, Any]:  # Any: no types over there
    """The network in 32 bits and its tokenizer.

    Raises:
        ModelUnavailable: Transformers cannot load it, or its file lacks weights; it would make up what
            is missing.
    """
    import torch
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    try:
        network, report = AutoModelForSequenceClassification.from_pretrained(
            str(folder), local_files_only=True, dtype=torch.float32, output_loading_info=True
        )
        tokenizer = AutoTokenizer.from_pretrained(str(folder), local_files_only=True)
    except (OSError, ValueError, KeyError, RuntimeError, ImportError) as error:
        raise ModelUnavailable(
            "The model {name} cannot be loaded: {reason}", name=model, reason=end_of(error)
        ) from error
    if report["missing_keys"]:
        raise ModelUnavailable(
            "The model {name} cannot be loaded: {reason}",
            name=model,
            reason=f"no weights for {', '.join(sorted(report['missing_keys'])[:3])}",
        )
    return network, tokenizer
