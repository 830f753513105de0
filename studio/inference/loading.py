"""Which engine runs a model on this machine, and its making.

Knows the engines and when each is the right one; knows no thread and no queue. Called in the
worker's thread, because an engine lives in the thread that made it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from studio.config import Settings
from studio.errors import ModelUnavailable, StudioError
from studio.inference.hardware import Device, pick_device
from studio.inference.local_weights import is_universal_sentence
from studio.inference.model_spec import ModelSpec, Weights
from studio.inference.protocol import EmbeddingEngine, GenerationEngine, RerankingEngine
from studio.records import Notice, Progress

logger = logging.getLogger(__name__)

_COMPRESSED = 0.9  # of the size with 16 bits: the largest of a file with compressed matrices


class WeightSource(Protocol):
    """Gives the weights of catalogue entries; see `provisioning.Provisioner`."""

    def is_ready(self, spec: ModelSpec) -> bool:
        """Whether the weights are here."""
        ...

    def ensure(
        self,
        spec: ModelSpec,
        progress: Callable[[Progress], None] | None = None,
        cancelled: Callable[[], bool] | None = None,
    ) -> Weights:
        """The weights, fetched when they are missing."""
        ...

    def transformers_folder(
        self,
        spec: ModelSpec,
        progress: Callable[[Progress], None] | None = None,
        cancelled: Callable[[], bool] | None = None,
    ) -> Path:
        """Config, tokenizer and safetensors, made from a GGUF when they are missing."""
        ...


class EngineLoader:
    """Makes the engine of one model.

    On an accelerator it is Transformers; on a CPU OpenVINO, or Transformers for what OpenVINO
    cannot read. `remark` then says why.

    Args:
        spec: the catalogue entry.
        weights: its files; None for models that have none here (remote, fake).
        settings: threads, folders, demo mode.
        secrets: name of a stored key -> the key, or None.
        transformers_folder: gives config, tokenizer and safetensors, made from a GGUF if need be.
        device: what to run on; picked when it is None.
    """

    def __init__(
        self,
        spec: ModelSpec,
        weights: Weights | None,
        settings: Settings,
        secrets: Callable[[str], str | None],
        transformers_folder: Callable[[], Path],
        device: Device | None = None,
    ) -> None:
        self._spec = spec
        self._weights = weights
        self._settings = settings
        self._secrets = secrets
        self._transformers_folder = transformers_folder
        self._device = device
        self.remark: Notice | None = None

    def embedding(self) -> EmbeddingEngine:
        """The embedding engine.

        Raises:
            ModelUnavailable: no engine can run it.
        """
        spec = self._spec
        if self._settings.is_demo or spec.source == "fake":
            from studio.inference.engines.fake import FakeEmbeddingEngine

            return FakeEmbeddingEngine(model=spec.id, engine=self._fake_name())
        if spec.source == "remote":
            from studio.inference.engines.remote_embedding import RemoteEmbeddingEngine

            return RemoteEmbeddingEngine(spec, api_key=self._key())
        weights, device = self._local_weights(), self._device or pick_device()
        folder = weights.folder
        if folder is None:
            raise ModelUnavailable(
                "The model {name} has no weights that can make vectors. Choose another model.",
                name=spec.name,
            )
        if is_universal_sentence(folder):
            return self._universal_sentence(folder, weights.revision)
        if device == "cpu":
            try:
                return self._openvino_embedding(folder, weights.revision)
            except (ModelUnavailable, ImportError) as error:
                self._fall_back(error)
        from studio.inference.engines.transformers_embedding import TransformersEmbeddingEngine

        return TransformersEmbeddingEngine(
            model=spec.id,
            folder=folder,
            revision=weights.revision,
            device=device,
            n_threads=self._settings.n_threads,
            max_tokens=spec.max_tokens,
        )

    def generation(self) -> GenerationEngine:
        """The generation engine.

        Raises:
            ModelUnavailable: no engine can run it.
        """
        spec = self._spec
        if self._settings.is_demo or spec.source == "fake":
            from studio.inference.engines.fake import FakeGenerationEngine

            return FakeGenerationEngine(model=spec.id, engine=self._fake_name())
        if spec.source == "remote":
            from studio.inference.engines.remote_generation import RemoteGenerationEngine

            return RemoteGenerationEngine(spec, api_key=self._key())
        weights, device = self._local_weights(), self._device or pick_device()
        if device == "cpu":
            try:
                return self._openvino_generation(weights)
            except (ModelUnavailable, ImportError) as error:
                self._fall_back(error)
        from studio.inference.engines.transformers_generation import TransformersGenerationEngine

        return TransformersGenerationEngine(
            model=spec.id,
            folder=self._transformers_folder(),
            revision=weights.revision,
            device=device,
            n_threads=self._settings.n_threads,
            max_tokens=spec.max_tokens,
        )

    def reranking(self) -> RerankingEngine:
        """The reranking engine.

        Raises:
            ModelUnavailable: no engine can run it.
        """
        spec = self._spec
        if self._settings.is_demo or spec.source == "fake":
            from studio.inference.engines.fake import FakeRerankingEngine

            return FakeRerankingEngine(model=spec.id, engine=self._fake_name())
        weights, device = self._local_weights(), self._device or pick_device()
        folder = weights.folder
        if folder is None:
            raise ModelUnavailable(
                "The model {name} has no weights that can order passages. Choose another model.",
                name=spec.name,
            )
        if device == "cpu":
            try:
                return self._openvino_reranking(folder, weights.revision)
            except (ModelUnavailable, ImportError) as error:
                self._fall_back(error)
        from studio.inference.engines.transformers_reranking import TransformersRerankingEngine

        return TransformersRerankingEngine(
            model=spec.id,
            folder=folder,
            revision=weights.revision,
            device=device,
            n_threads=self._settings.n_threads,
            max_tokens=spec.max_tokens,
        )

    def _openvino_reranking(self, folder: Path, revision: str) -> RerankingEngine:
        from studio.inference.engines.openvino_reranking import OpenVinoRerankingEngine

        return OpenVinoRerankingEngine(
            model=self._spec.id,
            folder=folder,
            cache=self._settings.models_dir / ".openvino",
            revision=revision,
            n_threads=self._settings.n_threads,
            max_tokens=self._spec.max_tokens,
        )

    def _openvino_embedding(self, folder: Path, revision: str) -> EmbeddingEngine:
        from studio.inference.engines.openvino_embedding import OpenVinoEmbeddingEngine

        return OpenVinoEmbeddingEngine(
            model=self._spec.id,
            folder=folder,
            cache=self._settings.models_dir / ".openvino",
            revision=revision,
            n_threads=self._settings.n_threads,
            max_tokens=self._spec.max_tokens,
        )

    def _universal_sentence(self, folder: Path, revision: str) -> EmbeddingEngine:
        from studio.inference.engines.universal_sentence_embedding import UniversalSentenceEngine

        return UniversalSentenceEngine(
            model=self._spec.id,
            folder=folder,
            revision=revision,
            n_threads=self._settings.n_threads,
            max_tokens=self._spec.max_tokens,
        )

    def _openvino_generation(self, weights: Weights) -> GenerationEngine:
        from studio.inference.engines.process_generation import ProcessGenerationEngine

        if weights.gguf_f16 is None:
            raise ModelUnavailable("It is not a GGUF file.")
        return ProcessGenerationEngine(
            model=self._spec.id,
            gguf=weights.gguf_f16,
            revision=weights.revision,
            n_threads=self._settings.n_threads,
            graph=self._compressed_graph(weights),
            max_tokens=self._spec.max_tokens,
        )

    def _compressed_graph(self, weights: Weights) -> Path | None:
        """The compressed form of a GGUF, made when it is missing; None where there is none."""
        from studio.inference.engines.openvino_graph import compressed_graph

        if weights.gguf_f16 is None or weights.gguf_original is None:
            return None
        if weights.gguf_original.stat().st_size > _COMPRESSED * weights.gguf_f16.stat().st_size:
            return None  # the user's file has 16 bits itself
        cache = self._settings.models_dir / ".openvino"
        try:
            return compressed_graph(
                weights.gguf_f16, weights.gguf_original, cache, weights.revision
            )
        except (ModelUnavailable, OSError) as error:
            logger.warning("%s runs with uncompressed weights: %s", self._spec.id, error)
            return None

    def _fall_back(self, error: Exception) -> None:
        self.remark = Notice(
            "Runs with Transformers, which is slower on this computer, because the faster OpenVINO "
            "cannot run it. {reason}",
            reason=error.notice if isinstance(error, StudioError) else str(error),
        )

    def _local_weights(self) -> Weights:
        if self._weights is None:
            raise ModelUnavailable("The model {name} has no weights here.", name=self._spec.name)
        return self._weights

    def _fake_name(self) -> str:
        return "demo" if self._settings.is_demo else "fake"

    def _key(self) -> str | None:
        return self._secrets(self._spec.secret_name) if self._spec.secret_name else None
